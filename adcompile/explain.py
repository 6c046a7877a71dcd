"""Follows one variable of a function through every stage, from its source to its tangents and cotangents.

Runs the same passes as a derivative and looks on; computes nothing itself and compiles nothing.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from adcompile import tree
from adcompile.analyses.activity import active
from adcompile.backend import spelling
from adcompile.backend.printer import print_tree
from adcompile.derive import Argnums, positions
from adcompile.backend.numba_types import typeof
from adcompile.errors import ShapeError
from adcompile.frontend.lower import lower
from adcompile.frontend.parse import python_function
from adcompile.guess import guess_types
from adcompile.ir.build import Builder
from adcompile.ir.nodes import Atom, Const, Eqn, Function, Program, Value, While, blocks_of, results_of
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import differentiable
from adcompile.ir.walk import definitions, each_node, read_at_once, reads
from adcompile.notation.apply import find_rule, is_constant
from adcompile.notation.tables import TABLES
from adcompile.span import Span
from adcompile.transforms.jvp import Derived, jvp
from adcompile.transforms.prune import prune
from adcompile.transforms.vjp import vjp

PACKAGE = Path(__file__).parent

#: expressions longer than this are cut
WIDTH = 100


@dataclass(frozen=True)
class Row:
    """One fact: what it is about, the fact, and the place of the code that made it so."""

    label: str
    text: str
    place: str


@dataclass(frozen=True)
class Explanation:
    """What happens to a variable; `str` of it is a table.

    Attributes
    ----------
    name, function : str
    rows : tuple of Row
        Labels are "value", "read by", "tangent", "cotangent" and "recorded", in this order.
    """

    name: str
    function: str
    rows: tuple[Row, ...]

    def __str__(self) -> str:
        width = max((len(r.text) for r in self.rows), default=0)
        lines = [f"  {r.label:<10} {r.text:<{width}}  {r.place}".rstrip() for r in self.rows]
        return "\n".join([f"{self.name} in {self.function}", *lines])


def explain(
    f: Callable[..., Any], name: str, *, args: Sequence[Any] | None = None, argnums: Argnums | None = None
) -> Explanation:
    """Follow a variable of a function to its derivatives.

    Parameters
    ----------
    f : callable
        A function, or a derivative of one, which means that function.
    name : str
        The variable, as it is called in the function.
    args : sequence, optional
        Arguments of the types to explain for; guessed from the source where left out.
    argnums : int, str, or tuple of them, optional
        What to differentiate with respect to; everything that can be, where left out.

    Raises
    ------
    ShapeError
        If the function has no such variable.
    """
    f = python_function(inspect.unwrap(f))
    types = guess_types(f) if args is None else [tree.build(*described(a)) for a in args]
    program = lower(f, types, keep_names=True).program
    params, names = program.main.params, tuple(inspect.signature(f).parameters)
    chosen = names if argnums is None else [names[k] for k in positions(argnums, names, len(types))]
    wrt = [differentiable(p.type) and any(p.name == c or p.name.startswith(f"{c}_") for c in chosen) for p in params]
    story = Story(name, program, wrt, f"{python_function(f).__code__.co_filename}:{f.__code__.co_firstlineno}")
    if not story.versions:
        known = dict.fromkeys(v.name for v in (*params, *definitions(program.main.body)) if v.name)
        raise ShapeError(f"`{f.__name__}` has no variable `{name}`", help=f"its variables are {', '.join(known)}")
    return Explanation(name, f.__name__, tuple(story.rows()))


def described(argument: Any) -> tuple[tree.Structure, Iterator[Any]]:
    """The structure of an argument, and the types of its leaves."""
    leaves: list[Any] = []
    structure = tree.flatten(argument, leaves)
    return structure, iter([typeof(leaf) for leaf in leaves])


# -- who made what --------------------------------------------------------------------------------------------------


@contextmanager
def makers() -> Iterator[dict[Value, str]]:
    """Note, for each value that a `Builder` defines meanwhile, the place in `transforms` that asked for it."""
    found: dict[Value, str] = {}
    append = Builder.append.__code__

    def look(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code is append:
            asking: FrameType | None = frame
            while asking is not None and "transforms" not in Path(asking.f_code.co_filename).parts:
                asking = asking.f_back
            if asking is not None:
                place = shown(asking.f_code.co_filename, asking.f_lineno)
                found.update(dict.fromkeys(results_of(frame.f_locals["node"]), place))

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        yield found
    finally:
        sys.setprofile(before)


def shown(file: str, line: int) -> str:
    """A place, with files of ours and of the current folder named from there."""
    path = Path(file)
    for base in (PACKAGE.parent, Path.cwd()):
        if path.is_relative_to(base):
            path = path.relative_to(base)
    return f"{path}:{line}"


def place_of(span: Span | None, otherwise: str = "") -> str:
    return shown(span.file, span.line) if span else otherwise


# -- writing it down ------------------------------------------------------------------------------------------------


@dataclass
class Writer:
    """Writes equations of one function as Python, with what has no name written inside what reads it."""

    fn: Function
    related: dict[Value, tuple[Value, str]]
    maker: dict[Value, Eqn] = field(default_factory=dict)
    numbers: dict[Value, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in each_node(self.fn.body):
            if isinstance(node, Eqn):
                self.maker.update(dict.fromkeys(node.results, node))

    def name(self, value: Value) -> str:
        """What a value is called, or "" if it has no name."""
        if value in self.related:
            primal, suffix = self.related[value]
            base = self.name(primal)
            return base and base + suffix
        return value.name

    def is_inside(self, value: Value) -> bool:
        """Whether a value is written where it is read."""
        eqn = self.maker.get(value)
        return not self.name(value) and eqn is not None and eqn.primitive not in spelling.STATEMENTS

    def written(self, atom: Atom) -> ast.expr:
        """An atom as an expression."""
        if isinstance(atom, Const):
            return spelling.literal(atom.value)
        if not isinstance(atom, Value):
            return spelling.name("undefined")
        if self.is_inside(atom):
            eqn = self.maker[atom]
            return spelling.expression(eqn, [self.written(o) for o in eqn.operands])
        eqn_before = self.maker.get(atom)
        if eqn_before is not None and eqn_before.primitive == "drain" and atom is eqn_before.results[1]:
            array, *parts = (self.written(o) for o in eqn_before.operands)
            return spelling.subscript(array, eqn_before["index"], parts)
        return spelling.name(self.name(atom) or self.numbers.setdefault(atom, f"a{len(self.numbers) + 1}"))

    def line(self, eqn: Eqn) -> str:
        """An equation as one statement, with everything nameless written out, and cut if it is long."""
        operands = [self.written(o) for o in eqn.operands]
        targets = [ast.unparse(self.written(r)) if not self.is_inside(r) else "_" for r in eqn.results]
        if eqn.primitive in spelling.STATEMENTS:
            statements = spelling.statements(eqn, operands, targets)
        else:
            statements = [spelling.assign(spelling.store(targets[0]), spelling.expression(eqn, operands))]
        text = "; ".join(print_tree(s) for s in statements).replace("\n", " ")
        return text if len(text) <= WIDTH else f"{text[: WIDTH - 4]} ..."

    def sources(self, eqn: Eqn) -> Iterator[Value]:
        """The values an equation reads once everything nameless is written out."""
        for operand in eqn.operands:
            if isinstance(operand, Value):
                if self.is_inside(operand):
                    yield from self.sources(self.maker[operand])
                else:
                    yield operand

    def roots(self) -> Iterator[Eqn]:
        """The equations that are lines of their own."""
        for node in each_node(self.fn.body):
            if isinstance(node, Eqn) and not all(map(self.is_inside, node.results)) and node.primitive != "let":
                yield node


# -- the story ------------------------------------------------------------------------------------------------------


class Story:
    """One variable of one function: its values in the primal, and what became of them."""

    def __init__(self, name: str, program: Program, wrt: Sequence[bool], header: str) -> None:
        self.name = name
        self.fn = program.main
        self.header = header
        self.versions = {v for v in (*self.fn.params, *definitions(self.fn.body)) if v.name == name}
        sources = [p for p, w in zip(self.fn.params, wrt, strict=True) if w]
        self.active = active(self.fn, sources, self.fn.body.results, is_constant)
        self.forward, self.forward_places = self.derived(jvp, program, wrt)
        self.reverse, self.reverse_places = self.derived(vjp, program, wrt)

    def derived(
        self, mode: Callable[..., Derived], program: Program, wrt: Sequence[bool]
    ) -> tuple[Writer, dict[Value, str]]:
        """A derivative of the function, and who made its values."""
        with makers() as places:
            result = mode(self.fn, wrt, dict(program.functions))
        fn, related = prune(result.function), dict(result.related)
        for atom in fn.body.results:
            if isinstance(atom, Value) and not atom.name and atom not in related:
                related[atom] = (Value(atom.type, "result"), "")
        return Writer(fn, related), places

    def rows(self) -> Iterator[Row]:
        """Everything there is to say, in order."""
        yield from self.values()
        yield from self.readers()
        yield from self.lines("tangent", "_dot", self.forward, self.forward_places)
        yield from self.lines("cotangent", "_bar", self.reverse, self.reverse_places)
        yield from self.recorded()

    def values(self) -> Iterator[Row]:
        """Where the variable gets a value."""
        told = set()
        for value in (v for v in (*self.fn.params, *definitions(self.fn.body)) if v in self.versions):
            activity = "active" if value in self.active else "inactive: no derivative goes through it"
            if value in self.fn.params:
                yield Row("value", f"parameter, {value.type}, {activity}", place_of(value.span, self.header))
            elif value.span is not None and value.span.line not in told:
                told.add(value.span.line)
                line = f"line {value.span.line}  {value.span.source_line.strip()}"
                yield Row("value", f"{line}  ({value.type}, {activity})", place_of(value.span))

    def readers(self) -> Iterator[Row]:
        """Who reads it, and the line of the table that differentiates that."""
        found: list[tuple[str, str, str]] = []
        for node in each_node(self.fn.body):
            line = f"line {node.span.line}  {node.span.text}" if node.span else "on the way in"
            if isinstance(node, Eqn) and any(o in self.versions for o in node.operands):
                found.append((line, *self.rule(node)))
            elif not isinstance(node, Eqn) and self.is_decided(node):
                found.append((line, "decides what runs: no derivative", place_of(node.span)))
        width = max((len(line) for line, _, _ in found), default=0)
        for line, rule, place in dict.fromkeys(found):
            yield Row("read by", f"{line:<{width}}  {rule}", place)

    def is_decided(self, node: Any) -> bool:
        """Whether the variable decides whether or how often a node runs."""
        inside = reads(node.cond) if isinstance(node, While) else ()
        return bool(blocks_of(node)) and any(a in self.versions for a in (*read_at_once(node), *inside))

    def rule(self, eqn: Eqn) -> tuple[str, str]:
        """What the tables say of an equation, and where."""
        if is_constant(eqn.primitive):
            table = next(t for t in TABLES.constants if eqn.primitive in t.names.text.split())
            return "derivative 0", shown(table.names.file, table.names.line)
        if eqn.primitive in TABLES.rules_of:
            rule, _ = find_rule(eqn, [o in self.active for o in eqn.operands], TABLES)
            return f"rule: {rule.right.text}", shown(rule.right.file, rule.right.line)
        if eqn.primitive in TABLES.structural_of:
            name = TABLES.structural_of[eqn.primitive].name
            return f"linear: {eqn.primitive}", shown(name.file, name.line)
        about = PRIMITIVES[eqn.primitive]
        return "memory" if about.consumes is not None or "index" in about.params else "handed on", place_of(eqn.span)

    def lines(self, label: str, suffix: str, writer: Writer, places: dict[Value, str]) -> Iterator[Row]:
        """The equations of a derivative that define or read the variable's tangent or cotangent."""
        mine = {v for v, (primal, s) in writer.related.items() if primal in self.versions and s == suffix}
        told = set()
        for eqn in writer.roots():
            defines, read = mine & set(eqn.results), mine & set(writer.sources(eqn))
            if defines or (read and suffix == "_dot"):
                text = writer.line(eqn)
                if text not in told:
                    told.add(text)
                    yield Row(label, text, places.get(eqn.results[0], ""))

    def recorded(self) -> Iterator[Row]:
        """What the reverse sweep keeps of it, and for which lines."""
        writer = self.reverse
        kept = [eqn for eqn in writer.roots() if any(r.name == f"{self.name}_tape" for r in eqn.results)]
        for eqn in kept[:1]:
            yield Row("recorded", writer.line(eqn), self.reverse_places.get(eqn.results[0], ""))
        told = dict.fromkeys(
            (writer.line(eqn), self.reverse_places.get(eqn.results[0], ""))
            for eqn in writer.roots()
            if any(writer.name(r).endswith("_bar") for r in eqn.results)
            and any(v.name == self.name and v not in writer.related for v in writer.sources(eqn))
        )
        for text, place in told:
            yield Row("recorded", f"kept for: {text}", place)
        if not told:
            yield Row("recorded", "not kept: no adjoint reads it", "")
