"""Listings: the program of each stage, as Python one can read, save, import and run.

Choosing what to print is done here; printing itself in `backend/emit.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from adcompile import api
from adcompile.dispatch import Call, Dispatcher, take_apart
from adcompile.errors import ShapeError
from adcompile.frontend.lower import Lowered, lower
from adcompile.guess import guess_types
from adcompile.ir.nodes import Function, Program
from adcompile.ir.types import differentiable
from adcompile.pipeline import Listing, finish, make_listing
from adcompile.transforms.jvp import Derived, jvp
from adcompile.transforms.vjp import vjp

MODES = ("ssa", "forward", "reverse", "kernel")


def dump(f: Callable[..., Any], mode: str = "reverse", *, args: Sequence[Any] | None = None) -> str:
    """The listing of a stage: valid Python that runs and gives the same numbers.

    Parameters
    ----------
    f : callable
        A function, or a derivative made from one.
    mode : {"ssa", "forward", "reverse", "kernel"}
        "ssa": the function itself, one operation a line, intermediates a1, a2, a3. "forward": with the tangents of all
        arguments, ``f_jvp(*args, *tangents) -> (result, tangent)``. "reverse": the adjoint,
        ``f_vjp(*args, result_bar) -> (result, cotangents)``. "kernel": what is compiled when the derivative is called.
    args : sequence, optional
        Arguments whose types the listing is made for. Where left out, those of the last call, else a guess by how the
        parameters are used.

    Returns
    -------
    str
        A Python module.

    Raises
    ------
    ADError
        If the function is outside of the language.

    Examples
    --------
    >>> from math import sin
    >>> print(dump(lambda x: sin(x), "kernel", args=(1.0,)))  # doctest: +SKIP
    """
    if mode not in MODES:
        raise ShapeError(f"there is no listing {mode!r}", help=f"write one of {', '.join(map(repr, MODES))}")
    derivative = f if isinstance(f, Dispatcher) else api.grad(f)
    described, keywords = described_arguments(derivative, args)
    if mode == "kernel":
        return make_listing(derivative, described, keywords)[1].text(nested=True)
    primal = lower(derivative.f, described, keywords, name=name_of(derivative.f), keep_names=True)
    return LISTINGS[mode](primal).text(nested=False)


def name_of(f: Any) -> str:
    name = getattr(f, "__name__", "f")
    return name if name.isidentifier() else "f"


def described_arguments(derivative: Any, args: Sequence[Any] | None) -> tuple[list[Any], dict[str, Any]]:
    """The types a listing is made for."""
    call: Call | None = take_apart(args, {}) if args is not None else derivative.last
    if call is not None:
        return call.described()
    inner = derivative.f
    while isinstance(inner, Dispatcher):
        inner = inner.f  # type: ignore[attr-defined]
    return list(guess_types(inner)), {}


def primal_listing(lowered: Lowered) -> Listing:
    """The function itself."""
    return finish(lowered.program, lowered.related, keep_names=True)


def derived_listing(lowered: Lowered, derive: Callable[..., Derived]) -> Listing:
    """A derivative with respect to everything that can have one."""
    program = lowered.program
    functions = dict(program.functions)
    fn: Function = functions.pop(program.entry)
    wrt = [differentiable(p.type) for p in fn.params]
    derived = derive(fn, wrt, functions)
    functions[derived.function.name] = derived.function
    related = {**lowered.related, **derived.related}
    return finish(Program(functions, derived.function.name), related, keep_names=True)


LISTINGS: dict[str, Callable[[Lowered], Listing]] = {
    "ssa": primal_listing,
    "forward": lambda lowered: derived_listing(lowered, jvp),
    "reverse": lambda lowered: derived_listing(lowered, vjp),
}
