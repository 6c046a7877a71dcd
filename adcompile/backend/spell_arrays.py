"""How operations on whole arrays are written: reductions, scans, shapes, creation, linear algebra.

NumPy's own where Numba compiles it well and quickly, else `adcompile.runtime`. Elementwise operations and indices are elsewhere.
"""

from __future__ import annotations

import ast

from adcompile.backend.spell_elementwise import Spell, cast_to
from adcompile.backend.syntax import (
    Expr,
    Exprs,
    call,
    converted,
    dtype,
    length,
    literal,
    method,
    number,
    shape,
    size,
    tuple_of,
)
from adcompile.ir.nodes import Eqn
from adcompile.ir.primitives import axes_of
from adcompile.ir.types import Array, dtype_of, is_float, rank


def reduction(eqn: Eqn, x: Exprs) -> Expr:
    """Along all axes, NumPy's; along some, ours."""
    n = rank(eqn.operands[0].type)
    axes = axes_of(eqn["axis"], n)
    if len(axes) == n:
        whole = call(f"np.{eqn.primitive}", x[0])
        return call("np.full", literal((1,) * n), whole) if eqn["keepdims"] else whole
    axis = literal(axes[0] if len(axes) == 1 else axes)
    keywords = {"keepdims": ast.Constant(True)} if eqn["keepdims"] else {}
    return call(f"rt.{eqn.primitive}", x[0], axis=axis, **keywords)


def along_axis(eqn: Eqn, x: Exprs) -> Expr:
    """A function along one axis, counted from the front."""
    return call(f"rt.{eqn.primitive}", *x, literal(eqn["axis"] % rank(eqn.results[0].type)))


def partitioned(eqn: Eqn, x: Exprs) -> Expr:
    """argpartition"""
    return call("rt.argpartition", x[0], literal(eqn["kth"]), literal(eqn["axis"] % rank(eqn.results[0].type)))


def search(eqn: Eqn, x: Exprs) -> Expr:
    return call("np.searchsorted", *x, side=ast.Constant(eqn["side"]))


def placed_along(eqn: Eqn, x: Exprs) -> Expr:
    """put_along"""
    return call("rt.put_along", x[0], x[1], shape(x[2:]), literal(eqn["axis"] % (len(x) - 2)))


def axis_length(eqn: Eqn, x: Exprs) -> Expr:
    """shape"""
    return length(x[0], eqn["axis"], rank(eqn.operands[0].type))


def reshaped(eqn: Eqn, x: Exprs) -> Expr:
    source = eqn.operands[0].type
    if not isinstance(source, Array):
        return call("np.full", size(x[1:]), x[0]) if len(x) > 1 else x[0]
    if len(x) == 1:
        return method(x[0], "item")
    return method(x[0], "reshape", size(x[1:]))


def transposed(eqn: Eqn, x: Exprs) -> Expr:
    """Through the run-time library, which hides Fortran's order from Numba: what is computed from it then comes out in C's."""
    n = rank(eqn.operands[0].type)
    if n == 1:
        return x[0]
    axes = () if eqn["axes"] == tuple(reversed(range(n))) else (literal(eqn["axes"]),)
    tree = call("rt.transpose", x[0], *axes)
    tree.of_contiguous = eqn.operands[0].type.contiguous  # type: ignore[attr-defined, union-attr]
    return tree


def product(eqn: Eqn, x: Exprs) -> Expr:
    """`@` of vectors and matrices of one floating dtype goes to BLAS, which takes C's order and its transpose."""
    types = [o.type for o in eqn.operands]
    dtypes = {dtype_of(t) for t in types}
    if max(map(rank, types)) > 2 or len(dtypes) > 1 or not is_float(*dtypes):
        return call("rt.matmul", *x)
    left, right = (for_blas(e, t) for e, t in zip(x, types, strict=True))
    return ast.BinOp(left, ast.MatMult(), right)


def for_blas(operand: Expr, type_: object) -> Expr:
    """An operand of `@`, such that Numba knows it to be in C's order or in Fortran's."""
    match operand:
        case ast.Call(ast.Attribute(ast.Name("rt"), "transpose"), [source]) if getattr(operand, "of_contiguous", False):
            return ast.Attribute(source, "T", ast.Load())
    contiguous = isinstance(type_, Array) and type_.contiguous
    return operand if contiguous else call("np.ascontiguousarray", operand)


def broadcast(eqn: Eqn, x: Exprs) -> Expr:
    if isinstance(eqn.operands[0].type, Array):
        return call("rt.broadcast_to", x[0], shape(x[1:]))
    return call("np.full", size(x[1:]), x[0]) if len(x) > 1 else x[0]


def summed_to_shape(eqn: Eqn, x: Exprs) -> Expr:
    """unbroadcast"""
    if len(x) > 1:
        return call("rt.unbroadcast", x[0], shape(x[1:]))
    return call("np.sum", x[0]) if isinstance(eqn.operands[0].type, Array) else x[0]


