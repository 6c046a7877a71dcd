"""Linear inequalities over the integers: can they all hold at once?

By Fourier-Motzkin elimination, with constants rounded to integers. Answers "no" only where that is proved; knows
nothing of programs.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from math import gcd

Symbol = Hashable

#: a system that grows beyond this is given up, as one that may have a solution
MOST = 400


@dataclass(frozen=True)
class Linear:
    """An integer: a constant and a multiple of each of some symbols."""

    terms: Mapping[Symbol, int] = field(default_factory=dict)
    constant: int = 0

    def __add__(self, other: Linear | int) -> Linear:
        if isinstance(other, int):
            return Linear(self.terms, self.constant + other)
        terms = dict(self.terms)
        for symbol, factor in other.terms.items():
            terms[symbol] = terms.get(symbol, 0) + factor
        return Linear({s: f for s, f in terms.items() if f}, self.constant + other.constant)

    def __mul__(self, factor: int) -> Linear:
        return Linear({s: factor * f for s, f in self.terms.items()} if factor else {}, factor * self.constant)

    def __neg__(self) -> Linear:
        return self * -1

    def __sub__(self, other: Linear | int) -> Linear:
        return self + (-other)

    @property
    def number(self) -> int | None:
        """Its value, if it has no symbols."""
        return None if self.terms else self.constant


def symbol(name: Symbol) -> Linear:
    """The integer that a symbol stands for."""
    return Linear({name: 1})


def feasible(at_least_zero: Iterable[Linear], zero: Iterable[Linear] = ()) -> bool:
    """Whether integers may exist for which the first are not negative and the second are zero."""
    rows, equations = list(at_least_zero), list(zero)
    while equations:
        equation = equations.pop()
        if not equation.terms:
            if equation.constant:
                return False
            continue
        pivot = next((s for s, f in equation.terms.items() if abs(f) == 1), None)
        if pivot is None:
            if equation.constant % reduce(gcd, equation.terms.values()):
                return False
            rows += [equation, -equation]
            continue
        value = (equation - Linear({pivot: equation.terms[pivot]})) * -equation.terms[pivot]
        rows = [replaced(row, pivot, value) for row in rows]
        equations = [replaced(row, pivot, value) for row in equations]
    return eliminate(rows)


def replaced(row: Linear, name: Symbol, value: Linear) -> Linear:
    """The row with a symbol replaced."""
    factor = row.terms.get(name, 0)
    return row - Linear({name: factor}) + value * factor if factor else row


def eliminate(rows: list[Linear]) -> bool:
    """Whether all rows can be at least zero: symbol after symbol is eliminated, that with the fewest pairs first."""
    while True:
        distinct: dict[tuple[frozenset[tuple[Symbol, int]], int], Linear] = {}
        for row in map(tightened, rows):
            distinct.setdefault((frozenset(row.terms.items()), row.constant), row)
        if any(not row.terms and row.constant < 0 for row in distinct.values()):
            return False
        rows = [row for row in distinct.values() if row.terms]
        if not rows or len(rows) > MOST:
            return True
        names = dict.fromkeys(s for row in rows for s in row.terms)
        name = min(names, key=lambda s: pairs(rows, s))
        lower = [row for row in rows if row.terms.get(name, 0) > 0]
        upper = [row for row in rows if row.terms.get(name, 0) < 0]
        rest = [row for row in rows if name not in row.terms]
        rows = rest + [low * -up.terms[name] + up * low.terms[name] for low in lower for up in upper]


def pairs(rows: Iterable[Linear], name: Symbol) -> int:
    """How many rows eliminating a symbol makes."""
    signs = [row.terms.get(name, 0) for row in rows]
    return sum(f > 0 for f in signs) * sum(f < 0 for f in signs)


def tightened(row: Linear) -> Linear:
    """The row divided by what its factors have in common, its constant rounded down."""
    common = reduce(gcd, row.terms.values(), 0)
    return Linear({s: f // common for s, f in row.terms.items()}, row.constant // common) if common > 1 else row
