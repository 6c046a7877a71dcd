"""Runs together what is decided, or called, twice: choices with one condition, and a call with the call of its adjoint.

Where two choices cannot be one, what both compute is computed in the first.

The reverse of an iteration that is reversed where it runs asks again for what the forward part has just asked, and
calls adjoints, which run their function again. One choice, and one call that yields value and cotangents, do for both.
Moves nodes and renames values; computes nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from adcompile.analyses.fusable import added_to, has_effect, read_by
from adcompile.ir.nodes import Atom, Block, Eqn, Function, If, Node, Undef, Value, blocks_of, operands_of, results_of
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Scalar
from adcompile.ir.walk import each_node, map_blocks, read_at_once, substitute
from adcompile.transforms.prune import pure_functions

Functions = Mapping[str, Function]


def adjoints(functions: Functions) -> dict[str, str]:
    """The functions that hand back, before anything else, what another one does of the same arguments, and that one.

    To be asked before they are changed: an adjoint then has the parameters and results of its primal.
    """
    found: dict[str, str] = {}
    for name, fn in functions.items():
        for other, primal in functions.items():
            n, values = len(primal.params), len(primal.body.results)
            if (
                n < len(fn.params)
                and fn.params[:n] == primal.params
                and fn.body.results[:values] == primal.body.results
            ):
                found[name] = other
    return found


def joined(functions: Functions, primals: Mapping[str, str]) -> dict[str, Function]:
    """The functions with fewer choices and calls; a function is the same object where there is nothing to join.

    `primals` are the functions that others are adjoints of, as `adjoints` finds them.
    """
    found = {}
    for name, fn in functions.items():
        joiner = Joiner(functions, primals)
        body = joiner.block(fn.body)
        found[name] = replace(fn, body=body) if joiner.changed else fn
    return found


class Joiner:
    """One walk over a function, from the inside out."""

    def __init__(self, functions: Functions, primals: Mapping[str, str]) -> None:
        self.primals = primals
        self.pure = pure_functions(functions)
        self.changed = False

    def block(self, block: Block) -> Block:
        """The block with what can be joined joined, one pair after the other."""
        block = replace(block, nodes=tuple(map_blocks(n, self.block) for n in block.nodes))
        j = 0
        while j < len(block.nodes):
            joined = self.with_earlier(block, j)
            if joined is None:
                j += 1
            else:
                self.changed, block, j = True, joined, 0
        return block

    def with_earlier(self, block: Block, j: int) -> Block | None:
        """The block with a node joined to one before it; None if there is none that it can be joined to."""
        node = block.nodes[j]
        for i in reversed(range(j)):
            first = block.nodes[i]
            if isinstance(node, If) and isinstance(first, If) and isinstance(node.cond, Value):
                fits = node.cond is first.cond
            else:
                fits = self.is_adjoint(first, node)
            if fits:
                return self.joined(block, i, j) or shared(block, i, j)
        return None

    def is_adjoint(self, first: Node, node: Node) -> bool:
        """Whether a call yields, besides cotangents, what an earlier one yields."""
        if not (isinstance(first, Eqn) and isinstance(node, Eqn) and first.primitive == node.primitive == "call"):
            return False
        same = node.operands[: len(first.operands)] == first.operands
        return same and self.primals.get(node["function"]) == first["function"]

    def joined(self, block: Block, i: int, j: int) -> Block | None:
        """The block with two nodes as one, in the place of the first, if what is between them can run before or after."""
        first, node, between = block.nodes[i], block.nodes[j], block.nodes[i + 1 : j]
        if any(has_effect(n, self.pure) for n in between):
            return None
        early, late = parted(between, first)
        chain = Chain.between(block, late, node)
        if chain is None:
            return None
        renamed: dict[Value, Atom] = {}
        if isinstance(first, If) and isinstance(node, If):
            both: Node | None = one_choice(first, chain.moved(node))
        else:
            both = None if chain.links else node
            renamed = dict(zip(first.results, node.results, strict=False))
        after = [substitute(chain.relinked(n), renamed) for n in late]
        if both is None or disturbed(first, early, after, chain.moved(node)):
            return None
        rest = Block((), block.nodes[j + 1 :], block.results)
        rest = substitute(rest, renamed | chain.later)
        return Block(block.params, (*block.nodes[:i], *early, both, *after, *rest.nodes), rest.results)


def shared(block: Block, i: int, j: int) -> Block | None:
    """The block with what both of two choices with one condition compute handed from the first to the second; None if nothing is."""
    first, second = block.nodes[i], block.nodes[j]
    if not (isinstance(first, If) and isinstance(second, If)):
        return None
    sides: list[Block] = []
    found: list[tuple[bool, Value, Value]] = []
    for here, a, b in ((True, first.then, second.then), (False, first.orelse, second.orelse)):
        known = dict(zip(first.results, a.results, strict=True))
        made = {computation(n, {}): n.results[0] for n in a.nodes if is_dear(n)}
        again = {n: made[computation(n, known)] for n in b.nodes if is_dear(n) and computation(n, known) in made}
        handed = {n.results[0]: Value(value.type, value.name, value.span) for n, value in again.items()}
        found += [(here, value, handed[n.results[0]]) for n, value in again.items()]
        left = Block((), tuple(n for n in b.nodes if n not in again), b.results)
        sides.append(substitute(left, handed))
    if not found:
        return None
    then = [value if here else Undef(value.type) for here, value, _ in found]
    orelse = [Undef(value.type) if here else value for here, value, _ in found]
    wider = If(
        first.cond,
        replace(first.then, results=(*first.then.results, *then)),
        replace(first.orelse, results=(*first.orelse.results, *orelse)),
        (*first.results, *(new for *_, new in found)),
        first.span,
        first.comment,
    )
    narrower = replace(second, then=sides[0], orelse=sides[1])
    return replace(block, nodes=(*block.nodes[:i], wider, *block.nodes[i + 1 : j], narrower, *block.nodes[j + 1 :]))


def is_dear(node: Node) -> bool:
    """Whether a node computes a number by an operation that costs more than to keep it."""
    if not isinstance(node, Eqn) or len(node.results) != 1 or not isinstance(node.results[0].type, Scalar):
        return False
    about = PRIMITIVES[node.primitive]
    return about.elementwise and not about.cheap


def computation(node: Node, known: Mapping[Value, Atom]) -> tuple[object, ...]:
    """What an equation computes, with some values as what they are known to be."""
    assert isinstance(node, Eqn)
    operands = tuple(known.get(o, o) if isinstance(o, Value) else o for o in node.operands)
    return node.primitive, operands, node.params


def parted(nodes: Sequence[Node], first: Node) -> tuple[list[Node], list[Node]]:
    """Nodes that do not depend on a first one, and those that do."""
    early: list[Node] = []
    late: list[Node] = []
    made = set(results_of(first))
    for node in nodes:
        if made.isdisjoint(read_by(node)):
            early.append(node)
        else:
            late.append(node)
            made.update(results_of(node))
    return early, late


def disturbed(first: Node, early: Sequence[Node], after: Sequence[Node], node: Node) -> bool:
    """Whether a node that is moved up overwrites what one reads that it now runs before."""
    overwritten = consumed_by(early)
    passed = {v for n in after for v in read_by(n)}
    return not overwritten.isdisjoint(read_by(first)) or not passed.isdisjoint(overwritten | consumed_by([node]))


def consumed_by(nodes: Iterable[Node]) -> set[Atom]:
    """The versions that nodes, or nodes in them, overwrite."""
    found: set[Atom] = set()
    for node in nodes:
        for inner in each_node(Block((), (node,), ())):
            consumes = PRIMITIVES[inner.primitive].consumes if isinstance(inner, Eqn) else None
            if isinstance(inner, Eqn) and consumes is not None:
                found.add(inner.operands[consumes])
            elif blocks_of(inner) and not isinstance(inner, If):
                found.update(operands_of(inner))
    return found


class Chain:
    """Additions to one number or array that a node, which adds to it as well, is taken in front of: order does not matter.

    Attributes
    ----------
    links : list of Node
        What adds before the node, and depends on what the node is joined to.
    start, end, out : Value
        What the first of them adds to, what the last of them yields, and what the node makes of that.
    """

    def __init__(self, links: Sequence[Node], start: Value | None, end: Value | None, out: Value | None) -> None:
        self.links, self.start, self.end, self.out = links, start, end, out
        self.between_ = Value(out.type, out.name, out.span) if out is not None else None
        #: how what comes after the node reads its result
        self.later: dict[Value, Atom] = {out: end} if out is not None and end is not None else {}

    @classmethod
    def between(cls, block: Block, late: Sequence[Node], node: Node) -> Chain | None:
        """The chain of a node, empty if it needs nothing of what depends on the first; None if it needs anything else."""
        maker = {r: n for n in late for r in results_of(n)}
        needed = {v for v in read_by(node) if v in maker}
        if not needed:
            return cls([], None, None, None)
        end = needed.pop()
        out = added_to(node, end)
        if needed or out is None:
            return None
        links: list[Node] = []
        start, reader = end, node
        while start in maker:
            link = maker[start]
            befores = {v for v in read_by(link) if added_to(link, v) is start}
            if len(befores) != 1 or times_read(block, start) != times_read_by(reader, start):
                return None
            links.insert(0, link)
            start, reader = befores.pop(), link
        return cls(links, start, end, out)

    def moved(self, node: Node) -> Node:
        """The node as it adds to what the chain starts from."""
        if self.start is None or self.end is None or self.out is None or self.between_ is None:
            return node
        found = substitute(node, {self.end: self.start})
        return replace(found, results=tuple(self.between_ if r is self.out else r for r in found.results))

    def relinked(self, node: Node) -> Node:
        """A node of those that now run after it: the first addition goes on from what it yields."""
        if self.links and node is self.links[0] and self.start is not None and self.between_ is not None:
            return substitute(node, {self.start: self.between_})
        return node


def times_read(block: Block, value: Value) -> int:
    """How often a value of a block is read in it."""
    in_nodes = sum(times_read_by(node, value) for node in block.nodes)
    return in_nodes + sum(r is value for r in block.results)


def times_read_by(node: Node, value: Value) -> int:
    """How often a node, with what is in it, reads a value."""
    return sum(v is value for v in read_by(node))


def one_choice(first: If, second: Node) -> If | None:
    """Two choices with the same condition as one; the second may read results of the first."""
    assert isinstance(second, If)
    blocks = []
    for a, b in ((first.then, second.then), (first.orelse, second.orelse)):
        known = dict(zip(first.results, a.results, strict=True))
        unset = {r for r, atom in known.items() if isinstance(atom, Undef)}
        if any(not unset.isdisjoint(read_at_once(node)) for node in each_node(b)):
            return None
        after = substitute(b, known)
        blocks.append(Block((), (*a.nodes, *after.nodes), (*a.results, *after.results)))
    return replace(first, then=blocks[0], orelse=blocks[1], results=(*first.results, *second.results))
