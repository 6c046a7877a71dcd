"""The tables: what a line says, where it stands, and the functions with which lines are entered.

Lines are only collected here, as text; `check` reads them once all are in, so that import order cannot matter.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from adcompile.ir.build import Builder
from adcompile.ir.nodes import Atom, Const, Eqn
from adcompile.ir.types import dtype_of, is_complex, rank
from adcompile.notation.parse import Apply, Formula, Text


class Primal(Protocol):
    """The primal program as seen from a place of the reverse sweep."""

    def __call__(self, atom: Atom) -> Atom:
        """An atom that holds the value of an operand or a result; asking for it makes it recorded."""
        ...

    def dims(self, atom: Atom) -> tuple[Atom, ...]:
        """The lengths of its axes, which do not need its content."""
        ...


@dataclass(frozen=True, slots=True)
class Domain:
    """What a rule says of an operand: which operands it is for, and where to sample it for tests.

    `ranks` is the least and the greatest rank the line is for; `kind` is "real", "complex" or "" for both;
    `constant` and `fixed` are for operands that are numbers in the program, or that are not differentiated.
    """

    name: str
    draw: Callable[[np.random.Generator, tuple[int, ...]], Any]
    ranks: tuple[int, int] = (0, 99)
    kind: str = ""
    constant: bool = False
    fixed: bool = False

    def accepts(self, atom: Atom, active: bool) -> bool:
        """Whether a line with this domain is for an operand."""
        low, high = self.ranks
        return (
            low <= rank(atom.type) <= high
            and not (self.kind and (self.kind == "complex") != is_complex(dtype_of(atom.type)))
            and not (self.constant and not isinstance(atom, Const))
            and not (self.fixed and active)
        )


@dataclass(eq=False)
class Rule:
    """A primitive and its differential."""

    left: Text
    right: Text
    domains: dict[str, Domain]
    #: filled in by `check`: the operation, its results by name, the differential of each result
    pattern: Apply = field(init=False)
    results: tuple[str, ...] = field(init=False)
    differentials: tuple[Formula, ...] = field(init=False)
    #: for each result, the transposed formula of each operand that its differential reads, in terms of `g`
    adjoints: tuple[dict[str, Formula], ...] = field(init=False)


Jvp = Callable[[Builder, Eqn, Sequence[Atom], Sequence[Atom | None]], Atom]
Transposed = Callable[[Builder, Eqn, Primal, Atom, Sequence[bool]], tuple[Atom | None, ...]]


@dataclass(eq=False)
class Structural:
    """A linear primitive of any number of operands, whose two modes are functions."""

    name: Text
    jvp: Jvp
    transpose: Transposed


@dataclass(eq=False)
class Transpose:
    """A linear operation: `u`, `v` are its linear operands, `g` is the cotangent, one formula for each operand."""

    left: Text
    rights: tuple[Text, ...]
    domains: dict[str, Domain]
    pattern: Apply = field(init=False)
    formulas: tuple[Formula, ...] = field(init=False)


@dataclass(eq=False)
class Rewrite:
    """An operation and a simpler way to say it."""

    left: Text
    right: Text
    domains: dict[str, Domain]
    #: name of an array -> name of the axis lengths it must be known to have
    shapes: dict[str, str]
    pattern: Apply = field(init=False)
    formula: Formula = field(init=False)


@dataclass(eq=False)
class Constant:
    """Primitives whose derivative is zero."""

    names: Text


@dataclass(frozen=True, slots=True)
class Operation:
    """A named piece of formulas that is made of primitives. Its trailing arguments `params` are static."""

    emit: Callable[..., Atom]
    params: tuple[str, ...]


@dataclass
class Tables:
    """All lines, in the order in which they were entered, and what they amount to once checked."""

    rules: list[Rule] = field(default_factory=list)
    structurals: list[Structural] = field(default_factory=list)
    transposes: list[Transpose] = field(default_factory=list)
    rewrites: list[Rewrite] = field(default_factory=list)
    constants: list[Constant] = field(default_factory=list)
    operations: dict[str, Operation] = field(default_factory=dict)
    statics: dict[str, Callable[..., Any]] = field(default_factory=dict)
    #: by primitive, filled in by `check`
    rules_of: dict[str, list[Rule]] = field(default_factory=dict)
    structural_of: dict[str, Structural] = field(default_factory=dict)
    transposes_of: dict[str, list[Transpose]] = field(default_factory=dict)
    rewrites_of: dict[str, list[Rewrite]] = field(default_factory=dict)
    constant_names: set[str] = field(default_factory=set)


TABLES = Tables()


def here(text: str) -> Text:
    """A text with the place of the table line that holds it: two frames up."""
    frame = sys._getframe(2)  # noqa: SLF001 - the way to a caller's line that does not read its source
    return Text(text, frame.f_code.co_filename, frame.f_lineno)


def rule(left: str, right: str, *, tables: Tables = TABLES, **domains: Domain) -> None:
    """Enter a primitive and its differential, such as ``rule("y = sin(x)", "dy = dx * cos(x)", x=REAL)``.

    Parameters
    ----------
    left : str
        The operation, with names for its results, operands and static parameters. A number in place of an
        operand, or one name in two places, makes a line for that case only; of several lines for one
        primitive the first that fits is taken.
    right : str
        The differential of each result, separated by semicolons; ``dy = 0`` for none.
    domains : Domain
        For each operand, which operands the line is for and where to test it.
    """
    tables.rules.append(Rule(here(left), here(right), domains))


def linear(name: str, jvp: Jvp, transpose: Transposed, *, tables: Tables = TABLES) -> None:
    """Enter a linear primitive with any number of operands, by functions for its two modes."""
    tables.structurals.append(Structural(here(name), jvp, transpose))


def transpose(left: str, *rights: str, tables: Tables = TABLES, **domains: Domain) -> None:
    """Enter the transpose of a linear operation, such as ``transpose("c @ u", "c.T @ g")``."""
    text = here(left)
    tables.transposes.append(Transpose(text, tuple(replace(text, text=r) for r in rights), domains))


def rewrite(
    left: str, right: str, *, tables: Tables = TABLES, shapes: dict[str, str] | None = None, **domains: Domain
) -> None:
    """Enter a simplification, such as ``rewrite("x * 1", "x")``.

    It is made only where the type stays the same, and where what the right side drops is a scalar or is known,
    by `shapes`, to have the axis lengths of what is kept.
    """
    tables.rewrites.append(Rewrite(here(left), here(right), domains, shapes or {}))


def constant(names: str, *, tables: Tables = TABLES) -> None:
    """Enter primitives whose derivative is zero."""
    tables.constants.append(Constant(here(names)))


def operation(params: str = "", *, tables: Tables = TABLES) -> Callable[[Callable[..., Atom]], Callable[..., Atom]]:
    """Enter a named piece of formulas: a function of the builder, the operands, and the static `params`."""

    def enter(emit: Callable[..., Atom]) -> Callable[..., Atom]:
        tables.operations[emit.__name__] = Operation(emit, tuple(params.split()))
        return emit

    return enter


def static(function: Callable[..., Any], tables: Tables = TABLES) -> Callable[..., Any]:
    """Enter a function of static parameters."""
    tables.statics[function.__name__] = function
    return function
