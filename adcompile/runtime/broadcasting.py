"""Repeating arrays along axes, summing them back, and what is done to arrays that are repeated to one shape.

NumPy's rule: shapes are aligned at their ends, and an axis of length 1 stretches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from adcompile.runtime.lanes import LanesType, adder, setter
from adcompile.runtime.template import compiles, define, dtype_of, indented, loops, rank

MISFIT = "operands could not be broadcast together"


class Together:
    """Arrays and numbers that are broadcast together: the lines that do it, given the loops over the result.

    Along an axis of length 1 an array has the step 0. Where all arrays have one shape, steps cost time for nothing.

    Parameters
    ----------
    ranks : dict
        The number of axes of each, by name; 0 for a number.
    indices, lengths : sequence of str
        The loop variables over the axes of the result, and the variables that hold their lengths.
    """

    def __init__(self, ranks: dict[str, int], indices: Sequence[str], lengths: Sequence[str]) -> None:
        self.ranks = ranks
        self.indices = list(indices)
        self.lengths = list(lengths)
        self.place = ", ".join(indices)
        self.shape = f"({', '.join(lengths)},)"

    def axes(self) -> list[tuple[str, int, int]]:
        """Each axis of each array: the array's name, which of its axes, and which of the result's."""
        n = len(self.indices)
        return [(name, k, n - r + k) for name, r in self.ranks.items() for k in range(r)]

    def find_lengths(self) -> list[str]:
        """The lines that find the lengths of the result."""
        lines = [f"{length} = 1" for length in self.lengths]
        for name, k, axis in self.axes():
            lines += [f"if {name}.shape[{k}] != 1:", f"    {self.lengths[axis]} = {name}.shape[{k}]"]
        return lines

    def find_steps(self) -> list[str]:
        """The lines that find the step of each array along each axis, and refuse what does not fit."""
        lines = []
        for name, k, axis in self.axes():
            lines += [
                f"{name}_{k} = 0 if {name}.shape[{k}] == 1 else 1",
                f"if {name}_{k} == 1 and {name}.shape[{k}] != {self.lengths[axis]}:",
                f"    raise ValueError({MISFIT!r})",
            ]
        return lines

    def at(self, name: str, *, stepping: bool = True) -> str:
        """An array read at the current place; a number as it is."""
        parts = [self.indices[axis] + (f" * {a}_{k}" if stepping else "") for a, k, axis in self.axes() if a == name]
        return f"{name}[{', '.join(parts)}]" if parts else name

    def alike(self) -> str:
        """A condition for all arrays to have one shape; empty where their ranks differ."""
        arrays = [name for name, r in self.ranks.items() if r]
        if any(self.ranks[name] != len(self.indices) for name in arrays):
            return ""
        return " and ".join(f"{name}.shape == {arrays[0]}.shape" for name in arrays[1:]) or "True"


def together(n: int, **ranks: int) -> Together:
    """Arrays broadcast to `n` axes, under loops over i0, i1, ... up to n0, n1, ..."""
    return Together(ranks, [f"i{k}" for k in range(n)], [f"n{k}" for k in range(n)])


def lengths_of(name: str, n: int) -> list[str]:
    """The lengths of an array's axes."""
    return [f"{name}.shape[{k}]" for k in range(n)]


def where(flag: Any, x: Any, y: Any) -> Any:
    """`np.where` with three operands."""
    return np.where(flag, x, y)


