"""Triangles and diagonals of matrices."""

from __future__ import annotations

from typing import Any

from adcompile.errors import ShapeError
from adcompile.frontend.library.arguments import describe, number, static_axis, static_int
from adcompile.frontend.library.elementwise import truth
from adcompile.frontend.library.indexing import add, along, product
from adcompile.frontend.library.reductions import reduce, widened
from adcompile.frontend.library.registry import Handler, enter, function
from adcompile.frontend.library.shapes import permuted, reshaped
from adcompile.ir.build import Builder, const, zero
from adcompile.ir.nodes import Atom
from adcompile.ir.types import FLOAT, Scalar, dtype_of, rank


def triangle(primitive: str) -> Handler:
    """The handler of `tril` or `triu`."""

    def handler(b: Builder, m: Any, k: Any = 0) -> Any:
        x = number(b, m)
        if rank(x.type) < 2:
            raise ShapeError(f"`np.{primitive}` takes a matrix, not {describe(x)}")
        offset = static_int(k, "k")
        if rank(x.type) == 2:
            return b.emit(primitive, x, k=offset)
        ones = b.emit("full", const(1.0, FLOAT), *b.dims(x)[-2:], dtype="float64")
        return b.emit("where", truth(b, b.emit(primitive, ones, k=offset)), x, zero(Scalar(dtype_of(x.type))))

    return handler


enter("numpy.tril", triangle("tril"))
enter("numpy.triu", triangle("triu"))


def diagonal_slice(b: Builder, rows: Atom, columns: Atom, k: int) -> slice:
    """Where the elements of a diagonal lie in a matrix whose rows are laid end to end."""
    down, right = max(-k, 0), max(k, 0)
    height, width = add(b, rows, -down), add(b, columns, -right)
    n = height if height == width else b.emit("minimum", height, width)
    if k:
        n = b.emit("maximum", n, const(0))
    step = add(b, columns, 1)
    start = add(b, product(b, [const(down), columns]) if down else const(0), right)
    return slice(start, add(b, start, b.emit("mul", n, step)), step)


@function("numpy.diagonal", methods="diagonal")
def diagonal(b: Builder, a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
    """A view with a stride, as in NumPy."""
    x = number(b, a)
    n = rank(x.type)
    if n < 2:
        raise ShapeError(f"a diagonal is that of a matrix, not of {describe(x)}")
    first, second = static_axis(axis1, n, "axis1"), static_axis(axis2, n, "axis2")
    rest = [k for k in range(n) if k not in (first, second)]
    x = permuted(b, x, [*rest, first, second])
    *dims, rows, columns = b.dims(x)
    flat = reshaped(b, x, [*dims, product(b, [rows, columns])])
    return along(b, flat, n - 2, diagonal_slice(b, rows, columns, static_int(offset, "offset")))


@function("numpy.trace", methods="trace")
def trace(b: Builder, a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
    picked = widened(b, diagonal(b, a, offset, axis1, axis2), None)
    return reduce(b, "sum", picked, -1)


@function("numpy.linalg.diagonal")
def last_diagonal(b: Builder, x: Any, /, *, offset: Any = 0) -> Any:
    return diagonal(b, x, offset, -2, -1)


@function("numpy.linalg.trace")
def last_trace(b: Builder, x: Any, /, *, offset: Any = 0) -> Any:
    return reduce(b, "sum", diagonal(b, x, offset, -2, -1), -1)
