"""Derivatives at the points where textbooks hesitate, and what a formula asks of the primal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from rule_cases import difference, finished, type_of
from rule_run import run

from adcompile.errors import NoRule
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom, Eqn, Function, Value
from adcompile.ir.types import FLOAT, Array, Scalar, rank
from adcompile.rules import has_rule, is_constant, vjp_of
from adcompile.transforms.jvp import jvp
from adcompile.transforms.vjp import vjp

pytestmark = pytest.mark.core

Body = Callable[..., Any]


class Emitting(Builder):
    """A builder on which an operation is a method: `b.sin(x)`, and numbers are constants."""

    def __getattr__(self, primitive: str) -> Callable[..., Any]:
        def emit(*operands: Any, **params: Any) -> Any:
            return self.emit(primitive, *(o if hasattr(o, "type") else const(o) for o in operands), **params)

        return emit


def total(b: Emitting, y: Atom) -> Atom:
    return y if rank(y.type) == 0 else b.sum(y, axis=None, keepdims=False)


def program(body: Body, args: Sequence[Any]) -> Function:
    """A function of one real result: the sum of what `body` makes of its parameters."""
    b = Emitting()
    params = [Value(type_of(a), f"x{k}") for k, a in enumerate(args)]
    return finished(b, "f", params, [total(b, body(b, *params))])


def gradient_program(fn: Function, wrt: Sequence[bool] | None = None) -> Function:
    return vjp(fn, wrt or [True] * len(fn.params), {}, keep_results=False).function


def gradient(body: Body, *args: Any, wrt: Sequence[bool] | None = None) -> tuple[Any, ...]:
    """The gradient in reverse, which forward mode is seen to agree with."""
    fn = program(body, args)
    bars = run(gradient_program(fn, wrt), [*args, 1.0])
    rng = np.random.default_rng(7)
    flags = wrt or [True] * len(args)
    dots = [np.asarray(rng.uniform(-1.0, 1.0, np.shape(a)))[()] for a, w in zip(args, flags, strict=True) if w]
    forward = run(jvp(fn, flags, {}).function, [*args, *dots])[1]
    assert forward == pytest.approx(sum(np.sum(g * d) for g, d in zip(bars, dots, strict=True)), nan_ok=True)
    return bars


def hessian_product(body: Body, x: Any, v: Any) -> Any:
    """Forward over reverse and reverse over reverse, which agree."""
    grad = gradient_program(program(body, [x]))
    over = jvp(grad, [True, False], {}).function
    forward = run(over, [x, 1.0, v])[1]
    again = vjp(grad, [True, False], {}, keep_results=False).function
    np.testing.assert_allclose(run(again, [x, 1.0, v])[0], forward, rtol=1e-10, atol=1e-10)
    return forward


# -- kinks ----------------------------------------------------------------------------------------------------------


def test_tie_with_a_constant_gives_it_everything() -> None:
    assert gradient(lambda b, x: b.maximum(x, 0.0), 0.0) == (0.0,)
    assert gradient(lambda b, x: b.minimum(1.0, x), 1.0) == (0.0,)
    assert gradient(lambda b, x, y: b.maximum(x, y), 2.0, 2.0, wrt=[False, True]) == (0.0,)


def test_tie_of_two_is_shared() -> None:
    assert gradient(lambda b, x, y: b.maximum(x, y), 2.0, 2.0) == (0.5, 0.5)
    assert gradient(lambda b, x, y: b.minimum(x, y), 2.0, 2.0) == (0.5, 0.5)


@pytest.mark.parametrize("op", ["max", "min"])
def test_tie_of_a_reduction_is_shared(op: str) -> None:
    x = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]) * (1 if op == "max" else -1)
    (g,) = gradient(lambda b, x: getattr(b, op)(x, axis=1, keepdims=False), x)
    np.testing.assert_allclose(g, [[0, 1 / 2, 1 / 2], [1 / 3, 1 / 3, 1 / 3]])


def test_derivatives_at_zero_are_zero() -> None:
    assert gradient(lambda b, x: b.abs(x), 0.0) == (0.0,)
    assert gradient(lambda b, x, y: b.hypot(x, y), 0.0, 0.0) == (0.0, 0.0)
    assert gradient(lambda b, y, x: b.arctan2(y, x), 0.0, 0.0) == (0.0, 0.0)
    assert gradient(lambda b, x: b.abs(b.mul(x, 1j)), 0.0) == (0.0,)


# -- powers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "x, y, dx", [(0.0, 0.0, 0.0), (0.0, 1.0, 1.0), (0.0, 2.0, 0.0), (0.0, 0.5, np.inf), (-2.0, 3.0, 12.0)]
)
def test_power_of_variable_exponent(x: float, y: float, dx: float) -> None:
    assert gradient(lambda b, x, y: b.pow(x, y), x, y, wrt=[True, False]) == (dx,)


def test_power_with_base_zero_does_not_depend_on_the_exponent() -> None:
    assert gradient(lambda b, x, y: b.pow(x, y), 0.0, 2.0) == (0.0, 0.0)
    assert gradient(lambda b, y: b.pow(0.0, y), 2.0) == (0.0,)


@pytest.mark.parametrize("n", [0, 1, 2, 3, -1, 0.0, 1.0, 2.0, 0.5])
def test_power_of_constant_exponent(n: float) -> None:
    for x in (1.5, -1.5 if n != 0.5 else 2.5, *([0.0] if n >= 1 else [])):
        assert gradient(lambda b, x: b.pow(x, n), x)[0] == pytest.approx(n * x ** (n - 1) if n else 0.0)


def test_power_of_constant_exponent_needs_no_logarithm() -> None:
    fn = program(lambda b, x: b.pow(x, 2.0), [1.5])
    used = {n.primitive for n in gradient_program(fn).body.nodes if isinstance(n, Eqn)}
    assert used == {"pow", "mul"}  # the power itself, and x_bar = g * (2.0 * x)


# -- products with zeros --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zeros", [(), (1,), (1, 3), (0, 1, 3)])
@pytest.mark.parametrize("op", ["prod", "cumprod"])
def test_products_are_exact_with_zeros(op: str, zeros: tuple[int, ...]) -> None:
    x = np.array([1.5, -2.0, 0.5, 3.0])
    x[list(zeros)] = 0.0
    weights = np.array([1.0, -0.5, 2.0, 0.7])

    def body(b: Emitting, x: Value) -> Any:
        if op == "prod":
            return b.prod(x, axis=0, keepdims=False)
        return b.mul(b.cumprod(x, axis=0), b.array(*weights.tolist(), shape=(4,), dtype="float64"))

    fn = program(body, [x])
    (g,) = gradient(body, x)
    v = np.array([0.3, -1.0, 0.8, 0.2])
    assert np.sum(g * v) == pytest.approx(float(difference(lambda x: run(fn, [x]), [x], [v], 0.1)[0]), abs=1e-10)
    grad = gradient_program(fn)
    (second,) = difference(lambda x: run(grad, [x, 1.0]), [x], [v], 0.1)
    np.testing.assert_allclose(hessian_product(body, x, v), second, atol=1e-10)


# -- guards ---------------------------------------------------------------------------------------------------------

X = np.array([0.0, 2.0, -1.0])
GUARDED: dict[str, Body] = {
    "sqrt": lambda b, x: b.sqrt(x),
    "log": lambda b, x: b.log(x),
    "quotient": lambda b, x: b.div(1.0, x),
    "ratio": lambda b, x: b.div(x, b.mul(x, x)),
    "entropy": lambda b, x: b.mul(x, b.log(x)),
    "root of product": lambda b, x: b.sqrt(b.mul(x, b.exp(x))),
    "power": lambda b, x: b.pow(x, 0.5),
    "other side": lambda b, x: b.sqrt(b.where(b.gt(x, -0.5), x, 3.0)),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("name", GUARDED)
def test_guard_lets_nothing_through(name: str, swapped: bool) -> None:
    def body(b: Emitting, x: Value) -> Any:
        y = GUARDED[name](b, x)
        return b.where(b.le(x, 0.0), 1.0, y) if swapped else b.where(b.gt(x, 0.0), y, 1.0)

    fn = program(body, [X])
    (g,) = gradient(body, X)
    grad = gradient_program(fn)
    only = np.array([0.0, 1.0, 0.0])
    (slope,) = difference(lambda x: run(fn, [x]), [X], [only])
    np.testing.assert_allclose(g, only * slope, atol=1e-8)
    (second,) = difference(lambda x: run(grad, [x, 1.0]), [X], [only])
    np.testing.assert_allclose(hessian_product(body, X, np.ones(3)), second, atol=1e-7)


@pytest.mark.filterwarnings("ignore")
def test_guard_by_clipping() -> None:
    (g,) = gradient(lambda b, x: b.sqrt(b.maximum(x, 0.0)), X)
    np.testing.assert_allclose(g, [0.0, 0.5 / np.sqrt(2.0), 0.0])


# -- complex numbers in between -------------------------------------------------------------------------------------

COMPLEX: dict[str, Body] = {
    "modulus": lambda b, x: b.abs(b.add(b.mul(x, 2j), b.exp(b.mul(x, 1j)))),
    "real": lambda b, x: b.real(b.mul(b.exp(b.mul(x, 1j)), x)),
    "imag": lambda b, x: b.imag(b.div(b.add(x, 1j), b.add(b.mul(x, x), 2j))),
    "square": lambda b, x: b.real(b.mul(b.add(x, 2j), b.conj(b.add(b.sin(x), 2j)))),
    "root": lambda b, x: b.imag(b.sqrt(b.add(x, 1j))),
    "logarithm": lambda b, x: b.imag(b.log(b.pow(b.add(x, 1j), 3))),
    "power": lambda b, x: b.real(b.pow(b.add(x, 1j), b.mul(x, 0.5 + 1j))),
    "cast": lambda b, x: b.imag(b.mul(b.cast(x, dtype="complex128"), b.tanh(b.mul(x, 1j)))),
    "hyperbolic": lambda b, x: b.real(b.arccosh(b.sub(b.mul(x, 1j), 2.0))),
}


@pytest.mark.parametrize("name", COMPLEX)
def test_complex_numbers_in_between(name: str) -> None:
    x, v = np.array([0.7, -1.2]), np.array([0.4, -0.9])
    fn = program(COMPLEX[name], [x])
    (g,) = gradient(COMPLEX[name], x)
    assert g.dtype == np.float64
    assert np.sum(g * v) == pytest.approx(float(difference(lambda x: run(fn, [x]), [x], [v])[0]), rel=1e-7, abs=1e-9)
    grad = gradient_program(fn)
    (second,) = difference(lambda x: run(grad, [x, 1.0]), [x], [v])
    np.testing.assert_allclose(hessian_product(COMPLEX[name], x, v), second, rtol=1e-6, atol=1e-8)


# -- joining --------------------------------------------------------------------------------------------------------

JOINING: dict[str, Body] = {
    "concatenate": lambda b, x, y, s: b.concatenate(b.sin(x), b.mul(y, s), b.zeros(2, 3, dtype="float64"), axis=0),
    "concatenate last": lambda b, x, y, s: b.concatenate(b.zeros(2, 1, dtype="float64"), x, y, axis=-1),
    "stack": lambda b, x, y, s: b.stack(b.mul(x, y), x, y, axis=-1),
    "array": lambda b, x, y, s: b.mul(x, b.array(s, 2.0, b.sin(s), b.mul(s, s), s, 1.0, shape=(2, 3), dtype="float64")),
    "full": lambda b, x, y, s: b.mul(b.full(s, 2, 3, dtype="float64"), b.add(x, y)),
}


@pytest.mark.parametrize("name", JOINING)
def test_joining(name: str) -> None:
    rng = np.random.default_rng(3)
    args = [rng.uniform(0.5, 1.5, (2, 3)), rng.uniform(0.5, 1.5, (2, 3)), 0.8]

    def body(b: Emitting, *params: Value) -> Any:
        y = JOINING[name](b, *params)
        return b.mul(y, y)

    fn = program(body, args)
    bars = gradient(body, *args)
    dots = [np.asarray(rng.uniform(-1.0, 1.0, np.shape(a)))[()] for a in args]
    expected = difference(lambda *xs: run(fn, xs), args, dots)
    assert sum(np.sum(g * d) for g, d in zip(bars, dots, strict=True)) == pytest.approx(float(expected[0]), rel=1e-8)


# -- what is asked of the primal ------------------------------------------------------------------------------------


class Asked:
    """A primal that keeps account of what it is asked for."""

    def __init__(self, b: Builder) -> None:
        self.b = b
        self.values: list[str] = []

    def __call__(self, atom: Atom) -> Atom:
        assert isinstance(atom, Value)
        self.values.append(atom.name or "result")
        return atom

    def dims(self, atom: Atom) -> tuple[Atom, ...]:
        return self.b.dims(atom)


VECTOR = Array("float64", 1)


@pytest.mark.parametrize(
    "primitive, params, types, wanted, asked",
    [
        ("sin", {}, (FLOAT,), (True,), {"x0"}),
        ("tanh", {}, (FLOAT,), (True,), {"result"}),
        ("exp", {}, (VECTOR,), (True,), {"result"}),
        ("mul", {}, (FLOAT, FLOAT), (True, False), {"x1"}),
        ("mul", {}, (FLOAT, FLOAT), (False, True), {"x0"}),
        ("add", {}, (VECTOR, FLOAT), (True, True), set()),
        ("div", {}, (FLOAT, FLOAT), (True, False), {"x1"}),
        ("sum", {"axis": 0, "keepdims": False}, (VECTOR,), (True,), set()),
        ("cumsum", {"axis": 0}, (VECTOR,), (True,), set()),
        ("where", {}, (Scalar("bool"), FLOAT, FLOAT), (False, True, True), {"x0"}),
        ("matmul", {}, (Array("float64", 2), VECTOR), (False, True), {"x0"}),
        ("solve", {}, (Array("float64", 2), VECTOR), (False, True), {"x0"}),
        ("solve", {}, (Array("float64", 2), VECTOR), (True, False), {"x0", "result"}),
        ("maximum", {}, (FLOAT, FLOAT), (True, False), {"x0", "x1"}),
        ("flip", {"axis": 0}, (VECTOR,), (True,), set()),
    ],
)
def test_only_what_is_read_is_asked_for(
    primitive: str, params: dict[str, Any], types: tuple[Any, ...], wanted: tuple[bool, ...], asked: set[str]
) -> None:
    b = Builder()
    result = b.emit(primitive, *(Value(t, f"x{k}") for k, t in enumerate(types)), **params)
    eqn = b.frames[0].nodes[-1]
    assert isinstance(eqn, Eqn)
    primal = Asked(b)
    bars = vjp_of(b, eqn, primal, [Value(result.type, "g")], wanted)
    assert [bar is not None for bar in bars] == list(wanted)
    assert set(primal.values) == asked


def test_textbook_look() -> None:
    b = Builder()
    x, y, g = (Value(FLOAT, n) for n in ("x", "y", "g"))
    z = b.emit("mul", x, y)
    bars = vjp_of(b, b.origin[z], Asked(b), [g], [True, True])
    assert [b.origin[bar].operands for bar in bars if isinstance(bar, Value)] == [(g, y), (g, x)]
    s = b.emit("sin", y)
    (bar,) = vjp_of(b, b.origin[s], Asked(b), [g], [True])
    assert isinstance(bar, Value)
    cosine = b.origin[bar].operands[1]
    assert b.origin[bar].operands[0] is g
    assert isinstance(cosine, Value) and b.origin[cosine].primitive == "cos"


# -- what has no derivative -----------------------------------------------------------------------------------------


def test_missing_rule_is_refused() -> None:
    assert not has_rule("tetragamma")
    with pytest.raises(NoRule, match="no derivative is known for `tetragamma`"):
        gradient_program(program(lambda b, x: b.tetragamma(x), [1.0]))


def test_missing_case_is_refused() -> None:
    stack = np.zeros((2, 3, 3))
    with pytest.raises(NoRule, match=r"no derivative is known for `inv` of these operands"):
        gradient_program(program(lambda b, x: b.inv(x), [stack]))


def test_constants() -> None:
    assert is_constant("floor") and has_rule("floor")
    assert not is_constant("sin")
    assert gradient(lambda b, x: b.mul(b.floor(x), x), 2.5) == (2.0,)


def test_products_of_one_array_share_their_prefixes() -> None:
    x = np.array([1.5, 0.0, 0.5])

    def body(b: Emitting, x: Value) -> Any:
        return b.mul(b.cumprod(b.add(x, 1.0), axis=0), b.prod(b.add(x, 1.0), axis=0, keepdims=False))

    fn = program(body, [x])
    v = np.array([0.3, -1.0, 0.8])
    (g,) = gradient(body, x)
    assert np.sum(g * v) == pytest.approx(float(difference(lambda x: run(fn, [x]), [x], [v])[0]), rel=1e-8)
