"""Lists of numbers or arrays, as compiled code has them.

Single elements are read and written by Python's own syntax, in emitted code too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core import types

from adcompile.runtime.template import compiles, define, dtype_of, indented, loops


def list_zeros(items: list[Any]) -> list[Any]:
    """As many zeros, of the same shapes."""
    return [np.zeros_like(item) if isinstance(item, np.ndarray) else type(item)(0) for item in items]


@compiles(list_zeros)
def compiled_list_zeros(items: Any) -> Any:
    if isinstance(items.dtype, types.Array):
        return lambda items: [np.zeros_like(item) for item in items]
    kind = dtype_of(items.dtype).type
    return lambda items: [kind(0) for _ in items]


def list_add(a: list[Any], b: list[Any]) -> list[Any]:
    """The sums of the elements of two lists."""
    return [x + y for x, y in zip(a, b, strict=True)]


@compiles(list_add)
def compiled_list_add(a: Any, b: Any) -> Any:
    return lambda a, b: [a[k] + b[k] for k in range(len(a))]


def list_of_array(x: Any) -> list[Any]:
    """The elements of a vector, or copies of the rows of an array."""
    return [row.copy() for row in x] if x.ndim > 1 else list(x)


@compiles(list_of_array)
def compiled_list_of_array(x: Any) -> Any:
    if x.ndim > 1:
        return lambda x: [x[k].copy() for k in range(x.shape[0])]
    return lambda x: [x[k] for k in range(x.shape[0])]


def array_of_list(items: list[Any], rank: int, dtype: Any) -> Any:
    """The elements as a vector, or arrays of one shape stacked along a new first axis."""
    return np.array(items, dtype) if items else np.zeros((0,) * (rank + 1), dtype)


@compiles(array_of_list)
def compiled_array_of_list(items: Any, rank: Any, dtype: Any) -> Any:
    inner = items.dtype
    n = inner.ndim if isinstance(inner, types.Array) else 0
    lines = []
    if n:
        empty = ", ".join(["0"] * (n + 1))
        lines += ["if len(items) == 0:", f"    return np.zeros(({empty}), dtype)"]
    lengths = [f"items[0].shape[{k}]" for k in range(n)]
    lines.append(f"out = np.empty(({', '.join(['len(items)', *lengths])},), dtype)")
    indices = [f"i{k}" for k in range(n)]
    here = f"[{', '.join(indices)}]" if n else ""
    copy = loops(indices, lengths, [f"out[{', '.join(['k', *indices])}] = item{here}"])
    check = ["if item.shape != items[0].shape:", "    raise ValueError('arrays in a list have different shapes')"]
    body = ["item = items[k]", *(check if n else []), *copy]
    lines += ["for k in range(len(items)):", *indented(body), "return out"]
    return define(["def impl(items, rank, dtype):", *indented(lines)])
