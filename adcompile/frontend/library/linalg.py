"""Linear algebra: products of all ranks, and what is one primitive; `einsum` is in `einsum.py`.

Norms, powers of matrices and statistics are in `composites/linalg.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adcompile.errors import ShapeError, Unsupported
from adcompile.frontend.library import markers
from adcompile.frontend.library.arguments import (
    describe,
    known,
    number,
    static_axes,
    static_int,
)
from adcompile.frontend.library.dtypes import conj
from adcompile.frontend.library.elementwise import as_float
from adcompile.frontend.library.indexing import at, product, whole
from adcompile.frontend.library.reductions import reduce
from adcompile.frontend.library.registry import Handler, enter, function
from adcompile.frontend.library.shapes import permuted, ravel, reshaped
from adcompile.ir.build import Builder
from adcompile.ir.nodes import Atom
from adcompile.ir.types import dtype_of, promote, rank

# -- products ---------------------------------------------------------------------------------------------------


@function("numpy.matmul numpy.linalg.matmul")
def matmul(b: Builder, x1: Any, x2: Any) -> Any:
    x, y = number(b, x1), number(b, x2)
    if not rank(x.type) or not rank(y.type):
        scalar = x if not rank(x.type) else y
        raise ShapeError(f"`@` takes arrays, not {describe(scalar)}", help="use `*` to multiply by a number")
    return b.emit("matmul", x, y)


@function("numpy.dot", methods="dot")
def dot(b: Builder, a: Any, b_: Any) -> Any:
    x, y = number(b, a), number(b, b_)
    if not rank(x.type) or not rank(y.type):
        return b.emit("mul", x, y)
    if rank(y.type) == 1 or max(rank(x.type), rank(y.type)) <= 2:
        return b.emit("matmul", x, y)
    return contracted(b, x, y, [rank(x.type) - 1], [rank(y.type) - 2])


@function("numpy.inner")
def inner(b: Builder, a: Any, b_: Any) -> Any:
    x, y = number(b, a), number(b, b_)
    if not rank(x.type) or not rank(y.type):
        return b.emit("mul", x, y)
    return contracted(b, x, y, [rank(x.type) - 1], [rank(y.type) - 1])


@function("numpy.vdot")
def vdot(b: Builder, a: Any, b_: Any) -> Any:
    return b.emit("matmul", conj(b, ravel(b, a)), ravel(b, b_))


@function("numpy.vecdot numpy.linalg.vecdot")
def vecdot(b: Builder, x1: Any, x2: Any, *, axis: Any = -1) -> Any:
    return reduce(b, "sum", b.emit("mul", conj(b, x1), number(b, x2)), axis)


@function("numpy.tensordot numpy.linalg.tensordot")
def tensordot(b: Builder, a: Any, b_: Any, axes: Any = 2) -> Any:
    x, y = number(b, a), number(b, b_)
    spec = known(axes, "axes")
    if isinstance(spec, tuple):
        left, right = (static_axes(part, rank(z.type), "axes") for part, z in zip(spec, (x, y), strict=True))
    else:
        n = static_int(axes, "axes")
        left, right = tuple(range(rank(x.type) - n, rank(x.type))), tuple(range(n))
    if len(left) != len(right):
        raise ShapeError("`axes` must name equally many axes of both arrays")
    return contracted(b, x, y, left, right)


def contracted(b: Builder, x: Atom, y: Atom, left: Sequence[int], right: Sequence[int]) -> Any:
    """The sum of products over pairs of axes, as one product of matrices."""
    rows = [k for k in range(rank(x.type)) if k not in left]
    columns = [k for k in range(rank(y.type)) if k not in right]
    row_dims, column_dims = [b.dim(x, k) for k in rows], [b.dim(y, k) for k in columns]
    inner_dims = [b.dim(x, k) for k in left]
    x, y = permuted(b, x, [*rows, *left]), permuted(b, y, [*right, *columns])
    if len(left) != 1 or len(rows) > 1:
        parts = [product(b, row_dims)] if rows else []
        x = reshaped(b, x, [*parts, product(b, inner_dims)])
    if len(right) != 1 or len(columns) > 1:
        parts = [product(b, column_dims)] if columns else []
        y = reshaped(b, y, [product(b, inner_dims), *parts])
    result = b.emit("matmul", x, y)
    wanted = [*row_dims, *column_dims]
    return result if len(rows) <= 1 and len(columns) <= 1 else reshaped(b, result, wanted)


@function("numpy.outer numpy.linalg.outer numpy.multiply.outer")
def outer(b: Builder, a: Any, b_: Any) -> Any:
    x, y = ravel(b, a), ravel(b, b_)
    return b.emit("mul", at(b, x, slice(None), None), at(b, y, None, slice(None)))


def outer_of(primitive: str) -> Handler:
    """The handler of the method `outer` of a ufunc."""

    def handler(b: Builder, A: Any, B: Any) -> Any:
        x, y = number(b, A), number(b, B)
        if rank(x.type) and rank(y.type):
            x = at(b, x, *whole(x), *[None] * rank(y.type))
        return b.emit(primitive, x, y)

    return handler


for ufunc, name in {"add": "add", "subtract": "sub", "multiply": "mul", "divide": "div", "power": "pow"}.items():
    enter(f"numpy.{ufunc}.outer", outer_of(name))
for name in ("maximum", "minimum", "hypot", "arctan2"):
    enter(f"numpy.{name}.outer", outer_of(name))


# -- functions of matrices --------------------------------------------------------------------------------------


def matrix(b: Builder, x: Any, name: str) -> Atom:
    """A floating-point matrix; stacks of matrices are refused."""
    a = number(b, x)
    if rank(a.type) != 2:
        raise Unsupported(
            f"`{name}` takes a matrix, not {describe(a)}",
            help="loop over the first axis" if rank(a.type) > 2 else "",
        )
    return as_float(b, a)


def of_matrix(primitive: str, name: str) -> Handler:
    """The handler of a function of one matrix."""

    def handler(b: Builder, a: Any) -> Any:
        return b.emit(primitive, matrix(b, a, name))

    return handler


for primitive_name in ("inv", "det", "slogdet", "cholesky"):
    enter(f"{markers.__name__}.matrix_{primitive_name}", of_matrix(primitive_name, f"np.linalg.{primitive_name}"))


@function(f"{markers.__name__}.matrix_solve")
def solve(b: Builder, a: Any, b_: Any) -> Any:
    x, y = matrix(b, a, "np.linalg.solve"), as_float(b, number(b, b_))
    if rank(y.type) not in (1, 2):
        raise Unsupported(f"`np.linalg.solve` takes a vector or a matrix on the right, not {describe(y)}")
    dtype = promote(x.type, y.type)
    return b.emit("solve", b.to_dtype(x, dtype), b.to_dtype(y, dtype))


@function("numpy.linalg.matrix_power")
def matrix_power(b: Builder, a: Any, n: Any) -> Any:
    x = number(b, a)
    power = static_int(n, "n")
    if rank(x.type) < 2:
        raise ShapeError(f"`np.linalg.matrix_power` takes a matrix, not {describe(x)}")
    if power == 0:
        size = b.dim(matrix(b, x, "np.linalg.matrix_power"), 0)
        return b.emit("eye", size, size, k=0, dtype=dtype_of(x.type))
    if power < 0:
        x, power = b.emit("inv", matrix(b, x, "np.linalg.matrix_power")), -power
    return repeated(b, x, power)


def repeated(b: Builder, x: Atom, power: int) -> Atom:
    """A power of a matrix by squaring."""
    if power == 1:
        return x
    half = repeated(b, x, power // 2)
    result: Atom = b.emit("matmul", half, half)
    return b.emit("matmul", result, x) if power % 2 else result


@function("numpy.linalg.multi_dot")
def multi_dot(b: Builder, arrays: Any) -> Any:
    if not isinstance(arrays, tuple | list) or len(arrays) < 2:
        raise Unsupported("`np.linalg.multi_dot` takes a tuple or list of at least two arrays, written in place")
    result = number(b, arrays[0])
    for x in arrays[1:]:
        result = b.emit("matmul", result, number(b, x))
    return result
