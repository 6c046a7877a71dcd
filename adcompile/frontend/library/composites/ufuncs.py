"""Methods of ufuncs, and functions that write into an array, in loops over its elements or rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from adcompile.frontend.library.composites.arrays import flatnonzero
from adcompile.frontend.library.composites.elementwise import fmax, fmin, logaddexp, logaddexp2
from adcompile.frontend.library.markers import plain_repeat, refuse


def reduced(f: Any, array: Any, axis: Any, keepdims: Any) -> Any:
    """The rows along an axis combined from the first to the last."""
    rows = np.moveaxis(np.asarray(array), axis, 0)
    total = rows[0]
    for k in range(1, len(rows)):
        total = f(total, rows[k])
    return np.expand_dims(total, axis) if keepdims else total


def accumulated(f: Any, array: Any, axis: Any) -> Any:
    """All stages of combining the rows along an axis."""
    rows = np.moveaxis(np.asarray(array), axis, 0)
    out = np.empty(rows.shape, dtype=rows.dtype)
    out[0] = rows[0]
    for k in range(1, len(rows)):
        out[k] = f(out[k - 1], rows[k])
    return np.moveaxis(out, 0, axis)


def spread(f: Any, A: Any, B: Any) -> Any:
    """All pairs of elements combined."""
    if np.ndim(A) == 0 or np.ndim(B) == 0:
        return f(A, B)
    x, y = np.asarray(A), np.asarray(B)
    return f(np.reshape(x, x.shape + (1,) * y.ndim), y)


def subtract_reduce(array: Any, axis: Any = 0, *, keepdims: Any = False) -> Any:
    return reduced(np.subtract, array, axis, keepdims)


def divide_reduce(array: Any, axis: Any = 0, *, keepdims: Any = False) -> Any:
    return reduced(np.divide, array, axis, keepdims)


def hypot_reduce(array: Any, axis: Any = 0, *, keepdims: Any = False) -> Any:
    return reduced(np.hypot, array, axis, keepdims)


def logaddexp_reduce(array: Any, axis: Any = 0, *, keepdims: Any = False) -> Any:
    return reduced(logaddexp, array, axis, keepdims)


def fmax_reduce(array: Any, axis: Any = 0, *, keepdims: Any = False) -> Any:
    return reduced(fmax, array, axis, keepdims)


def fmin_reduce(array: Any, axis: Any = 0, *, keepdims: Any = False) -> Any:
    return reduced(fmin, array, axis, keepdims)


def subtract_accumulate(array: Any, axis: Any = 0) -> Any:
    return accumulated(np.subtract, array, axis)


def maximum_accumulate(array: Any, axis: Any = 0) -> Any:
    return accumulated(np.maximum, array, axis)


def minimum_accumulate(array: Any, axis: Any = 0) -> Any:
    return accumulated(np.minimum, array, axis)


def logaddexp_accumulate(array: Any, axis: Any = 0) -> Any:
    return accumulated(logaddexp, array, axis)


def logaddexp_outer(A: Any, B: Any) -> Any:
    return spread(logaddexp, A, B)


def logaddexp2_outer(A: Any, B: Any) -> Any:
    return spread(logaddexp2, A, B)


def fmax_outer(A: Any, B: Any) -> Any:
    return spread(fmax, A, B)


def fmin_outer(A: Any, B: Any) -> Any:
    return spread(fmin, A, B)


def add_reduceat(array: Any, indices: Any, axis: Any = 0) -> Any:
    rows, places = np.moveaxis(np.asarray(array), axis, 0), np.asarray(indices)
    out = np.empty((len(places), *rows.shape[1:]), dtype=rows.dtype)
    for k in range(len(places)):
        end = places[k + 1] if k + 1 < len(places) else len(rows)
        out[k] = rows[places[k]]
        for i in range(places[k] + 1, end):
            out[k] += rows[i]
    return np.moveaxis(out, 0, axis)


# -- writing ----------------------------------------------------------------------------------------------------


def changed_at(f: Any, a: Any, indices: Any, b: Any) -> None:
    """`a[indices] = f(a[indices], b)`, each index in its turn."""
    places = np.asarray(indices)
    if places.ndim != 1:
        refuse("the method `at` of this ufunc takes a vector of indices", "write a loop")
    values = np.broadcast_to(np.asarray(b), (len(places), *np.shape(a)[1:]))
    for k in range(len(places)):
        a[places[k]] = f(a[places[k]], values[k])


def multiply_at(a: Any, indices: Any, b: Any) -> None:
    changed_at(np.multiply, a, indices, b)


def divide_at(a: Any, indices: Any, b: Any) -> None:
    changed_at(np.divide, a, indices, b)


def maximum_at(a: Any, indices: Any, b: Any) -> None:
    changed_at(np.maximum, a, indices, b)


def minimum_at(a: Any, indices: Any, b: Any) -> None:
    changed_at(np.minimum, a, indices, b)


def copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = None) -> None:
    dst[...] = src if where is None else np.where(where, src, dst)


def putmask(a: Any, mask: Any, values: Any) -> None:
    if np.ndim(values) not in (0, np.ndim(a)):
        refuse("`np.putmask` takes one value, or one for each element")
    a[...] = np.where(mask, values, a)


def place(arr: Any, mask: Any, vals: Any) -> None:
    if np.ndim(arr) != 1:
        refuse("`np.place` takes a vector", "write into `a[mask]`")
    places, values = flatnonzero(mask), np.atleast_1d(vals)
    arr[places] = values[np.arange(len(places)) % len(values)]


def put(a: Any, ind: Any, v: Any) -> None:
    if np.ndim(a) != 1:
        refuse("`np.put` takes a vector", "write into `a[index]`")
    places, values = np.atleast_1d(ind), np.atleast_1d(v)
    for k in range(len(places)):
        a[places[k]] = values[k % len(values)]


# -- choosing ---------------------------------------------------------------------------------------------------


def nanargmax(a: Any, axis: Any = None) -> Any:
    return np.argmax(np.where(np.isnan(a), -np.inf, a), axis=axis)


def nanargmin(a: Any, axis: Any = None) -> Any:
    return np.argmin(np.where(np.isnan(a), np.inf, a), axis=axis)


def repeat_each(a: Any, repeats: Any, axis: Any = None) -> Any:
    times = np.asarray(repeats)
    rows = np.ravel(a) if axis is None else np.moveaxis(np.asarray(a), axis, 0)
    places = np.empty(np.sum(times), dtype=np.int64)
    n = 0
    for k in range(len(times)):
        for _ in range(times[k]):
            places[n] = k
            n += 1
    return rows[places] if axis is None else np.moveaxis(rows[places], 0, axis)


def repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    return plain_repeat(a, repeats, axis) if np.ndim(repeats) == 0 else repeat_each(a, repeats, axis)
