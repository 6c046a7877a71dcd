"""Reductions over one axis; several axes are reduced one after the other, last first.

Full reductions are NumPy's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adcompile.runtime.template import compiles, define, loops

#: for each reduction: its start, how an element joins, and the dtype of its result
RULES = {
    "sum": ("zero", "s + v", "sum"),
    "prod": ("one", "s * v", "sum"),
    "max": ("first", "v if v > s or v != v else s", "same"),
    "min": ("first", "v if v < s or v != v else s", "same"),
    "any": ("False", "s or bool(v)", "bool"),
    "all": ("True", "s and bool(v)", "bool"),
}


def result_dtype(kind: str, dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype of a reduction's result; sums of integers are of 64 bits."""
    if kind == "bool":
        return np.dtype(np.bool_)
    return np.dtype(np.int64) if kind == "sum" and dtype.kind in "biu" else dtype


def source(name: str, rank: int, axis: int) -> str:
    """A function that reduces one axis of an array of a rank."""
    start, step, _ = RULES[name]
    outer = [f"i{k}" for k in range(rank) if k != axis]
    at = ", ".join(f"i{k}" for k in range(rank))
    first = ", ".join("0" if k == axis else f"i{k}" for k in range(rank))
    start = {"first": f"x[{first}]"}.get(start, start)
    lines = ["def impl(x, axis):"]
    if rank == 1:
        lines += [f"    s = {start}", "    for i0 in range(x.shape[0]):", f"        v = x[{at}]", f"        s = {step}"]
        return "\n".join([*lines, "    return s"])
    shape = ", ".join(f"x.shape[{k}]" for k in range(rank) if k != axis)
    lines.append(f"    out = np.empty(({shape},), dtype)")
    body = [f"s = {start}", f"for i{axis} in range(x.shape[{axis}]):", f"    v = x[{at}]", f"    s = {step}"]
    body.append(f"out[{', '.join(outer)}] = s")
    lines += loops(outer, [f"x.shape[{i[1:]}]" for i in outer], body)
    return "\n".join([*lines, "    return out"])


def reduction(name: str) -> Callable[..., Any]:
    """A reduction over one axis, for NumPy and for Numba."""
    ufunc = getattr(np, name)
    kind = RULES[name][2]

    def plain(x: Any, axis: int) -> Any:
        result = ufunc(x, axis=axis)
        return result.astype(result_dtype(kind, x.dtype), copy=False)

    plain.__name__ = plain.__qualname__ = f"{name}_axis"
    plain.__doc__ = f"`np.{name}` over one axis: an array of one rank less, a number for a vector."

    def compiled(x: Any, axis: Any) -> Any:
        dtype = result_dtype(kind, np.dtype(str(x.dtype)))
        position = axis.literal_value % x.ndim
        return define(source(name, x.ndim, position), dtype=dtype.type, zero=dtype.type(0), one=dtype.type(1))

    compiles(plain, prefer_literal=True)(compiled)
    return plain


sum_axis = reduction("sum")
prod_axis = reduction("prod")
max_axis = reduction("max")
min_axis = reduction("min")
any_axis = reduction("any")
all_axis = reduction("all")


def position_source(rank: int, axis: int, better: str) -> str:
    """A function that finds the first position of the extreme element along an axis."""
    outer = [f"i{k}" for k in range(rank) if k != axis]
    at = ", ".join(f"i{k}" for k in range(rank))
    first = ", ".join("0" if k == axis else f"i{k}" for k in range(rank))
    body = [
        f"best, where = x[{first}], 0",
        f"for i{axis} in range(1, x.shape[{axis}]):",
        f"    v = x[{at}]",
        f"    if v {better} best or (v != v and best == best):",
        f"        best, where = v, i{axis}",
    ]
    if rank == 1:
        return "\n".join(["def impl(x, axis):", *("    " + line for line in body), "    return where"])
    shape = ", ".join(f"x.shape[{k}]" for k in range(rank) if k != axis)
    lines = ["def impl(x, axis):", f"    out = np.empty(({shape},), np.int64)"]
    lines += loops(outer, [f"x.shape[{i[1:]}]" for i in outer], [*body, f"out[{', '.join(outer)}] = where"])
    return "\n".join([*lines, "    return out"])


def argmax_axis(x: Any, axis: int) -> Any:
    """`np.argmax` along one axis."""
    return np.argmax(x, axis=axis)


def argmin_axis(x: Any, axis: int) -> Any:
    """`np.argmin` along one axis."""
    return np.argmin(x, axis=axis)


@compiles(argmax_axis, prefer_literal=True)
def compiled_argmax(x: Any, axis: Any) -> Any:
    return define(position_source(x.ndim, axis.literal_value % x.ndim, ">"))


@compiles(argmin_axis, prefer_literal=True)
def compiled_argmin(x: Any, axis: Any) -> Any:
    return define(position_source(x.ndim, axis.literal_value % x.ndim, "<"))
