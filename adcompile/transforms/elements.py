"""Keeps an element of an array in a number while a block reads and writes it more than once.

The adjoint of a store takes a cotangent out and leaves zero; that of what was stored then adds to the same element, or
puts back what was there: `x = A_bar[i]; A_bar[i] = 0.0; ...; A_bar[i] += x * y` is `A_bar[i] = A_bar[i] * y`. LLVM sees it
only if it can tell that nothing in between touches the element, in an inner loop for example. `dependence` can.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from adcompile.analyses.dependence import Access, Meetings, Memories, written_index
from adcompile.analyses.places import Place, Places
from adcompile.analyses.shapes import Shapes
from adcompile.ir.build import zero
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, If, Node, Value, blocks_of, operands_of
from adcompile.ir.types import Array, Scalar, dtype_of
from adcompile.ir.walk import each_node, reads, rebuild, same_value, uses
from adcompile.transforms.jvp import Derived
from adcompile.transforms.prune import prune
from adcompile.transforms.simplify import simplify

#: how often each access goes to memory
COST = {"load": 1, "store": 1, "accumulate": 2, "drain": 2}


def keep_elements(derived: Derived) -> Derived:
    """The program with such elements in numbers."""
    found = Finder(derived.function).spans()
    if not found:
        return derived
    fn = Rewriter(found).function(derived.function)
    kept = simplify(Derived(fn, derived.related))
    return Derived(prune(kept.function), kept.related)


@dataclass(eq=False)
class Stay:
    """Nodes of a block in which an element may be kept: those that access it, and those that read it inside.

    Nothing between the first and the last of them may touch the element otherwise.
    """

    index: tuple[Atom, ...]
    direct: list[Eqn] = field(default_factory=list)
    #: loads inside of other nodes of the block, by node
    inner: dict[Node, list[Eqn]] = field(default_factory=dict)
    #: the version of the array that each node between them reads, and how often these read each
    versions: dict[Node, Value] = field(default_factory=dict)
    read: Counter[Value] = field(default_factory=Counter)

    @property
    def writes(self) -> list[Eqn]:
        return [e for e in self.direct if e.primitive != "load"]

    def saves(self) -> bool:
        """Whether fewer accesses are left if the element is kept."""
        before = sum(COST[e.primitive] for e in self.direct) + len(self.inner)
        return bool(self.writes) and self.left() < before

    def left(self) -> int:
        """How many accesses are left."""
        loaded = bool(self.inner) or self.direct[0].primitive != "store"
        return loaded + (not self.puts_back())

    def puts_back(self) -> bool:
        """Whether the element holds in the end what it held in the beginning."""
        match [(e.primitive, e) for e in self.direct if e.primitive != "load"]:
            case [("drain", first), ("accumulate" | "store", second)]:
                return second.operands[1] is first.results[1]
        return False


class Finder:
    """Looks for such elements; changes nothing."""

    def __init__(self, fn: Function) -> None:
        self.fn = fn
        self.places = Places(fn)
        self.meetings = Meetings(self.places, Shapes(fn))
        self.uses = uses(fn)

    def spans(self) -> list[Stay]:
        """Where elements are to be kept, in all blocks."""
        return list(self.of_block(self.fn.body, Memories(self.fn, self.places)))

    def of_block(self, block: Block, memories: Memories) -> Iterator[Stay]:
        written = {
            (memory, index): None
            for node in block.nodes
            if (index := self.direct(node)) is not None
            and isinstance(node, Eqn)
            and node.primitive != "load"
            and self.is_followed(memory := memories.memory(node.operands[0]), memories)
        }
        for memory, index in written:
            assert memory is not None
            for stay in self.stays(block, memories, memory, index):
                if stay.saves() and self.stays_inside(stay):
                    yield stay
        for node in block.nodes:
            for inner in blocks_of(node):
                if isinstance(node, For):
                    yield from self.of_block(inner, Memories(node, self.places))
                elif isinstance(node, If):
                    yield from self.of_block(inner, memories)

    def is_followed(self, memory: Value | None, memories: Memories) -> bool:
        known = memory is not None and memory not in memories.lost and memory not in memories.viewed
        return known and isinstance(memory.type, Array)  # type: ignore[union-attr]

    def direct(self, node: Node) -> tuple[Atom, ...] | None:
        """The index of the one element that an equation reads or writes."""
        if not isinstance(node, Eqn) or node.primitive not in COST:
            return None
        if node.primitive != "load":
            value = node.results[1] if node.primitive == "drain" else node.operands[1]
            same = dtype_of(value.type) == dtype_of(node.operands[0].type)
            return written_index(node) if same and isinstance(value.type, Scalar) else None
        return node.operands[1:] if isinstance(node.results[0].type, Scalar) else None

    def stays(self, block: Block, memories: Memories, memory: Value, index: tuple[Atom, ...]) -> Iterator[Stay]:
        """The stretches of a block in which nothing touches an element otherwise."""
        place = self.places.inside[block]
        stay = Stay(index)
        version: Value | None = None
        for node in block.nodes:
            touched = {v for v in reads(Block((), (node,), ())) if memories.memory(v) is memory}
            outside = {v for v in touched if self.places.of.get(v) in place.chain and v not in node.results}
            if not touched or (isinstance(node, Eqn) and node.primitive == "shape"):
                continue
            inner = self.inner(node, memories, memory, index, place)
            if inner is None or (version is not None and outside != {version}) or len(outside) != 1:
                yield from [stay] if stay.direct else []
                stay = Stay(index)
                inner = None if len(outside) != 1 else self.inner(node, memories, memory, index, place)
            if inner is None:
                version = None
                continue
            (version,) = outside
            stay.versions[node] = version
            stay.read.update(v for v in reads(Block((), (node,), ())) if v is version)
            if self.direct(node) == index:
                assert isinstance(node, Eqn)
                stay.direct.append(node)
            elif inner:
                stay.inner[node] = inner
            version = next((r for r in node.results if memories.memory(r) is memory), version)
        yield from [stay] if stay.direct else []

    def inner(
        self, node: Node, memories: Memories, memory: Value, index: tuple[Atom, ...], place: Place
    ) -> list[Eqn] | None:
        """The loads of an element inside of a node that touches it in no other way; None if it may."""
        found: list[Eqn] = []
        if self.direct(node) == index:
            return found
        for eqn in each_node(Block((), (node,), ())):
            touched = [o for o in operands_of(eqn) if memories.memory(o) is memory]
            if not isinstance(eqn, Eqn) or not touched or eqn.primitive == "shape":
                continue
            at = eqn.operands[1:] if eqn.primitive == "load" else written_index(eqn)
            if at is None or len(touched) > 1 or touched[0] is not eqn.operands[0]:
                return None
            if eqn.results[0] not in self.places.of:  # in the condition of a `while`
                return None
            if eqn.primitive == "load" and at == index and eqn is not node:
                found.append(eqn)
                continue
            result = eqn.results[0]
            there = Access(eqn, self.places.of[result], self.places.turn[result], at)
            here = Access(eqn, place, 0, index)
            if self.meetings.may_meet(here, there, place.loops, None):
                return None
        return found

    def stays_inside(self, stay: Stay) -> bool:
        """Whether the versions that are to be made no longer are read by these nodes only."""
        return all(self.uses[e.results[0]] == stay.read[e.results[0]] for e in stay.writes[:-1])


class Rewriter:
    """Puts numbers in place of the elements."""

    def __init__(self, stays: Sequence[Stay]) -> None:
        self.of: dict[Node, list[Stay]] = {}
        self.dropped: set[Eqn] = set()
        for stay in stays:
            for node in (*stay.direct, *stay.inner):
                self.of.setdefault(node, []).append(stay)
            for loads in stay.inner.values():
                self.dropped.update(loads)
        #: what each element is, and what it was when it was loaded
        self.now: dict[Stay, Atom] = {}
        self.before: dict[Stay, Atom] = {}
        self.became: dict[Value, Atom] = {}

    def function(self, fn: Function) -> Function:
        return replace(fn, body=self.block(fn.body))

    def read(self, atom: Atom) -> Atom:
        while isinstance(atom, Value) and atom in self.became:
            atom = self.became[atom]
        return atom

    def block(self, block: Block) -> Block:
        nodes = [new for node in block.nodes for new in self.node(node)]
        return Block(block.params, tuple(nodes), tuple(map(self.read, block.results)))

    def node(self, node: Node) -> Iterator[Node]:
        if isinstance(node, Eqn) and node in self.dropped:
            return
        for stay in self.of.get(node, ()):
            if node in stay.inner:
                yield from self.loaded(stay, node)
                self.became.update((load.results[0], self.now[stay]) for load in stay.inner[node])
            else:
                assert isinstance(node, Eqn)
                yield from self.access(stay, node)
                return
        yield rebuild(node, self.read, same_value, self.block)

    def loaded(self, stay: Stay, node: Node, into: Value | None = None) -> Iterator[Eqn]:
        """Load the element, unless it is in a number already."""
        array = stay.versions[node]
        if stay not in self.now:
            number = into or Value(Scalar(dtype_of(array.type)), "", node.span)
            self.now[stay] = self.before[stay] = number
            at = tuple(map(self.read, stay.index))
            yield Eqn("load", (self.read(array), *at), (number,), (("index", ("i",) * len(at)),), node.span)
        elif into is not None:
            self.became[into] = self.now[stay]

    def access(self, stay: Stay, eqn: Eqn) -> Iterator[Eqn]:
        """What is left of an access: nothing, or a load or store."""
        array, *_ = eqn.operands
        match eqn.primitive:
            case "load":
                yield from self.loaded(stay, eqn, eqn.results[0])
                return
            case "drain":
                yield from self.loaded(stay, eqn, eqn.results[1])
                self.now[stay] = zero(Scalar(dtype_of(array.type)))
            case "accumulate":
                yield from self.loaded(stay, eqn)
                yield from self.added(stay, eqn)
            case _:
                self.now[stay] = self.read(eqn.operands[1])
        if eqn is stay.writes[-1] and self.now[stay] != self.before.get(stay):
            operands = (self.read(array), self.now[stay], *map(self.read, stay.index))
            codes = (("index", ("i",) * len(stay.index)),)
            yield Eqn("store", operands, (eqn.results[0],), codes, eqn.span, eqn.comment)
        else:
            self.became[eqn.results[0]] = self.read(array)

    def added(self, stay: Stay, eqn: Eqn) -> Iterator[Eqn]:
        """Add to the element's number."""
        number, added = self.now[stay], self.read(eqn.operands[1])
        if isinstance(number, Const) and number.value == 0:
            self.now[stay] = added
            return
        self.now[stay] = total = Value(Scalar(dtype_of(eqn.operands[0].type)), "", eqn.span)
        yield Eqn("add", (number, added), (total,), (), eqn.span)
