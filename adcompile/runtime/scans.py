"""Operations along one axis that keep the shape: scans, sorting, reversing, rotating.

Written once over a view with three axes: what is before the axis, the axis, and what is after it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import register_jitable


@register_jitable
def split(x: Any, axis: int) -> Any:
    """The array as (before, along, after), in C order."""
    before, after = 1, 1
    for k in range(axis):
        before *= x.shape[k]
    for k in range(axis + 1, x.ndim):
        after *= x.shape[k]
    return np.ascontiguousarray(x).reshape((before, x.shape[axis], after))


@register_jitable
def cumsum(x: Any, axis: int) -> Any:
    """Running sums along an axis."""
    a = split(x, axis)
    out = np.empty_like(a)
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            for j in range(a.shape[2]):
                out[i, k, j] = a[i, k, j] if k == 0 else out[i, k - 1, j] + a[i, k, j]
    return out.reshape(x.shape)


@register_jitable
def cumprod(x: Any, axis: int) -> Any:
    """Running products along an axis."""
    a = split(x, axis)
    out = np.empty_like(a)
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            for j in range(a.shape[2]):
                out[i, k, j] = a[i, k, j] if k == 0 else out[i, k - 1, j] * a[i, k, j]
    return out.reshape(x.shape)


@register_jitable
def recurrence(a: Any, c: Any, axis: int) -> Any:
    """s[k] = a[k] * s[k - 1] + c[k] along an axis, from s[-1] = 0."""
    a3, c3 = split(a, axis), split(c, axis)
    out = np.empty_like(c3)
    for i in range(a3.shape[0]):
        for k in range(a3.shape[1]):
            for j in range(a3.shape[2]):
                out[i, k, j] = c3[i, k, j] if k == 0 else a3[i, k, j] * out[i, k - 1, j] + c3[i, k, j]
    return out.reshape(a.shape)


@register_jitable
def sort(x: Any, axis: int) -> Any:
    """A copy, sorted along an axis."""
    a = split(x, axis)
    out = np.empty_like(a)
    for i in range(a.shape[0]):
        for j in range(a.shape[2]):
            out[i, :, j] = np.sort(a[i, :, j])
    return out.reshape(x.shape)


@register_jitable
def argsort(x: Any, axis: int) -> Any:
    """The order that sorts along an axis; equal elements keep theirs."""
    a = split(x, axis)
    out = np.empty(a.shape, np.int64)
    for i in range(a.shape[0]):
        for j in range(a.shape[2]):
            out[i, :, j] = np.argsort(a[i, :, j], kind="mergesort")
    return out.reshape(x.shape)


@register_jitable
def flip(x: Any, axis: int) -> Any:
    """A copy, reversed along an axis."""
    a = split(x, axis)
    out = np.empty_like(a)
    n = a.shape[1]
    for k in range(n):
        out[:, k, :] = a[:, n - 1 - k, :]
    return out.reshape(x.shape)


@register_jitable
def roll(x: Any, shift: int, axis: int) -> Any:
    """A copy, rotated by `shift` places along an axis."""
    a = split(x, axis)
    out = np.empty_like(a)
    n = a.shape[1]
    for k in range(n):
        out[:, (k + shift) % n, :] = a[:, k, :]
    return out.reshape(x.shape)
