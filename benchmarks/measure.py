"""Times one program and its derivative in one process: seconds to compile cold, and seconds for a call.

What is measured is in `kernels`; the table is printed by `__main__`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numba

import adcompile as ad
from adcompile.backend.compile import FAST
from benchmarks.kernels import Kernel

REPEATS = 7
AT_LEAST = 0.02  # seconds of calls behind each timing


class Figures(NamedTuple):
    """Seconds for a call, and for the first call, which compiles."""

    name: str
    primal: float
    derivative: float
    primal_first: float
    derivative_first: float

    @property
    def ratio(self) -> float:
        return self.derivative / self.primal

    @property
    def compile_ratio(self) -> float:
        return self.derivative_first / self.primal_first


def first_call(f: Callable[..., Any], args: tuple[Any, ...]) -> float:
    """Seconds until the first call is back."""
    start = time.perf_counter()
    f(*args)
    return time.perf_counter() - start


def best(f: Callable[..., Any], args: tuple[Any, ...]) -> float:
    """Seconds for a call, the least of several timings: what the machine does besides only ever adds."""
    calls = max(1, int(AT_LEAST / max(first_call(f, args), 1e-7)))
    timings = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        for _ in range(calls):
            f(*args)
        timings.append((time.perf_counter() - start) / calls)
    return min(timings)


def fastest(calls: Mapping[str, Callable[[], Any]], rounds: int = REPEATS, least: float = AT_LEAST) -> dict[str, float]:
    """Seconds for each of several calls, timed in turns, so that a change of the machine's speed meets them all.

    Parameters
    ----------
    calls : mapping of str to callable
        By name. They have run before, if compiling is not to be timed.
    rounds : int
        How often the turn comes to each; the least timing counts.
    least : float
        Seconds of calls behind each timing.
    """

    def seconds(call: Callable[[], Any], count: int) -> float:
        start = time.perf_counter()
        for _ in range(count):
            call()
        return (time.perf_counter() - start) / count

    found = {name: seconds(call, 1) for name, call in calls.items()}
    counts = {name: max(1, int(least / max(s, 1e-7))) for name, s in found.items()}
    for _ in range(rounds if least else 0):
        found = {name: min(s, seconds(calls[name], counts[name])) for name, s in found.items()}
    return found


def warm_up() -> None:
    """Compile something, so that Numba's own start and that of adcompile are in no figure."""
    numba.njit(lambda x: x + 1.0)(1.0)
    ad.value_and_grad(lambda x: x * x, cache=False)(1.0)


def measure(kernel: Kernel) -> Figures:
    """Time a program under Numba, with the options that its derivative is compiled with, and `value_and_grad` of it."""
    primal = numba.njit(error_model="numpy", fastmath=set(FAST))(kernel.function)
    derivative = ad.value_and_grad(kernel.function, kernel.argnum, cache=False)
    firsts = first_call(primal, kernel.args), first_call(derivative, kernel.args)
    return Figures(kernel.function.__name__, best(primal, kernel.args), best(derivative, kernel.args), *firsts)
