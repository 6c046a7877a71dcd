"""Splits a loop that adds to neighbouring elements into one loop for each neighbour, which LLVM can vectorise.

The adjoint of a stencil, which reads neighbours, adds to them: `u_bar[i - 1] += x; u_bar[i + 1] += y`. Each iteration then
reads what the one before has written. Split, no loop does; what its iterations compute is computed once in each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from adcompile.analyses.dependence import Access, Meetings, Memories, written_index
from adcompile.analyses.places import Places
from adcompile.analyses.shapes import Shapes
from adcompile.ir.nodes import Atom, Block, Eqn, For, Function, Node, Value
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.walk import map_blocks
from adcompile.transforms.jvp import Derived, same_variable

#: a loop is split where that computes no more equations again than this
MOST_AGAIN = 60


def split_scatters(derived: Derived) -> Derived:
    """The program with its scattering loops split."""
    splitter = Splitter(derived)
    body = splitter.block(derived.function.body)
    return Derived(replace(derived.function, body=body), splitter.related)


@dataclass
class Writes:
    """What a loop writes: the accumulations into each carried array, in groups that go to one element, and all else."""

    added: dict[int, list[list[Eqn]]] = field(default_factory=dict)
    once: dict[int, Eqn] = field(default_factory=dict)

    @property
    def loops(self) -> int:
        """How many loops there are to be."""
        return max(map(len, self.added.values()), default=0)

    def of_loop(self, k: int) -> dict[int, list[Eqn]]:
        """What the k-th of the loops writes, by position of the carried array."""
        written = {position: groups[k] for position, groups in self.added.items() if k < len(groups)}
        if k == self.loops - 1:
            written |= {position: [eqn] for position, eqn in self.once.items()}
        return written


class Splitter:
    """Finds such loops, and splits them."""

    def __init__(self, derived: Derived) -> None:
        fn: Function = derived.function
        self.related = dict(derived.related)
        self.places = Places(fn)
        self.meetings = Meetings(self.places, Shapes(fn))

    def block(self, block: Block) -> Block:
        nodes = [new for node in block.nodes for new in self.node(node)]
        return replace(block, nodes=tuple(nodes))

    def node(self, node: Node) -> list[Node]:
        if isinstance(node, For):
            writes = self.writes(node)
            if writes is not None:
                return self.split(node, writes)
        return [map_blocks(node, self.block)]

    # -- which loops --------------------------------------------------------------------------------------------

    def writes(self, loop: For) -> Writes | None:
        """What a loop writes, if it is to be split."""
        body = loop.body.nodes
        if loop.breaks or loop.trips or loop.parallel or not all(isinstance(n, Eqn) for n in body):
            return None
        eqns = [n for n in body if isinstance(n, Eqn)]
        found = Writes()
        memories = Memories(loop, self.places)
        position = {memories.memory(p): k for k, p in enumerate(loop.body.params[1:])}
        if None in position or len(position) < len(loop.inits) or memories.lost & position.keys():
            return None
        for eqn in eqns:
            about = PRIMITIVES[eqn.primitive]
            touched = [position[m] for o in eqn.operands if (m := memories.memory(o)) in position]
            if not touched and about.cheap | (eqn.primitive == "load") and not about.effect:
                continue
            if eqn.primitive == "shape":
                continue
            if len(touched) != 1 or written_index(eqn) is None:
                return None
            k = touched[0]
            if k in found.once:
                return None
            if eqn.primitive == "accumulate":
                groups = found.added.setdefault(k, [])
                group = next((g for g in groups if written_index(g[0]) == written_index(eqn)), None)
                if group is None:
                    groups.append([eqn])
                else:
                    group.append(eqn)
            elif k in found.added:
                return None
            else:
                found.once[k] = eqn
        return found if self.is_worth(loop, found, len(eqns)) else None

    def is_worth(self, loop: For, found: Writes, size: int) -> bool:
        """Whether no element is written in two iterations after the split, and some is before it."""
        groups = [g[0] for groups in found.added.values() for g in groups]
        if any(self.meet(loop, e, e) for e in (*groups, *found.once.values())):
            return False
        if size * (found.loops - 1) > MOST_AGAIN:
            return False
        return any(
            self.meet(loop, a[0], b[0]) for groups in found.added.values() for a in groups for b in groups if a is not b
        )

    def meet(self, loop: For, first: Eqn, second: Eqn) -> bool:
        """Whether two writes touch one element, the second in a later iteration of the loop."""
        around = self.places.inside[loop.body].loops[:-1]
        return self.meetings.may_meet(self.access(first), self.access(second), around, loop)

    def access(self, eqn: Eqn) -> Access:
        result = eqn.results[0]
        return Access(eqn, self.places.of[result], self.places.turn[result], written_index(eqn))

    # -- splitting ----------------------------------------------------------------------------------------------

    def split(self, loop: For, writes: Writes) -> list[Node]:
        """One loop after the other, each with what it writes and what that is computed from."""
        arrays: list[Atom] = list(loop.inits)
        made: list[Node] = []
        last = writes.loops - 1
        for k in range(writes.loops):
            written = writes.of_loop(k)
            results = {
                p: loop.results[p] if self.is_last(writes, p, k) else same_variable(loop.results[p], self.related)
                for p in written
            }
            made.append(self.part(loop, written, arrays, results, writes.once if k < last else {}))
            for position, result in results.items():
                arrays[position] = result
        return made

    def is_last(self, writes: Writes, position: int, k: int) -> bool:
        """Whether no later loop writes an array."""
        return not any(position in writes.of_loop(later) for later in range(k + 1, writes.loops))

    def part(
        self,
        loop: For,
        written: dict[int, list[Eqn]],
        arrays: Sequence[Atom],
        results: dict[int, Value],
        only_read: dict[int, Eqn],
    ) -> For:
        """The loop with some of its writes; what others take out of an array is only read."""
        wanted = [e for eqns in written.values() for e in eqns]
        needed = self.needed(loop, wanted)
        became: dict[Value, Atom] = {}
        index = became[loop.body.params[0]] = same_variable(loop.body.params[0], self.related)
        current: dict[int, Atom] = {}
        params = []
        for position in written:
            p = same_variable(loop.body.params[1 + position], self.related)
            params.append(p)
            current[position] = p
        taken = {e.results[1]: position for position, e in only_read.items() if e.primitive == "drain"}
        where = {e.results[0]: position for position, eqns in written.items() for e in eqns}
        nodes: list[Node] = []

        def read(atom: Atom) -> Atom:
            return became.get(atom, atom) if isinstance(atom, Value) else atom

        for eqn in loop.body.nodes:
            assert isinstance(eqn, Eqn)
            if not any(r in needed for r in eqn.results):
                continue
            position = next((taken[r] for r in eqn.results if r in taken), -1)
            if position >= 0:
                value = became[eqn.results[1]] = same_variable(eqn.results[1], self.related)
                operands = (arrays[position], *map(read, eqn.operands[1:]))
                nodes.append(Eqn("load", operands, (value,), eqn.params, eqn.span, eqn.comment))
                continue
            made = tuple(same_variable(r, self.related) for r in eqn.results)
            became.update(zip(eqn.results, made, strict=True))
            operands = tuple(map(read, eqn.operands))
            position = where.get(eqn.results[0], -1)
            if position >= 0:
                operands = (current[position], *operands[1:])
                current[position] = made[0]
            nodes.append(replace(eqn, operands=operands, results=made))
        body = Block((index, *params), tuple(nodes), tuple(current[p] for p in written))
        return replace(
            loop, inits=tuple(arrays[p] for p in written), body=body, results=tuple(results[p] for p in written)
        )

    def needed(self, loop: For, wanted: Sequence[Eqn]) -> set[Value]:
        """What some writes are computed from, and what they yield; not the array that they write into."""
        needed = {e.results[0] for e in wanted}
        for eqn in reversed(loop.body.nodes):
            assert isinstance(eqn, Eqn)
            if any(r in needed for r in eqn.results):
                writes = PRIMITIVES[eqn.primitive].consumes is not None
                needed.update(o for o in eqn.operands[writes:] if isinstance(o, Value))
        return needed
