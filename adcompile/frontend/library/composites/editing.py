"""Taking elements out of arrays and putting some in: by places, by flags, in windows, in order."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from adcompile.frontend.library.composites.arrays import flatnonzero
from adcompile.frontend.library.markers import argpartition, read_only, refuse, stop_gradient


def in_a_row(*parts: Any) -> Any:
    """What `np.r_[...]` makes of arrays and numbers."""
    if all(np.ndim(part) < 2 for part in parts):
        return np.hstack(parts)
    return np.concatenate(parts)


def in_columns(*parts: Any) -> Any:
    """What `np.c_[...]` makes of vectors and matrices."""
    if any(np.ndim(part) > 2 for part in parts):
        refuse("`np.c_` of arrays with more than two axes is not supported", "use np.concatenate")
    return np.column_stack(parts)


def delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    rows = np.ravel(arr) if axis is None else np.moveaxis(np.asarray(arr), axis, 0)
    keep = np.ones(len(rows), dtype=np.bool_)
    keep[np.asarray(obj) if isinstance(obj, (list, tuple)) else obj] = False
    left = rows[flatnonzero(keep)]
    return left if axis is None else np.moveaxis(left, 0, axis)


def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    rows = np.ravel(arr) if axis is None else np.moveaxis(np.asarray(arr), axis, 0)
    n = len(rows)
    if np.ndim(obj) != 0:
        return insert_several(rows, np.asarray(obj), values, axis)
    new = np.asarray(values, dtype=rows.dtype)
    if axis is None:
        new = np.ravel(new)
    else:
        if new.ndim not in (0, rows.ndim - 1):
            refuse("`np.insert` along an axis takes one number or one slice", "use np.concatenate")
        new = np.broadcast_to(new, (1, *rows.shape[1:]))
    place = obj + n if obj < 0 else obj
    joined = np.concatenate((rows[:place], new, rows[place:]), axis=0)
    return joined if axis is None else np.moveaxis(joined, 0, axis)


def insert_several(rows: Any, places: Any, values: Any, axis: Any) -> Any:
    """Each value before the element that its place names."""
    if axis is not None:
        refuse("`np.insert` of several places along an axis is not supported", "insert them one after the other")
    n, k = len(rows), len(places)
    new = np.broadcast_to(np.asarray(values, dtype=rows.dtype), (k,))
    wanted = np.where(places < 0, places + n, places)
    keep = np.ones(n + k, dtype=np.bool_)
    out = np.empty(n + k, dtype=rows.dtype)
    for i in range(k):
        # those before it, and equal ones that stand earlier in the list, push it on
        place = wanted[i]
        for j in range(k):
            if wanted[j] < wanted[i] or (wanted[j] == wanted[i] and j < i):
                place += 1
        keep[place] = False
        out[place] = new[i]
    out[flatnonzero(keep)] = rows
    return out


def resize(a: Any, new_shape: Any) -> Any:
    flat = np.ravel(a)
    dims = (new_shape,) if np.ndim(new_shape) == 0 else new_shape
    total = 1
    for k in dims:
        total *= k
    return np.reshape(flat[np.arange(total) % len(flat)], dims)


def trim_zeros(filt: Any, trim: Any = "fb") -> Any:
    x = np.asarray(filt)
    first, last = 0, len(x)
    if "f" in trim:
        while first < last and x[first] == 0.0:
            first += 1
    if "b" in trim:
        while last > first and x[last - 1] == 0.0:
            last -= 1
    return x[first:last]


def unique(ar: Any) -> Any:
    s = np.sort(np.ravel(ar))
    keep = np.ones(len(s), dtype=np.bool_)
    keep[1:] = s[1:] != s[:-1]
    return s[flatnonzero(keep)]


def union1d(ar1: Any, ar2: Any) -> Any:
    return unique(np.concatenate((np.ravel(ar1), np.ravel(ar2))))


def unwrap(p: Any, discont: Any = None, axis: Any = -1, *, period: Any = 2.0 * math.pi) -> Any:
    x = np.moveaxis(np.asarray(p) * 1.0, axis, -1)
    jump = stop_gradient(x[..., 1:] - x[..., :-1])
    half = period / 2.0
    wrapped = np.mod(jump + half, period) - half
    wrapped = np.where((wrapped == -half) & (jump > 0.0), half, wrapped)
    # whole periods: constant between the jumps
    turns = np.where(np.abs(jump) < (half if discont is None else discont), 0.0, np.rint((wrapped - jump) / period))
    out = x.copy()
    out[..., 1:] += np.cumsum(turns, axis=-1) * period
    return np.moveaxis(out, -1, axis)


def partition(a: Any, kth: Any, axis: Any = -1) -> Any:
    if axis is None:
        flat = np.ravel(a)
        return np.take_along_axis(flat, argpartition(flat, kth, 0), 0)
    return np.take_along_axis(np.asarray(a), argpartition(a, kth, axis), axis)


def compress(condition: Any, a: Any, axis: Any = None) -> Any:
    places = flatnonzero(condition)
    return np.ravel(a)[places] if axis is None else np.take(a, places, axis=axis)


def compress_method(a: Any, condition: Any, axis: Any = None) -> Any:
    return compress(condition, a, axis)


def choose(a: Any, choices: Any) -> Any:
    which = np.asarray(a)
    chosen = np.where(which == 0, choices[0], choices[0])
    for k, choice in enumerate(choices):
        chosen = np.where(which == k, choice, chosen)
    return chosen


def sliding_window_view(x: Any, window_shape: Any, axis: Any = None) -> Any:
    widths = (window_shape,) if np.ndim(window_shape) == 0 else window_shape
    axes = axis
    if axis is None:
        axes = tuple(range(np.ndim(x)))
    elif np.ndim(axis) == 0:
        axes = (axis,)
    y = np.asarray(x)
    for k, along in enumerate(axes):
        n, width = y.shape[along], widths[k]
        places = np.arange(n - width + 1)[:, None] + np.arange(width)[None, :]
        rows = np.moveaxis(y, along, 0)[places]
        y = np.moveaxis(np.moveaxis(rows, 1, -1), 0, along)
    return read_only(y)


def as_strided(x: Any, shape: Any = None, strides: Any = None) -> Any:
    flat = np.ravel(x)
    places = np.zeros((1,) * len(shape), dtype=np.int64)
    for k, n in enumerate(shape):
        steps = np.arange(n) * (strides[k] // flat.dtype.itemsize)
        places = places + np.reshape(steps, (1,) * k + (-1,) + (1,) * (len(shape) - 1 - k))
    return read_only(flat[places])


def block(arrays: Any) -> Any:
    if not isinstance(arrays, (list, tuple)):
        return np.asarray(arrays)
    if not isinstance(arrays[0], (list, tuple)):
        return np.concatenate([np.atleast_1d(a) for a in arrays], axis=-1)
    rows = [np.concatenate([np.atleast_2d(a) for a in row], axis=-1) for row in arrays]
    return np.concatenate(rows, axis=-2)


def real_if_close(a: Any, tol: Any = 100) -> Any:
    if np.iscomplexobj(a):
        refuse("the dtype of `np.real_if_close` of complex numbers depends on their values", "use np.real")
    return np.asarray(a)


def frexp(x: Any) -> Any:
    z = np.asarray(x) * 1.0
    size = stop_gradient(np.where((z == 0.0) | ~np.isfinite(z), 1.0, np.abs(z)))
    e = np.floor(np.log2(size)) + 1.0
    e = np.where(size * np.exp2(-e) >= 1.0, e + 1.0, e)
    e = np.where(size * np.exp2(-e) < 0.5, e - 1.0, e)
    e = np.where((z == 0.0) | ~np.isfinite(z), 0.0, e)
    return z * np.exp2(-e), e.astype(np.int64)


def math_frexp(x: Any) -> Any:
    mantissa, exponent = frexp(x)
    return mantissa, int(exponent)
