"""Small pieces of Python syntax: names, calls, literals, subscripts, shapes.

Knows Python and how NumPy is written, but no primitive.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Any

Expr = ast.expr
Exprs = Sequence[ast.expr]


def name(identifier: str) -> Expr:
    """A name that is read, dotted or not."""
    first, *rest = identifier.split(".")
    tree: Expr = ast.Name(first, ast.Load())
    for part in rest:
        tree = ast.Attribute(tree, part, ast.Load())
    return tree


def store(identifier: str) -> ast.Name:
    """A name that is assigned."""
    return ast.Name(identifier, ast.Store())


def assign(target: Expr, value: Expr) -> ast.stmt:
    """target = value"""
    return ast.Assign([target], value)


def call(function: str, *args: Expr, **keywords: Expr) -> Expr:
    """A call of a dotted name."""
    return ast.Call(name(function), list(args), [ast.keyword(k, v) for k, v in keywords.items()])


def method(owner: Expr, function: str, *args: Expr) -> Expr:
    """A call of a method."""
    return ast.Call(ast.Attribute(owner, function, ast.Load()), list(args), [])


def tuple_of(items: Iterable[Expr]) -> Expr:
    """A tuple."""
    return ast.Tuple(list(items), ast.Load())


def literal(value: Any) -> Expr:
    """A static parameter: a number, a text, or a tuple of them."""
    if isinstance(value, tuple):
        return tuple_of(map(literal, value))
    if isinstance(value, int) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def dtype(dtype_name: str) -> Expr:
    """A dtype, as NumPy calls it."""
    return name({"bool": "np.bool_"}.get(dtype_name, f"np.{dtype_name}"))


#: the dtypes of Python's own numbers, and what converts to them
PYTHON = {"float64": "float", "int64": "int", "bool": "bool", "complex128": "complex"}


def converted(value: Expr, target: str, source: str = "int64") -> Expr:
    """A number in another dtype; Numba's `float` takes no flags, and leaves single precision as it is."""
    if isinstance(value, ast.Constant):
        return number(value.value, target)
    plain = target in PYTHON and source in PYTHON and source != "bool"
    return call(PYTHON[target] if plain else f"np.{target}", value)


def number(value: Any, dtype_name: str) -> Expr:
    """A constant of a dtype."""
    kinds: dict[str, type] = {"float64": float, "int64": int, "bool": bool, "complex128": complex}
    if dtype_name in kinds:
        return ast.Constant(kinds[dtype_name](value))
    return call(f"np.{dtype_name}", ast.Constant(value))


def subscript(array: Expr, index: Sequence[str], parts: Exprs) -> ast.Subscript:
    """array[index], from the codes of an index and its run-time parts; without codes, all of the array."""
    rest = iter(parts)
    items: list[Expr] = []
    for code in index:
        if code[0] == "s":
            items.append(ast.Slice(*(next(rest) if present == "1" else None for present in code[1:])))
        else:
            items.append(ast.Constant(None) if code == "n" else next(rest))
    items = items or [ast.Slice()]
    return ast.Subscript(array, items[0] if len(items) == 1 else tuple_of(items), ast.Load())


def length(array: Expr, axis: int, rank: int) -> Expr:
    """array.shape[axis]; the syntax tree remembers the array's rank, so that `shape` knows a whole shape."""
    tree = ast.Subscript(ast.Attribute(array, "shape", ast.Load()), ast.Constant(axis), ast.Load())
    tree.rank = rank  # type: ignore[attr-defined]
    return tree


def shape(dims: Exprs) -> Expr:
    """A shape: `x.shape` where the lengths are all those of one array, in order, else a tuple."""
    return whole_shape(dims) or tuple_of(dims)


def size(dims: Exprs) -> Expr:
    """What an array is made with: its length where it is a vector, else its shape."""
    return whole_shape(dims) or (dims[0] if len(dims) == 1 else tuple_of(dims))


def whole_shape(dims: Exprs) -> Expr | None:
    """The shape of the one array whose lengths these are, or None."""
    owners = []
    for axis, dim in enumerate(dims):
        match dim:
            case ast.Subscript(ast.Attribute(ast.Name(owner), "shape"), ast.Constant(k)) if k == axis:
                owners.append(owner)
    if len(owners) != len(dims) or len(set(owners)) != 1 or getattr(dims[0], "rank", None) != len(dims):
        return None
    return name(f"{owners[0]}.shape")
