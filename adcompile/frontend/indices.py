"""Indices of indices: the one index of an array that stands for a view and an index of that view.

Works on the codes and operands of `ir.primitives`; knows no references and no variables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adcompile.errors import Unsupported
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom, Const, Value
from adcompile.ir.types import rank

Codes = tuple[str, ...]
Atoms = tuple[Atom, ...]
Index = tuple[Codes, Atoms]


@dataclass(frozen=True)
class Part:
    """One code with its operands; `parts` of a slice are its start, stop and step, or None where absent."""

    code: str
    operands: Atoms = ()

    @property
    def parts(self) -> tuple[Atom | None, Atom | None, Atom | None]:
        found = iter(self.operands)
        start, stop, step = (next(found) if flag == "1" else None for flag in self.code[1:])
        return start, stop, step


WHOLE = Part("s000")


def split(codes: Codes, operands: Atoms) -> list[Part]:
    """The parts of an index."""
    left = list(operands)
    parts = []
    for code in codes:
        count = {"s": code.count("1"), "n": 0}.get(code[0], 1)
        parts.append(Part(code, tuple(left[:count])))
        del left[:count]
    return parts


def join(parts: Sequence[Part]) -> Index:
    """The codes and operands of parts."""
    return tuple(p.code for p in parts), tuple(o for p in parts for o in p.operands)


def compose_plain(codes: Codes, operands: Atoms, codes2: Codes, operands2: Atoms) -> Index | None:
    """The index that stands for two, if the first one has integers and whole axes only."""
    if any(code not in ("i", "s000") for code in codes):
        return None
    inner = split(codes2, operands2)
    parts: list[Part] = []
    for part in split(codes, operands):
        if part.code == "i":
            parts.append(part)
            continue
        while inner and inner[0].code == "n":
            parts.append(inner.pop(0))
        parts.append(inner.pop(0) if inner else WHOLE)
    return join(parts + inner)


def compose(
    b: Builder, base: Atom, codes: Codes, operands: Atoms, codes2: Codes, operands2: Atoms, positive: set[Value]
) -> Index:
    """The index of `base` that stands for a view and an index of that view.

    `positive` are integers known not to be negative.
    """
    inner = split(codes2, operands2)
    outer = split(codes, operands)
    axis = 0
    parts: list[Part] = []
    for part in outer + [WHOLE] * (rank(base.type) - sum(p.code != "n" for p in outer)):
        if part.code != "i":
            while inner and inner[0].code == "n":
                parts.append(inner.pop(0))
            second = inner.pop(0) if inner else WHOLE
            if part.code == "n":
                if second.code not in ("i", "s000"):
                    raise refused()
                parts += [part] if second.code == "s000" else []
            else:
                parts.append(Slice(b, b.dim(base, axis), part, positive).then(second))
        else:
            parts.append(part)
        axis += part.code != "n"
    return join(parts + inner)


def permute(b: Builder, axes: tuple[int, ...], codes: Codes, operands: Atoms, atom: Atom) -> tuple[Codes, Atoms, Atom]:
    """The index of an array that stands for an index of its transpose, and the value to store there."""
    parts = split(codes, operands)
    parts += [WHOLE] * (len(axes) - len(parts))
    slices = [k for k, part in enumerate(parts) if part.code[0] == "s"]
    if any(part.code in ("n", "m") for part in parts) or (slices and any(part.code == "a" for part in parts)):
        raise refused()
    if len(slices) > 1:
        if rank(atom.type) not in (0, len(slices)):
            raise refused()
        if rank(atom.type):
            order = sorted(range(len(slices)), key=lambda k: axes[slices[k]])
            atom = b.emit("transpose", atom, axes=tuple(order))
    moved = [WHOLE] * len(axes)
    for k, axis in enumerate(axes):
        moved[axis] = parts[k]
    return *join(moved), atom


def refused() -> Unsupported:
    """The error for an index that has no equivalent."""
    return Unsupported(
        "writing through this view of a view is not supported", help="write into the array itself, with one index"
    )


@dataclass
class Slice:
    """A slice of an axis of length `size`, as the numbers it stands for."""

    b: Builder
    size: Atom
    part: Part
    positive: set[Value]

    def then(self, second: Part) -> Part:
        """The part that stands for this slice and then another part."""
        if self.part == WHOLE:
            return second
        if second == WHOLE:
            return self.part
        if second.code in ("i", "a"):
            (k,) = second.operands
            return Part(second.code, (self.plus(self.first, self.times(self.counted(k, self.length), self.step)),))
        if second.code[0] != "s":
            raise refused()
        inner = Slice(self.b, self.length, second, self.positive)
        step = self.step * inner.step
        start = self.plus(self.first, self.times(inner.first, self.step))
        stop = self.plus(start, self.times(inner.length, step))
        if step == 1:
            return Part("s110", (start, stop))
        if step < 0:
            start, stop = self.not_wrapped(start), self.not_wrapped(stop)
        return Part("s111", (start, stop, const(step)))

    def not_wrapped(self, k: Atom) -> Atom:
        """An end of a slice that runs backwards: one before the first element must not mean the last one."""
        before = self.plus(self.negated(self.size), const(-1))
        if isinstance(k, Const) and isinstance(before, Const):
            return before if k.value < 0 else k
        result: Atom = self.b.emit("where", self.b.emit("lt", k, const(0)), before, k)
        return result

    @property
    def step(self) -> int:
        """The step, which has to be known."""
        return static_step(self.part.parts[2])

    @property
    def first(self) -> Atom:
        """The position of the first element."""
        start = self.part.parts[0]
        if self.step > 0:
            return const(0) if start is None else self.clipped(start, self.size, low_only=True)
        last = self.plus(self.size, const(-1))
        if start is None:
            return last
        clipped: Atom = self.b.emit("minimum", self.counted(start, self.size), last)
        return clipped

    @property
    def length(self) -> Atom:
        """The number of elements."""
        stop = self.part.parts[1]
        if self.step > 0:
            end = self.size if stop is None else self.clipped(stop, self.size)
            span = self.plus(end, self.negated(self.first))
        else:
            end = const(-1) if stop is None else self.b.emit("maximum", self.counted(stop, self.size), const(-1))
            span = self.plus(self.first, self.negated(end))
        stride = abs(self.step)
        count = span if stride == 1 else self.b.emit("floordiv", self.plus(span, const(stride - 1)), const(stride))
        result: Atom = self.b.emit("maximum", count, const(0))
        return result

    def is_positive(self, k: Atom) -> bool:
        """Whether an integer plainly is not negative."""
        return k.value >= 0 if isinstance(k, Const) else k in self.positive

    def counted(self, k: Atom, length: Atom) -> Atom:
        """A position counted from the front."""
        if self.is_positive(k):
            return k
        from_end = self.plus(length, k)
        if isinstance(k, Const):
            return from_end
        result: Atom = self.b.emit("where", self.b.emit("lt", k, const(0)), from_end, k)
        return result

    def clipped(self, k: Atom, length: Atom, *, low_only: bool = False) -> Atom:
        """An end of a slice, counted from the front and not beyond the axis."""
        counted = self.counted(k, length)
        if counted is not k:
            counted = self.b.emit("maximum", counted, const(0))
        if low_only and counted is k:
            return counted
        result: Atom = self.b.emit("minimum", counted, length)
        return result

    def plus(self, x: Atom, y: Atom) -> Atom:
        """A sum, left out where one is zero."""
        if y == const(0):
            return x
        result: Atom = y if x == const(0) else self.b.emit("add", x, y)
        return result

    def times(self, x: Atom, n: int) -> Atom:
        """A multiple."""
        result: Atom = x if n == 1 else self.b.emit("mul", x, const(n))
        return result

    def negated(self, x: Atom) -> Atom:
        """The negative."""
        result: Atom = self.b.emit("neg", x) if x != const(0) else x
        return result


def static_step(step: Any) -> int:
    """The step of a slice, which has to be known when the program is compiled."""
    if step is None:
        return 1
    if not isinstance(step, Const) or step.value == 0:
        raise refused()
    return int(step.value)
