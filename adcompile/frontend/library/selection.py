"""Taking elements out by number, finding where they belong, and writing into arrays in place.

Subscripts that the user writes belong to the lowering.
"""

from __future__ import annotations

from typing import Any

from adcompile.errors import ShapeError
from adcompile.frontend.library.arguments import kind, number, static_axis, static_flag, static_text
from adcompile.frontend.library.indexing import along, at, codes_of, steps, store, whole
from adcompile.frontend.library.registry import Handler, function
from adcompile.frontend.library.shapes import ravel
from adcompile.ir.build import Builder
from adcompile.ir.nodes import Atom
from adcompile.ir.types import dtype_of, rank


@function("numpy.take", methods="take")
def take(b: Builder, a: Any, indices: Any, axis: Any = None, *, mode: Any = "raise") -> Any:
    static_text(mode, "mode", ("raise",))
    x = ravel(b, a) if axis is None else number(b, a)
    k = 0 if axis is None else static_axis(axis, rank(x.type))
    picked = number(b, indices)
    if kind(picked) not in "iu":
        raise ShapeError("`np.take` takes integers as `indices`")
    return along(b, x, k, picked)


@function("numpy.take_along_axis")
def take_along_axis(b: Builder, arr: Any, indices: Any, axis: Any = -1) -> Any:
    x, picked = number(b, arr), number(b, indices)
    if axis is None:
        return at(b, ravel(b, x), ravel(b, picked))
    return at(b, x, *grid(b, x, picked, static_axis(axis, rank(x.type))))


def grid(b: Builder, x: Atom, picked: Atom, axis: int) -> list[Atom]:
    """Index arrays, one an axis, that select `picked` along an axis and stay in place along the others."""
    n = rank(x.type)
    if rank(picked.type) != n:
        raise ShapeError("`indices` and the array must have equally many axes")
    index = []
    for k in range(n):
        line = steps(b, b.dim(x, k))
        index.append(picked if k == axis else at(b, line, *(slice(None) if j == k else None for j in range(n))))
    return index


@function("numpy.put_along_axis", mutates=True)
def put_along_axis(b: Builder, arr: Any, indices: Any, values: Any, axis: Any) -> Any:
    return store(b, arr, number(b, values), *grid(b, arr, number(b, indices), static_axis(axis, rank(arr.type))))


@function("numpy.searchsorted", methods="searchsorted")
def searchsorted(b: Builder, a: Any, v: Any, side: Any = "left") -> Any:
    return b.emit("searchsorted", number(b, a), number(b, v), side=static_text(side, "side", ("left", "right")))


@function("numpy.digitize")
def digitize(b: Builder, x: Any, bins: Any, right: Any = False) -> Any:
    side = "left" if static_flag(right, "right") else "right"
    return b.emit("searchsorted", number(b, bins), number(b, x), side=side)


# -- in place ---------------------------------------------------------------------------------------------------


def stored_as(b: Builder, x: Atom, value: Any) -> Atom:
    """A value in the dtype of the array it is written into."""
    return b.to_dtype(number(b, value), dtype_of(x.type))


@function("", methods="fill", mutates=True)
def fill(b: Builder, x: Any, value: Any) -> Any:
    return store(b, x, stored_as(b, x, value), *whole(x))


@function("numpy.fill_diagonal", mutates=True)
def fill_diagonal(b: Builder, a: Any, val: Any, wrap: Any = False) -> Any:
    n = rank(a.type)
    if n < 2:
        raise ShapeError("`np.fill_diagonal` takes an array with at least 2 axes")
    dims = b.dims(a)
    line = steps(b, b.emit("minimum", dims[0], dims[1]))
    return store(b, a, stored_as(b, a, val), *[line] * n)


def accumulating(sign: str) -> Handler:
    """The handler of `np.add.at` or `np.subtract.at`."""

    def handler(b: Builder, a: Any, indices: Any, values: Any) -> Any:
        parts = indices if isinstance(indices, tuple) else (indices,)
        parts = tuple(part if isinstance(part, slice) or part is None else number(b, part) for part in parts)
        codes, operands = codes_of(parts)
        value = stored_as(b, a, values)
        return b.emit("accumulate", a, b.emit("neg", value) if sign == "-" else value, *operands, index=codes)

    return handler


function("numpy.add.at", mutates=True)(accumulating("+"))
function("numpy.subtract.at", mutates=True)(accumulating("-"))
