"""Where each value is defined: its block, the regions around it, and its turn in program order.

Says nothing about what a value is worth or who needs it.
"""

from __future__ import annotations

from dataclasses import dataclass

from adcompile.ir.nodes import Block, Eqn, For, Function, If, Node, Value, While, results_of


@dataclass(frozen=True, eq=False)
class Place:
    """A block that runs as part of a function: the function's own body, a branch, or the body of a loop."""

    block: Block
    owner: Node | None = None
    parent: Place | None = None

    @property
    def loop(self) -> For | While | None:
        """The innermost loop around the block, if any."""
        place: Place | None = self
        while place is not None and not isinstance(place.owner, For | While):
            place = place.parent
        return place.owner if place is not None and isinstance(place.owner, For | While) else None

    @property
    def chain(self) -> tuple[Place, ...]:
        """The place itself and those around it, outermost first."""
        return (*self.parent.chain, self) if self.parent else (self,)

    @property
    def loops(self) -> tuple[For | While, ...]:
        """The loops around the block, outermost first."""
        return tuple(p.owner for p in self.chain if isinstance(p.owner, For | While))


class Places:
    """Every value's place, defining equation and turn.

    The condition block of a `While` is left out: nothing of it is ever needed again.
    """

    def __init__(self, fn: Function) -> None:
        self.of: dict[Value, Place] = {}
        self.origin: dict[Value, Eqn] = {}
        self.turn: dict[Value, float] = {}
        self.inside: dict[Block, Place] = {}
        self.index_of: dict[Value, For] = {}
        top = Place(fn.body)
        for p in fn.params:
            self.define(p, top)
        self.block(fn.body, top)

    def define(self, value: Value, place: Place) -> None:
        self.of[value] = place
        self.turn[value] = float(len(self.turn))

    def visible(self, value: Value, node: For | While) -> bool:
        """Whether a value is defined in a block around a loop."""
        return self.of[value] in self.inside[node.body].chain

    def block(self, block: Block, place: Place) -> None:
        self.inside[block] = place
        for p in block.params:
            self.define(p, place)
        for node in block.nodes:
            match node:
                case Eqn():
                    for r in node.results:
                        self.origin[r] = node
                case If():
                    self.block(node.then, Place(node.then, node, place))
                    self.block(node.orelse, Place(node.orelse, node, place))
                case For() | While():
                    if isinstance(node, For):
                        self.index_of[node.body.params[0]] = node
                    self.block(node.body, Place(node.body, node, place))
            for r in results_of(node):
                self.define(r, place)
