"""Where the length of each axis comes from, followed further than `shapes` does: through slices, gathers and broadcasting.

For the loops of kernels, which want to know that two arrays have one shape. Emits nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from adcompile import switches
from adcompile.analyses.dependence import Meetings, System
from adcompile.analyses.linear import Linear, feasible, symbol
from adcompile.analyses.places import Places
from adcompile.analyses.shapes import Dim, Shapes
from adcompile.ir.nodes import Atom, Const, Eqn, Function, Value
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array, Scalar, rank


@dataclass(frozen=True)
class Less:
    """A length less a number, or 0 where that would be negative."""

    of: Length
    by: int


@dataclass(frozen=True)
class Met:
    """The length of an axis along which arrays of these lengths meet: the one that is not 1, if they are not all alike."""

    parts: tuple[Length, ...]


#: a source as in `shapes`, or what is computed from some
Length = Dim | Less | Met


def sources(length: Length) -> Iterator[Value]:
    """The values that a length is computed from."""
    match length:
        case Value():
            yield length
        case (Value() as array, _):
            yield array
        case Less(of):
            yield from sources(of)
        case Met(parts):
            for part in parts:
                yield from sources(part)


class Lengths(Shapes):
    """The sources of all axes of a function's arrays, equal wherever the lengths are known to be equal.

    Parameters
    ----------
    fn : Function
        A valid function.
    alike : mapping, optional
        Lengths of its parameters that are taken to be equal to others.
    """

    def __init__(self, fn: Function, alike: Mapping[Length, Length] | None = None) -> None:
        self.serial: dict[Length, int] = {}
        self.alike = alike or {}
        #: lengths that would be broadcast together, or that an operation wants to be equal
        self.met: list[tuple[Length, ...]] = []
        self.windows = Windows(fn, self)
        super().__init__(fn)

    def of(self, atom: Atom) -> tuple[Length, ...]:
        """The length of each axis of an array."""
        lengths: tuple[Length, ...] = self.dims(atom)
        return lengths

    def dims(self, atom: Atom) -> Any:
        return tuple(self.alike.get(length, length) for length in super().dims(atom))

    def source(self, atom: Atom) -> Any:
        length = super().source(atom)
        return self.alike.get(length, length)

    def equation(self, eqn: Eqn) -> None:
        super().equation(eqn)
        if eqn.results and eqn.results[0].type in (Scalar("int64"), Scalar("int64", weak=True)):
            shorter = self.difference(eqn)
            if shorter is not None:
                self.integers[eqn.results[0]] = cast("Dim", shorter)

    def difference(self, eqn: Eqn) -> Length | None:
        """What an integer is that is another one less a constant; used as a length, it is not negative."""
        match eqn.primitive, eqn.operands:
            case ("sub", (Value() as whole, Const(int() as by))) if by > 0:
                return self.less(self.source(whole), by)
            case ("add", (Value() as whole, Const(int() as by))) if by < 0:
                return self.less(self.source(whole), -by)
            case ("maximum", (Value() as number, Const(0))) if isinstance(self.source(number), Less):
                return self.source(number)  # type: ignore[no-any-return]
        return None

    def less(self, length: Length, by: int) -> Length:
        """A length less a number."""
        match length:
            case _ if by == 0:
                return length
            case int():
                return max(length - by, 0)
            case Less(of, before):
                return Less(of, before + by)
        return Less(length, by)

    def meet(self, lengths: Iterable[Length]) -> Length:
        """The length of an axis along which arrays of these lengths are broadcast together."""
        parts: dict[Length, None] = {}
        for length in lengths:
            parts.update(dict.fromkeys(length.parts if isinstance(length, Met) else (length,)))
        parts.pop(1, None)
        if len(parts) > 1:
            self.met.append(tuple(parts))
        for part in parts:
            self.serial.setdefault(part, len(self.serial))
            if isinstance(part, int):
                return part
        if len(parts) < 2:
            return next(iter(parts), 1)
        return Met(tuple(sorted(parts, key=self.serial.__getitem__)))

    def result_dims(self, eqn: Eqn, result: Value, operands: tuple[Atom, ...]) -> Any:
        match eqn.primitive:
            case "view":
                return self.view_dims(eqn, result)
            case "gather":
                return self.gathered(eqn)
            case "arange" if operands[0] == Const(0, operands[0].type) and operands[2] == Const(1, operands[2].type):
                return (self.source(operands[1]),) if isinstance(operands[1], Value) else None
            case "take_along":
                return self.dims(operands[1])
            case "solve":
                self.met.append((*self.of(operands[0]), self.of(operands[1])[0]))
            case "inv" | "cholesky":
                self.met.append(self.of(operands[0]))
            case "store" | "accumulate" if all(code[0] in "isn" for code in eqn["index"]):
                place = self.selected(operands[0], eqn["index"], operands[2:])
                for one, other in zip(reversed(place), reversed(self.of(operands[1])), strict=False):
                    self.meet([other] if one is None else [one, other])
            case name if PRIMITIVES[name].elementwise:
                return self.together([o for o in operands if isinstance(o.type, Array)], rank(result.type))
        return super().result_dims(eqn, result, operands)

    def together(self, arrays: Sequence[Atom], n: int) -> tuple[Length, ...]:
        """The lengths of what arrays are broadcast to."""
        found = [self.of(a) for a in arrays]
        return tuple(self.meet(lengths[k] for lengths in found if len(lengths) >= -k) for k in range(-n, 0))

    def product_dims(self, operands: tuple[Atom, ...]) -> Any:
        a, b = operands
        self.met.append((self.of(a)[-1], self.of(b)[max(-2, -rank(b.type))]))
        if rank(a.type) < 2 or rank(b.type) < 2:
            return super().product_dims(operands)
        left, right = self.of(a), self.of(b)
        n = max(len(left), len(right)) - 2
        leading = [lengths[:-2] for lengths in (left, right)]
        batch = tuple(self.meet(d[k] for d in leading if len(d) >= -k) for k in range(-n, 0))
        return (*batch, left[-2], right[-1])

    def gathered(self, eqn: Eqn) -> tuple[Length, ...] | None:
        """The lengths of what index arrays select that come first and stand together."""
        codes, source = eqn["index"], self.of(eqn.operands[0])
        count = sum(code == "a" for code in codes)
        if not count or any(code != ("a" if k < count else "s000") for k, code in enumerate(codes)):
            return None
        indices = eqn.operands[1 : 1 + count]
        return (*self.together(indices, max(rank(i.type) for i in indices)), *source[count:])

    def view_dims(self, eqn: Eqn, result: Value) -> Any:
        found = self.selected(eqn.operands[0], eqn["index"], eqn.operands[1:])
        return tuple((result, k) if length is None else length for k, length in enumerate(found))

    def selected(self, array: Atom, codes: Sequence[str], operands: Sequence[Atom]) -> list[Length | None]:
        """The lengths of what a basic index selects; None for those that are not known."""
        source, axis = self.of(array), 0
        parts = iter(operands)
        found: list[Length | None] = []
        for code in codes:
            if code == "n":
                found.append(1)
                continue
            if code == "i":
                next(parts)
            else:
                start, stop, step = (next(parts) if given == "1" else None for given in code[1:])
                found.append(self.slice_length(source[axis], start, stop, step))
            axis += 1
        return [*found, *source[axis:]]

    def slice_length(self, whole: Length, start: Atom | None, stop: Atom | None, step: Atom | None) -> Length | None:
        """The length of a slice of an axis, where it is known to be the axis' own less a number."""
        if start is stop is step is None:
            return whole
        if (isinstance(step, Const) and step.value != 1) or isinstance(step, Value):
            return None
        first = 0 if start is None else start.value if isinstance(start, Const) else None
        if first is None:
            return self.windows.length(whole, start, stop)
        if first < 0:
            return None
        if isinstance(stop, Const) and stop.value >= 0:
            return max(min(stop.value, whole) - first, 0) if isinstance(whole, int) else None
        behind = 0 if stop is None else -stop.value if isinstance(stop, Const) else self.behind(whole, stop)
        return None if behind is None else self.less(whole, first + behind)

    def behind(self, whole: Length, stop: Atom) -> int | None:
        """How many elements from the end an integer stops; more than 2 could wrap around where there are fewer."""
        match self.source(stop) if isinstance(stop, Value) else None:
            case length if length == whole:
                return 0
            case Less(of, by) if of == whole and by <= 2:
                return by
        return None


