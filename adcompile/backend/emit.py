"""Writes functions of the IR as the text of a Python module.

Puts together what `nest`, `names`, `spelling` and `printer` decide; changes no program and knows no calculus.
"""

from __future__ import annotations

import ast
import cmath
import math
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from adcompile.backend.liveness import liveness
from adcompile.backend.names import Related, names
from adcompile.backend.nest import Inline, Nesting, nest
from adcompile.backend.printer import annotate, print_tree
from adcompile.backend.spelling import expression, imports, statements
from adcompile.errors import InternalError
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, If, Node, Undef, Value, While
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Scalar
from adcompile.ir.walk import each_node

Move = tuple[Value, Atom]  # what is assigned, and from what
HEADING = "##"  # starts a comment that has a heading: "## reverse sweep|rest of the comment"


def emit(
    functions: Sequence[Function],
    *,
    nested: bool = False,
    related: Related | None = None,
    header: str = "",
    inline: Inline | None = None,
) -> str:
    """The text of a module with functions, which runs as plain NumPy and compiled by Numba.

    Parameters
    ----------
    functions : sequence of Function
        As `own` has left them, callees first.
    nested : bool
        Print expressions nested, as kernels want them, instead of one operation a line.
    related : mapping
        Values that are called after another one: value to (other value, suffix).
    header : str
        The docstring of the module.
    inline : callable, optional
        Whether a value may be printed inside its use, instead of what `nested` says.
    """
    taken = free_names(functions)
    definitions = [
        FunctionWriter(fn, nest(fn, nested=nested, inline=inline), related or {}, taken).definition()
        for fn in functions
    ]
    lines = imports(used_names(definitions))
    parts = [docstring(header), "\n".join(lines)] if header else ["\n".join(lines)]
    parts.append(print_tree(ast.Module(list(definitions), [])))
    return "\n\n\n".join(("\n".join(p for p in parts[:-1] if p), parts[-1])).lstrip("\n") + "\n"


def docstring(text: str) -> str:
    return print_tree(ast.Expr(ast.Constant(text)))


def used_names(trees: Iterable[ast.AST]) -> set[str]:
    """Every name that is read and is neither a parameter nor assigned in its function."""
    found: set[str] = set()
    for tree in trees:
        uses = [n for n in ast.walk(tree) if isinstance(n, ast.Name)]
        local = {n.id for n in uses if isinstance(n.ctx, ast.Store)}
        local |= {a.arg for a in ast.walk(tree) if isinstance(a, ast.arg)}
        found |= {n.id for n in uses} - local
    return found


def free_names(functions: Sequence[Function]) -> set[str]:
    """The names of modules and functions that emitted code needs, which no variable may take."""
    found = {f.name for f in functions} | {"np", "rt", "range", "prange"}
    for fn in functions:
        for eqn in each_node(fn.body):
            if isinstance(eqn, Eqn):
                operands = [ast.Name(" ", ast.Load()) for _ in eqn.operands]
                if is_expression(eqn):
                    trees: Sequence[ast.AST] = [expression(eqn, operands)]
                else:
                    trees = statements(eqn, operands, [" "] * len(eqn.results))
                found |= {n.id for t in trees for n in ast.walk(t) if isinstance(n, ast.Name)}
    return found


def is_expression(eqn: Eqn) -> bool:
    """Whether an equation is one value and nothing else."""
    about = PRIMITIVES[eqn.primitive]
    return about.consumes is None and not about.effect and len(eqn.results) == 1


def name(identifier: str, store: bool = False) -> ast.expr:
    return ast.Name(identifier, ast.Store() if store else ast.Load())


def of_numpy(attribute: str) -> ast.expr:
    return ast.Attribute(name("np"), attribute, ast.Load())


def number(value: complex | float | int | bool) -> ast.expr:
    """A Python number as an expression."""
    if isinstance(value, complex):
        if value.real == 0.0 and math.copysign(1.0, value.real) > 0.0 and cmath.isfinite(value) and value.imag >= 0.0:
            return ast.Constant(value)
        return ast.Call(name("complex"), [number(value.real), number(value.imag)], [])
    if isinstance(value, float) and math.isnan(value):
        return of_numpy("nan")
    if not isinstance(value, bool) and (value < 0 or isinstance(value, float) and math.copysign(1.0, value) < 0):
        return ast.UnaryOp(ast.USub(), number(-value))
    if isinstance(value, float) and math.isinf(value):
        return of_numpy("inf")
    return ast.Constant(value)


