"""Short vectors of known length in registers: what only takes part in arithmetic needs no memory.

After derivation, and after everything else that changes a program as values. Nothing here depends on where such vectors come
from; most are rows of directions (`directions.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from adcompile.analyses.definedness import undefined_somewhere
from adcompile.analyses.shapes import Shapes
from adcompile.ir.build import Builder
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, If, Node, Undef, Value, While, results_of
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array, Lanes, Scalar, rank
from adcompile.ir.walk import definitions, each_node
from adcompile.transforms.directions import WIDTH
from adcompile.transforms.jvp import Derived

#: lane by lane, in one instruction
ARITHMETIC = frozenset("add sub mul div neg where cast".split())
#: one number in all lanes; of a vector as long, the same numbers
FILLED = frozenset("zeros full broadcast_to unbroadcast".split())
#: the same numbers
SAME = frozenset("copy let contiguous".split())
FLOATS = ("float64", "float32")


def in_lanes(derived: Derived) -> Derived:
    """The function with short vectors in registers where that saves arrays.

    A function with parallel loops stays as it is: what Numba hands to them must be a number or an array.
    """
    fn = derived.function
    if any(isinstance(node, For) and node.parallel for node in each_node(fn.body)):
        return derived
    chosen = Choice(fn).chosen
    if not chosen:
        return derived
    rewriter = Rewriter(fn, chosen)
    function = rewriter.function()
    related: dict[Value, tuple[Value, str]] = {}
    for value, (primal, suffix) in derived.related.items():
        new, base = rewriter.in_lanes(value), rewriter.in_lanes(primal)
        if isinstance(new, Value) and isinstance(base, Value):
            related.setdefault(new, (base, suffix))
    return Derived(function, related)


class Choice:
    """Which values of a function live in lanes: those that arithmetic makes, and what they are handed on as.

    Starts from all vectors that may, and drops what turns out to need memory until nothing changes.
    """

    def __init__(self, fn: Function) -> None:
        self.shapes = Shapes(fn)
        self.open = undefined_somewhere(fn)
        eqns = [node for node in each_node(fn.body) if isinstance(node, Eqn)]
        meetings = [m for node in each_node(fn.body) for m in meetings_of(node)]
        self.vectors = self.long_as_lanes(fn, eqns, meetings)
        written = {v for eqn in eqns for v in written_by(eqn)}
        made = {eqn.results[-1]: eqn for eqn in eqns if eqn.results and is_made(eqn)}
        self.readable = self.vectors - written - self.open
        self.chosen = (made.keys() | {v for m in meetings for v in m.values}) & self.vectors - written
        while dropped := {*self.not_made(made), *self.not_handed(meetings)}:
            self.chosen -= dropped
        while idle := set(self.idle(eqns, made, meetings)):
            self.chosen -= idle
        if self.chosen.isdisjoint(v for v, eqn in made.items() if eqn.primitive in ARITHMETIC):
            self.chosen.clear()

    def long_as_lanes(self, fn: Function, eqns: Sequence[Eqn], meetings: Sequence[Meeting]) -> set[Value]:
        """The vectors of as many numbers as there are lanes."""
        possible = {v for v in (*fn.params, *definitions(fn.body)) if is_vector(v)}
        known = {v for v in possible if self.shapes.dims(v) == (WIDTH,)}

        def same(atoms: Iterable[Atom]) -> bool:
            return all(a in possible for a in atoms if not isinstance(a.type, Scalar) and not isinstance(a, Undef))

        same_length = [eqn for eqn in eqns if eqn.primitive in ARITHMETIC | SAME or is_sum(eqn)]
        supported = {eqn.results[0]: eqn.operands for eqn in same_length}
        supported |= {v: m.sources for m in meetings for v in m.values}
        while wrong := {v for v in possible - known if v not in supported or not same(supported[v])}:
            possible -= wrong
        return possible

    def not_made(self, made: Mapping[Value, Eqn]) -> Iterator[Value]:
        """The results of equations that take more than numbers and vectors."""
        for value, eqn in made.items():
            fits = eqn.primitive == "drain" or all(isinstance(o.type, Scalar) or self.takes(o) for o in eqn.operands)
            if value in self.chosen and not fits:
                yield value

    def not_handed(self, meetings: Sequence[Meeting]) -> Iterator[Value]:
        """The values where paths meet that are handed an array, and those with no value somewhere that are handed to one."""
        for meeting in meetings:
            together = all(v in self.chosen for v in meeting.values)
            if together and all(isinstance(a, Undef) or self.takes(a) for a in meeting.sources):
                continue
            yield from (v for v in meeting.values if v in self.chosen)
            yield from (a for a in meeting.sources if isinstance(a, Value) and a in self.chosen & self.open)

    def idle(self, eqns: Sequence[Eqn], made: Mapping[Value, Eqn], meetings: Sequence[Meeting]) -> Iterator[Value]:
        """What would only be moved into lanes, and out again."""
        read = {o for eqn in eqns if stores_row(eqn) or self.chosen.intersection(eqn.results) for o in eqn.operands}
        read |= {o for eqn in eqns if eqn.primitive == "sum" for o in eqn.operands}
        read |= {a for m in meetings if self.chosen.intersection(m.values) for a in m.sources}
        for value, eqn in made.items():
            if value in self.chosen and eqn.primitive in SAME | FILLED and value not in read:
                yield value

    def takes(self, atom: Atom) -> bool:
        """Whether an atom is in lanes, or a vector that can be loaded into them."""
        return atom in self.chosen or atom in self.readable


@dataclass(frozen=True)
class Meeting:
    """The values that are one variable where paths meet, and what is handed to them."""

    values: tuple[Value, ...]
    sources: tuple[Atom, ...]


def meetings_of(node: Node) -> Iterator[Meeting]:
    match node:
        case If():
            for r, a, b in zip(node.results, node.then.results, node.orelse.results, strict=True):
                yield Meeting((r,), (a, b))
        case For() | While():
            params = node.body.params[isinstance(node, For) :]
            conds = node.cond.params if isinstance(node, While) else params
            nexts = node.body.results[: len(params)]
            for r, p, c, init, after in zip(node.results, params, conds, node.inits, nexts, strict=True):
                yield Meeting((r, p, c), (init, after))


def is_vector(value: Value) -> bool:
    return isinstance(value.type, Array) and value.type.rank == 1 and value.type.dtype in FLOATS


def is_made(eqn: Eqn) -> bool:
    """Whether the last result of an equation can be made in lanes."""
    return eqn.primitive in ARITHMETIC | FILLED | SAME or eqn.primitive == "drain" or is_sum(eqn)


def is_sum(eqn: Eqn) -> bool:
    """Whether a write is one to all elements of a vector: a sum."""
    return eqn.primitive == "accumulate" and not eqn["index"]


def stores_row(eqn: Eqn) -> bool:
    """Whether an equation writes a row of an array."""
    stored = eqn.primitive in ("store", "accumulate") and set(eqn["index"]) == {"i"}
    return stored and rank(eqn.operands[0].type) == len(eqn["index"]) + 1


def written_by(eqn: Eqn) -> Iterator[Value]:
    """The versions of an array in memory that an equation takes and leaves."""
    position = PRIMITIVES[eqn.primitive].consumes
    if position is not None and not is_sum(eqn):
        yield from (v for v in (eqn.operands[position], eqn.results[0]) if isinstance(v, Value))


class Rewriter:
    """One function, written anew with chosen values in lanes."""

    def __init__(self, fn: Function, chosen: set[Value]) -> None:
        self.fn = fn
        self.chosen = chosen
        self.b = Builder()
        #: the lanes that stand for a chosen value
        self.became: dict[Value, Atom] = {}
        self.loaded = {o for node in each_node(fn.body) for o in self.taken_in_lanes(node)}

    def function(self) -> Function:
        fn = self.fn
        self.load_all(fn.params)
        self.nodes(fn.body.nodes)
        results = tuple(map(self.as_array, fn.body.results))
        return replace(fn, body=Block((), tuple(self.b.frames[0].nodes), results))

    # -- what is read -------------------------------------------------------------------------------------------

    def taken_in_lanes(self, node: Node) -> Iterator[Value]:
        """The arrays that are read where lanes are wanted."""
        atoms: list[Atom] = []
        match node:
            case Eqn():
                if any(r in self.chosen for r in node.results) and node.primitive != "drain":
                    atoms += node.operands
            case If():
                for r, *ends in zip(node.results, node.then.results, node.orelse.results, strict=True):
                    atoms += ends if r in self.chosen else ()
            case For() | While():
                for r, *ends in zip(node.results, node.inits, node.body.results, strict=False):
                    atoms += ends if r in self.chosen else ()
        for atom in atoms:
            if isinstance(atom, Value) and isinstance(atom.type, Array) and atom not in self.chosen:
                yield atom

    def in_lanes(self, atom: Atom) -> Atom:
        """A vector in lanes; a number stays one."""
        return self.became.get(atom, atom) if isinstance(atom, Value) else atom

    def filled(self, atom: Atom, dtype: str) -> Atom:
        """A vector or a number in lanes."""
        if isinstance(atom, Undef):
            return Undef(Lanes(dtype, WIDTH))
        if isinstance(atom.type, Scalar):
            return self.b.emit("lanes", self.b.to_dtype(atom, dtype), width=WIDTH)  # type: ignore[no-any-return]
        return self.in_lanes(atom)

    def as_array(self, atom: Atom) -> Atom:
        """A vector in memory; all else as it is."""
        if isinstance(atom, Value) and atom in self.chosen:
            return self.b.emit("lanes_array", self.became[atom])  # type: ignore[no-any-return]
        return atom

    def load_all(self, values: Sequence[Value]) -> None:
        """Load those of some values that are read in lanes later."""
        for value in values:
            if value in self.loaded:
                self.became[value] = self.b.emit("lanes", value, name=value.name, width=WIDTH)

    # -- nodes --------------------------------------------------------------------------------------------------

    def nodes(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            self.b.span, self.b.comment = node.span, node.comment if isinstance(node, Eqn) else ""
            match node:
                case Eqn():
                    self.equation(node)
                case If():
                    self.choice(node)
                case For() | While():
                    self.loop(node)
            self.load_all(results_of(node))

    def equation(self, eqn: Eqn) -> None:
        result = eqn.results[-1] if eqn.results else None
        if result is None or result not in self.chosen:
            if eqn.primitive == "sum" and eqn.operands[0] in self.chosen and not eqn["keepdims"]:
                eqn = replace(eqn, primitive="lanes_sum", operands=(self.in_lanes(eqn.operands[0]),), params=())
            self.b.append(replace(eqn, operands=tuple(self.as_operand(eqn, o) for o in eqn.operands)))
            return
        self.became[result] = self.made(eqn, result)

    def as_operand(self, eqn: Eqn, atom: Atom) -> Atom:
        """An operand of an equation that makes no lanes; rows are stored from lanes."""
        row = stores_row(eqn) and isinstance(atom, Value) and atom in self.chosen
        return self.became[atom] if row else self.as_array(atom)  # type: ignore[index]

    def made(self, eqn: Eqn, result: Value) -> Atom:
        """The lanes that an equation makes."""
        assert isinstance(result.type, Array)
        dtype, operands = result.type.dtype, eqn.operands
        if eqn.primitive in SAME or (eqn.primitive in FILLED and operands and isinstance(operands[0].type, Array)):
            return self.in_lanes(operands[0])
        if eqn.primitive in FILLED:
            number = Const(0.0, Scalar(dtype)) if eqn.primitive == "zeros" else operands[0]
            return self.filled(number, dtype)
        if eqn.primitive == "drain":
            array, *index = operands
            row = self.b.emit("view", array, *index, index=eqn["index"])
            taken: Atom = self.b.emit("lanes", row, name=result.name, width=WIDTH)
            self.b.append(
                Eqn(
                    "store",
                    (array, Const(0.0, Scalar(dtype)), *index),
                    eqn.results[:1],
                    eqn.params,
                    eqn.span,
                    eqn.comment,
                )
            )
            return taken
        if eqn.primitive == "accumulate":
            return self.b.emit("add", *map(self.in_lanes, operands), name=result.name)  # type: ignore[no-any-return]
        if eqn.primitive == "where":
            sides = (self.filled(o, dtype) for o in operands[1:])
            return self.b.emit("where", operands[0], *sides, name=result.name)  # type: ignore[no-any-return]
        return self.b.emit(eqn.primitive, *map(self.in_lanes, operands), name=result.name, **dict(eqn.params))  # type: ignore[no-any-return]

    # -- regions ------------------------------------------------------------------------------------------------

    def define(self, value: Value) -> Value:
        """What a region defines: lanes in place of a chosen value."""
        if value not in self.chosen:
            return value
        assert isinstance(value.type, Array)
        made = Value(Lanes(value.type.dtype, WIDTH), value.name, value.span)
        self.became[value] = made
        return made

    def handed(self, atom: Atom, to: Value) -> Atom:
        """What is handed to a value of a region."""
        if to not in self.chosen:
            return self.as_array(atom)
        assert isinstance(to.type, Array)
        return self.filled(atom, to.type.dtype)

    def inner(self, block: Block, targets: Sequence[Value], params: Sequence[Value] = ()) -> Block:
        """A block that hands its results to some values."""
        defined = [self.define(p) for p in params]
        with self.b.block() as frame:
            self.load_all(params)
            self.nodes(block.nodes)
            count = len(targets)
            results = [self.handed(a, t) for a, t in zip(block.results, targets, strict=False)]
        return self.b.finish(frame, defined, (*results, *block.results[count:]))

    def choice(self, node: If) -> None:
        then, orelse = (self.inner(block, node.results) for block in (node.then, node.orelse))
        self.b.append(replace(node, then=then, orelse=orelse, results=tuple(map(self.define, node.results))))

    def loop(self, node: For | While) -> None:
        inits = tuple(self.handed(a, r) for a, r in zip(node.inits, node.results, strict=True))
        body = self.inner(node.body, node.results, node.body.params)
        changed: For | While
        if isinstance(node, While):
            cond = self.inner(node.cond, (), node.cond.params)
            changed = replace(node, inits=inits, body=body, cond=cond, results=tuple(map(self.define, node.results)))
        else:
            changed = replace(node, inits=inits, body=body, results=tuple(map(self.define, node.results)))
        self.b.append(changed)
