"""Reductions along some axes, which Numba has of sums only.

Reductions of everything to one number are NumPy's own, in emitted code too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from adcompile.runtime.template import compiles, define, dtype_of, indented, loops, static


class Rule(NamedTuple):
    """How a reduction starts, how an element `v` joins what there is, `s`, and the dtype of the result."""

    start: str
    step: str
    result: str


RULES = {
    "sum": Rule("zero", "s + v", "sum"),
    "prod": Rule("one", "s * v", "sum"),
    "max": Rule("low", "v if v > s or v != v else s", "same"),
    "min": Rule("high", "v if v < s or v != v else s", "same"),
    "any": Rule("False", "s or v != 0", "flag"),
    "all": Rule("True", "s and v != 0", "flag"),
}
EMPTY = "zero-size array to reduction operation {} which has no identity"


def result_dtype(kind: str, dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype of a reduction's result; sums of integers have 64 bits."""
    if kind == "flag":
        return np.dtype(np.bool_)
    return np.dtype(np.int64) if kind == "sum" and dtype.kind in "biu" else dtype


def constants(dtype: np.dtype[Any]) -> dict[str, Any]:
    """What the lines of a reduction name, in its dtype."""
    names: dict[str, Any] = {"dtype": dtype.type, "zero": dtype.type(0), "one": dtype.type(1)}
    if dtype.kind == "f":
        names |= {"low": dtype.type(-np.inf), "high": dtype.type(np.inf)}
    elif dtype.kind in "iu":
        names |= {"low": np.iinfo(dtype).min, "high": np.iinfo(dtype).max}
    elif dtype.kind == "b":
        names |= {"low": False, "high": True}
    return names


class Nest:
    """The loops of a reduction of an array x along some axes."""

    def __init__(self, rank: int, axes: tuple[int, ...], keepdims: bool) -> None:
        self.axes = {a % rank for a in axes}
        self.order = [f"i{k}" for k in range(rank)]
        self.lengths = [f"x.shape[{k}]" for k in range(rank)]
        self.kept = [k for k in range(rank) if k not in self.axes]
        self.gone = sorted(self.axes)
        left = range(rank) if keepdims else self.kept
        self.place = ", ".join("0" if k in self.axes else f"i{k}" for k in left)
        self.shape = f"({', '.join('1' if k in self.axes else f'x.shape[{k}]' for k in left)},)"
        self.here = ", ".join(self.order)

    def over(self, axes: list[int], body: list[str]) -> list[str]:
        """Loops over some axes."""
        return loops([self.order[k] for k in axes], [self.lengths[k] for k in axes], body)


def lines_of(name: str, nest: Nest) -> list[str]:
    """The text of a reduction: a number at a time where the last axis goes, else a row at a time, as memory lies."""
    rule = RULES[name]
    lines = [f"out = np.full({nest.shape}, {rule.start}, dtype)"]
    if rule.start in ("low", "high"):
        empty = " or ".join(f"x.shape[{k}] == 0" for k in nest.gone)
        lines = [f"if {empty}:", f"    raise ValueError({EMPTY.format(name)!r})", *lines]
    if len(nest.order) - 1 in nest.axes:
        inner = nest.over(nest.gone, [f"v = x[{nest.here}]", f"s = {rule.step}"])
        lines += nest.over(nest.kept, [f"s = out[{nest.place}]", *inner, f"out[{nest.place}] = s"])
    else:
        body = [f"v, s = x[{nest.here}], out[{nest.place}]", f"out[{nest.place}] = {rule.step}"]
        lines += nest.over(sorted([*nest.kept, *nest.gone]), body)
    return [*lines, "return out"]


def axes_in(axis: Any) -> tuple[int, ...]:
    """The axes that a static argument names."""
    found = static(axis)
    return found if isinstance(found, tuple) else (found,)


def reduction(name: str) -> Callable[..., Any]:
    """A reduction along some axes, but not all: for NumPy and for Numba."""
    whole = getattr(np, name)
    kind = RULES[name].result

    def plain(x: Any, axis: Any, keepdims: bool = False) -> Any:
        result = whole(x, axis=axis, keepdims=keepdims)
        return np.ascontiguousarray(result, dtype=result_dtype(kind, x.dtype))

    plain.__name__ = plain.__qualname__ = name
    plain.__doc__ = f"`np.{name}` along an axis, or several in a tuple; not along all."

    def compiled(x: Any, axis: Any, keepdims: Any = False) -> Any:
        dtype = result_dtype(kind, dtype_of(x))
        lines = lines_of(name, Nest(x.ndim, axes_in(axis), static(keepdims)))
        return define(["def impl(x, axis, keepdims=False):", *indented(lines)], **constants(dtype))

    compiles(plain, prefer_literal=True)(compiled)
    return plain


def position(name: str, better: str) -> Callable[..., Any]:
    """The first position of the extreme element along one axis; NaN counts as more extreme than anything."""
    whole = getattr(np, name)

    def plain(x: Any, axis: int, keepdims: bool = False) -> Any:
        return np.ascontiguousarray(whole(x, axis=axis, keepdims=keepdims))

    plain.__name__ = plain.__qualname__ = name
    plain.__doc__ = f"`np.{name}` along one axis of several."

    def compiled(x: Any, axis: Any, keepdims: Any = False) -> Any:
        nest = Nest(x.ndim, axes_in(axis), static(keepdims))
        k = nest.gone[0]
        first = ", ".join("0" if j == k else f"i{j}" for j in range(x.ndim))
        better_here = f"if v {better} best or v != v and best == best:"
        inner = nest.over([k], [f"v = x[{nest.here}]", better_here, f"    best, found = v, i{k}"])
        body = [f"best, found = x[{first}], 0", *inner, f"out[{nest.place}] = found"]
        lines = [
            f"if x.shape[{k}] == 0:",
            "    raise ValueError('attempt to get the position of the extreme of an empty sequence')",
            f"out = np.empty({nest.shape}, np.int64)",
            *nest.over(nest.kept, body),
            "return out",
        ]
        return define(["def impl(x, axis, keepdims=False):", *indented(lines)])

    compiles(plain, prefer_literal=True)(compiled)
    return plain


REDUCTIONS = {name: reduction(name) for name in RULES}
POSITIONS = {"argmax": position("argmax", ">"), "argmin": position("argmin", "<")}