class Windows:
    """Slices between two integers, such as `x[i : i + n]` in a loop over i, that are proved to lie within their axis.

    Parameters
    ----------
    fn : Function
    lengths : Lengths
        Of that function.
    """

    def __init__(self, fn: Function, lengths: Lengths) -> None:
        self.fn = fn
        self.lengths = lengths
        self.about: Meetings | None = None

    def length(self, whole: Length, start: Atom | None, stop: Atom | None) -> Length | None:
        """How many elements a slice has, if it starts and stops within the axis and that is a length."""
        if start is None or stop is None or isinstance(whole, Met) or not switches.on("windows"):
            return None
        if self.about is None:
            self.about = Meetings(Places(self.fn), Exact(self.lengths))  # type: ignore[arg-type]
        system = System(self.about, (), 0)
        first, last, end = system.linear(start), system.linear(stop), self.measured(system, whole)
        size = last - first
        found = self.named(size)
        if found is None or any(feasible([*system.rows, -row - 1]) for row in (first, size, end - last)):
            return None
        return found

    def measured(self, system: System, length: Length) -> Linear:
        """A length as a linear form; one less a number is at least what that leaves."""
        if not isinstance(length, Less):
            return system.length(cast("Dim", length))
        here = symbol(length)
        system.rows += [here, here - (self.measured(system, length.of) - length.by)]
        return here

    def named(self, size: Linear) -> Length | None:
        """The length that a linear form is: a number, or what is outside of all loops, less a number."""
        if size.number is not None:
            return size.number
        if len(size.terms) > 1 or size.constant > 0:
            return None
        ((name, factor),) = size.terms.items()
        match name:
            case _ if factor != 1:
                return None
            case (Value() as value,):
                return self.lengths.less(self.lengths.source(value), -size.constant)
            case (Value() as array, int() as axis) if isinstance(array.type, Array):
                return self.lengths.less((array, axis), -size.constant)
        return None


