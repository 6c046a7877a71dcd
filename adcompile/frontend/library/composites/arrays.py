"""Making arrays in several steps: ranges, powers, and the places of what is not zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from adcompile.frontend.library.markers import refuse


def linspace(
    start: Any, stop: Any, num: Any = 50, endpoint: Any = True, retstep: Any = False, dtype: Any = None, axis: Any = 0
) -> Any:
    gaps = num - 1 if endpoint else num
    delta = np.subtract(stop, start) * 1.0
    step = delta / max(gaps, 1)
    places = np.reshape(np.arange(num), (num,) + (1,) * np.ndim(delta))
    y = start + places * step
    if endpoint and num > 1:
        y[-1] = stop
    if axis != 0:
        y = np.moveaxis(y, 0, axis)
    if dtype is not None:
        y = y.astype(dtype)
    return (y, step) if retstep else y


def logspace(start: Any, stop: Any, num: Any = 50, endpoint: Any = True, base: Any = 10.0, dtype: Any = None) -> Any:
    y = np.power(base, linspace(start, stop, num, endpoint))
    return y if dtype is None else y.astype(dtype)


def geomspace(start: Any, stop: Any, num: Any = 50, endpoint: Any = True) -> Any:
    # in logarithms of the ratio, so that negative ends work as well; both ends are exact
    y = start * np.exp(linspace(0.0, np.log(np.divide(stop, start)), num, endpoint))
    if num > 0:
        y[0] = start
    if endpoint and num > 1:
        y[-1] = stop
    return y


def vander(x: Any, N: Any = None, increasing: Any = False) -> Any:
    # repeated products: the power rule would meet 0 ** -1
    v = np.asarray(x)
    columns = len(v) if N is None else N
    powers = np.ones((len(v), columns), dtype=v.dtype)
    for j in range(1, columns):
        powers[:, j] = powers[:, j - 1] * v
    return powers if increasing else powers[:, ::-1]


def flatnonzero(a: Any) -> Any:
    flags = np.ravel(np.asarray(a) != 0)
    places = np.empty(np.count_nonzero(flags), dtype=np.int64)
    k = 0
    for i in range(len(flags)):
        if flags[i]:
            places[k] = i
            k += 1
    return places


def nonzero(a: Any) -> Any:
    x = np.asarray(a)
    rest = flatnonzero(x)
    if x.ndim == 1:
        return (rest,)
    if x.ndim == 2:
        return (rest // x.shape[1], rest % x.shape[1])
    if x.ndim == 3:
        rows = rest // x.shape[2]
        return (rows // x.shape[1], rows % x.shape[1], rest % x.shape[2])
    return refuse("`np.nonzero` takes an array with at most three axes", "use `np.flatnonzero`")


def argwhere(a: Any) -> Any:
    return np.stack(nonzero(a), axis=1)


def bincount(x: Any, weights: Any = None, minlength: Any = 0) -> Any:
    n = int(minlength)
    for i in range(len(x)):
        n = max(n, int(x[i]) + 1)
    if weights is None:
        counts = np.zeros(n, dtype=np.int64)
        for i in range(len(x)):
            counts[x[i]] += 1
        return counts
    totals = np.zeros(n)
    for i in range(len(x)):
        totals[x[i]] += weights[i]
    return totals


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    steps = np.diff(np.ravel(ary))
    if to_begin is not None:
        steps = np.concatenate((np.ravel(to_begin), steps))
    if to_end is not None:
        steps = np.concatenate((steps, np.ravel(to_end)))
    return steps


def extract(condition: Any, arr: Any) -> Any:
    return np.ravel(arr)[flatnonzero(condition)]


def gradient(f: Any, h: Any = 1.0) -> Any:
    """Second-order differences inside, first-order ones at the ends, of a vector with equal or given spacing."""
    y = np.asarray(f)
    if y.ndim != 1:
        refuse("`np.gradient` takes a vector", "apply it to each row in a loop")
    slope = np.empty(len(y))
    if np.ndim(h) == 0:
        slope[1:-1] = (y[2:] - y[:-2]) / (2.0 * h)
        slope[0] = (y[1] - y[0]) / h
        slope[-1] = (y[-1] - y[-2]) / h
        return slope
    gap = h[1:] - h[:-1]
    rise = (y[1:] - y[:-1]) / gap
    left, right = gap[:-1], gap[1:]
    slope[1:-1] = (right * rise[:-1] + left * rise[1:]) / (left + right)
    slope[0] = rise[0]
    slope[-1] = rise[-1]
    return slope
