"""Listings: the program of each stage, as Python one can read, save, import and run.

Choosing what to print is done here; printing itself in `backend/emit.py`.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from adcompile import api
from adcompile.backend.printer import print_tree
from adcompile.backend.writer import FunctionWriter, split_comment
from adcompile.dispatch import Call, Dispatcher, take_apart
from adcompile.errors import ADError, ShapeError
from adcompile.frontend.lower import Lowered, lower
from adcompile.guess import guess_types
from adcompile.ir.nodes import Block, Const, Eqn, For, Function, Node, Program, Value, While, results_of
from adcompile.ir.types import differentiable
from adcompile.ir.walk import definitions, map_blocks
from adcompile.pipeline import Listing, finish, make_listing
from adcompile.transforms.account import GROWING
from adcompile.transforms.jvp import Derived, jvp
from adcompile.transforms.vjp import vjp

MODES = ("ssa", "forward", "reverse", "kernel")


def dump(f: Callable[..., Any], mode: str = "reverse", *, args: Sequence[Any] | None = None) -> str:
    """The listing of a stage: valid Python that runs and gives the same numbers.

    Parameters
    ----------
    f : callable
        A function, or a derivative made from one.
    mode : {"ssa", "forward", "reverse", "kernel"}
        "ssa": the function itself, one operation a line, intermediates a1, a2, a3. "forward": with the tangents of all
        arguments, ``f_jvp(*args, *tangents) -> (result, tangent)``. "reverse": the adjoint,
        ``f_vjp(*args, result_bar) -> (result, cotangents)``. "kernel": what is compiled when the derivative is called.
    args : sequence, optional
        Arguments whose types the listing is made for. Where left out, those of the last call, else a guess by how the
        parameters are used.

    Returns
    -------
    str
        A Python module.

    Raises
    ------
    ADError
        If the function is outside of the language.

    Examples
    --------
    >>> from math import sin
    >>> print(dump(lambda x: sin(x), "kernel", args=(1.0,)))  # doctest: +SKIP
    """
    if mode not in MODES:
        raise ShapeError(f"there is no listing {mode!r}", help=f"write one of {', '.join(map(repr, MODES))}")
    derivative = f if isinstance(f, api.Derivative) else api.grad(f)
    call: Call | None = take_apart(args, {}) if args is not None else derivative.last
    if call is not None:
        return listed(derivative, mode, *call.described())
    guessed = guess_types(innermost(derivative))
    try:
        return listed(derivative, mode, guessed, {})
    except ADError as error:
        note = error.note or f"the types of the arguments were guessed: {', '.join(map(str, guessed))}"
        remedy = error.help or f"where that is wrong, give arguments: ad.dump(f, {mode!r}, args=...)"
        raise type(error)(error.message, error.span, note=note, help=remedy) from None


def listed(derivative: Any, mode: str, described: Sequence[Any], keywords: dict[str, Any]) -> str:
    """The listing for arguments of some types."""
    if mode == "kernel":
        listing = make_listing(derivative, described, keywords)[1]
        return listing.text(nested=True, remarks=Account(listing.related, kernel=True))
    primal = lower(derivative.f, described, keywords, name=name_of(derivative.f), keep_names=True)
    if mode == "ssa":
        listing = primal_listing(primal)
    else:
        derive = jvp if mode == "forward" else partial(vjp, budget=derivative.options.budget)
        listing = derived_listing(primal, derive)
    return listing.text(nested=False, remarks=Account(listing.related))


def name_of(f: Any) -> str:
    name = getattr(f, "__name__", "f")
    return name if name.isidentifier() else "f"


def innermost(f: Any) -> Any:
    """The function that a derivative, maybe of a derivative, was made from."""
    while isinstance(f, Dispatcher):
        f = f.f  # type: ignore[attr-defined]
    return f


def primal_listing(lowered: Lowered) -> Listing:
    """The function itself."""
    return explained(finish(lowered.program, lowered.related, keep_names=True), primal_values(lowered.program))


def derived_listing(lowered: Lowered, derive: Callable[..., Derived]) -> Listing:
    """A derivative with respect to everything that can have one."""
    program = lowered.program
    functions = dict(program.functions)
    fn: Function = functions.pop(program.entry)
    wrt = [differentiable(p.type) for p in fn.params]
    derived = derive(fn, wrt, functions)
    functions[derived.function.name] = derived.function
    related = {**lowered.related, **derived.related}
    listing = finish(Program(functions, derived.function.name), related, keep_names=True)
    return explained(listing, primal_values(program))


# -- what a reader is told beside the lines -------------------------------------------------------------------------

#: ends the names of what is kept for the reverse sweep
RECORDED = ("_tape", "_kept", "_saved")
#: what makes it
KEEPING = ("empty", "list_new", "copy")
#: lines of our own, which a reader does not know
OURS = str(Path(__file__).parent)


class Account:
    """What each loop stands for, and what is recorded and why, with the size of each tape in terms of the lengths in the text.

    Parameters
    ----------
    related : dict
        What values are tapes and cotangents of.
    kernel : bool
        Whether for a kernel, in which nothing else is said.
    """

    def __init__(self, related: Mapping[Value, tuple[Value, str]], *, kernel: bool = False) -> None:
        self.related = related
        self.kernel = kernel
        #: for each function with loops, the bytes of an element by the product of lengths, and what else is recorded
        self.recorded: dict[str, tuple[dict[str, int], list[str]]] = {}

    def beside(self, node: Node, writer: FunctionWriter) -> str:
        """The comment beside the line of a node."""
        if not isinstance(node, Eqn):
            return self.of_loop(node, writer) if isinstance(node, For | While) else node.comment
        if node.primitive in KEEPING and node.comment and (self.kernel or self.is_recorded(node)):
            return self.of_tape(node, writer)
        return "" if self.kernel else node.comment

    def is_recorded(self, eqn: Eqn) -> bool:
        """Whether an equation makes what is recorded, and not something that a reader is told the source of."""
        return self.related.get(eqn.results[0], (None, ""))[1] in RECORDED

    def of_loop(self, loop: For | While, writer: FunctionWriter) -> str:
        """The line that a loop comes from, and what became of it."""
        self.recorded.setdefault(writer.fn.name, ({}, []))
        heading, comment = split_comment(loop.comment)
        if not comment.startswith("line") and loop.span and not loop.span.file.startswith(OURS):
            comment = f"line {loop.span.line}" + (f", {comment}" if comment else "")
        return f"## {heading}|{comment}" if heading else comment

    def of_tape(self, eqn: Eqn, writer: FunctionWriter) -> str:
        """What is recorded, why, and how much it takes."""
        sizes, others = self.recorded.setdefault(writer.fn.name, ({}, []))
        comment = eqn.comment
        if eqn.primitive in ("list_new", "copy") or comment.endswith(GROWING):
            others.append(comment.rpartition("; ")[2].removesuffix(GROWING))
            return comment
        known = [o.value for o in eqn.operands if isinstance(o, Const)]
        size = math.prod(known) * np.dtype(eqn["dtype"]).itemsize
        lengths = product([writer.expr(o) for o in eqn.operands if isinstance(o, Value)])
        sizes[lengths] = sizes.get(lengths, 0) + size
        return f"{comment}; {size}{lengths} bytes"

    def above(self) -> str:
        """How much is recorded in all, in each function with loops."""
        suffixes = {suffix for _, suffix in self.related.values()}
        if not self.kernel or "_bar" not in suffixes:
            return ""
        title = "Recorded for the reverse sweep" + (", besides tangents" if "_dot" in suffixes else "")
        lines = []
        for name, (sizes, others) in self.recorded.items():
            sized = " + ".join(f"{size}{lengths}" for lengths, size in sizes.items())
            parts = [f"{sized} bytes"] * bool(sized) + list(dict.fromkeys(others))
            lines.append(f"{name}: {', '.join(parts) or 'nothing'}")
        if len(lines) == 1:
            return f"{title}: {lines[0].partition(': ')[2]}."
        return "\n".join([f"{title}:", *lines, ""]) if lines else ""


def product(lengths: Sequence[ast.expr]) -> str:
    """Lengths as further factors of a product."""
    return "".join(
        f" * ({text})" if isinstance(e, ast.BinOp) else f" * {text}" for e in lengths for text in [print_tree(e)]
    )


def primal_values(program: Program) -> set[Value]:
    """Everything that the functions of a program define before they are derived."""
    return {v for fn in program.functions.values() for v in (*fn.params, *definitions(fn.body))}


def explained(listing: Listing, primal: set[Value]) -> Listing:
    """The listing with the source beside each line, and each line a value that a reader knows by name."""
    functions = [replace(fn, body=comment_block(fn.body, listing, primal)) for fn in listing.functions]
    functions = [replace(fn, body=with_headings(fn.body, listing)) for fn in functions]
    return replace(listing, functions=functions, inline=lambda v: v not in primal and v not in listing.related)


def comment_block(block: Block, listing: Listing, primal: set[Value]) -> Block:
    """Each equation that defines a primal or derived value gets the place and text of its source."""

    def visit(node: Node) -> Node:
        if isinstance(node, Eqn):
            return replace(node, comment=comment_of(node, listing, primal))
        return map_blocks(node, lambda b: comment_block(b, listing, primal))

    return replace(block, nodes=tuple(map(visit, block.nodes)))


def comment_of(eqn: Eqn, listing: Listing, primal: set[Value]) -> str:
    if not eqn.results or eqn.span is None:
        return ""
    result = eqn.results[-1] if eqn.primitive in ("drain", "list_pop") else eqn.results[0]
    about = listing.related.get(result)
    if about is not None and about[1] in RECORDED:
        return eqn.comment
    if result not in primal and about is None:
        return ""
    return f"line {eqn.span.line}: {eqn.span.text}" if eqn.span.text else ""


def with_headings(body: Block, listing: Listing, of: str = "sweep") -> Block:
    """The first line of each sweep says so, in a program or iteration that has both."""
    nodes = [fused_headings(node, listing) for node in body.nodes]
    first = next((k for k, node in enumerate(nodes) if has_line(node)), 0)
    reverse = [
        k for k, node in enumerate(nodes) if has_line(node) and any(is_bar(r, listing) for r in results_of(node))
    ]
    if reverse and reverse[0] != first:
        for k, heading in ((first, f"forward {of}"), (reverse[0], f"reverse {of}")):
            nodes[k] = replace(nodes[k], comment=f"## {heading}|{nodes[k].comment}")
    return replace(body, nodes=tuple(nodes))


def fused_headings(node: Node, listing: Listing) -> Node:
    """The same in a loop that reverses each iteration where it runs: it yields values and cotangents alike."""
    bars = {is_bar(r, listing) for r in node.results}
    if isinstance(node, For) and len(bars) == 2:
        return replace(node, body=with_headings(node.body, listing, "part"))
    return node


def has_line(node: Node) -> bool:
    """Whether a node is sure to be printed on a line of its own."""
    return not isinstance(node, Eqn) or bool(node.comment)


def is_bar(value: Value, listing: Listing) -> bool:
    return listing.related.get(value, (value, ""))[1].endswith("_bar")
