"""Checks consumption: no version of an array or list is read once its memory holds a later version.

Follows which values may lie in the same memory; does not insert the copies that would mend a program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NoReturn

from adcompile.ir.nodes import Atom, Block, Eqn, For, Function, If, Node, Value, While
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array, List

Fail = Callable[[Node | None, str], NoReturn]

#: these change the length of what they consume, so that not even the length of the old version is left
RESIZING = frozenset({"reserve", "list_append", "list_pop"})


@dataclass(eq=False, slots=True)
class Memory:
    """A stretch of memory, and the others that it may be, on some path, the same as."""

    serial: int
    overlaps: set[Memory] = field(default_factory=set)

    def may_be(self, other: Memory) -> bool:
        """Whether the two share memory on some path."""
        return self is other or other in self.overlaps

    def link(self, others: Iterable[Memory]) -> None:
        """Note that the memory may be one of the others."""
        for other in others:
            if other is not self:
                self.overlaps.add(other)
                other.overlaps.add(self)

    def unlink(self) -> None:
        """Note that no value in scope lies here any more."""
        for other in self.overlaps:
            other.overlaps.discard(self)


#: a memory, and whether its contents or its length is meant
Part = tuple[Memory, str]


@dataclass(eq=False, slots=True)
class Place:
    """Where a value lies, when it came to be, and inside how many loops."""

    memory: Memory
    made: int
    level: int


def check_consumption(fn: Function, fail: Fail) -> None:
    """Call `fail` at the first node that reads what has been overwritten; None stands for the function's results."""
    checker = ConsumptionChecker(fail)
    for param in fn.params:
        checker.enter(param, checker.memory())
    checker.block(fn.body, None)


