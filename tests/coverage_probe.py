"""Runs every function of the coverage lists in both modes and both orders, and writes `docs/coverage.md` from what it finds.

The lists are in `listed/`: for each function a few probes, expressions of the sample arguments below. What is supported is
never written down by hand. `python tests/coverage_probe.py` prints what fails; `--write` writes the table; names choose functions, whose lines alone are then new;
`--inside` runs each probe in a branch of a loop, `--seed=3` at another point and with other weights, `--jit` compiled.
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
from draws_oracle import Followed, NumPy

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
GENERATOR = np.random.default_rng(0)
SCOPE = {"np": np, "math": math, "gen": GENERATOR}
BEGINNING = GENERATOR.bit_generator.state


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


def is_drawn(expression: str) -> bool:
    """Whether a probe draws random numbers."""
    return "np.random." in expression or "gen." in expression


def define(
    expression: str, real: bool, template: str = "", scope: dict[str, Any] | None = None
) -> tuple[Callable[..., Any], list[str]]:
    """A function of the sample arguments in an expression and of weights, and the names of the arguments.

    `template` is "value" for the expression alone, "inside" for a branch of a loop.
    """
    names = sorted({n.id for n in ast.walk(ast.parse(expression)) if isinstance(n, ast.Name)})
    arguments = [p for n in names for p in COMPLEX.get(n, (n,) if n in samples() else ())]
    lines = [f"{n} = {COMPLEX[n][0]} + 1j * {COMPLEX[n][1]}" for n in names if n in COMPLEX]
    if written(expression):
        target = next(n.id for n in ast.walk(ast.parse(expression)) if isinstance(n, ast.Name) and n.id in "vm")
        lines += [f"{target} = {target}.copy()", expression, f"y = {target}"]
    else:
        lines.append(f"y = {expression}")
    if template == "value":
        lines.append("return y")
    elif template == "inside":
        first = len([n for n in names if n in COMPLEX])
        turn = [*lines[first:], *weighted(real, "total = 0.5 * total + ")]
        lines = [
            *lines[:first],
            "total = 0.0",
            "for turn in range(3):",
            "    if turn != 1:",
            *("        " + row for row in turn),
        ]
        lines += ["    else:", "        total = total * 1.5", "return total"]
    else:
        lines += weighted(real)
    head = f"def probe({', '.join([*arguments, 'k'])}):"
    source = "\n".join([*modules_in(expression), head, *("    " + line for line in lines)]) + "\n"
    file = f"<probe {expression} {template} {real}>"
    inner = SCOPE if scope is None else scope
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace: dict[str, Any] = dict(inner)
    exec(compile(source, file, "exec"), namespace)
    return namespace["probe"], arguments


def weighted(real: bool, begin: str = "return ") -> list[str]:
    """Lines that make one real number of `y`, not linear in it, so that also second derivatives are seen."""
    if real:
        return [begin + "np.sum(k * (y + 0.3 * y * y))"]
    return [
        "re, im = np.real(y), np.imag(y)",
        begin + "np.sum(k * (re + 0.3 * re * re)) + np.sum((k - 0.4) * (im - 0.2 * im * im))",
    ]


def seeded(f: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with all random draws from the beginning."""

    def run(*args: Any) -> Any:
        np.random.seed(5)
        GENERATOR.bit_generator.state = BEGINNING
        return f(*args)

    return run


def followed(expression: str, template: str) -> Callable[..., Any]:
    """A probe that draws, as a function that differences can follow: what was drawn at first keeps its probability."""
    np.random.seed(5)
    own, other = Followed(np.random), Followed(np.random.default_rng(0))
    f, _ = define(expression, True, template, {"np": NumPy(own), "math": math, "gen": other})

    def run(*args: Any) -> Any:
        own.again()
        other.again()
        return f(*args)

    return run


def check(expression: str, options: Options = PLAIN, seed: int = 0, template: str = "") -> Outcome:
    """Run one probe."""
    outcome = Outcome(expression)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            run(outcome, expression, options, seed, template)
        except ADError as error:
            outcome.error = str(error).splitlines()[0]
        except Exception as error:  # noqa: BLE001 - the table tells of it, whatever it is
            outcome.error = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return outcome