PLAIN = {"float64": float, "int64": int, "bool": bool, "complex128": complex}


def literal(constant: Const) -> ast.expr:
    """A constant as an expression of just its type."""
    if not isinstance(constant.type, Scalar):
        return ast.Constant(constant.value)
    dtype = constant.type.dtype
    if dtype in PLAIN:
        return number(PLAIN[dtype](constant.value))
    return ast.Call(of_numpy(dtype), [number(constant.value)], [])


def negated(test: ast.expr) -> ast.expr:
    """The opposite of a flag."""
    match test:
        case ast.UnaryOp(ast.Not(), operand):
            return operand
        case ast.Compare(left, [ast.Eq()], right):
            return ast.Compare(left, [ast.NotEq()], right)
        case ast.Compare(left, [ast.NotEq()], right):
            return ast.Compare(left, [ast.Eq()], right)
        case ast.Constant(bool() as value):
            return ast.Constant(not value)
    return ast.UnaryOp(ast.Not(), test)


def split_comment(comment: str) -> tuple[str, str]:
    """The heading and the rest of a comment."""
    if not comment.startswith(HEADING):
        return "", comment
    heading, _, rest = comment[len(HEADING) :].partition("|")
    return heading.strip(), rest.strip()


class FunctionWriter:
    """Writes one function as a syntax tree."""

    def __init__(self, fn: Function, nesting: Nesting, related: Related, taken: set[str]) -> None:
        self.fn = fn
        self.nesting = nesting
        lives = liveness(fn, nesting.values)
        self.names: Mapping[Value, str] = names(fn, lives, nested=nesting.values, related=related, taken=taken)
        self.heading = ""  # waits for the next statement

    def definition(self) -> ast.FunctionDef:
        """The whole function."""
        fn = self.fn
        body = self.block(fn.body)
        if fn.tree is not None:
            body.append(self.put(ast.Return(self.nested_results(fn.tree))))
        elif fn.body.results:
            body.append(self.put(ast.Return(self.expr(fn.body.results[0]))))
        if fn.doc:
            body.insert(0, ast.Expr(ast.Constant(textwrap.indent(fn.doc, "    ").lstrip(" "))))
        arguments = ast.arguments([], [ast.arg(self.names[p]) for p in fn.params], None, [], [], None, [])
        return ast.FunctionDef(fn.name, arguments, body or [ast.Pass()], [])

    def nested_results(self, tree: object) -> ast.expr:
        if isinstance(tree, tuple):
            return ast.Tuple([self.nested_results(t) for t in tree], ast.Load())
        assert isinstance(tree, int)
        return self.expr(self.fn.body.results[tree])

    # -- expressions --------------------------------------------------------------------------------------------

    def expr(self, atom: Atom) -> ast.expr:
        """What an atom is printed as."""
        match atom:
            case Const():
                return literal(atom)
            case Value():
                node = self.nesting.values.get(atom)
                return name(self.names[atom]) if node is None else self.node_expr(node)
        raise InternalError(f"{self.fn.name} reads a value that is not defined", self.fn.span)

    def node_expr(self, node: Node) -> ast.expr:
        """What a node that is an expression is printed as."""
        if isinstance(node, Eqn):
            return expression(node, [self.expr(o) for o in node.operands])
        assert isinstance(node, If)
        test, then, orelse = self.expr(node.cond), node.then.results[0], node.orelse.results[0]
        if node.results[0].type == Scalar("bool") and isinstance(orelse, Const) and orelse.value is False:
            return ast.BoolOp(ast.And(), [test, self.expr(then)])
        if node.results[0].type == Scalar("bool") and isinstance(then, Const) and then.value is True:
            return ast.BoolOp(ast.Or(), [test, self.expr(orelse)])
        return ast.IfExp(test, self.expr(then), self.expr(orelse))

    # -- statements ---------------------------------------------------------------------------------------------

    def put(self, statement: ast.stmt, comment: str = "") -> ast.stmt:
        """A statement with its comment, and the heading that waits."""
        heading, rest = split_comment(comment)
        heading, self.heading = heading or self.heading, ""
        return annotate(statement, rest, heading)

    def block(self, block: Block) -> list[ast.stmt]:
        return [s for node in block.nodes for s in self.node(node)]

    def node(self, node: Node) -> Iterator[ast.stmt]:
        """The statements of a node; none if it is printed inside its use."""
        self.heading = split_comment(node.comment)[0] or self.heading
        if not (node.results and node.results[0] in self.nesting.values):
            match node:
                case Eqn():
                    yield from self.eqn(node)
                case If():
                    yield from self.choice(node)
                case For() | While():
                    yield from self.loop(node)

    def eqn(self, node: Eqn) -> Iterator[ast.stmt]:
        if is_expression(node):
            yield from self.assign(node.results[0], self.node_expr(node), node.comment)
            return
        targets = [self.names[r] for r in node.results]
        for k, statement in enumerate(statements(node, [self.expr(o) for o in node.operands], targets)):
            yield self.put(statement, node.comment if k == 0 else "")

    def assign(self, target: Value, value: ast.expr, comment: str = "") -> Iterator[ast.stmt]:
        """target = value, or target += value where it adds to a number."""
        to = self.names[target]
        match value:
            case ast.Name(id=source) if source == to:
                return
            case ast.BinOp(ast.Name(id=source), ast.Add() | ast.Sub() as op, right) if source == to:
                if isinstance(target.type, Scalar):
                    yield self.put(ast.AugAssign(name(to, store=True), op, right), comment)
                    return
        yield self.put(ast.Assign([name(to, store=True)], value), comment)

    def moves(self, moves: Sequence[Move]) -> list[ast.stmt]:
        """Assignments that happen at once: in an order in which none is in the way of another, or as one statement."""
        pending = [(t, self.expr(a)) for t, a in moves if not isinstance(a, Undef)]
        pending = [(t, e) for t, e in pending if not (isinstance(e, ast.Name) and e.id == self.names[t])]
        reads = [{n.id for n in ast.walk(e) if isinstance(n, ast.Name)} for _, e in pending]
        result: list[ast.stmt] = []
        while pending:
            for k, (target, value) in enumerate(pending):
                if not any(self.names[target] in r for j, r in enumerate(reads) if j != k):
                    result += self.assign(target, value)
                    del pending[k], reads[k]
                    break
            else:
                left = ast.Tuple([name(self.names[t], store=True) for t, _ in pending], ast.Store())
                return [*result, self.put(ast.Assign([left], ast.Tuple([e for _, e in pending], ast.Load())))]
        return result

    def choice(self, node: If) -> Iterator[ast.stmt]:
        if node in self.nesting.choices:
            yield from self.assign(node.results[0], self.node_expr(node), node.comment)
            return
        header = self.put(ast.If(self.expr(node.cond), [], []), node.comment)
        then = self.block(node.then) + self.moves(list(zip(node.results, node.then.results, strict=True)))
        orelse = self.block(node.orelse) + self.moves(list(zip(node.results, node.orelse.results, strict=True)))
        yield from self.branch(header, then, orelse)

    def branch(self, header: ast.stmt, then: list[ast.stmt], orelse: list[ast.stmt]) -> Iterator[ast.stmt]:
        """An if statement with bodies, which may be empty."""
        assert isinstance(header, ast.If)
        if not then and not orelse:
            self.heading = self.heading or getattr(header, "heading", "")
            return
        header.body, header.orelse = (then, orelse) if then else (orelse, [])
        if not then:
            header.test = negated(header.test)
        yield header

    # -- loops --------------------------------------------------------------------------------------------------

    def loop(self, node: For | While) -> Iterator[ast.stmt]:
        params = node.body.params[isinstance(node, For) :]
        yield from self.moves(list(zip(params, node.inits, strict=True)))
        start: list[ast.stmt] = []
        if node.trips is not None:
            counter = self.names[node.trips]
            yield self.put(ast.Assign([name(counter, store=True)], ast.Constant(0)))
            start = [ast.AugAssign(name(counter, store=True), ast.Add(), ast.Constant(1))]
        header = self.header(node)
        if isinstance(header, ast.While):
            start = self.guard(node, header) + start  # type: ignore[arg-type]
        header.body = start + self.body(node, params) or [ast.Pass()]
        yield header
        yield from self.moves(list(zip(node.results, params, strict=True)))

    def header(self, node: For | While) -> ast.For | ast.While:
        """The first line of a loop."""
        header: ast.For | ast.While
        if isinstance(node, While):
            header = ast.While(ast.Constant(True), [], [])
        else:
            bounds = [self.expr(a) for a in (node.start, node.stop, node.step)]
            if isinstance(node.step, Const) and node.step.value == 1:
                bounds.pop()
                if isinstance(node.start, Const) and node.start.value == 0:
                    del bounds[0]
            counted = ast.Call(name("prange" if node.parallel else "range"), bounds, [])
            header = ast.For(name(self.names[node.body.params[0]], store=True), counted, [], [])
        self.put(header, node.comment)
        return header

    def guard(self, node: While, header: ast.While) -> list[ast.stmt]:
        """The condition of a loop: in its first line if it is an expression, else as statements and a break."""
        first = self.block(node.cond)
        test = self.expr(node.cond.results[0])
        if not first:
            header.test = test
            return []
        return [*first, self.put(ast.If(negated(test), [ast.Break()], []))]

    def body(self, node: For | While, params: Sequence[Value]) -> list[ast.stmt]:
        """The iteration of a loop, with the moves that hand on its carried values and the break."""
        hand_on = list(zip(params, node.body.results))
        if not node.breaks:
            return self.block(node.body) + self.moves(hand_on)
        return self.leaving(node.body, node.body.results[-1], [], [hand_on]) + self.after(node.body, hand_on)

    def after(self, body: Block, hand_on: Sequence[Move]) -> list[ast.stmt]:
        """What ends an iteration that goes on, or that leaves by a flag known only there."""
        flag = body.results[-1]
        if isinstance(flag, Const) and flag.value or always_leaves(body, flag):
            return []
        moves = self.moves(hand_on)
        if isinstance(flag, Const) or self.leaves(body, flag):
            return moves
        return [*moves, self.put(ast.If(self.expr(flag), [ast.Break()], []))]

    def leaves(self, block: Block, flag: Atom) -> bool:
        """Whether a flag is decided by choices at the end of a block, so that they can hold the breaks."""
        if isinstance(flag, Const):
            return True
        last = last_choice(block, flag)
        if last is None or last in self.nesting.choices or self.nesting.counts[flag] != 1:
            return False
        k = last.results.index(flag)  # type: ignore[arg-type]
        return all(self.leaves(b, b.results[k]) for b in (last.then, last.orelse))

    def leaving(self, block: Block, flag: Atom, own: Sequence[Move], on_exit: Sequence[Sequence[Move]]) -> list[ast.stmt]:
        """The statements of a block at the end of a loop's body, with breaks where the flag is decided to be true.

        `own` hands on the results of the block itself, `on_exit` what comes after it on the way out of the loop.
        """
        if isinstance(flag, Const):
            result = self.block(block) + self.moves(own)
            if flag.value:
                result += [s for moves in on_exit for s in self.moves(moves)]
                result.append(self.put(ast.Break()))
            return result
        if not self.leaves(block, flag):
            return self.block(block) + self.moves(own)
        last = last_choice(block, flag)
        assert last is not None
        k = last.results.index(flag)  # type: ignore[arg-type]
        result = [s for node in block.nodes[:-1] for s in self.node(node)]
        header = self.put(ast.If(self.expr(last.cond), [], []), last.comment)
        bodies = []
        for branch in (last.then, last.orelse):
            pairs = [(r, a) for j, (r, a) in enumerate(zip(last.results, branch.results, strict=True)) if j != k]
            bodies.append(self.leaving(branch, branch.results[k], pairs, [own, *on_exit]))
        then, orelse = bodies
        if orelse and isinstance(orelse[-1], ast.Break) and not (then and isinstance(then[-1], ast.Break)):
            then, orelse = orelse, then
            header.test = negated(header.test)  # type: ignore[attr-defined]
        if then and isinstance(then[-1], ast.Break):  # what follows a break needs no else
            result += [*self.branch(header, then, []), *orelse]
        else:
            result += self.branch(header, then, orelse)
        return result if always_leaves(block, flag) else result + self.moves(own)


def last_choice(block: Block, flag: Atom) -> If | None:
    """The choice at the end of a block that yields a flag."""
    last = block.nodes[-1] if block.nodes else None
    return last if isinstance(last, If) and flag in last.results else None


def always_leaves(block: Block, flag: Atom) -> bool:
    """Whether a block ends in a break on every path."""
    if isinstance(flag, Const):
        return bool(flag.value)
    last = last_choice(block, flag)
    if last is None:
        return False
    k = last.results.index(flag)  # type: ignore[arg-type]
    return always_leaves(last.then, last.then.results[k]) and always_leaves(last.orelse, last.orelse.results[k])
