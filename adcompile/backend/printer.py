"""Prints Python syntax trees as people write them: no needless parentheses, and comments at line ends.

Knows the grammar of Python only; what the program means is not here.
"""

from __future__ import annotations

import ast
import re
from io import StringIO
from typing import Any

from astunparse import Unparser

# how tightly expressions bind, loosest first
TEST, OR, AND, NOT, COMPARE, BIT_OR, BIT_XOR, BIT_AND, SHIFT, SUM, TERM, FACTOR, POWER, AWAIT, ATOM = range(15)

BINARY: dict[type[ast.operator], int] = {
    ast.Add: SUM,
    ast.Sub: SUM,
    ast.Mult: TERM,
    ast.MatMult: TERM,
    ast.Div: TERM,
    ast.FloorDiv: TERM,
    ast.Mod: TERM,
    ast.Pow: POWER,
    ast.LShift: SHIFT,
    ast.RShift: SHIFT,
    ast.BitOr: BIT_OR,
    ast.BitXor: BIT_XOR,
    ast.BitAnd: BIT_AND,
}

MARK = "\0"  # between a line and its comment, until the lines are aligned
COLUMN = 36  # where comments start if the lines are short
LONG = 60  # lines longer than this do not push the comments of others to the right


def print_tree(tree: ast.AST) -> str:
    """The text of a module, statement or expression."""
    return Printer(tree).text


def annotate(statement: ast.stmt, comment: str = "", heading: str = "") -> ast.stmt:
    """The statement, with a comment to be printed at its line's end and one on a line of its own before it."""
    statement.comment = comment  # type: ignore[attr-defined]
    statement.heading = heading  # type: ignore[attr-defined]
    return statement


def binding(tree: ast.expr) -> int:
    """How tightly the outermost operation of an expression binds."""
    match tree:
        case ast.IfExp() | ast.Lambda():
            return TEST
        case ast.BoolOp(op=op):
            return OR if isinstance(op, ast.Or) else AND
        case ast.UnaryOp(op=op):
            return NOT if isinstance(op, ast.Not) else FACTOR
        case ast.Compare():
            return COMPARE
        case ast.BinOp(op=op):
            return BINARY[type(op)]
        case ast.Constant(value=int() | float() as value) if repr(value).startswith("-"):
            return FACTOR
    return ATOM


def align(text: str) -> str:
    """The text with the comments of each function in one column."""
    return "".join(align_part(part) for part in re.split(r"(?m)^(?=def )", text))


