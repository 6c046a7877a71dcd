"""Writing out loops over the axes of arrays, a function for each rank.

Numba compiles a function for the ranks it meets, but cannot loop over axes; here the loops are text. What they compute
is in the other modules.
"""

from __future__ import annotations

import functools
import hashlib
import linecache
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numba.core import types
from numba.extending import intrinsic, overload
from numba.np.numpy_support import as_dtype

INDENT = "    "


def kept_apart(typing_context: Any) -> Any:
    """What `stay_apart` means to Numba: an attribute of the function that it is called in."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.function.attributes.add("noinline")
        return context.get_dummy_value()

    return types.void(), generate


#: Called in a compiled function: its code is not repeated where it is called, which would take long to optimise.
stay_apart: Any = intrinsic(kept_apart)


def define(lines: Sequence[str], **names: Any) -> Callable[..., Any]:
    """The function `impl` that some lines define, with its text known to tracebacks."""
    source = "\n".join([lines[0], f"{INDENT}stay_apart()", *lines[1:]]) + "\n"
    file = f"<adcompile.runtime {hashlib.sha256(source.encode()).hexdigest()[:12]}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    scope: dict[str, Any] = {"np": np, "stay_apart": stay_apart, **names}
    exec(compile(source, file, "exec"), scope)
    impl: Callable[..., Any] = scope["impl"]
    return impl


def indented(lines: Sequence[str], depth: int = 1) -> list[str]:
    """The lines, moved to the right."""
    return [INDENT * depth + line for line in lines]


def loops(indices: Sequence[str], bounds: Sequence[str], body: Sequence[str]) -> list[str]:
    """The lines of nested loops."""
    lines = [f"{INDENT * k}for {i} in range({n}):" for k, (i, n) in enumerate(zip(indices, bounds, strict=True))]
    return lines + indented(body, len(indices))


def compiles(plain: Callable[..., Any], **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Numba's `overload`, for functions with annotations, which it would want to be the same everywhere."""

    def register(choose: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(choose)
        def unannotated(*args: Any, **keywords: Any) -> Any:
            impl = choose(*args, **keywords)
            if impl is not None:
                impl.__annotations__ = {}
            return impl

        choose.__annotations__ = unannotated.__annotations__ = {}
        overload(plain, **options)(unannotated)
        return choose

    return register


def static(type_: Any) -> Any:
    """The value of an argument that is known from its type: a literal, a tuple of literals, or a default."""
    if isinstance(type_, types.Omitted):
        return type_.value
    if isinstance(type_, types.BaseTuple):
        parts: Any = type_.types  # type: ignore[attr-defined]
        return tuple(static(part) for part in parts)
    return type_.literal_value if isinstance(type_, types.Literal) else type_


def dtype_of(type_: Any) -> np.dtype[Any]:
    """The dtype of a number or array that Numba knows the type of."""
    return np.dtype(as_dtype(type_.dtype if isinstance(type_, types.Array) else types.unliteral(type_)))


def rank(type_: Any) -> int:
    """The number of axes of what Numba knows the type of; 0 for numbers."""
    return type_.ndim if isinstance(type_, types.Array) else 0


# -- functions of numbers, for arrays as well ---------------------------------------------------------------------


def of_operands(f: Callable[..., Any], n: int) -> Callable[..., Any]:
    """A function of exactly `n` parameters, which Numba wants to see, that calls another."""
    if n == 1:
        return lambda x: f(x)  # noqa: PLW0108 - the parameters are what it is for
    if n == 2:
        return lambda x, y: f(x, y)  # noqa: PLW0108
    if n == 3:
        return lambda x, y, z: f(x, y, z)  # noqa: PLW0108
    if n == 4:
        return lambda w, x, y, z: f(w, x, y, z)  # noqa: PLW0108
    return lambda v, w, x, y, z: f(v, w, x, y, z)  # noqa: PLW0108


def elementwise(plain: Callable[..., Any], ufunc: Any, n: int) -> Callable[..., Any]:
    """A function of `n` numbers or arrays of one dtype, which is kept: `ufunc` in compiled code, else `plain`."""
    whole = of_operands(plain, n)

    def choose(*args: Any) -> Callable[..., Any]:
        kind = dtype_of(args[0]).type
        array = any(isinstance(a, types.Array) for a in args)
        if n == 1:
            return (lambda x: ufunc(x).astype(kind)) if array else (lambda x: kind(ufunc(x)))
        if n == 2:
            return (lambda x, y: ufunc(x, y).astype(kind)) if array else (lambda x, y: kind(ufunc(x, y)))
        if n == 3:
            return (lambda x, y, z: ufunc(x, y, z).astype(kind)) if array else (lambda x, y, z: kind(ufunc(x, y, z)))
        if n == 4:
            return (
                (lambda w, x, y, z: ufunc(w, x, y, z).astype(kind))
                if array
                else (lambda w, x, y, z: kind(ufunc(w, x, y, z)))
            )
        return (
            (lambda v, w, x, y, z: ufunc(v, w, x, y, z).astype(kind))
            if array
            else (lambda v, w, x, y, z: kind(ufunc(v, w, x, y, z)))
        )

    overload(whole)(of_operands(choose, n))
    return whole
