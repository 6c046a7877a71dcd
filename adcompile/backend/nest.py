"""Decides which equations are printed inside the expression that uses them instead of on a line of their own.

Only where that changes nothing: one use, in the same block, with nothing written or effected in between.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from adcompile.backend.classes import MemoryClasses
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, If, Node, Value, While, blocks_of, operands_of
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array, Scalar, rank
from adcompile.ir.walk import each_block, each_node

Inline = Callable[[Value], bool]

WIDTH = 70  # of a statement, in rough characters, above which nothing more is nested
FUSED_WIDTH = 200  # the same where nesting lets the compiler fuse array operations
CHOICE = 12  # nodes that the branches of a conditional expression may have at most

#: writing operations that are printed as one statement, each operand once
PLAIN = frozenset({"store", "accumulate", "list_append", "list_set"})
#: what even an un-nested listing does not give a line of its own
SMALL = frozenset({"load", "view", "shape", "list_len", "list_get", "cast"})


@dataclass
class Nesting:
    """What is printed inside of what.

    `values` are printed inside their use and defined by these nodes; `choices` are printed as conditional expressions.
    `exits` are the choices at the end of a loop's body that decide whether to leave it, so that they can hold the
    break: with the index of the result that says so, or -1 where their condition does. `decided` are those flags:
    on each path they are constants.
    """

    values: dict[Value, Node] = field(default_factory=dict)
    choices: set[If] = field(default_factory=set)
    exits: dict[If, int] = field(default_factory=dict)
    decided: dict[Value, None] = field(default_factory=dict)


def nest(fn: Function, *, nested: bool = False, inline: Inline | None = None, named: Collection[Value] = ()) -> Nesting:
    """What of a function is printed inside of what.

    Parameters
    ----------
    fn : Function
    nested : bool
        Nest all that has no name, as kernels want it; else only what no listing would name: loads, indices, flags.
    inline : callable, optional
        Says instead whether a value may be nested.
    named : collection of Value
        Values that have names though the user gave them none.
    """
    nester = Nester(fn, nested, inline, named)
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

    def __init__(self, fn: Function, nested: bool, inline: Inline | None, named: Collection[Value]) -> None:
        self.nested = nested
        self.named = named
        self.inline = inline
        self.nesting = Nesting()
        self.memory = MemoryClasses(fn)
        #: read more often, but printed once; and nested whatever they are
        self.single: set[Atom] = set()
        self.forced: set[Atom] = set()
        self.counts: Counter[Atom] = Counter()
        for node in each_node(fn.body):
            self.counts.update(operands_of(node))
        for block in each_block(fn.body):
            self.counts.update(block.results)

    # -- blocks -------------------------------------------------------------------------------------------------

    def block(
        self,
        block: Block,
        *,
        open_end: bool = False,
        eager: bool = False,
        flag: int | None = None,
        carried: Sequence[Value] = (),
    ) -> None:
        """Decide for the nodes of a block.

        Parameters
        ----------
        block : Block
        open_end : bool
            What the block hands back is printed where it ends, so that it may be nested there.
        eager : bool
            Everything without a name should be nested.
        flag : int, optional
            Which result says that the loop is left; the block ends the body of the loop.
        carried : sequence of Value
            What the body of a loop gets from the iteration before.
        """
        scope = Scope(self, block)
        leave = self.exit(block, flag, scope)
        for node in block.nodes:
            if node in self.nesting.exits:
                for branch in blocks_of(node):
                    self.block(branch, eager=eager, flag=leave)
            else:
                self.inner(node, eager)
        if open_end:
            for r in block.results:
                scope.uses[r] = Use(None, 0, len(block.nodes))
        for r in self.swapped(block, carried):
            scope.uses[r] = Use(None, 0, len(block.nodes))
        self.decide(scope, eager)

    def decide(self, scope: Scope, eager: bool) -> None:
        """Go through a block from its end, nesting what can be nested where it is used."""
        block = scope.block
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

    def exit(self, block: Block, flag: int | None, scope: Scope) -> int | None:
        """See how a block decides whether its loop is left; the same flag's index in the choice at its end."""
        if flag is None:
            return None
        atom, last = block.results[flag], block.nodes[-1] if block.nodes else None
        if not isinstance(atom, Value):
            return None
        handed = block.results.count(atom)
        if isinstance(last, If) and atom in last.results and self.counts[atom] == handed:
            k = last.results.index(atom)
            self.nesting.exits[last] = k
            self.nesting.decided[atom] = None
            return k
        if isinstance(last, If) and atom is last.cond:
            self.nesting.exits[last] = -1
            self.nesting.decided[atom] = None
            if self.counts[atom] == handed + 1:
                self.single.add(atom)
        elif self.counts[atom] == handed:
            self.single.add(atom)
            scope.uses[atom] = Use(None, 0, len(block.nodes))
        return None

    def swapped(self, block: Block, carried: Sequence[Value]) -> list[Value]:
        """Results of a loop's body whose old value moves elsewhere at the same time: `a, b = b, a + b`."""
        found = [
            r
            for r, p in zip(block.results, carried, strict=False)
            if isinstance(r, Value) and p in block.results and r is not p and self.counts[r] == 1
        ]
        self.forced.update(found)
        return found

    def inner(self, node: Node, eager: bool) -> None:
        """Decide for the blocks of a node."""
        match node:
            case If():
                if not self.choice(node, eager):
                    self.block(node.then)
                    self.block(node.orelse)
            case For():
                self.body(node)
            case While():
                self.block(node.cond, open_end=True, eager=True)
                self.body(node)

    def body(self, node: For | While) -> None:
        carried = node.body.params[isinstance(node, For) :]
        self.block(node.body, flag=len(carried) if node.breaks else None, carried=carried)

    def choice(self, node: If, eager: bool) -> bool:
        """Print a choice as a conditional expression if both its branches are expressions."""
        inside = [*each_node(node.then), *each_node(node.orelse)]
        ends = (*node.then.results, *node.orelse.results)
        if len(node.results) != 1 or node.results[0].name or not isinstance(node.results[0].type, Scalar):
            return False
        if node.results[0] in self.named and not (node.then.nodes and node.orelse.nodes) and inside:
            return False  # more likely an update on one path
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
            return node in self.nesting.choices and self.once(node.results[0])
        if not isinstance(node, Eqn) or len(node.results) != 1 or not self.once(node.results[0]):
            return False
        about = PRIMITIVES[node.primitive]
        return about.consumes is None and not about.effect

    def once(self, value: Value) -> bool:
        """Whether a value is printed once if it is nested."""
        return self.counts[value] == 1 or value in self.single

    def wanted(self, node: Node, eager: bool) -> bool:
        """Whether a node should be nested, if it can be."""
        value = node.results[0]
        if self.inline is not None and value not in self.forced:
            return self.inline(value)
        if isinstance(node, If) or value in self.forced:
            return True
        assert isinstance(node, Eqn)
        if value.name and not (self.nested and node.primitive == "shape"):
            return self.nested and isinstance(value.type, Array) and PRIMITIVES[node.primitive].elementwise
        small = node.primitive in SMALL or (isinstance(value.type, Scalar) and value.type.dtype in ("bool", "int64"))
        return self.nested or eager or small