def joined(eqn: Eqn, x: Exprs) -> Expr:
    """concatenate and stack"""
    axis = eqn["axis"] % rank(eqn.results[0].type)
    keywords = {"axis": literal(axis)} if axis else {}
    return call(f"np.{eqn.primitive}", tuple_of(x), **keywords)


def triangle(eqn: Eqn, x: Exprs) -> Expr:
    return call(f"rt.{eqn.primitive}", x[0], literal(eqn["k"]))


def created(eqn: Eqn, x: Exprs) -> Expr:
    """zeros and empty"""
    if not x:
        return number(0, eqn["dtype"])
    kind = () if eqn["dtype"] == "float64" else (dtype(eqn["dtype"]),)
    return call(f"np.{eqn.primitive}", size(x), *kind)


def filled(eqn: Eqn, x: Exprs) -> Expr:
    if len(x) == 1:
        return x[0]
    kind = () if dtype_of(eqn.operands[0].type) == eqn["dtype"] else (dtype(eqn["dtype"]),)
    return call("np.full", size(x[1:]), x[0], *kind)


def counted(eqn: Eqn, x: Exprs) -> Expr:
    """arange"""
    match x:
        case [ast.Constant(0), stop, ast.Constant(1)]:
            bounds: Exprs = [stop]
        case [start, stop, ast.Constant(1)]:
            bounds = [start, stop]
        case _:
            bounds = x
    if eqn["dtype"] == "int64" and all(dtype_of(o.type) == "int64" for o in eqn.operands):
        return call("np.arange", *bounds)
    return call("np.arange", *bounds, dtype=dtype(eqn["dtype"]))


def identity_matrix(eqn: Eqn, x: Exprs) -> Expr:
    """eye"""
    if eqn["k"] == 0 and eqn["dtype"] == "float64" and ast.dump(x[0]) == ast.dump(x[1]):
        return call("np.eye", x[0])
    return call("np.eye", x[0], x[1], literal(eqn["k"]), dtype(eqn["dtype"]))


def array(eqn: Eqn, x: Exprs) -> Expr:
    """np.array of numbers, nested as its shape says."""
    if not x:
        return call("np.zeros", literal(eqn["shape"]), dtype(eqn["dtype"]))
    items = [
        e if dtype_of(o.type) == eqn["dtype"] else converted(e, eqn["dtype"], dtype_of(o.type))
        for e, o in zip(x, eqn.operands, strict=True)
    ]
    return call("np.array", nested(eqn["shape"], items))


def nested(dims: tuple[int, ...], items: Exprs) -> Expr:
    """Items as tuples within tuples, which Numba makes an array of sooner than of lists."""
    if len(dims) == 1:
        return tuple_of(items)
    step = len(items) // dims[0]
    return tuple_of(nested(dims[1:], items[k * step : (k + 1) * step]) for k in range(dims[0]))


def copied(eqn: Eqn, x: Exprs) -> Expr:
    """copy and contiguous: a copy in C's order, or of a list."""
    return method(x[0], "copy")


def linear(eqn: Eqn, x: Exprs) -> Expr:
    """Linear algebra, in the dtype of its result."""
    target = dtype_of(eqn.results[0].type)
    sides = [
        e if dtype_of(o.type) == target else cast_to(e, o.type, target) for e, o in zip(x, eqn.operands, strict=True)
    ]
    return call(f"rt.{eqn.primitive}", *sides)


def pseudoinverse(eqn: Eqn, x: Exprs) -> Expr:
    return call("rt.pinv", *x, literal(eqn["rcond"]))


def fourier(eqn: Eqn, x: Exprs) -> Expr:
    """fft"""
    keywords = {"inverse": ast.Constant(True)} if eqn["inverse"] else {}
    return call("rt.fft", x[0], literal(eqn["axis"] % rank(eqn.results[0].type)), **keywords)


SPELLINGS: dict[str, Spell] = {
    **dict.fromkeys("sum prod max min any all argmax argmin".split(), reduction),
    **dict.fromkeys("cumsum cumprod sort argsort take_along recurrence flip roll".split(), along_axis),
    **dict.fromkeys(("concatenate", "stack"), joined),
    **dict.fromkeys(("tril", "triu"), triangle),
    **dict.fromkeys(("zeros", "empty"), created),
    **dict.fromkeys(("copy", "contiguous"), copied),
    **dict.fromkeys("solve inv cholesky det".split(), linear),
    "pinv": pseudoinverse,
    "fft": fourier,
    "argpartition": partitioned,
    "searchsorted": search,
    "put_along": placed_along,
    "shape": axis_length,
    "reshape": reshaped,
    "transpose": transposed,
    "matmul": product,
    "broadcast_to": broadcast,
    "unbroadcast": summed_to_shape,
    "full": filled,
    "arange": counted,
    "eye": identity_matrix,
    "array": array,
}
