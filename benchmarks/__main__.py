"""`python -m benchmarks [names]`: a table of derivatives against their programs."""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.kernels import kernels
from benchmarks.measure import measure, warm_up


def main(names: list[str]) -> int:
    """Measure the programs named, or all, and print a line for each."""
    chosen = [k for k in kernels() if not names or k.function.__name__ in names]
    if not chosen:
        print("no such kernel; there are", ", ".join(k.function.__name__ for k in kernels()), file=sys.stderr)
        return 2
    warm_up()
    print("value_and_grad against the program itself under Numba, on one core")
    print(f"{'':10}{'primal':>12}{'derivative':>14}{'ratio':>8}{'compile':>11}{'derivative':>13}{'ratio':>8}")
    figures = []
    for kernel in chosen:
        f = measure(kernel)
        figures.append(f)
        run = f"{f.primal * 1e6:9.1f} us{f.derivative * 1e6:11.1f} us{f.ratio:8.2f}"
        print(f"{f.name:10}{run}{f.primal_first:9.2f} s{f.derivative_first:11.2f} s{f.compile_ratio:8.2f}", flush=True)
    means = [np.exp(np.mean(np.log([getattr(f, r) for f in figures]))) for r in ("ratio", "compile_ratio")]
    print(f"{'geometric mean':36}{means[0]:8.2f}{'':24}{means[1]:8.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
