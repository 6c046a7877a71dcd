"""Changing the shape of an array: reshape, transposition, new axes, reversal, shifts.

Repetition is in `repetition.py`, joining and splitting in `joining.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adcompile.errors import ShapeError, Unsupported
from adcompile.frontend.library.arguments import (
    array,
    dims_of,
    known,
    number,
    static,
    static_axes,
    static_axis,
    static_dtype,
    static_int,
    static_text,
)
from adcompile.frontend.library.indexing import at, product
from adcompile.frontend.library.registry import attribute, function, method
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom
from adcompile.ir.types import Array, dtype_of, rank


@attribute("shape")
def shape_attribute(b: Builder, x: Atom) -> Any:
    return tuple(b.dims(x))


@function("numpy.shape")
def shape(b: Builder, a: Any) -> Any:
    return tuple(b.dims(number(b, a)))


@attribute("ndim")
def ndim_attribute(b: Builder, x: Atom) -> Any:
    return const(rank(x.type))


@function("numpy.ndim")
def ndim(b: Builder, a: Any) -> Any:
    return const(rank(number(b, a).type))


# -- reshape ----------------------------------------------------------------------------------------------------


def in_order(b: Builder, x: Atom) -> Atom:
    """The array itself where it is known to lie in C order, else one that does."""
    assert isinstance(x.type, Array)
    result: Atom = x if x.type.contiguous else b.emit("contiguous", x)
    return result


def reshaped(b: Builder, x: Atom, dims: Sequence[Atom]) -> Atom:
    """Emit a reshape; one length may be -1."""
    if rank(x.type) == 0:
        return filled(b, x, [const(1) if static(dim) == -1 else dim for dim in dims])
    unknown = [k for k, dim in enumerate(dims) if static(dim) == -1]
    if len(unknown) > 1:
        raise ShapeError("only one length of a shape can be -1")
    if unknown:
        others = product(b, [dim for k, dim in enumerate(dims) if k not in unknown])
        total = product(b, b.dims(x))
        rest = total if static(others) == 1 else b.emit("floordiv", total, others)
        dims = [rest if k in unknown else dim for k, dim in enumerate(dims)]
    if not dims:
        return at(b, x, *[0] * rank(x.type))
    result: Atom = b.emit("reshape", in_order(b, x), *dims)
    return result


def filled(b: Builder, x: Atom, dims: Sequence[Atom]) -> Atom:
    """A fresh array that repeats a scalar or array over a shape."""
    dtype = dtype_of(x.type)
    if not dims:
        return x
    if rank(x.type) == 0:
        result: Atom = b.emit("full", b.to_dtype(x, dtype), *dims, dtype=dtype)
        return result
    result = b.emit("store", b.emit("empty", *dims, dtype=dtype), x, index=())
    return result


@function("numpy.reshape")
def reshape(b: Builder, a: Any, shape: Any = None, order: Any = "C", *, newshape: Any = None, copy: Any = None) -> Any:
    x, dims = number(b, a), dims_of(b, newshape if shape is None else shape)
    if static_text(order, "order", ("C", "F")) == "C" or rank(x.type) == 0:
        return reshaped(b, x, dims)
    # the first index runs fastest: the same in C order with all axes reversed
    backward = reshaped(b, permuted(b, x, range(rank(x.type))[::-1]), dims[::-1])
    return permuted(b, backward, range(rank(backward.type))[::-1])


@function("", methods="reshape")
def reshape_method(b: Builder, x: Any, *shape: Any, order: Any = "C") -> Any:
    return reshape(b, x, shape[0] if len(shape) == 1 else shape, order)


@function("numpy.ravel", methods="ravel")
def ravel(b: Builder, a: Any, order: Any = "C") -> Any:
    x = array(b, a)
    if static_text(order, "order", ("C", "F")) == "F":
        x = permuted(b, x, range(rank(x.type))[::-1])
    return in_order(b, x) if rank(x.type) == 1 else reshaped(b, x, [const(-1)])


@function("", methods="flatten")
def flatten(b: Builder, x: Any, order: Any = "C") -> Any:
    return ravel(b, b.emit("copy", x), order)


# -- axes -------------------------------------------------------------------------------------------------------


def permuted(b: Builder, x: Atom, axes: Sequence[int]) -> Atom:
    """Emit a transposition, where it changes anything."""
    if tuple(axes) == tuple(range(rank(x.type))):
        return x
    result: Atom = b.emit("transpose", x, axes=tuple(axes))
    return result


@function("numpy.transpose numpy.permute_dims")
def transpose(b: Builder, a: Any, axes: Any = None) -> Any:
    x = number(b, a)
    n = rank(x.type)
    order = tuple(range(n))[::-1] if axes is None else static_axes(axes, n, "axes")
    if len(order) != n:
        raise ShapeError(f"`axes` names {len(order)} axes, but the array has {n}")
    return permuted(b, x, order)


@function("", methods="transpose")
def transpose_method(b: Builder, x: Any, *axes: Any) -> Any:
    if not axes:
        return transpose(b, x)
    return transpose(b, x, axes[0] if len(axes) == 1 and not isinstance(known(axes[0], "axes"), int) else axes)


@attribute("T")
def transpose_attribute(b: Builder, x: Atom) -> Any:
    return transpose(b, x)


@attribute("mT")
@function("numpy.matrix_transpose numpy.linalg.matrix_transpose")
def matrix_transpose(b: Builder, x: Any) -> Any:
    return swapaxes(b, x, -1, -2)


@function("numpy.swapaxes", methods="swapaxes")
def swapaxes(b: Builder, a: Any, axis1: Any, axis2: Any) -> Any:
    x = number(b, a)
    order = list(range(rank(x.type)))
    i, j = static_axis(axis1, len(order), "axis1"), static_axis(axis2, len(order), "axis2")
    order[i], order[j] = j, i
    return permuted(b, x, order)


@function("numpy.moveaxis")
def moveaxis(b: Builder, a: Any, source: Any, destination: Any) -> Any:
    x = number(b, a)
    n = rank(x.type)
    sources, targets = static_axes(source, n, "source"), static_axes(destination, n, "destination")
    if len(sources) != len(targets):
        raise ShapeError("`source` and `destination` must name equally many axes")
    order = [k for k in range(n) if k not in sources]
    for target, origin in sorted(zip(targets, sources, strict=True)):
        order.insert(target, origin)
    return permuted(b, x, order)


@function("numpy.rollaxis")
def rollaxis(b: Builder, a: Any, axis: Any, start: Any = 0) -> Any:
    x = number(b, a)
    n = rank(x.type)
    k, target = static_axis(axis, n), static_int(start, "start") % (n + 1)
    order = [i for i in range(n) if i != k]
    order.insert(target - (k < target), k)
    return permuted(b, x, order)


@function("numpy.expand_dims")
def expand_dims(b: Builder, a: Any, axis: Any) -> Any:
    x = number(b, a)
    value = known(axis, "axis")
    n = rank(x.type) + (len(value) if isinstance(value, tuple) else 1)
    new = static_axes(value, n)
    return with_axes(b, x, [None if k in new else slice(None) for k in range(n)])


def with_axes(b: Builder, x: Atom, parts: Sequence[Any]) -> Atom:
    """Emit ``x[parts]``, where the parts are whole and new axes; a scalar becomes an array."""
    if rank(x.type) == 0:
        return filled(b, x, [const(1)] * len(parts))
    return at(b, x, *parts) if None in parts else x


@function("numpy.squeeze", methods="squeeze")
def squeeze(b: Builder, a: Any, axis: Any = None) -> Any:
    x = number(b, a)
    if axis is None:
        lengths = [static(b.dim(x, k)) for k in range(rank(x.type))]
        if not all(isinstance(n, int) for n in lengths):
            raise Unsupported(
                "`squeeze` must say which axes: their lengths are not known when the function is compiled",
                help="write `axis=...`",
            )
        axes = tuple(k for k, n in enumerate(lengths) if n == 1)
    else:
        axes = static_axes(axis, rank(x.type))
    if not axes:
        return x
    return at(b, x, *(0 if k in axes else slice(None) for k in range(rank(x.type))))


@function("numpy.atleast_1d")
def atleast_1d(b: Builder, *arys: Any) -> Any:
    return one_or_all([array(b, a) for a in arys])


@function("numpy.atleast_2d")
def atleast_2d(b: Builder, *arys: Any) -> Any:
    return one_or_all([two_axes(b, a) for a in arys])


@function("numpy.atleast_3d")
def atleast_3d(b: Builder, *arys: Any) -> Any:
    return one_or_all([three_axes(b, a) for a in arys])


def one_or_all(results: list[Atom]) -> Any:
    """A single result bare, several as a tuple."""
    return results[0] if len(results) == 1 else tuple(results)


def two_axes(b: Builder, a: Any) -> Atom:
    """An array of rank at least 2: a vector becomes a row."""
    x = array(b, a)
    return at(b, x, None, slice(None)) if rank(x.type) == 1 else x


def three_axes(b: Builder, a: Any) -> Atom:
    """An array of rank at least 3, by NumPy's rule."""
    x = array(b, a)
    parts = {1: [None, slice(None), None], 2: [slice(None), slice(None), None]}.get(rank(x.type))
    return at(b, x, *parts) if parts else x


