"""Checks of derivatives that users run on their own functions: against differences, and one mode against the other.

Used by our own tests as well; how a derivative is made is not looked at here.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adcompile import tree
from adcompile.errors import ADError, GradientError, ShapeError

#: central differences over seven points, exact for polynomials of degree 6; source: Fornberg 1988, table 1
DIFFERENCES = ((1, 3 / 4), (2, -3 / 20), (3, 1 / 60))


def is_float(leaf: Any) -> bool:
    return np.asarray(leaf).dtype.kind == "f"


def numbers(value: Any) -> np.ndarray[Any, Any]:
    """All floating-point numbers of a structure in one vector."""
    leaves: list[Any] = []
    tree.flatten(value, leaves)
    parts = [np.ravel(np.asarray(x)) for x in leaves if np.asarray(x).dtype.kind in "fc"]
    if not parts:
        return np.zeros(0)
    flat = np.concatenate(parts)
    return np.concatenate([flat.real, flat.imag]) if flat.dtype.kind == "c" else flat.astype(float)


def moved(value: Any, direction: Sequence[Any], step: float) -> Any:
    """A structure with each floating-point leaf moved along its direction."""
    leaves: list[Any] = []
    structure = tree.flatten(copy.deepcopy(value), leaves)
    places = [k for k, leaf in enumerate(leaves) if is_float(leaf)]
    for k, d in zip(places, direction, strict=True):
        leaves[k] = leaves[k] + step * d
    return tree.build(structure, iter(leaves))


def random_directions(args: Sequence[Any], seed: int) -> list[list[Any]]:
    """For each argument a direction for each of its floating-point leaves."""
    rng = np.random.default_rng(seed)
    found = []
    for arg in args:
        leaves: list[Any] = []
        tree.flatten(arg, leaves)
        found.append(
            [rng.standard_normal(np.shape(x)) if np.shape(x) else rng.standard_normal() for x in leaves if is_float(x)]
        )
    return found


def structured(arg: Any, direction: Sequence[Any]) -> Any:
    """A direction in the structure of its argument, or None where the argument has no floating-point number."""
    leaves: list[Any] = []
    structure = tree.flatten(arg, leaves)
    rest = iter(direction)
    parts = [
        (np.asarray(next(rest), dtype=np.asarray(x).dtype)[()] if np.shape(x) == () else next(rest).astype(x.dtype))
        if is_float(x)
        else None
        for x in leaves
    ]
    return tree.build(structure, iter(parts)) if direction else None


def difference(f: Callable[..., Any], args: Sequence[Any], directions: Sequence[Sequence[Any]], step: float) -> Any:
    """The derivative of all numbers of the result along a direction, by differences of sixth order."""
    total: Any = 0.0
    for k, weight in DIFFERENCES:
        ahead = f(*(moved(a, d, k * step) for a, d in zip(args, directions, strict=True)))
        behind = f(*(moved(a, d, -k * step) for a, d in zip(args, directions, strict=True)))
        total = total + weight * (numbers(ahead) - numbers(behind))
    return total / step


def agree(found: Any, wanted: Any, rtol: float, atol: float) -> bool:
    """Whether two vectors agree relative to the largest number expected, or absolutely."""
    scale = float(np.max(np.abs(wanted), initial=0.0))
    return bool(np.all(np.abs(np.asarray(found) - np.asarray(wanted)) <= atol + rtol * scale))


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    order: int = 1,
    modes: Sequence[str] = ("fwd", "rev"),
    *,
    rtol: float = 1e-6,
    atol: float = 1e-8,
    step: float = 1e-3,
    seed: int = 0,
) -> None:
    """Check the derivatives of a function at a point.

    Forward mode is compared with differences of sixth order along a random direction; reverse mode with forward mode
    by an inner product, <y_bar, J v> = <J^T y_bar, v>, which needs no differences; both again for each order.

    Parameters
    ----------
    f : callable
        A function of numbers, arrays and structures of them.
    args : sequence
        The point.
    order : int
        How many orders of derivatives to check.
    modes : sequence of {"fwd", "rev"}
        Which modes to check.
    rtol, atol : float
        Tolerances against differences; the two modes must agree a thousand times better.
    step : float
        The step of the differences, relative to a direction of unit normal numbers.
    seed : int
        Seed of the directions.

    Raises
    ------
    GradientError
        With both values, the direction and the listing, if a derivative is wrong.
    """
    from adcompile import api

    if not isinstance(args, tuple | list):
        raise ShapeError("the arguments are a sequence", help="write ad.check_grads(f, (x,))")
    args = tuple(args)
    directions = random_directions(args, seed)
    if not any(directions):
        raise ShapeError("no argument holds a floating-point number", help="pass 2.0, not 2; an array of floats")
    require_function(f, args)
    tangents = tuple(structured(a, d) for a, d in zip(args, directions, strict=True))
    y, y_dot = api.jvp(f, args, tangents)
    found = numbers(y_dot)
    if "fwd" in modes:
        wanted = difference(f, args, directions, step)
        if not agree(found, wanted, rtol, atol):
            raise disagreement(f, "forward mode", found, "differences", wanted, tangents, "forward")
    if "rev" in modes:
        check_reverse(f, args, y, found, directions, tangents, rtol / 1000, atol)
    if order > 1:
        check_next_order(f, args, order, modes, rtol, atol, step, seed)


def require_function(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """Refuse what differences cannot check: a function that draws random numbers, unless it seeds and follows them."""
    from adcompile.analyses.draws import require_differences
    from adcompile.dispatch import take_apart
    from adcompile.frontend.lower import lower

    program = lower(f, take_apart(args, {}).described()[0]).program
    require_differences(program.main, program.functions)


def check_reverse(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    y: Any,
    y_dot: Any,
    directions: Sequence[Sequence[Any]],
    tangents: tuple[Any, ...],
    rtol: float,
    atol: float,
) -> None:
    """The inner product of reverse mode's answer with the direction against that of forward mode's with the weights."""
    from adcompile import api

    (weights,) = random_directions((y,), 1)
    _, pullback = api.vjp(f, *args)
    bars = pullback(structured(y, weights))
    flat_bars = [numbers(bar) for bar in bars if bar is not None]
    flat_directions = [
        np.concatenate([np.ravel(np.asarray(x)) for x in d]) for d, bar in zip(directions, bars, strict=True) if d
    ]
    reverse = sum(float(b @ d) for b, d in zip(flat_bars, flat_directions, strict=True))
    flat_weights = np.concatenate([np.ravel(np.asarray(w)) for w in weights]) if weights else np.zeros(0)
    forward = float(flat_weights @ y_dot)
    scale = sum(float(np.abs(b) @ np.abs(d)) for b, d in zip(flat_bars, flat_directions, strict=True))
    if abs(reverse - forward) > atol + rtol * max(scale, abs(forward)):
        raise disagreement(f, "reverse mode", reverse, "forward mode", forward, tangents, "reverse")


def check_next_order(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    order: int,
    modes: Sequence[str],
    rtol: float,
    atol: float,
    step: float,
    seed: int,
) -> None:
    """Check the derivative of the derivative: of the gradient of a weighted sum of the results."""
    from adcompile import api

    wrt = tuple(k for k, a in enumerate(args) if numbers(a).size)
    if np.size(numbers(f(*copy.deepcopy(args)))) != 1:
        return
    slope = api.grad(f, wrt)
    check_grads(slope, args, order - 1, modes, rtol=rtol, atol=atol, step=step, seed=seed + 1)


def disagreement(
    f: Callable[..., Any], what: str, found: Any, other: str, wanted: Any, direction: Any, mode: str
) -> GradientError:
    """The error that shows a wrong derivative."""
    from adcompile.listing import dump

    try:
        listing = dump(f, mode)
    except ADError as error:  # the listing is a courtesy; its failure must not hide the disagreement
        listing = f"(no listing: {type(error).__name__})"
    name = getattr(f, "__name__", "the function")
    return GradientError(
        f"the derivative of `{name}` by {what} is not that by {other}\n"
        f"  {what}: {found}\n  {other}: {wanted}\n  direction: {direction}\n\n{listing}"
    )
