"""A sample of whole functions against JAX, an independent system; skipped where it is not installed."""

from __future__ import annotations

import numpy as np
import pytest
from oracles import assert_close

import adcompile as ad

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jnp = jax.numpy


def network(np, w, b, v, x):
    h = np.tanh(x @ w + b)
    return np.mean((h @ v) ** 2)


def attention(np, q, k, v):
    s = q @ k.T / np.sqrt(q.shape[1])
    e = np.exp(s - np.max(s, axis=1, keepdims=True))
    return np.sum((e / np.sum(e, axis=1, keepdims=True)) @ v * v)


def gaussian(np, a, x):
    s = a @ a.T + 3.0 * np.eye(4)
    return x @ np.linalg.solve(s, x) + np.linalg.slogdet(s)[1]


def gathered(np, x):
    y = x[np.array([0, 2, 2, 1])]
    return np.sum(np.where(y > 0, y**3, np.exp(y))) + np.prod(x) + np.sum(np.cumsum(x) ** 2)


def extremes(np, x, y):
    return np.sum(np.maximum(x, y) * np.minimum(x, 0.3)) + np.max(x) * np.min(y) + np.sum(np.abs(x - y))


def spectrum(np, x):
    k = np.arange(5.0)
    z = np.sum(x * np.exp(-2j * np.pi * k[:, None] * k / 5.0), axis=1)
    return np.sum(np.real(z) ** 2 + np.imag(z) ** 2)


SHAPES = {
    network: [(3, 4), (4,), (4, 2), (5, 3)],
    attention: [(3, 4), (3, 4), (3, 4)],
    gaussian: [(4, 4), (4,)],
    gathered: [(3,)],
    extremes: [(6,), (6,)],
    spectrum: [(5,)],
}
PROGRAMS = {
    network: lambda w, b, v, x: network(np, w, b, v, x),
    attention: lambda q, k, v: attention(np, q, k, v),
    gaussian: lambda a, x: gaussian(np, a, x),
    gathered: lambda x: gathered(np, x),
    extremes: lambda x, y: extremes(np, x, y),
    spectrum: lambda x: spectrum(np, x),
}


def sample(f):
    rng = np.random.default_rng(len(f.__name__))
    return [rng.standard_normal(shape) for shape in SHAPES[f]]


@pytest.mark.parametrize("f", SHAPES, ids=lambda f: f.__name__)
def test_gradients_agree_with_jax(f):
    args = sample(f)
    every = tuple(range(len(args)))
    expected = jax.grad(lambda *a: f(jnp, *a), every)(*args)
    assert_close(ad.grad(PROGRAMS[f], every, jit=False)(*args), tuple(map(np.asarray, expected)), 1e-10, "gradient")


@pytest.mark.parametrize("f", SHAPES, ids=lambda f: f.__name__)
def test_hessian_products_agree_with_jax(f):
    args = sample(f)
    v = np.ones_like(args[0])

    def along(x):
        return jax.jvp(jax.grad(lambda x: f(jnp, x, *args[1:])), (x,), (v,))[1]

    assert_close(ad.hvp(PROGRAMS[f], tuple(args), v), np.asarray(along(args[0])), 1e-9, "Hessian times vector")
