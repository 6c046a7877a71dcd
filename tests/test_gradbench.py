"""The problems of GradBench: derivatives against formulas of whole arrays at a complex step, and the protocol."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.special import multigammaln

import adcompile as ad
from benchmarks.gradbench import ba, det, gmm, ht, kmeans, llsq, lse, lstm, ode
from benchmarks.gradbench.byhand import BY_HAND
from benchmarks.gradbench.evals import Function, rng
from benchmarks.gradbench.server import EVALS, load


def complex_step(f, args, which):
    """The derivative of a function of arrays: an array of shape ``argument.shape + result.shape``, exact to rounding."""
    x = args[which]
    parts = []
    for k in range(np.size(x)):
        moved = np.array(x, dtype=complex)
        moved.flat[k] += 1e-30j
        parts.append(np.imag(f(*args[:which], moved, *args[which + 1 :])) / 1e-30)
    return np.array(parts).reshape(np.shape(x) + np.shape(parts[0]))


# -- the problems once more, by formulas of whole arrays ----------------------------------------------------------


def llsq_formula(x, n):
    t = np.linspace(-1.0, 1.0, n)
    return 0.5 * np.sum((np.sign(t) - np.vander(t, len(x), increasing=True) @ x) ** 2)


def lse_formula(x):
    return np.log(np.sum(np.exp(x)))


def gmm_formula(alpha, mu, q, lower, x, gamma, m):
    (n, d), k = x.shape, len(alpha)
    total = k * (d + m + 1) * d * (math.log(gamma) - 0.5 * math.log(2)) - k * multigammaln((d + m + 1) / 2, d)
    beta = np.empty((n, k), dtype=complex)
    for c in range(k):
        L = np.diag(np.exp(q[c])).astype(complex)
        L.T[np.triu_indices(d, 1)] = lower[c]
        beta[:, c] = alpha[c] + np.sum(q[c]) - 0.5 * np.sum(((x - mu[c]) @ L.T) ** 2, axis=1)
        total -= gamma**2 / 2 * np.sum(L**2) - m * np.sum(q[c])
    total += np.sum(np.log(np.sum(np.exp(beta), axis=1))) - n * lse_formula(alpha)
    return total - n * d / 2 * math.log(2 * math.pi)


def lstm_formula(main, extra, state, sequence):
    hidden, cells = list(state[0::2]), list(state[1::2])
    total = 0.0
    for t in range(len(sequence) - 1):
        v = sequence[t] * extra[0]
        for i in range(len(hidden)):
            W, B = main[2 * i].reshape(4, -1), main[2 * i + 1].reshape(4, -1)
            inputs = np.stack([v, hidden[i], v, hidden[i]])
            forget, ingate, outgate, change = inputs * W + B
            cells[i] = cells[i] / (1 + np.exp(-forget)) + np.tanh(change) / (1 + np.exp(-ingate))
            v = hidden[i] = np.tanh(cells[i]) / (1 + np.exp(-outgate))
        y = v * extra[1] + extra[2]
        total += np.sum(sequence[t + 1] * (y - np.log(2 + np.sum(np.exp(y)))))
    return -total / sequence[1:].size


def ba_formula(camera, point, weight, feature):
    angle = np.sqrt(np.sum(camera[:3] ** 2))
    z, a = point - camera[3:6], camera[:3] / angle
    turned = z * np.cos(angle) + np.cross(a, z) * np.sin(angle) + a * np.sum(a * z) * (1 - np.cos(angle))
    p = turned[:2] / turned[2]
    rho = np.sum(p**2)
    return weight * (p * (1 + camera[9] * rho + camera[10] * rho**2) * camera[6] + camera[7:9] - feature)


def turn(axis, angle):
    """The elementary rotation about an axis."""
    R = np.eye(4, dtype=complex)
    i, j = [(1, 2), (2, 0), (0, 1)][axis]
    R[i, i] = R[j, j] = np.cos(angle)
    R[j, i] = np.sin(angle)
    R[i, j] = -np.sin(angle)
    return R


def skin_formula(theta, parents, relatives, inverses, positions, weights, mirrored):
    absolutes, moved = [], 0.0
    for b, parent in enumerate(parents):
        R = np.eye(4)
        finger, joint = divmod(b - 2, 4)
        if 0 <= finger < 5 and joint < 3:
            t = 6 + 4 * finger
            R = turn(2, theta[t + 1]) @ turn(0, theta[t]) if joint == 0 else turn(0, theta[t + 1 + joint])
        absolutes.append((absolutes[parent] if parent >= 0 else np.eye(4)) @ relatives[b] @ R)
        moved = moved + weights[:, b, None] * (positions @ (absolutes[b] @ inverses[b]).T)[:, :3]
    if mirrored:
        moved = moved * [-1, 1, 1]
    length = np.sqrt(np.sum(theta[:3] ** 2))
    a = theta[:3] / length
    K = np.array([[0, -a[2], a[1]], [a[2], 0, -a[0]], [-a[1], a[0], 0]])
    G = np.eye(3) + np.sin(length) * K + (1 - np.cos(length)) * K @ K
    return moved @ G.T + theta[3:6]


def ht_simple_formula(theta, correspondences, points, *model):
    return points - skin_formula(theta, *model)[correspondences]


def ht_complicated_formula(theta, us, correspondences, points, triangles, *model):
    p, q, r = np.moveaxis(skin_formula(theta, *model)[triangles[correspondences]], 1, 0)
    u, v = us[:, :1], us[:, 1:]
    return points - (u * p + v * q + (1 - u - v) * r)


# -- derivatives ------------------------------------------------------------------------------------------------


def sample(name, function, k=0):
    """A function's name gives the arguments that `define` compiles it with."""
    found = load(name)
    return found.functions[function].decode(found.samples(function)[k])


