"""Skips loops of the reverse sweep that would only add multiples of a cotangent that is zero.

The cotangent of what a choice did not take is zero: of the terms of a maximum all but one, most often in an inner loop. The
choices made here are not differentiated: this is for programs of which no derivative is taken any more. Where
a multiple of zero would have been NaN, nothing is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adcompile.ir.build import Builder, zero
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, If, Node, Value
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Scalar, is_float
from adcompile.ir.walk import definitions, each_node, map_blocks
from adcompile.transforms.jvp import Derived

#: for each array and sum what it was before multiples were added
Stems = dict[Value, Value]


def skip(derived: Derived) -> Derived:
    """The program with such loops inside of choices."""
    skipper = Skipper(derived)
    return Derived(replace(derived.function, body=skipper.block(derived.function.body)), skipper.related)


class Skipper:
    """A walk from the inside out; `options` has what each value is chosen from, if it is."""

    def __init__(self, derived: Derived) -> None:
        self.related = dict(derived.related)
        self.options: dict[Value, tuple[Atom, ...]] = {}
        for node in each_node(derived.function.body):
            match node:
                case Eqn("where"):
                    self.options[node.results[0]] = node.operands[1:]
                case If():
                    self.options.update(
                        zip(node.results, zip(node.then.results, node.orelse.results, strict=True), strict=True)
                    )

    def again(self, values: Sequence[Value]) -> tuple[Value, ...]:
        """New values of the same types and names."""
        copies = tuple(Value(v.type, v.name, v.span) for v in values)
        self.related.update({c: self.related[v] for c, v in zip(copies, values, strict=True) if v in self.related})
        return copies

    def block(self, block: Block) -> Block:
        nodes = [new for node in block.nodes for new in self.node(node)]
        return replace(block, nodes=tuple(nodes))

    def node(self, node: Node) -> Sequence[Node]:
        node = map_blocks(node, self.block)
        if not isinstance(node, For) or node.breaks or node.trips or not node.results:
            return (node,)
        for cotangent in self.zero_at_times(node):
            if adds_multiples(node.body, node.body.params[1:], {cotangent}):
                return self.whole(node, cotangent)
        return (self.each_iteration(node),)

    def zero_at_times(self, loop: For) -> list[Value]:
        """What the loop reads from outside and a choice may have made zero, in order of first use."""
        inside = set(definitions(loop.body))
        read = dict.fromkeys(o for n in each_node(loop.body) if isinstance(n, Eqn) for o in n.operands)
        return [v for v in read if isinstance(v, Value) and v not in inside and self.is_choice(v)]

    def is_choice(self, atom: Atom) -> bool:
        """Whether an atom is chosen from two of which one may be zero."""
        options = self.options.get(atom, ()) if isinstance(atom, Value) and is_real(atom) else ()
        return any(is_zero(option) or self.is_choice(option) for option in options)

    def whole(self, loop: For, cotangent: Value) -> list[Node]:
        """The loop, run where a cotangent is not zero."""
        results = self.again(loop.results)
        then = Block((), (replace(loop, results=results),), results)
        return self.unless_zero(cotangent, then, Block((), (), loop.inits), loop)

    def each_iteration(self, loop: For) -> For:
        """The loop, with iterations that do nothing where the cotangent that it carries is zero."""
        body = loop.body
        if not any(isinstance(n, For) for n in each_node(body)):
            return loop
        for k, cotangent in enumerate(body.params[1:]):
            if not self.is_choice(body.results[k]):
                continue
            others = [p for p in body.params[1:] if p is not cotangent]
            rest = replace(body, results=tuple(r for j, r in enumerate(body.results) if j != k))
            if adds_multiples(rest, others, {cotangent}, body.results[k]):
                chosen = self.again(body.params[1:])
                sides = Block((), body.nodes, body.results), Block((), (), body.params[1:])
                guarded = self.unless_zero(cotangent, *sides, replace(loop, results=chosen))
                return replace(loop, body=Block(body.params, tuple(guarded), chosen))
        return loop

    def unless_zero(self, cotangent: Value, then: Block, orelse: Block, loop: For) -> list[Node]:
        """A choice that gives a loop's results."""
        b = Builder()
        assert isinstance(cotangent.type, Scalar)
        b.span = loop.span
        test = b.emit("ne", cotangent, zero(cotangent.type))
        return [*b.frames[0].nodes, If(test, then, orelse, loop.results, loop.span)]