# -- reversal and shifts ----------------------------------------------------------------------------------------
# reversal is a view, as in NumPy


@function("numpy.flip")
def flip(b: Builder, m: Any, axis: Any = None) -> Any:
    x = number(b, m)
    axes = static_axes(axis, rank(x.type))
    return at(b, x, *(slice(None, None, -1 if k in axes else None) for k in range(rank(x.type))))


@function("numpy.flipud")
def flipud(b: Builder, m: Any) -> Any:
    return flip(b, m, 0)


@function("numpy.fliplr")
def fliplr(b: Builder, m: Any) -> Any:
    return flip(b, m, 1)


@function("numpy.rot90")
def rot90(b: Builder, m: Any, k: Any = 1, axes: Any = (0, 1)) -> Any:
    x = number(b, m)
    first, second = static_axes(axes, rank(x.type), "axes")
    turns = static_int(k, "k") % 4
    if turns == 2:
        return flip(b, x, (first, second))
    if turns == 1:
        return swapaxes(b, flip(b, x, second), first, second)
    return flip(b, swapaxes(b, x, first, second), second) if turns == 3 else x


@function("numpy.roll")
def roll(b: Builder, a: Any, shift: Any, axis: Any = None) -> Any:
    x = number(b, a)
    if axis is None and rank(x.type) > 1:
        return reshaped(b, roll(b, ravel(b, x), shift, 0), b.dims(x))
    axes = static_axes(0 if axis is None else axis, rank(x.type))
    shifts = shift if isinstance(shift, tuple | list) else [shift] * len(axes)
    for k, distance in zip(axes, shifts, strict=True):
        x = b.emit("roll", x, number(b, distance), axis=k)
    return x


@attribute("flat")
def flat(b: Builder, x: Atom) -> Any:
    """The elements in a row; to be read only, where NumPy would let one write."""
    return b.emit("contiguous", ravel(b, x))


@method("view")
def view(b: Builder, x: Any, dtype: Any = None) -> Any:
    if dtype is not None and static_dtype(dtype) != dtype_of(x.type):
        raise Unsupported("`.view` with another dtype is not supported", help="use `.astype`")
    return x
