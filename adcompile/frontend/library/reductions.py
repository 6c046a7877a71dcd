"""Reductions and scans that are one primitive, or a few.

Those written in Python (variance, median, norms ...) are in `composites/reductions.py`.
"""

from __future__ import annotations

from typing import Any

from adcompile.frontend.library import markers
from adcompile.frontend.library.arguments import (
    kind,
    number,
    reduced_axes,
    static_axes,
    static_axis,
    static_dtype,
    static_flag,
    static_int,
)
from adcompile.frontend.library.dtypes import cast
from adcompile.frontend.library.elementwise import as_float, truth
from adcompile.frontend.library.indexing import along, product
from adcompile.frontend.library.registry import Handler, attribute, enter, function
from adcompile.frontend.library.shapes import ravel
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom
from adcompile.ir.types import dtype_of, rank, real_dtype


def reduce(b: Builder, primitive: str, x: Atom, axis: Any = None, keepdims: Any = False) -> Any:
    """Emit a reduction; a scalar is its own."""
    axes = reduced_axes(axis, rank(x.type))
    keep = static_flag(keepdims, "keepdims")
    if rank(x.type) == 0:
        return x
    return b.emit(primitive, x, axis=axes, keepdims=keep)


# -- sums and products ------------------------------------------------------------------------------------------


def accumulation(primitive: str, combine: str) -> Handler:
    """The handler of a sum or a product."""

    def handler(
        b: Builder,
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        *,
        keepdims: Any = False,
        initial: Any = None,
        where: Any = None,
    ) -> Any:
        x = widened(b, number(b, a), dtype)
        if where is not None:
            x = b.emit("where", truth(b, where), x, const(0 if primitive == "sum" else 1))
        result = reduce(b, primitive, x, axis, keepdims)
        return result if initial is None else b.emit(combine, result, number(b, initial))

    return handler


def widened(b: Builder, x: Atom, dtype: Any) -> Atom:
    """What a sum runs over: in the dtype asked for, or with small integers and flags made int64."""
    if dtype is not None:
        return cast(b, x, static_dtype(dtype))
    return b.to_dtype(x, "int64") if kind(x) in "bi" and dtype_of(x.type) != "int64" else x


enter("numpy.sum", accumulation("sum", "add"), methods="sum")
enter("numpy.prod", accumulation("prod", "mul"), methods="prod")


@function("numpy.mean", methods="mean")
def mean(b: Builder, a: Any, axis: Any = None, dtype: Any = None, *, keepdims: Any = False, where: Any = None) -> Any:
    x = number(b, a)
    x = as_float(b, x) if dtype is None else cast(b, x, static_dtype(dtype))
    if where is not None:
        flags = b.emit("broadcast_to", truth(b, where), *b.dims(x))
        total = reduce(b, "sum", b.emit("where", flags, x, const(0)), axis, keepdims)
        return divided(b, total, reduce(b, "sum", b.to_dtype(flags, "int64"), axis, keepdims))
    if rank(x.type) == 0:
        return x
    return divided(b, reduce(b, "sum", x, axis, keepdims), count(b, x, axis))


def count(b: Builder, x: Atom, axis: Any) -> Atom:
    """How many elements a reduction runs over."""
    return product(b, [b.dim(x, k) for k in static_axes(axis, rank(x.type))])


def divided(b: Builder, x: Atom, n: Atom) -> Atom:
    """An atom divided by a number of elements, in its own dtype."""
    dtype = real_dtype(dtype_of(x.type))
    result: Atom = b.emit("div", x, n if dtype == "float64" else b.to_dtype(n, dtype))
    return result


@attribute("size")
def size_attribute(b: Builder, x: Atom) -> Any:
    return product(b, b.dims(x))


@function("numpy.size")
def size(b: Builder, a: Any, axis: Any = None) -> Any:
    return count(b, number(b, a), axis)