class ConsumptionChecker:
    """One walk in program order, with the time of the last write to each memory on the path so far."""

    def __init__(self, fail: Fail) -> None:
        self.fail = fail
        self.clock = 0
        self.made: list[Memory] = []
        self.places: dict[Value, Place] = {}
        self.written: dict[Part, int] = {}
        #: what `written` said before each change, so that the path can be left again
        self.log: list[tuple[Part, int]] = []
        #: for each loop around, the values from outside that it reads, and where
        self.reads: list[dict[Value, Node | None]] = []

    # -- memory -------------------------------------------------------------------------------------------------

    def memory(self) -> Memory:
        """A new memory."""
        self.made.append(Memory(self.made[-1].serial + 1 if self.made else 1))
        return self.made[-1]

    def forget(self, before: int) -> None:
        """Leave the block in which the memories after a serial number were made."""
        while len(self.made) > before:
            self.made.pop().unlink()

    def enter(self, value: Value, memory: Memory, made: int | None = None) -> None:
        """Note where a value lies; `made` is the time it stands for, if that is not now."""
        if isinstance(value.type, Array | List):
            self.places[value] = Place(memory, self.clock if made is None else made, len(self.reads))

    def place(self, atom: Atom) -> Place | None:
        """Where an atom lies, if it is an array or list."""
        return self.places.get(atom) if isinstance(atom, Value) else None

    def write(self, memory: Memory, resizes: bool) -> None:
        """Note that a memory is overwritten, and that its length changes where it is resized."""
        self.mark({(m, part) for m in (memory, *memory.overlaps) for part in ("contents", "length")[: 1 + resizes]})

    def mark(self, parts: set[Part]) -> None:
        """Note that parts are overwritten now."""
        self.clock += 1
        for part in parts:
            self.log.append((part, self.written.get(part, 0)))
            self.written[part] = self.clock

    def rewind(self, position: int) -> set[Part]:
        """Return to an earlier path; the parts written since."""
        parts = {part for part, _ in self.log[position:]}
        while len(self.log) > position:
            part, before = self.log.pop()
            self.written[part] = before
        return parts

    def read(self, atom: Atom, node: Node | None, part: str = "contents") -> None:
        """Check that what is read has not been overwritten since it was made."""
        if not isinstance(atom, Value) or atom not in self.places:
            return
        place = self.places[atom]
        if self.written.get((place.memory, part), 0) > place.made:
            self.fail(node, f"the {part} of {atom.name or 'a value'} is read after being overwritten")
        if part == "contents":
            for reads in self.reads[place.level :]:
                reads[atom] = node

    # -- nodes --------------------------------------------------------------------------------------------------

    def block(self, block: Block, owner: Node | None) -> None:
        """Check the nodes of a block, and that what it hands to its owner is still there."""
        for node in block.nodes:
            match node:
                case Eqn():
                    self.eqn(node)
                case If():
                    self.choice(node)
                case For() | While():
                    self.loop(node)
        for atom in block.results:
            self.read(atom, owner)

    def eqn(self, node: Eqn) -> None:
        """Check what an equation reads, then note what it overwrites and where its results lie."""
        about = PRIMITIVES[node.primitive]
        element = node.primitive == "list_get"  # an element is memory of its own
        for k, operand in enumerate(node.operands):
            if k != about.aliases or element:
                self.read(operand, node, "length" if about.shape_only else "contents")
        for result in node.results:
            self.enter(result, self.memory())
        if about.consumes is not None:
            place = self.place(node.operands[about.consumes])
            if place is None:
                self.fail(node, f"{node.primitive} overwrites what is no array or list")
            self.write(place.memory, node.primitive in RESIZING)
            self.enter(node.results[0], place.memory)
        elif about.aliases is not None and not element:
            place = self.place(node.operands[about.aliases])
            if place is not None:
                self.enter(node.results[0], place.memory, place.made)

    def choice(self, node: If) -> None:
        """Check both branches from the same state; what either overwrites is overwritten."""
        before = len(self.made)
        written: set[Part] = set()
        memories: list[list[Memory | None]] = []
        for block in (node.then, node.orelse):
            position = len(self.log)
            self.block(block, node)
            memories.append(self.memories(block.results))
            written |= self.rewind(position)
        self.mark({(memory, part) for memory, part in written if memory.serial <= before})
        origins = [{m for m in either if m} for either in zip(*memories, strict=True)]
        older = [{m for m in reach(o) if m.serial <= before} for o in origins]
        pairs = combinations(range(len(origins)), 2)
        shared = [(j, k) for j, k in pairs if any(together(branch[j], branch[k]) for branch in memories)]
        self.forget(before)
        certain = [m if (m := only(o)) and m.serial <= before else None for o in origins]
        results = self.derived(older, certain)
        for j, k in shared:
            results[j].link([results[k]])
        for result, memory in zip(node.results, results, strict=True):
            self.enter(result, memory)

    def derived(self, origins: Sequence[set[Memory]], certain: Sequence[Memory | None]) -> list[Memory]:
        """A memory for each of several values: the one it is sure to be, else a new one.

        The new ones may be some older memory each, but not each other.
        """
        memories = [known or self.memory() for known in certain]
        for memory, known, older in zip(memories, certain, origins, strict=True):
            memory.link(older if known is None else ())
        return memories

    def memories(self, atoms: Sequence[Atom]) -> list[Memory | None]:
        """The memories of atoms; None for scalars and what is undefined."""
        return [place.memory if (place := self.place(a)) else None for a in atoms]

    # -- loops --------------------------------------------------------------------------------------------------

    def loop(self, node: For | While) -> None:
        """Check a loop; two carried values that may share memory on entry or after an iteration are one group."""
        for init in node.inits:
            self.read(init, node)
        inits = self.memories(node.inits)
        groups = merged(list(range(len(inits))), inits)
        while not self.iteration(node, inits, groups):
            pass

    def iteration(self, node: For | While, inits: list[Memory | None], groups: list[int]) -> bool:
        """Check the body once; False, with coarser groups, where an iteration brings memories together."""
        before, position = len(self.made), len(self.log)
        origins = {g: reach(m for h, m in zip(groups, inits, strict=True) if h == g and m) for g in groups}
        carried = dict(zip(origins, self.derived(list(origins.values()), [None] * len(origins)), strict=True))
        self.reads.append({})
        blocks = [node.body] if isinstance(node, For) else [node.cond, node.body]
        params = [b.params[1:] if isinstance(node, For) else b.params for b in blocks]
        for g, *same in zip(groups, *params, strict=True):
            for param in same:
                self.enter(param, carried[g])
        for block in blocks:
            self.block(block, node)
        nexts = self.memories(node.body.results)[: len(inits)]
        reads = self.reads.pop()
        written = self.rewind(position)
        coarser = merged(groups, nexts)
        if coarser != groups:
            groups[:] = coarser
            self.forget(before)
            return False
        self.leave(node, Loop(before, groups, inits, nexts, carried), written, reads)
        return True

    def leave(self, node: For | While, loop: Loop, written: set[Part], reads: dict[Value, Node | None]) -> None:
        """Carry over to the outside what the loop writes, and enter its results."""
        outside = loop.outside()
        own = {memory: g for g, memory in loop.carried.items()}
        outer = {(m, part) for memory, part in written for m in (outside[own[memory]] if memory in own else {memory})}
        outer = {(m, part) for m, part in outer if m.serial <= loop.before}
        for value, where in reads.items():
            if (self.places[value].memory, "contents") in outer:
                self.fail(where, f"{value.name or 'a value'} is read in a loop that overwrites it without carrying it")
        self.mark(outer)
        stays = [loop.in_place(g) for g in outside]
        self.forget(loop.before)
        memories = dict(zip(outside, self.derived(list(outside.values()), stays), strict=True))
        for g, result in zip(loop.groups, node.results, strict=True):
            self.enter(result, memories[g])


