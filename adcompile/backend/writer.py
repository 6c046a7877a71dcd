"""Writes one function as a syntax tree: assignments, choices, loops with their breaks, and the return.

What is nested, how values are called and how operations are spelled is decided elsewhere.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from adcompile.analyses.definedness import undefined_somewhere
from adcompile.backend.expressions import arranged, literal, negated, with_signs, without_sign
from adcompile.backend.liveness import liveness
from adcompile.backend.names import Related, names
from adcompile.backend.nest import Nesting
from adcompile.backend.printer import annotate
from adcompile.backend.spell_memory import example
from adcompile.backend.spelling import expression, statements
from adcompile.backend.syntax import assign, call, name, store, tuple_of
from adcompile.errors import InternalError
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, If, Node, Undef, Value, While
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Scalar
from adcompile.ir.walk import each_node, uses
from adcompile.switches import on

Move = tuple[Value, Atom]  # what is assigned, and from what
HEADING = "##"  # starts a comment that has a heading: "## reverse sweep|rest of the comment"
TRUE, FALSE = Const(True, Scalar("bool")), Const(False, Scalar("bool"))


def is_expression(eqn: Eqn) -> bool:
    """Whether an equation is one value and nothing else."""
    about = PRIMITIVES[eqn.primitive]
    return about.consumes is None and not about.effect and len(eqn.results) == 1


def split_comment(comment: str) -> tuple[str, str]:
    """The heading and the rest of a comment."""
    if not comment.startswith(HEADING):
        return "", comment
    heading, _, rest = comment[len(HEADING) :].partition("|")
    return heading.strip(), rest.strip()


class Exit(NamedTuple):
    """The way out of a loop: the flags that are true on it, and the moves on it, group by group."""

    flags: tuple[Atom, ...]
    moves: Sequence[Sequence[Move]]


class Remarks(Protocol):
    """What readers are told."""

    def beside(self, node: Node, writer: FunctionWriter) -> str:
        """The comment beside the line of a node, with its heading, in what a writer writes."""

    def above(self) -> str:
        """The docstring of the module, asked for when all lines are written."""


class FunctionWriter:
    """Writes one function as a syntax tree, for Numba if it is part of a kernel, else for a reader."""

    def __init__(
        self,
        fn: Function,
        nesting: Nesting,
        related: Related,
        taken: set[str],
        *,
        kernel: bool,
        remarks: Remarks | None = None,
    ) -> None:
        self.fn = fn
        self.remarks = remarks
        self.said: dict[Node, str] = {}
        self.kernel = kernel
        self.nesting = nesting
        self.lives = liveness(fn, nesting.values, decided=nesting.decided)
        conditions = {last.cond for last, k in nesting.exits.items() if k < 0}
        unprinted = {*nesting.values, *(v for v in nesting.decided if v not in conditions)}
        self.names: Mapping[Value, str] = names(fn, self.lives, nested=unprinted, related=related, taken=taken)
        self.read = uses(fn)
        self.heading = ""  # waits for the next statement
        self.unset = self.moved_unset()

    def moved_unset(self) -> set[str]:
        """The variables that some move reads on a path where nothing was assigned to them."""
        undefined = undefined_somewhere(self.fn)
        pairs = (pair for node in each_node(self.fn.body) for pair in meetings(node))
        return {
            self.names[a]
            for target, a in pairs
            if isinstance(a, Value)
            and a in undefined
            and target in self.names
            and a in self.names
            and self.names[a] != self.names[target]
        }

    def definition(self, *, called: str = "") -> ast.FunctionDef:
        """The whole function.

        `called` is the primitive by which other functions call it, if they do: they know nothing of how its results are
        nested, and have what it writes into.
        """
        fn = self.fn
        body = self.block(fn.body)
        results = [self.expr(r) for r in fn.body.results[called == "call_into" :]]
        if results and (fn.tree is None or (called and len(results) == 1)):
            body.append(self.put(ast.Return(results[0])))
        elif fn.tree is not None and (results or not called):
            tree = tuple(range(len(results))) if called else fn.tree
            body.append(self.put(ast.Return(arranged(results, tree))))
        if fn.doc:
            body.insert(0, ast.Expr(ast.Constant(textwrap.indent(fn.doc, "    ").lstrip(" "))))
        arguments = ast.arguments([], [ast.arg(self.names[p]) for p in fn.params], None, [], [], None, [])
        return ast.FunctionDef(fn.name, arguments, body or [ast.Pass()], [])

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
            return with_signs(expression(node, [self.expr(o) for o in node.operands], kernel=self.kernel))
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
        heading, self.heading = self.heading, ""
        return annotate(statement, split_comment(comment)[1], heading)

    def remark(self, node: Node) -> str:
        """The comment beside a node."""
        if node not in self.said:
            self.said[node] = self.remarks.beside(node, self) if self.remarks else node.comment
        return self.said[node]

    def announce(self, node: Node) -> None:
        """Let the heading of a node wait for the next statement."""
        self.heading = split_comment(self.remark(node))[0] or self.heading

    def block(self, block: Block) -> list[ast.stmt]:
        return [s for node in block.nodes for s in self.node(node)]

    def node(self, node: Node) -> Iterator[ast.stmt]:
        """The statements of a node; none if it is printed inside its use."""
        self.announce(node)
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
            yield from self.assign(node.results[0], self.node_expr(node), self.remark(node))
            return
        targets = [self.names[r] for r in node.results]
        for k, statement in enumerate(statements(node, [self.expr(o) for o in node.operands], targets)):
            if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add):
                positive = without_sign(statement.value)
                if positive is not None:
                    statement.op, statement.value = ast.Sub(), positive
            yield self.put(statement, self.remark(node) if k == 0 else "")

    def assign(self, target: Value, value: ast.expr, comment: str = "") -> Iterator[ast.stmt]:
        """Target = value, or target += value where it adds to a number."""
        to = self.names[target]
        match value:
            case ast.Name(id=source) if source == to:
                return
            case ast.BinOp(ast.Name(id=source), ast.Add() | ast.Sub() as op, right) if source == to:
                if isinstance(target.type, Scalar):
                    yield self.put(ast.AugAssign(ast.Name(to, ast.Store()), op, right), comment)
                    return
        yield self.put(assign(store(to), value), comment)

    def moves(self, moves: Sequence[Move]) -> list[ast.stmt]:
        """Assignments that happen at once: in an order in which none is in the way of another, or as one statement."""
        pending = [(t, self.moved(t, a)) for t, a in moves if not isinstance(a, Undef) or self.names[t] in self.unset]
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
                left = ast.Tuple([store(self.names[t]) for t, _ in pending], ast.Store())
                return [*result, self.put(assign(left, tuple_of(e for _, e in pending)))]
        return result

    def moved(self, target: Value, atom: Atom) -> ast.expr:
        """What a move assigns: anything, for what is never read, so that Python finds the variable set."""
        return example(target.type) if isinstance(atom, Undef) else self.expr(atom)

    def choice(self, node: If) -> Iterator[ast.stmt]:
        if node in self.nesting.choices:
            yield from self.assign(node.results[0], self.node_expr(node), self.remark(node))
            return
        header = self.put(ast.If(self.expr(node.cond), [], []), self.remark(node))
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
            yield self.put(assign(store(counter), ast.Constant(0)))
            start = [ast.AugAssign(ast.Name(counter, ast.Store()), ast.Add(), ast.Constant(1))]
        header = self.header(node)
        if isinstance(header, ast.While):
            start = self.guard(node, header) + start  # type: ignore[arg-type]
        header.body = start + self.body(node, params) or [ast.Pass()]
        if isinstance(header, ast.While) and isinstance(header.test, ast.Constant) and assigns_and_leaves(header.body):
            looping = self.unused("looping")
            yield assign(store(looping), header.test)
            header.test = ast.Name(looping, ast.Load())
        if self.kernel and isinstance(header, ast.For) and assigns(header.body, {self.names[p] for p in params}):
            self.in_order(header)
        yield header
        yield from self.moves(list(zip(node.results, params, strict=True)))

    def in_order(self, header: ast.For) -> None:
        """Let a loop run on one thread that hands on a variable, which Numba would take for a sum."""
        if isinstance(header.iter, ast.Call) and isinstance(header.iter.func, ast.Name):
            header.iter.func.id = header.iter.func.id.removeprefix("p")

    def unused(self, name: str) -> str:
        """A name that nothing in the function has."""
        used = set(self.names.values())
        return next(n for n in (name, *(f"{name}_{k}" for k in range(1, len(used) + 2))) if n not in used)

    def header(self, node: For | While) -> ast.For | ast.While:
        """The first line of a loop."""
        header: ast.For | ast.While
        if isinstance(node, While):
            header = ast.While(ast.Constant(True), [], [])
        else:
            header = ast.For(store(self.names[node.body.params[0]]), self.counted(node), [], [])
        self.put(header, self.remark(node))
        return header

    def counted(self, node: For) -> ast.expr:
        """What a loop runs through; in kernels not by `range` where that hides from LLVM that indices are in bounds."""
        start, step = (a.value if isinstance(a, Const) else None for a in (node.start, node.step))
        bounds = [self.expr(a) for a in (node.start, node.stop, node.step)]
        if step == 1:
            bounds.pop()
            if start == 0:
                del bounds[0]
        if node.parallel:
            return call("prange", *bounds)
        hidden = step == -1 or (step == 1 and start != 0)
        if not (self.kernel and hidden and on("counting") and node.body.params[0] in self.read):
            return call("range", *bounds)
        if step == -1 and any(isinstance(n, For) for n in each_node(node.body)):
            return call("countdown", *bounds[:2])
        return call("indices", *bounds)

    def guard(self, node: While, header: ast.While) -> list[ast.stmt]:
        """The condition of a loop: in its first line if it is an expression, else as statements and a break."""
        first = self.block(node.cond)
        test = self.expr(node.cond.results[0])
        if not first:
            header.test = test
            return []
        return [*first, self.put(ast.If(negated(test), [ast.Break()], []))]

    def body(self, node: For | While, params: Sequence[Value]) -> list[ast.stmt]:
        """The iteration of a loop, with the moves that hand on its carried values, and the break."""
        hand_on = list(zip(params, node.body.results, strict=False))
        if not node.breaks:
            return self.block(node.body) + self.moves(hand_on)
        flag = node.body.results[-1]
        # flags that only say whether the loop was left are false as long as it is not
        flags = [p for p, init in zip(params, node.inits, strict=True) if init == FALSE and not p.name]
        stays = {p for p in flags if p not in self.lives.read}
        result = self.leaving(node.body, flag, [], Exit((), [hand_on]))
        if leaves(result):
            return result
        stay = self.moves([(t, a) for t, a in self.settled(hand_on, (flag,), FALSE) if t not in stays or a != FALSE])
        return moved_up(result, stay) or result + stay

    def leaving(self, block: Block, flag: Atom, own: Sequence[Move], exit: Exit) -> list[ast.stmt]:
        """The statements of a block at the end of a loop's body, with a break where its flag is true.

        `own` hands on the results of the block itself, `exit` what comes after it on the way out of the loop.
        """
        last = block.nodes[-1] if block.nodes else None
        if isinstance(last, If) and last in self.nesting.exits and flag in self.nesting.decided:
            return self.leaving_choice(block, last, flag, own, exit)
        result = self.block(block)
        out = [s for moves in (own, *exit.moves) for s in self.moves(self.settled(moves, (*exit.flags, flag), TRUE))]
        if isinstance(flag, Const):
            return [*result, *out, self.put(ast.Break())] if flag.value else result + self.moves(own)
        test = self.expr(flag)
        stay = self.moves(self.settled(own, (flag,), FALSE))
        return [*result, self.put(ast.If(test, [*out, ast.Break()], [])), *stay]

    def settled(self, moves: Iterable[Move], flags: Sequence[Atom], value: Const) -> list[Move]:
        """Moves where some flags have a value that is known; a flag that is in its place already stays there."""
        return [
            (t, value if isinstance(a, Value) and a in flags and self.names.get(a) != self.names[t] else a)
            for t, a in moves
        ]

    def leaving_choice(self, block: Block, last: If, flag: Atom, own: Sequence[Move], exit: Exit) -> list[ast.stmt]:
        """The same where a choice at the end of the block decides."""
        k = self.nesting.exits[last]
        result = [s for node in block.nodes[:-1] for s in self.node(node)]
        self.announce(last)
        header = ast.If(self.expr(last.cond), [], [])
        self.put(header, self.remark(last))
        outer = Exit((*exit.flags, flag), [own, *exit.moves])
        bodies = []
        for branch, decided in ((last.then, TRUE), (last.orelse, FALSE)):
            inner = decided if k < 0 else branch.results[k]
            moves = [m for j, m in enumerate(zip(last.results, branch.results, strict=True)) if j != k]
            bodies.append(self.leaving(branch, inner, moves, outer))
        then, orelse = bodies
        if leaves(orelse) and not leaves(then):
            then, orelse = orelse, then
            header.test = negated(header.test)
        if leaves(then):  # what follows a break needs no else
            result += [*self.branch(header, then, []), *orelse]
        else:
            result += self.branch(header, then, orelse)
        return result if leaves(result) else result + self.moves(self.settled(own, (flag,), FALSE))


def meetings(node: Node) -> Iterator[Move]:
    """The moves of a region: what is assigned where paths meet, and from what."""
    match node:
        case If():
            yield from zip(node.results, node.then.results, strict=True)
            yield from zip(node.results, node.orelse.results, strict=True)
        case For() | While():
            params = node.body.params[isinstance(node, For) :]
            yield from zip(params, node.inits, strict=True)
            yield from zip(params, node.body.results, strict=False)
            yield from zip(node.results, params, strict=True)


def moved_up(body: list[ast.stmt], stay: list[ast.stmt]) -> list[ast.stmt] | None:
    """A body that ends with the same moves on the way out and on the way on, with these moves made once, before."""
    match body:
        case [*before, ast.If(test, [*out, ast.Break()], []) as last] if stay and list(map(ast.dump, out)) == list(
            map(ast.dump, stay)
        ):
            assigned = {
                n.id for s in stay for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
            if assigned.isdisjoint(n.id for n in ast.walk(test) if isinstance(n, ast.Name)):
                last.body = [ast.Break()]
                return [*before, *stay, last]
    return None


def assigns_and_leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether a branch of a loop's body assigns before it breaks.

    Numba 0.68 loses such an assignment where the loop is written ``while True``, and compiles it right where the
    condition is a variable.
    """
    return any(
        leaves(branch) and len(branch) > 1
        for statement in body
        if isinstance(statement, ast.If)
        for branch in (statement.body, statement.orelse)
    ) or any(
        assigns_and_leaves(branch)
        for statement in body
        if isinstance(statement, ast.If)
        for branch in (statement.body, statement.orelse)
    )


def assigns(body: Sequence[ast.stmt], variables: set[str]) -> bool:
    """Whether some of these variables are assigned to."""
    names = (n for statement in body for n in ast.walk(statement) if isinstance(n, ast.Name))
    return any(isinstance(n.ctx, ast.Store) and n.id in variables for n in names)


def leaves(statements: Sequence[ast.stmt]) -> bool:
    """Whether statements end with a break."""
    return bool(statements) and isinstance(statements[-1], ast.Break)
