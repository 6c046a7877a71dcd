"""Transposes, triangles, and tapes that grow.

Repeating and summing back is in `broadcasting`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from adcompile.runtime.template import compiles, define, indented, loops


def transpose(x: Any, axes: tuple[int, ...] | None = None) -> Any:
    """`np.transpose`: a view.

    Numba would know the transpose of a matrix to be in Fortran's order, and so would be all that is computed from it
    element by element. Results in C's order are what the compiler promises; so the view does not tell.
    """
    return np.transpose(x, axes)


@compiles(transpose)
def compiled_transpose(x: Any, axes: Any = None) -> Any:
    if axes is None or getattr(axes, "value", axes) is None:
        return lambda x, axes=None: x.T[::1]
    n = x.ndim
    lines = [f"a{k} = axes[{k}]" for k in range(n)]
    shape, strides = (", ".join(f"x.{what}[a{k}]" for k in range(n)) for what in ("shape", "strides"))
    return define(
        ["def impl(x, axes=None):", *indented([*lines, f"return as_strided(x, ({shape},), ({strides},))"])],
        as_strided=as_strided,
    )


def triangle(name: str, outside: str) -> Callable[..., Any]:
    """A copy of the last two axes with zeros in one corner."""
    whole = getattr(np, name)

    def plain(x: Any, k: int) -> Any:
        return np.ascontiguousarray(whole(x, k))

    plain.__name__ = plain.__qualname__ = name
    plain.__doc__ = f"`np.{name}`."

    def compiled(x: Any, k: Any) -> Any:
        indices = [f"i{j}" for j in range(x.ndim)]
        here = ", ".join(indices)
        body = [f"if {indices[-1]} - {indices[-2]} {outside} k:", f"    out[{here}] = x[{here}]"]
        lines = ["out = np.zeros(x.shape, x.dtype)", *loops(indices, [f"x.shape[{j}]" for j in range(x.ndim)], body)]
        return define(["def impl(x, k):", *indented([*lines, "return out"])])

    compiles(plain)(compiled)
    return plain


tril = triangle("tril", "<=")
triu = triangle("triu", ">=")


def reserve(tape: Any, n: int) -> Any:
    """The tape, or where it has fewer than `n` rows a copy at least twice as long."""
    if n <= tape.shape[0]:
        return tape
    longer = np.empty((max(n, 2 * tape.shape[0]), *tape.shape[1:]), tape.dtype)
    longer[: tape.shape[0]] = tape
    return longer


@compiles(reserve)
def compiled_reserve(tape: Any, n: Any) -> Any:
    indices = [f"i{k}" for k in range(tape.ndim)]
    lengths = [f"tape.shape[{k}]" for k in range(tape.ndim)]
    here = ", ".join(indices)
    return define(
        [
            "def impl(tape, n):",
            *indented(["if n <= tape.shape[0]:", "    return tape"]),
            *indented([f"longer = np.empty(({', '.join(['max(n, 2 * tape.shape[0])', *lengths[1:]])},), tape.dtype)"]),
            *indented([*loops(indices, lengths, [f"longer[{here}] = tape[{here}]"]), "return longer"]),
        ]
    )