@function("numpy.count_nonzero")
def count_nonzero(b: Builder, a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    return reduce(b, "sum", b.to_dtype(truth(b, a), "int64"), axis, keepdims)


# -- extremes and flags -----------------------------------------------------------------------------------------


def extreme(primitive: str, combine: str) -> Handler:
    """The handler of a maximum or a minimum."""

    def handler(b: Builder, a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any = None) -> Any:
        result = reduce(b, primitive, number(b, a), axis, keepdims)
        return result if initial is None else b.emit(combine, result, number(b, initial))

    return handler


enter("numpy.max numpy.amax", extreme("max", "maximum"), methods="max")
enter("numpy.min numpy.amin", extreme("min", "minimum"), methods="min")


@function("numpy.ptp")
def ptp(b: Builder, a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    x = number(b, a)
    return b.emit("sub", reduce(b, "max", x, axis, keepdims), reduce(b, "min", x, axis, keepdims))


def flags(primitive: str) -> Handler:
    """The handler of `any` or `all`."""

    def handler(b: Builder, a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
        return reduce(b, primitive, truth(b, a), axis, keepdims)

    return handler


enter("numpy.any", flags("any"), methods="any")
enter("numpy.all", flags("all"), methods="all")


def position(primitive: str) -> Handler:
    """The handler of `argmax` or `argmin`."""

    def handler(b: Builder, a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
        x = number(b, a)
        if rank(x.type) == 0:
            return const(0)
        where = None if axis is None else static_axis(axis, rank(x.type))
        if rank(x.type) == 1:
            where = None
        return b.emit(primitive, x, axis=where, keepdims=static_flag(keepdims, "keepdims"))

    return handler


enter("numpy.argmax", position("argmax"), methods="argmax")
enter("numpy.argmin", position("argmin"), methods="argmin")


# -- scans and orders -------------------------------------------------------------------------------------------


def scan(primitive: str) -> Handler:
    """The handler of a cumulative sum or product."""

    def handler(b: Builder, a: Any, axis: Any = None, dtype: Any = None) -> Any:
        x, k = flat_or_axis(b, widened(b, number(b, a), dtype), axis)
        return b.emit(primitive, x, axis=k)

    return handler


def flat_or_axis(b: Builder, x: Atom, axis: Any) -> tuple[Atom, int]:
    """An array and the axis along which to work: without an axis, all elements in a row."""
    if axis is None or rank(x.type) == 0:
        return ravel(b, x), 0
    return x, static_axis(axis, rank(x.type))


enter("numpy.cumsum", scan("cumsum"), methods="cumsum")
enter("numpy.cumprod", scan("cumprod"), methods="cumprod")


def order(primitive: str) -> Handler:
    """The handler of a sort."""

    def handler(b: Builder, a: Any, axis: Any = -1, kind: Any = None, *, stable: Any = None) -> Any:
        x, k = flat_or_axis(b, number(b, a), axis)
        return b.emit(primitive, x, axis=k)

    return handler


enter("numpy.sort", order("sort"))
enter("numpy.argsort", order("argsort"), methods="argsort")


@function("", methods="sort", mutates=True)
def sort_in_place(b: Builder, x: Any, axis: Any = -1, kind: Any = None) -> Any:
    return b.emit("sort", x, axis=static_axis(axis, rank(x.type)))


@function(f"{markers.__name__}.plain_diff")
def diff(b: Builder, a: Any, n: Any, axis: Any) -> Any:
    x = number(b, a)
    k = static_axis(axis, rank(x.type))
    for _ in range(static_int(n, "n")):
        later, earlier = along(b, x, k, slice(1, None)), along(b, x, k, slice(None, -1))
        x = b.emit("ne" if kind(x) == "b" else "sub", later, earlier)
    return x


# -- methods of ufuncs ------------------------------------------------------------------------------------------


def reduction_of(handler: Handler) -> Handler:
    """`np.add.reduce` and its like: reductions whose axis is 0 unless told otherwise."""

    def first_axis(b: Builder, array: Any, axis: Any = 0, *, keepdims: Any = False) -> Any:
        return handler(b, array, axis, keepdims=keepdims)

    return first_axis


def scan_of(handler: Handler) -> Handler:
    """`np.add.accumulate` and its like."""

    def first_axis(b: Builder, array: Any, axis: Any = 0) -> Any:
        return handler(b, array, axis)

    return first_axis


enter("numpy.add.reduce", reduction_of(accumulation("sum", "add")))
enter("numpy.multiply.reduce", reduction_of(accumulation("prod", "mul")))
enter("numpy.maximum.reduce", reduction_of(extreme("max", "maximum")))
enter("numpy.minimum.reduce", reduction_of(extreme("min", "minimum")))
enter("numpy.logical_and.reduce", reduction_of(flags("all")))
enter("numpy.logical_or.reduce", reduction_of(flags("any")))
enter("numpy.add.accumulate", scan_of(scan("cumsum")))
enter("numpy.multiply.accumulate", scan_of(scan("cumprod")))
