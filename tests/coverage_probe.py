"""Runs every function of the coverage lists in both modes and both orders, and writes `docs/coverage.md` from what it finds.

The lists are in `listed/`: for each function a few probes, expressions of the sample arguments below. What is supported is
never written down by hand. `python tests/coverage_probe.py` prints what fails; `--write` writes the table; names choose functions.
"""

from __future__ import annotations

import ast
import json
import linecache
import math
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import oracles

from adcompile import api
from adcompile.errors import ADError
from adcompile.unit import Options

HERE = Path(__file__).parent
TABLE = HERE.parent / "docs" / "coverage.md"
#: the lists, and what each is a list of
LISTS = {
    "numba": "Differentiable forms that Numba 0.68 compiles",
    "autograd": "Functions with a derivative in autograd 1.9 that Numba does not compile",
    "more": "What neither of them has",
}
PLAIN = Options(jit=False, cache=False)
DIFFERENCES, EXACT, SINGLE = 2e-6, 1e-9, 2e-3


def samples(seed: int = 0) -> dict[str, Any]:
    """The arguments that probes are written in."""
    rng = np.random.default_rng(seed)

    def near(values: Any) -> Any:
        return np.asarray(values) * (1.0 + 0.03 * rng.uniform(-1.0, 1.0, np.shape(values)))

    m = near([[2.1, 0.4, 0.3], [0.4, 1.7, -0.2], [0.3, -0.2, 1.4]])
    return {
        "s": float(near(0.7)),
        "t": float(near(1.3)),
        "v": near([0.35, 0.84, 0.55, 0.72]),
        "w": near([1.6, 1.2, 1.9, 1.3]),
        "m": (m + m.T) / 2,
        "q": near([[0.5, -1.1], [0.8, 0.3], [-0.4, 0.9]]),
        "c": near(np.sin(1.0 + np.arange(24.0)).reshape(2, 3, 4)),
        "u": near([0.9, -0.6, 0.2, -1.4, 1.1]),
        "zr": near(0.6),
        "zi": near(0.4),
        "zcr": near([0.6, -0.5, 0.8, 0.3]),
        "zci": near([0.4, 0.7, -0.3, 0.5]),
    }


#: complex arguments, made of real ones, which differences can move
COMPLEX = {"z": ("zr", "zi"), "zc": ("zcr", "zci")}
SCOPE = {"np": np, "math": math, "gen": np.random.default_rng(0)}


@dataclass
class Outcome:
    """What one probe gave: for each check whether it held, and the first line of the error if there was one."""

    expression: str
    forward: bool = False
    reverse: bool = False
    second: bool = False
    single: bool = False
    complex: bool = False
    error: str = ""

    @property
    def right(self) -> bool:
        return self.forward and self.reverse and self.second


@dataclass
class Row:
    """What the table says of one function."""

    name: str
    outcomes: list[Outcome] = field(default_factory=list)

    def all_of(self, what: str) -> bool:
        return all(getattr(o, what) for o in self.outcomes)


def modules_in(expression: str) -> list[str]:
    """The modules that an expression names, to be imported."""
    names = (
        "scipy.special",
        "scipy.linalg",
        "scipy.stats",
        "scipy.signal",
        "scipy.integrate",
        "scipy.fft",
        "cmath",
        "operator",
    )
    return [f"import {name}" for name in names if f"{name}." in expression]


def written(expression: str) -> bool:
    """Whether a probe is a statement, or a call that writes into its first argument."""
    node = ast.parse(expression).body[0]
    if not isinstance(node, ast.Expr):
        return True
    return (
        ast.unparse(node).startswith(
            ("v.fill(", "v.sort(", "v.partition(", "np.fill_diagonal(", "np.put", "np.copyto(")
        )
        or ".at(" in expression
        or "out=" in expression
        or "np.place(" in expression
    )


def define(expression: str, real: bool, template: str = "{}") -> tuple[Callable[..., Any], list[str]]:
    """A function of the sample arguments in an expression and of weights, and the names of the arguments."""
    names = sorted({n.id for n in ast.walk(ast.parse(expression)) if isinstance(n, ast.Name)})
    arguments = [p for n in names for p in COMPLEX.get(n, (n,) if n in samples() else ())]
    lines = [f"{n} = {COMPLEX[n][0]} + 1j * {COMPLEX[n][1]}" for n in names if n in COMPLEX]
    if written(expression):
        target = next(n.id for n in ast.walk(ast.parse(expression)) if isinstance(n, ast.Name) and n.id in "vm")
        lines += [f"{target} = {target}.copy()", expression, f"y = {target}"]
    else:
        lines.append(f"y = {expression}")
    lines += ["return y"] if template == "value" else weighted(real)
    head = f"def probe({', '.join([*arguments, 'k'])}):"
    source = "\n".join([*modules_in(expression), head, *("    " + line for line in lines)]) + "\n"
    file = f"<probe {expression} {template} {real}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    scope: dict[str, Any] = dict(SCOPE)
    exec(compile(source, file, "exec"), scope)
    return scope["probe"], arguments


def weighted(real: bool) -> list[str]:
    """Lines that make one real number of `y`, not linear in it, so that also second derivatives are seen."""
    if real:
        return ["return np.sum(k * (y + 0.3 * y * y))"]
    return [
        "re, im = np.real(y), np.imag(y)",
        "return np.sum(k * (re + 0.3 * re * re)) + np.sum((k - 0.4) * (im - 0.2 * im * im))",
    ]


def check(expression: str, options: Options = PLAIN, seed: int = 0) -> Outcome:
    """Run one probe."""
    outcome = Outcome(expression)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            run(outcome, expression, options, seed)
        except ADError as error:
            outcome.error = str(error).splitlines()[0]
        except Exception as error:  # noqa: BLE001 - the table tells of it, whatever it is
            outcome.error = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return outcome


