"""Reads the text form of programs back; `text` describes it.

Checks the form only: whether the program makes sense is for `verify`.
"""

from __future__ import annotations

import ast
import re
from typing import Any, cast

from adcompile.errors import InternalError
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, If, Node, Program, Undef, Value, While
from adcompile.ir.text import PLAIN
from adcompile.ir.types import Array, List, Scalar, Text, Type

TOKEN = re.compile(
    r"""\s*(?:(?P<comment>\#\ .*|@\ \d+:\d+)
    |(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<number>-?\d+(?:\.\d*)?(?:e[+-]?\d+)?)
    |(?P<special>\#(?:complex|-?inf|nan))
    |(?P<name>(?:[^\W\d]\w*(?:\.\d+)?|%\d+))
    |(?P<mark>[()\[\]{},:=<>]))""",
    re.VERBOSE,
)

Token = tuple[str, str]


def parse(source: str) -> Program:
    """The program whose text this is; without an ``entry`` line, its first function is its entry."""
    lines = [line for line in source.splitlines() if line.strip()]
    entry = ""
    if lines and lines[0].startswith("entry "):
        entry = lines.pop(0).removeprefix("entry ").strip()
    reader = Reader(lines)
    functions: dict[str, Function] = {}
    while reader.row < len(lines):
        fn = FunctionReader(reader).function()
        functions[fn.name] = fn
    reader.close()
    return Program(functions, entry or next(iter(functions), ""))


