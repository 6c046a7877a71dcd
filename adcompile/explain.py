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
from typing import Any, cast

from adcompile import tree
from adcompile.analyses.activity import active
from adcompile.backend import spelling, syntax
from adcompile.backend.numba_types import typeof
from adcompile.backend.printer import print_tree
from adcompile.errors import ShapeError
from adcompile.frontend.lower import lower
from adcompile.frontend.parse import python_function
from adcompile.guess import guess_types
from adcompile.ir.build import Builder
from adcompile.ir.nodes import Atom, Const, Eqn, Function, Node, Program, Value, While, blocks_of, results_of
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Type, differentiable
from adcompile.ir.walk import definitions, each_node, read_at_once, reads
from adcompile.notation.apply import find_rule, is_constant
from adcompile.notation.tables import TABLES
from adcompile.pipeline import tidy
from adcompile.span import Span
from adcompile.transforms.jvp import Derived, jvp
from adcompile.transforms.vjp import vjp
from adcompile.unit import Argnums, positions

PACKAGE = Path(__file__).parent

#: these change how a number is stored, not what it is
CONVERSIONS = ("cast", "let", "copy")

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
    arguments = [(tree.LEAF, [t]) for t in guess_types(f)] if args is None else [described(a) for a in args]
    program = lower(f, [tree.build(s, iter(types)) for s, types in arguments], keep_names=True).program
    params, names = program.main.params, tuple(inspect.signature(f).parameters)
    chosen = range(len(arguments)) if argnums is None else positions(argnums, names, len(arguments))
    owners = [
        k for k, (_, types) in enumerate(arguments) for _ in types
    ]  # of the parameters; what is captured has none
    wrt = [k < len(owners) and owners[k] in chosen and differentiable(p.type) for k, p in enumerate(params)]
    story = Story(name, program, wrt, f"{python_function(f).__code__.co_filename}:{f.__code__.co_firstlineno}")
    if not story.versions:
        known = dict.fromkeys(v.name for v in (*params, *definitions(program.main.body)) if v.name)
        raise ShapeError(f"`{f.__name__}` has no variable `{name}`", help=f"its variables are {', '.join(known)}")
    return Explanation(name, f.__name__, tuple(story.rows()))


