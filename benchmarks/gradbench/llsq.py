"""GradBench's `llsq`: a polynomial fitted to a step by least squares."""

from __future__ import annotations

import numpy as np

import adcompile as ad
from benchmarks.gradbench.evals import Eval, Function, array, compiled, rng


@compiled
def loss(x, n):
    total = 0.0
    for i in range(n):
        t = -1.0 + 2.0 * i / (n - 1)
        residual = np.sign(t)
        power = 1.0
        for j in range(len(x)):
            residual -= x[j] * power
            power *= t
        total += residual * residual
    return 0.5 * total


def decode(given):
    return array(given["x"]), int(given["n"])


def make(m, n, rng):
    return {"x": rng.standard_normal(m).tolist(), "n": n}


EVAL = Eval(
    {
        "primal": Function(loss, decode, float),
        "gradient": Function(ad.grad(loss), decode, np.ndarray.tolist),
    },
    lambda name: [make(3, 5, rng())],
    {"m64_n1024": lambda rng: make(64, 1024, rng), "m128_n10000": lambda rng: make(128, 10000, rng)},
    ("gradient",),
    "primal",
)
