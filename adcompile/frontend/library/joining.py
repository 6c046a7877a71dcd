"""Joining arrays, splitting them, and padding them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from adcompile.errors import ShapeError, Unsupported
from adcompile.frontend.library import markers
from adcompile.frontend.library.arguments import (
    array,
    is_atom,
    number,
    static,
    static_axis,
    static_text,
)
from adcompile.frontend.library.indexing import add, along, at, product, steps, store
from adcompile.frontend.library.registry import function
from adcompile.frontend.library.shapes import expand_dims, moveaxis, ravel, reshaped, three_axes, two_axes
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom, Value
from adcompile.ir.types import List, dtype_of, rank

# -- joining ----------------------------------------------------------------------------------------------------


def parts_of(b: Builder, arrays: Any, what: str) -> list[Atom]:
    """The arrays of a tuple or list, or the rows of an array."""
    if isinstance(arrays, tuple | list):
        if not arrays:
            raise ShapeError(f"`{what}` needs at least one array")
        return [number(b, a) for a in arrays]
    raise Unsupported(f"`{what}` takes a tuple or list of arrays here")


def rows_of(b: Builder, arrays: Any) -> Any:
    """A list that grows, or an array in the place of a list, as a new array with its elements along the first axis; or None."""
    if isinstance(arrays, Value) and isinstance(arrays.type, List):
        return number(b, arrays)
    if isinstance(arrays, Value) and rank(arrays.type) > 1:
        return b.emit("copy", arrays)
    return None


def joined(b: Builder, arrays: Sequence[Atom], axis: int) -> Atom:
    """Emit a concatenation along an axis."""
    n = rank(arrays[0].type)
    if any(rank(x.type) != n for x in arrays):
        raise ShapeError("arrays that are joined must have equally many axes")
    result: Atom = b.emit("concatenate", *arrays, axis=axis)
    return result


def merged(b: Builder, rows: Atom, axis: int) -> Atom:
    """The rows of an array joined along one of their own axes."""
    dims = list(b.dims(rows))
    if axis:
        rows = moveaxis(b, rows, 0, axis)
    count, length = dims.pop(0), dims[axis]
    return reshaped(b, rows, [*dims[:axis], product(b, [count, length]), *dims[axis + 1 :]])


@function("numpy.concatenate numpy.concat")
def concatenate(b: Builder, arrays: Any, axis: Any = 0) -> Any:
    rows = rows_of(b, arrays)
    if rows is not None:
        if rank(rows.type) < 2:
            raise ShapeError("numbers cannot be concatenated", help="use `np.array(numbers)`")
        return merged(b, rows, static_axis(0 if axis is None else axis, rank(rows.type) - 1))
    parts = parts_of(b, arrays, "np.concatenate")
    if any(rank(x.type) == 0 for x in parts):
        raise ShapeError("numbers cannot be concatenated", help="use `np.array` or `np.append`")
    if axis is None:
        return joined(b, [ravel(b, x) for x in parts], 0)
    return joined(b, parts, static_axis(axis, rank(parts[0].type)))


@function("numpy.stack")
def stack(b: Builder, arrays: Any, axis: Any = 0) -> Any:
    rows = rows_of(b, arrays)
    if rows is not None:
        return moveaxis(b, rows, 0, axis)
    parts = parts_of(b, arrays, "np.stack")
    n = rank(parts[0].type)
    if any(rank(x.type) != n for x in parts):
        raise ShapeError("arrays that are stacked must have equally many axes")
    if n == 0:
        return number(b, list(arrays))
    return b.emit("stack", *parts, axis=static_axis(axis, n + 1))


def joiner(prepare: Callable[[Builder, Any], Atom], axis: int, name: str) -> Any:
    """The handler of a function that brings arrays to a rank and joins them."""

    def handler(b: Builder, tup: Any) -> Any:
        rows = rows_of(b, tup)
        if rows is not None:
            inner = rank(rows.type) - 1
            if inner == 0 or prepare is not array:
                return joined_rows(b, rows, name)
            return merged(b, rows, min(axis, inner - 1))
        parts = [prepare(b, x) for x in parts_of(b, tup, name)]
        return joined(b, parts, min(axis, rank(parts[0].type) - 1))

    return handler


def joined_rows(b: Builder, rows: Atom, name: str) -> Atom:
    """`vstack` and `hstack` of numbers or vectors that come in a growing list."""
    n = rank(rows.type)
    if name == "np.hstack":
        return rows
    if name == "np.vstack":
        return expand_dims(b, rows, 1) if n == 1 else rows if n == 2 else merged(b, rows, 0)
    raise Unsupported(f"`{name}` takes a tuple or list of arrays written in place", help="use `np.stack` on the list")


def as_column(b: Builder, x: Any) -> Atom:
    """A vector or number as a matrix of one column."""
    a = array(b, x)
    return at(b, a, slice(None), None) if rank(a.type) == 1 else a


for names, prepare, joint in (
    ("vstack row_stack", two_axes, 0),
    ("hstack", array, 1),
    ("column_stack", as_column, 1),
    ("dstack", three_axes, 2),
):
    for name in names.split():
        function(f"numpy.{name}")(joiner(prepare, joint, f"np.{name}"))


@function("numpy.append")
def append(b: Builder, arr: Any, values: Any, axis: Any = None) -> Any:
    if axis is None:
        return joined(b, [ravel(b, arr), ravel(b, values)], 0)
    return concatenate(b, (arr, values), axis)


# -- splitting --------------------------------------------------------------------------------------------------


def cuts(b: Builder, length: Atom, sections: Any, even: bool) -> list[Atom]:
    """Where the pieces of a split begin and end."""
    if isinstance(sections, tuple | list):
        return [const(0), *(number(b, s) for s in sections), length]
    count = static(sections)
    if not isinstance(count, int):
        raise Unsupported(
            "how many pieces there are must be known when the function is compiled",
            help="write the number, or split with slices in a loop",
        )
    size = b.emit("floordiv", length, const(count))
    starts = [b.emit("mul", size, const(k)) for k in range(count)]
    extra = b.emit("mod", length, const(count))
    if even:
        refuse_unless(b, b.emit("eq", extra, const(0)), "array split does not result in an equal division")
    else:
        starts = [b.emit("add", s, b.emit("minimum", extra, const(k))) for k, s in enumerate(starts)]
    return [*starts, length]


def refuse_unless(b: Builder, flag: Atom, message: str) -> None:
    """Emit a ValueError for when a flag is false."""
    if static(flag) is True:
        return
    if static(flag) is False:
        raise ShapeError(message)
    with b.block() as then:
        pass
    with b.block() as orelse:
        b.emit("raise", exception="ValueError", message=message)
    b.if_(flag, b.finish(then, (), ()), b.finish(orelse, (), ()))


def pieces(b: Builder, a: Any, sections: Any, axis: Any, even: bool) -> list[Atom]:
    """The views into which an array is split."""
    x = number(b, a)
    k = static_axis(axis, rank(x.type))
    ends = cuts(b, b.dim(x, k), sections, even)
    return [along(b, x, k, slice(start, stop)) for start, stop in pairwise(ends)]


@function("numpy.split")
def split(b: Builder, ary: Any, indices_or_sections: Any, axis: Any = 0) -> Any:
    return pieces(b, ary, indices_or_sections, axis, even=True)


@function("numpy.array_split")
def array_split(b: Builder, ary: Any, indices_or_sections: Any, axis: Any = 0) -> Any:
    return pieces(b, ary, indices_or_sections, axis, even=False)


@function("numpy.vsplit")
def vsplit(b: Builder, ary: Any, indices_or_sections: Any) -> Any:
    return split(b, ary, indices_or_sections, 0)


@function("numpy.hsplit")
def hsplit(b: Builder, ary: Any, indices_or_sections: Any) -> Any:
    return split(b, ary, indices_or_sections, min(1, rank(number(b, ary).type) - 1))


@function("numpy.dsplit")
def dsplit(b: Builder, ary: Any, indices_or_sections: Any) -> Any:
    return split(b, ary, indices_or_sections, 2)


@function("numpy.unstack")
def unstack(b: Builder, x: Any, axis: Any = 0) -> Any:
    a = number(b, x)
    k = static_axis(axis, rank(a.type))
    count = static(b.dim(a, k))
    if not isinstance(count, int):
        raise Unsupported("`np.unstack` of an axis whose length is not known when the function is compiled")
    return tuple(along(b, a, k, i) for i in range(count))


# -- padding ----------------------------------------------------------------------------------------------------


def widths(pad_width: Any, n: int) -> list[tuple[Any, Any]]:
    """What is added before and after each axis."""
    if not isinstance(pad_width, tuple | list):
        return [(pad_width, pad_width)] * n
    if all(is_atom(p) or isinstance(p, int) for p in pad_width):
        before, after = pad_width if len(pad_width) == 2 else pad_width * 2
        return [(before, after)] * n
    pairs = [tuple(p) if len(p) == 2 else tuple(p) * 2 for p in pad_width]
    return pairs * n if len(pairs) == 1 else pairs


@function(f"{markers.__name__}.plain_pad")
def pad(b: Builder, array: Any, pad_width: Any, mode: Any, constant_values: Any) -> Any:
    x = number(b, array)
    how = static_text(mode, "mode", ("constant", "edge", "reflect", "symmetric", "wrap"))
    amounts = widths(pad_width, rank(x.type))
    if len(amounts) != rank(x.type):
        raise ShapeError(f"`pad_width` has {len(amounts)} pairs, but the array has {rank(x.type)} axes")
    if how == "constant":
        return framed(b, x, amounts, number(b, constant_values))
    for k, (before, after) in enumerate(amounts):
        if static(before) != 0 or static(after) != 0:
            x = along(b, x, k, sources(b, b.dim(x, k), before, after, how))
    return x


def framed(b: Builder, x: Atom, amounts: Sequence[tuple[Any, Any]], value: Atom) -> Atom:
    """An array in the middle of a constant."""
    if rank(value.type):
        raise Unsupported("`np.pad` takes one number for `constant_values`")
    dims = b.dims(x)
    total = [add(b, add(b, n, before), after) for n, (before, after) in zip(dims, amounts, strict=True)]
    dtype = dtype_of(x.type)
    if static(value) == 0:
        outer = b.emit("zeros", *total, dtype=dtype)
    else:
        outer = b.emit("full", b.to_dtype(value, dtype), *total, dtype=dtype)
    middle = [slice(before, add(b, n, before)) for n, (before, _) in zip(dims, amounts, strict=True)]
    return store(b, outer, x, *middle)


def sources(b: Builder, n: Atom, before: Any, after: Any, how: str) -> Any:
    """The number of the element that each place of a padded axis repeats."""
    places = b.emit("sub", steps(b, add(b, add(b, n, before), after)), number(b, before))
    last = add(b, n, -1)
    if how == "edge":
        return b.emit("minimum", b.emit("maximum", places, const(0)), last)
    if how == "wrap":
        return b.emit("mod", places, n)
    turn = b.emit("mul", const(2), last if how == "reflect" else n)
    places = b.emit("mod", places, b.emit("maximum", turn, const(1)))
    mirrored = b.emit("sub", turn if how == "reflect" else add(b, turn, -1), places)
    return b.emit("minimum", places, mirrored)
