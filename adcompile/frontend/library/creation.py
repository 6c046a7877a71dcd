"""Making arrays: from numbers and lists, of zeros and ones, of ranges, and along diagonals."""

from __future__ import annotations

from typing import Any

from adcompile.errors import ShapeError, Unsupported
from adcompile.frontend.library.arguments import (
    array,
    describe,
    dims_of,
    kind,
    number,
    scalar,
    static,
    static_dtype,
    static_flag,
    static_int,
    static_text,
    strong,
)
from adcompile.frontend.library.diagonals import diagonal, diagonal_slice
from adcompile.frontend.library.dtypes import cast
from adcompile.frontend.library.elementwise import as_float, copied
from adcompile.frontend.library.indexing import add, at, product, steps, store
from adcompile.frontend.library.registry import Handler, enter, function
from adcompile.frontend.library.shapes import filled, in_order, ravel, reshaped
from adcompile.ir.build import Builder, const, zero
from adcompile.ir.nodes import Atom, Const
from adcompile.ir.types import Scalar, dtype_of, promote, rank

# -- from what is there -----------------------------------------------------------------------------------------


@function("numpy.array")
def new_array(b: Builder, object: Any, dtype: Any = None, *, copy: Any = True, ndmin: Any = 0) -> Any:
    x = in_dtype(b, object, dtype)
    while rank(x.type) < static_int(ndmin, "ndmin"):
        x = at(b, x, None) if rank(x.type) else array(b, x)
    return b.emit("copy", x) if x is object and rank(x.type) and static(copy) else x


def in_dtype(b: Builder, x: Any, dtype: Any) -> Atom:
    """An argument as an array of a dtype, or of its own."""
    a = number(b, x)
    if dtype is None:
        return strong(a)
    return cast(b, a, static_dtype(dtype))


@function("numpy.asarray numpy.asanyarray numpy.asarray_chkfinite")
def asarray(b: Builder, a: Any, dtype: Any = None, *, copy: Any = None) -> Any:
    return in_dtype(b, a, dtype)


@function("numpy.ascontiguousarray")
def ascontiguousarray(b: Builder, a: Any, dtype: Any = None) -> Any:
    x = in_dtype(b, a, dtype)
    return in_order(b, x) if rank(x.type) else array(b, x)


@function("numpy.asfortranarray")
def asfortranarray(b: Builder, a: Any, dtype: Any = None) -> Any:
    x = in_dtype(b, a, dtype)
    return copied(b, x) if rank(x.type) > 1 else x


@function("numpy.asfarray")
def asfarray(b: Builder, a: Any) -> Any:
    return as_float(b, strong(number(b, a)))


@function("numpy.copy", methods="copy")
def copy(b: Builder, a: Any, order: Any = None) -> Any:
    x = number(b, a)
    return b.emit("copy", x) if rank(x.type) and x is a else x


# -- of one value -----------------------------------------------------------------------------------------------


def constant(b: Builder, dims: list[Atom], value: Any, dtype: str) -> Any:
    """An array of one value, or of no value in particular; a shape of () is a number."""
    if not dims:
        return zero(Scalar(dtype)) if value is None else b.to_dtype(number(b, value), dtype)
    if value is None:
        return b.emit("empty", *dims, dtype=dtype)
    if static(value) == 0:
        return b.emit("zeros", *dims, dtype=dtype)
    return filled(b, cast(b, value, dtype), dims)


def creator(value: Any) -> Handler:
    """The handler of `zeros`, `ones` or `empty`."""

    def handler(b: Builder, shape: Any, dtype: Any = None, order: Any = "C") -> Any:
        return constant(b, dims_of(b, shape), value, static_dtype(dtype, "float64"))

    return handler


def creator_like(value: Any) -> Handler:
    """The handler of `zeros_like`, `ones_like` or `empty_like`."""

    def handler(b: Builder, a: Any, dtype: Any = None, order: Any = "K", subok: Any = True, shape: Any = None) -> Any:
        x = number(b, a)
        dims = list(b.dims(x)) if shape is None else dims_of(b, shape)
        return constant(b, dims, value, static_dtype(dtype, dtype_of(x.type)))

    return handler


for creator_name, content in (("zeros", 0), ("ones", 1), ("empty", None)):
    enter(f"numpy.{creator_name}", creator(content))
    enter(f"numpy.{creator_name}_like", creator_like(content))


