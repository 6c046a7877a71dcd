"""What an operand of an elementwise operation reads, element by element: a base array and an index into it.

Views, transposes, repetitions and fills are seen through, so that loops read where the numbers are. Writes no loops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from adcompile.analyses.lengths import Lengths
from adcompile.backend.classes import MemoryClasses
from adcompile.ir.nodes import Atom, Const, Eqn, Function, Value, results_of
from adcompile.ir.types import WEAK_INT, Array, Scalar, dtype_of, rank
from adcompile.ir.walk import each_block

ZERO = Const(0, WEAK_INT)


@dataclass(frozen=True)
class Index:
    """Where along one axis of its base an element lies: at the place along an axis of what is read, plus an offset.

    `axis` is None where the place is always the offset.
    """

    axis: int | None
    offset: Atom = ZERO


@dataclass(frozen=True)
class Access:
    """An operand, element by element: a base with an index for each of its axes, or a number in a dtype."""

    base: Atom
    index: tuple[Index, ...]
    dtype: str


class Reader:
    """Finds the base of operands.

    A view is seen through only where its base has not been written into since.
    """

    def __init__(self, fn: Function, lengths: Lengths) -> None:
        self.lengths = lengths
        self.memory = MemoryClasses(fn)
        self.made: dict[Value, Eqn] = {}
        self.turn: dict[Value, int] = {}
        #: by class of memory, the turns at which something writes into it
        self.written: dict[Value, list[int]] = {}
        self.clock = 0
        for block in each_block(fn.body):
            self.enter(block.nodes)

    def enter(self, nodes: object) -> None:
        """Note where each value of a block is made, and what is written there."""
        for node in nodes:  # type: ignore[attr-defined]
            self.clock += 1
            for root in self.memory.writes.get(node, ()):
                self.written.setdefault(root, []).append(self.clock)
            for r in results_of(node):
                self.turn[r] = self.clock
                if isinstance(node, Eqn):
                    self.made[r] = node

    def access(self, atom: Atom, user: Value) -> Access:
        """How an operand of the equation that makes a value is read."""
        found = Access(atom, tuple(map(Index, range(rank(atom.type)))), dtype_of(atom.type))
        while True:
            eqn = self.made.get(found.base) if isinstance(found.base, Value) else None
            deeper = self.through(eqn, found) if eqn is not None else None
            if deeper is None or not self.unchanged(found.base, deeper.base, user):
                return found
            found = deeper

    def unchanged(self, seen: Atom, base: Atom, user: Value) -> bool:
        """Whether the memory of a base is as it was when it was looked at, up to the user of what was seen."""
        if not isinstance(base, Value) or not isinstance(base.type, Array):
            return True
        first, last = self.turn[seen], self.turn[user]  # type: ignore[index]
        return not any(first < turn < last for turn in self.written.get(self.memory.root(base), ()))

    def through(self, eqn: Eqn, found: Access) -> Access | None:
        """The access one equation further back, or None."""
        operands = eqn.operands
        match eqn.primitive:
            case "let" | "stop_gradient":
                return replace(found, base=operands[0])
            case "full" if isinstance(operands[0].type, Scalar):
                return Access(operands[0], (), eqn["dtype"])
            case "zeros":
                return Access(Const(0.0, Scalar("float64")), (), eqn["dtype"]) if real(eqn["dtype"]) else None
            case "broadcast_to":
                return self.repeated(eqn, found)
            case "unbroadcast" if self.lengths.of(operands[0]) == self.lengths.of(eqn.results[0]):
                return replace(found, base=operands[0])
            case "transpose":
                return replace(
                    found,
                    base=operands[0],
                    index=tuple(found.index[eqn["axes"].index(k)] for k in range(len(found.index))),
                )
            case "view":
                return self.viewed(eqn, found)
        return None

    def repeated(self, eqn: Eqn, found: Access) -> Access | None:
        """The access to what was broadcast."""
        source = eqn.operands[0]
        if isinstance(source.type, Scalar):
            return Access(source, (), found.dtype)
        before, after = self.lengths.of(source), self.lengths.of(eqn.results[0])
        lead = len(after) - len(before)
        index = []
        for k, length in enumerate(before):
            if length == 1:
                index.append(Index(None))
            elif length == after[lead + k]:
                index.append(found.index[lead + k])
            else:
                return None
        return replace(found, base=source, index=tuple(index))

    def viewed(self, eqn: Eqn, found: Access) -> Access | None:
        """The access to what was sliced, if the slices take each element and start at a constant or within their axis."""
        parts, axes = iter(eqn.operands[1:]), iter(zip(found.index, self.lengths.of(eqn.results[0]), strict=True))
        unknown = [(eqn.results[0], k) for k in range(len(found.index))]
        index: list[Index] = []
        for code in eqn["index"]:
            if code == "n":
                next(axes)
            elif code == "i":
                index.append(Index(None, next(parts)))
            else:
                start, stop, step = (next(parts) if given == "1" else None for given in code[1:])
                place, length = next(axes)
                if start is stop is step is None:
                    index.append(place)
                    continue
                first = together(ZERO if start is None else start, place.offset)
                if first is None or (step is not None and not is_number(step, 1)):
                    return None
                if isinstance(first, Value) and length in unknown:
                    return None
                index.append(Index(place.axis, first))
        index += (place for place, _ in axes)
        return replace(found, base=eqn.operands[0], index=tuple(index))


def together(start: Atom, offset: Atom) -> Atom | None:
    """The sum of where a slice starts and an offset into it, if it needs no computing."""
    if isinstance(start, Value) or isinstance(offset, Value):
        return start if offset == ZERO else offset if start == ZERO else None
    return None if min(start.value, offset.value) < 0 else Const(start.value + offset.value, WEAK_INT)  # type: ignore[union-attr]


def slice_index(codes: Sequence[str], operands: Sequence[Atom], n: int) -> tuple[Index, ...] | None:
    """Where along each of `n` axes the elements lie that slices cut out, by axis of what they cut out; None if not known.

    The lengths of the slices have to be known: a start that is no constant is then not negative.
    """
    parts = iter(operands)
    index: list[Index] = []
    axis = 0
    for code in (*codes, *("s000",) * (n - sum(code != "n" for code in codes))):
        if code == "i":
            index.append(Index(None, next(parts)))
            continue
        if code == "n":
            axis += 1
            continue
        start, _, step = (next(parts) if given == "1" else None for given in code[1:])
        first = ZERO if start is None else start
        place = together(first, ZERO)
        if place is None or (step is not None and not is_number(step, 1)):
            return None
        index.append(Index(axis, place))
        axis += 1
    return tuple(index)


def is_number(atom: Atom, value: int) -> bool:
    """Whether an atom is a constant of a value."""
    return isinstance(atom, Const) and atom.value == value


def real(dtype: str) -> bool:
    """Whether a dtype is floating and real."""
    return dtype.startswith("float")