def described(argument: Any) -> tuple[tree.Structure, list[Type]]:
    """The structure of an argument, and the types of its leaves."""
    leaves: list[Any] = []
    structure = tree.flatten(argument, leaves)
    return structure, [typeof(leaf) for leaf in leaves]


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
    places: dict[Value, str]
    place_of_name: dict[str, str] = field(default_factory=dict)
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

    def place(self, eqn: Eqn) -> str:
        """The place of the code that made an equation."""
        named = (self.place_of_name.get(self.name(r), "") for r in eqn.results)
        return next(filter(None, (*(self.places.get(r, "") for r in eqn.results), *named)), "")

    def is_inside(self, value: Value) -> bool:
        """Whether a value is written where it is read."""
        eqn = self.maker.get(value)
        return not self.name(value) and eqn is not None and eqn.primitive not in spelling.STATEMENTS

    def written(self, atom: Atom) -> ast.expr:
        """An atom as an expression."""
        if isinstance(atom, Const):
            return syntax.literal(atom.value)
        if not isinstance(atom, Value):
            return syntax.name("undefined")
        if self.is_inside(atom):
            eqn = self.maker[atom]
            return spelling.expression(eqn, [self.written(o) for o in eqn.operands])
        eqn_before = self.maker.get(atom)
        if eqn_before is not None and eqn_before.primitive == "drain" and atom is eqn_before.results[1]:
            array, *parts = (self.written(o) for o in eqn_before.operands)
            return syntax.subscript(array, eqn_before["index"], parts)
        return syntax.name(self.called(atom))

    def called(self, value: Value) -> str:
        """The name of a value, or a number for one that needs a name and has none."""
        return self.name(value) or self.numbers.setdefault(value, f"a{len(self.numbers) + 1}")

    def line(self, eqn: Eqn) -> str:
        """An equation as one statement, with everything nameless written out, and cut if it is long."""
        operands = [self.written(o) for o in eqn.operands]
        targets = [self.called(r) for r in eqn.results]
        consumed = PRIMITIVES[eqn.primitive].consumes
        if consumed is not None and isinstance(eqn.operands[consumed], Value):
            targets[0] = self.called(cast("Value", eqn.operands[consumed]))
        if eqn.primitive == "drain":  # what it takes out is written where that is read
            statements = spelling.statements(eqn, operands, targets)[1:]
        elif eqn.primitive in spelling.STATEMENTS:
            statements = spelling.statements(eqn, operands, targets)
        else:
            statements = [syntax.assign(syntax.store(targets[0]), spelling.expression(eqn, operands))]
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
        self.forward = derived(jvp, program, wrt)
        self.reverse = derived(vjp, program, wrt)

    def rows(self) -> Iterator[Row]:
        """Everything there is to say, in order."""
        yield from self.values()
        yield from self.readers()
        yield from self.lines("tangent", "_dot", self.forward)
        yield from self.lines("cotangent", "_bar", self.reverse)
        yield from self.recorded()

    def values(self) -> Iterator[Row]:
        """Where the variable gets a value."""
        lines: dict[tuple[str, str], list[Value]] = {}
        for value in (*self.fn.params, *definitions(self.fn.body)):
            if value in self.versions:
                line = f"line {value.span.line}  {value.span.source_line.strip()}" if value.span else ""
                what = "parameter" if value in self.fn.params else line
                lines.setdefault((what, place_of(value.span, self.header)), []).append(value)
        for (what, place), values in lines.items():
            activity = "active" if self.active.intersection(values) else "inactive: no derivative goes through it"
            yield Row("value", f"{what}  ({values[0].type}, {activity})", place)

    def readers(self) -> Iterator[Row]:
        """Who reads it, and the line of the table that differentiates that."""
        found: list[tuple[str, str, str]] = []
        for node in each_node(self.fn.body):
            if isinstance(node, Eqn):
                if node.primitive not in CONVERSIONS and any(o in self.versions for o in node.operands):
                    found.append(self.rule(node))
            elif self.is_decided(node):
                found.append((line_of(node), "decides what runs: no derivative", place_of(node.span)))
        width = max((len(line) for line, _, _ in found), default=0)
        for line, rule, place in dict.fromkeys(found):
            yield Row("read by", f"{line:<{width}}  {rule}", place)

    def is_decided(self, node: Any) -> bool:
        """Whether the variable decides whether or how often a node runs."""
        inside = reads(node.cond) if isinstance(node, While) else ()
        return bool(blocks_of(node)) and any(a in self.versions for a in (*read_at_once(node), *inside))

    def rule(self, eqn: Eqn) -> tuple[str, str, str]:
        """Where an equation stands, what the tables say of it, and where they do."""
        if is_constant(eqn.primitive):
            table = next(t for t in TABLES.constants if eqn.primitive in t.names.text.split())
            return line_of(eqn), "derivative 0", shown(table.names.file, table.names.line)
        if eqn.primitive in TABLES.rules_of:
            rule, _ = find_rule(eqn, [o in self.active for o in eqn.operands], TABLES)
            return line_of(eqn), f"rule: {rule.right.text}", shown(rule.right.file, rule.right.line)
        if eqn.primitive in TABLES.structural_of:
            name = TABLES.structural_of[eqn.primitive].name
            return line_of(eqn), f"linear: {eqn.primitive}", shown(name.file, name.line)
        return line_of(eqn, whole=True), f"memory, calls and lists: {eqn.primitive}", place_of(eqn.span)

    def lines(self, label: str, suffix: str, writer: Writer) -> Iterator[Row]:
        """The equations of a derivative that define the variable's tangent or cotangent, or read its tangent."""
        mine = self.name + suffix
        found = []
        for eqn in writer.roots():
            defines = mine in map(writer.name, eqn.results)
            if defines or (suffix == "_dot" and mine in map(writer.name, writer.sources(eqn))):
                found.append(Row(label, writer.line(eqn), writer.place(eqn)))
        yield from dict.fromkeys(found)

    def recorded(self) -> Iterator[Row]:
        """What the reverse sweep keeps of it, and for which lines."""
        writer = self.reverse
        found: list[Row] = []
        tape = f"{self.name}_tape"
        found += [
            Row("recorded", f"on a tape: {writer.line(eqn)}", writer.place(eqn))
            for eqn in writer.roots()
            if eqn.primitive == "store" and tape in map(writer.name, writer.sources(eqn))
        ]
        for eqn in writer.roots():
            adjoint = any(writer.name(r).endswith("_bar") for r in eqn.results)
            if adjoint and self.name in map(writer.name, writer.sources(eqn)):
                found.append(Row("recorded", f"read by: {writer.line(eqn)}", writer.place(eqn)))
        yield from dict.fromkeys(found or [Row("recorded", "not needed: no adjoint reads it", "")])


def derived(mode: Callable[..., Derived], program: Program, wrt: Sequence[bool]) -> Writer:
    """A derivative of a program's main function, as it is listed, ready to be written down."""
    with makers() as places:
        found = mode(program.main, wrt, dict(program.functions))
    tidied = tidy(found, program.functions, keep_names=True)
    related = dict(tidied.related)
    for atom in tidied.function.body.results:
        if isinstance(atom, Value) and not atom.name and atom not in related:
            related[atom] = (Value(atom.type, "result"), "")
    writer = Writer(tidied.function, related, places)
    for value, (primal, suffix) in found.related.items():  # what was simplified is still made where it was made
        if value in places and primal.name:
            writer.place_of_name.setdefault(primal.name + suffix, places[value])
    return writer


def line_of(node: Node, *, whole: bool = False) -> str:
    """The line of a node, and its text there."""
    if node.span is None:
        return "on the way in"
    return f"line {node.span.line}  {node.span.source_line.strip() if whole else node.span.text}"
