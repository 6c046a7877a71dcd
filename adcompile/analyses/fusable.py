"""Loops whose iterations share nothing that is differentiated but sums: each iteration can be reversed where it runs.

The cotangent of such a sum is the same before and after every iteration, so that forward and reverse sweep are one loop
if nothing that is needed before comes of the loop. Says which loops are of that kind, not what to do with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from adcompile.analyses.memory import overwritten
from adcompile.ir.nodes import Atom, Block, Eqn, For, Function, If, Node, Value, results_of
from adcompile.ir.primitives import CALLS, PRIMITIVES
from adcompile.ir.types import Array, List
from adcompile.ir.walk import definitions, each_node, free_values, reads
from adcompile.switches import on


class Fusable:
    """The loops of a function, none around them, that can be reversed iteration by iteration as they run forward.

    Parameters
    ----------
    fn : Function
    active : set of Value
        What carries a derivative.
    pure : set of str
        The functions whose calls have no effect.
    """

    def __init__(self, fn: Function, active: set[Value], pure: frozenset[str]) -> None:
        self.fn = fn
        self.pure = pure
        written = overwritten(fn)
        loops = [n for n in fn.body.nodes if isinstance(n, For)] if on("fused") else []
        self.loops = [loop for loop in loops if can_fuse(loop, active, written, pure)]

    def give_up(self, wanted: Iterable[Value]) -> list[For]:
        """Leave out, and return, the loops that something comes of that the reverse sweep wants."""
        wanted = set(wanted)
        lost = [loop for loop in self.loops if not self.can_wait(loop, wanted)]
        self.loops = [loop for loop in self.loops if loop not in lost]
        return lost

    def can_wait(self, loop: For, wanted: set[Value]) -> bool:
        """Whether a loop, and all that depends on it, may run after the rest of the forward sweep."""
        others = [node for node in self.later([loop]) if node is not loop]
        made = definitions(Block((), tuple(others), ()))
        return not any(v in wanted for v in (*loop.results, *made)) and not any(
            has_effect(n, self.pure) for n in others
        )

    def later(self, loops: Sequence[For]) -> list[Node]:
        """Some loops and the nodes that depend on them, in program order."""
        found: list[Node] = []
        made: set[Value] = set()
        for node in self.fn.body.nodes:
            if node in loops or any(v in made for v in read_by(node)):
                found.append(node)
                made.update(results_of(node))
        return found


def can_fuse(loop: For, active: set[Value], written: set[Value], pure: frozenset[str]) -> bool:
    """Whether a loop can be fused, as far as the loop alone tells; `written` are arrays that are written to later."""
    if loop.breaks or loop.trips or has_effect(loop, pure) or not any(r in active for r in loop.results):
        return False
    if any(v in written for v in free_values(loop.body) if isinstance(v.type, Array | List)):
        return False
    carried = zip(loop.body.params[1:], loop.body.results, loop.results, strict=True)
    return all(is_sum(loop.body, p, following) for p, following, r in carried if p in active or r in active)


def is_sum(block: Block, before: Value | None, after: Atom) -> bool:
    """Whether a block only adds to a number or array, and reads it nowhere else, on the way from one atom to another."""
    while before is not None:
        readers = [node for node in block.nodes if any(v is before for v in read_by(node))]
        if before is after:
            return not readers and sum(r is before for r in block.results) == 1
        if len(readers) != 1 or any(r is before for r in block.results):
            return False
        before = added_to(readers[0], before)
    return False


def added_to(node: Node, before: Value) -> Value | None:
    """What a node makes of a number or array that it only adds to, if it does nothing else."""
    match node:
        case Eqn(primitive, operands) if operands.count(before) == 1:
            if primitive == "add" or (primitive in ("sub", "accumulate") and operands[0] is before):
                return node.results[0]
        case If() if node.cond is not before:
            sides = zip(node.results, node.then.results, node.orelse.results, strict=True)
            found = [r for r, a, b in sides if is_sum(node.then, before, a) and is_sum(node.orelse, before, b)]
            if len(found) == 1:
                return found[0]
        case For(inits=inits) if sum(v is before for v in read_by(node)) == 1 and before in inits:
            k = inits.index(before)
            if is_sum(node.body, node.body.params[1 + k], node.body.results[k]):
                return node.results[k]
    return None


def read_by(node: Node) -> Iterator[Value]:
    """What a node and the blocks in it read, with repeats."""
    return reads(Block((), (node,), ()))


def has_effect(node: Node, pure: frozenset[str]) -> bool:
    """Whether a node does something besides yielding results; calls of `pure` functions do not."""
    return any(isinstance(n, Eqn) and effect_of(n, pure) for n in each_node(Block((), (node,), ())))


def effect_of(eqn: Eqn, pure: frozenset[str]) -> bool:
    """Whether an equation does something besides yielding results."""
    return PRIMITIVES[eqn.primitive].effect and not (eqn.primitive in CALLS and eqn["function"] in pure)