@dataclass(eq=False, slots=True)
class Loop:
    """The memories of a loop: of its groups of carried values inside it, on entry, and after an iteration."""

    before: int
    groups: list[int]
    inits: list[Memory | None]
    nexts: list[Memory | None]
    carried: dict[int, Memory]

    def outside(self) -> dict[int, set[Memory]]:
        """What each group may be of the memories that were there before the loop, in any iteration."""
        found: dict[int, set[Memory]] = {g: set() for g in self.carried}
        ends_at: dict[int, set[Memory]] = {g: set() for g in self.carried}
        for g, *ends in zip(self.groups, self.inits, self.nexts, strict=True):
            ends_at[g] |= reach(m for m in ends if m)
        changed = True
        while changed:
            changed = False
            for g, memories in ends_at.items():
                wider = {m for m in memories if m.serial <= self.before}
                wider = wider.union(*(found[h] for h, m in self.carried.items() if m in memories))
                changed |= wider != found[g]
                found[g] = wider
        return found

    def in_place(self, group: int) -> Memory | None:
        """The memory in which a group stays from before the loop to its end, if it does."""
        members = [k for k, g in enumerate(self.groups) if g == group]
        stays = all(self.nexts[k] is self.carried[group] for k in members)
        return only({m for k in members if (m := self.inits[k])}) if stays else None


def reach(memories: Iterable[Memory]) -> set[Memory]:
    """Some memories, and all that they may be."""
    return {each for memory in memories for each in (memory, *memory.overlaps)}


def only(memories: set[Memory]) -> Memory | None:
    """The one there is, if there is one."""
    return next(iter(memories)) if len(memories) == 1 else None


def together(a: Memory | None, b: Memory | None) -> bool:
    """Whether two memories, if there are two, share memory on some path."""
    return a is not None and b is not None and a.may_be(b)


def merged(groups: list[int], memories: list[Memory | None]) -> list[int]:
    """The groups, with those joined whose members may share memory."""
    groups = list(groups)
    for j, k in combinations(range(len(groups)), 2):
        if groups[j] != groups[k] and together(memories[j], memories[k]):
            old, new = groups[k], groups[j]
            groups = [new if g == old else g for g in groups]
    return groups