def adds_multiples(block: Block, params: Sequence[Value], multiples: set[Value], also: Atom | None = None) -> bool:
    """Whether all that a block does is to add multiples of a value to what it carries; `also` is to be a multiple too."""
    multiples = set(multiples)
    stems: Stems = {p: p for p in params}
    if not all(follow(node, multiples, stems) for node in block.nodes):
        return False
    same = all(stem_of(r, stems) is p for p, r in zip(params, block.results, strict=True))
    return same and (also is None or is_multiple(also, multiples))


def follow(node: Node, multiples: set[Value], stems: Stems) -> bool:
    """Note what a node makes: multiples, and in `stems` to what it adds multiples; False if it writes anything else."""
    match node:
        case Eqn():
            return follow_equation(node, multiples, stems)
        case If():
            return follow_choice(node, multiples, stems)
        case For() if not node.breaks and node.trips is None:
            return follow_loop(node, multiples, stems)
    return False


def follow_choice(node: If, multiples: set[Value], stems: Stems) -> bool:
    if not all(follow(inner, multiples, stems) for block in (node.then, node.orelse) for inner in block.nodes):
        return False
    for result, a, b in zip(node.results, node.then.results, node.orelse.results, strict=True):
        stem = stem_of(a, stems)
        if stem is not None and stem is stem_of(b, stems):
            stems[result] = stem
        elif is_real(result) and is_multiple(a, multiples) and is_multiple(b, multiples):
            multiples.add(result)
    return True


def follow_loop(node: For, multiples: set[Value], stems: Stems) -> bool:
    carried = [(k, stem) for k, init in enumerate(node.inits) if (stem := stem_of(init, stems)) is not None]
    stems.update({node.body.params[1 + k]: stem for k, stem in carried})
    stems.update({node.results[k]: stem for k, stem in carried})
    return all(follow(inner, multiples, stems) for inner in node.body.nodes) and all(
        stem_of(node.body.results[k], stems) is stem for k, stem in carried
    )


def stem_of(atom: Atom, stems: Stems) -> Value | None:
    return stems.get(atom) if isinstance(atom, Value) else None


def follow_equation(eqn: Eqn, multiples: set[Value], stems: Stems) -> bool:
    about = PRIMITIVES[eqn.primitive]
    if eqn.primitive == "accumulate":
        array, added, *_ = eqn.operands
        if not (isinstance(array, Value) and array in stems and is_multiple(added, multiples)):
            return False
        stems[eqn.results[0]] = stems[array]
        return True
    if about.consumes is not None or about.effect:
        return False
    result, operands = eqn.results[0], eqn.operands
    of = [is_multiple(o, multiples) for o in operands]
    match eqn.primitive:
        case "neg" | "cast" | "div":
            is_one = of[0] and not any(of[1:])
        case "add" | "sub":
            is_one = all(of)
        case "mul":
            is_one = sum(of) == 1
        case "where":
            is_one = all(of[1:]) and not of[0]
        case _:
            is_one = False
    if is_one:
        multiples.add(result)
    elif eqn.primitive == "add" and any(of):
        stem = stem_of(operands[1 - of.index(True)], stems)
        if stem is not None and is_real(result):
            stems[result] = stem
    return True


def is_multiple(atom: Atom, multiples: set[Value]) -> bool:
    return atom in multiples if isinstance(atom, Value) else is_zero(atom)


def is_zero(atom: Atom) -> bool:
    return isinstance(atom, Const) and not isinstance(atom.value, str) and atom.value == 0


def is_real(atom: Atom) -> bool:
    return isinstance(atom.type, Scalar) and is_float(atom.type.dtype) and not atom.type.dtype.startswith("complex")
