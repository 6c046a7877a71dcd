"""Which values may lie in the same memory, and what each node writes: a coarse view, whatever the path.

For moving expressions about in the text; `own` has a finer view, and is who decides on copies.
"""

from __future__ import annotations

from collections.abc import Iterable

from adcompile.ir.memory import RESIZING
from adcompile.ir.nodes import Atom, Eqn, For, Function, If, Node, Value, While, blocks_of, operands_of
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array, List
from adcompile.ir.walk import each_node


class MemoryClasses:
    """The classes of a function's values, and by node the classes written and resized there, blocks included."""

    def __init__(self, fn: Function) -> None:
        self.parent: dict[Value, Value] = {}
        self.writes: dict[Node, set[Value]] = {}
        self.resizes: dict[Node, set[Value]] = {}
        self.effects: set[Node] = set()
        for node in each_node(fn.body):
            self.join(node)
        for node in fn.body.nodes:
            self.summarise(node)

    def root(self, value: Value) -> Value:
        """The representative of everything that may share memory with a value."""
        while value in self.parent:
            above = self.parent[value]
            if above in self.parent:
                self.parent[value] = self.parent[above]
            value = above
        return value

    def unite(self, atoms: Iterable[Atom]) -> None:
        values = [self.root(a) for a in atoms if isinstance(a, Value) and isinstance(a.type, Array | List)]
        for v in values[1:]:
            if self.root(v) is not self.root(values[0]):
                self.parent[self.root(v)] = self.root(values[0])

    def join(self, node: Node) -> None:
        """Note which values a node lets share memory."""
        match node:
            case Eqn():
                about = PRIMITIVES[node.primitive]
                aliases = about.aliases is not None or node.primitive in ("contiguous", "list_new")
                if about.consumes is not None or aliases:
                    self.unite((*node.operands, *node.results))
            case If():
                for three in zip(node.results, node.then.results, node.orelse.results, strict=True):
                    self.unite(three)
            case For() | While():
                params = node.body.params[isinstance(node, For) :]
                conds = node.cond.params if isinstance(node, While) else params
                for group in zip(params, conds, node.inits, node.body.results, node.results, strict=False):
                    self.unite(group)

    def summarise(self, node: Node) -> None:
        """Note which memory a node writes, itself or in its blocks, and whether it has an effect."""
        writes: set[Value] = set()
        resizes: set[Value] = set()
        if isinstance(node, Eqn):
            about = PRIMITIVES[node.primitive]
            if about.consumes is not None:
                writes.add(self.root(node.results[0]))
                resizes |= writes if node.primitive in RESIZING else set()
            if about.effect:
                self.effects.add(node)
        for block in blocks_of(node):
            for inner in block.nodes:
                self.summarise(inner)
                writes |= self.writes.get(inner, set())
                resizes |= self.resizes.get(inner, set())
                if inner in self.effects:
                    self.effects.add(node)
        if writes:
            self.writes[node] = writes
        if resizes:
            self.resizes[node] = resizes

    def reads(self, node: Node) -> set[Value]:
        """The memory that the value of an expression depends on."""
        atoms: list[Atom] = [*operands_of(node), *node.results]
        if isinstance(node, If):
            for block in (node.then, node.orelse):
                for inner in each_node(block):
                    atoms += operands_of(inner)
        return {self.root(a) for a in atoms if isinstance(a, Value) and isinstance(a.type, Array | List)}

    def disturbing(self, node: Node) -> dict[Node, set[Value]]:
        """By node, the classes whose change would change what an expression yields."""
        shape = isinstance(node, Eqn) and node.primitive == "shape"
        return self.resizes if shape else self.writes