def run(outcome: Outcome, expression: str, options: Options, seed: int, template: str) -> None:
    """The checks of one probe; those that hold are noted as they are made."""
    value, names = define(expression, True, "value")
    args = tuple(samples(seed)[n] for n in names)
    y = np.asarray(oracles.call(value, (*args, 0.0)))
    real = y.dtype.kind != "c"
    f, _ = define(expression, real, template)
    reference = followed(expression, template) if is_drawn(expression) else f
    weights = np.random.default_rng(seed).uniform(-1.2, 1.2, y.size) if seed else np.cos(0.5 + 1.7 * np.arange(y.size))
    k = weights.reshape(y.shape)[()]
    full = (*args, k)
    wrt = tuple(range(len(args)))
    u = oracles.direction(oracles.flat(args).size)
    tangent = oracles.unflat(args, u)
    tolerance = SINGLE if "float32" in expression else DIFFERENCES
    wanted = oracles.call(reference, full)
    expected = oracles.directional(reference, full, wrt, u)
    found, y_dot = seeded(api.PushForward(f, 0, options))(full, (*tangent, None))
    oracles.assert_close(found, wanted, tolerance * 1e-4 if options.jit else 1e-11, "value")
    oracles.assert_close(y_dot, expected, tolerance, "forward mode")
    outcome.forward = True
    gradient = seeded(api.Grad(f, wrt, has_aux=False, mode="auto", options=options))
    slope = oracles.flat(gradient(*full))
    oracles.assert_close(
        slope @ u,
        np.asarray(y_dot),
        tolerance if "float32" in expression else EXACT,
        "reverse mode",
        float(np.abs(slope) @ np.abs(u)),
    )
    outcome.reverse = True
    product = seeded(api.HessianVector(f, wrt, options))(full, tangent)
    if is_drawn(expression):  # the gradient at another place draws anew
        bend = oracles.directional(lambda *x: oracles.directional(reference, x, wrt, u), full, wrt, u, step=4e-3)
        product = oracles.flat(product) @ u
    else:
        bend = oracles.directional(gradient, full, wrt, u, step=2e-4)
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


def rows(
    listed: dict[str, list[str]],
    chosen: Sequence[str] = (),
    options: Options = PLAIN,
    seed: int = 0,
    template: str = "",
) -> list[Row]:
    """The rows of one list."""
    return [
        Row(name, [check(e, options, seed, template) for e in expressions])
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
- Orders of Bessel functions are not differentiated, but refused.
- A random draw has the derivative of its quantile: what it would have become at the same probability. Differences follow the quantile,
  computed from SciPy's distribution functions.
"""
COLUMNS = ("forward", "reverse", "second", "single", "complex")


def line(row: Row) -> str:
    """One line of the table."""
    marks = ["yes" if row.all_of(c) else "" for c in COLUMNS]
    wrong = [o for o in row.outcomes if not o.right]
    note = "; ".join(f"`{o.expression}`: {o.error}" for o in wrong).replace("|", "\\|")
    forms = len(row.outcomes) if len(row.outcomes) > 1 else ""
    return f"| `{row.name}` | {forms} | {' | '.join(marks)} | {note} |"


def section(name: str, lines: Sequence[str]) -> str:
    """The table of one list, with how many of its functions have all three."""
    right = sum(" | yes | yes | yes | " in row for row in lines)
    head = f"## {LISTS[name]}: {right} of {len(lines)}"
    columns = "| function | forms | forward | reverse | second order | float32 | complex | refused |"
    return "\n".join([head, "", columns, "| --- " * 8 + "|", *lines])


def written_table(found: dict[str, list[Row]]) -> str:
    """The whole table, with the lines that it has for functions that were not run."""
    now = {(name, row.name): line(row) for name, listed in found.items() for row in listed}
    tables = TABLE.read_text(encoding="utf-8").split("\n## ")[1:]
    before = {
        (name, row.split("`")[1]): row
        for name, table in zip(LISTS, tables, strict=True)
        for row in table.splitlines()
        if row.startswith("| `")
    }
    lines = {name: [(before | now)[name, f] for f in listed] for name, listed in probes().items()}
    return "\n\n".join([HEAD.rstrip(), *(section(n, rows_) for n, rows_ in lines.items())]) + "\n"


def main(arguments: list[str]) -> None:
    chosen = [a for a in arguments if not a.startswith("--")]
    options = Options(cache=False) if "--jit" in arguments else PLAIN
    which = [a[2:] for a in arguments if a[2:] in LISTS] or list(LISTS)
    seed = int(next((a.removeprefix("--seed=") for a in arguments if a.startswith("--seed=")), "0"))
    template = "inside" if "--inside" in arguments else ""
    found = {name: rows(listed, chosen, options, seed, template) for name, listed in probes(which).items()}
    if "--write" in arguments:
        TABLE.write_text(written_table(found), encoding="utf-8")
    outcomes = [o for listed in found.values() for row in listed for o in row.outcomes]
    for o in outcomes:
        if not o.right:
            marks = "".join(c if ok else "-" for c, ok in zip("FR2", (o.forward, o.reverse, o.second), strict=True))
            print(f"{marks} {o.expression}  {o.error}")  # noqa: T201
    print(f"{sum(o.right for o in outcomes)} of {len(outcomes)}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
