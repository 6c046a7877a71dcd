"""Moves in front of a loop what each of its iterations would compute alike, and computes from its index what it counts.

Numba's compiler does both by itself; here they are for the reverse sweep, which then has less to record, and records it
in tapes whose size is known. Whatever else could be moved, or does not run for certain, stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from adcompile.analyses.shapes import Shapes
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, Node, Value
from adcompile.ir.types import INT, Scalar
from adcompile.ir.walk import definitions, map_blocks, substitute

A = TypeVar("A")

#: what is as well computed where it is not needed: it cannot fail
HARMLESS = frozenset("neg add sub mul".split())


def move(fn: Function) -> Function:
    """The function with invariant computations in front of loops, and without carried values that only count."""
    mover = Mover(Shapes(fn))
    body = mover.block(fn.body)
    return replace(fn, body=substitute(body, mover.resolved()))


@dataclass
class Mover:
    """A walk from the inside out.

    Attributes
    ----------
    shapes : Shapes
        The lengths of the arrays.
    loops : dict
        The loops around, by their index.
    became : dict
        What stands for the counters that are carried no longer.
    """

    shapes: Shapes
    loops: dict[Value, For] = field(default_factory=dict)
    became: dict[Value, Atom] = field(default_factory=dict)

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

    def node(self, node: Node) -> Sequence[Node]:
        if not isinstance(node, For):
            return (map_blocks(node, self.block),)
        self.loops[node.body.params[0]] = node
        node = replace(node, body=self.block(node.body))
        moved, node = self.in_front(node)
        node, after = self.without_counters(node)
        return *moved, node, *after

    # -- what is the same in each iteration ---------------------------------------------------------------------

    def in_front(self, loop: For) -> tuple[list[Node], For]:
        """What can be computed before the loop, and the loop without it."""
        inside = set(definitions(loop.body))
        moved: list[Node] = []
        kept: list[Node] = []
        for node in loop.body.nodes:
            if isinstance(node, Eqn) and inside.isdisjoint(node.operands) and self.is_harmless(node):
                moved.append(node)
                inside.difference_update(node.results)
            else:
                kept.append(node)
        return moved, replace(loop, body=replace(loop.body, nodes=tuple(kept)))

    def is_harmless(self, eqn: Eqn) -> bool:
        """Whether an equation gives a number and cannot fail, even where the loop does not run."""
        if eqn.primitive == "load":
            lengths = self.shapes.dims(eqn.operands[0])
            return eqn["index"] == ("i",) * len(lengths) and all(
                self.is_index(i, length) for i, length in zip(eqn.operands[1:], lengths, strict=True)
            )
        return eqn.primitive in HARMLESS and isinstance(eqn.results[0].type, Scalar)

    def is_index(self, atom: Atom, length: object) -> bool:
        """Whether an atom runs from 0 up to, at most, an axis's length: the index of a loop around."""
        loop = self.loops.get(atom) if isinstance(atom, Value) else None
        if loop is None or not self.is_natural(loop.start) or not self.is_one(loop.step):
            return False
        return isinstance(loop.stop, Value | Const) and self.shapes.source(loop.stop) == length

    def is_natural(self, atom: Atom) -> bool:
        """Whether an integer is known not to be negative."""
        if isinstance(atom, Const):
            return bool(atom.value >= 0)
        loop = self.loops.get(atom) if isinstance(atom, Value) else None
        return loop is not None and self.is_one(loop.step) and self.is_natural(loop.start)

    @staticmethod
    def is_one(atom: Atom) -> bool:
        return isinstance(atom, Const) and atom.value == 1

    # -- counters -----------------------------------------------------------------------------------------------

    def without_counters(self, loop: For) -> tuple[For, list[Node]]:
        """The loop with its counters computed from its index, and what they are after it."""
        steps = {} if loop.breaks or not self.is_one(loop.step) else counters(loop)
        if not steps:
            return loop, []
        index, *params = loop.body.params
        b, after = Builder(), Builder()
        b.span = after.span = loop.span
        trips = after.emit("maximum", after.emit("sub", loop.stop, loop.start), const(0))
        done = b.emit("sub", index, loop.start)
        for k, step in steps.items():
            for builder, value, times in ((b, params[k], done), (after, loop.results[k], trips)):
                self.became[value] = counted = Value(value.type, value.name, value.span)
                operands = loop.inits[k], builder.emit("mul", times, step)
                builder.append(Eqn("add", operands, (counted,), span=loop.span))

        def kept(atoms: Sequence[A]) -> tuple[A, ...]:
            return tuple(a for k, a in enumerate(atoms) if k not in steps)

        body = Block((index, *kept(params)), (*b.frames[0].nodes, *loop.body.nodes), kept(loop.body.results))
        return replace(loop, inits=kept(loop.inits), body=body, results=kept(loop.results)), after.frames[0].nodes


def counters(loop: For) -> dict[int, Atom]:
    """The carried integers to which each iteration adds the same, by position, and what it adds."""
    inside = set(definitions(loop.body))
    made = {eqn.results[0]: eqn for eqn in loop.body.nodes if isinstance(eqn, Eqn) and eqn.primitive == "add"}
    found: dict[int, Atom] = {}
    for k, (param, following) in enumerate(zip(loop.body.params[1:], loop.body.results, strict=True)):
        eqn = made.get(following) if isinstance(following, Value) else None
        if eqn is None or param not in eqn.operands:
            continue
        step = eqn.operands[1 - eqn.operands.index(param)]
        if step not in inside and all(map(is_int, (param, loop.inits[k], step))):
            found[k] = step
    return found


def is_int(atom: Atom) -> bool:
    return isinstance(atom.type, Scalar) and atom.type.dtype == INT.dtype
