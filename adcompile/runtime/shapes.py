"""Repeating arrays to a shape, summing them back, joining them, and making room on a tape."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import register_jitable

from adcompile.runtime.template import compiles, define, loops


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum a cotangent over the axes along which its primal was repeated.

    Parameters
    ----------
    g : array, shape (*k, *m)
        Cotangent of the repeated value.
    shape : tuple of int
        Shape of the primal; each axis equals that of `g` or is 1 or is absent.

    Returns
    -------
    array, shape `shape`
        `g` itself where nothing was repeated.

    Source
    ------
    Transpose of the repetition x -> E x: g -> E^T g.

    Examples
    --------
    >>> unbroadcast(np.ones((3, 4)), (4,))
    array([3., 3., 3., 3.])
    """
    if g.shape == shape:
        return np.ascontiguousarray(g)
    lead = g.ndim - len(shape)
    g = g.sum(axis=tuple(range(lead))) if lead else g
    axes = tuple(k for k, n in enumerate(shape) if n == 1 and g.shape[k] != 1)
    return g.sum(axis=axes, keepdims=True) if axes else np.ascontiguousarray(g)


@compiles(unbroadcast)
def compiled_unbroadcast(g: Any, shape: Any) -> Any:
    lead = g.ndim - len(shape)
    indices = [f"i{k}" for k in range(g.ndim)]
    into = ", ".join(f"i{lead + k} if n{k} > 1 else 0" for k in range(len(shape)))
    lines = ["def impl(g, shape):"]
    if lead == 0:
        lines += ["    if g.shape == shape:", "        return np.ascontiguousarray(g)"]
    lines += [f"    n{k} = shape[{k}]" for k in range(len(shape))]
    lines.append("    out = np.zeros(shape, g.dtype)")
    lines += loops(indices, [f"g.shape[{k}]" for k in range(g.ndim)], [f"out[{into}] += g[{', '.join(indices)}]"])
    return define("\n".join([*lines, "    return out"]))


def broadcast_to(x: Any, shape: tuple[int, ...]) -> Any:
    """Repeat a number or an array to a shape; the array itself where it has it already."""
    if np.shape(x) == shape:
        return np.ascontiguousarray(x)
    return np.array(np.broadcast_to(x, shape), order="C")


@compiles(broadcast_to)
def compiled_broadcast_to(x: Any, shape: Any) -> Any:
    rank, inner = len(shape), getattr(x, "ndim", 0)
    if inner == 0:
        return define("def impl(x, shape):\n    return np.full(shape, x)")
    indices = [f"i{k}" for k in range(rank)]
    lead = rank - inner
    source = ", ".join(f"i{lead + k} if n{k} > 1 else 0" for k in range(inner))
    lines = ["def impl(x, shape):"]
    if lead == 0:
        lines += ["    if x.shape == shape:", "        return np.ascontiguousarray(x)"]
    lines += [f"    n{k} = x.shape[{k}]" for k in range(inner)]
    lines.append("    out = np.empty(shape, x.dtype)")
    lines += loops(indices, [f"shape[{k}]" for k in range(rank)], [f"out[{', '.join(indices)}] = x[{source}]"])
    return define("\n".join([*lines, "    return out"]))


@register_jitable
def reserve(tape: Any, n: int) -> Any:
    """The tape, or where it has fewer than `n` elements a copy at least twice as long."""
    if n <= tape.shape[0]:
        return tape
    longer = np.zeros(max(n, 2 * tape.shape[0]), tape.dtype)
    longer[: tape.shape[0]] = tape
    return longer


def concatenate(arrays: tuple[Any, ...], axis: int) -> Any:
    """`np.concatenate` of a tuple, in C order."""
    return np.ascontiguousarray(np.concatenate(arrays, axis=axis))


@compiles(concatenate)
def compiled_concatenate(arrays: Any, axis: Any) -> Any:
    return lambda arrays, axis: np.ascontiguousarray(np.concatenate(arrays, axis))


def stack(arrays: tuple[Any, ...], axis: int) -> Any:
    """`np.stack` of a tuple, in C order."""
    return np.ascontiguousarray(np.stack(arrays, axis=axis))


@compiles(stack)
def compiled_stack(arrays: Any, axis: Any) -> Any:
    return lambda arrays, axis: np.ascontiguousarray(np.stack(arrays, axis))


def contiguous_copy(x: Any) -> Any:
    """A copy in C order, of an array that need not be."""
    return np.array(x, order="C")


@compiles(contiguous_copy)
def compiled_contiguous_copy(x: Any) -> Any:
    if x.layout == "C":
        return lambda x: x.copy()
    return lambda x: np.ascontiguousarray(x)
