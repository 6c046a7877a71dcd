"""Prints programs as text, one equation a line.

This text is for people and tests; the Python that is emitted is made in `backend/`. `ir.parse` reads it back:
``text(parse(text(p))) == text(p)`` for every program. Spans and docstrings are not part of that.

    function f(x: float64, n: int64):
        s: float64, trips: int64 = for i: int64 in range(0, n, 1) carrying s.1: float64 = 0.0 {trips=True}:
            s.2: float64 = add s.1, x  # a comment
            yield s.2
        return s, trips as (0, (1,))

A value is printed under the name it asks for; the second that asks for the same is ``x.1``, and those without a name
are ``%1``, ``%2``. Constants of Python's own types stand as they are, others with their type: ``2.0:float32``.
"""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Iterable
from typing import Any

from adcompile.ir.nodes import Atom, Block, Eqn, For, Function, If, Node, Program, Undef, Value, While, results_of
from adcompile.ir.types import BOOL, WEAK_COMPLEX, WEAK_FLOAT, WEAK_INT, Array, List, Scalar, Text, Type

#: the types of constants that are printed without their type
PLAIN: dict[type, Type] = {bool: BOOL, int: WEAK_INT, float: WEAK_FLOAT, complex: WEAK_COMPLEX, str: Text()}


def text(program: Program | Function, *, spans: bool = False, mark: Node | None = None) -> str:
    """The text of a program or function.

    Parameters
    ----------
    program : Program or Function
    spans : bool
        Whether equations end with ``@ line:column`` of the source they come from.
    mark : Node, optional
        A node whose line is to begin with ``>``.
    """
    if isinstance(program, Function):
        return "".join(map(finished, Printer(spans, mark).function(program)))
    first = next(iter(program.functions), program.entry)
    head = [] if program.entry == first else [f"entry {program.entry}\n"]
    return "\n".join([*head, *(text(fn, spans=spans, mark=mark) for fn in program.functions.values())])


#: stands in the line of the marked node until that is finished
MARK = "\0"


def finished(line: str) -> str:
    """A line with its end, and with its mark at its beginning."""
    return (">" + line.replace(MARK, "")[1:] if MARK in line else line) + "\n"


def hint_text(name: str) -> str:
    """The name a value asks for, made into one that can be read back."""
    hint = re.sub(r"\W", "_", name)
    return f"_{hint}" if hint[:1].isdigit() else f"{hint}_" if keyword.iskeyword(hint) else hint


def params_text(params: Iterable[tuple[str, Any]]) -> str:
    """Static parameters in braces, or nothing."""
    inside = ", ".join(f"{name}={literal_text(value)}" for name, value in params)
    return f"{{{inside}}}" if inside else ""


def facts_text(node: For | While) -> str:
    """What is special about a loop."""
    parallel = isinstance(node, For) and node.parallel
    facts = {"breaks": node.breaks, "trips": node.trips is not None, "parallel": parallel}
    shown = params_text((name, True) for name, holds in facts.items() if holds)
    return f" {shown}" if shown else ""


def type_text(type_: Type) -> str:
    """A type; a weak number says that it is weak."""
    match type_:
        case Scalar(dtype, weak):
            return f"weak {dtype}" if weak else dtype
        case List(element):
            return f"list({type_text(element)})"
    return str(type_)


def literal_text(value: Any) -> str:
    """The value of a constant or static parameter."""
    match value:
        case Scalar() | Array() | List() | Text():
            return f"<{type_text(value)}>"
        case tuple():
            return f"({', '.join(map(literal_text, value))}{',' * (len(value) == 1)})"
        case complex():
            return f"#complex({literal_text(value.real)}, {literal_text(value.imag)})"
        case float() if not math.isfinite(value):
            return f"#{value!r}"
    return repr(value)


