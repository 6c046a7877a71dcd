"""Several directions in one sweep: the same derivatives as one direction at a time, on programs of every shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest

import adcompile as ad
import adcompile.runtime as rt
from adcompile import api
from adcompile.transforms.directions import WIDTH
from adcompile.unit import Options

PLAIN = {"jit": False}
MATRIX = np.linspace(-1.0, 1.0, 20).reshape(4, 5) + np.eye(4, 5)
SQUARE = np.linspace(-0.5, 1.0, 25).reshape(5, 5) + 3.0 * np.eye(5)
STACK = np.linspace(0.2, 1.0, 24).reshape(2, 3, 4)


def one_by_one(f: Callable[..., Any], x: np.ndarray, *rest: Any) -> np.ndarray:
    """The Jacobian with respect to the first argument, a column at a time."""
    push = api.PushForward(f, 0, Options(jit=False))
    columns = []
    for k in range(x.size):
        direction = np.zeros_like(x)
        direction.flat[k] = 1.0
        columns.append(np.ravel(push((x, *rest), (direction, *(None for _ in rest)))[1]))
    return np.stack(columns, axis=1)


def check(f: Callable[..., Any], x: np.ndarray, *rest: Any, jit: bool = False, together: bool = True) -> None:
    jacobian = ad.jacfwd(f, jit=jit)
    found = jacobian(x, *rest)
    expected = one_by_one(f, x, *rest)
    tolerance = 1e-5 if x.dtype == np.float32 else 1e-12
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found.reshape(expected.shape), expected, rtol=tolerance, atol=tolerance)
    assert ("directions[" in ad.dump(jacobian, "kernel", args=(x, *rest))) == together


# -- programs -------------------------------------------------------------------------------------------------------


def branches(x):
    y = np.zeros(2)
    s = 0.0
    for i in range(x.size):
        if x[i] > 0.5:
            s = s + x[i] * np.sin(x[i])
        else:
            s *= x[i] + 1.2
    y[0] = s
    y[1] = s * x[0]
    return y


def newton(x):
    r = 1.0
    while abs(r * r - x[0] - x[1]) > 1e-10:
        r = r - (r * r - x[0] - x[1]) / (2.0 * r)
    return r * x[2]


def breaks(x):
    s = 0.1
    for i in range(x.size):
        s = s + x[i] * s
        if s > 1.0:
            break
        if x[i] < 0.2:
            continue
        s = s * x[i]
    return s


def early_return(m):
    acc = 0.1
    for i in range(m.shape[0]):
        for j in range(m.shape[1]):
            acc += m[i, j] * acc
            if acc > 0.8:
                return acc * m[i, j]
        acc *= 0.9
    return acc


def swaps(x):
    y = x.copy()
    for i in range(y.size - 1):
        t = y[i]
        y[i] = y[i + 1] * t
        y[i + 1] = t
    return y


def fibonacci(x):
    a, b = x[0], x[1]
    for i in range(2, x.size):
        a, b = b, a * x[i] + b
    return a * b


def buffers(x):
    a, b = x.copy(), np.zeros(x.size)
    for _ in range(3):
        for i in range(x.size):
            b[i] = a[i] * a[i - 1]
        a, b = b, a
    return a


def appends(x):
    items = []
    for i in range(x.size):
        if x[i] > 0.3:
            items.append(x[i] * x[0])  # noqa: PERF401
    s = 0.0
    for item in items:
        s += item * item
    return s


def list_of_rows(m):
    rows = []
    for i in range(m.shape[0]):
        rows.append(m[i] * m[0])  # noqa: PERF401
    return rows[0] + rows[-1]


def integers(x, n, index):
    s = 0.0
    for i in range(n):
        s += x[index[i]] * (i + 1)
    return s * x[index]


def scaled(x):
    def times(c):
        return lambda t: t * c * x[0]

    return times(2.0)(x[1]) + times(x[2])(3.0)


def whole(x):
    y = np.exp(x[1:]) * x[:-1] - np.where(x[1:] > 0.5, x[1:] ** 2, 0.0)
    return y / np.sum(y)


def axes(m):
    centred = m - np.mean(m, axis=0)
    return np.sum(centred * centred, axis=1, keepdims=True) * np.max(m)


def shapes(m):
    t = m.T.reshape(-1)
    return np.concatenate((t[::2], np.flip(t), np.roll(t, 1), np.cumsum(t)))


def stacks(m):
    return np.stack((m[0], m[1] * m[0]), axis=-1)


def literals(x):
    return np.array([[x[0], 1.0], [x[1] * x[2], x[0]]])


def broadcasts(x):
    return x[:, None] * np.ones((x.size, 2)) + np.full(2, x[0])


def products(m):
    v, w = np.arange(4.0), np.arange(5.0)
    return (MATRIX.T @ m.T) @ np.ones(m.shape[0]) + (m @ MATRIX)[0] + MATRIX.T @ m[0] + m[1] @ MATRIX + (v @ m[0]) * w


def solves(x):
    return np.linalg.solve(SQUARE, x) @ np.linalg.solve(SQUARE, np.outer(x, x))


def adds_in_place(x):
    y = np.zeros((2, x.size))
    y[0] += x * x
    y[1, 1:] = y[0, :-1]
    y += x
    y[:, 0] = 1.0
    return y


def constant(x):
    return np.ones(3) * x.size


def itself(x):
    return x


def masks(x):
    return x[x > 0.4] * x[0]


PROGRAMS = [branches, newton, breaks, swaps, fibonacci, buffers, appends, scaled, whole, literals, broadcasts]
PROGRAMS += [adds_in_place, itself, masks, solves]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_directions_agree_with_one_at_a_time(f: Callable[..., Any]) -> None:
    check(f, np.array([0.3, 0.9, 0.45, 0.6, 0.1]))


@pytest.mark.parametrize("f", [early_return, list_of_rows, axes, shapes, stacks, products], ids=lambda f: f.__name__)
def test_directions_of_a_matrix(f: Callable[..., Any]) -> None:
    check(f, np.linspace(0.1, 0.9, 12).reshape(3, 4))


def test_directions_beside_integers() -> None:
    check(integers, np.linspace(0.1, 0.9, 5), 2, np.array([3, 1]))


@pytest.mark.parametrize("f", [branches, swaps, whole], ids=lambda f: f.__name__)
def test_directions_in_single_precision(f: Callable[..., Any]) -> None:
    check(f, np.array([0.3, 0.9, 0.45, 0.6, 0.1], np.float32))


@pytest.mark.parametrize("size", [1, 2, WIDTH - 1, WIDTH, WIDTH + 1, 2 * WIDTH + 1])
def test_directions_of_any_number(size: int) -> None:
    check(branches, np.linspace(0.1, 0.9, size))


def test_directions_of_a_constant() -> None:
    check(constant, np.ones(3), together=False)


def test_no_directions() -> None:
    assert ad.jacfwd(lambda x: np.ones(3) * np.sum(x), **PLAIN)(np.zeros(0)).shape == (3, 0)
    assert ad.hessian(lambda x: np.sum(x * x), **PLAIN)(np.zeros(0)).shape == (0, 0)


# -- programs that have no such form --------------------------------------------------------------------------------


def recursive(x, n):
    return x[0] if n == 0 else x[n] * recursive(x, n - 1)


def factor(x):
    return np.linalg.cholesky(np.outer(x, x) + SQUARE @ SQUARE.T)


@pytest.mark.parametrize("f, rest", [(recursive, (2,)), (factor, ())])
def test_one_direction_at_a_time_where_there_is_no_other_way(f: Callable[..., Any], rest: tuple[Any, ...]) -> None:
    check(f, np.linspace(0.1, 0.9, 5), *rest, together=False)


# -- Hessians, and derivatives of derivatives -----------------------------------------------------------------------


def energy(x):
    s = 0.0
    for i in range(x.size - 1):
        d = x[i + 1] - x[i] * x[i]
        s += 100.0 * d * d + np.sin(x[i]) * x[i + 1]
    return s


def energy_of_arrays(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + np.sin(x[:-1]) * x[1:])


def hessian_one_by_one(f: Callable[..., Any], x: np.ndarray) -> np.ndarray:
    return one_by_one(ad.grad(f, jit=False), x)


@pytest.mark.parametrize("f", [energy, energy_of_arrays, newton, breaks, fibonacci, appends], ids=lambda f: f.__name__)
def test_hessian_agrees_with_products(f: Callable[..., Any]) -> None:
    x = np.array([0.3, 0.9, 0.45, 0.6, 0.1, 0.7, 0.2, 0.8, 0.5, 0.4])
    np.testing.assert_allclose(ad.hessian(f, **PLAIN)(x), hessian_one_by_one(f, x), rtol=1e-11, atol=1e-11)


def test_directions_within_directions() -> None:
    x = np.linspace(0.2, 0.9, 9)
    expected = hessian_one_by_one(energy, x)
    np.testing.assert_allclose(ad.jacfwd(ad.jacfwd(energy), **PLAIN)(x), expected, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(ad.jacrev(ad.jacfwd(energy), **PLAIN)(x), expected, rtol=1e-11, atol=1e-11)


def test_gradient_of_a_jacobian() -> None:
    def squared(x):
        return np.sum(ad.jacfwd(swaps)(x) ** 2)

    x = np.linspace(0.2, 0.9, 4)
    steps = 1e-6 * np.eye(4)
    expected = [(squared_norm(x + s) - squared_norm(x - s)) / 2e-6 for s in steps]
    np.testing.assert_allclose(ad.grad(squared, **PLAIN)(x), expected, rtol=1e-7)


def squared_norm(x: np.ndarray) -> float:
    return float(np.sum(one_by_one(swaps, x) ** 2))


# -- which way ------------------------------------------------------------------------------------------------------


def outputs(x, m):
    y = np.zeros(m)
    for i in range(m):
        y[i] = x[i] * np.sin(x[i - 1])
    return y


@pytest.mark.parametrize("m", [1, 2, 3, 5, 12])
def test_jacobian_is_the_same_either_way(m: int) -> None:
    x = np.linspace(0.1, 0.9, 12)
    np.testing.assert_allclose(ad.jacobian(outputs, **PLAIN)(x, m), one_by_one(outputs, x, m), atol=1e-13)


# -- compiled -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("f", [branches, swaps, breaks, whole], ids=lambda f: f.__name__)
def test_compiled_directions(f: Callable[..., Any]) -> None:
    check(f, np.array([0.3, 0.9, 0.45, 0.6, 0.1, 0.7, 0.2, 0.8, 0.5]), jit=True)


def test_compiled_directions_in_single_precision() -> None:
    check(branches, np.array([0.3, 0.9, 0.45, 0.6, 0.1], np.float32), jit=True)


def test_compiled_hessian() -> None:
    x = np.linspace(0.1, 0.9, 10)
    np.testing.assert_allclose(ad.hessian(energy)(x), hessian_one_by_one(energy, x), rtol=1e-10, atol=1e-10)


# -- lanes ----------------------------------------------------------------------------------------------------------


def in_lanes(x, columns, single):
    s = rt.lanes(0.0, 8)
    q = rt.lanes(0.5, 8, np.float32)
    for i in range(x.shape[0]):
        v = rt.lanes(x[i], 8)
        q = q + rt.lanes(single[i], 8) * np.float32(2.0)
        s = (s + v / 3 * 2.5) if i % 2 else -s - v
        rt.set_to(x[i], s)
        rt.add_to(x[i], v)
    z = rt.lanes(columns[:, 1], 8)
    rt.set_to(columns[:, 0], z * s + rt.lanes(q, 8, np.float64))
    return rt.lanes_array(s - z), rt.lanes_array(q), rt.lanes_sum(z)


def test_lanes_are_what_arrays_are() -> None:
    rng = np.random.default_rng(0)
    args = rng.random((5, 8)), rng.random((8, 2)), rng.random((5, 8)).astype(np.float32)
    plain, compiled = [tuple(a.copy() for a in args) for _ in range(2)]
    expected, found = in_lanes(*plain), numba.njit(in_lanes)(*compiled)
    for one, other in zip((*expected, *plain), (*found, *compiled), strict=True):
        assert np.asarray(one).dtype == np.asarray(other).dtype
        np.testing.assert_allclose(one, other, rtol=1e-6 if np.asarray(one).dtype == np.float32 else 1e-14)


def short_vectors(x):
    a = np.zeros(8)
    for i in range(8):
        a[i] = x[i] * x[0]
    b = 2.0 * a + 1.0
    c = a
    c[3] = 5.0
    d = b if x[0] > 0.2 else np.full(8, x[1])
    return np.sum(b * a / d) + d[2] + np.exp(d)[1]


def test_vectors_of_users_may_be_as_long_as_lanes() -> None:
    x = np.linspace(0.3, 0.9, 8)
    value, gradient = ad.value_and_grad(short_vectors, **PLAIN)(x)
    assert value == pytest.approx(short_vectors(x))
    np.testing.assert_allclose(gradient, one_by_one(short_vectors, x)[0], rtol=1e-12)
    assert "rt.lanes" in ad.dump(short_vectors, "kernel", args=(x,))