@pytest.mark.parametrize(
    "name, f, formula, argnums, function",
    [
        ("llsq", llsq.loss, llsq_formula, (0,), "gradient"),
        ("lse", lse.logsumexp, lse_formula, (0,), "gradient"),
        ("gmm", gmm.log_posterior, gmm_formula, (0, 1, 2, 3), "jacobian"),
        ("lstm", lstm.loss, lstm_formula, (0, 1), "jacobian"),
    ],
)
def test_gradbench_gradients_are_those_of_the_formulas(name, f, formula, argnums, function):
    args = sample(name, function)
    value, gradient = ad.value_and_grad(f, argnums, jit=False)(*args)
    assert value == pytest.approx(formula(*args).real)
    for k, part in zip(argnums, gradient, strict=True):
        np.testing.assert_allclose(part, complex_step(formula, args, k), rtol=1e-10, atol=1e-14)


def test_gradbench_gradient_of_a_determinant_is_that_of_linear_algebra():
    A, ell = det.decode(det.make(4, rng()))
    value, gradient = ad.value_and_grad(det.determinant, jit=False)(A, ell)
    matrix = A.reshape(ell, ell)
    assert value == pytest.approx(np.linalg.det(matrix))
    np.testing.assert_allclose(gradient.reshape(ell, ell), value * np.linalg.inv(matrix).T)


@pytest.mark.parametrize("steps", [1, 7])
def test_gradbench_gradient_of_the_chain_is_that_of_its_solution(steps):
    x, s = ode.decode(ode.make(4, steps, rng()))
    expected = 2.0**4 * np.prod(x) / 24 / x
    np.testing.assert_allclose(ad.grad(ode.last, jit=False)(x, s), expected)


def test_gradbench_direction_of_newton_is_that_of_the_closed_form():
    centroids, points = kmeans.decode(kmeans.make(3, 8, 2, rng()))
    nearest = np.argmin(np.sum((points[:, None] - centroids) ** 2, axis=2), axis=1)
    means = np.array([points[nearest == c].mean(axis=0) for c in range(3)])
    np.testing.assert_allclose(kmeans.direction(centroids, points), centroids - means)


