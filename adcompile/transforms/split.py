"""Turns a loop that adds to neighbouring elements into loops that LLVM can vectorise: no iteration reads what another wrote.

The adjoint of a stencil, which reads neighbours, adds to them: `u_bar[i - 1] += x; u_bar[i + 1] += y`. Where the neighbours
lie at constant distances along the loop, one loop over the elements that all of them reach adds everything to each at once,
and the few at both ends come one by one (`Gather`). Others get a loop for each neighbour. What is computed is
computed again in each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from adcompile.analyses.dependence import Access, Meetings, Memories, System, written_index
from adcompile.analyses.places import Places
from adcompile.analyses.shapes import Shapes
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, If, Node, Value
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import INT, Array, Scalar, dtype_of
from adcompile.ir.walk import map_blocks, substitute
from adcompile.transforms.jvp import Derived, same_variable

#: a loop is split where that computes no more equations again than this
MOST_AGAIN = 60
#: a gathering loop leaves at most this many elements at each end
WIDEST = 4
#: arrays, or rows of one, that a loop writes at most, for LLVM to check that they are apart
MOST_ROWS = 2

#: accumulations that go to one element in each iteration
Group = list[Eqn]


def split_scatters(derived: Derived) -> Derived:
    """The program with its scattering loops split."""
    splitter = Splitter(derived)
    body = splitter.block(derived.function.body)
    return Derived(replace(derived.function, body=substitute(body, splitter.resolved())), splitter.related)


@dataclass
class Gather:
    """Groups of accumulations into one carried array that differ by constant offsets along one axis."""

    position: int
    axis: int
    groups: dict[int, Group]

    @property
    def width(self) -> int:
        """How many elements at each end some of the groups do not reach."""
        return max(self.groups) - min(self.groups)


@dataclass
class Writes:
    """What a loop writes: the accumulations into each carried array, by element, and all else.

    `gathers` come first, each in loops of its own; then one loop for each of `parts`; the last writes `once`, too, and
    forms the `sums`: numbers that the loop carries.
    """

    added: dict[int, list[Group]] = field(default_factory=dict)
    once: dict[int, Eqn] = field(default_factory=dict)
    sums: dict[int, Eqn] = field(default_factory=dict)
    gathers: list[Gather] = field(default_factory=list)
    parts: list[dict[int, list[Eqn]]] = field(default_factory=list)

    def of_part(self, k: int) -> dict[int, list[Eqn]]:
        """What the k-th of the loops writes, by position of the carried array."""
        last = k == len(self.parts) - 1
        return self.parts[k] | ({position: [eqn] for position, eqn in (self.once | self.sums).items()} if last else {})


class Splitter:
    """Finds such loops, and splits them."""

    def __init__(self, derived: Derived) -> None:
        fn: Function = derived.function
        self.related = dict(derived.related)
        self.places = Places(fn)
        self.meetings = Meetings(self.places, Shapes(fn))
        #: what stands for the results of loops that are split
        self.became: dict[Value, Atom] = {}

    def resolved(self) -> dict[Value, Atom]:
        """The replacements, without chains."""

        def final(atom: Atom) -> Atom:
            while isinstance(atom, Value) and atom in self.became:
                atom = self.became[atom]
            return atom

        return {value: final(value) for value in self.became}

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
        sums = numbers(loop)
        if sums is None:
            return None
        found = Writes(sums=sums)
        memories = Memories(loop, self.places)
        position = {memories.memory(p): k for k, p in enumerate(loop.body.params[1:]) if k not in sums}
        if None in position or len(position) + len(sums) < len(loop.inits) or memories.lost & position.keys():
            return None
        for eqn in body:
            assert isinstance(eqn, Eqn)
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
        if not self.is_worth(loop, found):
            return None
        self.arrange(loop, found)
        return found if self.again(loop, found) <= MOST_AGAIN else None

    def is_worth(self, loop: For, found: Writes) -> bool:
        """Whether no element is written in two iterations after the split, and some is before it."""
        groups = [g[0] for groups in found.added.values() for g in groups]
        if any(self.meet(loop, e, e) for e in (*groups, *found.once.values())):
            return False
        return any(
            self.meet(loop, a[0], b[0]) for groups in found.added.values() for a in groups for b in groups if a is not b
        )

    def arrange(self, loop: For, found: Writes) -> None:
        """Say which groups are gathered, and which loop each of the others is in."""
        for position, groups in found.added.items():
            gathers = self.gathers(loop, position, groups)
            found.gathers += gathers
            gathered = [g for gather in gathers for g in gather.groups.values()]
            for group in groups:
                if group not in gathered:
                    self.place(loop, found, position, group)
        if not found.parts and (found.once or found.sums):
            found.parts.append({})

    def gathers(self, loop: For, position: int, groups: Sequence[Group]) -> list[Gather]:
        """The groups that can be gathered, those along one row together."""
        if not isinstance(loop.step, Const) or abs(loop.step.value) != 1:
            return []
        rows: dict[tuple[int, tuple[Atom, ...]], Gather] = {}
        for group in groups:
            index = written_index(group[0])
            assert index is not None
            offsets = [self.offset(i, loop) for i in index]
            moving = [axis for axis, i in enumerate(index) if self.is_inside(i, loop)]
            exact = all(dtype_of(e.operands[1].type) == dtype_of(e.operands[0].type) for e in group)
            if len(moving) != 1 or (offset := offsets[moving[0]]) is None or not exact:
                continue
            (axis,) = moving
            row = rows.setdefault((axis, (*index[:axis], *index[axis + 1 :])), Gather(position, axis, {}))
            if offset not in row.groups:
                row.groups[offset] = group
        return [row for row in rows.values() if 0 < row.width <= WIDEST]

    def is_inside(self, atom: Atom, loop: For) -> bool:
        return isinstance(atom, Value) and self.places.inside[loop.body] in self.places.of[atom].chain

    def offset(self, atom: Atom, loop: For) -> int | None:
        """What an index is more than the index of the loop, if that is always the same."""
        if isinstance(atom, Value) and atom.type != INT:
            return None
        system = System(self.meetings, (), 0)
        return (system.linear(atom) - system.linear(loop.body.params[0])).number

    def place(self, loop: For, found: Writes, position: int, group: Group) -> None:
        """Put a group into the first loop in which it meets no other."""
        for part in found.parts:
            others = part.get(position, [])
            rows = {written_index(e) for e in others}
            if len(rows) < MOST_ROWS and not any(self.meet(loop, a, b) or self.meet(loop, b, a)
                                                 for a in others for b in group[:1]):  # fmt: skip
                part[position] = [*others, *group]
                return
        found.parts.append({position: list(group)})

    def again(self, loop: For, found: Writes) -> int:
        """How many equations are computed again."""
        every = [[e for eqns in found.of_part(k).values() for e in eqns] for k in range(len(found.parts))]
        every += [group for gather in found.gathers for group in gather.groups.values()]
        return sum(len(self.computed(loop, eqns)) for eqns in every) - len(loop.body.nodes)

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
        b = Builder()
        b.span = loop.span
        for gather in writes.gathers:
            arrays[gather.position] = self.gathered(b, loop, gather, arrays, writes)
        parts = len(writes.parts)
        for k in range(parts):
            written = writes.of_part(k)
            results = {p: same_variable(loop.results[p], self.related) for p in written}
            part = self.part(loop, written, arrays, results, writes.once if k < parts - 1 else {})
            b.append(self.remarked(part, f"part {k + 1} of {parts}" if parts > 1 else ""))
            for position, result in results.items():
                arrays[position] = result
        self.became.update(zip(loop.results, arrays, strict=True))
        return b.frames[0].nodes

    def remarked(self, loop: For, comment: str) -> For:
        """A loop with one thing more said of it."""
        return replace(loop, comment="; ".join(filter(None, [loop.comment, comment])))

    def gathered(self, b: Builder, loop: For, gather: Gather, arrays: Sequence[Atom], writes: Writes) -> Atom:
        """Emit what adds up the groups of a gather, and return the array with them added."""
        one = const(1)
        start, stop = loop.start, loop.stop
        if loop.step == const(-1):
            start, stop = self.plus(b, loop.stop, 1), self.plus(b, loop.start, 1)
        enough = b.emit("ge", b.emit("sub", stop, start), const(gather.width))
        array = arrays[gather.position]
        lowest, highest = min(gather.groups), max(gather.groups)
        with b.block() as then:
            for base, first in ((start, True), (stop, False)):
                for e in range(lowest, highest):
                    groups = [o for o in gather.groups if (o <= e) == first]
                    array = self.sum_at(b, loop, gather, groups, (base, e), array, arrays, writes)
            at = 0 if lowest <= 0 <= highest else lowest
            param, index = self.again_like(array), same_variable(loop.body.params[0], self.related)
            with b.block() as inner:
                result = self.sum_at(b, loop, gather, list(gather.groups), (index, at), param, arrays, writes)
            body = b.finish(inner, (index, param), (result,))
            ends = self.plus(b, start, highest - at), self.plus(b, stop, lowest - at)
            whole = self.again_like(array)
            whole_loop = For(*ends, one, (array,), body, (whole,), span=loop.span, comment=loop.comment)
            b.append(self.remarked(whole_loop, "gathered"))
        with b.block() as orelse:
            written = {gather.position: [eqn for group in gather.groups.values() for eqn in group]}
            few = {gather.position: self.again_like(array)}
            b.append(self.part(loop, written, arrays, few, writes.once))
        added = self.again_like(array)
        sides = b.finish(then, (), (whole,)), b.finish(orelse, (), (few[gather.position],))
        b.append(If(enough, *sides, (added,), loop.span))
        return added

    def plus(self, b: Builder, atom: Atom, more: int) -> Atom:
        """An integer and some more, without sums of sums."""
        while isinstance(atom, Value):
            eqn = b.origin.get(atom) or self.places.origin.get(atom)
            match eqn:
                case Eqn("add", (base, Const(int(by)))):
                    atom, more = base, more + by
                case Eqn("sub", (base, Const(int(by)))):
                    atom, more = base, more - by
                case _:
                    break
        if more == 0:
            return atom
        found: Atom = b.emit("sub" if more < 0 else "add", atom, const(abs(more)))
        return found

    def again_like(self, array: Atom) -> Value:
        """Another value that is called like an array."""
        assert isinstance(array, Value)
        return same_variable(array, self.related)

    def sum_at(
        self,
        b: Builder,
        loop: For,
        gather: Gather,
        offsets: Sequence[int],
        place: tuple[Atom, int],
        array: Atom,
        arrays: Sequence[Atom],
        writes: Writes,
    ) -> Value:
        """Add to the element at `base + e`, where `place` is (base, e), what the groups with some offsets add to it."""
        base, e = place
        total: Atom | None = None
        for offset in offsets:
            group = gather.groups[offset]
            for value in self.values(b, loop, group, self.plus(b, base, e - offset), arrays, writes.once):
                total = value if total is None else b.emit("add", total, value)
        eqn = group[-1]
        at = list(written_index(eqn) or ())
        at[gather.axis] = self.plus(b, base, e)
        assert total is not None
        result = self.again_like(array)
        b.append(Eqn("accumulate", (array, total, *at), (result,), eqn.params, eqn.span, eqn.comment))
        return result

    def values(
        self, b: Builder, loop: For, eqns: Sequence[Eqn], index: Atom, arrays: Sequence[Atom], once: dict[int, Eqn]
    ) -> list[Atom]:
        """Compute what an iteration adds."""
        became: dict[Value, Atom] = {loop.body.params[0]: index}
        taken = {e.results[1]: position for position, e in once.items() if e.primitive == "drain"}

        def read(atom: Atom) -> Atom:
            return became.get(atom, atom) if isinstance(atom, Value) else atom

        for eqn in self.computed(loop, eqns):
            if eqn in eqns:
                continue
            if (offset := self.offset(eqn.results[0], loop)) is not None:
                became[eqn.results[0]] = self.plus(b, index, offset)
                continue
            primitive, operands, value = eqn.primitive, list(map(read, eqn.operands)), eqn.results[0]
            if eqn.results[-1] in taken:
                value = eqn.results[1]
                primitive, operands[0] = "load", arrays[taken[value]]
            b.span = eqn.span
            new = became[value] = b.emit(primitive, *operands, name=value.name, **dict(eqn.params))
            if isinstance(new, Value) and value in self.related:
                self.related.setdefault(new, self.related[value])
        return [read(e.operands[1]) for e in eqns]

    def computed(self, loop: For, wanted: Sequence[Eqn]) -> list[Eqn]:
        """Some writes and what they are computed from, in order."""
        needed = self.needed(loop, wanted)
        return [e for e in loop.body.nodes if isinstance(e, Eqn) and any(r in needed for r in e.results)]

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
            current[position] = became[loop.body.params[1 + position]] = p
        taken = {e.results[1]: position for position, e in only_read.items() if e.primitive == "drain"}
        arrays_of = {position: eqns for position, eqns in written.items() if isinstance(arrays[position].type, Array)}
        where = {e.results[0]: position for position, eqns in arrays_of.items() for e in eqns}
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
        current.update((p, read(loop.body.results[p])) for p in written if p not in arrays_of)
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


def numbers(loop: For) -> dict[int, Eqn] | None:
    """The sums that a loop forms in numbers, by position, each with the equation that adds; None if it carries others."""
    made = {r: e for e in loop.body.nodes if isinstance(e, Eqn) for r in e.results}
    found: dict[int, Eqn] = {}
    depend: set[Atom] = set()
    for k, (p, after) in enumerate(zip(loop.body.params[1:], loop.body.results, strict=True)):
        if not isinstance(p.type, Scalar):
            continue
        eqn = made.get(after) if isinstance(after, Value) else None
        if eqn is None or eqn.primitive not in ("add", "sub") or p not in eqn.operands:
            return None
        found[k] = eqn
        depend.add(p)
    for node in loop.body.nodes:
        if isinstance(node, Eqn) and depend.intersection(node.operands):
            if node not in found.values():
                return None
            depend.update(node.results)
    return found
