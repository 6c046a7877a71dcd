"""Derivatives at singular points and under guards, of whole functions: no NaN where the function taken has a derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.special
from oracles import along, direction, flat, unflat

import adcompile as ad
from adcompile import api
from adcompile.unit import Options

INF = np.inf


PLAIN = Options(jit=False, cache=False)


def derivatives(f: Callable[..., Any], args: tuple[Any, ...]) -> np.ndarray:
    """The gradient by all arguments in reverse mode, which forward mode is seen to agree with; second order is finite."""
    wrt = tuple(range(len(args)))
    found = flat(ad.grad(f, wrt, jit=False, cache=False)(*args))
    forward = api.PushForward(f, 0, PLAIN)
    second = api.HessianVector(f, wrt, PLAIN)
    for row, bar in zip(np.eye(found.size), found, strict=True):
        assert forward(args, unflat(args, row))[1] == pytest.approx(bar, nan_ok=True)
        assert np.all(np.isfinite(flat(second(args, unflat(args, row)))))
    return found


# -- guards: x is (1, 2), y is (0, 2), and what is guarded has a pole at 0 ---------------------------------------------


def choice_of_another_array(x, y):
    return np.sum(np.where(y > 0.0, y * np.log(y) + np.sqrt(y), x))


def choice_repeated(x, y):
    return np.sum(np.where(y[:, None] > 0.0, np.log(y)[:, None], x))


def choice_repeated_with_its_flags(x, y):
    return np.sum(x * np.where((y > 0.0)[:, None], np.log(y)[:, None], np.zeros((2, 2))))


def two_choices(x, y):
    z = np.log(y)
    return np.sum(np.where(y > 0.0, z * z, x)) + np.sum(np.where(y > 0.0, z, 0.0))


def nested_choices(x, y):
    return np.sum(np.select([y > 1.0, y > 0.0], [np.log(y), 1.0 / y], x))


def choice_in_a_loop(x, y):
    total = 0.0
    for _ in range(2):
        total += np.sum(np.where(y > 0.0, np.log(y), x))
    return total


def divisor_for_all(x, y):
    n = np.sqrt(y[0])
    return np.sum(np.where(n > 0.0, x / n, x))


def divisor_of_rank_two(x, y):
    n = np.sqrt(np.abs(y[:1, None]))
    return np.sum(np.where(n > 0.0, x / n, x))


def branch_not_taken(x, y):
    n = np.sqrt(np.sum(y[:1] ** 2))
    return np.sum(x) / n if n > 0.0 else np.sum(x)


def written_under_a_mask(x, y):
    return np.sum(np.log(y, out=np.zeros(2), where=y > 0.0) * x + np.divide(x, y, out=np.ones(2), where=y > 0.0))


GUARDED = {
    choice_of_another_array: [1, 0, 0, np.log(2) + 1 + 0.5 / np.sqrt(2)],
    choice_repeated: [1, 1, 0, 1],
    choice_repeated_with_its_flags: [np.log(2), np.log(2), 0, 1.5],
    two_choices: [1, 0, 0, np.log(2) + 0.5],
    nested_choices: [1, 0, 0, 0.5],
    choice_in_a_loop: [2, 0, 0, 1],
    divisor_for_all: [1, 1, 0, 0],
    divisor_of_rank_two: [1, 1, 0, 0],
    branch_not_taken: [1, 1, 0, 0],
    written_under_a_mask: [0, np.log(2) + 0.5, 0, 1 - 0.5],
}


@pytest.mark.core
@pytest.mark.parametrize("f", GUARDED, ids=lambda f: f.__name__)
def test_guards_keep_poles_out(f):
    x, y = np.array([1.0, 2.0]), np.array([0.0, 2.0])
    np.testing.assert_allclose(derivatives(f, (x, y)), GUARDED[f], atol=1e-14)


@pytest.mark.parametrize(
    "f", [choice_repeated, two_choices, divisor_for_all, branch_not_taken], ids=lambda f: f.__name__
)
def test_guards_keep_poles_out_of_compiled_code(f):
    found = ad.grad(f, (0, 1), cache=False)(np.array([1.0, 2.0]), np.array([0.0, 2.0]))
    np.testing.assert_allclose(flat(found), GUARDED[f], atol=1e-14)


# -- values at which a formula is 0 / 0, or infinity less infinity -----------------------------------------------------

POINTS = [
    (np.std, [1.0, 1.0, 1.0], [0, 0, 0]),
    (np.std, [1.0], [0]),
    (lambda x: np.nanstd(x) + np.nansum(x), [2.0, np.nan, 2.0], [1, 0, 1]),
    (scipy.special.logsumexp, [-INF, -INF], [0, 0]),
    (scipy.special.logsumexp, [-INF, 0.0], [0, 1]),
    (lambda x: np.quantile(np.array([1.0, 2.0, 4.0]), x[0]), [1.0], [4]),
    (lambda x: np.quantile(np.array([1.0, 2.0, 4.0]), x[0]), [0.5], [4]),
    (lambda x: np.nanquantile(np.array([1.0, np.nan, 2.0, 4.0]), x[0]), [0.0], [2]),
    (lambda x: np.quantile(x, 1.0), [1.0, -1e20], [1, 0]),
    (lambda x: scipy.special.boxcox(x[0], x[1]), [2.0, 0.0], [0.5, np.log(2.0) ** 2 / 2]),
    (lambda x: scipy.special.boxcox1p(x[0], x[1]), [2.0, 0.0], [1 / 3, np.log(3.0) ** 2 / 2]),
    (lambda x: scipy.special.inv_boxcox(x[0], x[1]), [0.5, 0.0], [np.exp(0.5), -np.exp(0.5) / 8]),
    (lambda x: scipy.special.spherical_jn(0, x[0]), [0.0], [0]),
    (lambda x: scipy.special.spherical_jn(1, x[0]), [0.0], [1 / 3]),
    (lambda x: scipy.special.spherical_jn(2, x[0]), [0.0], [0]),
]


@pytest.mark.core
@pytest.mark.parametrize("f, x, expected", POINTS)
def test_singular_points(f, x, expected):
    np.testing.assert_allclose(derivatives(f, (np.array(x),)), expected, atol=1e-14)


def test_singular_points_in_compiled_code():
    def f(x, y, z):
        return np.std(x) + np.nanstd(x) + scipy.special.logsumexp(y) + scipy.special.boxcox(2.0, z) + np.quantile(x, z)

    x, y, z = np.ones(3), np.array([-INF, 0.0]), 0.0
    gx, gy, gz = ad.grad(f, (0, 1, 2), cache=False)(x, y, z)
    np.testing.assert_allclose(gx, [1, 0, 0])
    np.testing.assert_allclose(gy, [0, 1])
    assert gz == pytest.approx(np.log(2.0) ** 2 / 2)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_spherical_bessel_functions_near_zero_and_below(n):
    def f(x):
        return scipy.special.spherical_jn(n, x)

    df = ad.grad(f, jit=False, cache=False)
    for x in (-2.0, -0.11, -0.09, -1e-3, 1e-3, 0.09, 0.11, 2.0):
        assert api.Plain(f, 0, PLAIN)(x) == pytest.approx(f(x), rel=1e-13, abs=1e-17)
        assert df(x) == pytest.approx(scipy.special.spherical_jn(n, x, derivative=True), rel=1e-12, abs=1e-15)


@pytest.mark.core
def test_outer_with_a_number_adds_no_axis():
    def f(x, s):
        parts = np.minimum.outer(x, s), np.add.outer(s, x), np.logaddexp.outer(x, s), np.fmax.outer(s, x)
        return np.sum(parts[0] * x + parts[1] * x + parts[2] * x - parts[3] * x)

    x, s = np.array([0.3, 1.5]), 0.7
    y, (gx, gs) = ad.value_and_grad(f, (0, 1), jit=False, cache=False)(x, s)
    assert y == pytest.approx(f(x, s))
    shares = np.exp(x) / (np.exp(x) + np.exp(s))
    np.testing.assert_allclose(gs, np.sum(x * ([0, 1]) + x + x * (1 - shares) - x * [1, 0]))
    np.testing.assert_allclose(
        gx,
        np.minimum(x, s) + x * [1, 0] + s + 2 * x + np.logaddexp(x, s) + x * shares - np.maximum(x, s) - x * [0, 1],
    )


@pytest.mark.core
def test_nan_to_num_of_complex_numbers_replaces_both_parts():
    def f(x):
        z = np.nan_to_num(x + 2j * x, nan=0.5)
        return np.sum(np.real(z) + 2.0 * np.imag(z))

    x = np.array([np.nan, 4.0])
    y, g = ad.value_and_grad(f, jit=False, cache=False)(x)
    assert y == f(x)
    np.testing.assert_allclose(g, [0.0, 5.0])


@pytest.mark.core
def test_fortran_order_of_reshapes():
    def f(x):
        rows = np.reshape(x, (4, -1), order="F")[1] ** 2, x.reshape(6, 4, order="F")[2:, 1] ** 3
        return np.sum(np.ravel(x, "F") * np.arange(24.0)) + np.sum(rows[0]) + np.sum(rows[1]) + x.flatten("F")[5] ** 2

    x = np.linspace(-1.0, 1.5, 24).reshape(2, 3, 4)
    assert api.Plain(f, 0, PLAIN)(x) == pytest.approx(f(x))
    expected = along(lambda z: np.array(f(z.reshape(x.shape))), x.ravel(), direction(24))
    assert flat(derivatives(f, (x,))) @ direction(24) == pytest.approx(float(expected), rel=1e-9)


@pytest.mark.core
@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.linspace(x, 2.0 * x, 3),
        lambda x: np.choose([0, 1], [x, 2.0 * x]),
        np.nan_to_num,
        lambda x: np.nanmedian(x) * x,
        lambda x: np.quantile(x, 0.3) * x,
        lambda x: scipy.special.beta(x, 2.0 * x),
        lambda x: scipy.special.kl_div(x, 2.0 * x),
    ],
)
def test_single_precision_stays(f):
    x = np.array([0.5, 1.5], dtype=np.float32)
    found = api.Plain(f, 0, PLAIN)(x)
    assert found.dtype == f(x).dtype == np.float32
    np.testing.assert_allclose(found, f(x), rtol=1e-5)
    assert ad.grad(lambda x: np.sum(f(x)), jit=False, cache=False)(x).dtype == np.float32
