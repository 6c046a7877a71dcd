"""GradBench's `ode`: a chain of equations by the method of Runge and Kutta."""

from __future__ import annotations

import numpy as np

import adcompile as ad
from benchmarks.gradbench.evals import Eval, Function, array, compiled, rng


@compiled
def slope(x, y):
    dy = np.empty_like(y)
    dy[0] = x[0]
    for i in range(1, len(y)):
        dy[i] = x[i] * y[i - 1]
    return dy


@compiled
def solve(x, steps):
    h = 2.0 / steps
    y = np.zeros_like(x)
    for _ in range(steps):
        k1 = slope(x, y)
        k2 = slope(x, y + h / 2 * k1)
        k3 = slope(x, y + h / 2 * k2)
        k4 = slope(x, y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return y


@compiled
def last(x, steps):
    return solve(x, steps)[len(x) - 1]


def decode(given):
    return array(given["x"]), int(given["s"])


def make(n, s, rng):
    return {"x": rng.uniform(0.5, 1.5, n).tolist(), "s": s}


EVAL = Eval(
    {
        "primal": Function(solve, decode, np.ndarray.tolist),
        "gradient": Function(ad.grad(last), decode, np.ndarray.tolist),
    },
    lambda name: [make(4, 2, rng())],
    {"n1000_s100": lambda rng: make(1000, 100, rng), "n10000_s100": lambda rng: make(10000, 100, rng)},
    ("gradient",),
    "primal",
)
