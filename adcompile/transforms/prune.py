"""Removes what nothing reads: equations, results of choices, carried values of loops, and whole loops.

Changes no equation that stays, but that what is taken out in vain is only zeroed, and shares nothing (`Builder` does that while it emits).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from adcompile.ir.build import zero
from adcompile.ir.nodes import Atom, Block, Eqn, For, Function, If, Node, Value, While, blocks_of
from adcompile.ir.primitives import CALLS, PRIMITIVES
from adcompile.ir.types import Scalar, dtype_of, rank
from adcompile.ir.walk import each_node, read_at_once
from adcompile.transforms.simplify_regions import simplify_regions


def prune(fn: Function, functions: Mapping[str, Function] | None = None) -> Function:
    """The function without what has no influence on its results or on the outside world.

    A loop whose results nobody reads is assumed to end, and goes. Calls stay unless `functions` shows
    that the callee, and all that it calls, has no effect.
    """
    fn = simplify_regions(fn)
    live = Liveness(fn, pure_functions(functions or {}))
    return Function(fn.name, fn.params, live.sweep(fn.body), fn.tree, fn.span, fn.doc)


def pure_functions(functions: Mapping[str, Function]) -> frozenset[str]:
    """The names of the functions that have no effect, themselves or through what they call."""
    calls: dict[str, set[str]] = {}
    impure: set[str] = set()
    for name, fn in functions.items():
        eqns = [node for node in each_node(fn.body) if isinstance(node, Eqn)]
        calls[name] = {eqn["function"] for eqn in eqns if eqn.primitive in CALLS}
        if any(PRIMITIVES[e.primitive].effect and e.primitive not in CALLS for e in eqns):
            impure.add(name)
    while found := {n for n in calls if n not in impure and any(c in impure or c not in calls for c in calls[n])}:
        impure |= found
    return frozenset(calls.keys() - impure)


class Liveness:
    """Which values and nodes of a function matter.

    Starts from the function's results and the equations with effects, and follows every value to what it
    depends on; each value is visited once. What a loop carries is live if it is read after the loop, or
    inside it by something live: a value that only feeds itself is reached by neither.
    """

    def __init__(self, fn: Function, pure: frozenset[str]) -> None:
        self.pure = pure
        self.values: set[Value] = set()
        self.nodes: set[Node] = set()
        self.waiting: list[Value] = []
        #: the node that defines a value, as a result or as the parameter of one of its blocks, and
        #: which of its results or carried values it stands for; none for an index or a trip count
        self.maker: dict[Value, tuple[Node, int | None]] = {}
        #: the node that owns the block a node stands in
        self.owner: dict[Node, Node | None] = {}
        self.enter(fn.body, None)
        for node in each_node(fn.body):
            if isinstance(node, Eqn) and self.has_effect(node):
                self.keep(node)
        self.read(fn.body.results)
        while self.waiting:
            value = self.waiting.pop()
            if value in self.maker:
                self.follow(*self.maker[value])

    def enter(self, block: Block, owner: Node | None) -> None:
        """Note who makes what."""
        for node in block.nodes:
            self.owner[node] = owner
            self.maker.update((value, (node, k)) for k, value in enumerate(node.results))
            match node:
                case For():
                    self.maker[node.body.params[0]] = (node, None)
                    self.maker.update((p, (node, k)) for k, p in enumerate(node.body.params[1:]))
                case While():
                    for inner in (node.cond, node.body):
                        self.maker.update((p, (node, k)) for k, p in enumerate(inner.params))
            if isinstance(node, For | While) and node.trips is not None:
                self.maker[node.trips] = (node, None)
            for inner in blocks_of(node):
                self.enter(inner, node)

    def has_effect(self, eqn: Eqn) -> bool:
        """Whether an equation must stay although nobody reads its results."""
        return PRIMITIVES[eqn.primitive].effect and not (eqn.primitive in CALLS and eqn["function"] in self.pure)

    def read(self, atoms: Iterable[Atom]) -> None:
        """The atoms matter."""
        for atom in atoms:
            if isinstance(atom, Value) and atom not in self.values:
                self.values.add(atom)
                self.waiting.append(atom)

    def keep(self, node: Node) -> None:
        """The node matters, and so do the nodes around it and what decides whether and how often it runs."""
        current: Node | None = node
        while current is not None and current not in self.nodes:
            self.nodes.add(current)
            self.read(read_at_once(current))
            current = self.owner[current]

    def follow(self, maker: Node, position: int | None) -> None:
        """A value of a node matters: so does what it is made of."""
        self.keep(maker)
        if position is None:
            return
        match maker:
            case If():
                self.read((maker.then.results[position], maker.orelse.results[position]))
            case For() | While():
                self.read((maker.inits[position], maker.body.results[position]))

    # -- sweeping -----------------------------------------------------------------------------------------------

    def sweep(self, block: Block) -> Block:
        """The block without the nodes that do not matter."""
        return Block(block.params, tuple(self.swept(n) for n in block.nodes if n in self.nodes), block.results)

    def swept(self, node: Node) -> Node:
        """A node that stays, without the results, carried values and nested nodes that do not matter."""
        match node:
            case Eqn():
                return self.zeroed(node) if self.is_only_zeroed(node) else node
            case If():
                kept = [k for k, r in enumerate(node.results) if r in self.values]
                then, orelse = (self.chosen(b, kept) for b in (node.then, node.orelse))
                return If(node.cond, then, orelse, pick(node.results, kept), node.span, node.comment)
        kept = [k for k in range(len(node.inits)) if any(v in self.values for v in carried_values(node, k))]
        trips = node.trips if node.trips in self.values else None
        flag = [len(node.inits)] if node.breaks else []
        inits, results = pick(node.inits, kept), pick(node.results, kept)
        if isinstance(node, For):
            params = [0, *(k + 1 for k in kept)]
            body = self.chosen(node.body, kept + flag, params)
            bounds = (node.start, node.stop, node.step)
            return For(*bounds, inits, body, results, node.breaks, trips, node.parallel, node.span, node.comment)
        cond = self.chosen(node.cond, [0], kept)
        body = self.chosen(node.body, kept + flag, kept)
        return While(inits, cond, body, results, node.breaks, trips, node.span, node.comment)

    def is_only_zeroed(self, eqn: Eqn) -> bool:
        """Whether nobody reads what an equation takes out of an element."""
        if eqn.primitive != "drain" or eqn.results[1] in self.values:
            return False
        return bool(eqn["index"]) and all(code == "i" for code in eqn["index"]) and rank(eqn.results[1].type) == 0

    @staticmethod
    def zeroed(eqn: Eqn) -> Eqn:
        array, *index = eqn.operands
        operands = (array, zero(Scalar(dtype_of(array.type))), *index)
        return Eqn("store", operands, eqn.results[:1], eqn.params, eqn.span, eqn.comment)

    def chosen(self, block: Block, results: list[int], params: list[int] | None = None) -> Block:
        """The swept block with only the results, and parameters, at some positions."""
        swept = self.sweep(block)
        return Block(pick(swept.params, params or []), swept.nodes, pick(swept.results, results))


T = TypeVar("T")


def pick(items: tuple[T, ...], positions: list[int]) -> tuple[T, ...]:
    """The items at some positions."""
    return tuple(items[k] for k in positions)


def carried_values(node: For | While, k: int) -> tuple[Value, ...]:
    """The values that stand for the k-th carried one: inside the loop, in its condition, and after it."""
    match node:
        case For():
            return (node.body.params[k + 1], node.results[k])
        case While():
            return (node.body.params[k], node.cond.params[k], node.results[k])