class Reader:
    """The lines of a text, of which one is being read token by token."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.row = 0
        self.tokens: list[Token] = []
        self.comment = ""

    def indent(self) -> int:
        """How far the line to be read next is indented; -1 at the end."""
        if self.row == len(self.lines):
            return -1
        return len(self.lines[self.row]) - len(self.lines[self.row].lstrip())

    def open(self) -> None:
        """Begin the next line."""
        self.close()
        line = self.lines[self.row].rstrip()
        self.row += 1
        self.tokens, self.comment = [], ""
        position = 0
        while position < len(line):
            found = TOKEN.match(line, position)
            if not found or not found.lastgroup:
                raise InternalError(f"line {self.row}: cannot read {line[position:]!r}")
            position = found.end()
            if found.lastgroup == "comment":
                self.comment = found["comment"].removeprefix("# ") if found["comment"][0] == "#" else self.comment
            else:
                self.tokens.append((found.lastgroup, found[found.lastgroup]))

    def close(self) -> None:
        """End the line, of which nothing may be left but its colon."""
        if self.tokens not in ([], [("mark", ":")]):
            raise InternalError(f"line {self.row}: cannot read {self.peek()!r} here")

    def peek(self, ahead: int = 0) -> str:
        """What comes, or "" at the end of the line."""
        return self.tokens[ahead][1] if ahead < len(self.tokens) else ""

    def take(self, kind: str = "") -> str:
        """What comes, which is of a kind."""
        if not self.tokens or (kind and self.tokens[0][0] != kind):
            raise InternalError(f"line {self.row}: expected a {kind or 'word'}, found {self.peek()!r}")
        return self.tokens.pop(0)[1]

    def expect(self, word: str) -> None:
        """Read a word that must come."""
        if not self.accept(word):
            raise InternalError(f"line {self.row}: expected {word!r}, found {self.peek()!r}")

    def accept(self, word: str) -> bool:
        """Whether a word comes; if so it is read."""
        found = self.peek() == word
        if found:
            self.tokens.pop(0)
        return found

    def comes_definition(self) -> bool:
        """Whether a name with its type comes, and not the colon at the end of a line."""
        return len(self.tokens) > 2 and self.tokens[0][0] == "name" and self.peek(1) == ":"

    # -- types and literals -------------------------------------------------------------------------------------

    def type(self) -> Type:
        """A type."""
        name = self.take("name")
        if name == "weak":
            return Scalar(self.take("name"), weak=True)
        if name == "str":
            return Text()
        if name == "list":
            self.expect("(")
            element = self.type()
            self.expect(")")
            return List(cast("Scalar | Array", element))
        if not self.accept("["):
            return Scalar(name)
        rank, contiguous = 0, True
        while not self.accept("]"):
            self.accept(",")
            if self.accept("strided"):
                contiguous = False
            else:
                self.expect(":")
                rank += 1
        return Array(name, rank, contiguous)

    def literal(self) -> Any:
        """The value of a constant or static parameter."""
        if self.accept("<"):
            type_ = self.type()
            self.expect(">")
            return type_
        if self.accept("("):
            items = []
            while not self.accept(")"):
                items.append(self.literal())
                self.accept(",")
            return tuple(items)
        if self.accept("#complex"):
            return complex(*self.literal())
        kind, word = self.tokens.pop(0) if self.tokens else ("", "")
        if kind == "special":
            return float(word[1:])
        try:
            return ast.literal_eval(word)
        except (ValueError, SyntaxError):
            raise InternalError(f"line {self.row}: {word!r} is no constant") from None

    def params(self) -> tuple[tuple[str, Any], ...]:
        """Static parameters in braces."""
        found = []
        if self.accept("{"):
            while not self.accept("}"):
                name = self.take("name")
                self.expect("=")
                found.append((name, self.literal()))
                self.accept(",")
        return tuple(found)


class FunctionReader:
    """Reads one function; its names are its own."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.values: dict[str, Value] = {}

    def function(self) -> Function:
        """A function: its head, its nodes, and what it returns."""
        r = self.reader
        r.open()
        r.expect("function")
        name = r.take()
        r.expect("(")
        params = self.definitions()
        r.expect(")")
        body = self.block("return", params=())
        tree = r.literal() if r.accept("as") else None
        return Function(ast.literal_eval(name) if name[0] in "'\"" else name, params, body, tree)

    def block(self, end: str, params: tuple[Value, ...]) -> Block:
        """The nodes up to the line that hands back results."""
        nodes: list[Node] = []
        r = self.reader
        while r.row < len(r.lines):
            r.open()
            if r.accept(end):
                return Block(params, tuple(nodes), self.atoms())
            nodes.append(self.node())
        raise InternalError(f"line {r.row}: the block does not end with {end!r}")

    # -- values -------------------------------------------------------------------------------------------------

    def definition(self) -> Value:
        """A value and its type."""
        r = self.reader
        name = r.take("name")
        r.expect(":")
        if name in self.values:
            raise InternalError(f"line {r.row}: {name} is defined twice")
        hint = "" if name.startswith("%") else re.sub(r"\.\d+$", "", name)
        self.values[name] = Value(r.type(), hint)
        return self.values[name]

    def definitions(self) -> tuple[Value, ...]:
        """As many values with their types as come."""
        found = []
        while self.reader.comes_definition():
            found.append(self.definition())
            self.reader.accept(",")
        return tuple(found)

    def atom(self) -> Atom:
        """A value, constant or undefined value."""
        r = self.reader
        if r.peek() == "undef" and r.peek(1) == ":":
            r.take()
            r.expect(":")
            return Undef(r.type())
        if r.tokens and r.tokens[0][0] == "name" and r.peek() not in ("True", "False"):
            name = r.take()
            if name not in self.values:
                raise InternalError(f"line {r.row}: {name} is not defined")
            return self.values[name]
        value = r.literal()
        if r.peek() == ":" and r.peek(1):
            r.expect(":")
            return Const(value, r.type())
        return Const(value, PLAIN[type(value)])

    def atoms(self) -> tuple[Atom, ...]:
        """What follows up to static parameters, a closing mark, or the end of the line."""
        found: list[Atom] = []
        while self.reader.peek() not in ("", "{", ")", "as"):
            found.append(self.atom())
            self.reader.accept(",")
        return tuple(found)

    def carrying(self) -> tuple[tuple[Value, ...], tuple[Atom, ...]]:
        """The carried parameters of a loop, and their initial values."""
        params, inits = [], []
        more = self.reader.accept("carrying")
        while more:
            params.append(self.definition())
            self.reader.expect("=")
            inits.append(self.atom())
            more = self.reader.accept(",")
        return tuple(params), tuple(inits)

    # -- nodes --------------------------------------------------------------------------------------------------

    def node(self) -> Node:
        """The node that begins in this line, with its blocks."""
        r = self.reader
        comment = r.comment
        results = self.definitions()
        if results:
            r.expect("=")
        name = r.take("name")
        match name:
            case "if":
                return self.choice(results, comment)
            case "for":
                return self.counted(results, comment)
            case "while":
                return self.conditional(results, comment)
        operands = self.atoms()
        return Eqn(name, operands, results, r.params(), None, comment)

    def choice(self, results: tuple[Value, ...], comment: str) -> If:
        """What follows ``if``."""
        cond = self.atom()
        then = self.block("yield", ())
        self.reader.open()
        self.reader.expect("else")
        return If(cond, then, self.block("yield", ()), results, None, comment)

    def counted(self, results: tuple[Value, ...], comment: str) -> For:
        """What follows ``for``."""
        r = self.reader
        index = self.definition()
        r.expect("in")
        r.expect("range")
        r.expect("(")
        start, stop, step = self.atoms()
        r.expect(")")
        params, inits = self.carrying()
        facts = dict(r.params())
        body = self.block("yield", (index, *params))
        results, trips = self.with_trips(results, facts)
        parallel = "parallel" in facts
        return For(start, stop, step, inits, body, results, "breaks" in facts, trips, parallel, None, comment)

    def conditional(self, results: tuple[Value, ...], comment: str) -> While:
        """What follows ``while``."""
        params, inits = self.carrying()
        facts = dict(self.reader.params())
        cond = self.block("yield", params)
        self.reader.open()
        self.reader.expect("do")
        body = self.block("yield", self.definitions())
        results, trips = self.with_trips(results, facts)
        return While(inits, cond, body, results, "breaks" in facts, trips, None, comment)

    def with_trips(self, results: tuple[Value, ...], facts: dict[str, Any]) -> tuple[tuple[Value, ...], Value | None]:
        """The results of a loop, and the count of trips, which comes last among them."""
        return (results[:-1], results[-1]) if "trips" in facts else (results, None)
