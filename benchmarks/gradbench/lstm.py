"""GradBench's `lstm`: the loss of a recurrent network whose weights act element by element."""

from __future__ import annotations

import math

import numpy as np

import adcompile as ad
from benchmarks.gradbench.evals import Eval, Function, array, compiled, rng


@compiled
def sigmoid(z):
    return 1.0 / (1.0 + math.exp(-z))


@compiled
def loss(main, extra, state, sequence):
    b = sequence.shape[1]
    layers = main.shape[0] // 2
    state = state.copy()
    v = np.empty(b)
    y = np.empty(b)
    total = 0.0
    for t in range(sequence.shape[0] - 1):
        for j in range(b):
            v[j] = sequence[t, j] * extra[0, j]
        for i in range(layers):
            W, B = main[2 * i], main[2 * i + 1]
            h, g = state[2 * i], state[2 * i + 1]
            for j in range(b):
                forget = sigmoid(v[j] * W[j] + B[j])
                ingate = sigmoid(h[j] * W[b + j] + B[b + j])
                outgate = sigmoid(v[j] * W[2 * b + j] + B[2 * b + j])
                change = math.tanh(h[j] * W[3 * b + j] + B[3 * b + j])
                g[j] = g[j] * forget + ingate * change
                h[j] = outgate * math.tanh(g[j])
                v[j] = h[j]
        exponentials = 2.0
        for j in range(b):
            y[j] = v[j] * extra[1, j] + extra[2, j]
            exponentials += math.exp(y[j])
        normaliser = math.log(exponentials)
        for j in range(b):
            total += sequence[t + 1, j] * (y[j] - normaliser)
    return -total / (b * (sequence.shape[0] - 1))


def decode(given):
    return tuple(array(given[name]) for name in ("main_params", "extra_params", "state", "sequence"))


def encode(gradient):
    return [number for part in gradient for number in part.ravel().tolist()]


def make(layers, c, b, rng):
    return {
        "main_params": rng.standard_normal((2 * layers, 4 * b)).tolist(),
        "extra_params": rng.standard_normal((3, b)).tolist(),
        "state": rng.standard_normal((2 * layers, b)).tolist(),
        "sequence": rng.integers(0, 2, (c, b)).tolist(),
    }


EVAL = Eval(
    {
        "objective": Function(loss, decode, float),
        "jacobian": Function(ad.grad(loss, (0, 1)), decode, encode),
    },
    lambda name: [make(2, 3, 2, rng())],
    {"l2_c1024": lambda rng: make(2, 1024, 14, rng), "l4_c4096": lambda rng: make(4, 4096, 14, rng)},
    ("jacobian",),
    "objective",
)