class Printer:
    """Lines of text, and the names given to values so far."""

    def __init__(self, spans: bool, mark: Node | None) -> None:
        self.spans = spans
        self.mark = mark
        self.names: dict[Value, str] = {}
        self.counts: dict[str, int] = {}

    def name(self, value: Value) -> str:
        """The name of a value, given when it is first met."""
        if value not in self.names:
            hint = hint_text(value.name)
            count = self.counts[hint] = self.counts.get(hint, -1) + 1
            self.names[value] = (f"{hint}.{count}" if count else hint) if hint else f"%{count + 1}"
        return self.names[value]

    def atom(self, atom: Atom) -> str:
        """A value by its name, or a constant with its type where that is not plain."""
        match atom:
            case Value():
                return self.name(atom)
            case Undef():
                return f"undef:{type_text(atom.type)}"
        plain = PLAIN.get(type(atom.value)) == atom.type
        return literal_text(atom.value) + ("" if plain else f":{type_text(atom.type)}")

    def atoms(self, atoms: Iterable[Atom]) -> str:
        """Several atoms."""
        return ", ".join(map(self.atom, atoms))

    def typed(self, values: Iterable[Value]) -> str:
        """Values with their types."""
        return ", ".join(f"{self.name(v)}: {type_text(v.type)}" for v in values)

    # -- lines --------------------------------------------------------------------------------------------------

    def function(self, fn: Function) -> list[str]:
        """The lines of a function."""
        name = fn.name if fn.name.isidentifier() else repr(fn.name)
        lines = [f"function {name}({self.typed(fn.params)}):", *self.nodes(fn.body)]
        tree = "" if fn.tree is None else f" as {literal_text(fn.tree)}"
        end = f"return {self.atoms(fn.body.results)}".rstrip() + tree
        return [*lines, f"    {end}"]

    def nodes(self, block: Block) -> list[str]:
        """The lines of the nodes of a block."""
        return ["    " + row for node in block.nodes for row in self.node(node)]

    def block(self, block: Block) -> list[str]:
        """The lines of a block, with what it yields."""
        lines = self.nodes(block)
        return [*lines, f"    yield {self.atoms(block.results)}".rstrip()]

    def node(self, node: Node) -> list[str]:
        """The lines of a node."""
        results = self.typed(results_of(node))
        head = f"{results} = " if results else ""
        match node:
            case Eqn():
                operands = self.atoms(node.operands)
                parts = [node.primitive, operands, params_text(node.params)]
                lines = [head + " ".join(p for p in parts if p)]
            case If():
                lines = [f"{head}if {self.atom(node.cond)}:", *self.block(node.then), "else:", *self.block(node.orelse)]
            case For():
                index, carried = node.body.params[:1], node.body.params[1:]
                bounds = self.atoms((node.start, node.stop, node.step))
                line = f"{head}for {self.typed(index)} in range({bounds}){self.carrying(carried, node.inits)}"
                lines = [f"{line}{facts_text(node)}:", *self.block(node.body)]
            case While():
                line = f"{head}while{self.carrying(node.cond.params, node.inits)}{facts_text(node)}:"
                body = f"do {self.typed(node.body.params)}".rstrip()
                lines = [line, *self.block(node.cond), f"{body}:", *self.block(node.body)]
        lines[0] += self.suffix(node) + (MARK if node is self.mark else "")
        return lines

    def carrying(self, params: Iterable[Value], inits: tuple[Atom, ...]) -> str:
        """The carried parameters of a loop with their initial values."""
        pairs = [f"{self.typed([p])} = {self.atom(a)}" for p, a in zip(params, inits, strict=False)]
        return f" carrying {', '.join(pairs)}" if pairs else ""

    def suffix(self, node: Node) -> str:
        """Span and comment at the end of a line."""
        span = f"  @ {node.span.line}:{node.span.column}" if self.spans and node.span else ""
        comment = "  # " + node.comment.replace("\n", " ") if node.comment else ""
        return span + comment
