"""Reading and writing through index arrays and masks, in every mix with integers and slices.

An index comes as a text of one code an axis (see the compiler's primitives) and its run-time parts:
"i" an integer, "s011" a slice with the parts that are 1, "n" a new axis, "a" an integer array, "m" a mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba.extending import register_jitable

from adcompile.runtime.broadcasting import Together
from adcompile.runtime.template import compiles, define, indented, loops, rank, static


def decode(codes: str, parts: Sequence[Any]) -> tuple[Any, ...]:
    """The index as NumPy takes it."""
    found: list[Any] = []
    rest = iter(parts)
    for code in codes.split():
        if code[0] == "s":
            found.append(slice(*(next(rest) if present == "1" else None for present in code[1:])))
        else:
            found.append(None if code == "n" else next(rest))
    return tuple(found)


def gather(codes: str, a: Any, *parts: Any) -> Any:
    """A copy of a[index]."""
    return np.array(a[decode(codes, parts)], order="C")


def scatter(codes: str, a: Any, v: Any, *parts: Any) -> None:
    """a[index] = v; where a place is named twice, the last value stays."""
    a[decode(codes, parts)] = v


def scatter_add(codes: str, a: Any, v: Any, *parts: Any) -> None:
    """a[index] += v; where a place is named twice, both are added."""
    index = decode(codes, parts)
    np.add.at(a, index, np.broadcast_to(v, a[index].shape))


def drain(codes: str, a: Any, *parts: Any) -> Any:
    """Take a[index] out and leave zero, the last place first: what a place named twice held goes to its last name."""
    index = decode(codes, parts)
    taken = np.array(a[index], order="C")
    names = np.arange(taken.size).reshape(taken.shape)
    last = np.full(a.shape, -1)
    last[index] = names
    a[index] = 0
    return np.where(last[index] == names, taken, a.dtype.type(0))


class Plan:
    """The loops over what an index selects.

    NumPy's rule: the axes of the index arrays, broadcast together, come where they stand if they stand together, else
    first. An integer beside an index array counts as one.
    """

    def __init__(self, codes: Sequence[str], rank: int, part_ranks: Sequence[int]) -> None:
        self.part_ranks = part_ranks
        #: lines before the loops
        self.setup: list[str] = []
        #: how each axis of the array is indexed
        self.at: list[str] = []
        #: index and length of each axis of the result
        self.result: list[tuple[str, str]] = []
        self.arrays: dict[str, int] = {}
        self.part = 0
        stands: list[int] = []
        before = 0
        for place, code in enumerate(codes):
            if code[0] in "iam":
                before = before if stands else len(self.result)
                stands.append(place)
            {"n": self.new_axis, "s": self.slice, "m": self.mask}.get(code[0], self.number)(code)
        while len(self.at) < rank:
            self.slice("s000")
        if stands != list(range(stands[0], stands[-1] + 1)):
            before = 0
        self.place_arrays(before)

    def take_part(self) -> str:
        """The name of the next run-time part."""
        self.part += 1
        return f"p{self.part - 1}"

    def new_axis(self, code: str) -> None:
        self.result.append(("0", "1"))

    def slice(self, code: str) -> None:
        k = len(self.at)
        given = [self.take_part() if present == "1" else "None" for present in code[1:]]
        self.setup.append(f"b{k}, t{k}, m{k} = resolved({', '.join(given)}, a.shape[{k}])")
        self.result.append((f"k{k}", f"m{k}"))
        self.at.append(f"b{k} + k{k} * t{k}")

    def number(self, code: str) -> None:
        """An integer, or an array of them."""
        part = self.take_part()
        length = f"a.shape[{len(self.at)}]"
        if code == "a":
            self.arrays[part] = self.part_ranks[self.part - 1]
            self.setup += [f"check_all({part}, {length})"]
        else:
            self.setup += [f"check({part}, {length})"]
        self.at.append(part)

    def mask(self, code: str) -> None:
        """A mask is an index array for each of its axes."""
        part = self.take_part()
        count = self.part_ranks[self.part - 1]
        k = len(self.at)
        lengths = ", ".join(f"a.shape[{k + j}]" for j in range(count))
        self.setup += [f"check_mask({part}.shape, ({lengths},))", f"f{part} = np.nonzero({part})"]
        for j in range(count):
            self.setup.append(f"{part}q{j} = f{part}[{j}]")
            self.arrays[f"{part}q{j}"] = 1
            self.at.append(f"{part}q{j}")

    def place_arrays(self, before: int) -> None:
        """Broadcast the index arrays, and put their axes behind the first `before` of the result."""
        wide = max(self.arrays.values())
        axes = [(f"j{k}", f"w{k}") for k in range(wide)]
        t = Together(self.arrays, [j for j, _ in axes], [w for _, w in axes])
        self.setup += [*t.find_lengths(), *t.find_steps()]
        self.at = [t.at(x) if x in self.arrays else x for x in self.at]
        self.result[before:before] = axes

    def loops(self, body: Sequence[str], *, backwards: bool = False) -> list[str]:
        """The loops around a body, from the last place to the first where `backwards`."""
        axes = [(i, n) for i, n in self.result if i != "0"]
        bounds = [f"{n} - 1, -1, -1" if backwards else n for _, n in axes]
        return loops([i for i, _ in axes], bounds, body)

    @property
    def place(self) -> str:
        """The current element of the array."""
        return f"a[{', '.join(self.at)}]"

    @property
    def here(self) -> str:
        """Where that is in the result."""
        return ", ".join(i for i, _ in self.result)

    @property
    def shape(self) -> str:
        return f"({', '.join(n for _, n in self.result)},)"


@register_jitable
def resolved(start: Any, stop: Any, step: Any, n: int) -> Any:
    """A slice of an axis of length n: its first place, its step, and how many places it has."""
    t = 1 if step is None else step
    low, high = (0, n) if t > 0 else (-1, n - 1)
    first = (low if t > 0 else high) if start is None else clipped(start, n, low, high)
    last = (high if t > 0 else low) if stop is None else clipped(stop, n, low, high)
    return first, t, max(0, (last - first + t - (1 if t > 0 else -1)) // t)


@register_jitable
def clipped(k: int, n: int, low: int, high: int) -> int:
    return min(max(k + n if k < 0 else k, low), high)


@register_jitable
def check(k: int, n: int) -> None:
    """Refuse an index out of bounds."""
    if k < -n or k >= n:
        raise IndexError("index is out of bounds")


@register_jitable
def check_all(indices: Any, n: int) -> None:
    """Refuse an array of indices if one is out of bounds."""
    for k in indices.flat:
        check(k, n)


@register_jitable
def check_mask(shape: Any, lengths: Any) -> None:
    """Refuse a mask that is not of the shape of what it selects from."""
    if shape != lengths:
        raise IndexError("boolean index does not match the shape of the indexed array")


HELPERS = {"resolved": resolved, "check": check, "check_all": check_all, "check_mask": check_mask}


def plan_of(codes: Any, a: Any, parts: Any) -> Plan:
    return Plan(static(codes).split(), a.ndim, [rank(p) for p in parts])


def function(head: str, parts: Any, lines: Sequence[str]) -> Any:
    """A function that first names the parts of its index."""
    named = [f"p{k} = parts[{k}]" for k in range(len(parts))]
    return define([f"def impl({head}, *parts):", *indented([*named, *lines])], **HELPERS)


@compiles(gather, prefer_literal=True)
def compiled_gather(codes: Any, a: Any, *parts: Any) -> Any:
    plan = plan_of(codes, a, parts)
    lines = [*plan.setup, f"out = np.empty({plan.shape}, a.dtype)"]
    return function("codes, a", parts, [*lines, *plan.loops([f"out[{plan.here}] = {plan.place}"]), "return out"])


def writer(codes: Any, a: Any, v: Any, parts: Any, operator: str) -> Any:
    """A function that brings each element of a value, broadcast, to its place."""
    plan = plan_of(codes, a, parts)
    t = Together({"v": rank(v)}, [i for i, _ in plan.result], [n for _, n in plan.result])
    body = plan.loops([f"{plan.place} {operator} {t.at('v')}"])
    return function("codes, a, v", parts, [*plan.setup, *t.find_steps(), *body])


@compiles(scatter, prefer_literal=True)
def compiled_scatter(codes: Any, a: Any, v: Any, *parts: Any) -> Any:
    return writer(codes, a, v, parts, "=")


@compiles(scatter_add, prefer_literal=True)
def compiled_scatter_add(codes: Any, a: Any, v: Any, *parts: Any) -> Any:
    return writer(codes, a, v, parts, "+=")


@compiles(drain, prefer_literal=True)
def compiled_drain(codes: Any, a: Any, *parts: Any) -> Any:
    plan = plan_of(codes, a, parts)
    lines = [*plan.setup, f"out = np.empty({plan.shape}, a.dtype)"]
    body = plan.loops([f"out[{plan.here}] = {plan.place}", f"{plan.place} = 0"], backwards=True)
    return function("codes, a", parts, [*lines, *body, "return out"])


def take_along(x: Any, i: Any, axis: int) -> Any:
    """`np.take_along_axis`, in C order."""
    return np.ascontiguousarray(np.take_along_axis(x, i, axis))


def put_along(v: Any, i: Any, shape: tuple[int, ...], axis: int) -> Any:
    """Zeros of a shape, with every element of v added at the place that i gives along an axis."""
    out = np.zeros(shape, v.dtype)
    index = list(np.ogrid[tuple(slice(n) for n in i.shape)])
    index[axis] = i
    np.add.at(out, tuple(index), v)
    return out


def along(n: int, axis: int, body: str, length: str) -> list[str]:
    """Loops over an index array i, with a body that names this place, `here`, and the one along the axis, `there`."""
    indices = [f"x{k}" for k in range(n)]
    here = ", ".join(indices)
    there = ", ".join(f"i[{here}]" if k == axis else x for k, x in enumerate(indices))
    lines = loops(indices, [f"i.shape[{k}]" for k in range(n)], [body.format(here=here, there=there)])
    return [f"check_all(i, {length})", *lines]


@compiles(take_along, prefer_literal=True)
def compiled_take_along(x: Any, i: Any, axis: Any) -> Any:
    k = static(axis)
    lines = along(x.ndim, k, "out[{here}] = x[{there}]", f"x.shape[{k}]")
    head = ["def impl(x, i, axis):", "    out = np.empty(i.shape, x.dtype)"]
    return define([*head, *indented([*lines, "return out"])], **HELPERS)


@compiles(put_along, prefer_literal=True)
def compiled_put_along(v: Any, i: Any, shape: Any, axis: Any) -> Any:
    k = static(axis)
    lines = along(v.ndim, k, "out[{there}] += v[{here}]", f"shape[{k}]")
    head = ["def impl(v, i, shape, axis):", "    out = np.zeros(shape, v.dtype)"]
    return define([*head, *indented([*lines, "return out"])], **HELPERS)
