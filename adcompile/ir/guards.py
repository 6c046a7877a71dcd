"""What a kernel makes sure of before it answers: shapes that fit, and arguments that are apart.

The checks are part of the program, so that a call from Python and one from compiled code meet the same ones; what a failed
one is called there is in `dispatch`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from adcompile.errors import SHARED
from adcompile.ir.build import Builder
from adcompile.ir.nodes import Atom, Const, Function


def refuse_where(b: Builder, flag: Atom, message: str, *facts: Atom) -> None:
    """Emit a ValueError, with some integers, for when a flag is true."""
    if isinstance(flag, Const) and not flag.value:
        return
    with b.block() as then:
        b.emit("raise", *facts, exception="ValueError", message=message)
    with b.block() as orelse:
        pass
    b.if_(flag, b.finish(then, (), ()), b.finish(orelse, (), ()))


def require_shape(b: Builder, found: Atom, wanted: Atom, message: str, *facts: Atom) -> None:
    """Refuse an array of another shape than it must have; the message is followed by both shapes."""
    require_lengths(b, b.dims(found), b.dims(wanted), message, *facts)


def require_lengths(b: Builder, found: Sequence[Atom], wanted: Sequence[Atom], message: str, *facts: Atom) -> None:
    """Refuse lengths of axes that are not those wanted."""
    differing = [b.emit("ne", mine, its) for mine, its in zip(found, wanted, strict=True) if mine != its]
    if differing:
        refuse_where(b, either(b, differing), message, *facts, *wanted, *found)


def either(b: Builder, flags: Sequence[Atom]) -> Atom:
    """Whether one of some flags is true."""
    return reduce(lambda some, other: b.emit("logical_or", some, other), flags)


def require_apart(fn: Function, pairs: Sequence[tuple[int, int]]) -> Function:
    """The function, refusing at its start parameters at these pairs of positions that share memory."""
    if not pairs:
        return fn
    b = Builder()
    refuse_where(b, either(b, [b.emit("overlap", fn.params[i], fn.params[j]) for i, j in pairs]), SHARED)
    return replace(fn, body=replace(fn.body, nodes=(*b.frames[0].nodes, *fn.body.nodes)))
