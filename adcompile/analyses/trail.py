"""Where the memory of an array comes from, through all that writes into it on the way."""

from __future__ import annotations

from dataclasses import dataclass

from adcompile.ir.nodes import Atom, Eqn, For, Function, If, Node, Value, While
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.walk import each_node

#: what makes memory
MAKING = frozenset({"zeros", "empty", "full"})


@dataclass
class Trail:
    """Follows an array back through what writes into it to where its memory comes from."""

    fn: Function

    def __post_init__(self) -> None:
        self.maker: dict[Value, Node] = {r: node for node in each_node(self.fn.body) for r in node.results}

    def start(self, atom: Atom) -> Eqn | Atom | None:
        """The equation that makes the memory, or the parameter that it belongs to; None where that is not one thing."""
        node = self.maker.get(atom) if isinstance(atom, Value) else None
        if node is None:
            return atom
        k = node.results.index(atom)
        match node:
            case Eqn(primitive="let"):
                return self.start(node.operands[0])
            case Eqn() if k == 0 and PRIMITIVES[node.primitive].consumes == 0:
                return self.start(node.operands[0])
            case Eqn():
                return node if node.primitive in MAKING else None
            case If():
                then, orelse = self.start(node.then.results[k]), self.start(node.orelse.results[k])
                return then if then is orelse else None
            case For() | While():
                inner = node.body.params[k + isinstance(node, For)]
                return self.start(node.inits[k]) if self.start(node.body.results[k]) is inner else None
