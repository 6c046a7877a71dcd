"""Moves assignments down past the last readers of the value they replace, so that both can have one name.

`p_bar_1 = p_bar * y; y_bar += p_bar * p; p_bar = p_bar_1` becomes `y_bar += p_bar * p; p_bar = p_bar * y`. Only the order
of the text changes; nothing moves into or out of a block, or past a write that it would notice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from adcompile.backend.classes import MemoryClasses
from adcompile.backend.names import Related
from adcompile.ir.nodes import (
    Atom,
    Block,
    Eqn,
    For,
    Function,
    If,
    Node,
    Value,
    While,
    blocks_of,
    operands_of,
    results_of,
)
from adcompile.ir.primitives import PRIMITIVES

Key = tuple[float, ...]  # orders the nodes of a block; longer keys come after what they start with


def order(fn: Function, nested: Mapping[Value, Node], related: Related) -> Function:
    """The same function, with nodes in an order that needs fewer names.

    Parameters
    ----------
    fn : Function
    nested : mapping
        Values that will be printed inside their use: they are read where that stands.
    related : mapping
        Values that are called after another one.
    """
    orderer = Orderer(fn, nested, related)
    latest = {orderer.wish(p): p for p in fn.params}
    return replace(fn, body=orderer.block(fn.body, latest)[0])


class Orderer:
    """One walk over the blocks of a function."""

    def __init__(self, fn: Function, nested: Mapping[Value, Node], related: Related) -> None:
        self.nested = nested
        self.related = related
        self.memory = MemoryClasses(fn)

    def wish(self, value: Value) -> object:
        """What a value would like to be called, or None."""
        suffixes: list[str] = []
        while value in self.related and len(suffixes) < 9:
            value, suffix = self.related[value]
            suffixes.append(suffix)
        if not suffixes:
            return value.name or None
        return (value.name or value, *suffixes)

    def block(self, block: Block, latest: dict[object, Value]) -> tuple[Block, set[Atom]]:
        """A block in its new order, and all that is read in it.

        `latest` is, for each wish, the last value around that has it.
        """
        latest = dict(latest)
        latest.update((self.wish(p), p) for p in block.params)
        nodes: list[Node] = []
        reads: list[set[Atom]] = []
        replaced: list[Value | None] = []
        for node in block.nodes:
            blocks, read = [], set(operands_of(node))
            for inner in blocks_of(node):
                done, inside = self.block(inner, latest)
                blocks.append(done)
                read |= inside
            nodes.append(with_blocks(node, blocks))
            reads.append(read)
            replaced.append(latest.get(self.wish(node.results[0])) if self.movable(node) else None)
            latest.update((self.wish(r), r) for r in results_of(node))
        keys = self.keys(nodes, reads, replaced, block.results)
        ordered = [nodes[k] for k in sorted(range(len(nodes)), key=keys.__getitem__)]
        return Block(block.params, tuple(ordered), block.results), set(block.results).union(*reads)

    def movable(self, node: Node) -> bool:
        """Whether a node is a pure assignment of a named value."""
        if not isinstance(node, Eqn) or len(node.results) != 1 or node.results[0] in self.nested:
            return False
        about = PRIMITIVES[node.primitive]
        pure = about.consumes is None and about.aliases is None and not about.effect
        return pure and self.wish(node.results[0]) is not None

    def keys(
        self, nodes: Sequence[Node], reads: Sequence[set[Atom]], replaced: Sequence[Value | None], ends: Sequence[Atom]
    ) -> list[Key]:
        """Where each node goes."""
        keys: list[Key] = [(k,) for k in range(len(nodes))]
        shown = list(keys)  # where each is read: for nested ones, where the statement that holds them ends up
        holders = list(range(len(nodes)))
        places: dict[Atom, list[int]] = {}
        for k, read in enumerate(reads):
            for atom in read:
                places.setdefault(atom, []).append(k)
        for k in reversed(range(len(nodes))):
            node, old = nodes[k], replaced[k]
            if node.results and node.results[0] in self.nested:
                for j in places.get(node.results[0], []):
                    holders[k], shown[k] = holders[j], shown[j]
                    keys[k] = (holders[j] - 0.5, k)  # the holder may move further than this one can
            elif old is not None and old not in ends:
                last = max((shown[j] for j in places.get(old, []) if j > k), default=keys[k])
                first = min((keys[j] for j in places.get(node.results[0], [])), default=(len(nodes),))
                if keys[k] < last < first and self.free(nodes, k, last, keys):
                    keys[k] = shown[k] = (*last, k)
        return keys

    def free(self, nodes: Sequence[Node], k: int, to: Key, keys: Sequence[Key]) -> bool:
        """Whether a node can move down: nothing in between writes what it reads, or takes its operands' names."""
        passed = [nodes[j] for j in range(k + 1, len(nodes)) if keys[j] <= to]
        changes = self.memory.disturbing(nodes[k])
        memory = self.memory.reads(nodes[k])
        if any(not memory.isdisjoint(changes.get(n, ())) for n in passed):
            return False
        wishes = {self.wish(o) for o in self.shown_operands(nodes[k])} - {None}
        return wishes.isdisjoint(self.wish(r) for n in passed for r in results_of(n))

    def shown_operands(self, node: Node) -> Iterator[Value]:
        """The values that the text of a node reads."""
        for atom in operands_of(node):
            if isinstance(atom, Value) and atom in self.nested:
                yield from self.shown_operands(self.nested[atom])
            elif isinstance(atom, Value):
                yield atom


def with_blocks(node: Node, blocks: list[Block]) -> Node:
    """A node that owns other blocks."""
    match node:
        case If():
            return replace(node, then=blocks[0], orelse=blocks[1])
        case For():
            return replace(node, body=blocks[0])
        case While():
            return replace(node, cond=blocks[0], body=blocks[1])
    return node
