"""Statements that share a nest of loops: which loop runs over which axis of each, and who may join.

Does not look at the program around them; see `plan`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from adcompile import switches
from adcompile.analyses.lengths import Length
from adcompile.backend.loops.members import Member, Operand
from adcompile.backend.loops.reading import ZERO
from adcompile.ir.nodes import Value
from adcompile.ir.types import Array

#: for each axis of an array the loop that runs over it; None where its length is 1
Place = tuple[int | None, ...]

ARRAYS = 16  # that one nest reads and writes at most: each has a pointer, and vectorised code compares them all


@dataclass(frozen=True, eq=False)
class Statement:
    """A member as it stands in a nest.

    Attributes
    ----------
    member : Member
    loops : tuple of int or None
        For each axis of the member's space, the loop that runs over it.
    place : tuple of int or None
        The same for each axis of the result.
    """

    member: Member
    loops: Place
    place: Place

    @property
    def depth(self) -> int:
        """How many loops it is in."""
        return sum(k is not None for k in self.loops)

    @property
    def level(self) -> int | None:
        """How many loops its result is in; None if that is known only when they all have ended."""
        kept = [k for k in self.place if k is not None]
        if self.member.target:
            return None
        return len(kept) if kept == list(range(len(kept))) else None

    @property
    def readable(self) -> bool:
        """Whether other statements of the nest can read its result."""
        return not self.member.target and (not self.member.reduces or bool(self.level))

    @property
    def inner(self) -> int:
        """The first loop from which on all axes are reduced."""
        return max((k for k in self.place if k is not None), default=-1) + 1

    @property
    def split(self) -> bool:
        """Whether a reduction goes over inner axes, into a number, and over outer ones, into an array."""
        return bool(self.member.reduces) and self.level is None and self.inner < self.depth

    def index(self, operand: Operand) -> Place:
        """The loop over each axis of what an operand reads."""
        return tuple(None if i.axis is None else self.loops[i.axis] for i in operand.access.index)


@dataclass(eq=False)
class Group:
    """Statements that run in one nest of loops.

    Attributes
    ----------
    root : callable
        What stands for all arrays that may share memory with one.
    lengths : list of Length
        How often each loop runs, the outermost first.
    """

    root: Callable[[Value], Value]
    lengths: list[Length] = field(default_factory=list)
    statements: dict[Value, Statement] = field(default_factory=dict)

    def put(self, member: Member) -> bool:
        """Take a member in, if its axes are those of the loops from the outermost on, or can be."""
        loops = self.match(member)
        if loops is None or not self.apart(member, loops):
            return False
        place = tuple(None if axis is None else loops[axis] for axis in member.kept)
        statement = Statement(member, loops, place)
        if member.reduces and statement.level == statement.depth:
            return False
        lengths = [length for length, k in zip(member.space, loops, strict=True) if k is not None]
        self.lengths += lengths[len(self.lengths) :]
        self.statements[member.result] = statement
        return True

    def match(self, member: Member) -> Place | None:
        """The loop over each axis of a member's space, in order and without gaps, or None."""
        known: dict[int, int] = {}
        for operand in member.operands:
            made = self.statements.get(operand.access.base)  # type: ignore[arg-type]
            if made is not None and (operand.repeated or not follow(operand, made, known)):
                return None
        loops: list[int | None] = []
        used = 0
        for axis, length in enumerate(member.space):
            if length == 1:
                loops.append(None)
                continue
            if known.get(axis, used) != used or (used < len(self.lengths) and self.lengths[used] != length):
                return None
            loops.append(used)
            used += 1
        return tuple(loops)

    def apart(self, member: Member, loops: Place) -> bool:
        """Whether nothing in the nest reads the memory that something else in it adds to; and there is room."""
        written = {self.root(s.member.into) for s in self.statements.values() if s.member.into is not None}
        read = {self.root(v) for v in self.arrays(member)}
        if not written.isdisjoint(read):
            return False
        every = {self.root(v) for s in self.statements.values() for v in self.arrays(s.member)}
        if len(every | read) + len(self.statements) // 2 > ARRAYS:
            return False
        into = member.into
        if into is None or (into in self.statements and not member.target):
            return True
        if into in self.statements:
            return self.continues(member, loops)
        return self.root(into) not in {*written, *every, *read}

    def continues(self, member: Member, loops: Place) -> bool:
        """Whether a member adds to a part of an array just after a statement that does, in a loop of its own in the same row."""
        before = self.statements[member.into]  # type: ignore[index]
        additions = before.member.target and before.member.eqn.primitive == member.eqn.primitive == "accumulate"
        if not (additions and before.depth == len(loops) - loops.count(None) >= 2 and switches.on("additions")):
            return False
        return all(s.member.into is not member.into for s in self.statements.values())

    def arrays(self, member: Member) -> Iterator[Value]:
        """The arrays that a member reads and the nest does not make, other than the one that it adds to."""
        for operand in member.operands[member.into is not None and not member.target :]:
            base = operand.access.base
            if isinstance(base, Value) and isinstance(base.type, Array) and base not in self.statements:
                yield base

    def reads(self) -> Iterator[Value]:
        """The values that must be there before the loops."""
        for statement in self.statements.values():
            yield from (v for v in statement.member.reads() if v not in self.statements)


def follow(operand: Operand, made: Statement, known: dict[int, int]) -> bool:
    """Let the axes of what is read be those of the statement that makes it, if they can."""
    if not made.readable:
        return False
    for index, loop in zip(operand.access.index, made.place, strict=True):
        if loop is None:
            continue
        if index.axis is None or index.offset != ZERO or known.setdefault(index.axis, loop) != loop:
            return False
    return True
