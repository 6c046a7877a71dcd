"""Simplifications of one equation at a time, by the table of rewrites.

Looks at an equation and at what its operands were made by, never at the rest of the program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adcompile.ir.build import Builder
from adcompile.ir.nodes import Atom, Const, Undef, Value
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array, Scalar, Type, rank
from adcompile.notation.apply import Scope
from adcompile.notation.match import Opened, match_all
from adcompile.notation.parse import Literal, Name, parts
from adcompile.notation.tables import TABLES, Rewrite, Tables


@dataclass(frozen=True)
class AsItIs:
    """The primal of a simplification: every atom is at hand."""

    b: Builder

    def __call__(self, atom: Atom) -> Atom:
        return atom

    def dims(self, atom: Atom) -> tuple[Atom, ...]:
        return self.b.dims(atom)


def rewrite_eqn(
    b: Builder,
    primitive: str,
    operands: Sequence[Atom],
    params: Mapping[str, Any],
    tables: Tables = TABLES,
) -> Atom | None:
    """What an equation about to be emitted amounts to, by the first rewrite that fits.

    Parameters
    ----------
    b : Builder
        Where the simpler operation is emitted; its `origin` tells what operands were made by.
    primitive, operands, params
        As of an `Eqn`.

    Returns
    -------
    Atom or None
        Of the type the equation would have had, except that it may be known to be contiguous where that
        was not. None where no rewrite fits.
    """
    lines = tables.rewrites_of.get(primitive)
    if not lines:
        return None
    type_ = PRIMITIVES[primitive].infer(tuple(o.type for o in operands), dict(params))[0]
    subject_parts = (*operands, *params.values())

    def opened(subject: Any) -> Opened:
        if isinstance(subject, Const):
            return Literal(subject.value)
        eqn = b.origin.get(subject) if isinstance(subject, Value) else None
        return (eqn.primitive, (*eqn.operands, *(v for _, v in eqn.params))) if eqn else None

    for line in lines:
        names: dict[str, Any] = {}
        if not match_all(line.pattern.args, subject_parts, opened, names):
            continue
        if keeps_shape(b, line, names):
            result: Atom = Scope(b, AsItIs(b), names, {}, tables).evaluate(line.formula)
            if refines(result.type, type_):
                return result
    return None


def keeps_shape(b: Builder, line: Rewrite, names: dict[str, Any]) -> bool:
    """Whether what a rewrite drops cannot have had a part in the shape of the result."""
    kept = {p.name for p in parts(line.formula) if isinstance(p, Name)}
    for name, meaning in names.items():
        if name not in kept and isinstance(meaning, Value | Const | Undef) and rank(meaning.type) > 0:
            return False
    return all(b.dims(names[array]) == names[dims] for array, dims in line.shapes.items())


def refines(new: Type, old: Type) -> bool:
    """Whether a type is another one, or the same and known to be contiguous.

    Weakness has done its work by the time a program is rewritten: every result has its dtype.
    """
    if isinstance(new, Scalar) and isinstance(old, Scalar):
        return new.dtype == old.dtype
    return new == old or (
        isinstance(new, Array)
        and isinstance(old, Array)
        and (new.dtype, new.rank) == (old.dtype, old.rank)
        and new.contiguous
    )