@dataclass
class Exact:
    """The integers that are exactly a length: what is less than one by a number may be negative where the length is not."""

    lengths: Lengths

    @property
    def integers(self) -> Mapping[Value, Dim]:
        return {v: d for v, d in self.lengths.integers.items() if not isinstance(d, Less | Met)}


def assumed(fn: Function) -> dict[Length, Length]:
    """Lengths of a function's parameters, each with what it has to be equal to, if nothing of length 1 is repeated.

    What one is equal to is another, a constant, or another less a constant: `coeff * (u[1:] - u[:-1])` takes `coeff` to be
    one shorter than `u`. Whoever relies on it has to see to it that it holds.
    """
    alike: dict[Length, Length] = {}
    while True:
        found: dict[Length, Length] = {}
        for lengths in Lengths(fn, alike).met:
            parts = [part for part in (resolved(found, length) for length in lengths) if not isinstance(part, Met)]
            equate(found, [part for part in parts if set(fn.params).issuperset(sources(part))])
        if not found:
            return alike
        alike = {part: resolved(found, length) for part, length in {**alike, **found}.items()}


def equate(found: dict[Length, Length], lengths: Sequence[Length]) -> None:
    """Enter what has to be equal for lengths to be: each of what they are made of, in terms of the one that most is taken from."""
    parts = {parted(length): None for length in lengths}
    number = next((of for of, _ in parts if isinstance(of, int)), None)
    if number is not None:
        found.update((of, number) for of, by in parts if by == 0 and not isinstance(of, int))
        return
    if not parts:
        return
    whole, most = max(parts, key=lambda part: part[1])
    for of, by in parts:
        if of != whole:
            found.setdefault(of, whole if most == by else Less(whole, most - by))


def parted(length: Length) -> tuple[Length, int]:
    """What a length is made of, and what is taken from it."""
    return (length.of, length.by) if isinstance(length, Less) else (length, 0)


def resolved(found: Mapping[Length, Length], length: Length) -> Length:
    """What a length is equal to, and what that is equal to, and so on."""
    of, by = parted(length)
    while of in found:
        of, less = parted(found[of])
        by += less
    if isinstance(of, int):
        return max(of - by, 0)
    return Less(of, by) if by else of
