"""Complex derivatives: the conventions for real and complex results, against what JAX and autograd give."""

from __future__ import annotations

import numpy as np
import pytest

import adcompile as ad
from adcompile.errors import ShapeError

pytestmark = pytest.mark.core

Z = 1.0 + 2.0j
W = np.array([1.0 + 2.0j, 0.3 - 1.0j])


def cubed(np, w):
    return w * w * w[0] * 1j


def total(np, w):
    return np.sum(w**3 * 1j) * w[1] + np.exp(w[0])


def squares(np, w):
    return np.abs(w) ** 2 + np.imag(w)


def turned(np, x):
    return x * (1.0 + 2.0j) * np.sum(x)


@pytest.mark.parametrize("jit", [True, False])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_gradient_of_a_real_result_is_that_of_jax(mode, jit):
    def f(z):
        return np.abs(z) ** 2 + 3.0 * z.imag

    # df/dx - i df/dy
    assert ad.grad(f, mode=mode, jit=jit)(Z) == pytest.approx(2.0 - 7.0j)


@pytest.mark.parametrize("jit", [True, False])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_holomorphic_gradient_is_the_complex_derivative(mode, jit):
    df = ad.grad(lambda z: 1j * z**3, mode=mode, holomorphic=True, jit=jit)
    assert df(Z) == pytest.approx(3j * Z**2)
    value, slope = ad.value_and_grad(lambda z: 1j * z**3, holomorphic=True, jit=jit)(Z)
    assert (value, slope) == pytest.approx((1j * Z**3, 3j * Z**2))


def test_holomorphic_derivatives_against_jax():
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    for name in ("jacfwd", "jacrev", "jacobian"):
        ours = getattr(ad, name)(lambda w: cubed(np, w), holomorphic=True, jit=False)(W)
        theirs = jax.jacfwd(lambda w: cubed(jax.numpy, w), holomorphic=True)(W)
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    ours = ad.hessian(lambda w: total(np, w), holomorphic=True, jit=False)(W)
    theirs = jax.hessian(lambda w: total(jax.numpy, w), holomorphic=True)(W)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_holomorphic_gradient_against_autograd():
    autograd = pytest.importorskip("autograd")
    from autograd import numpy as anp

    theirs = autograd.holomorphic_grad(lambda w: total(anp, w))(W)
    np.testing.assert_allclose(ad.grad(lambda w: total(np, w), holomorphic=True)(W), theirs, rtol=1e-12)


@pytest.mark.parametrize("jit", [True, False])
def test_jacobians_that_are_complex_on_one_side(jit):
    x = np.array([0.5, -1.5, 2.0])
    of_real = np.outer(x, np.ones(3)) * (1 + 2j) + np.sum(x) * (1 + 2j) * np.eye(3)
    for name in ("jacfwd", "jacobian"):
        np.testing.assert_allclose(getattr(ad, name)(lambda x: turned(np, x), jit=jit)(x), of_real)
        np.testing.assert_allclose(getattr(ad, name)(lambda x: np.sum(x * x) * 1j, jit=jit)(x), 2j * x)
    of_complex = np.diag(2.0 * np.conj(W) - 1j)
    for name in ("jacrev", "jacobian"):
        np.testing.assert_allclose(getattr(ad, name)(lambda w: squares(np, w), jit=jit)(W), of_complex)
        np.testing.assert_allclose(
            getattr(ad, name)(lambda w: np.sum(squares(np, w)), jit=jit)(W), np.diagonal(of_complex)
        )


@pytest.mark.parametrize(
    "derivative, f, x, message",
    [
        (ad.grad, lambda z: z * z, Z, "needs a real floating-point result"),
        (lambda f: ad.grad(f, holomorphic=True), lambda x: x * 1j, 2.0, "with respect to complex numbers"),
        (lambda f: ad.grad(f, holomorphic=True), abs, Z, "needs a complex result"),
        (lambda f: ad.jacobian(f, holomorphic=True), lambda x: x * 1j, 2.0, "needs a complex argument"),
        (lambda f: ad.jacrev(f, holomorphic=True), abs, Z, "needs a complex result"),
        (ad.jacobian, np.conj, W, "only where the function is holomorphic"),
        (ad.jacfwd, np.abs, W, "only where the function is holomorphic"),
        (ad.jacrev, lambda x: x * 1j, np.ones(2), "only where the function is holomorphic"),
        (ad.hessian, lambda w: np.sum(np.abs(w) ** 2), W, "`hessian` of a complex argument"),
    ],
)
def test_what_is_no_matrix_of_complex_derivatives_is_refused(derivative, f, x, message):
    with pytest.raises(ShapeError, match=message):
        derivative(f)(x)


@pytest.mark.parametrize("jit", [True, False])
def test_single_precision_stays(jit):
    w = W.astype(np.complex64)
    assert ad.grad(lambda w: np.sum(w * w), holomorphic=True, jit=jit)(w).dtype == np.complex64
    assert ad.jacobian(lambda w: w * w, holomorphic=True, jit=jit)(w).dtype == np.complex64
    assert ad.grad(lambda w: np.sum(np.abs(w) ** 2), jit=jit)(w).dtype == np.complex64