def test_gradbench_jacobian_of_an_adjustment_is_sparse():
    args = ba.decode(ba.make(2, 3, 4, rng()))
    cameras, points, weights, features, observations = args
    rows, columns, values = ba.jacobian(*args)
    dense = np.zeros((12, 22 + 9 + 4))
    for row in range(12):
        for entry in range(rows[row], rows[row + 1]):
            dense[row, columns[entry]] = values[entry]
    expected = np.zeros_like(dense)
    for i, (c, x) in enumerate(observations):
        given = cameras[c], points[x], weights[i], features[i]
        starts = 11 * c, 22 + 3 * x, 31 + i
        for k, (start, width) in enumerate(zip(starts, (11, 3, 1), strict=True)):
            part = complex_step(ba_formula, given, k).reshape(width, 2)
            expected[2 * i : 2 * i + 2, start : start + width] = part.T
        expected[8 + i, 31 + i] = -2 * weights[i]
    np.testing.assert_allclose(dense, expected, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("complicated", [False, True])
@pytest.mark.parametrize("mirrored", [False, True])
def test_gradbench_jacobian_of_a_hand_is_that_of_the_formula(complicated, mirrored):
    us, triangles, theta, correspondences, points, *model = ht.decode(ht.make(2, 4, complicated, rng()))
    model[-1] = mirrored
    if complicated:
        f, formula, rest = (
            ht.errors_along,
            ht_complicated_formula,
            (theta, us, correspondences, points, triangles, *model),
        )
        J = ad.jacfwd(f, jit=False)(np.zeros(28), *rest)
        by_us = complex_step(formula, rest, 1)
        for i in range(2):
            np.testing.assert_allclose(J[i, :, :2], by_us[i, :, i].T, atol=1e-13)
        J = J[:, :, 2:]
    else:
        formula, rest = ht_simple_formula, (theta, correspondences, points, *model)
        J = ad.jacfwd(ht.errors_simple, jit=False)(*rest)
    np.testing.assert_allclose(J, np.moveaxis(complex_step(formula, rest, 0), 0, -1), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("variant", ["fr", "rf"])
@pytest.mark.parametrize("name, expected", [("particle", 0.2071918746486116), ("saddle", [8.246324826140356e-06] * 4)])
def test_gradbench_nested_derivatives_descend_to_the_known_end(name, variant, expected):
    found = load(name).functions[variant]
    assert found.run(*sample(name, variant)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", BY_HAND)
def test_gradbench_derivatives_by_hand_agree(name):
    found = load(name)
    args = sample(name, found.variants[0])
    plain = {
        "det": (det.determinant, 0),
        "gmm": (gmm.log_posterior, (0, 1, 2, 3)),
        "llsq": (llsq.loss, 0),
        "lse": (lse.logsumexp, 0),
        "lstm": (lstm.loss, (0, 1)),
        "ode": (ode.last, 0),
    }
    derivative = ad.grad(*plain[name], jit=False) if name in plain else found.functions[found.variants[0]].run
    expected, by_hand = derivative(*args), BY_HAND[name].py_func(*args)
    for a, b in zip(expected, by_hand, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-14)


# -- the protocol -----------------------------------------------------------------------------------------------


def conversation(messages):
    """What the tool process answers."""
    lines = "".join(json.dumps({"id": k, **m}) + "\n" for k, m in enumerate(messages))
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.gradbench"],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_gradbench_the_tool_answers_each_message():
    number = {"kind": "evaluate", "module": "hello", "input": 3}
    fit = {"x": [0.5, 1, 2], "n": 5, "min_runs": 4, "min_seconds": 0}
    answers = conversation(
        [
            {"kind": "start", "eval": "hello"},
            {"kind": "define", "module": "hello"},
            {**number, "function": "square"},
            {**number, "function": "double", "description": "3"},
            {"kind": "analysis", "of": 2, "valid": True},
            {"kind": "define", "module": "llsq"},
            {"kind": "evaluate", "module": "llsq", "function": "gradient", "input": fit},
            {"kind": "evaluate", "module": "llsq", "function": "no such", "input": fit},
            {"kind": "define", "module": "no such"},
        ]
    )
    assert [a["id"] for a in answers] == list(range(9))
    assert answers[0]["tool"] == "adcompile"
    assert [a.get("success") for a in answers] == [None, True, True, True, None, True, True, False, False]
    assert answers[2]["output"] == 9.0
    assert answers[3]["output"] == 6.0
    assert len(answers[3]["timings"]) == 1
    assert [t["name"] for t in answers[6]["timings"]] == ["evaluate"] * 4
    assert all(t["nanoseconds"] > 0 for t in answers[6]["timings"])
    x = np.array([0.5, 1, 2])
    assert answers[6]["output"] == pytest.approx(complex_step(llsq_formula, (x, 5), 0).tolist())
    assert "no such" in answers[7]["error"]


def test_gradbench_every_eval_can_be_said_in_json():
    for name in EVALS:
        found = load(name)
        assert all(isinstance(f, Function) for f in found.functions.values())
        assert {found.primal} - {""} | set(found.variants) <= found.functions.keys()
        for function in found.functions:
            json.dumps(found.samples(function))
