"""What the arguments of a function look like, read off its text where nobody has said.

Only listings use this: a kernel is always compiled for the types of real arguments.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import gast

from adcompile.frontend.parse import source_of
from adcompile.ir.types import INT, Array, Scalar, Type

INTEGER_CALLS = set("range prange arange zeros ones empty".split())
ARRAY_CALLS = set("len sum mean prod max min std var cumsum cumprod sort argsort argmax argmin median norm".split())


def guess_types(f: Callable[..., Any]) -> list[Type]:
    """A type for each parameter without a default.

    A parameter that is subscripted is an array, with an axis for each index; one that bounds a loop or a shape is an
    integer; annotations count; all others are floats.
    """
    tree = source_of(f).node
    parameters = [
        p
        for p in inspect.signature(f).parameters.values()
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    found = Uses()
    found.visit(tree)
    return [found.type_of(p.name, p.annotation) for p in parameters]


class Uses(gast.NodeVisitor):  # type: ignore[misc]
    """How names are used: with how many indices, and where only an integer can stand."""

    def __init__(self) -> None:
        self.ranks: dict[str, int] = {}
        self.integers: set[str] = set()

    def type_of(self, name: str, annotation: Any) -> Type:
        if annotation in (int, "int"):
            return INT
        if annotation in (float, "float"):
            return Scalar("float64", weak=True)
        if name in self.ranks:
            return Array("float64", self.ranks[name])
        return INT if name in self.integers else Scalar("float64", weak=True)

    def note(self, node: Any, rank: int) -> None:
        if isinstance(node, gast.Name):
            self.ranks[node.id] = max(rank, self.ranks.get(node.id, 0))

    def visit_Subscript(self, node: Any) -> None:
        index = node.slice
        self.note(node.value, len(index.elts) if isinstance(index, gast.Tuple) else 1)
        of_shape = isinstance(node.value, gast.Attribute) and node.value.attr == "shape"
        if of_shape and isinstance(index, gast.Constant) and isinstance(index.value, int):
            self.note(node.value.value, index.value + 1)
        self.generic_visit(node)

    def visit_Attribute(self, node: Any) -> None:
        if node.attr in ("shape", "size", "sum", "T", "copy", "dot", "mean", "reshape", "ravel"):
            self.note(node.value, 2 if node.attr == "T" else 1)
        self.generic_visit(node)

    def visit_Assign(self, node: Any) -> None:
        value, target = node.value, node.targets[0]
        if isinstance(value, gast.Attribute) and value.attr == "shape" and isinstance(target, gast.Tuple):
            self.note(value.value, len(target.elts))
        self.generic_visit(node)

    def visit_For(self, node: Any) -> None:
        self.note(node.iter, 1)
        self.generic_visit(node)

    def visit_BinOp(self, node: Any) -> None:
        if isinstance(node.op, gast.MatMult):
            self.note(node.left, 2)
            self.note(node.right, 1)
        self.generic_visit(node)

    def visit_Call(self, node: Any) -> None:
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in INTEGER_CALLS:
            for argument in node.args:
                self.integers.update(n.id for n in gast.walk(argument) if isinstance(n, gast.Name))
        axes = [k.value.value for k in node.keywords if k.arg == "axis" and isinstance(k.value, gast.Constant)]
        if node.args and (axes or (name in ARRAY_CALLS and len(node.args) == 1)):
            self.note(node.args[0], max([1, *(k + 1 for k in axes if isinstance(k, int))]))
        self.generic_visit(node)
