"""Formulas: the expressions that rule tables are written in, and how their text is read.

Knows which operator means which primitive; whether a formula makes sense is decided in `check`.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from adcompile.errors import RuleError
from adcompile.span import Span

#: where in a formula's text a part of it stands: first character, and one past the last
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Name:
    """An operand, a result, a static parameter, or a variable of a pattern."""

    name: str
    where: Range = field(default=(0, 0), compare=False)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Differential:
    """`dx`: the change of the operand `x`, before a mode is chosen."""

    name: str
    where: Range = field(default=(0, 0), compare=False)

    def __str__(self) -> str:
        return f"d{self.name}"


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a flag or None."""

    value: Any
    where: Range = field(default=(0, 0), compare=False)

    def __str__(self) -> str:
        return repr(self.value)


@dataclass(frozen=True, slots=True)
class Star:
    """`*n`: all operands that are left."""

    part: Formula
    where: Range = field(default=(0, 0), compare=False)

    def __str__(self) -> str:
        return f"*{self.part}"


@dataclass(frozen=True, slots=True)
class Apply:
    """An operation on operands, followed by its static parameters."""

    op: str
    args: tuple[Formula, ...]
    where: Range = field(default=(0, 0), compare=False)

    def __str__(self) -> str:
        return f"{self.op}({', '.join(map(str, self.args))})"


Formula = Name | Differential | Literal | Star | Apply

OPERATORS = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
    ast.Eq: "eq",
    ast.NotEq: "ne",
}


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a formula, and the line of the table on which it stands."""

    text: str
    file: str
    line: int

    def span(self, where: Range) -> Span:
        """The place of a part of the formula in its table."""
        for line in range(self.line, self.line + 5):
            column = linecache.getline(self.file, line).find(self.text)
            if column >= 0:
                return Span(self.file, line, column + where[0], line, column + where[1])
        return Span(self.file, self.line, 0, self.line, 1)

    def error(self, message: str, where: Range | None = None, help: str = "") -> RuleError:
        """The refusal of this formula, pointing at a part of it."""
        return RuleError(message, self.span(where or (0, len(self.text))), help=help)


def parse(text: Text) -> Formula:
    """Read a formula, such as ``(dx - z * dy) / y``.

    Examples
    --------
    >>> print(parse(Text("x * cos(y).T", "", 0)))
    mul(x, mT(cos(y)))
    """
    try:
        tree = ast.parse(text.text, mode="eval")
    except SyntaxError as error:
        raise text.error(f"this is not a formula: {error.msg}") from None
    return Reader(text).read(tree.body)


def parse_equations(text: Text) -> Iterator[tuple[tuple[str, ...], Formula]]:
    """Read ``y = f(x)``, or several such separated by semicolons: the names on the left, and the right side."""
    try:
        statements = ast.parse(text.text).body
    except SyntaxError as error:
        raise text.error(f"this is not an equation: {error.msg}") from None
    for statement in statements:
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            raise text.error("a rule is written `y = ...`", place(statement))
        target = statement.targets[0]
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        if not all(isinstance(n, ast.Name) for n in names):
            raise text.error("the left side of a rule is a name", place(target))
        yield tuple(n.id for n in names if isinstance(n, ast.Name)), Reader(text).read(statement.value)


def place(node: Any) -> Range:
    return (node.col_offset, node.end_col_offset)


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns Python's syntax tree of a formula into a formula."""

    text: Text

    def read(self, node: ast.expr) -> Formula:
        where = place(node)
        match node:
            case ast.Name(id=name):
                return Name(name, where)
            case ast.Constant(value=bool() | int() | float() | complex() | None as value):
                return Literal(value, where)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                return Literal(-value, where)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Apply("neg", (self.read(operand),), where)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return Apply(OPERATORS[type(op)], (self.read(left), self.read(right)), where)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in OPERATORS:
                return Apply(OPERATORS[type(op)], (self.read(left), self.read(right)), where)
            case ast.Attribute(value=value, attr="T"):
                return Apply("mT", (self.read(value),), where)
            case ast.Call(func=ast.Name(id=op), args=args, keywords=[]):
                return Apply(op, tuple(self.read(a) for a in args), where)
            case ast.Starred(value=value):
                return Star(self.read(value), where)
            case ast.Tuple(elts=elements):
                return Apply("tuple", tuple(self.read(e) for e in elements), where)
        raise self.text.error("formulas have no such construct", where)


def rebuilt(formula: Formula, change: Callable[[Formula], Formula | None]) -> Formula:
    """The formula with `change` applied from the outside in; where it gives None, the parts are looked at."""
    changed = change(formula)
    if changed is not None:
        return changed
    match formula:
        case Apply(op, args, where):
            return Apply(op, tuple(rebuilt(a, change) for a in args), where)
        case Star(part, where):
            return Star(rebuilt(part, change), where)
    return formula


def parts(formula: Formula) -> Iterator[Formula]:
    """The formula and everything in it, from the outside in."""
    yield formula
    match formula:
        case Apply(_, args):
            for a in args:
                yield from parts(a)
        case Star(part):
            yield from parts(part)


def substitute(formula: Formula, bound: dict[str, Formula]) -> Formula:
    """The formula with names replaced."""
    return rebuilt(formula, lambda f: bound.get(f.name) if isinstance(f, Name) else None)
