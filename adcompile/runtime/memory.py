"""Whether arrays share memory: what a kernel asks of its arguments before it writes into copies of them.

What is done about it is in `guards` and `dispatch`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adcompile.runtime.template import compiles, define, indented, loops


def overlap(x: Any, y: Any) -> bool:
    """Whether two arrays have bytes in common."""
    return bool(np.shares_memory(x, y))


def extent(name: str, rank: int, gaps: bool) -> list[str]:
    """The lines that find the first byte of an array, and the one after its last."""
    low, high = f"{name}_low", f"{name}_high"
    if not gaps:
        return [f"{low} = np.int64({name}.ctypes.data)", f"{high} = {low} + {name}.size * {name}.itemsize"]
    lines = [f"{low} = np.int64({name}.ctypes.data)", f"{high} = {low} + {name}.itemsize"]
    for k in range(rank):
        span = f"({name}.shape[{k}] - 1) * {name}.strides[{k}]"
        lines += [f"if {name}.strides[{k}] < 0:", f"    {low} += {span}", "else:", f"    {high} += {span}"]
    return lines


def each_byte(name: str, rank: int, body: str) -> list[str]:
    """The lines that run over the bytes of an array, counted from where the first of two arrays starts."""
    indices = [f"i{k}" for k in range(rank)]
    place = " + ".join(
        [f"np.int64({name}.ctypes.data)", *(f"{i} * {name}.strides[{k}]" for k, i in enumerate(indices))]
    )
    lines = [f"start = {place} - x_low", f"for byte in range(start, start + {name}.itemsize):", *indented([body])]
    return loops(indices, [f"{name}.shape[{k}]" for k in range(rank)], lines)


@compiles(overlap)
def compiled_overlap(x: Any, y: Any) -> Any:
    """Arrays without gaps overlap where their stretches of memory do; of others one's bytes are marked and looked for."""
    gaps = [a.layout not in "CF" for a in (x, y)]
    lines = [
        *extent("x", x.ndim, gaps[0]),
        *extent("y", y.ndim, gaps[1]),
        "if x.size == 0 or y.size == 0 or x_low >= y_high or y_low >= x_high:",
        "    return False",
    ]
    if any(gaps):
        lines += [
            "marked = np.zeros(x_high - x_low, np.bool_)",
            *each_byte("x", x.ndim, "marked[byte] = True"),
            *each_byte("y", y.ndim, "if 0 <= byte < x_high - x_low and marked[byte]: return True"),
            "return False",
        ]
    else:
        lines.append("return True")
    return define(["def impl(x, y):", *indented(lines)])
