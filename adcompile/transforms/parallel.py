"""Runs the iterations of `prange` loops on several threads: in chunks, with a sum of its own for each chunk.

The loop may be the user's, its tangent's or its reverse. What iterations share must be nothing but sums, which the chunks' are
added to in order afterwards; how many chunks there are depends on the loop alone. So results are the same, to the last
bit, for every number of threads. A loop that is not of this kind runs on one thread, and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from adcompile.analyses.independence import NEAR, Independence, Sharing, adds_elements
from adcompile.ir.build import Builder, const, zero
from adcompile.ir.nodes import Atom, Block, Eqn, For, Function, Node, Value
from adcompile.ir.types import INT, Array, Scalar, Type, dtype_of, rank
from adcompile.ir.walk import each_node, map_blocks
from adcompile.transforms.jvp import Derived, same_variable
from adcompile.transforms.record import trip_count

#: makes of an index and of what iterations share what is shared from there on
Step = Callable[[Value, Sequence[Atom]], Sequence[Atom]]

#: chunks of a loop, and of one in which each needs an array of its own
CHUNKS, WITH_ARRAYS = 64, 16


def on_threads(derived: Derived, functions: Mapping[str, Function]) -> Derived:
    """The program with its parallel loops in chunks where iterations are independent, else in order."""
    return walk(derived, functions, Chunks)


def as_listed(derived: Derived, functions: Mapping[str, Function]) -> Derived:
    """The program as a reader sees it: loops that are `prange` where that is right as it stands, and notes beside the others."""
    return walk(derived, functions, Notes)


def in_order(derived: Derived, functions: Mapping[str, Function]) -> Derived:
    """The program for one thread."""
    return walk(derived, functions, InOrder)


def walk(derived: Derived, functions: Mapping[str, Function], how: type[InOrder]) -> Derived:
    fn = derived.function
    if not any(isinstance(node, For) and node.parallel for node in each_node(fn.body)):
        return derived
    walker = how(derived, functions)
    body = walker.block(fn.body)
    return Derived(replace(fn, body=body), walker.related)


class InOrder:
    """Makes every loop an ordinary one."""

    def __init__(self, derived: Derived, functions: Mapping[str, Function]) -> None:
        self.related = dict(derived.related)
        self.fn = derived.function
        self.functions = functions

    @cached_property
    def independence(self) -> Independence:
        return Independence(self.fn, self.functions)

    def block(self, block: Block) -> Block:
        return replace(block, nodes=tuple(new for node in block.nodes for new in self.node(node)))

    def node(self, node: Node) -> Sequence[Node]:
        if isinstance(node, For) and node.parallel:
            return self.loop(node)
        return [map_blocks(node, self.block)]

    def loop(self, loop: For) -> Sequence[Node]:
        """What becomes of a parallel loop; those inside it run in order."""
        return [self.alone(loop, loop.comment)]

    def alone(self, loop: For, comment: str) -> For:
        """The loop on one thread, and all inside it."""
        return replace(loop, body=one_thread(loop.body), parallel=False, comment=comment)

    def note(self, loop: For, found: Sharing) -> str:
        """What a reader is told of a loop."""
        if found.reason:
            culprit = found.culprit and f"{self.named(found.culprit)} "
            return f"on one thread: {culprit or ''}{found.reason}"
        sums = dict.fromkeys(self.named(loop.results[k]) for k in found.sums)
        turns = ", every other chunk first" if found.near else ""
        return "in parallel" + turns + (f", summed in chunks: {', '.join(sums)}" if sums else "")

    def named(self, value: Value) -> str:
        """What a note calls a value."""
        owner, suffix = self.related.get(value, (value, ""))
        unnamed = "an array" if isinstance(value.type, Array) else "a number"
        return f"`{owner.name}{suffix}`" if owner.name else unnamed


def one_thread(block: Block) -> Block:
    """A block whose loops all run in order."""

    def visit(node: Node) -> Node:
        node = map_blocks(node, one_thread)
        return replace(node, parallel=False) if isinstance(node, For) else node

    return replace(block, nodes=tuple(map(visit, block.nodes)))


class Notes(InOrder):
    """Keeps `prange` where Numba may run the loop as it stands."""

    def loop(self, loop: For) -> Sequence[Node]:
        found = self.independence.of(loop)
        arrays = any(isinstance(loop.results[k].type, Array) for k in found.sums)
        if found.reason or found.near or arrays or loop.step != const(1):
            return [self.alone(loop, self.note(loop, found))]
        return [replace(loop, body=one_thread(loop.body))]


class Chunks(InOrder):
    """Makes of each loop one that runs through its chunks at the same time.

    Where iterations near each other add to the same elements, every other chunk runs first, then the others: a chunk
    is longer than what lies between such iterations.
    """

    def loop(self, loop: For) -> Sequence[Node]:
        found = self.independence.of(loop)
        if found.reason:  # loops inside it may be parallel still
            body = self.block(loop.body)
            return [replace(loop, body=body, parallel=False, comment=self.note(loop, found))]
        return self.chunked(loop, found)

    def chunked(self, loop: For, found: Sharing) -> list[Node]:
        """A loop over chunks around a loop over iterations, and one that adds up what they have summed."""
        b = Builder()
        b.span = loop.span
        count = trip_count(b, loop.start, loop.stop, loop.step)
        chunks = self.number(b, loop, count, found)
        shapes = {k: b.dims(loop.inits[k]) for k in found.sums}
        parts = {k: b.emit("empty", chunks, *shapes[k], dtype=dtype_of(loop.results[k].type)) for k in found.sums}
        starts = [parts.get(k, init) for k, init in enumerate(loop.inits)]

        def run(chunk: Atom, shared: Sequence[Atom]) -> list[Atom]:
            """One chunk: what it shares with the others goes in and comes out."""
            before, after = (self.before(b, count, chunks, c) for c in (chunk, b.emit("add", chunk, const(1))))
            begin, end = (b.emit("add", loop.start, b.emit("mul", n, loop.step)) for n in (before, after))
            inits = [nothing(b, shapes[k], loop.inits[k].type) if k in parts else s for k, s in enumerate(shared)]
            inner = tuple(same_variable(r, self.related) for r in loop.results)
            b.append(For(begin, end, loop.step, tuple(inits), one_thread(loop.body), inner, span=loop.span))
            return [
                b.emit("store", shared[k], r, chunk, index=("i",)) if k in parts else r for k, r in enumerate(inner)
            ]

        comment = self.note(loop, found)
        if found.near:
            finals = self.looped(
                b,
                loop,
                const(2),
                starts,
                lambda turn, shared: self.looped(
                    b,
                    loop,
                    self.half(b, chunks, turn),
                    shared,
                    lambda c, s: run(b.emit("add", b.emit("mul", c, const(2)), turn), s),
                    comment,
                ),
            )
        else:
            finals = self.looped(b, loop, chunks, starts, run, comment)
        self.total(b, loop, chunks, finals, found)
        return b.frames[0].nodes

    def half(self, b: Builder, chunks: Atom, turn: Atom) -> Atom:
        """How many chunks run at the first or second turn."""
        return b.emit("floordiv", b.emit("sub", b.emit("add", chunks, const(1)), turn), const(2))  # type: ignore[no-any-return]

    def looped(
        self, b: Builder, loop: For, times: Atom, inits: Sequence[Atom], step: Step, comment: str = ""
    ) -> list[Atom]:
        """A loop that carries what the iterations share; parallel where there is a comment on it."""
        index = Value(INT, "chunk" if comment else "turn", loop.span)
        params = [self.shared(r, init) for r, init in zip(loop.results, inits, strict=True)]
        with b.block() as frame:
            nexts = step(index, params)
        block = b.finish(frame, (index, *params), nexts)
        results = tuple(self.shared(r, init) for r, init in zip(loop.results, inits, strict=True))
        bounds = const(0), times, const(1)
        b.append(For(*bounds, tuple(inits), block, results, parallel=bool(comment), span=loop.span, comment=comment))
        return list(results)

    def shared(self, result: Value, init: Atom) -> Value:
        """Another value for what iterations share: the variable of the loop's result, or the sums of all chunks."""
        if rank(init.type) == rank(result.type):
            return same_variable(result, self.related)
        return Value(init.type, "", result.span)

    def number(self, b: Builder, loop: For, count: Atom, found: Sharing) -> Atom:
        """How many chunks: no more than iterations, and no more elements to clear and add up than iterations add to."""
        most: Atom = const(CHUNKS)
        for k in found.sums:
            init = loop.inits[k]
            if isinstance(init.type, Array):
                elements = adds_elements(loop, loop.body.params[1 + k])
                most = b.emit("minimum", most, const(WITH_ARRAYS))
                if elements:
                    size: Atom = const(1)
                    for dim in b.dims(init):
                        size = b.emit("mul", size, dim)
                    added = b.emit("mul", count, const(elements))
                    most = b.emit("minimum", most, b.emit("floordiv", added, b.emit("maximum", size, const(1))))
        longest = b.emit("floordiv", count, const(NEAR)) if found.near else count
        return b.emit("maximum", b.emit("minimum", most, longest), const(1))  # type: ignore[no-any-return]

    def before(self, b: Builder, count: Atom, chunks: Atom, chunk: Atom) -> Atom:
        """How many iterations come before a chunk."""
        return b.emit("floordiv", b.emit("mul", chunk, count), chunks)  # type: ignore[no-any-return]

    def total(self, b: Builder, loop: For, chunks: Atom, finals: Sequence[Atom], found: Sharing) -> None:
        """Add up the sums of all chunks, in order, and hand on what was shared otherwise."""
        for k, final in enumerate(finals):
            if k not in found.sums:
                b.append(Eqn("let", (final,), (loop.results[k],), (), loop.span))
        if not found.sums:
            return
        sums = {k: same_variable(loop.results[k], self.related) for k in found.sums}
        chunk = Value(INT, "chunk", loop.span)
        nexts: list[Atom] = []
        with b.block() as frame:
            for k, total in sums.items():
                if isinstance(total.type, Array):
                    part = b.emit("view", finals[k], chunk, index=("i",))
                    nexts.append(b.emit("accumulate", total, part, index=()))
                else:
                    nexts.append(b.emit("add", total, b.emit("load", finals[k], chunk, index=("i",))))
        block = b.finish(frame, (chunk, *sums.values()), nexts)
        inits = tuple(loop.inits[k] for k in sums)
        b.append(For(const(0), chunks, const(1), inits, block, tuple(loop.results[k] for k in sums), span=loop.span))


def nothing(b: Builder, shape: Sequence[Atom], like: Type) -> Atom:
    """What a sum starts from."""
    return b.emit("zeros", *shape, dtype=dtype_of(like)) if shape else zero(Scalar(dtype_of(like)))


__all__ = ["as_listed", "in_order", "on_threads"]
