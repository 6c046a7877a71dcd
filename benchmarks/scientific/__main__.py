"""`python -m benchmarks.scientific [names] [--size S|M] [--cores 1|all]`: derivatives of scientific kernels by every tool.

Sizes and cores not given are all measured. Threads are limited before libraries are imported, so each number of cores has
a process of its own. Tables and plots go to `benchmarks/results/` when all kernels were measured.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys

from benchmarks.scientific import peers, report
from benchmarks.scientific.harness import SIZES, Kernel, Row, measure
from benchmarks.scientific.kernels import KERNELS

CORES = ("1", "all")
WORKER = "ADCOMPILE_BENCHMARK_WORKER"


def parsed(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scientific", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="kernels, by default all")
    parser.add_argument("--size", choices=SIZES, action="append", help="S or M, by default both")
    parser.add_argument("--cores", choices=CORES, action="append", help="1 or all, by default both")
    parser.add_argument("--compile-torch", action="store_true", help="measure torch.compile besides; it takes minutes")
    given = parser.parse_args(argv)
    unknown = sorted(set(given.names) - {k.name for k in KERNELS})
    if unknown:
        parser.error(f"no kernel {', '.join(unknown)}; there are {', '.join(k.name for k in KERNELS)}")
    return given


def work(kernels: list[Kernel], size: str, cores: str, *, compile_torch: bool) -> None:
    """Measure in this process, whose threads are limited, and print a line of JSON for each kernel."""
    if cores == "1" and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for kernel in kernels:
        print(json.dumps(measure(kernel, size, cores, compile_torch=compile_torch).plain()), flush=True)


def measured(options: list[str], size: str, cores: str) -> list[Row]:
    """The rows of one size and number of cores, measured in a process of its own and printed as they come."""
    limits = peers.ONE_THREAD if cores == "1" else {}
    command = [sys.executable, "-m", "benchmarks.scientific", *options, "--size", size, "--cores", cores]
    rows: list[Row] = []
    print(f"\nsize {size}, {'one core' if cores == '1' else 'all cores'}: milliseconds of a call", flush=True)
    worker = subprocess.Popen(command, env={**os.environ, **limits, WORKER: "1"}, stdout=subprocess.PIPE, text=True)
    for line in worker.stdout or ():
        rows.append(Row(**json.loads(line)))
        print(
            f"  {rows[-1].kernel:16}" + "  ".join(f"{t} {s * 1e3:#.3g}" for t, s in rows[-1].seconds.items()),
            flush=True,
        )
    if worker.wait():
        sys.exit(worker.returncode)
    return rows


def main(argv: list[str]) -> int:
    """Measure what was asked for, and print and write the tables."""
    given = parsed(argv)
    chosen = [k for k in KERNELS if not given.names or k.name in given.names]
    if WORKER in os.environ:
        work(chosen, given.size[0], given.cores[0], compile_torch=given.compile_torch)
        return 0
    for line in peers.missing():
        print(line)
    options = [*given.names, *(["--compile-torch"] if given.compile_torch else [])]
    differ = False
    for size in given.size or SIZES:
        for cores in given.cores or CORES:
            rows = measured(options, size, cores)
            print(report.plain(report.table(rows)), flush=True)
            print("\n".join(report.notes(rows)), file=sys.stderr, flush=True)
            differ |= any(row.differ for row in rows)
            for path in report.write(rows) if not given.names else ():
                print("written:", path.relative_to(report.RESULTS.parent.parent))
    return int(differ)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
