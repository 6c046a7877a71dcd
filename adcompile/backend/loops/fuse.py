"""Turns operations on whole arrays into loops, block by block: what a kernel computes, in fewer passes over memory.

Products of matrices, sorts, scans, and whatever else is not done element by element stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce

from adcompile.analyses.lengths import Length, Lengths, Less, Met, sources
from adcompile.backend.loops.groups import Group
from adcompile.backend.loops.members import Member, Members
from adcompile.backend.loops.nest import Nest
from adcompile.backend.loops.plan import Plan
from adcompile.backend.loops.reading import Reader
from adcompile.backend.loops.write import NestWriter
from adcompile.errors import UNLIKE
from adcompile.ir.build import Builder, const, zero
from adcompile.ir.guards import refuse_where
from adcompile.ir.nodes import Atom, Block, Eqn, Function, Node, Value, results_of
from adcompile.ir.types import INT, WEAK_INT, Scalar, dtype_of
from adcompile.ir.walk import map_blocks, substitute

Related = dict[Value, tuple[Value, str]]
Alike = Mapping[Length, Length]


def known_shapes(fn: Function, alike: Alike) -> Function:
    """The function with lengths read where they come from, and without repetitions that change no shape.

    Parameters
    ----------
    fn : Function
        Valid, before `own`.
    alike : mapping
        Lengths of its parameters that are taken to be equal, as `assumed` finds them.
    """
    return Sources(fn, Lengths(fn, alike)).function()


def fuse(fn: Function, alike: Alike, related: Related) -> Function:
    """The function with its operations on whole arrays as loops.

    Parameters
    ----------
    fn : Function
        Valid, before `own`, as `known_shapes` leaves it.
    alike : mapping
        Lengths of its parameters that are taken to be equal; the function refuses arguments where they are not.
    related : dict
        What its values are called after; what is made here is entered too.

    Notes
    -----
    Results are the same to the last bit, except that sums are taken in the order of the elements.
    """
    fuser = Fuser(fn, Lengths(fn, alike), related)
    body = fuser.block(fn.body, set(fn.params))
    if fuser.nests and alike:
        body = replace(body, nodes=(*guard(alike), *body.nodes))
    return replace(fn, body=body)


def guard(alike: Alike) -> Sequence[Node]:
    """The nodes that refuse arguments with lengths that differ and were taken to be equal."""
    b = Builder()
    differing = [b.emit("ne", measure(b, one), measure(b, other)) for one, other in alike.items()]
    refuse_where(b, reduce(lambda some, other: b.emit("logical_or", some, other), differing), UNLIKE)
    return b.frames[0].nodes


def measure(b: Builder, length: Length, name: str = "") -> Atom:
    """The number that a length is."""
    match length:
        case int():
            return const(length)
        case (Value() as array, int() as axis):
            named = name or (f"{array.name}_length" if array.name else "")
            return b.emit("shape", array, axis=axis, name=named)  # type: ignore[no-any-return]
        case Less(of, by):
            return b.emit("maximum", b.emit("sub", measure(b, of), const(by)), const(0))  # type: ignore[no-any-return]
        case Met(parts):
            first, *others = (measure(b, part) for part in parts)
            for other in others:
                first = b.emit("where", b.emit("eq", first, const(1)), other, first)
            return first
    assert isinstance(length, Value)
    return length


class Sources:
    """Reads lengths off the arrays that they come from, so that what is between need not exist; drops idle repetitions."""

    def __init__(self, fn: Function, lengths: Lengths) -> None:
        self.fn = fn
        self.lengths = lengths
        self.became: dict[Value, Atom] = {}

    def function(self) -> Function:
        """The function with other reads of shapes."""
        body = substitute(self.block(self.fn.body, set(self.fn.params)), self.became)
        return replace(self.fn, body=body)

    def block(self, block: Block, visible: set[Value]) -> Block:
        """A block with other reads of shapes."""
        b, visible = Builder(), visible | set(block.params)
        for node in block.nodes:
            b.span, b.comment = node.span, node.comment if isinstance(node, Eqn) else ""
            if isinstance(node, Eqn) and node.primitive == "shape":
                self.shape(b, node, visible)
            elif isinstance(node, Eqn) and node.primitive == "drain" and is_sliced(node):
                self.take_out(b, node)
            elif isinstance(node, Eqn) and self.is_same(node):
                self.became[node.results[0]] = self.final(node.operands[0])
            elif isinstance(node, Eqn) and node.primitive == "ne" and self.is_one_length(node):
                self.became[node.results[0]] = const(False)
            else:
                b.append(map_blocks(node, lambda inner: self.block(inner, visible)))
            visible.update(results_of(node))
        return Block(block.params, tuple(b.frames[0].nodes), block.results)

    def shape(self, b: Builder, eqn: Eqn, visible: set[Value]) -> None:
        """One read of a shape."""
        length = self.lengths.of(eqn.operands[0])[eqn["axis"]]
        if visible.issuperset(sources(length)) and not isinstance(length, Met):
            atom = measure(b, length, eqn.results[0].name)
            if atom is not eqn.results[0] and (isinstance(atom, Value) or atom.type == eqn.results[0].type):
                self.became[eqn.results[0]] = self.final(atom)
                return
        b.append(eqn)

    def take_out(self, b: Builder, eqn: Eqn) -> None:
        """A `drain` as what it does: a copy, which loops may take in, and a store of zero."""
        array, *parts = eqn.operands
        rest, taken = eqn.results
        view = b.emit("view", array, *parts, index=eqn["index"])
        b.append(Eqn("copy", (view,), (taken,), (), eqn.span, eqn.comment))
        b.append(Eqn("store", (array, zero(Scalar(dtype_of(array.type))), *parts), (rest,), eqn.params, eqn.span))

    def is_same(self, eqn: Eqn) -> bool:
        """Whether an array is repeated to, or summed to, the shape that it has."""
        if eqn.primitive not in ("broadcast_to", "unbroadcast") or eqn.operands[0].type != eqn.results[0].type:
            return False
        return self.lengths.of(eqn.operands[0]) == self.lengths.of(eqn.results[0])

    def is_one_length(self, eqn: Eqn) -> bool:
        """Whether two integers that are compared are the same length."""
        if not all(o.type in (INT, WEAK_INT) for o in eqn.operands):
            return False
        one, other = map(self.lengths.source, eqn.operands)
        return one == other and not isinstance(one, Less)  # which is never negative: the number may be

    def final(self, atom: Atom) -> Atom:
        """What an atom has become."""
        return self.became.get(atom, atom) if isinstance(atom, Value) else atom


def is_sliced(eqn: Eqn) -> bool:
    """Whether an operation on a part of an array is one on the array that slices cut out."""
    codes = eqn["index"]
    return all(code[0] in "isn" for code in codes) and any(code[0] == "s" for code in codes)


class Fuser:
    """One walk over the blocks of a function."""

    def __init__(self, fn: Function, lengths: Lengths, related: Related) -> None:
        self.lengths = lengths
        self.reader = Reader(fn, self.lengths)
        self.members = Members(self.reader, self.lengths)
        self.related = related
        self.nests = 0

    def block(self, block: Block, visible: Iterable[Value]) -> Block:
        """A block with loops in the place of what they can take."""
        seen = {*visible, *block.params}
        nodes: list[Node] = []
        found: list[Member | None] = []
        for node in block.nodes:
            found.append(self.member(node, seen))
            nodes.append(node)
            seen.update(results_of(node))
        plan = Plan(block, found, self.reader.memory)
        needed = plan.needed()
        b = Builder()
        for item in plan.order():
            if isinstance(item, Group):
                self.group(b, item, needed)
            elif not plan.idle(item, needed):
                b.span, b.comment = item.span, item.comment if isinstance(item, Eqn) else ""
                b.append(map_blocks(item, lambda inner: self.block(inner, seen)))
        return Block(block.params, tuple(b.frames[0].nodes), block.results)

    def member(self, node: Node, visible: set[Value]) -> Member | None:
        """A node as a member of loops whose lengths can be told here."""
        member = self.members.member(node) if isinstance(node, Eqn) else None
        if member is None or not all(visible.issuperset(sources(length)) for length in member.space):
            return None
        return member

    def group(self, b: Builder, group: Group, needed: set[Value]) -> None:
        """Write the nest of a group."""
        b.comment = ""
        self.nests += 1
        outputs = {v for v in group.statements if v in needed}
        NestWriter(b, Nest(group, outputs), lambda length: measure(b, length), self.related).write()
