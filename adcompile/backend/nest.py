"""Decides which equations are printed inside the expression that uses them instead of on a line of their own.

Only where that changes nothing: one use, in the same block, with nothing written or effected in between.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from adcompile.ir.memory import RESIZING
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, If, Node, Value, While, blocks_of, operands_of
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array, List, Scalar, rank
from adcompile.ir.walk import each_block, each_node

Inline = Callable[[Value], bool]

WIDTH = 70  # of a statement, in rough characters, above which nothing more is nested
ARRAY_WIDTH = 300  # the same where nesting lets the compiler fuse array operations
CHOICE = 12  # nodes that the branches of a conditional expression may have at most

#: writing operations that are printed as one statement, each operand once
PLAIN = frozenset({"store", "accumulate", "list_append", "list_set"})
#: what even an un-nested listing does not give a line of its own
SMALL = frozenset({"load", "view", "shape", "list_len", "list_get", "cast"})


@dataclass
class Nesting:
    """Values printed inside their use, the choices printed as conditional expressions, and how often each is read."""

    values: dict[Value, Node] = field(default_factory=dict)
    choices: set[If] = field(default_factory=set)
    counts: Counter[Atom] = field(default_factory=Counter)


def nest(fn: Function, *, nested: bool = False, inline: Inline | None = None) -> Nesting:
    """What of a function is printed inside of what.

    Parameters
    ----------
    fn : Function
    nested : bool
        Nest all that has no name, as kernels want it; else only what no listing would name: loads, indices, flags.
    inline : callable, optional
        Says instead whether a value may be nested.
    """
    nester = Nester(fn, nested, inline)
    nester.block(fn.body, open_end=True)
    return nester.nesting


@dataclass(frozen=True)
class Use:
    """Where a value is read: by which node, as which operand, and at which index of the block that gets printed."""

    node: Node | None
    operand: int
    target: int


class Nester:
    """A walk over the blocks of a function, each from its end to its start."""

    def __init__(self, fn: Function, nested: bool, inline: Inline | None) -> None:
        self.nested = nested
        self.inline = inline
        self.nesting = Nesting()
        self.parent: dict[Value, Value] = {}
        self.writes: dict[Node, set[Value]] = {}
        self.resizes: dict[Node, set[Value]] = {}
        self.effects: set[Node] = set()
        for node in each_node(fn.body):
            self.nesting.counts.update(operands_of(node))
            self.join(node)
        for block in each_block(fn.body):
            self.nesting.counts.update(block.results)
        for node in fn.body.nodes:
            self.summarise(node)

    # -- memory -------------------------------------------------------------------------------------------------

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
                if about.consumes is not None or about.aliases is not None or node.primitive in ("contiguous", "list_new"):
                    self.unite((*node.operands, *node.results))
            case If():
                for three in zip(node.results, node.then.results, node.orelse.results, strict=True):
                    self.unite(three)
            case For() | While():
                params = node.body.params[isinstance(node, For) :]
                conds = node.cond.params if isinstance(node, While) else params
                for group in zip(params, conds, node.inits, node.body.results, node.results):
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
        atoms: list[Atom] = list(operands_of(node))
        if isinstance(node, If):
            for inner in (*node.then.nodes, *node.orelse.nodes):
                atoms += operands_of(inner)
        else:
            atoms += node.results
        return {self.root(a) for a in atoms if isinstance(a, Value) and isinstance(a.type, Array | List)}

    # -- blocks -------------------------------------------------------------------------------------------------

    def block(self, block: Block, *, open_end: bool = False, eager: bool = False) -> None:
        """Decide for the nodes of a block.

        `open_end` says that what the block hands back is printed where it ends, so that it may be nested there;
        `eager` that everything without a name should be.
        """
        scope = Scope(self, block)
        for node in block.nodes:
            self.inner(node, eager)
        if open_end:
            for r in block.results:
                scope.uses[r] = Use(None, 0, len(block.nodes))
        for k in reversed(range(len(block.nodes))):
            node = block.nodes[k]
            target = k
            if self.nestable(node) and self.wanted(node, eager):
                use = scope.uses.get(node.results[0])
                if use is not None and scope.free(node, k, use):
                    self.nesting.values[node.results[0]] = node
                    target = use.target
            for operand, atom in enumerate(operands_of(node)):
                scope.uses[atom] = Use(node, operand, target)

    def inner(self, node: Node, eager: bool) -> None:
        """Decide for the blocks of a node."""
        match node:
            case If():
                if not self.choice(node, eager):
                    self.block(node.then)
                    self.block(node.orelse)
            case For():
                self.block(node.body)
            case While():
                self.block(node.cond, open_end=True, eager=True)
                self.block(node.body)

    def choice(self, node: If, eager: bool) -> bool:
        """Print a choice as a conditional expression if both its branches are expressions."""
        inside = [*each_node(node.then), *each_node(node.orelse)]
        ends = (*node.then.results, *node.orelse.results)
        if len(node.results) != 1 or node.results[0].name or not isinstance(node.results[0].type, Scalar):
            return False
        if len(inside) > CHOICE or not all(isinstance(a, Value | Const) for a in ends):
            return False
        if not all(isinstance(n, If) or self.nestable(n) for n in inside):
            return False
        before = set(self.nesting.choices)
        for block in (node.then, node.orelse):
            self.block(block, open_end=True, eager=eager)
        if all(n.results[0] in self.nesting.values for n in inside):
            self.nesting.choices.add(node)
            return True
        for n in inside:
            self.nesting.values.pop(n.results[0], None)
        self.nesting.choices = before
        return False

    def nestable(self, node: Node) -> bool:
        """Whether a node is an expression: one result, nothing written, no effect, and one use."""
        if isinstance(node, If):
            return node in self.nesting.choices and self.nesting.counts[node.results[0]] == 1
        if not isinstance(node, Eqn) or len(node.results) != 1 or self.nesting.counts[node.results[0]] != 1:
            return False
        about = PRIMITIVES[node.primitive]
        return about.consumes is None and not about.effect

    def wanted(self, node: Node, eager: bool) -> bool:
        """Whether a node should be nested, if it can be."""
        value = node.results[0]
        if self.inline is not None:
            return self.inline(value)
        if isinstance(node, If):
            return True
        if value.name:
            return self.nested and isinstance(value.type, Array) and PRIMITIVES[node.primitive].elementwise
        small = node.primitive in SMALL or isinstance(value.type, Scalar) and value.type.dtype in ("bool", "int64")
        return self.nested or eager or small


class Scope:
    """What is known of a block while it is walked: who reads what, what is written where, how wide statements are."""

    def __init__(self, nester: Nester, block: Block) -> None:
        self.nester = nester
        self.block = block
        self.uses: dict[Atom, Use] = {}
        self.width: Counter[int] = Counter()
        self.written: dict[Value, list[int]] = {}
        self.resized: dict[Value, list[int]] = {}
        self.effects: list[int] = []
        for k, node in enumerate(block.nodes):
            for root in nester.writes.get(node, ()):
                self.written.setdefault(root, []).append(k)
            for root in nester.resizes.get(node, ()):
                self.resized.setdefault(root, []).append(k)
            if node in nester.effects:
                self.effects.append(k)

    def free(self, node: Node, k: int, use: Use) -> bool:
        """Whether a node can be printed at its use."""
        if not self.takes(node, use):
            return False
        shape = isinstance(node, Eqn) and node.primitive == "shape"
        lists = self.resized if shape else self.written
        if any(between(lists.get(root, []), k, use.target) for root in self.nester.reads(node)):
            return False
        if between(self.effects, k, use.target):
            return False
        width = sum(len(a.name) or 3 if isinstance(a, Value) else 3 for a in operands_of(node)) + 4
        limit = ARRAY_WIDTH if isinstance(node.results[0].type, Array) else WIDTH
        if self.width[use.target] + width > limit:
            return False
        self.width[use.target] += width
        return True

    def takes(self, node: Node, use: Use) -> bool:
        """Whether a use can hold an expression."""
        user, value = use.node, node.results[0]
        match user:
            case None:
                return True
            case If():
                return True
            case For():
                return use.operand < 3
            case While():
                return False
        about = PRIMITIVES[user.primitive]
        if about.consumes is not None:
            simple = isinstance(value.type, Scalar) and value.type.dtype == "int64" and not self.nester.reads(node)
            loops = user.primitive == "accumulate" and any(code in ("a", "m") for code in user["index"])
            return use.operand != about.consumes and (simple or user.primitive in PLAIN and not loops)
        if isinstance(value.type, Array) and about.elementwise:
            # repeated along an axis, it would be computed again for each element
            return rank(value.type) == rank(user.results[0].type)
        return True


def between(positions: list[int], first: int, last: int) -> bool:
    """Whether one of some ordered positions lies strictly between two."""
    k = bisect_right(positions, first)
    return k < len(positions) and positions[k] < last
