"""Reductions that take several steps: statistics, quantiles, averages, those that leave out NaN."""

from __future__ import annotations

from typing import Any

import numpy as np

from adcompile.frontend.library.composites.linalg import safe_sqrt
from adcompile.frontend.library.markers import refuse


def var(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, *, keepdims: Any = False) -> Any:
    """The mean square distance from the mean, in two passes, which keeps its digits (Chan et al. 1983)."""
    x = np.asarray(a, dtype=dtype)
    distance = x - np.mean(x, axis=axis, keepdims=True)
    squares = np.square(np.real(distance))
    if np.iscomplexobj(distance):
        squares = squares + np.square(np.imag(distance))
    total = np.sum(squares, axis=axis, keepdims=keepdims)
    return total / np.asarray(np.size(x, axis) - ddof, dtype=total.dtype)


def std(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, *, keepdims: Any = False) -> Any:
    return safe_sqrt(var(a, axis, dtype, None, ddof, keepdims=keepdims))


def sorted_first(a: Any, axis: Any) -> Any:
    """The array sorted along an axis, along several together, or as a whole, with what was sorted first."""
    if axis is None:
        return np.sort(np.ravel(a))
    if np.ndim(axis) == 0:
        return np.moveaxis(np.sort(a, axis=axis), axis, 0)
    x = np.moveaxis(np.asarray(a), axis, tuple(range(len(axis))))
    return np.sort(np.reshape(x, (-1, *x.shape[len(axis) :])), axis=0)


def with_axis(x: Any, axis: Any, ndim: Any) -> Any:
    """A reduced array with the axes back that were reduced, of length 1."""
    if axis is None:
        return np.reshape(x, (1,) * ndim)
    return np.expand_dims(x, axis)


def median(a: Any, axis: Any = None, out: Any = None, overwrite_input: Any = False, keepdims: Any = False) -> Any:
    s = sorted_first(a, axis)
    n = len(s)
    middle = 0.5 * (s[(n - 1) // 2] + s[n // 2])
    result = np.where(np.isnan(s[n - 1]), s[n - 1], middle)  # NaN is sorted to the end
    return with_axis(result, axis, np.ndim(a)) if keepdims else result


def quantile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: Any = False,
    method: Any = "linear",
    keepdims: Any = False,
) -> Any:
    """The quantile between the sorted values, by default by linear interpolation."""
    if method not in ("linear", "lower", "higher", "midpoint"):
        refuse(f"`method={method!r}` of a quantile is not supported", "use 'linear', 'lower', 'higher' or 'midpoint'")
    s = sorted_first(a, axis)
    n = len(s)
    place = np.asarray(q) * (n - 1)
    # at q = 1 the derivative with respect to q is the one to its left, as there is no other
    below = np.maximum(np.minimum(np.asarray(np.floor(place), dtype=np.int64), n - 2), 0)
    above = np.minimum(below + 1, n - 1)
    weight = place - below
    if method != "linear":
        partial = (weight > 0.0) & (weight < 1.0)
        weight = np.where(partial, 0.0 if method == "lower" else 1.0 if method == "higher" else 0.5, weight)
    if np.ndim(q) == 1 and s.ndim > 1:
        weight = np.reshape(weight, (-1,) + (1,) * (s.ndim - 1))
    if np.ndim(q) == 0 and s.dtype.kind == "f":
        weight = np.asarray(weight, dtype=s.dtype)
    result = np.where(np.isnan(s[n - 1]), s[n - 1], between(s[below], s[above], weight))
    return with_axis(result, axis, np.ndim(a)) if keepdims else result


def between(low: Any, high: Any, weight: Any) -> Any:
    """A number between two, exact at both ends."""
    gap = high - low
    return np.where(weight < 0.5, low + weight * gap, high - (1.0 - weight) * gap)


def percentile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: Any = False,
    method: Any = "linear",
    keepdims: Any = False,
) -> Any:
    return quantile(a, np.asarray(q) / 100.0, axis, None, False, method, keepdims)