@function("numpy.full")
def full(b: Builder, shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C") -> Any:
    value = number(b, fill_value)
    return filled(b, cast(b, value, static_dtype(dtype, dtype_of(value.type))), dims_of(b, shape))


@function("numpy.full_like")
def full_like(b: Builder, a: Any, fill_value: Any, dtype: Any = None, *, shape: Any = None) -> Any:
    x = number(b, a)
    dims = list(b.dims(x)) if shape is None else dims_of(b, shape)
    return filled(b, cast(b, fill_value, static_dtype(dtype, dtype_of(x.type))), dims)


# -- ranges -----------------------------------------------------------------------------------------------------


@function("numpy.arange")
def arange(b: Builder, start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Any:
    ends = [const(0), start] if stop is None else [start, stop]
    first, last, stride = (scalar(b, x, "np.arange") for x in (*ends, const(1) if step is None else step))
    natural = promote(first.type, last.type, stride.type)
    name = static_dtype(dtype, natural)
    if kind(first) in "iu" and kind(last) in "iu" and kind(stride) in "iu":
        return cast(b, b.emit("arange", first, last, stride, dtype="int64"), name)
    if all(isinstance(x, Const) for x in (first, last, stride)):
        return b.emit("arange", *(b.to_dtype(x, name) for x in (first, last, stride)), dtype=name)
    span = b.emit("div", b.emit("sub", last, first), stride)
    count = b.emit("maximum", b.to_dtype(b.emit("ceil", span), "int64"), const(0))
    places = b.to_dtype(steps(b, count), natural)
    return cast(b, b.emit("add", first, b.emit("mul", places, stride)), name)


@function("numpy.eye")
def eye(b: Builder, N: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> Any:
    rows, columns = number(b, N), number(b, N if M is None else M)
    return b.emit("eye", rows, columns, k=static_int(k, "k"), dtype=static_dtype(dtype, "float64"))


@function("numpy.identity")
def identity(b: Builder, n: Any, dtype: Any = None) -> Any:
    return eye(b, n, dtype=dtype)


@function("numpy.tri")
def tri(b: Builder, N: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> Any:
    dims = [number(b, N), number(b, N if M is None else M)]
    return b.emit("tril", constant(b, dims, 1, static_dtype(dtype, "float64")), k=static_int(k, "k"))


@function("numpy.diag")
def diag(b: Builder, v: Any, k: Any = 0) -> Any:
    x = number(b, v)
    if rank(x.type) == 2:
        return diagonal(b, x, k)
    if rank(x.type) != 1:
        raise ShapeError(f"`np.diag` takes a vector or a matrix, not {describe(x)}")
    offset = static_int(k, "k")
    n = add(b, b.dim(x, 0), abs(offset))
    flat = b.emit("zeros", product(b, [n, n]), dtype=dtype_of(x.type))
    return reshaped(b, store(b, flat, x, diagonal_slice(b, n, n, offset)), [n, n])


@function("numpy.diagflat")
def diagflat(b: Builder, v: Any, k: Any = 0) -> Any:
    return diag(b, ravel(b, v), k)


@function("numpy.meshgrid")
def meshgrid(b: Builder, *xi: Any, copy: Any = True, sparse: Any = False, indexing: Any = "xy") -> Any:
    lines = [ravel(b, x) for x in xi]
    n = len(lines)
    axes = list(range(n))
    if static_text(indexing, "indexing", ("xy", "ij")) == "xy" and n > 1:
        axes[:2] = [1, 0]
    lengths: list[Atom] = [const(1)] * n
    for axis, line in zip(axes, lines, strict=True):
        lengths[axis] = b.dim(line, 0)
    grids = []
    for axis, line in zip(axes, lines, strict=True):
        spread = at(b, line, *(slice(None) if k == axis else None for k in range(n)))
        grids.append(b.emit("copy", spread) if static_flag(sparse, "sparse") else filled(b, spread, lengths))
    return grids


@function("numpy.indices")
def indices(b: Builder, dimensions: Any, dtype: Any = None) -> Any:
    dims = dims_of(b, dimensions)
    grids = meshgrid(b, *(steps(b, n) for n in dims), indexing="ij")
    stacked = b.emit("stack", *grids, axis=0)
    return cast(b, stacked, static_dtype(dtype, "int64"))


@function("numpy.ix_")
def ix(b: Builder, *args: Any) -> Any:
    lines = [number(b, x) for x in args]
    if any(kind(x) == "b" for x in lines):
        raise Unsupported("`np.ix_` of flags is not supported", help="use `np.flatnonzero(flags)`")
    n = len(lines)
    return tuple(at(b, line, *(slice(None) if j == k else None for j in range(n))) for k, line in enumerate(lines))
