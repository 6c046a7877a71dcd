"""GradBench's `det`: a determinant by minors, recursively along the first row that remains."""

from __future__ import annotations

import numpy as np

import adcompile as ad
from benchmarks.gradbench.evals import Eval, Function, array, compiled, rng


@compiled
def minor(A, ell, row, used):
    """The determinant of the rows from `row` on without the columns whose bits are set in `used`."""
    total = 0.0
    sign = 1.0
    for column in range(ell):
        if not used >> column & 1:
            rest = minor(A, ell, row + 1, used | 1 << column) if row + 1 < ell else 1.0
            total += sign * A[row * ell + column] * rest
            sign = -sign
    return total


@compiled
def determinant(A, ell):
    return minor(A, ell, 0, 0)


def decode(given):
    return array(given["A"]), int(given["ell"])


def make(ell, rng):
    return {"A": rng.uniform(0.0, 1.0, ell * ell).tolist(), "ell": ell}


EVAL = Eval(
    {
        "primal": Function(determinant, decode, float),
        "gradient": Function(ad.grad(determinant), decode, np.ndarray.tolist),
    },
    lambda name: [make(3, rng())],
    {"ell5": lambda rng: make(5, rng), "ell8": lambda rng: make(8, rng), "ell10": lambda rng: make(10, rng)},
    ("gradient",),
    "primal",
)
