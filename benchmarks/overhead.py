"""What a call costs besides its work, and how long the first one takes: ``python -m benchmarks.overhead``.

The work here is next to nothing. Kernels that do some are in `kernels`.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import timeit
from collections.abc import Callable, Iterator
from pathlib import Path

import numba
import numpy as np

import adcompile as ad

CALLS, REPEATS = 20_000, 9
ROOT = Path(__file__).parents[1]


def two(x, y):
    return x * y + math.sin(y)


def four(a, b, c, d):
    s = 0.0
    for i in range(a.shape[0]):
        s += a[i] * b[i] * c[i] * d[i]
    return s


def per_call(call: Callable[[], object]) -> float:
    """Seconds for a call: the shortest of several series."""
    call()
    return min(timeit.repeat(call, number=CALLS, repeat=REPEATS)) / CALLS


def calls() -> Iterator[tuple[str, Callable[[], object]]]:
    """What is called, in words, and the call."""
    a, b, c, d = arrays = [np.linspace(0.0, 1.0, 4) + k for k in range(4)]
    all_four = (0, 1, 2, 3)
    slope, slopes, both = ad.grad(two), ad.grad(four), ad.value_and_grad(two, (0, 1))
    by_all, hessian = ad.grad(four, all_four), ad.hessian(four)
    one, several = np.empty(4), tuple(np.empty(4) for _ in arrays)
    primal_two, primal_four = numba.njit(two), numba.njit(four)
    given_back = numba.njit(lambda a, b, c, d: (np.empty_like(a), np.empty_like(b), np.empty_like(c), np.empty_like(d)))
    yield "nothing at all", lambda: None
    yield "Numba: a function of two numbers", lambda: primal_two(2.0, 3.0)
    yield "grad, two numbers", lambda: slope(2.0, 3.0)
    yield "value_and_grad by both of two numbers", lambda: both(2.0, 3.0)
    yield "jvp, two numbers", lambda: ad.jvp(two, (2.0, 3.0), (1.0, 0.0))
    yield "Numba: a number from four arrays", lambda: primal_four(a, b, c, d)
    yield "Numba: four arrays from four arrays", lambda: given_back(a, b, c, d)
    yield "grad by one of four arrays", lambda: slopes(a, b, c, d)
    yield "grad by one of four arrays, out=", lambda: slopes(a, b, c, d, out=one)
    yield "grad by all of four arrays", lambda: by_all(a, b, c, d)
    yield "grad by all of four arrays, out=", lambda: by_all(a, b, c, d, out=several)
    yield "hessian by one of four arrays", lambda: hessian(a, b, c, d)


START = """
import json, time
begin = time.perf_counter()
import numba, numpy as np
{imports}
imported = time.perf_counter()
from benchmarks.overhead import four
arrays = [np.linspace(0.0, 1.0, 4) + k for k in range(4)]
before = time.perf_counter()
f = {make}
f(*arrays)
print(json.dumps([imported - begin, time.perf_counter() - before]))
"""
PRIMAL = START.format(imports="", make="numba.njit(four, cache=True)")
DERIVATIVE = START.format(imports="import adcompile as ad", make="ad.value_and_grad(four)")


def start(program: str, folder: str) -> tuple[float, float]:
    """Seconds that a new process takes to import, and for its first call."""
    environment = {**os.environ, "ADCOMPILE_CACHE_DIR": folder, "NUMBA_CACHE_DIR": folder, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    imports, first = json.loads(done.stdout)
    return imports, first


def starts() -> Iterator[tuple[str, float, float, float]]:
    """For the program under Numba and its derivative: seconds to import, and for the first call, cold and from the disk."""
    for name, program in (("Numba: the program", PRIMAL), ("value_and_grad of it", DERIVATIVE)):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o700)
            cold = start(program, folder)
            warm = min((start(program, folder) for _ in range(3)), key=sum)
        yield name, warm[0], cold[1], warm[1]


def main() -> int:
    """Print both tables."""
    print("seconds for a call, on one core")
    for name, call in calls():
        print(f"  {name:42}{per_call(call) * 1e6:8.2f} us", flush=True)
    print("\nseconds in a new process")
    print(f"  {'':42}{'import':>8}{'cold':>8}{'warm':>8}")
    for name, imports, cold, warm in starts():
        print(f"  {name:42}{imports:8.2f}{cold:8.2f}{warm:8.2f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
