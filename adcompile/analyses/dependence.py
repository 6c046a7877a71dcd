"""Which elements of arrays keep their value: read or written once in a loop, and written by nothing that runs later.

Such an element need not be recorded; the array as the loops leave it still has it. Two accesses meet if their indices
can be equal for some iterations in that order: a system of linear inequalities made of loop bounds, conditions around
them and index expressions (the dependence test of Banerjee's "Dependence Analysis", 1997). Nothing here knows a derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

from adcompile.analyses.linear import Linear, feasible, symbol
from adcompile.analyses.places import Place, Places
from adcompile.analyses.shapes import Dim, Shapes
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, If, Node, Value, While
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array, List, Scalar, dtype_of

#: how many elements of an axis a loop may leave out that goes through about all of it
FEW = 8

#: alternatives, each a set of integers that are not negative
Choices = list[list[Linear]]

#: comparisons as what is not negative where they hold, of left minus right
NOT_NEGATIVE: dict[str, Callable[[Linear], Choices]] = {
    "lt": lambda d: [[-d - 1]],
    "le": lambda d: [[-d]],
    "gt": lambda d: [[d - 1]],
    "ge": lambda d: [[d]],
    "eq": lambda d: [[d, -d]],
    "ne": lambda d: [[d - 1], [-d - 1]],
}
OPPOSITE = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt", "eq": "ne", "ne": "eq"}


class Settled(NamedTuple):
    """Where an element is found after all loops: the last version of its array, and its indices."""

    array: Value
    at: tuple[Atom, ...]


class Access(NamedTuple):
    """An equation that reads or writes one element, or more than one where `at` is None."""

    eqn: Eqn
    place: Place
    turn: float
    at: tuple[Atom, ...] | None


class Memories:
    """The memory that each version of an array lives in, the writes into it, and its last version outside of loops.

    `lost` are memories that are reached in ways that are not followed here: written through a view, swapped with another.

    Parameters
    ----------
    inside : Function or For
        Where to look: a function, or one loop, in which each array that it carries counts as a memory of its own.
    """

    def __init__(self, inside: Function | For, places: Places) -> None:
        self.places = places
        self.of: dict[Value, Value] = {}
        self.lost: set[Value] = set()
        self.writes: dict[Value, list[Access]] = {}
        self.last: dict[Value, Value] = {}
        self.viewed: dict[Value, Value] = {}
        for p in inside.params if isinstance(inside, Function) else inside.body.params:
            self.begin(p)
        self.block(inside.body, top=True)
        self.moved(inside.body)
        if isinstance(inside, For):
            self.close(inside.body.params[1:], inside.body.results)

    def begin(self, value: Atom) -> None:
        """A version in memory of its own."""
        if isinstance(value, Value) and isinstance(value.type, Array | List):
            self.of[value] = value

    def memory(self, atom: Atom) -> Value | None:
        return self.of.get(atom) if isinstance(atom, Value) else None

    def lose(self, atom: Atom) -> None:
        memory = self.memory(atom)
        while memory is not None and memory not in self.lost:
            self.lost.add(memory)
            memory = self.viewed.get(memory)

    def block(self, block: Block, *, top: bool = False) -> None:
        for node in block.nodes:
            match node:
                case Eqn():
                    self.equation(node)
                case If():
                    self.block(node.then)
                    self.block(node.orelse)
                    for r, a, b in zip(node.results, node.then.results, node.orelse.results, strict=True):
                        self.join(r, a, b)
                case For() | While():
                    self.loop(node)
            if top:
                self.last.update((self.of[r], r) for r in node.results if r in self.of)

    def equation(self, eqn: Eqn) -> None:
        about = PRIMITIVES[eqn.primitive]
        for r in eqn.results:
            self.begin(r)
        if about.consumes is not None:
            target = eqn.operands[about.consumes]
            memory = self.memory(target)
            if memory is None:
                return
            self.of[eqn.results[0]] = memory
            if memory in self.viewed or isinstance(memory.type, List):
                self.lose(memory)
            place = self.places.of[eqn.results[0]]
            turn = self.places.turn[eqn.results[0]]
            self.writes.setdefault(memory, []).append(Access(eqn, place, turn, written_index(eqn)))
        elif about.aliases is not None:
            memory = self.memory(eqn.operands[about.aliases])
            if memory is not None and isinstance(eqn.results[0].type, Array):
                self.viewed[eqn.results[0]] = memory
        for operand in eqn.operands:
            if eqn.primitive.startswith("list_"):
                self.lose(operand)

    def join(self, result: Value, *sides: Atom) -> None:
        """What a region hands on: the same memory if it can be no other."""
        memory = self.memory(sides[0])
        self.begin(result)
        if memory is not None and all(self.memory(s) is memory for s in sides):
            self.of[result] = memory
            return
        for s in sides:
            self.lose(s)
        self.lose(result)

    def loop(self, node: For | While) -> None:
        carried = node.body.params[isinstance(node, For) :]
        for p, init in zip(carried, node.inits, strict=True):
            self.join(p, init)
        if isinstance(node, While):
            for p, q in zip(node.cond.params, carried, strict=True):
                self.join(p, q)
        self.block(node.body)
        self.close(carried, node.body.results)
        for p, r in zip(carried, node.results, strict=True):
            self.join(r, p)

    def close(self, carried: Sequence[Value], following: Sequence[Atom]) -> None:
        """Lose what a loop hands on in the place of another."""
        for p, after in zip(carried, following, strict=False):
            if self.memory(after) is not self.memory(p):
                self.lose(after)
                self.lose(p)

    def moved(self, block: Block) -> set[Value]:
        """The versions from outside that a block hands on; a version that is handed on twice is lost.

        In a program of the user's each version has one next version. In a derivative that need not be so until copies
        are put in.
        """
        seen: set[Value] = set()
        for node in block.nodes:
            here: set[Value] = set()
            match node:
                case Eqn():
                    consumed = PRIMITIVES[node.primitive].consumes
                    here = self.versions([] if consumed is None else [node.operands[consumed]])
                case If():
                    here = self.moved(node.then) | self.moved(node.orelse)
                case For() | While():
                    every_time = self.moved(node.body)
                    for version in every_time:
                        self.lose(version)
                    here = self.versions(node.inits) | every_time
            for version in seen & here:
                self.lose(version)
            seen |= here
        for version in seen & self.versions(block.results):
            self.lose(version)
        seen |= self.versions(block.results)
        made = {r for node in block.nodes for r in node.results} | set(block.params)
        return seen - made

    def versions(self, atoms: Sequence[Atom]) -> set[Value]:
        return {a for a in atoms if isinstance(a, Value) and a in self.of}


def written_index(eqn: Eqn) -> tuple[Atom, ...] | None:
    """The indices of the one element that an equation writes."""
    if eqn.primitive not in ("store", "accumulate", "drain"):
        return None
    index = eqn.operands[1 if eqn.primitive == "drain" else 2 :]
    array = eqn.operands[0].type
    return index if isinstance(array, Array) and eqn["index"] == ("i",) * array.rank else None


class Meetings:
    """Answers whether two accesses to one memory may touch the same element.

    Parameters
    ----------
    places, shapes
        What is known of the function that they are in.
    """

    def __init__(self, places: Places, shapes: Shapes) -> None:
        self.places = places
        self.shapes = shapes

    def meets_later(self, first: Access, second: Access) -> bool:
        """Whether the second access may run after the first and touch the same element."""
        common = [a for a, b in zip(first.place.loops, second.place.loops, strict=False) if a is b]
        if second.at is None:
            return bool(common) or second.turn > first.turn
        for level, loop in enumerate(common):
            if self.may_meet(first, second, common[:level], loop):
                return True
        return second.turn > first.turn and self.may_meet(first, second, common, None)

    def may_meet(
        self, first: Access, second: Access, same: Sequence[Node], later: For | While | None, by: int = 1
    ) -> bool:
        """Whether they may touch one element, in one iteration of the loops `same` and one of `later` at least so much later."""
        assert first.at is not None
        assert second.at is not None
        one, other = System(self, same, 0), System(self, same, 1)
        indices = [(one.linear(i), other.linear(j)) for i, j in zip(first.at, second.at, strict=True)]
        one.around(first.place)
        other.around(second.place)
        rows = one.rows + other.rows
        choices = one.choices + other.choices
        if isinstance(later, For) and isinstance(later.step, Const):
            index = later.body.params[0]
            step = later.step.value
            ahead = other.linear(index) - one.linear(index)
            rows.append((ahead if step > 0 else -ahead) - by * abs(step))
        for alternative in product(*choices):
            system = rows + [row for part in alternative for row in part]
            equal = [i - j for i, j in indices if self.comparable(i, j, system)]
            if feasible(system, equal):
                return True
        return False

    def comparable(self, i: Linear, j: Linear, system: list[Linear]) -> bool:
        """Whether equal indices is what two accesses to one element have; one from the end may equal one from the start."""
        if i.number is not None and j.number is not None and (i.number < 0) == (j.number < 0):
            return True
        return not feasible([*system, -i - 1]) and not feasible([*system, -j - 1])


class Elements(Meetings):
    """Answers for which values of a function the element that holds them keeps its value."""

    def __init__(self, fn: Function, places: Places, shapes: Shapes) -> None:
        super().__init__(places, shapes)
        self.memories = Memories(fn, places)
        self.found: dict[Value, Settled | None] = {}
        self.stored: dict[Atom, list[Eqn]] = {}
        for accesses in self.memories.writes.values():
            for access in accesses:
                if access.eqn.primitive == "store" and access.at is not None:
                    self.stored.setdefault(access.eqn.operands[1], []).append(access.eqn)

    def settled(self, value: Value) -> Settled | None:
        """Where a value is found after all loops, if it was read from there or written there and stays."""
        if value not in self.found:
            self.found[value] = self.find(value)
        return self.found[value]

    def find(self, value: Value) -> Settled | None:
        origin = self.places.origin.get(value)
        holders = [e for e in self.stored.get(value, ()) if self.holds(e, value)]
        if origin is not None and origin.primitive == "load":
            holders.insert(0, origin)
        for eqn in holders:
            index = eqn.operands[1:] if eqn.primitive == "load" else eqn.operands[2:]
            place, turn = self.places.of[eqn.results[0]], self.places.turn[eqn.results[0]]
            memory = self.memories.memory(eqn.operands[0])
            if memory is None or memory in self.memories.lost or memory in self.memories.viewed:
                continue
            last = self.memories.last.get(memory)
            if last is None or self.places.turn[last] < turn:
                continue
            access = Access(eqn, place, turn, index)
            if not any(self.meets_later(access, write) for write in self.memories.writes[memory]):
                return Settled(last, index)
        return None

    def holds(self, store: Eqn, value: Value) -> bool:
        """Whether an element is the value wherever there is one: a store in a branch or loop of its own may not run."""
        always = self.places.of[store.results[0]] is self.places.of[value]
        return always and dtype_of(store.operands[0].type) == dtype_of(value.type)


def sweeps(about: Meetings, load: Eqn) -> bool:
    """Whether the loops inside of which an array is made and an element of it read go through about all of it.

    Of an array with one axis half is enough: that the last, or the first, iteration of a loop around goes through all.
    """
    base, *index = load.operands
    assert isinstance(base, Value)
    inner = about.places.of[load.results[0]].loops[len(about.places.of[base].loops) :]
    system = System(about, (), 0)
    ways = [(system.linear(loop.body.params[0]), loop) for loop in inner if isinstance(loop, For)]
    gone_through = set()
    for i, dim in zip(index, about.shapes.dims(base), strict=True):
        terms = system.linear(i).terms
        loop = next((loop for way, loop in ways if terms.keys() & way.terms.keys()), None)
        if loop is None or not isinstance(loop.step, Const) or abs(loop.step.value) != 1:
            return False
        missed = system.length(dim) - (system.linear(loop.stop) - system.linear(loop.start)) * loop.step.value
        if not any(m.number is not None and abs(m.number) <= FEW for m in at_ends(missed, about, load, index)):
            return False
        gone_through.add(loop)
    return len(gone_through) == len(index)


def at_ends(missed: Linear, about: Meetings, load: Eqn, index: Sequence[Atom]) -> Iterator[Linear]:
    """An integer; of an array with one axis also what it is in the first and last iterations of a loop that it depends on."""
    yield missed
    system = System(about, (), 0)
    for loop in about.places.of[load.results[0]].loops if len(index) == 1 else ():
        if isinstance(loop, For) and isinstance(loop.step, Const) and abs(loop.step.value) == 1:
            way = system.linear(loop.body.params[0])
            factor = next((f for s, f in missed.terms.items() if s in way.terms), 0)
            for end in (system.linear(loop.start), system.linear(loop.stop) - loop.step.value):
                yield missed + (end - way) * factor


class System:
    """Integers of a program as linear forms, in one of two runs of it that share the iterations of some loops.

    `rows` are not negative; one alternative of each of `choices` is not negative either.
    """

    def __init__(self, about: Meetings, same: Sequence[Node], run: int) -> None:
        self.places = about.places
        self.shapes = about.shapes
        self.same = same
        self.run = run
        self.rows: list[Linear] = []
        self.choices: list[Choices] = []
        self.made: dict[Value, Linear] = {}

    def named(self, value: Value, *about: object) -> Linear:
        """The symbol of a value, one for both runs if it is the same in both."""
        loops = self.places.of[value].loops
        shared = len(loops) <= len(self.same)
        return symbol((value, *about) if shared else (value, *about, self.run))

    def linear(self, atom: Atom) -> Linear:
        """An integer of the program."""
        if isinstance(atom, Const):
            return Linear({}, int(atom.value))
        assert isinstance(atom, Value)
        if atom not in self.made:
            self.made[atom] = self.named(atom)  # of itself, while it is looked at
            self.made[atom] = self.look(atom)
        return self.made[atom]

    def look(self, value: Value) -> Linear:
        loop = self.places.index_of.get(value)
        if loop is not None:
            here = self.named(value)
            self.made[value] = here
            self.between(here, loop)
            return here
        if value in self.shapes.integers:
            return self.length(self.shapes.integers[value])
        eqn = self.places.origin.get(value)
        if eqn is None or not isinstance(value.type, Scalar):
            return self.named(value)
        return self.computed(eqn, value)

    def length(self, dim: Dim) -> Linear:
        """The length of an axis."""
        match dim:
            case int():
                return Linear({}, dim)
            case Value():
                return self.linear(dim)
            case (array, axis):
                here = self.named(array, axis)
                self.rows.append(here)
                return here

    def computed(self, eqn: Eqn, value: Value) -> Linear:
        operands = [o for o in eqn.operands if integer(o)]
        if len(operands) != len(eqn.operands):
            return self.named(value)
        match eqn.primitive, [self.linear(o) for o in operands]:
            case "add", [a, b]:
                return a + b
            case "sub", [a, b]:
                return a - b
            case "neg", [a]:
                return -a
            case "mul", [a, b] if a.number is not None:
                return b * a.number
            case "mul", [a, b] if b.number is not None:
                return a * b.number
            case ("maximum" | "minimum") as kind, [a, b]:
                here = self.named(value)
                self.rows += [here - a, here - b] if kind == "maximum" else [a - here, b - here]
                return here
        return self.named(value)

    def between(self, index: Linear, loop: For) -> None:
        """Note that an index is within the bounds of its loop."""
        if not isinstance(loop.step, Const) or loop.step.value == 0:
            return
        start, stop = self.linear(loop.start), self.linear(loop.stop)
        self.rows += [index - start, stop - 1 - index] if loop.step.value > 0 else [start - index, index - stop - 1]

    def around(self, place: Place) -> None:
        """Note the conditions under which a block runs, and the bounds of the loops around it."""
        for inside in place.chain:
            owner = inside.owner
            if isinstance(owner, For):
                self.linear(owner.body.params[0])
            elif isinstance(owner, If):
                for choices in self.holding(owner.cond, inside.block is owner.then):
                    self.choices.append(choices)

    def holding(self, cond: Atom, true: bool) -> Iterator[Choices]:
        """What is not negative where a condition is true, or where it is false."""
        eqn = self.places.origin.get(cond) if isinstance(cond, Value) else None
        if eqn is None:
            return
        if eqn.primitive == "logical_not":
            yield from self.holding(eqn.operands[0], not true)
        elif eqn.primitive == ("logical_and" if true else "logical_or"):
            for operand in eqn.operands:
                yield from self.holding(operand, true)
        elif eqn.primitive in NOT_NEGATIVE and all(integer(o) for o in eqn.operands):
            a, b = (self.linear(o) for o in eqn.operands)
            yield NOT_NEGATIVE[eqn.primitive if true else OPPOSITE[eqn.primitive]](a - b)


def integer(atom: Atom) -> bool:
    """Whether an atom is one integer of 64 bits and a sign: others wrap around sooner."""
    if isinstance(atom, Const):
        return isinstance(atom.value, int) and not isinstance(atom.value, bool)
    return isinstance(atom, Value) and isinstance(atom.type, Scalar) and atom.type.dtype == "int64"
