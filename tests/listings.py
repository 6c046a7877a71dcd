"""The functions whose listings are kept in `golden/`: small, and of every shape that a listing shows."""

from __future__ import annotations

import math
from math import exp, log, sin

import numpy as np


def textbook(x1, x2):
    return x1 * x2 + sin(x2)


def carried(x):
    s = 1.0
    for i in range(x.shape[0]):
        s = s * x[i] + 0.1 / s
    return s


def in_place(u0, c, steps):
    u = u0.copy()
    n = u.shape[0]
    for t in range(steps):
        for i in range(1, n - 1):
            u[i] = u[i] + 0.25 * (u[i - 1] - 2.0 * u[i] + u[i + 1])
    s = 0.0
    for i in range(n):
        s += c[i] * u[i]
    return s


def logistic(w, X, y):
    n, d = X.shape
    loss = 0.0
    for k in range(n):
        z = 0.0
        for j in range(d):
            z += X[k, j] * w[j]
        loss += log(1.0 + exp(-y[k] * z))
    return loss / n


def newton(x):
    y = x
    while True:
        step = 0.5 * (y - x / y)
        y = y - step
        if step * step < 1e-24:
            break
    return y


def branches(x, n):
    y = x
    for k in range(n):
        if y > 1.0:
            y = math.sqrt(y)
        else:
            y = y * x + k
    return y


def layer(W, b, X):
    V = X @ W + b
    Y = np.maximum(V, 0.0)
    return np.sum(Y * Y)


def cross_entropy(Z, Y):
    Z = Z - np.max(Z, axis=1, keepdims=True)
    return np.sum(Y * (np.log(np.sum(np.exp(Z), axis=1, keepdims=True)) - Z))


SAMPLES = {
    textbook: (2.0, 3.0),
    carried: (np.linspace(0.5, 1.5, 7),),
    in_place: (np.linspace(0.0, 1.0, 9) ** 2, np.cos(np.arange(9.0)), 5),
    logistic: (np.linspace(-1.0, 1.0, 3), np.arange(12.0).reshape(4, 3) / 7.0, np.array([1.0, -1.0, 1.0, -1.0])),
    newton: (2.0,),
    branches: (1.3, 4),
    layer: (np.linspace(-1, 1, 6).reshape(3, 2), np.array([0.1, -0.2]), np.sin(np.arange(12.0)).reshape(4, 3)),
    cross_entropy: (np.sin(np.arange(12.0)).reshape(4, 3), np.eye(3)[[0, 2, 1, 0]]),
}
