"""Keeps a sum that a loop forms in one element of an array in a number, and adds it to the element after the loop.

`A_bar[i, k] += x` in a loop over `j` reads and writes memory in each iteration, and keeps LLVM from doing several at
once, unless it can tell that nothing else in the loop touches the element. `dependence` can.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from adcompile.analyses.dependence import Access, Meetings, Memories, System, written_index
from adcompile.analyses.linear import feasible
from adcompile.analyses.places import Places
from adcompile.analyses.shapes import Shapes
from adcompile.ir.build import zero
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, If, Node, Value, blocks_of, operands_of
from adcompile.ir.types import BOOL, Array, Scalar, dtype_of
from adcompile.ir.walk import each_block, each_node, map_blocks, substitute
from adcompile.transforms.jvp import Derived, same_variable


class Sum(NamedTuple):
    """An accumulation in the body of a loop that always adds to the same element of its `position`-th carried array."""

    eqn: Eqn
    position: int


def keep_sums(derived: Derived) -> Derived:
    """The program with sums over loops kept in numbers, loop by loop from the inside out."""
    for _ in range(depth(derived.function.body)):
        found = Finder(derived.function).sums()
        if not found:
            break
        derived = Rewriter(derived, found).result()
    return derived


def depth(block: Block) -> int:
    """How deep loops are nested."""
    inner = [depth(b) + isinstance(n, For) for n in block.nodes for b in blocks_of(n)]
    return max(inner, default=0)


class Finder:
    """Looks for sums; changes nothing."""

    def __init__(self, fn: Function) -> None:
        self.fn = fn
        self.places = Places(fn)
        self.meetings = Meetings(self.places, Shapes(fn))

    def sums(self) -> dict[For, list[tuple[Sum, bool]]]:
        """The sums of each loop, and whether its iterations may be none, so that the element may not exist."""
        found: dict[For, list[tuple[Sum, bool]]] = {}
        for block in each_block(self.fn.body):
            for node in block.nodes:
                if isinstance(node, For):
                    sums = list(self.of_loop(node))
                    if sums:
                        found[node] = [(s, self.may_be_missing(s, node, block)) for s in sums]
        return found

    def of_loop(self, loop: For) -> Iterator[Sum]:
        if not isinstance(loop.step, Const):
            return
        memories = Memories(loop, self.places)
        for position, p in enumerate(loop.body.params[1:]):
            if not isinstance(p.type, Array) or memories.memory(p) in memories.lost:
                continue
            sums = [e for e in loop.body.nodes if isinstance(e, Eqn) and self.is_sum(e, memories, p, loop)]
            accesses = list(self.accesses(loop.body, memories, p)) if sums else []
            for eqn in sums:
                if all(a is not None and (same_element(a.eqn, eqn) or self.apart(eqn, a, loop)) for a in accesses):
                    yield Sum(eqn, position)

    def is_sum(self, eqn: Eqn, memories: Memories, memory: Value, loop: For) -> bool:
        """Whether an equation adds a number to an element that is the same in all iterations."""
        if eqn.primitive != "accumulate" or memories.memory(eqn.operands[0]) is not memory:
            return False
        index = written_index(eqn)
        return (
            index is not None
            and dtype_of(eqn.operands[1].type) == dtype_of(memory.type)
            and not any(self.is_inside(i, loop) for i in index)
        )

    def is_inside(self, atom: Atom, loop: For) -> bool:
        return isinstance(atom, Value) and self.places.inside[loop.body] in self.places.of[atom].chain

    def accesses(self, block: Block, memories: Memories, memory: Value) -> Iterator[Access | None]:
        """What reads or writes a memory in a block; None for what may touch any of it."""
        for node in each_node(block):
            touched = [o for o in operands_of(node) if memories.memory(o) is memory]
            if not isinstance(node, Eqn):
                continue
            if node.primitive == "shape" or not touched:
                continue
            index = node.operands[1:] if node.primitive == "load" else written_index(node)
            if index is None or len(touched) > 1 or touched[0] is not node.operands[0]:
                yield None
            else:
                result = node.results[0]
                yield Access(node, self.places.of[result], self.places.turn[result], index)

    def apart(self, eqn: Eqn, other: Access, loop: For) -> bool:
        """Whether two accesses in a loop never touch one element, in whatever iterations."""
        mine = Access(eqn, self.places.inside[loop.body], 0, written_index(eqn))
        around = self.places.inside[loop.body].loops[:-1]
        return not self.meetings.may_meet(mine, other, around, None)

    def may_be_missing(self, found: Sum, loop: For, block: Block) -> bool:
        """Whether the element may not exist, because no iteration ever touches it."""
        array = loop.results[found.position], loop.inits[found.position]
        for node in block.nodes:
            if isinstance(node, Eqn) and node.primitive in ("load", "store", "accumulate", "drain"):
                index = node.operands[1:] if node.primitive == "load" else written_index(node)
                if index == written_index(found.eqn) and node.operands[0] in array:
                    return False
        assert isinstance(loop.step, Const)
        place = self.places.inside[block]
        system = System(self.meetings, place.loops, 0)
        none = system.linear(loop.start) - system.linear(loop.stop)
        system.around(place)
        return feasible([*system.rows, none if loop.step.value > 0 else -none])


def same_element(a: Eqn, b: Eqn) -> bool:
    """Whether both add to one element: then neither reads it, and each can have its own sum."""
    return a.primitive == b.primitive == "accumulate" and written_index(a) == written_index(b)


class Rewriter:
    """Puts numbers in place of the elements that sums are formed in."""

    def __init__(self, derived: Derived, found: dict[For, list[tuple[Sum, bool]]]) -> None:
        self.derived = derived
        self.found = found
        self.related = dict(derived.related)

    def result(self) -> Derived:
        fn = self.derived.function
        return Derived(replace(fn, body=self.block(fn.body)), self.related)

    def block(self, block: Block) -> Block:
        nodes = [new for node in block.nodes for new in self.node(node)]
        return replace(block, nodes=tuple(nodes))

    def node(self, node: Node) -> list[Node]:
        inner = map_blocks(node, self.block)
        if isinstance(node, For) and isinstance(inner, For) and node in self.found:
            return self.loop(inner, self.found[node])
        return [inner]

    def loop(self, loop: For, sums: list[tuple[Sum, bool]]) -> list[Node]:
        """The loop with a number carried for each sum, and what adds them to their elements."""
        body = list(loop.body.nodes)
        results = list(loop.results)
        carried: list[tuple[Atom, Value, Value, Value]] = []
        gone: dict[Value, Atom] = {}
        after: list[Node] = []
        for (eqn, position), may_be_missing in sums:
            kind = Scalar(dtype_of(eqn.operands[0].type))
            before, following, total = (self.named(kind, loop.results[position]) for _ in range(3))
            carried.append((zero(kind), before, following, total))
            k = next(k for k, n in enumerate(body) if n.results == eqn.results)
            body[k] = Eqn("add", (before, eqn.operands[1]), (following,), (), eqn.span)
            gone[eqn.results[0]] = gone.get(eqn.operands[0], eqn.operands[0])  # type: ignore[arg-type]
            left = same_variable(results[position], self.related)
            after = self.add_after(eqn, left, total, results[position], loop if may_be_missing else None) + after
            results[position] = left
        inits, params, nexts, totals = zip(*carried, strict=True)
        n = len(loop.inits)
        handed_on = (*loop.body.results[:n], *nexts, *loop.body.results[n:])
        block = substitute(Block((*loop.body.params, *params), tuple(body), handed_on), gone)
        return [replace(loop, inits=(*loop.inits, *inits), body=block, results=(*results, *totals)), *after]

    def named(self, kind: Scalar, owner: Value) -> Value:
        value = Value(kind)
        other, suffix = self.related.get(owner, (owner, ""))
        self.related[value] = (other, f"{suffix}_sum")
        return value

    def add_after(self, eqn: Eqn, array: Value, total: Value, result: Value, loop: For | None) -> list[Node]:
        """Add a sum to its element, unless the loop that formed it made no iteration."""
        operands = (array, total, *eqn.operands[2:])
        if loop is None:
            return [Eqn("accumulate", operands, (result,), eqn.params, eqn.span)]
        assert isinstance(loop.step, Const)
        some = Value(BOOL)
        ends = (loop.start, loop.stop) if loop.step.value > 0 else (loop.stop, loop.start)
        inside = same_variable(result, self.related)
        then = Block((), (Eqn("accumulate", operands, (inside,), eqn.params, eqn.span),), (inside,))
        return [
            Eqn("lt", ends, (some,), (), eqn.span),
            If(some, then, Block((), (), (array,)), (result,), eqn.span),
        ]
