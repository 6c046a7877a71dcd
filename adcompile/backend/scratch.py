"""Arrays that a loop makes anew in each iteration, and that no iteration hands on, are made once, before the loop.

The last step before a program is printed: `own` has put in all copies, so that memory is what its lives say. The loop carries the array; what is in it at
the start of an iteration is left over from the one before, which nobody can tell from an empty one. Zeros are written again.
"""

from __future__ import annotations

from dataclasses import replace

from adcompile.backend.classes import MemoryClasses
from adcompile.backend.sharing import storable
from adcompile.ir.build import zero
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, Node, Value, While, blocks_of
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array, List, Scalar, dtype_of, rank
from adcompile.ir.walk import definitions, each_node, map_blocks, substitute


def made_once(fn: Function, related: dict[Value, tuple[Value, str]]) -> Function:
    """The function with arrays of iterations made before the loop; `related` learns what these are called after."""
    return replace(fn, body=Maker(fn, related).block(fn.body))


class Sharing(MemoryClasses):
    """Which values may lie in the same memory; an array that is written into another does not."""

    def join(self, node: Node) -> None:
        consumes = PRIMITIVES[node.primitive].consumes if isinstance(node, Eqn) else None
        atoms = (*node.operands, *node.results) if isinstance(node, Eqn) else ()
        if consumes is None or any(isinstance(a.type, List) for a in atoms):
            super().join(node)
        elif isinstance(node, Eqn):
            self.unite((node.operands[consumes], *node.results))


def makes(eqn: Eqn) -> bool:
    """Whether the results of an equation are memory of their own."""
    about = PRIMITIVES[eqn.primitive]
    return about.consumes is None and about.aliases is None


class Maker:
    """One walk over a function, from the inside out."""

    def __init__(self, fn: Function, related: dict[Value, tuple[Value, str]]) -> None:
        self.related = related
        self.sharing = Sharing(fn)
        self.members: dict[Value, list[Value]] = {}
        for value in (*fn.params, *definitions(fn.body)):
            self.members.setdefault(self.sharing.root(value), []).append(value)
        nodes = [n for n in each_node(fn.body) if isinstance(n, Eqn)]
        #: what is new memory
        self.makers = {r for n in nodes for r in n.results if makes(n)}
        #: integers that are not negative wherever they are known
        self.lengths = {
            n.results[0]
            for n in nodes
            if n.primitive in ("shape", "list_len")
            or (n.primitive == "maximum" and Const(0, n.operands[1].type) in n.operands)
        }

    def block(self, block: Block) -> Block:
        """The block, with what its loops make made in it."""
        nodes: list[Node] = []
        for node in block.nodes:
            inner = map_blocks(node, self.block)
            if isinstance(inner, For | While) and not (isinstance(inner, For) and inner.parallel):
                before, inner = self.out_of(inner)
                nodes += before
            nodes.append(inner)
        return replace(block, nodes=tuple(nodes))

    def out_of(self, loop: For | While) -> tuple[list[Node], For | While]:
        """What is made before a loop, and the loop, which carries that instead of making it."""
        inside = set(definitions(loop.body))
        handed_on = {self.sharing.root(a) for a in loop.body.results if isinstance(a, Value)}
        before: list[Node] = []
        for made in [
            n.results[0] for n in loop.body.nodes if isinstance(n, Eqn) and self.can_move(n, inside, handed_on)
        ]:
            last = self.last_version(made, loop.body)
            if last is not None:
                eqn, loop = self.moved(made, last, loop)
                before.append(eqn)
        return before, loop

    def last_version(self, array: Value, body: Block) -> Value | None:
        """The version of an array at the end of a block; None if a node keeps to itself what it makes of it."""
        root = self.sharing.root(array)
        for node in body.nodes:
            versions = [r for r in node.results if self.sharing.root(r) is root and self.is_version(node, r)]
            if len(versions) > 1 or (not versions and blocks_of(node) and self.writes(node, root)):
                return None
            array = versions[0] if versions else array
        return array

    def is_version(self, node: Node, result: Value) -> bool:
        """Whether a result is what a node makes of an array, not a view of it."""
        if isinstance(node, Eqn) and PRIMITIVES[node.primitive].consumes is None:
            return PRIMITIVES[node.primitive].aliases is None
        return result.type == storable(result.type)

    def writes(self, node: Node, root: Value) -> bool:
        """Whether something in a node overwrites a memory."""
        eqns = [n for n in each_node(Block((), (node,), ())) if isinstance(n, Eqn)]
        written = [n.results[0] for n in eqns if PRIMITIVES[n.primitive].consumes is not None]
        return any(self.sharing.root(v) is root for v in written)

    def can_move(self, eqn: Eqn, inside: set[Value], handed_on: set[Value]) -> bool:
        """Whether what an equation makes ends with the iteration, and can be made before the loop."""
        if eqn.primitive not in ("empty", "zeros") or not all(self.is_length(d, inside) for d in eqn.operands):
            return False
        root = self.sharing.root(eqn.results[0])
        shared = self.members[root]
        alone = sum(v in self.makers for v in shared) == 1
        return (
            alone
            and root not in handed_on
            and inside.issuperset(shared)
            and all(isinstance(v.type, Array) for v in shared)
        )

    def is_length(self, dim: Atom, inside: set[Value]) -> bool:
        """Whether a number can be a length even where the loop makes no iteration, and is known before it."""
        if isinstance(dim, Const):
            return bool(dim.value >= 0)
        return isinstance(dim, Value) and dim not in inside and dim in self.lengths

    def moved(self, array: Value, last: Value, loop: For | While) -> tuple[Eqn, For | While]:
        """What makes an array before a loop, and the loop, where an iteration begins by giving it the contents of a new one."""
        eqn = next(n for n in loop.body.nodes if isinstance(n, Eqn) and array in n.results)
        once, carried, result = (Value(array.type, array.name, array.span) for _ in range(3))
        self.sharing.unite((array, once, carried, result))
        self.members[self.sharing.root(array)] += [once, carried, result]
        if array in self.related:
            self.related.update(dict.fromkeys((once, carried, result), self.related[array]))
        self.makers = (self.makers - {array}) | {once}
        again: tuple[Node, ...] = ()
        renamed: dict[Value, Atom] = {array: carried}
        if eqn.primitive == "zeros":
            codes = (("index", ("s000",) * rank(array.type)),)
            nothing = zero(Scalar(dtype_of(array.type)))
            again, renamed = (Eqn("store", (carried, nothing), (array,), codes, eqn.span),), {}
        k = loop.body.nodes.index(eqn)
        body = loop.body
        inside = Block((), (*body.nodes[:k], *again, *body.nodes[k + 1 :]), (*body.results, last))
        inside = substitute(inside, renamed)
        results = (*inside.results[: len(loop.inits)], inside.results[-1], *inside.results[len(loop.inits) : -1])
        body = Block((*body.params, carried), inside.nodes, results)
        changed = replace(loop, inits=(*loop.inits, once), body=body, results=(*loop.results, result))
        if isinstance(changed, While):
            test = Value(array.type, array.name, array.span)
            changed = replace(changed, cond=replace(changed.cond, params=(*changed.cond.params, test)))
        return replace(eqn, primitive="empty", results=(once,)), changed
