"""Turns what was measured into a table for the terminal, files of Markdown and CSV, and plots."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.scientific.harness import Row, least

RESULTS = Path(__file__).parent.parent / "results"
TOOLS = ("primal", "adcompile", "hand", "jax", "torch", "autograd")

#: ratios: their heading, and the tools of which the first's time is set above the second's
RATIOS = {
    "ours/primal": ("adcompile", "primal"),
    "ours/hand": ("adcompile", "hand"),
    "jax/ours": ("jax", "adcompile"),
    "torch/ours": ("torch", "adcompile"),
    "autograd/ours": ("autograd", "adcompile"),
}


def mean(ratios: Iterable[float | None]) -> float | None:
    """The geometric mean of the ratios that there are."""
    logs = [math.log(r) for r in ratios if r is not None]
    return math.exp(sum(logs) / len(logs)) if logs else None


def milliseconds(seconds: float | None) -> str:
    """Three digits of a time."""
    return "" if seconds is None else f"{seconds * 1e3:#.3g}"


def cells(row: Row) -> list[str]:
    """A line of the table: milliseconds of each tool's best form, then the ratios."""
    times = [milliseconds(least(row.seconds, tool)) for tool in TOOLS]
    ratios = [row.ratio(*pair) for pair in RATIOS.values()]
    return [row.kernel, *times, *("" if r is None else f"{r:.2f}" for r in ratios)]


def summary(name: str, rows: Sequence[Row]) -> list[str]:
    """A last line: the geometric mean of each ratio."""
    means = [mean(row.ratio(*pair) for row in rows) for pair in RATIOS.values()]
    return [name, *("" for _ in TOOLS), *("" if m is None else f"{m:.2f}" for m in means)]


def table(rows: Sequence[Row]) -> list[list[str]]:
    """Heading, a line for each kernel, and the means, also of the loops by themselves."""
    loops = [row for row in rows if row.loops]
    last = [summary("geometric mean", rows)]
    if loops and len(loops) < len(rows):
        last.append(summary("of loops", loops))
    return [["ms", *TOOLS, *RATIOS], *map(cells, rows), *last]


def plain(lines: Sequence[Sequence[str]]) -> str:
    """A table for the terminal."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        line[0].ljust(widths[0]) + "".join(c.rjust(w + 2) for c, w in zip(line[1:], widths[1:], strict=True))
        for line in lines
    )


def markdown(title: str, lines: Sequence[Sequence[str]], remarks: Sequence[str]) -> str:
    """The same as a page, with remarks below."""
    head, *body = ("| " + " | ".join(line) + " |" for line in lines)
    rule = "| --- |" + " --: |" * (len(lines[0]) - 1)
    below = "".join(f"- {r}\n" for r in remarks)
    return f"# {title}\n\n" + "\n".join((head, rule, *body)) + "\n" + (f"\n{below}" if below else "")


def notes(rows: Sequence[Row]) -> list[str]:
    """Who could not, and whose gradients differ, kernel by kernel."""
    return [f"{row.kernel}: {c}" for row in rows for c in (*row.failed, *row.differ)]


def write(rows: Sequence[Row], folder: Path = RESULTS) -> list[Path]:
    """Write table and plot of one size and number of cores, and every time of every form."""
    folder.mkdir(parents=True, exist_ok=True)
    size, cores = rows[0].size, rows[0].cores
    stem = folder / f"scientific-{size}-{cores}"
    title = f"Value and gradient of scientific kernels, size {size}, {'one core' if cores == '1' else 'all cores'}"
    page = stem.with_suffix(".md")
    page.write_text(markdown(title, table(rows), notes(rows)), encoding="utf-8")
    times = stem.with_suffix(".csv")
    with times.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["kernel", "tool", "milliseconds", "milliseconds of the first call"])
        for row in rows:
            out.writerows(
                [row.kernel, tool, f"{s * 1e3:.4g}", f"{row.compile_seconds[tool] * 1e3:.3g}"]
                for tool, s in row.seconds.items()
            )
    return [page, times, *plot(rows, title, stem.with_suffix(".svg"))]


def plot(rows: Sequence[Row], title: str, path: Path) -> list[Path]:
    """Draw every tool's derivative as a multiple of the primal, where matplotlib is installed."""
    try:
        import matplotlib as mpl
    except ImportError:
        print("matplotlib is not installed: no plot")
        return []
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "adcompile"
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(9, 0.32 * len(rows) + 1.6), layout="constrained")
    markers = dict(zip(TOOLS[1:], "os^Dv", strict=True))
    for tool, marker in markers.items():
        ratios = [(row.ratio(tool, "primal"), k) for k, row in enumerate(rows)]
        there = [(r, k) for r, k in ratios if r is not None]
        if there:
            axes.plot(*zip(*there, strict=True), marker, label=tool, markersize=5)
    axes.set_yticks(range(len(rows)), [row.kernel for row in rows])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.axvline(1.0, color="0.6", linewidth=0.8)
    axes.grid(visible=True, axis="both", linewidth=0.3)
    axes.set_xlabel("time of value and gradient / time of the primal under Numba")
    axes.set_title(title, fontsize=10)
    axes.legend(fontsize=8, ncols=len(markers))
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    return [path]
