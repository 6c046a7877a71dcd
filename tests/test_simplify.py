"""Each line of the simplifications gives what it replaces, for every number, and is made only where the type stays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from rule_cases import finished
from rule_run import run

from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom, Value
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import FLOAT, INT, Array, Scalar
from adcompile.notation.apply import Scope
from adcompile.notation.parse import Apply, Star, parts
from adcompile.notation.rewriting import AsItIs
from adcompile.notation.tables import TABLES, Rewrite
from adcompile.rules import rewrite_eqn

pytestmark = pytest.mark.core

NUMBERS = np.array([0.0, 1.5, -2.0, np.inf, -np.inf, np.nan])
LINES = [pytest.param(line, id=line.left.text) for line in TABLES.rewrites]
STATICS = {"transpose": {"p": (1, 0), "q": (1, 0)}}


def both_sides(line: Rewrite, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """What a line's two sides amount to, of variables of a shape; c is a flag."""
    b = Builder()
    total = int(np.prod(shape))
    values = {"x": np.resize(NUMBERS, total).reshape(shape), "y": np.resize(NUMBERS[::-1], total).reshape(shape)}
    params = {n: Value(Array("float64", len(shape)) if shape else FLOAT, n) for n in values}
    masked = any(isinstance(p, Apply) and p.op == "broadcast_to" for p in parts(line.pattern))
    flag = Value(Array("bool", len(shape)) if masked else Scalar("bool"), "c")
    names: dict[str, Any] = {
        **params,
        "c": flag,
        "n": b.dims(flag if "c" in line.shapes else params["y"]),
        "p": (const(total),),
        "q": (const(total),),
    }
    names |= STATICS.get(line.pattern.op, {})
    scope = Scope(b, AsItIs(b), names, {}, TABLES)
    cut = len(line.pattern.args) - len(PRIMITIVES[line.pattern.op].params)
    operands: list[Atom] = []
    for arg in line.pattern.args[:cut]:
        operands += scope.several(arg.part) if isinstance(arg, Star) else [scope.evaluate(arg)]
    statics = dict(zip(PRIMITIVES[line.pattern.op].params, map(scope.static, line.pattern.args[cut:]), strict=True))
    simpler = rewrite_eqn(b, line.pattern.op, operands, statics)
    assert simpler is not None
    plain = b.emit(line.pattern.op, *operands, **statics)
    fn = finished(b, "sides", [*params.values(), flag], [plain, simpler])
    return run(fn, [*(v[()] for v in values.values()), np.arange(total) % 2 == 0 if masked else True])  # type: ignore[return-value]


def shapes(line: Rewrite) -> list[tuple[int, ...]]:
    if line.pattern.op == "transpose":
        return [(2, 3)]
    if line.pattern.op == "reshape" or any(
        isinstance(p, Apply) and p.op == "broadcast_to" for p in parts(line.pattern)
    ):
        return [(6,)]
    if line.left.text in ("where(True, x, y)", "where(False, x, y)"):
        return [()]
    return [(), (6,), (2, 3)]


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("line", LINES)
def test_rewrite_keeps_the_value(line: Rewrite) -> None:
    for shape in shapes(line):
        plain, simpler = both_sides(line, shape)
        np.testing.assert_array_equal(simpler, plain, err_msg=str(shape))


VECTOR = Value(Array("float64", 1), "x")
SINGLE = Value(Array("float32", 1), "x")
WHOLE = Value(Array("int64", 1), "x")
FLAGS = Value(Array("bool", 1), "c")


@pytest.mark.parametrize(
    "primitive, operands",
    [
        ("mul", (WHOLE, const(1.0))),  # becomes float64
        ("add", (SINGLE, Value(FLOAT, "y"))),
        ("mul", (SINGLE, const(1.0, FLOAT))),  # becomes float64
        ("div", (WHOLE, const(1))),  # becomes float64
        ("where", (FLAGS, VECTOR, VECTOR)),  # the flags may have more elements
        ("where", (const(True), Value(FLOAT, "x"), VECTOR)),  # repeats x
        ("real", (Value(Array("complex128", 1), "x"),)),
        ("mul", (VECTOR, const(0))),  # NaN where x is
        ("mul", (VECTOR, const(True))),
    ],
)
def test_no_rewrite_where_something_would_change(primitive: str, operands: tuple[Atom, ...]) -> None:
    assert rewrite_eqn(Builder(), primitive, operands, {}) is None


def test_repetition_is_dropped_only_for_known_lengths() -> None:
    b = Builder()
    n = Value(INT, "n")
    repeated = b.emit("broadcast_to", Value(FLOAT, "s"), n)
    assert rewrite_eqn(b, "mul", (repeated, VECTOR), {}) is None
    repeated = b.emit("broadcast_to", Value(FLOAT, "s"), *b.dims(VECTOR))
    assert rewrite_eqn(b, "mul", (repeated, VECTOR), {}) is not None


def test_transposing_twice_is_nothing() -> None:
    b = Builder()
    x = Value(Array("float64", 3), "x")
    once = b.emit("transpose", x, axes=(1, 2, 0))
    assert rewrite_eqn(b, "transpose", (once,), {"axes": (2, 0, 1)}) is x
