"""Times of the problems without GradBench: derivatives beside the primal and beside derivatives written by hand.

The numbers are those of this machine; inputs are random, the same in every run.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from benchmarks.gradbench.byhand import BY_HAND
from benchmarks.gradbench.evals import Eval, Function, rng
from benchmarks.gradbench.server import load
from benchmarks.measure import best, warm_up


class Row(NamedTuple):
    """Seconds of one variant of one problem at one size; None where there is nothing to time."""

    name: str
    size: str
    derivative: float
    primal: float | None
    by_hand: float | None
    compile: float


def report(names: Iterable[str], *, large: bool) -> None:
    """Print a line for each problem, variant and size."""
    warm_up()
    print(f"{'':34}{'derivative':>14}{'primal':>14}{'ratio':>8}{'by hand':>14}{'ratio':>8}{'compile':>10}")
    for name in names:
        found = load(name)
        for variant in found.variants:
            for row in rows(name, found, variant, large=large):
                print(shown(row), flush=True)


def rows(name: str, found: Eval, variant: str, *, large: bool) -> Iterable[Row]:
    """The rows of a variant, one for each size."""
    function = found.functions[variant]
    label = name if len(found.variants) == 1 else f"{name} {variant}"
    start = time.perf_counter()
    for given in found.samples(variant):
        function.run(*function.decode(given))
    compiling = time.perf_counter() - start
    for size in list(found.sizes)[: None if large else 2]:
        given = found.sizes[size](rng())
        primal = found.functions[found.primal] if found.primal else None
        by_hand = BY_HAND.get(name)
        yield Row(
            label,
            size,
            seconds(function, given),
            seconds(primal, given) if primal else None,
            best(by_hand, function.decode(given)) if by_hand else None,
            compiling,
        )


def seconds(function: Function, given: Any) -> float:
    """Seconds for a call."""
    return best(function.run, function.decode(given))


def shown(row: Row) -> str:
    """A row of the table."""

    def beside(other: float | None) -> str:
        return f"{'-':>14}{'-':>8}" if other is None else f"{other * 1e6:11.1f} us{row.derivative / other:8.2f}"

    first = f"{row.name:14}{row.size:20}{row.derivative * 1e6:11.1f} us"
    return f"{first}{beside(row.primal)}{beside(row.by_hand)}{row.compile:8.2f} s"
