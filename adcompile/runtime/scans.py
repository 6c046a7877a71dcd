"""Operations along one axis that keep the shape: scans, sorting, reversing, rotating.

Compiled, each is written once over a view with three axes: what is before the axis, the axis, and what is after it. The
axis is counted from the front.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import register_jitable

from adcompile.runtime.template import compiles


@register_jitable
def split(x: Any, axis: int) -> Any:
    """The array as (before, along, after), in C order."""
    before, after = 1, 1
    for k in range(axis):
        before *= x.shape[k]
    for k in range(axis + 1, x.ndim):
        after *= x.shape[k]
    return np.ascontiguousarray(x).reshape((before, x.shape[axis], after))


def cumsum(x: Any, axis: int) -> Any:
    """Running sums along an axis, in the dtype of the array."""
    return np.ascontiguousarray(np.cumsum(x, axis=axis, dtype=x.dtype))


@compiles(cumsum)
def compiled_cumsum(x: Any, axis: Any) -> Any:
    def impl(x: Any, axis: Any) -> Any:
        a = split(x, axis)
        out = np.empty_like(a)
        for i in range(a.shape[0]):
            for k in range(a.shape[1]):
                for j in range(a.shape[2]):
                    out[i, k, j] = a[i, k, j] if k == 0 else out[i, k - 1, j] + a[i, k, j]
        return out.reshape(x.shape)

    return impl


def cumprod(x: Any, axis: int) -> Any:
    """Running products along an axis, in the dtype of the array."""
    return np.ascontiguousarray(np.cumprod(x, axis=axis, dtype=x.dtype))


@compiles(cumprod)
def compiled_cumprod(x: Any, axis: Any) -> Any:
    def impl(x: Any, axis: Any) -> Any:
        a = split(x, axis)
        out = np.empty_like(a)
        for i in range(a.shape[0]):
            for k in range(a.shape[1]):
                for j in range(a.shape[2]):
                    out[i, k, j] = a[i, k, j] if k == 0 else out[i, k - 1, j] * a[i, k, j]
        return out.reshape(x.shape)

    return impl


@register_jitable
def recurrence(a: Any, c: Any, axis: int) -> Any:
    """s[k] = a[k] * s[k - 1] + c[k] along an axis, from s[-1] = 0."""
    factors, terms = split(a, axis), split(c, axis)
    out = np.empty_like(terms)
    for i in range(terms.shape[0]):
        for k in range(terms.shape[1]):
            for j in range(terms.shape[2]):
                carried = terms[i, k, j] * 0 if k == 0 else factors[i, k, j] * out[i, k - 1, j]
                out[i, k, j] = carried + terms[i, k, j]
    return out.reshape(c.shape)


def sort(x: Any, axis: int) -> Any:
    """A copy, sorted along an axis."""
    return np.ascontiguousarray(np.sort(x, axis=axis))


@compiles(sort)
def compiled_sort(x: Any, axis: Any) -> Any:
    def impl(x: Any, axis: Any) -> Any:
        a = split(x, axis)
        out = np.empty_like(a)
        for i in range(a.shape[0]):
            for j in range(a.shape[2]):
                out[i, :, j] = np.sort(a[i, :, j])
        return out.reshape(x.shape)

    return impl


def argsort(x: Any, axis: int) -> Any:
    """The order that sorts along an axis; equal elements keep theirs."""
    return np.ascontiguousarray(np.argsort(x, axis=axis, kind="stable"))


@compiles(argsort)
def compiled_argsort(x: Any, axis: Any) -> Any:
    def impl(x: Any, axis: Any) -> Any:
        a = split(x, axis)
        out = np.empty(a.shape, np.int64)
        for i in range(a.shape[0]):
            for j in range(a.shape[2]):
                out[i, :, j] = np.argsort(a[i, :, j], kind="mergesort")
        return out.reshape(x.shape)

    return impl


def argpartition(x: Any, kth: int, axis: int) -> Any:
    """An order along an axis in which the element at place `kth` stands where sorting would put it."""
    return np.ascontiguousarray(np.argpartition(x, kth, axis=axis))


@compiles(argpartition)
def compiled_argpartition(x: Any, kth: Any, axis: Any) -> Any:
    def impl(x: Any, kth: Any, axis: Any) -> Any:
        a = split(x, axis)
        out = np.empty(a.shape, np.int64)
        for i in range(a.shape[0]):
            for j in range(a.shape[2]):
                out[i, :, j] = np.argpartition(a[i, :, j], kth)
        return out.reshape(x.shape)

    return impl


def flip(x: Any, axis: int) -> Any:
    """A copy, reversed along an axis."""
    return np.array(np.flip(x, axis), order="C")


@compiles(flip)
def compiled_flip(x: Any, axis: Any) -> Any:
    def impl(x: Any, axis: Any) -> Any:
        a = split(x, axis)
        out = np.empty_like(a)
        n = a.shape[1]
        for i in range(a.shape[0]):
            for k in range(n):
                for j in range(a.shape[2]):
                    out[i, k, j] = a[i, n - 1 - k, j]
        return out.reshape(x.shape)

    return impl


def roll(x: Any, shift: int, axis: int) -> Any:
    """A copy, rotated by `shift` places along an axis."""
    return np.ascontiguousarray(np.roll(x, shift, axis))


@compiles(roll)
def compiled_roll(x: Any, shift: Any, axis: Any) -> Any:
    def impl(x: Any, shift: Any, axis: Any) -> Any:
        a = split(x, axis)
        out = np.empty_like(a)
        n = a.shape[1]
        for i in range(a.shape[0]):
            for k in range(n):
                to = (k + shift) % n
                for j in range(a.shape[2]):
                    out[i, to, j] = a[i, k, j]
        return out.reshape(x.shape)

    return impl
