"""Which parameters of a function the content of each value depends on, and which the lengths of its axes alone.

The length of an axis is asked for far more often than content: a loop over ``len(y)`` does not depend on the numbers in `y`.
The lengths of the parameters' own axes count for nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable

from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, If, Node, Undef, Value, While
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array, List

Sources = frozenset[Value]
NOTHING: Sources = frozenset()

#: as long as their operands are, whatever these hold
LIKE_OPERANDS = set(
    "sum prod max min any all argmax argmin cumsum cumprod sort argsort recurrence transpose concatenate stack flip "
    "roll tril triu copy contiguous let matmul solve inv cholesky list_add list_zeros list_to_array array_to_list".split()
)
#: as long as their first operand, the one that is written into
LIKE_TARGET = set("store accumulate drain".split())
#: as long as the integers say that follow this many operands
LIKE_DIMS = {
    "zeros": 0,
    "empty": 0,
    "eye": 0,
    "full": 1,
    "reshape": 1,
    "broadcast_to": 1,
    "unbroadcast": 1,
    "put_along": 2,
}
INDEXED = set("view gather drain".split())


class Influence:
    """The parameters that each value depends on.

    Parameters
    ----------
    fn : Function
        A valid function.

    Attributes
    ----------
    content, lengths : dict from Value to frozenset of Value
        The parameters whose content decides what a value holds, and how long its axes are.
    """

    def __init__(self, fn: Function) -> None:
        self.content: dict[Value, Sources] = {p: frozenset([p]) for p in fn.params}
        self.lengths: dict[Value, Sources] = {}
        #: the version from which an array has come by writes alone, which keep its shape
        self.roots: dict[Value, Value] = {}
        self.block(fn.body)

    def decides(self, atoms: Iterable[Atom]) -> Sources:
        """The parameters that decide what some atoms hold."""
        return NOTHING.union(*(self.content.get(a, NOTHING) for a in atoms if isinstance(a, Value)))

    def measures(self, atoms: Iterable[Atom]) -> Sources:
        """The parameters that decide how long the axes of some atoms are."""
        return NOTHING.union(*(self.lengths.get(a, NOTHING) for a in atoms if isinstance(a, Value)))

    def root(self, atom: Atom) -> Atom:
        return self.roots.get(atom, atom) if isinstance(atom, Value) else atom

    def put(self, value: Value, content: Sources, lengths: Sources) -> None:
        self.content[value] = content | lengths
        self.lengths[value] = lengths if isinstance(value.type, Array | List) else NOTHING

    # -- nodes --------------------------------------------------------------------------------------------------

    def block(self, block: Block) -> None:
        for node in block.nodes:
            self.node(node)

    def node(self, node: Node) -> None:
        match node:
            case Eqn():
                self.equation(node)
            case If():
                self.block(node.then)
                self.block(node.orelse)
                for r, a, b in zip(node.results, node.then.results, node.orelse.results, strict=True):
                    self.merge(node.cond, r, a, b)
            case For() | While():
                self.loop(node)

    def equation(self, eqn: Eqn) -> None:
        if PRIMITIVES[eqn.primitive].shape_only:
            self.put(eqn.results[0], self.measures(eqn.operands), NOTHING)
            return
        content, lengths = self.decides(eqn.operands), self.lengths_of_result(eqn)
        for r in eqn.results:
            self.put(r, content, lengths)
        if eqn.primitive in LIKE_TARGET and isinstance(root := self.root(eqn.operands[0]), Value):
            self.roots[eqn.results[0]] = root

    def lengths_of_result(self, eqn: Eqn) -> Sources:
        """What decides the lengths of an equation's results; by default everything that it reads."""
        name, operands = eqn.primitive, eqn.operands
        if PRIMITIVES[name].elementwise or name in LIKE_OPERANDS:
            return self.measures(operands)
        if name in ("store", "accumulate"):
            return self.measures(operands[:1])
        if name in LIKE_DIMS:
            return self.decides(operands[LIKE_DIMS[name] :])
        if name in INDEXED:
            return self.measures(operands[:1]) | self.lengths_of_index(eqn["index"], operands[1:])
        if name == "take_along":
            return self.measures(operands[1:])
        return NOTHING if name in ("array", "load") else self.decides(operands)

    def lengths_of_index(self, index: tuple[str, ...], parts: tuple[Atom, ...]) -> Sources:
        """What an index adds: the ends of slices and the content of masks; the numbers in other parts do not count."""
        found, rest = NOTHING, iter(parts)
        for code in index:
            if code in "ia":
                found |= self.measures([next(rest)])
            elif code != "n":
                found |= self.decides(next(rest) for _ in range(code.count("1") if code[0] == "s" else 1))
        return found

    def merge(self, cond: Atom, result: Value, a: Atom, b: Atom) -> None:
        """The result of a choice; where one side has no value, it is read after the other only."""
        sides = [x for x in (a, b) if not isinstance(x, Undef)]
        chosen = self.decides([cond]) if len(sides) == 2 and a != b else NOTHING
        same_array = len({self.root(x) for x in sides}) == 1
        self.put(result, self.decides(sides) | chosen, self.measures(sides) | (NOTHING if same_array else chosen))
        if sides and same_array and isinstance(root := self.root(sides[0]), Value):
            self.roots[result] = root

    def loop(self, node: For | While) -> None:
        """What is carried depends on all that it was before, what comes out on how often the loop ran as well."""
        carried = node.body.params[1:] if isinstance(node, For) else node.body.params
        if isinstance(node, For):
            self.content[node.body.params[0]] = self.decides([node.start, node.step])
        for p, init in zip(carried, node.inits, strict=True):
            self.put(p, self.decides([init]), self.measures([init]))
        while self.iteration(node, carried):
            pass
        runs = self.runs(node)
        for r, p, init, following in zip(node.results, carried, node.inits, node.body.results, strict=False):
            stays = self.root(following) is p
            self.put(r, self.content[p] | runs, self.lengths.get(p, NOTHING) | (NOTHING if stays else runs))
            if stays and isinstance(root := self.root(init), Value):
                self.roots[r] = root
        if node.trips is not None:
            self.content[node.trips] = runs

    def iteration(self, node: For | While, carried: tuple[Value, ...]) -> bool:
        """Follow the body once; whether more is known to be carried now."""
        if isinstance(node, While):
            for p, q in zip(node.cond.params, carried, strict=True):
                self.put(p, self.content[q], self.lengths[q])
            self.block(node.cond)
        self.block(node.body)
        changed = False
        for p, following in zip(carried, node.body.results, strict=False):
            content = self.content[p] | self.decides([following])
            lengths = self.lengths[p] | (NOTHING if self.root(following) is p else self.measures([following]))
            changed |= (content, lengths) != (self.content[p], self.lengths[p])
            self.put(p, content, lengths)
        return changed

    def runs(self, node: For | While) -> Sources:
        """What decides how often a loop runs."""
        ends = node.body.results[-1:] if node.breaks else ()
        if isinstance(node, For):
            return self.decides([node.start, node.stop, node.step, *ends])
        return self.decides([*node.cond.results, *ends])


def read_contents(fn: Function) -> frozenset[Value]:
    """The parameters whose content the results of a function depend on, in any way."""
    influence = Influence(fn)
    results = [r for r in fn.body.results if not isinstance(r, Const)]
    return influence.decides(results) | influence.measures(results)
