"""GradBench's `lse`: the logarithm of a sum of exponentials, shifted by the largest."""

from __future__ import annotations

import numpy as np

import adcompile as ad
from benchmarks.gradbench.evals import Eval, Function, array, compiled, rng


@compiled
def logsumexp(x):
    a = np.max(x)
    return a + np.log(np.sum(np.exp(x - a)))


def decode(given):
    return (array(given["x"]),)


def make(n, rng):
    return {"x": rng.standard_normal(n).tolist()}


EVAL = Eval(
    {
        "primal": Function(logsumexp, decode, float),
        "gradient": Function(ad.grad(logsumexp), decode, np.ndarray.tolist),
    },
    lambda name: [make(4, rng())],
    {"n1000": lambda rng: make(1000, rng), "n100000": lambda rng: make(100_000, rng)},
    ("gradient",),
    "primal",
)
