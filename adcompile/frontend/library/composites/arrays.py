"""Making arrays in several steps: ranges, powers, and the places of what is not zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from adcompile.frontend.library.markers import plain_diff, plain_pad, refuse


def linspace(
    start: Any, stop: Any, num: Any = 50, endpoint: Any = True, retstep: Any = False, dtype: Any = None, axis: Any = 0
) -> Any:
    gaps = num - 1 if endpoint else num
    delta = np.subtract(stop, start) * 1.0
    step = delta / max(gaps, 1)
    places = np.reshape(np.arange(num), (num,) + (1,) * np.ndim(delta)).astype(np.asarray(delta).dtype)
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
    y = start * np.exp(linspace(0.0, np.log(np.divide(stop, start)) * np.ones(()), num, endpoint))
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


def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    """Second-order differences inside, one-sided ones at the ends, with equal or given spacing along each axis."""
    if edge_order not in (1, 2):
        refuse("`np.gradient` takes 1 or 2 for `edge_order`")
    y = np.asarray(f) * 1.0
    axes = tuple(range(y.ndim)) if axis is None else (axis,) if np.ndim(axis) == 0 else axis
    slopes = []
    for k, along in enumerate(axes):
        h = 1.0 if len(varargs) == 0 else varargs[0] if len(varargs) == 1 else varargs[k]
        slopes.append(np.moveaxis(slope(np.moveaxis(y, along, -1), h, edge_order), -1, along))
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


def slope(y: Any, h: Any, edge_order: Any) -> Any:
    """The differences along the last axis."""
    n = y.shape[-1]
    gap = h * np.ones(n - 1, dtype=y.dtype) if np.ndim(h) == 0 else np.asarray(h)[1:] - np.asarray(h)[:-1]
    rise = (y[..., 1:] - y[..., :-1]) / gap
    out = np.empty(y.shape, dtype=y.dtype)
    left, right = gap[:-1], gap[1:]
    out[..., 1:-1] = (right * rise[..., :-1] + left * rise[..., 1:]) / (left + right)
    out[..., 0] = rise[..., 0]
    out[..., -1] = rise[..., -1]
    if edge_order == 2:
        # the parabola through three points
        first = (rise[..., 1] - rise[..., 0]) / (gap[0] + gap[1])
        last = (rise[..., -1] - rise[..., -2]) / (gap[-1] + gap[-2])
        out[..., 0] -= gap[0] * first
        out[..., -1] += gap[-1] * last
    return out


# -- padding ----------------------------------------------------------------------------------------------------


def pad(
    array: Any,
    pad_width: Any,
    mode: Any = "constant",
    *,
    constant_values: Any = 0,
    end_values: Any = 0,
    stat_length: Any = None,
) -> Any:
    if mode not in ("linear_ramp", "mean", "maximum", "minimum", "median"):
        return plain_pad(array, pad_width, mode, constant_values)
    if stat_length is not None or np.ndim(end_values) != 0:
        refuse(f"`np.pad` with `mode={mode!r}` takes neither `stat_length` nor several `end_values`")
    y = np.asarray(array)
    pairs = np.ndim(pad_width) == 2
    for k in tuple(range(y.ndim)):
        if np.ndim(pad_width) == 0:
            before, after = pad_width, pad_width
        else:
            before, after = pad_width[k if len(pad_width) > 1 else 0] if pairs else pad_width
        rows = np.moveaxis(y, k, 0)
        y = np.moveaxis(
            np.concatenate(
                (edge(rows, before, mode, end_values, 0), rows, edge(rows, after, mode, end_values, -1)), axis=0
            ),
            0,
            k,
        )
    return y


def edge(rows: Any, n: Any, mode: Any, end: Any, side: Any) -> Any:
    """What is put before (side 0) or after (side -1) the rows."""
    if mode == "linear_ramp":
        steps = np.arange(n) / max(n, 1)
        weights = np.reshape(steps if side == 0 else steps[::-1], (-1,) + (1,) * (rows.ndim - 1))
        return (end + weights * (rows[side] - end)).astype(rows.dtype)
    if mode == "mean":
        value = np.mean(rows, axis=0)
    elif mode == "median":
        value = np.median(rows, axis=0)
    else:
        value = np.max(rows, axis=0) if mode == "maximum" else np.min(rows, axis=0)
    return np.broadcast_to(value, (n, *rows.shape[1:]))


# -- products with stacks of vectors ----------------------------------------------------------------------------


def matvec(x1: Any, x2: Any) -> Any:
    return (np.asarray(x1) @ np.asarray(x2)[..., None])[..., 0]


def vecmat(x1: Any, x2: Any) -> Any:
    return (np.conj(x1)[..., None, :] @ np.asarray(x2))[..., 0, :]


def cumulative_sum(x: Any, /, *, axis: Any = None, dtype: Any = None, include_initial: Any = False) -> Any:
    total = np.cumsum(x, axis=axis, dtype=dtype)
    return with_start(total, 0 if axis is None else axis, 0) if include_initial else total


def cumulative_prod(x: Any, /, *, axis: Any = None, dtype: Any = None, include_initial: Any = False) -> Any:
    total = np.cumprod(x, axis=axis, dtype=dtype)
    return with_start(total, 0 if axis is None else axis, 1) if include_initial else total


def with_start(x: Any, axis: Any, start: Any) -> Any:
    rows = np.moveaxis(x, axis, 0)
    first = np.full((1, *rows.shape[1:]), start, dtype=rows.dtype)
    return np.moveaxis(np.concatenate((first, rows), axis=0), 0, axis)


def diff(a: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None) -> Any:
    if prepend is None and append is None:
        return plain_diff(a, n, axis)
    rows = np.moveaxis(np.asarray(a), axis, 0)
    if prepend is not None:
        rows = np.concatenate((piece(prepend, rows, axis), rows), axis=0)
    if append is not None:
        rows = np.concatenate((rows, piece(append, rows, axis)), axis=0)
    return np.moveaxis(plain_diff(rows, n, 0), 0, axis)


def piece(value: Any, rows: Any, axis: Any) -> Any:
    """A number, or an array with the same axes, to be put before or after rows."""
    if np.ndim(value) == 0:
        return np.broadcast_to(np.asarray(value, dtype=rows.dtype), (1, *rows.shape[1:]))
    return np.moveaxis(np.asarray(value), axis, 0)
