"""Named pieces of formulas, each made of primitives: they appear in rules, never in programs.

What is linear among them has its line in `transposes`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom
from adcompile.ir.primitives import axes_of
from adcompile.ir.types import Array, dtype_of, is_complex, rank, real_dtype
from adcompile.notation.tables import operation, static

Axis = int | tuple[int, ...] | None


@static
def inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    """The permutation that undoes one."""
    return tuple(int(k) for k in np.argsort(axes))


# -- axes, vectors and matrices -------------------------------------------------------------------------------------------


@operation()
def mT(b: Builder, a: Atom) -> Any:
    """A matrix, or each of a stack of them, transposed; written `a.T`."""
    n = rank(a.type)
    return b.emit("transpose", a, axes=(*range(n - 2), n - 1, n - 2))


@operation("axes")
def permuted(b: Builder, a: Atom, axes: tuple[int, ...]) -> Any:
    """The axes in another order; the array itself where that is the order they have."""
    return a if axes == tuple(range(len(axes))) else b.emit("transpose", a, axes=axes)


@operation()
def contiguous_reshape(b: Builder, x: Atom, *dims: Atom) -> Any:
    """`reshape` of what may lie with gaps in memory."""
    if isinstance(x.type, Array) and not x.type.contiguous:
        x = b.emit("copy", x)
    return b.emit("reshape", x, *dims)


def product(b: Builder, x: Atom, y: Atom) -> Any:
    return b.emit("matmul", x, y)


@operation()
def dot(b: Builder, x: Atom, y: Atom) -> Any:
    """Vector by vector."""
    return product(b, x, y)


@operation()
def mv(b: Builder, a: Atom, x: Atom) -> Any:
    """Matrix by vector."""
    return product(b, a, x)


@operation()
def vm(b: Builder, x: Atom, a: Atom) -> Any:
    """Vector by matrix."""
    return product(b, x, a)


@operation()
def bmm(b: Builder, x: Atom, y: Atom) -> Any:
    """Stacks of matrices, which broadcast."""
    return product(b, x, y)


@operation()
def bmv(b: Builder, a: Atom, x: Atom) -> Any:
    """Each matrix of a stack by one vector."""
    return product(b, a, x)


@operation()
def bvm(b: Builder, x: Atom, a: Atom) -> Any:
    """One vector by each matrix of a stack."""
    return product(b, x, a)


@operation()
def column(b: Builder, x: Atom) -> Any:
    """A vector, or each of a stack of them, as a matrix of one column."""
    return b.emit("view", x, index=("s000",) * rank(x.type) + ("n",))


@operation()
def row(b: Builder, x: Atom) -> Any:
    """A vector, or each of a stack of them, as a matrix of one row."""
    return b.emit("view", x, index=("s000",) * (rank(x.type) - 1) + ("n", "s000"))


@operation()
def outer(b: Builder, x: Atom, y: Atom) -> Any:
    """Column by row."""
    return b.emit("mul", column(b, x), row(b, y))


@operation()
def phi(b: Builder, a: Atom) -> Any:
    """The lower triangle of a matrix, with the diagonal halved."""
    return b.emit("mul", const(0.5), b.emit("add", b.emit("tril", a, k=0), b.emit("tril", a, k=-1)))


@operation()
def lower_symmetric(b: Builder, a: Atom) -> Any:
    """The symmetric matrix that has the lower triangle of `a`."""
    return b.emit("add", b.emit("tril", a, k=0), mT(b, b.emit("tril", a, k=-1)))


@operation()
def lower_folded(b: Builder, a: Atom) -> Any:
    """The lower triangle, with the upper one folded onto it: the transpose of `lower_symmetric`."""
    return b.emit("add", b.emit("tril", a, k=0), b.emit("tril", mT(b, a), k=-1))


@operation()
def upper_part(b: Builder, a: Atom) -> Any:
    """The upper triangle, with the lower one folded onto it: `a` without a skew-symmetric matrix."""
    return b.emit("add", b.emit("triu", a, k=0), mT(b, b.emit("tril", a, k=-1)))


@operation()
def upper_spread(b: Builder, g: Atom) -> Any:
    """The upper triangle, with a copy of it folded onto the lower one: the transpose of `upper_part`."""
    return b.emit("add", b.emit("triu", g, k=0), b.emit("tril", mT(b, g), k=-1))


def eye_like(b: Builder, a: Atom) -> Any:
    n = b.dim(a, 0)
    return b.emit("eye", n, n, k=0, dtype=real_dtype(dtype_of(a.type)))


@operation()
def diagonal_of(b: Builder, a: Atom) -> Any:
    """The diagonal of a square matrix."""
    return b.emit("sum", b.emit("mul", a, eye_like(b, a)), axis=-1, keepdims=False)


@operation()
def diagonal_matrix(b: Builder, x: Atom) -> Any:
    """The square matrix with a diagonal, and zero elsewhere."""
    return b.emit("mul", column(b, x), eye_like(b, x))


@operation()
def complement(b: Builder, a: Atom) -> Any:
    """One less a square matrix."""
    return b.emit("sub", eye_like(b, a), a)


@operation()
def unit_columns(b: Builder, c: Atom, v: Atom) -> Any:
    """Changes of unit vectors, the columns of `v`, without the part that would change their lengths."""
    along = b.emit("sum", b.emit("mul", v, c), axis=0, keepdims=True)
    return b.emit("sub", c, b.emit("mul", v, along))


@operation()
def gaps(b: Builder, w: Atom) -> Any:
    """The matrix of 1 / (w[j] - w[i]), with zeros on the diagonal; infinite where two are equal."""
    eye = eye_like(b, w)
    return b.emit("sub", b.emit("div", const(1.0), b.emit("add", b.emit("sub", row(b, w), column(b, w)), eye)), eye)


# -- reductions and scans -------------------------------------------------------------------------------------------


def with_reduced_axes(b: Builder, y: Atom, n: int, axis: Axis, keepdims: bool) -> Atom:
    """The result of a reduction of an array of rank `n`, with its reduced axes kept at length 1."""
    if keepdims or rank(y.type) == 0:
        return y
    axes = axes_of(axis, n)
    kept: Atom = b.emit("view", y, index=tuple("n" if k in axes else "s000" for k in range(n)))
    return kept


@operation("axis keepdims")
def expand(b: Builder, g: Atom, *rest: Any) -> Any:
    """A reduced result repeated along the reduced axes, to the axis lengths that follow it."""
    *dims, axis, keepdims = rest
    return b.emit("broadcast_to", with_reduced_axes(b, g, len(dims), axis, keepdims), *dims)


@operation()
def unrepeated(b: Builder, g: Atom, *dims: Atom) -> Any:
    """The sum over the axes along which something of these axis lengths, maybe a number, was repeated."""
    return b.emit("unbroadcast", g, *dims) if dims else b.emit("sum", g, axis=None, keepdims=False)


@operation("axis keepdims")
def extremal(b: Builder, x: Atom, y: Atom, axis: Axis, keepdims: bool) -> Any:
    """Weights of the elements of `x` that equal their extremum `y`: equal parts that add up to 1."""
    hits = b.emit("eq", x, with_reduced_axes(b, y, rank(x.type), axis, keepdims))
    ones = b.emit("cast", hits, dtype=dtype_of(x.type))
    return b.emit("div", ones, b.emit("sum", ones, axis=axis, keepdims=rank(y.type) > 0 or keepdims))


@operation("axis")
def before(b: Builder, x: Atom, start: Atom, axis: int) -> Any:
    """Each element's predecessor along an axis; `start` for the first."""
    rolled = b.emit("roll", x, const(1), axis=axis)
    index = ("s000",) * (axis % rank(x.type)) + ("s010",)
    return b.emit("store", rolled, start, const(1), index=index)


