"""Which inputs each number of a program depends on: forward mode in which a tangent is a set of inputs.

Of a branch that floating-point numbers decide, the sets of both sides are united, so that a pattern holds for all numbers. A side that is not taken runs for its sets only. So a branch qualifies only if that can do no harm: its places are looked up after
asking whether they are there, what is written adds to the sets that were there, and errors are not raised. Other branches are
decided as the program decides them, and the pattern then depends on the numbers (`analyses/influence.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from adcompile.analyses.influence import Influence
from adcompile.analyses.shapes import Shapes
from adcompile.ir.build import zero
from adcompile.ir.nodes import Atom, Block, Eqn, For, Function, If, Node, Undef, Value
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import INT, Array, List, Scalar, Type, differentiable, dtype_of, rank
from adcompile.ir.walk import clone, map_blocks
from adcompile.transforms.calls import Functions
from adcompile.transforms.jvp import Derived
from adcompile.transforms.set_rules import SetRules

#: what a side may do besides elementwise operations; nothing of it fails for sets
HARMLESS = set(
    "load store accumulate drain view shape zeros empty full array copy contiguous let reshape transpose broadcast_to sum prod "
    "max min matmul solve inv det cholesky concatenate stack flip tril triu raise assert print".split()
)
#: write at one place, or everywhere
WRITES = set("store accumulate drain".split())
#: errors and messages, which belong to the side that is taken
EFFECTS = set("raise assert print".split())
#: fail for some integers
PARTIAL = set("floordiv mod fmod shift_left shift_right pow".split())


class Unlike(Exception):
    """The two sides of a branch have arrays whose shapes may differ."""


class Dependencies(SetRules):
    """The dependency program of a function."""

    def __init__(self, fn: Function, wrt: Sequence[bool], functions: Functions) -> None:
        super().__init__(fn, wrt, functions)
        self.influence = Influence(fn)
        self.shapes = Shapes(fn)
        #: what copied values are copies of
        self.original: dict[Value, Value] = {}
        #: whether the nodes at hand may belong to a side that is not taken
        self.unsure = False

    def first(self, atom: Atom) -> Atom:
        """The value of the primal that an atom is a copy of."""
        while isinstance(atom, Value) and atom in self.original:
            atom = self.original[atom]
        return atom

    # -- which branches -----------------------------------------------------------------------------------------

    def is_certain(self, atom: Atom) -> bool:
        """Whether an atom is the same for all floating-point numbers in the arguments."""
        return not any(differentiable(p.type) for p in self.influence.decides([self.first(atom)]))

    def is_harmless(self, block: Block) -> bool:
        """Whether a block can run for its sets where the program would not run it."""
        return all(map(self.node_is_harmless, block.nodes))

    def node_is_harmless(self, node: Node) -> bool:
        match node:
            case Eqn():
                return self.equation_is_harmless(node)
            case If():
                return self.is_harmless(node.then) and self.is_harmless(node.orelse)
            case For():
                bounds = all(map(self.is_certain, (node.start, node.stop, node.step)))
                return bounds and not node.breaks and not node.trips and self.is_harmless(node.body)
        return False

    def equation_is_harmless(self, eqn: Eqn) -> bool:
        """Whether the operation never fails for sets, and its integers do not depend on floating-point numbers."""
        name = eqn.primitive
        if not (PRIMITIVES[name].elementwise or name in HARMLESS):
            return False
        if any(is_integer(r.type) for r in eqn.results) and (
            name in PARTIAL | WRITES or not all(map(self.is_certain, eqn.results))
        ):
            return False
        if name == "view":
            return "i" not in eqn["index"]
        if name in WRITES:
            return set(eqn["index"]) <= {"s000"} or eqn["index"] == ("i",) * rank(eqn.operands[0].type)
        return True

    # -- one after the other ------------------------------------------------------------------------------------

    def choice(self, node: If) -> None:
        """Both sides of a branch that floating-point numbers decide, if they are harmless; else the side that is taken."""
        if self.is_certain(node.cond) or not self.is_harmless(node.then) or not self.is_harmless(node.orelse):
            super().choice(node)
            return
        tangents, before = self.tangents, self.unsure
        self.tangents, self.unsure = dict(tangents), True
        try:
            with self.b.block() as frame:
                sets = self.both(node)
        except Unlike:
            if before:
                raise
            sets = None
        finally:
            self.tangents, self.unsure = tangents, before
        if sets is None:
            super().choice(node)
            return
        for each in (quiet(node), *frame.nodes):
            self.b.append(each)
        for result, found in sets.items():
            self.put(result, found)

    def both(self, node: If) -> dict[Value, Atom]:
        """The sets of the results of a branch. What one side writes into is what the other starts with."""
        memory = {r: source_of(node, k) for k, r in enumerate(node.results)}
        then = self.side(node.then)
        for k, r in enumerate(node.results):
            if (source := memory[r]) is not None and (written := self.get(then[k])) is not None:
                self.tangents[source] = written
        orelse = self.side(node.orelse)
        found = {}
        for k, r in enumerate(node.results):
            sides = [then[k], orelse[k]] if memory[r] is None else [orelse[k]]
            sides = [s for s in sides if not isinstance(s, Undef)]
            if r in self.varied and len(sides) == 2 and not isinstance(r.type, Scalar) and not self.are_alike(*sides):
                raise Unlike
            sets = self.union(*map(self.get, sides))
            if r in self.varied and sets is not None:
                found[r] = sets
        return found

    def are_alike(self, a: Atom, b: Atom) -> bool:
        """Whether two arrays are known to have one shape."""
        return isinstance(a.type, Array) and self.shapes.dims(self.first(a)) == self.shapes.dims(self.first(b))

    def side(self, block: Block) -> tuple[Atom, ...]:
        """Emit a copy of a side in which nothing is certain to run; its results."""
        copy, became = clone(block, {})
        for old, new in became.items():
            assert isinstance(new, Value)
            self.original[new] = old
            if old in self.varied:
                self.varied.add(new)
        self.nodes(copy.nodes)
        return copy.results

    def equation(self, eqn: Eqn) -> None:
        """On a side that may not be taken, elements are read where they are, and nothing is raised."""
        if not self.unsure:
            super().equation(eqn)
        elif eqn.primitive == "load":
            array, *place = eqn.operands
            (result,) = eqn.results
            value = self.if_inside(array, place, lambda: self.again(eqn, *eqn.operands)[0], zero(result.type))
            self.b.append(Eqn("let", (value,), (result,), (), eqn.span))
            if (sets := self.get(array)) is not None and result in self.varied:
                self.put(result, self.looked_up(sets, place, eqn["index"]))
        elif eqn.primitive not in EFFECTS:
            super().equation(eqn)

    def write(self, eqn: Eqn) -> Sequence[Atom | None]:
        """On a side that may not be taken, what is written adds to what was there."""
        if not self.unsure:
            return super().write(eqn)
        if eqn.primitive == "drain":
            target, *place = eqn.operands
            sets = self.get(target)
            return [sets, sets and self.looked_up(sets, place, eqn["index"])]
        target, value, *place = eqn.operands
        sets, new = self.get(target), self.get(value)
        if new is None:
            return [sets]
        old = self.instantiate(target)
        if place:
            return [self.if_inside(old, place, lambda: self.added(old, new, place, eqn["index"]), old)]
        return [self.added(old, new, place, eqn["index"])]

    def looked_up(self, sets: Atom, place: Sequence[Atom], index: tuple[str, ...]) -> Atom:
        """The sets at a place, if there is one, or a copy of all."""
        if not place:
            return self.b.emit("copy", self.b.emit("view", sets, index=index))  # type: ignore[no-any-return]
        return self.if_inside(sets, place, lambda: self.b.emit("load", sets, *place, index=index), zero(INT))


def is_integer(type_: Type) -> bool:
    """Whether something holds integers; flags do not count."""
    return not isinstance(type_, List) and not differentiable(type_) and dtype_of(type_) != "bool"


def quiet(node: Node) -> Node:
    """A node without the errors and messages of its blocks."""

    def without(block: Block) -> Block:
        nodes = [quiet(n) for n in block.nodes if not (isinstance(n, Eqn) and n.primitive in EFFECTS)]
        return Block(block.params, tuple(nodes), block.results)

    return map_blocks(node, without)


def source_of(node: If, k: int) -> Value | None:
    """The array before a branch that both sides hand back as a result, written into or not."""
    sources = {entry(block, block.results[k]) for block in (node.then, node.orelse)}
    source = sources.pop()
    return source if not sources and isinstance(source, Value) and isinstance(source.type, Array) else None


def entry(block: Block, atom: Atom) -> Atom:
    """The value, defined before a block, that an array is a later version of; the array itself where it is fresh."""
    sources: dict[Atom, Atom] = {}
    for node in block.nodes:
        match node:
            case Eqn() if node.results and PRIMITIVES[node.primitive].consumes == 0:
                sources[node.results[0]] = node.operands[0]
            case If():
                for k, r in enumerate(node.results):
                    if (source := source_of(node, k)) is not None:
                        sources[r] = source
            case For():
                carried = zip(node.results, node.body.params[1:], node.inits, node.body.results, strict=False)
                sources |= {r: init for r, p, init, following in carried if entry(node.body, following) is p}
    while atom in sources:
        atom = sources[atom]
    return atom


def dependencies(fn: Function, wrt: Sequence[bool], functions: Functions, name: str = "") -> Derived:
    """The dependency program of `fn`: ``(*params, *param_sets) -> result_sets``.

    Parameters
    ----------
    fn : Function
        The primal.
    wrt : sequence of bool
        Which parameters have sets; those that are not of floating type have none in any case.
    functions : dict
        The program's functions; the dependency functions of callees are added.
    name : str, optional
        The new function's name; `<name>_sets` where left out.

    Returns
    -------
    Derived
        Every result of floating type has sets, of its shape.
    """
    return Dependencies(fn, wrt, functions).run(name or f"{fn.name}_sets")
