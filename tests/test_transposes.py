"""Each line of the transposes is right: the inner product of g with L u is that of the transposed g with u."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from rule_cases import finished, generator, inner, like, type_of
from rule_run import run

from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Function, Value
from adcompile.notation.apply import Scope
from adcompile.notation.match import LINEAR
from adcompile.notation.parse import Formula, Name, parts
from adcompile.notation.rewriting import AsItIs
from adcompile.notation.tables import TABLES, Transpose

pytestmark = pytest.mark.core

Case = dict[str, Any]

#: for each operation: what its variables stand for, by shape, or by value for all but `u`, `v`, `c`
CASES: dict[str, list[Case]] = {
    **{op: [{"u": (3,), "c": (3,)}, {"u": (), "c": ()}] for op in ("mul", "div", "real", "real_part", "imag", "conj")},
    "where": [{"u": (3,), "v": (3,), "c": np.array([True, False, True])}],
    "cast": [{"u": (3,), "dtype": "float64"}],
    "sum": [
        {"u": (2, 3), "axis": a, "keepdims": k} for a, k in [(None, False), (0, True), (-1, False), ((0, 1), False)]
    ],
    "expand": [
        {"u": (2,), "n": (2, 3), "axis": 1, "keepdims": False},
        {"u": (1, 3), "n": (2, 3), "axis": 0, "keepdims": True},
        {"u": (), "n": (2, 3), "axis": None, "keepdims": False},
    ],
    **{op: [{"u": (2, 3), "axis": 0}, {"u": (4,), "axis": -1}] for op in ("cumsum", "flip")},
    "recurrence": [{"u": (2, 3), "c": (2, 3), "axis": 1}, {"u": (4,), "c": (4,), "axis": 0}],
    "roll": [{"u": (2, 3), "s": 2, "axis": 1}],
    "take_along": [{"u": (2, 3), "i": np.array([[2, 0], [1, 1]]), "axis": 1}],
    "put_along": [{"u": (2, 2), "i": np.array([[2, 0], [1, 1]]), "n": (2, 3), "axis": 1}],
    "contiguous_reshape": [{"u": (2, 3), "n": (6,)}],
    "transpose": [{"u": (2, 3, 4), "axes": (2, 0, 1)}],
    "broadcast_to": [{"u": (2, 1), "n": (2, 3)}, {"u": (), "n": (3,)}],
    "unrepeated": [{"u": (2, 3), "n": (3,)}, {"u": (2, 3), "n": ()}],
    "unbroadcast": [{"u": (2, 3), "n": (3,)}, {"u": (2, 3), "n": (2, 1)}],
    "tril": [{"u": (3, 4), "k": 1}],
    "triu": [{"u": (3, 4), "k": -1}],
    "full": [{"u": (), "n": (2, 3), "dtype": "float64"}],
    **{op: [{"u": (2, 3)}, {"u": (2, 3, 4)}] for op in ("mT", "column", "row")},
    **{op: [{"u": (3,), "c": (3,)}] for op in ("outer", "dot")},
    **{op: [{"u": (3, 3)}] for op in ("phi", "lower_symmetric", "lower_folded")},
    **{op: [{"u": (3, 3)}] for op in ("upper_part", "upper_spread", "diagonal_of")},
    "diagonal_matrix": [{"u": (3,)}],
    "unit_columns": [{"u": (3, 3), "c": (3, 3)}],
    "fft": [{"u": (4,), "axis": 0, "inverse": False}, {"u": (2, 3), "axis": 1, "inverse": True}],
    "solve": [{"u": (3,), "c": (3, 3)}, {"u": (3, 2), "c": (3, 3)}],
}
#: products of matrices: the shapes of the left and of the right operand
PRODUCTS = {
    "mv": [((2, 3), (3,))],
    "vm": [((2,), (2, 3))],
    "matmul": [((2, 3), (3, 4))],
    "bmm": [((2, 2, 3), (2, 3, 4)), ((2, 3), (4, 3, 2)), ((2, 1, 2, 3), (3, 3, 2))],
    "bmv": [((4, 2, 3), (3,))],
    "bvm": [((2,), (4, 2, 3))],
}

LINES = [pytest.param(line, id=line.left.text) for line in TABLES.transposes]


def cases(line: Transpose) -> list[Case]:
    op = line.pattern.op
    if op in PRODUCTS:
        left, right = (str(a) for a in line.pattern.args)
        return [{left: a, right: b} for a, b in PRODUCTS[op]]
    return CASES[op]


def drawn(name: str, given: Any, line: Transpose, kind: str) -> Any:
    """A value for a variable of a pattern."""
    if not isinstance(given, tuple) or name not in ("u", "v", "c"):
        return given
    rng = generator(line.left.text, name, given, kind)
    value = rng.uniform(0.5, 1.5, given) * rng.choice([-1.0, 1.0], given)
    if kind == "complex":
        value = value + 1j * rng.uniform(0.5, 1.5, given)
    return value[()]


def program(line: Transpose, formula: Formula, values: Case) -> tuple[Function, list[Any]]:
    """A formula as a function of the variables that are arrays or numbers."""
    b = Builder()
    names: dict[str, Any] = {}
    params: list[Value] = []
    for name, value in values.items():
        if isinstance(value, np.ndarray | np.generic):
            names[name] = Value(type_of(value), name)
            params.append(names[name])
        elif name == "n":
            names[name] = tuple(const(d) for d in value)
        else:
            names[name] = const(value) if name == "s" else value
    used = {p.name for p in parts(formula) if isinstance(p, Name)}
    result = Scope(b, AsItIs(b), names, {}, TABLES).evaluate(formula)
    assert used <= set(names)
    return finished(b, "line", params, [result]), [values[p.name] for p in params]


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("line", LINES)
def test_transpose_is_adjoint(line: Transpose, kind: str) -> None:
    used = {p.name for p in parts(line.pattern) if isinstance(p, Name)}
    for case in cases(line):
        if kind == "complex" and "dtype" in case:
            continue
        values = {n: drawn(n, v, line, kind) for n, v in case.items() if n in used}
        (image,) = run(*program(line, line.pattern, values))
        g = like(generator("g", line.left.text), image)
        total = 0.0
        for u, formula in zip(LINEAR, line.formulas, strict=False):
            (bar,) = run(*program(line, formula, {**values, "g": g}))
            assert np.shape(bar) == np.shape(values[u])
            total += inner([bar], [values[u]])
        assert total == pytest.approx(inner([g], [image]), rel=1e-10, abs=1e-10), case