@compiles(where)
def compiled_where(flag: Any, x: Any, y: Any) -> Any:
    ranks = {"flag": rank(flag), "x": rank(x), "y": rank(y)}
    n = max(ranks.values())
    t = together(n, **ranks)
    lines = ["def impl(flag, x, y):"]
    if t.alike():
        widest = next(name for name, r in ranks.items() if r == n)
        value = "{1} if {0} else {2}".format(*(t.at(name, stepping=False) for name in ranks))
        fast = loops(t.indices, lengths_of(widest, n), [f"out[{t.place}] = {value}"])
        lines += [f"    if {t.alike()}:", *indented([f"out = np.empty({widest}.shape, dtype)", *fast, "return out"], 2)]
    value = "{1} if {0} else {2}".format(*map(t.at, ranks))
    body = [*t.find_lengths(), *t.find_steps(), f"out = np.empty({t.shape}, dtype)"]
    body += loops(t.indices, t.lengths, [f"out[{t.place}] = {value}"])
    dtype = np.result_type(dtype_of(x), dtype_of(y)).type
    return define([*lines, *indented([*body, "return out"])], dtype=dtype)


def add_to(view: Any, x: Any) -> None:
    """view += x, without the view being stored into where it came from."""
    np.add(view, x, out=view)


def set_to(view: Any, x: Any) -> None:
    """view[...] = x, of memory that `x` does not share; Numba's own takes seconds to compile what it would say otherwise."""
    view[...] = x


def writer(view: Any, x: Any, operator: str) -> Any:
    """The loops that write into a view, element by element."""
    n = rank(view)
    t = together(n, x=rank(x))
    lines = ["def impl(view, x):"]
    if rank(x) == n:
        fast = loops(t.indices, lengths_of("view", n), [f"view[{t.place}] {operator} {t.at('x', stepping=False)}"])
        lines += ["    if x.shape == view.shape:", *indented([*fast, "return"], 2)]
    body = [f"n{k} = view.shape[{k}]" for k in range(n)] + t.find_steps()
    body += loops(t.indices, t.lengths, [f"view[{t.place}] {operator} {t.at('x')}"])
    return define([*lines, *indented(body)])


@compiles(add_to)
def compiled_add_to(view: Any, x: Any) -> Any:
    return adder(view, x) if isinstance(x, LanesType) else writer(view, x, "+=")


@compiles(set_to)
def compiled_set_to(view: Any, x: Any) -> Any:
    return setter(view, x) if isinstance(x, LanesType) else writer(view, x, "=")


def broadcast_to(x: Any, shape: tuple[int, ...]) -> Any:
    """Repeat an array to a shape; the array itself where it has it already."""
    if x.shape == shape:
        return np.ascontiguousarray(x)
    return np.array(np.broadcast_to(x, shape), order="C")


@compiles(broadcast_to)
def compiled_broadcast_to(x: Any, shape: Any) -> Any:
    n = len(shape)
    t = together(n, x=rank(x))
    lines = ["def impl(x, shape):"]
    if rank(x) == n:
        lines += ["    if x.shape == shape:", "        return np.ascontiguousarray(x)"]
    body = [f"n{k} = shape[{k}]" for k in range(n)] + t.find_steps()
    body += ["out = np.empty(shape, x.dtype)", *loops(t.indices, t.lengths, [f"out[{t.place}] = {t.at('x')}"])]
    return define([*lines, *indented([*body, "return out"])])


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

    Notes
    -----
    The transpose of the repetition x -> E x: g -> E^T g.

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
    n, r = rank(g), len(shape)
    lead = n - r
    indices, lengths = [f"i{k}" for k in range(n)], lengths_of("g", n)
    here = ", ".join(indices)
    lines = ["def impl(g, shape):"]
    if lead == 0:
        lines += ["    if g.shape == shape:", "        return np.ascontiguousarray(g)"]
    body = ["out = np.zeros(shape, g.dtype)"]
    if lead:
        same = " and ".join(f"shape[{k}] == g.shape[{lead + k}]" for k in range(r))
        fast = loops(indices, lengths, [f"out[{', '.join(indices[lead:])}] += g[{here}]"])
        body += [f"if {same}:", *indented([*fast, "return out"])]
    body += [f"s{k} = 0 if shape[{k}] == 1 else 1" for k in range(r)]
    into = ", ".join(f"i{lead + k} * s{k}" for k in range(r))
    body += loops(indices, lengths, [f"out[{into}] += g[{here}]"])
    return define([*lines, *indented([*body, "return out"])])
