"""From a Python function to its syntax tree, with the place of every node in the file it was written in.

The whole file is parsed, not the function cut out of it, so that lines and columns need no correction. What the tree
means is not known here.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import gast

from adcompile.errors import Unsupported
from adcompile.span import Span

FunctionNode = gast.FunctionDef | gast.Lambda


@dataclass(frozen=True, eq=False)
class Source:
    """A function as written: its tree, its file, and the names it can see outside itself."""

    name: str
    node: Any
    file: str
    text: str
    globals: Mapping[str, Any]
    #: variables of enclosing Python functions, read when they are needed
    cells: Mapping[str, types.CellType]
    defaults: tuple[Any, ...] = ()
    kw_defaults: Mapping[str, Any] = field(default_factory=dict)


def source_of(fn: Callable[..., Any]) -> Source:
    """The tree of a Python function or lambda, wherever Python has its source.

    Raises
    ------
    Unsupported
        If the source cannot be found, or the function is a generator or a coroutine.
    """
    fn = python_function(fn)
    code = fn.__code__
    if code.co_flags & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
        raise Unsupported(f"`{fn.__name__}` is a coroutine, which is not supported", help="write a plain function")
    linecache.lazycache(code.co_filename, fn.__globals__)
    node, text = located(code.co_filename, code)
    if node is None:
        raise Unsupported(
            f"the source of `{fn.__name__}` cannot be found",
            help="define it in a file, in a notebook cell, or register its text with `linecache`",
        )
    cells = dict(zip(code.co_freevars, fn.__closure__ or (), strict=True))
    defaults = fn.__defaults__ or (), fn.__kwdefaults__ or {}
    return Source(fn.__name__, node, code.co_filename, text, fn.__globals__, cells, *defaults)


@lru_cache(maxsize=4096)
def located(file: str, code: types.CodeType) -> tuple[Any, str]:
    """The gast tree of a code object and its text, or None: one tree for one definition, so that facts can be kept by node."""
    text = "".join(linecache.getlines(file))
    node = find(text, code) if text else None
    if node is None:
        return None, ""
    segment = ast.get_source_segment(text, node) or ""
    # conversion leaves its operand alone, so the cached tree of the file can be used again
    return gast.ast_to_gast(node), segment


def python_function(fn: Any) -> types.FunctionType:
    """The plain function behind an `@njit` dispatcher or a bound method; plain functions as they are."""
    fn = getattr(fn, "py_func", fn)
    fn = getattr(fn, "__func__", fn)
    if not isinstance(fn, types.FunctionType):
        raise Unsupported(f"`{getattr(fn, '__name__', fn)}` is not a Python function")
    return fn


Tree = ast.FunctionDef | ast.Lambda


def find(text: str, code: types.CodeType) -> Tree | None:
    """The definition in a file that was compiled to this code object."""
    functions, lambdas = definitions(text)
    if code.co_name != "<lambda>":
        return functions.get((code.co_name, code.co_firstlineno))
    names = code.co_varnames[: code.co_argcount]
    candidates = [
        node
        for node in lambdas
        if node.lineno == code.co_firstlineno and tuple(a.arg for a in node.args.posonlyargs + node.args.args) == names
    ]
    if len(candidates) > 1:
        candidates = [node for node in candidates if covers(node.body, code)]
    return candidates[-1] if candidates else None


def covers(body: ast.expr, code: types.CodeType) -> bool:
    """Whether the instructions of a lambda were made from this very expression."""
    positions = getattr(code, "co_positions", None)
    if positions is None:
        return False  # before Python 3.11 nothing tells two such lambdas apart
    places = [p for p in positions() if p[0] is not None and p[2] != p[3]]
    whole = (body.lineno, body.end_lineno, body.col_offset, body.end_col_offset)
    return whole in places or not places


@lru_cache(maxsize=64)
def definitions(text: str) -> tuple[dict[tuple[str, int], ast.FunctionDef], tuple[ast.Lambda, ...]]:
    """All functions of a file by name and first line (that of the first decorator), and all lambdas."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return {}, ()
    functions = {}
    lambdas = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            functions[node.name, first] = node
        elif isinstance(node, ast.Lambda):
            lambdas.append(node)
    return functions, tuple(lambdas)


def span_of(node: Any, file: str) -> Span:
    """The place of a node."""
    return Span(file, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)


def names_in(tree: Any, context: type) -> Iterator[str]:
    """The names a tree reads (`gast.Load`) or assigns (`gast.Store`), nested functions included."""
    for node in gast.walk(tree):
        if isinstance(node, gast.Name) and isinstance(node.ctx, context):
            yield node.id
