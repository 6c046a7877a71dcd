"""Builtins on lists, tuples and arrays: their length, sum, extremes, order and truth."""

from __future__ import annotations

from typing import Any

from adcompile.errors import ShapeError, Unsupported
from adcompile.frontend.library.arguments import describe, is_atom, number, static_flag
from adcompile.frontend.library.elementwise import as_float, real_scalar, truth
from adcompile.frontend.library.indexing import at
from adcompile.frontend.library.reductions import reduce, widened
from adcompile.frontend.library.registry import Handler, enter, function
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom
from adcompile.ir.types import List, Scalar, rank


def is_growing(x: Any) -> bool:
    """Whether an argument is a list whose length is known only at run time."""
    return is_atom(x) and isinstance(x.type, List)


def iterable(x: Any, name: str) -> None:
    """Refuse what Python cannot iterate over."""
    if not isinstance(x, tuple | list) and (not is_atom(x) or isinstance(x.type, Scalar)):
        raise ShapeError(f"`{name}` takes a list, a tuple or an array, not {describe(x)}")


@function("builtins.len")
def length(b: Builder, x: Any) -> Any:
    iterable(x, "len")
    if isinstance(x, tuple | list):
        return const(len(x))
    return b.emit("list_len", x) if is_growing(x) else b.dim(x, 0)


@function("builtins.sum")
def python_sum(b: Builder, iterable_: Any, start: Any = 0) -> Any:
    iterable(iterable_, "sum")
    initial = number(b, start)
    if isinstance(iterable_, tuple | list):
        total = initial
        for part in iterable_:
            total = number(b, part) if total == const(0) else b.emit("add", total, number(b, part))
        return total
    total = reduce(b, "sum", widened(b, number(b, iterable_), None), 0)
    return total if initial == const(0) else b.emit("add", total, initial)


@function("math.fsum")
def fsum(b: Builder, seq: Any) -> Any:
    return as_float(b, python_sum(b, seq))


@function("math.prod")
def math_prod(b: Builder, iterable_: Any, *, start: Any = 1) -> Any:
    iterable(iterable_, "math.prod")
    total = number(b, start)
    parts = iterable_ if isinstance(iterable_, tuple | list) else [reduce(b, "prod", number(b, iterable_), 0)]
    for part in parts:
        total = number(b, part) if total == const(1) else b.emit("mul", total, number(b, part))
    return total


@function("math.sumprod")
def sumprod(b: Builder, p: Any, q: Any) -> Any:
    return reduce(b, "sum", b.emit("mul", number(b, p), number(b, q)), 0)


@function("math.dist")
def dist(b: Builder, p: Any, q: Any) -> Any:
    if not isinstance(p, tuple | list) or not isinstance(q, tuple | list) or len(p) != len(q):
        raise Unsupported("`math.dist` takes two tuples of equal length", help="use `np.linalg.norm(p - q)`")
    total: Atom = b.emit("abs", b.emit("sub", real_scalar(b, "math.dist", p[0]), real_scalar(b, "math.dist", q[0])))
    for x, y in zip(p[1:], q[1:], strict=True):
        total = b.emit("hypot", total, b.emit("sub", number(b, x), number(b, y)))
    return total


def extreme(name: str, primitive: str, reduction: str) -> Handler:
    """The handler of the builtin `max` or `min`."""

    def handler(b: Builder, *args: Any, key: Any = None) -> Any:
        if key is not None:
            raise Unsupported(f"`{name}` with `key=` is not supported", help="write the loop, or use `np.argmax`")
        if len(args) > 1:
            return folded(b, primitive, [flat_number(b, x, name) for x in args])
        iterable(args[0], name)
        if isinstance(args[0], tuple | list):
            return folded(b, primitive, [flat_number(b, x, name) for x in args[0]])
        if not is_growing(args[0]) and rank(args[0].type) > 1:
            raise ShapeError(f"`{name}` of an array with several axes is ambiguous", help=f"use `np.{name}`")
        return reduce(b, reduction, number(b, args[0]))

    return handler


def flat_number(b: Builder, x: Any, name: str) -> Atom:
    """One of several operands of `max` or `min`."""
    a = number(b, x)
    if rank(a.type):
        raise ShapeError(f"`{name}` compares numbers, not arrays", help=f"use `np.{name}imum` for arrays")
    return a


def folded(b: Builder, primitive: str, atoms: list[Atom]) -> Atom:
    """A binary operation over all atoms, from the left."""
    if not atoms:
        raise ShapeError("the largest or smallest of no numbers is not defined")
    total = atoms[0]
    for atom in atoms[1:]:
        total = b.emit(primitive, total, atom)
    return total


enter("builtins.max", extreme("max", "maximum", "max"))
enter("builtins.min", extreme("min", "minimum", "min"))


def all_flags(primitive: str, reduction: str, empty: bool) -> Handler:
    """The handler of the builtin `any` or `all`."""

    def handler(b: Builder, x: Any) -> Any:
        iterable(x, reduction)
        if isinstance(x, tuple | list):
            return folded(b, primitive, [truth(b, part) for part in x]) if x else const(empty)
        flags = number(b, x)
        if rank(flags.type) > 1:
            raise ShapeError("the truth of an array is ambiguous", help=f"use `np.{reduction}`")
        return reduce(b, reduction, truth(b, flags))

    return handler


enter("builtins.any", all_flags("logical_or", "any", False))
enter("builtins.all", all_flags("logical_and", "all", True))


@function("builtins.sorted")
def python_sorted(b: Builder, x: Any, *, key: Any = None, reverse: Any = False) -> Any:
    iterable(x, "sorted")
    if key is not None:
        raise Unsupported("`sorted` with `key=` is not supported", help="use `np.argsort` of the keys")
    values = number(b, x)
    if rank(values.type) != 1:
        raise ShapeError("`sorted` takes numbers, not arrays")
    ordered = b.emit("sort", values, axis=0)
    if static_flag(reverse, "reverse"):
        ordered = at(b, ordered, slice(None, None, -1))
    if isinstance(x, tuple | list):
        return [at(b, ordered, k) for k in range(len(x))]
    return b.emit("array_to_list", ordered)


@function("", methods="tolist")
def tolist(b: Builder, x: Any) -> Any:
    if rank(x.type) != 1:
        raise Unsupported("`tolist` of an array with several axes is not supported")
    return b.emit("array_to_list", x)
