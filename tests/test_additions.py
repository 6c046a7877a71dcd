"""`ad.rule`: functions of users' own with a line in the table, in both modes, plain and compiled; wrong lines are found."""

from __future__ import annotations

import math

import numba
import numpy as np
import pytest

import adcompile as ad


@ad.rule("y = squashed(x)", "dy = dx * (1.0 - y * y)")
def squashed(x: float) -> float:
    return math.tanh(x)


@ad.rule("z = gated(x, y)", "dz = dx * squashed(y) + dy * x * (1.0 - squashed(y) * squashed(y))", x=(-1.0, 1.0))
@numba.njit
def gated(x: float, y: float) -> float:
    return x * math.tanh(y)


def loss(x: np.ndarray, w: np.ndarray) -> float:
    total = 0.0
    for i in range(len(x)):
        total += gated(w[i], x[i]) * squashed(x[i])
    return total + np.sum(gated(x, 2.0))


def test_rules_pass_their_own_checks() -> None:
    squashed.check()


def test_gradient_is_that_of_the_function_written_out() -> None:
    def known(x: np.ndarray, w: np.ndarray) -> float:
        return np.sum(w * np.tanh(x) ** 2) + np.sum(x * np.tanh(2.0))

    x, w = np.linspace(0.1, 0.9, 4), np.linspace(1.0, 2.0, 4)
    expected = ad.grad(known, (0, 1), jit=False)(x, w)
    for jit in (False, True):
        found = ad.grad(loss, (0, 1), jit=jit)(x, w)
        for f, e in zip(found, expected, strict=True):
            np.testing.assert_allclose(f, e, rtol=1e-12)


def test_second_derivative() -> None:
    found = ad.grad(ad.grad(squashed, jit=False), jit=False)(0.4)
    assert found == pytest.approx(-2.0 * math.tanh(0.4) * (1.0 - math.tanh(0.4) ** 2))


def test_single_precision_is_kept() -> None:
    found = ad.grad(lambda x: np.sum(squashed(x)), jit=False)(np.array([0.3, 0.4], np.float32))
    assert found.dtype == np.float32


def test_called_outside_it_is_the_function() -> None:
    assert squashed(0.3) == math.tanh(0.3)
    np.testing.assert_allclose(squashed(np.array([0.3, 0.4])), np.tanh([0.3, 0.4]))
    assert repr(squashed) == "<adcompile rule: y = squashed(x), dy = dx * (1.0 - y * y)>"


def test_a_wrong_differential_is_found() -> None:
    @ad.rule("y = doubled(x)", "dy = dx * 3.0")
    def doubled(x: float) -> float:
        return 2.0 * x

    with pytest.raises(ad.GradientError, match="forward mode"):
        doubled.check(order=1, points=1)


def test_a_line_that_is_not_linear_is_refused_at_its_place() -> None:
    @ad.rule("y = bent(x)", "dy = dx * dx")
    def bent(x: float) -> float:
        return x * x

    with pytest.raises(ad.RuleError, match=r"this is not linear[\s\S]*test_additions.py"):
        ad.grad(bent, jit=False)(1.0)


def test_the_name_of_an_operation_is_refused() -> None:
    @ad.rule("y = exp(x)", "dy = dx * y")
    def exponential(x: float) -> float:
        return math.exp(x)

    with pytest.raises(ad.RuleError, match="`exp` is an operation of the table already"):
        ad.grad(exponential, jit=False)(1.0)


def test_operands_are_counted() -> None:
    with pytest.raises(ad.ShapeError, match="one to three operands"):
        ad.rule("y = none()", "dy = 0")(lambda: 1.0)
    with pytest.raises(ad.ShapeError, match="takes its 1 operands by position"):
        ad.grad(lambda x: squashed(x, x), jit=False)(1.0)


def test_a_function_of_c_is_called_in_compiled_code() -> None:
    @numba.cfunc("float64(float64)")
    def cube(x: float) -> float:
        return x * x * x

    cubed = ad.rule("y = cubed(x)", "dy = 3.0 * x * x * dx", compiled=cube.ctypes)(lambda x: x**3)
    assert ad.grad(lambda x: 2.0 * cubed(x), cache=False)(2.0) == pytest.approx(24.0)