@operation("axis")
def others_along(b: Builder, x: Atom, axis: int) -> Any:
    """For each element the product of all others along an axis: of those before it and of those after it."""
    one = const(1.0)
    left = before(b, b.emit("cumprod", x, axis=axis), one, axis)
    reverse = b.emit("cumprod", b.emit("flip", x, axis=axis), axis=axis)
    right = b.emit("flip", before(b, reverse, one, axis), axis=axis)
    return b.emit("mul", left, right)


@operation("axis")
def others(b: Builder, x: Atom, axis: Axis) -> Any:
    """For each element the product of all others that `prod` multiplies it with; exact where some are zero."""
    n = rank(x.type)
    axes = axes_of(axis, n)
    if len(axes) == 1:
        return others_along(b, x, axes[0])
    kept = tuple(k for k in range(n) if k not in axes)
    order = (*kept, *axes)
    dims = b.dims(x)
    length = dims[axes[0]]
    for k in axes[1:]:
        length = b.emit("mul", length, dims[k])
    rows = contiguous_reshape(b, permuted(b, x, order), *(dims[k] for k in kept), length)
    result = b.emit("reshape", others_along(b, rows, len(kept)), *(dims[k] for k in order))
    return permuted(b, result, inverse(order))


# -- elementwise ----------------------------------------------------------------------------------------------------


@operation()
def nonzero(b: Builder, x: Atom) -> Any:
    """The value, or 1 where it is 0: a divisor for quotients that are 0 there."""
    return b.emit("where", b.emit("eq", x, const(0.0)), const(1.0), x)


@operation()
def xlogy(b: Builder, c: Atom, x: Atom) -> Any:
    """`c * log(x)`, and 0 where `c` is 0."""
    zero = b.emit("eq", c, const(0.0))
    return b.emit("where", zero, const(0.0), b.emit("mul", c, b.emit("log", b.emit("where", zero, const(1.0), x))))


@operation()
def wald_tail(b: Builder, m: Atom, scale: Atom, x: Atom) -> Any:
    """What the second term of Wald's distribution function has over its density: exp(2 l / m) Phi(-v) / p, v = sqrt(l / x) (x / m + 1)."""
    root = b.emit("sqrt", b.emit("div", x, scale))
    v = b.emit("div", b.emit("add", b.emit("div", x, m), const(1.0)), root)
    mills = b.emit("mul", const(1.2533141373155003), b.emit("erfcx", b.emit("mul", const(0.7071067811865476), v)))
    return b.emit("mul", mills, b.emit("mul", x, root))


@operation()
def real_part(b: Builder, g: Atom) -> Any:
    """The real part: all that a real value sees of a complex cotangent."""
    return b.emit("real", g) if is_complex(dtype_of(g.type)) else g
