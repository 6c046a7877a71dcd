"""Which values' memory is written again after they are made, so that their content cannot be read back later.

Does not insert copies; `backend/own.py` and the reverse sweep decide what to do about it.
"""

from __future__ import annotations

from adcompile.ir.nodes import Atom, Block, Eqn, For, Function, If, Node, Value, While
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array, List


def overwritten(fn: Function) -> set[Value]:
    """The arrays and lists whose memory a later operation writes into.

    A version is overwritten if it is consumed, if it shares memory with one that is, or if a region hands it on to
    a version that is.
    """
    found: set[Value] = set()
    shares: dict[Value, list[Value]] = {}

    def link(a: Atom, b: Atom) -> None:
        """Note that overwriting one of two versions overwrites the other."""
        if isinstance(a, Value) and isinstance(b, Value) and isinstance(a.type, Array | List):
            shares.setdefault(a, []).append(b)
            shares.setdefault(b, []).append(a)

    def hand_on(earlier: Atom, later: Atom) -> None:
        """Note that overwriting the later version overwrites the earlier one, not the other way round."""
        if isinstance(earlier, Value) and isinstance(later, Value) and isinstance(earlier.type, Array | List):
            shares.setdefault(later, []).append(earlier)

    def visit(node: Node) -> None:
        match node:
            case Eqn():
                about = PRIMITIVES[node.primitive]
                if about.consumes is not None:
                    operand = node.operands[about.consumes]
                    if isinstance(operand, Value):
                        found.add(operand)
                    hand_on(operand, node.results[0])
                if about.aliases is not None:
                    link(node.operands[about.aliases], node.results[0])
                if node.primitive in ("list_append", "list_set", "list_new"):
                    for kept in node.operands:
                        hand_on(kept, node.results[0])
            case If():
                for r, a, b in zip(node.results, node.then.results, node.orelse.results, strict=True):
                    hand_on(a, r)
                    hand_on(b, r)
                block(node.then)
                block(node.orelse)
            case For() | While():
                carried = node.body.params[1:] if isinstance(node, For) else node.body.params
                for p, init, following, r in zip(
                    carried, node.inits, node.body.results[: len(carried)], node.results, strict=True
                ):
                    hand_on(init, p)
                    hand_on(following, p)
                    hand_on(following, r)
                    hand_on(init, r)
                block(node.body)

    def block(b: Block) -> None:
        for node in b.nodes:
            visit(node)

    block(fn.body)
    pending = list(found)
    while pending:
        for other in shares.get(pending.pop(), ()):
            if other not in found:
                found.add(other)
                pending.append(other)
    return found