def nanquantile(a: Any, q: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    if np.ndim(q) != 0:
        refuse("`np.nanquantile` takes one quantile", "call it for each of them")
    s = sorted_first(a, axis)  # NaN is sorted to the end
    last = np.maximum(np.sum(~np.isnan(s), axis=0) - 1, 0)
    place = q * last
    below = np.maximum(np.minimum(np.asarray(np.floor(place), dtype=np.int64), last - 1), 0)
    above = np.minimum(below + 1, last)
    if s.ndim == 1:
        low, high = s[below], s[above]
    else:
        low, high = np.take_along_axis(s, below[None], 0)[0], np.take_along_axis(s, above[None], 0)[0]
    weight = np.asarray(place - below, dtype=s.dtype) if s.dtype.kind == "f" else place - below
    result = between(low, high, weight)
    return with_axis(result, axis, np.ndim(a)) if keepdims else result


def nanpercentile(a: Any, q: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    return nanquantile(a, q / 100.0, axis, keepdims=keepdims)


def nanmedian(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    return nanquantile(a, 0.5, axis, keepdims=keepdims)


def average(a: Any, axis: Any = None, weights: Any = None, returned: Any = False, *, keepdims: Any = False) -> Any:
    x = np.asarray(a)
    if weights is None:
        mean = np.mean(x, axis=axis, keepdims=keepdims)
        total = np.asarray(np.size(x, axis), dtype=mean.dtype)
    else:
        w = np.asarray(weights)
        if w.ndim == x.ndim:
            total = np.sum(w, axis=axis, keepdims=keepdims)
        else:
            total = np.sum(w)
            w = np.moveaxis(np.reshape(w, (1,) * (x.ndim - 1) + w.shape), -1, axis)
        mean = np.sum(w * x, axis=axis, keepdims=keepdims) / total
    return (mean, np.broadcast_to(total, mean.shape)) if returned else mean


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    values = np.moveaxis(np.asarray(y), axis, -1)
    means = 0.5 * (values[..., 1:] + values[..., :-1])
    if x is None:
        return np.sum(dx * means, axis=-1)
    places = np.asarray(x)
    if places.ndim > 1:
        places = np.moveaxis(places, axis, -1)
    return np.sum((places[..., 1:] - places[..., :-1]) * means, axis=-1)


def without_nan(a: Any, value: Any) -> Any:
    """The array with a value in the place of NaN."""
    x = np.asarray(a)
    return np.where(np.isnan(x), value, x)


def count_numbers(a: Any, axis: Any, keepdims: Any) -> Any:
    """How many elements are not NaN."""
    return np.sum(~np.isnan(a), axis=axis, keepdims=keepdims)


def nansum(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    return np.sum(without_nan(a, 0), axis=axis, keepdims=keepdims)


def nanprod(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    return np.prod(without_nan(a, 1), axis=axis, keepdims=keepdims)


def nancumsum(a: Any, axis: Any = None) -> Any:
    return np.cumsum(without_nan(a, 0), axis=axis)


def nancumprod(a: Any, axis: Any = None) -> Any:
    return np.cumprod(without_nan(a, 1), axis=axis)


def nanmean(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    total = nansum(a, axis, keepdims=keepdims)
    return total / np.asarray(count_numbers(a, axis, keepdims), dtype=total.dtype)


def nanvar(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, *, keepdims: Any = False
) -> Any:
    x = np.asarray(a)
    distance = np.where(np.isnan(x), 0.0, x - nanmean(x, axis, keepdims=True))
    total = np.sum(np.square(distance), axis=axis, keepdims=keepdims)
    return total / np.asarray(count_numbers(x, axis, keepdims) - ddof, dtype=total.dtype)


def nanstd(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, *, keepdims: Any = False
) -> Any:
    return safe_sqrt(nanvar(a, axis, dtype, None, ddof, keepdims=keepdims))


def nanmax(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    largest = np.max(without_nan(a, -np.inf), axis=axis, keepdims=keepdims)
    return np.where(count_numbers(a, axis, keepdims) == 0, np.nan, largest)


def nanmin(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    smallest = np.min(without_nan(a, np.inf), axis=axis, keepdims=keepdims)
    return np.where(count_numbers(a, axis, keepdims) == 0, np.nan, smallest)
