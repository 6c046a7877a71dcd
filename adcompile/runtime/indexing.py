"""Reading and writing through index arrays and masks, in every mix with integers and slices.

An index comes as a text of one code an axis (see the compiler's primitives) and its run-time parts:
"i" an integer, "s011" a slice with the parts that are 1, "n" a new axis, "a" an integer array, "m" a mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba.extending import register_jitable

from adcompile.runtime.template import compiles, define


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
    np.add.at(a, decode(codes, parts), v)


def drain(codes: str, a: Any, *parts: Any) -> Any:
    """Take a[index] out and leave zero, the last place first: the value of a place named twice goes to its last name."""
    index = decode(codes, parts)
    places = np.arange(a.size).reshape(a.shape)[index]
    flat = places.ravel()
    out = np.zeros(flat.shape, a.dtype)
    last = {place: k for k, place in enumerate(flat.tolist())}
    view = a.reshape(-1)
    for place, k in last.items():
        out[k] = view[place]
        view[place] = 0
    return out.reshape(places.shape)


class Plan:
    """The loops over what an index selects.

    NumPy's rule: the axes of the index arrays, broadcast together, come where they stand if they stand together, else
    first. An integer beside an index array counts as one.
    """

    def __init__(self, codes: list[str], rank: int, part_ranks: list[int]) -> None:
        self.setup: list[str] = []
        self.at: list[str] = []
        self.result: list[tuple[str, str]] = []
        arrays: list[tuple[str, int]] = []
        groups: list[int] = []
        part = axis = 0
        out: list[tuple[str, str]] = []
        full = [*codes, *["s000"] * (rank - self.axes_used(codes, part_ranks))]
        advanced_at = -1
        for place, code in enumerate(full):
            if code == "n":
                out.append(("0", "1"))
                continue
            if code[0] == "s":
                given = []
                for present in code[1:]:
                    given.append(f"p{part}" if present == "1" else "None")
                    part += present == "1"
                self.setup.append(f"s{axis}, e{axis}, t{axis} = bounds({', '.join(given)}, a.shape[{axis}])")
                self.setup.append(f"m{axis} = max(0, (e{axis} - s{axis} + t{axis} - (1 if t{axis} > 0 else -1)) // t{axis})")
                out.append((f"i{axis}", f"m{axis}"))
                self.at.append(f"s{axis} + i{axis} * t{axis}")
                axis += 1
                continue
            if advanced_at < 0:
                advanced_at = len(out)
            groups.append(place)
            if code == "m":
                count = part_ranks[part]
                self.setup.append(f"q{part} = np.nonzero(p{part})")
                for k in range(count):
                    self.setup.append(f"r{axis} = q{part}[{k}]")
                    arrays.append((f"r{axis}", 1))
                    self.at.append(f"r{axis}[ADV1]")
                    axis += 1
            elif code == "a":
                arrays.append((f"p{part}", part_ranks[part]))
                self.at.append(f"p{part}[ADV{part_ranks[part]}:p{part}]")
                axis += 1
            else:
                self.at.append(f"p{part}")
                axis += 1
            part += 1
        wide = max((r for _, r in arrays), default=0)
        adv = []
        for k in range(wide):
            sides = [f"{name}.shape[{k - wide + r}]" for name, r in arrays if k - wide + r >= 0]
            adv.append((f"j{k}", sides[0] if len(sides) == 1 else f"max({', '.join(sides)})"))
        self.at = [self.resolve(x, wide) for x in self.at]
        together = groups == list(range(groups[0], groups[-1] + 1)) if groups else True
        where = advanced_at if together and advanced_at >= 0 else 0
        self.result = [*out[:where], *adv, *out[where:]]

    @staticmethod
    def axes_used(codes: list[str], part_ranks: list[int]) -> int:
        used = part = 0
        for code in codes:
            if code[0] == "s":
                part += code[1:].count("1")
                used += 1
            elif code != "n":
                used += part_ranks[part] if code == "m" else 1
                part += 1
        return used

    @staticmethod
    def resolve(text: str, wide: int) -> str:
        """Write out which loop indices an index array is read at."""
        if "[ADV" not in text:
            return text
        name, rest = text.split("[ADV")
        rank = int(rest[0])
        at = [f"(j{wide - rank + k} if {name}.shape[{k}] > 1 else 0)" for k in range(rank)]
        return f"{name}[{', '.join(at)}]"

    def loops(self, body: list[str], backwards: bool = False) -> list[str]:
        """The loops around a body, from the last place to the first where `backwards`."""
        lines = ["    " + x for x in self.setup]
        depth = 1
        for k, (index, length) in enumerate(self.result):
            counter = f"x{k}"
            span = f"range({length} - 1, -1, -1)" if backwards else f"range({length})"
            lines.append("    " * depth + f"for {counter} in {span}:")
            depth += 1
            if index != "0":
                lines.append("    " * depth + f"{index} = {counter}")
        return lines + ["    " * depth + x for x in body]

    @property
    def shape(self) -> str:
        return ", ".join(length for _, length in self.result)

    @property
    def here(self) -> str:
        return ", ".join(f"x{k}" for k in range(len(self.result)))


@register_jitable
def bounds(start: Any, stop: Any, step: Any, n: int) -> Any:
    """A slice's start, stop and step on an axis of length n, as Python reads them."""
    t = 1 if step is None else step
    if t > 0:
        s = 0 if start is None else clipped(start, n, 0, n)
        e = n if stop is None else clipped(stop, n, 0, n)
    else:
        s = n - 1 if start is None else clipped(start, n, -1, n - 1)
        e = -1 if stop is None else clipped(stop, n, -1, n - 1)
    return s, e, t