def run(outcome: Outcome, expression: str, options: Options, seed: int) -> None:
    """The checks of one probe; those that hold are noted as they are made."""
    value, names = define(expression, True, "value")
    args = tuple(samples(seed)[n] for n in names)
    y = np.asarray(oracles.call(value, (*args, 0.0)))
    real = y.dtype.kind != "c"
    f, _ = define(expression, real)
    k = np.cos(0.5 + 1.7 * np.arange(y.size)).reshape(y.shape)[()]
    full = (*args, k)
    wrt = tuple(range(len(args)))
    u = oracles.direction(oracles.flat(args).size)
    tangent = oracles.unflat(args, u)
    tolerance = SINGLE if "float32" in expression else DIFFERENCES
    expected = oracles.directional(f, full, wrt, u)
    found, y_dot = api.PushForward(f, 0, options)(full, (*tangent, None))
    oracles.assert_close(found, oracles.call(f, full), tolerance * 1e-4 if options.jit else 1e-11, "value")
    oracles.assert_close(y_dot, expected, tolerance, "forward mode")
    outcome.forward = True
    gradient = api.Grad(f, wrt, has_aux=False, mode="auto", options=options)
    slope = oracles.flat(gradient(*full))
    oracles.assert_close(
        slope @ u,
        np.asarray(y_dot),
        tolerance if "float32" in expression else EXACT,
        "reverse mode",
        float(np.abs(slope) @ np.abs(u)),
    )
    outcome.reverse = True
    bend = oracles.directional(gradient, full, wrt, u, step=2e-4)
    product = api.HessianVector(f, wrt, options)(full, tangent)
    oracles.assert_close(product, bend, tolerance * 2, "second order", float(np.max(np.abs(slope), initial=0.0)))
    outcome.second = True
    outcome.complex = any(n.id in COMPLEX for n in ast.walk(ast.parse(expression)) if isinstance(n, ast.Name))
    single = tuple(np.float32(a) if np.ndim(a) == 0 else a.astype(np.float32) for a in args)
    low = gradient(*single, np.float32(k) if np.ndim(k) == 0 else k.astype(np.float32))
    outcome.single = all(np.asarray(g).dtype == np.float32 for g in low) and bool(
        np.allclose(oracles.flat(low), slope, rtol=2e-3, atol=2e-3 * float(np.max(np.abs(slope), initial=1.0)))
    )


def probes(which: Iterable[str] = LISTS) -> dict[str, dict[str, list[str]]]:
    """For each list, the probes of each function."""
    return {name: json.loads((HERE / "listed" / f"{name}.json").read_text()) for name in which}


def rows(listed: dict[str, list[str]], chosen: Sequence[str] = (), options: Options = PLAIN) -> list[Row]:
    """The rows of one list."""
    return [
        Row(name, [check(e, options) for e in expressions])
        for name, expressions in listed.items()
        if not chosen or any(c in name for c in chosen)
    ]


# -- the table --------------------------------------------------------------------------------------------------

HEAD = """# What has a derivative

Made by `python tests/coverage_probe.py --write`, which runs every form in forward mode, reverse mode and second order: values against
NumPy, derivatives against differences, one mode against the other. The tests compare this table with what they find. `float32` says
that single precision stays single; `complex`, that a form takes complex numbers. Where a form is refused, its error stands in the last column.

- Derivatives follow the branch that was taken; at ties, kinks and singular points the conventions are those of the README.
- Of eigenvectors and singular vectors, the derivative does not exist where values are equal: it comes out infinite or NaN.
- Orders of Bessel functions and shape parameters of incomplete gamma and beta functions are not differentiated, but refused.
- Random draws are refused: draw them outside and pass them as an argument, so that every derivative sees the same.
"""
COLUMNS = ("forward", "reverse", "second", "single", "complex")


def line(row: Row) -> str:
    """One line of the table."""
    marks = ["yes" if row.all_of(c) else "" for c in COLUMNS]
    wrong = [o for o in row.outcomes if not o.right]
    note = "; ".join(f"`{o.expression}`: {o.error}" for o in wrong).replace("|", "\\|")
    forms = len(row.outcomes) if len(row.outcomes) > 1 else ""
    return f"| `{row.name}` | {forms} | {' | '.join(marks)} | {note} |"


def section(name: str, found: Sequence[Row]) -> str:
    """The table of one list, with how many of its functions have all three."""
    right = sum(all(o.right for o in row.outcomes) for row in found)
    head = f"## {LISTS[name]}: {right} of {len(found)}"
    columns = "| function | forms | forward | reverse | second order | float32 | complex | refused |"
    return "\n".join([head, "", columns, "| --- " * 8 + "|", *map(line, found)])


def main(arguments: list[str]) -> None:
    chosen = [a for a in arguments if not a.startswith("--")]
    options = Options(cache=False) if "--jit" in arguments else PLAIN
    which = [a[2:] for a in arguments if a[2:] in LISTS] or list(LISTS)
    found = {name: rows(listed, chosen, options) for name, listed in probes(which).items()}
    if "--write" in arguments:
        TABLE.write_text("\n\n".join([HEAD.rstrip(), *(section(n, r) for n, r in found.items())]) + "\n")
    outcomes = [o for listed in found.values() for row in listed for o in row.outcomes]
    for o in outcomes:
        if not o.right:
            marks = "".join(c if ok else "-" for c, ok in zip("FR2", (o.forward, o.reverse, o.second), strict=True))
            print(f"{marks} {o.expression}  {o.error}")  # noqa: T201
    print(f"{sum(o.right for o in outcomes)} of {len(outcomes)}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
