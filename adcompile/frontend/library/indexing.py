"""Emitting the selection of parts of arrays, and small sums over lengths, for the handlers of the library.

Subscripts that the user writes are not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adcompile.frontend.library.arguments import kind
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom
from adcompile.ir.types import rank


def codes_of(parts: Sequence[Any]) -> tuple[tuple[str, ...], list[Atom]]:
    """The `index` parameter and its operands, for integers, slices, None, and arrays."""
    codes: list[str] = []
    operands: list[Atom] = []
    for part in parts:
        match part:
            case None:
                codes.append("n")
            case slice():
                ends = (part.start, part.stop, part.step)
                codes.append("s" + "".join("0" if end is None else "1" for end in ends))
                operands += [as_int(end) for end in ends if end is not None]
            case _:
                operand = as_int(part)
                codes.append("i" if rank(operand.type) == 0 else "m" if kind(operand) == "b" else "a")
                operands.append(operand)
    return tuple(codes), operands


def as_int(x: int | Atom) -> Atom:
    """An index as an atom."""
    return const(x) if isinstance(x, int) else x


def at(b: Builder, x: Atom, *parts: Any) -> Atom:
    """Emit ``x[parts]``: a number, a view, or, with index arrays, a fresh array."""
    codes, operands = codes_of(parts)
    if set(codes) == {"i"} and len(codes) == rank(x.type):
        primitive = "load"
    else:
        primitive = "gather" if {"a", "m"} & set(codes) else "view"
    result: Atom = b.emit(primitive, x, *operands, index=codes)
    return result


def along(b: Builder, x: Atom, axis: int, part: Any) -> Atom:
    """Emit ``x[:, ..., part]`` with the part at an axis."""
    return at(b, x, *[slice(None)] * axis, part)


def store(b: Builder, x: Atom, value: Atom, *parts: Any) -> Atom:
    """Emit ``x[parts] = value``; the next version of x."""
    codes, operands = codes_of(parts)
    result: Atom = b.emit("store", x, value, *operands, index=codes)
    return result


def whole(x: Atom) -> list[slice]:
    """The index of all of an array."""
    return [slice(None)] * rank(x.type)


def product(b: Builder, dims: Sequence[Atom]) -> Atom:
    """The product of lengths; 1 for none."""
    total: Atom = const(1)
    for dim in dims:
        total = dim if total == const(1) else b.emit("mul", total, dim)
    return total


def add(b: Builder, x: Any, y: Any) -> Atom:
    """The sum of two integers, left out where one is zero."""
    left, right = as_int(x), as_int(y)
    if left == const(0):
        return right
    if right == const(0):
        return left
    result: Atom = b.emit("add", left, right)
    return result


def steps(b: Builder, n: Atom, start: int = 0) -> Atom:
    """The integers ``start, start + 1, ...``, `n` of them."""
    result: Atom = b.emit("arange", const(start), add(b, n, start), const(1), dtype="int64")
    return result
