"""Which loops of a nest each statement is in, and what has to be kept between two loops that follow each other.

A reduction over the inner axes is complete when its loop ends; what reads it runs in a loop of its own after that, within the
same outer loops. Writes no program.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from adcompile.backend.loops.groups import Group, Statement
from adcompile.ir.nodes import Value
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array

CHEAP = 4  # cheap operations that are rather repeated than written to memory and read back


@dataclass
class Nest:
    """A group with its loops laid out.

    Attributes
    ----------
    path : dict
        For each statement, which of the successive loops it is in, from the outermost on; at its own depth, after
        how many loops it stands.
    scratch : dict
        What is kept between loops and not wanted after the nest, with the first loop that differs.
    repeated : set
        What is rather computed again.
    targets : dict
        For the last of some additions to an array that is there before the nest, or parts of it, that array.
    last : dict
        For the first of them, the last.
    """

    group: Group
    outputs: set[Value]
    path: dict[Value, list[int]] = field(default_factory=dict)
    scratch: dict[Value, int] = field(default_factory=dict)
    repeated: set[Value] = field(default_factory=set)
    targets: dict[Value, Value] = field(default_factory=dict)
    last: dict[Value, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        statements = list(self.group.statements.values())
        self.follow_additions()
        self.path = {s.member.result: [] for s in statements}
        self.lay_out(0, statements)
        for statement in statements:
            for key in self.reads(statement):
                self.keep(key, statement)

    def reads(self, statement: Statement) -> list[Value]:
        """What a statement reads of the results of others."""
        bases = (operand.access.base for operand in statement.member.operands)
        return [b for b in bases if isinstance(b, Value) and b in self.group.statements]

    def follow_additions(self) -> None:
        """Find which result is the last to be added to an array that is there before the nest."""
        for key, s in self.group.statements.items():
            if s.member.into is None or s.member.into in self.group.statements:
                continue
            chain = [key]
            while (s.member.target or chain[-1] not in self.outputs) and len(heirs := self.heirs(chain[-1])) == 1:
                chain += heirs
            self.targets[chain[-1]] = s.member.into
            self.last.update(dict.fromkeys(chain if s.member.target else [key], chain[-1]))

    def heirs(self, key: Value) -> list[Value]:
        """The results of the statements that add to a result."""
        return [k for k, s in self.group.statements.items() if s.member.into is key]

    def lay_out(self, level: int, statements: Sequence[Statement]) -> None:
        """Decide in which loop over an axis each statement is: the first after all that it reads.

        Additions to parts of one array have an innermost loop each: in one, they could not be vectorised.
        """
        inside = {s.member.result for s in statements}
        for s in statements:
            first = 0
            for key in self.reads(s):
                if key in inside:
                    made = self.group.statements[key]
                    complete = bool(made.member.reduces) and made.level == level
                    first = max(first, self.path[key][level] + complete)
            if s.member.target and s.member.into in inside:
                first = max(first, self.path[s.member.into][level] + (s.depth == level + 1))
            self.path[s.member.result].append(first)
        for phase in sorted({self.path[key][level] for key in inside}):
            deeper = [s for s in statements if s.depth > level and self.path[s.member.result][level] == phase]
            if deeper:
                self.lay_out(level + 1, deeper)

    def level(self, key: Value) -> int:
        """How many loops around its place a result is computed in."""
        statement = self.group.statements[key]
        return statement.level if statement.member.reduces else statement.depth  # type: ignore[return-value]

    def parting(self, key: Value, reader: Value) -> int | None:
        """The first loop around a result that its reader is not in; None where the reader is in all of them."""
        for k in range(self.level(key)):
            if self.path[key][k] != self.path[reader][k]:
                return k
        return None

    def keep(self, key: Value, statement: Statement) -> None:
        """See that a result is at hand where a statement in a later loop reads it."""
        level = self.parting(key, statement.member.result)
        if level is None or key in self.outputs:
            return
        if key not in self.scratch and self.cost(key, statement.member.result) <= CHEAP:
            self.repeated.add(key)
        else:
            self.scratch[key] = min(level, self.scratch.get(key, level))

    def cost(self, key: Value, reader: Value) -> float:
        """How many operations it takes to compute a result again in the loop of a reader."""
        if self.parting(key, reader) is None or key in self.outputs or key in self.scratch:
            return 0
        statement = self.group.statements[key]
        member = statement.member
        if member.reduces or member.into is not None or not PRIMITIVES[member.eqn.primitive].cheap:
            return math.inf
        if self.has_extreme(key):
            return math.inf
        return 1 + sum(self.cost(k, reader) for k in self.reads(statement))

    def has_extreme(self, key: Value) -> bool:
        """Whether the largest or smallest element is looked for: computed again, it might not be equal to itself.

        The compiler may round a product and a sum at once in one loop, and one after the other in another.
        """
        return any(s.member.reduces in ("max", "min") and key in self.reads(s) for s in self.group.statements.values())

    def arrays(self, statements: Sequence[Statement], level: int) -> list[Value]:
        """The results that are written to memory inside of a loop over the axis `level`."""
        written = [s for s in statements if self.is_array(s) and self.written(s) > level]
        keys = (self.last[s.member.result] if s.member.target else s.member.result for s in written)
        return list(dict.fromkeys(keys))

    def is_array(self, s: Statement) -> bool:
        """Whether a result is written to memory."""
        result = s.member.result
        kept = result in self.outputs or result in self.scratch or result in self.targets or s.level is None
        return kept and isinstance(result.type, Array)

    def written(self, s: Statement) -> int:
        """How many loops are around the place where a result is written."""
        if s.level is None:
            return s.inner if s.split else s.depth
        return self.level(s.member.result)