class Scope:
    """What is known of a block while it is walked: who reads what, what is written where, how wide statements are."""

    def __init__(self, nester: Nester, block: Block) -> None:
        self.nester = nester
        self.block = block
        self.uses: dict[Atom, Use] = {}
        self.width: Counter[int] = Counter()
        memory = nester.memory
        self.effects = [k for k, node in enumerate(block.nodes) if node in memory.effects]
        self.written = self.changes(memory.writes)
        self.resized = self.changes(memory.resizes)

    def changes(self, table: dict[Node, set[Value]]) -> dict[Value, list[int]]:
        """By class of memory, the indices of the nodes that change it."""
        found: dict[Value, list[int]] = {}
        for k, node in enumerate(self.block.nodes):
            for root in table.get(node, ()):
                found.setdefault(root, []).append(k)
        return found

    def free(self, node: Node, k: int, use: Use) -> bool:
        """Whether a node can be printed at its use."""
        if not self.takes(node, use):
            return False
        memory = self.nester.memory
        changes = self.resized if memory.disturbing(node) is memory.resizes else self.written
        if any(between(changes.get(root, []), k, use.target) for root in memory.reads(node)):
            return False
        if between(self.effects, k, use.target):
            return False
        width = sum(len(a.name) or 3 if isinstance(a, Value) else 3 for a in operands_of(node)) + 4
        if self.width[use.target] + width > (FUSED_WIDTH if fuses(node, use.node) else WIDTH):
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
        assert isinstance(user, Eqn)
        assert isinstance(user, Eqn)
        about = PRIMITIVES[user.primitive]
        if about.consumes is not None:
            simple = (
                isinstance(value.type, Scalar) and value.type.dtype == "int64" and not self.nester.memory.reads(node)
            )
            loops = user.primitive == "accumulate" and any(code in ("a", "m") for code in user["index"])
            return use.operand != about.consumes and (simple or (user.primitive in PLAIN and not loops))
        if isinstance(value.type, Array) and about.elementwise:
            # repeated along an axis, it would be computed again for each element
            return rank(value.type) == rank(user.results[0].type)
        return True


def fuses(node: Node, user: Node | None) -> bool:
    """Whether an array operation becomes one loop with the operation that uses it."""
    return (
        isinstance(node, Eqn)
        and isinstance(user, Eqn)
        and isinstance(node.results[0].type, Array)
        and PRIMITIVES[node.primitive].elementwise
        and PRIMITIVES[user.primitive].elementwise
    )


def between(positions: list[int], first: int, last: int) -> bool:
    """Whether one of some ordered positions lies strictly between two."""
    k = bisect_right(positions, first)
    return k < len(positions) and positions[k] < last
