"""GradBench's `kmeans`: a step of Newton's method for the centroids of clusters."""

from __future__ import annotations

import numpy as np

import adcompile as ad
from benchmarks.gradbench.evals import Eval, Function, array, compiled, rng


@compiled
def cost(centroids, points):
    total = 0.0
    for i in range(points.shape[0]):
        nearest = np.inf
        for c in range(centroids.shape[0]):
            distance = 0.0
            for j in range(points.shape[1]):
                difference = points[i, j] - centroids[c, j]
                distance += difference * difference
            nearest = min(nearest, distance)
        total += nearest
    return total


gradient = ad.grad(cost)


def direction(centroids, points):
    """The gradient over the diagonal of the Hessian, which has nothing beside its diagonal."""
    first, second = ad.jvp(gradient, (centroids, points), (np.ones_like(centroids), None))
    return first / second


def decode(given):
    return array(given["centroids"]), array(given["points"])


def make(k, n, d, rng):
    points = rng.standard_normal((n, d))
    return {"points": points.tolist(), "centroids": points[:k].tolist()}


EVAL = Eval(
    {
        "cost": Function(cost, decode, float),
        "dir": Function(direction, decode, np.ndarray.tolist),
    },
    lambda name: [make(2, 5, 3, rng())],
    {"k10_n1000_d16": lambda rng: make(10, 1000, 16, rng), "k100_n10000_d32": lambda rng: make(100, 10000, 32, rng)},
    ("dir",),
    "cost",
)
