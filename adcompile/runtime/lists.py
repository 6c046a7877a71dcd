"""Lists of numbers or arrays, as compiled code has them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core import types
from numba.extending import register_jitable

from adcompile.runtime.template import compiles, define, loops


@register_jitable
def list_zeros(items: Any) -> Any:
    """As many zeros, of the same shapes."""
    return [item * 0 for item in items]


@register_jitable
def list_add(a: Any, b: Any) -> Any:
    """The sums of the elements of two lists."""
    return [a[k] + b[k] for k in range(len(a))]


@register_jitable
def list_of_array(x: Any) -> Any:
    """The elements of a vector, or copies of the rows of an array."""
    return [x[k] for k in range(x.shape[0])]


def array_of_list(items: list[Any], rank: int, dtype: Any) -> Any:
    """The elements as a vector, or arrays of one shape stacked along a new first axis."""
    if not items:
        return np.zeros((0,) * (rank + 1), dtype)
    return np.array(items, dtype=dtype)


@compiles(array_of_list)
def compiled_array_of_list(items: Any, rank: Any, dtype: Any) -> Any:
    inner = items.dtype
    if not isinstance(inner, types.Array):
        return define(
            "def impl(items, rank, dtype):\n"
            "    out = np.empty(len(items), dtype)\n"
            "    for k in range(len(items)):\n"
            "        out[k] = items[k]\n"
            "    return out"
        )
    shape = ", ".join(f"n{k}" for k in range(inner.ndim))
    lines = ["def impl(items, rank, dtype):"]
    lines += [f"    n{k} = items[0].shape[{k}] if len(items) else 0" for k in range(inner.ndim)]
    lines.append(f"    out = np.empty((len(items), {shape}), dtype)")
    lines += loops(["k"], ["len(items)"], [f"if items[k].shape != ({shape},):", "    raise ValueError('arrays of different shapes')"])
    lines += loops(["k"], ["len(items)"], ["out[k] = items[k]"])
    return define("\n".join([*lines, "    return out"]))
