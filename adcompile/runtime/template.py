"""Writing out loops over the axes of an array, a function for each rank.

Numba compiles a function for the ranks it meets, but cannot loop over axes; here the loops are text.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numba.extending import overload


def define(source: str, **names: Any) -> Callable[..., Any]:
    """The function `impl` that a text defines, with its text known to tracebacks."""
    file = f"<adcompile.runtime {abs(hash(source)):x}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    scope: dict[str, Any] = {"np": np, **names}
    exec(compile(source, file, "exec"), scope)
    impl: Callable[..., Any] = scope["impl"]
    return impl


def loops(indices: Sequence[str], bounds: Sequence[str], body: Sequence[str], depth: int = 1) -> list[str]:
    """The lines of nested loops."""
    lines = [f"{'    ' * (depth + k)}for {i} in range({n}):" for k, (i, n) in enumerate(zip(indices, bounds, strict=True))]
    return lines + ["    " * (depth + len(indices)) + line for line in body]


def compiles(plain: Callable[..., Any], **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Numba's `overload`, for functions with annotations: it would compare them with those of the text, which has none."""

    def register(choose: Callable[..., Any]) -> Callable[..., Any]:
        choose.__annotations__ = {}
        overload(plain, **options)(choose)
        return choose

    return register