@register_jitable
def clipped(k: int, n: int, low: int, high: int) -> int:
    k = k + n if k < 0 else k
    return min(max(k, low), high)


def plan_of(codes: Any, a: Any, parts: Any) -> Plan:
    return Plan(codes.literal_value.split(), a.ndim, [getattr(p, "ndim", 0) for p in parts])


def unpack(parts: Any) -> list[str]:
    return [f"    p{k} = parts[{k}]" for k in range(len(parts))]


@compiles(gather, prefer_literal=True)
def compiled_gather(codes: Any, a: Any, *parts: Any) -> Any:
    plan = plan_of(codes, a, parts)
    lines = ["def impl(codes, a, *parts):", *unpack(parts)]
    body = plan.loops([f"out[{plan.here}] = a[{', '.join(plan.at)}]"])
    setup = len(plan.setup)
    allocate = f"    out = np.empty(({plan.shape},), a.dtype)"
    return define("\n".join([*lines, *body[:setup], allocate, *body[setup:], "    return out"]), bounds=bounds)


def value_at(v: Any, plan: Plan) -> str:
    """The element of a value that goes to a place; the value is broadcast."""
    rank = getattr(v, "ndim", 0)
    lead = len(plan.result) - rank
    at = ", ".join(f"(x{lead + k} if v.shape[{k}] > 1 else 0)" for k in range(rank))
    return f"v[{at}]" if rank else "v"


def writer(codes: Any, a: Any, v: Any, parts: Any, operator: str) -> Any:
    plan = plan_of(codes, a, parts)
    lines = ["def impl(codes, a, v, *parts):", *unpack(parts)]
    return define(
        "\n".join([*lines, *plan.loops([f"a[{', '.join(plan.at)}] {operator} {value_at(v, plan)}"])]), bounds=bounds
    )


@compiles(scatter, prefer_literal=True)
def compiled_scatter(codes: Any, a: Any, v: Any, *parts: Any) -> Any:
    return writer(codes, a, v, parts, "=")


@compiles(scatter_add, prefer_literal=True)
def compiled_scatter_add(codes: Any, a: Any, v: Any, *parts: Any) -> Any:
    return writer(codes, a, v, parts, "+=")


@compiles(drain, prefer_literal=True)
def compiled_drain(codes: Any, a: Any, *parts: Any) -> Any:
    plan = plan_of(codes, a, parts)
    at = ", ".join(plan.at)
    lines = ["def impl(codes, a, *parts):", *unpack(parts)]
    body = plan.loops([f"out[{plan.here}] = a[{at}]", f"a[{at}] = 0"], backwards=True)
    setup = len(plan.setup)
    allocate = f"    out = np.zeros(({plan.shape},), a.dtype)"
    return define("\n".join([*lines, *body[:setup], allocate, *body[setup:], "    return out"]), bounds=bounds)


def take_along(x: Any, i: Any, axis: int) -> Any:
    """`np.take_along_axis`."""
    return np.take_along_axis(x, i, axis)


def put_along(v: Any, i: Any, shape: tuple[int, ...], axis: int) -> Any:
    """Zeros of a shape, with every element of v added at the place that i gives along an axis."""
    out = np.zeros(shape, v.dtype)
    index = list(np.ogrid[tuple(slice(n) for n in i.shape)])
    index[axis] = i
    np.add.at(out, tuple(index), v)
    return out


def along(rank: int, axis: int) -> tuple[str, str]:
    names = [f"x{k}" for k in range(rank)]
    here = ", ".join(names)
    names[axis] = f"i[{here}]"
    return here, ", ".join(names)


@compiles(take_along, prefer_literal=True)
def compiled_take_along(x: Any, i: Any, axis: Any) -> Any:
    here, there = along(x.ndim, axis.literal_value % x.ndim)
    lines = ["def impl(x, i, axis):", "    out = np.empty(i.shape, x.dtype)"]
    for k in range(x.ndim):
        lines.append("    " * (k + 1) + f"for x{k} in range(i.shape[{k}]):")
    lines.append("    " * (x.ndim + 1) + f"out[{here}] = x[{there}]")
    return define("\n".join([*lines, "    return out"]))


@compiles(put_along, prefer_literal=True)
def compiled_put_along(v: Any, i: Any, shape: Any, axis: Any) -> Any:
    here, there = along(v.ndim, axis.literal_value % v.ndim)
    lines = ["def impl(v, i, shape, axis):", "    out = np.zeros(shape, v.dtype)"]
    for k in range(v.ndim):
        lines.append("    " * (k + 1) + f"for x{k} in range(i.shape[{k}]):")
    lines.append("    " * (v.ndim + 1) + f"out[{there}] += v[{here}]")
    return define("\n".join([*lines, "    return out"]))
