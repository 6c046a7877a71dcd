"""Simplifies choices and loops: constant conditions, results that are no choice, values that a loop never changes.

Leaves equations alone, and what becomes unused is for `prune`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from adcompile.ir.nodes import Atom, Block, Const, For, Function, If, Node, Undef, Value, While
from adcompile.ir.types import BOOL, INT
from adcompile.ir.walk import definitions, each_node, map_blocks, read_at_once, substitute


def simplify_regions(fn: Function) -> Function:
    """The function with fewer choices and carried values, and the same results.

    - A choice with a constant condition is replaced by the branch taken.
    - A result of a choice that is the same on both sides is that atom; one that is the flag itself is the flag.
    - What a loop carries but never changes is its initial value, inside the loop and after it.
    - A loop that is known not to run is gone, and one whose flag never stops it does not break.
    """
    simplifier = Simplifier(fn)
    body = simplifier.block(fn.body)
    return Function(fn.name, fn.params, substitute(body, simplifier.resolved()), fn.tree, fn.span, fn.doc)


class Simplifier:
    """One walk from the inside out that collects which values are replaced by which atoms.

    A value that is read by an equation, or decides something, is never replaced by `Undef`, even where it is
    undefined on every path that is left: that equation is not reached, but it has to be printed.
    """

    def __init__(self, fn: Function) -> None:
        self.replaced: dict[Value, Atom] = {}
        self.needed: set[Atom] = {*fn.body.results}
        for node in each_node(fn.body):
            self.needed.update(read_at_once(node))

    def final(self, atom: Atom) -> Atom:
        """What an atom has become, through chains of replacements."""
        while isinstance(atom, Value) and atom in self.replaced:
            atom = self.replaced[atom]
        return atom

    def resolved(self) -> dict[Value, Atom]:
        """The replacements, without chains."""
        return {value: self.final(value) for value in self.replaced}

    def replace(self, values: Sequence[Value], atoms: Sequence[Atom]) -> bool:
        """Let each value be the atom in its place, if all of them can, and say so."""
        final = [self.final(atom) for atom in atoms]
        if any(isinstance(a, Undef) and v in self.needed for v, a in zip(values, final, strict=True)):
            return False
        self.needed.update(a for v, a in zip(values, final, strict=True) if v in self.needed)
        self.replaced.update(zip(values, final, strict=True))
        return True

    def block(self, block: Block) -> Block:
        """The block with its nodes simplified."""
        nodes = [simpler for node in block.nodes for simpler in self.node(node)]
        return Block(block.params, tuple(nodes), block.results)

    def node(self, node: Node) -> tuple[Node, ...]:
        """What is left of a node: itself, simplified; the nodes of one branch; or nothing."""
        match node:
            case If():
                return self.choice(node)
            case For() | While():
                return self.loop(node)
        return (node,)

    # -- choices ------------------------------------------------------------------------------------------------

    def choice(self, node: If) -> tuple[Node, ...]:
        """The branch taken, or the choice with those of its results replaced that are no choice."""
        cond = self.final(node.cond)
        then, orelse = self.block(node.then), self.block(node.orelse)
        if isinstance(cond, Const):
            taken = then if cond.value else orelse
            if self.replace(node.results, taken.results):
                return taken.nodes
        inside = {*definitions(then), *definitions(orelse)}
        for result, a, b in zip(node.results, then.results, orelse.results, strict=True):
            atom = self.common(cond, self.final(a), self.final(b))
            if atom is not None and atom not in inside:
                self.replace((result,), (atom,))
        return (If(cond, then, orelse, node.results, node.span, node.comment),)

    def common(self, cond: Atom, a: Atom, b: Atom) -> Atom | None:
        """What a choice between two atoms amounts to, if it is none."""
        if a == b or isinstance(b, Undef):
            return a
        if isinstance(a, Undef):
            return b
        return cond if (a, b) == (Const(True, BOOL), Const(False, BOOL)) else None

    # -- loops --------------------------------------------------------------------------------------------------

    def loop(self, node: For | While) -> tuple[Node, ...]:
        """The loop with fewer carried values, or nothing."""
        if self.never_runs(node):
            trips = () if node.trips is None else (node.trips,)
            if self.replace((*node.results, *trips), (*node.inits, *(Const(0, INT) for _ in trips))):
                return ()
        simpler = cast("For | While", map_blocks(node, self.block))
        self.drop_unchanged(simpler)
        return (self.without_idle_flag(simpler),)

    def never_runs(self, node: For | While) -> bool:
        """Whether a loop is known to make no iteration."""
        if isinstance(node, While):
            return not node.cond.nodes and self.final(node.cond.results[0]) == Const(False, BOOL)
        bounds = [self.final(b) for b in (node.start, node.stop, node.step)]
        numbers = [b.value for b in bounds if isinstance(b, Const)]
        return len(numbers) == len(bounds) and numbers[2] != 0 and not range(*numbers)

    def drop_unchanged(self, node: For | While) -> None:
        """Replace what a loop carries but hands on as it came, or sets to its initial value again."""
        carried = (node.body.params[1:],) if isinstance(node, For) else (node.cond.params, node.body.params)
        for k, init in enumerate(node.inits):
            if self.final(node.body.results[k]) in (carried[-1][k], self.final(init)):
                values = (*(params[k] for params in carried), node.results[k])
                self.replace(values, (init,) * len(values))

    def without_idle_flag(self, node: For | While) -> For | While:
        """The loop without its flag, where that is never true."""
        if not node.breaks or self.final(node.body.results[-1]) != Const(False, BOOL):
            return node
        body = Block(node.body.params, node.body.nodes, node.body.results[:-1])
        if isinstance(node, For):
            facts = (False, node.trips, node.parallel, node.span, node.comment)
            return For(node.start, node.stop, node.step, node.inits, body, node.results, *facts)
        return While(node.inits, node.cond, body, node.results, False, node.trips, node.span, node.comment)