def align_part(text: str) -> str:
    lines = [line.split(MARK) for line in text.split("\n")]
    widths = [len(code) + 2 for code, *comment in lines if comment and len(code) <= LONG]
    column = max([COLUMN, *(-(-w // 4) * 4 for w in widths)])
    return "\n".join(
        f"{code.ljust(column) if len(code) + 2 <= column else code + '  '}# {comment[0]}" if comment else code
        for code, *comment in lines
    )


class Printer(Unparser):  # type: ignore[misc]
    """`astunparse`, with operator precedence, correct subscripts, and comments."""

    def __init__(self, tree: ast.AST) -> None:
        self.f = StringIO()
        self.future_imports: list[str] = []
        self._indent = 0
        self.comment = ""
        self.dispatch(tree)

    @property
    def text(self) -> str:
        """What was printed."""
        return align(self.f.getvalue()).strip("\n")

    def dispatch(self, tree: Any, level: int = TEST) -> None:
        """Print a tree, in parentheses if it binds less tightly than its place demands."""
        if isinstance(tree, ast.stmt):
            self.statement(tree)
        elif isinstance(tree, ast.expr) and binding(tree) < level:
            self.write("(")
            super().dispatch(tree)
            self.write(")")
        else:
            super().dispatch(tree)

    # -- statements ---------------------------------------------------------------------------------------------

    def statement(self, tree: ast.stmt) -> None:
        """Print a statement and its comments."""
        heading = getattr(tree, "heading", "")
        if heading:
            self.fill(f"# {heading}")
        self.comment = getattr(tree, "comment", "")
        super().dispatch(tree)
        self.close_line()

    def close_line(self) -> None:
        if self.comment:
            self.write(MARK + self.comment)
            self.comment = ""

    def enter(self) -> None:
        self.write(":")
        self.close_line()
        self._indent += 1

    def sequence(self, tree: ast.expr) -> None:
        """An expression in a place where a tuple needs no parentheses."""
        if isinstance(tree, ast.Tuple) and len(tree.elts) > 1:
            self.items(tree.elts)
        else:
            self.dispatch(tree)

    def items(self, trees: list[ast.expr]) -> None:
        for k, tree in enumerate(trees):
            self.write(", " if k else "")
            self.dispatch(tree)

    def _Assign(self, t: ast.Assign) -> None:
        self.fill()
        for target in t.targets:
            self.sequence(target)
            self.write(" = ")
        self.sequence(t.value)

    def _Return(self, t: ast.Return) -> None:
        self.fill("return")
        if t.value is not None:
            self.write(" ")
            self.sequence(t.value)

    def _Expr(self, t: ast.Expr) -> None:
        if isinstance(t.value, ast.Constant) and isinstance(t.value.value, str):
            escaped = t.value.value.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
            if escaped.endswith('"'):
                escaped = escaped[:-1] + '\\"'
            self.fill(f'"""{escaped}"""')
        else:
            self.fill()
            self.dispatch(t.value)

    def _FunctionDef(self, t: ast.FunctionDef) -> None:
        self.write("\n\n" if self._indent == 0 else "")
        for decorator in t.decorator_list:
            self.fill("@")
            self.dispatch(decorator)
        self.fill(f"def {t.name}(")
        self.dispatch(t.args)
        self.write(")")
        if t.returns is not None:
            self.write(" -> ")
            self.dispatch(t.returns)
        self.enter()
        self.dispatch(t.body)
        self.leave()

    def _For(self, t: ast.For) -> None:
        self.fill("for ")
        self.sequence(t.target)
        self.write(" in ")
        self.sequence(t.iter)
        self.enter()
        self.dispatch(t.body)
        self.leave()
        if t.orelse:
            self.fill("else")
            self.enter()
            self.dispatch(t.orelse)
            self.leave()

    def _If(self, t: ast.If) -> None:
        self.fill("if ")
        self.choice(t)

    def choice(self, t: ast.If) -> None:
        """What follows `if` or `elif`."""
        self.dispatch(t.test)
        self.enter()
        self.dispatch(t.body)
        self.leave()
        match t.orelse:
            case []:
                return
            case [ast.If() as other] if not getattr(other, "heading", ""):
                self.comment = getattr(other, "comment", "")
                self.fill("elif ")
                self.choice(other)
            case _:
                self.fill("else")
                self.enter()
                self.dispatch(t.orelse)
                self.leave()

    # -- expressions --------------------------------------------------------------------------------------------

    def _BinOp(self, t: ast.BinOp) -> None:
        level = binding(t)
        power = isinstance(t.op, ast.Pow)  # groups to the right, and takes a sign on that side
        self.dispatch(t.left, AWAIT if power else level)
        self.write(f" {self.binop[type(t.op).__name__]} ")
        self.dispatch(t.right, FACTOR if power else level + 1)

    def _UnaryOp(self, t: ast.UnaryOp) -> None:
        self.write({"Invert": "~", "Not": "not ", "UAdd": "+", "USub": "-"}[type(t.op).__name__])
        self.dispatch(t.operand, binding(t))

    def _BoolOp(self, t: ast.BoolOp) -> None:
        for k, value in enumerate(t.values):
            self.write(f" {self.boolops[type(t.op)]} " if k else "")
            self.dispatch(value, binding(t) + 1)

    def _Compare(self, t: ast.Compare) -> None:
        self.dispatch(t.left, COMPARE + 1)
        for op, right in zip(t.ops, t.comparators, strict=True):
            self.write(f" {self.cmpops[type(op).__name__]} ")
            self.dispatch(right, COMPARE + 1)

    def _IfExp(self, t: ast.IfExp) -> None:
        self.dispatch(t.body, OR)
        self.write(" if ")
        self.dispatch(t.test, OR)
        self.write(" else ")
        self.dispatch(t.orelse)

    def _Lambda(self, t: ast.Lambda) -> None:
        self.write("lambda ")
        self.dispatch(t.args)
        self.write(": ")
        self.dispatch(t.body)

    def _Attribute(self, t: ast.Attribute) -> None:
        self.dispatch(t.value, ATOM)
        number = isinstance(t.value, ast.Constant) and type(t.value.value) is int
        self.write(f"{' ' if number else ''}.{t.attr}")

    def _Call(self, t: ast.Call) -> None:
        self.dispatch(t.func, ATOM)
        self.write("(")
        for k, argument in enumerate([*t.args, *t.keywords]):
            self.write(", " if k else "")
            self.dispatch(argument)
        self.write(")")

    def _keyword(self, t: ast.keyword) -> None:
        self.write("**" if t.arg is None else f"{t.arg}=")
        self.dispatch(t.value)

    def _Starred(self, t: ast.Starred) -> None:
        self.write("*")
        self.dispatch(t.value, BIT_OR)

    def _Subscript(self, t: ast.Subscript) -> None:
        self.dispatch(t.value, ATOM)
        self.write("[")
        self.sequence(t.slice)
        self.write("]")

    def _Slice(self, t: ast.Slice) -> None:
        if t.lower is not None:
            self.dispatch(t.lower)
        self.write(":")
        if t.upper is not None:
            self.dispatch(t.upper)
        if t.step is not None:
            self.write(":")
            self.dispatch(t.step)

    def _Dict(self, t: ast.Dict) -> None:
        self.write("{")
        for k, (key, value) in enumerate(zip(t.keys, t.values, strict=True)):
            self.write(", " if k else "")
            if key is None:
                self.write("**")
                self.dispatch(value, BIT_OR)
            else:
                self.dispatch(key)
                self.write(": ")
                self.dispatch(value)
        self.write("}")

    def _comprehension(self, t: ast.comprehension) -> None:
        self.write(" async for " if t.is_async else " for ")
        self.sequence(t.target)
        self.write(" in ")
        self.dispatch(t.iter, OR)
        for condition in t.ifs:
            self.write(" if ")
            self.dispatch(condition, OR)
