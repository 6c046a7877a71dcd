"""GradBench's `gmm`: the logarithm of the posterior of a mixture of Gaussians, with a Wishart prior."""

from __future__ import annotations

import math

import numpy as np

import adcompile as ad
from benchmarks.gradbench.evals import Eval, Function, array, compiled, rng


@compiled
def logsumexp(x):
    largest = x[0]
    for c in range(1, len(x)):
        largest = max(largest, x[c])
    total = 0.0
    for c in range(len(x)):
        total += math.exp(x[c] - largest)
    return largest + math.log(total)


@compiled
def log_wishart_constant(d, gamma, m):
    nu = d + m + 1
    log_gamma = 0.25 * d * (d - 1) * math.log(math.pi)
    for j in range(1, d + 1):
        log_gamma += math.lgamma(0.5 * nu + 0.5 * (1 - j))
    return nu * d * (math.log(gamma) - 0.5 * math.log(2.0)) - log_gamma


@compiled
def log_posterior(alpha, mu, q, lower, x, gamma, m):
    n, d = x.shape
    k = len(alpha)
    diagonal = np.exp(q)
    sums = np.zeros(k)
    for c in range(k):
        for j in range(d):
            sums[c] += q[c, j]

    centred = np.empty(d)
    product = np.empty(d)
    beta = np.empty(k)
    total = 0.0
    for i in range(n):
        for c in range(k):
            for j in range(d):
                centred[j] = x[i, j] - mu[c, j]
                product[j] = diagonal[c, j] * centred[j]
            r = 0
            for j in range(d):
                for row in range(j + 1, d):
                    product[row] += lower[c, r] * centred[j]
                    r += 1
            square = 0.0
            for j in range(d):
                square += product[j] * product[j]
            beta[c] = alpha[c] + sums[c] - 0.5 * square
        total += logsumexp(beta)

    prior = k * log_wishart_constant(d, gamma, m)
    for c in range(k):
        squares = 0.0
        for j in range(d):
            squares += diagonal[c, j] * diagonal[c, j]
        for r in range(lower.shape[1]):
            squares += lower[c, r] * lower[c, r]
        prior -= 0.5 * gamma * gamma * squares - m * sums[c]
    return -0.5 * n * d * math.log(2.0 * math.pi) + total - n * logsumexp(alpha) + prior


def decode(given):
    k, d = given["k"], given["d"]
    triangle = array(given["l"]).reshape(k, d * (d - 1) // 2)
    parameters = array(given["alpha"]), array(given["mu"]), array(given["q"]), triangle
    return *parameters, array(given["x"]), float(given["gamma"]), int(given["m"])


def encode(gradient):
    return {name: part.tolist() for name, part in zip(("alpha", "mu", "q", "l"), gradient, strict=True)}


def make(d, k, n, rng):
    shapes = {"alpha": (k,), "mu": (k, d), "q": (k, d), "l": (k, d * (d - 1) // 2), "x": (n, d)}
    return {
        "d": d,
        "k": k,
        "n": n,
        "gamma": 1.0,
        "m": 0,
        **{name: rng.standard_normal(shape).tolist() for name, shape in shapes.items()},
    }


EVAL = Eval(
    {
        "objective": Function(log_posterior, decode, float),
        "jacobian": Function(ad.grad(log_posterior, (0, 1, 2, 3)), decode, encode),
    },
    lambda name: [make(3, 2, 4, rng())],
    {
        "d2_k5_n1000": lambda rng: make(2, 5, 1000, rng),
        "d10_k25_n1000": lambda rng: make(10, 25, 1000, rng),
        "d20_k50_n1000": lambda rng: make(20, 50, 1000, rng),
    },
    ("jacobian",),
    "objective",
)
