"""What a second thread gains: derivatives of `prange` loops, ``python -m benchmarks.threads``.

Each with ``parallel=True`` on one thread and on all, against the same derivative without; all in one process, in turns.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numba
import numpy as np
from numba import prange

import adcompile as ad

TURNS, CALLS = 7, 5


def logistic(w, x):
    """Sums over rows: each chunk has a gradient of its own."""
    total = 0.0
    for i in prange(x.shape[0]):
        t = 0.0
        for j in range(w.shape[0]):
            t += w[j] * x[i, j]
        total += np.log(1.0 + np.exp(-t))
    return total


def relaxed(w, x):
    """Rows in place: each is written by one iteration."""
    y = x.copy()
    for i in prange(y.shape[0]):
        for _ in range(10):
            for j in range(1, y.shape[1]):
                y[i, j] = np.sin(y[i, j] + w[j] * y[i, j - 1])
    return np.sum(y * y)


def diffused(w, x):
    """A stencil: iterations near each other add to the same elements."""
    v = x.copy()
    for i in prange(1, x.shape[0] - 1):
        for j in range(1, x.shape[1] - 1):
            v[i, j] = np.exp(-w[j] * x[i - 1, j] * x[i + 1, j]) * x[i, j - 1] * x[i, j + 1]
    return np.sum(v * v)


def problems() -> Iterator[tuple[Callable[..., Any], tuple[Any, ...]]]:
    """The functions and their arguments."""
    rng = np.random.default_rng(0)
    w = rng.uniform(0.5, 1.5, 64)
    yield logistic, (w, rng.standard_normal((50_000, 64)))
    yield relaxed, (w, rng.standard_normal((5_000, 64)))
    yield diffused, (np.ones(1_000), rng.standard_normal((1_000, 1_000)))


def main() -> None:
    """Print the table."""
    every = numba.get_num_threads()
    print(f"milliseconds a call{'':13}serial  1 thread  {every} threads  serial / {every} threads")
    for f, args in problems():
        serial = ad.value_and_grad(f, argnums=(0, 1))
        parallel = ad.value_and_grad(f, argnums=(0, 1), parallel=True)
        ways = [(serial, every), (parallel, 1), (parallel, every)]
        best = [float("inf")] * len(ways)
        for _ in range(TURNS):
            for k, (way, threads) in enumerate(ways):
                numba.set_num_threads(threads)
                way(*args)
                best[k] = min(best[k], *timeit.repeat(partial(way, *args), number=1, repeat=CALLS))
        shown = "".join(f"{1e3 * t:10.2f}" for t in best)
        print(f"{f.__name__:28}{shown}{best[0] / best[-1]:12.2f}")


if __name__ == "__main__":
    main()
