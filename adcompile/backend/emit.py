"""Writes functions of the IR as the text of a Python module.

Puts together what `nest`, `names`, `spelling` and `printer` decide; changes no program and knows no calculus.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from adcompile.backend.names import Related
from adcompile.backend.nest import Inline, nest
from adcompile.backend.order import order
from adcompile.backend.printer import print_tree
from adcompile.backend.spelling import COUNTING, expression, imports, statements
from adcompile.backend.writer import FunctionWriter, Remarks, is_expression
from adcompile.ir.nodes import Eqn, Function
from adcompile.ir.primitives import CALLS
from adcompile.ir.walk import each_node


def emit(
    functions: Sequence[Function],
    *,
    nested: bool = False,
    related: Related | None = None,
    header: str = "",
    inline: Inline | None = None,
    remarks: Remarks | None = None,
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
    remarks : Remarks, optional
        What is said beside the lines, and above them in place of `header`; by default the comments of the nodes.
    """
    called = {eqn["function"]: eqn.primitive for eqn in equations(functions) if eqn.primitive in CALLS}
    writers = each_writer(functions, nested=nested, related=related, inline=inline, remarks=remarks)
    definitions = [writer.definition(called=called.get(writer.fn.name, "")) for writer in writers]
    return module(definitions, remarks.above() if remarks else header, kernel=nested)


def each_writer(
    functions: Sequence[Function],
    *,
    nested: bool = False,
    related: Related | None = None,
    inline: Inline | None = None,
    remarks: Remarks | None = None,
) -> Iterator[FunctionWriter]:
    """What writes each function, which knows how its values are called in the text; see `emit`."""
    related = related or {}
    taken = free_names(functions, kernel=nested)
    for fn in functions:
        first = nest(fn, nested=nested, inline=inline, named=related)
        ordered = order(fn, first.values, related)
        nesting = nest(ordered, nested=nested, inline=inline, named=related)
        yield FunctionWriter(ordered, nesting, related, taken, kernel=nested, remarks=remarks)


def module(definitions: Sequence[ast.stmt], header: str, *, kernel: bool) -> str:
    """The text of a module: docstring, imports, functions."""
    opening = [print_tree(ast.Expr(ast.Constant(header)))] if header else []
    opening += imports(used_names(definitions), kernel=kernel)
    text = print_tree(ast.Module(list(definitions), []))
    return "\n\n\n".join(["\n".join(opening), text] if opening else [text]) + "\n"


def equations(functions: Iterable[Function]) -> Iterator[Eqn]:
    """Every equation of every function."""
    for fn in functions:
        for node in each_node(fn.body):
            if isinstance(node, Eqn):
                yield node


def used_names(trees: Iterable[ast.AST]) -> set[str]:
    """Every name that is read and is neither a parameter nor assigned in its function."""
    found: set[str] = set()
    for tree in trees:
        uses = [n for n in ast.walk(tree) if isinstance(n, ast.Name)]
        local = {n.id for n in uses if isinstance(n.ctx, ast.Store)}
        local |= {a.arg for a in ast.walk(tree) if isinstance(a, ast.arg)}
        found |= {n.id for n in uses} - local
    return found


def free_names(functions: Sequence[Function], *, kernel: bool) -> set[str]:
    """The names of modules and functions that emitted code needs, which no variable may take."""
    found = {f.name for f in functions} | {"np", "rt", "range", "prange", *COUNTING}
    for eqn in equations(functions):
        operands = [ast.Name(" ", ast.Load()) for _ in eqn.operands]
        if is_expression(eqn):
            trees: Sequence[ast.AST] = [expression(eqn, operands, kernel=kernel)]
        else:
            trees = statements(eqn, operands, [" "] * len(eqn.results))
        found |= {n.id for t in trees for n in ast.walk(t) if isinstance(n, ast.Name)}
    return found
