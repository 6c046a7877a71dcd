"""`python -m benchmarks.gradbench`: a tool process for GradBench; with `--time [problem...]`, a table of times."""

from __future__ import annotations

import argparse
import sys

from benchmarks.gradbench.server import EVALS, serve


def main() -> int:
    """Serve GradBench on standard input and output, or measure without it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gradbench", description=__doc__)
    parser.add_argument("--time", nargs="*", metavar="PROBLEM", choices=EVALS, help="time all problems, or those named")
    parser.add_argument("--large", action="store_true", help="with --time: all sizes, not only the smaller ones")
    chosen = parser.parse_args()
    if chosen.time is None:
        serve(sys.stdin, sys.stdout)
    else:
        from benchmarks.gradbench.timing import report

        report(chosen.time or EVALS, large=chosen.large)
    return 0


if __name__ == "__main__":
    sys.exit(main())
