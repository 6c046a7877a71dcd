"""The programs that are measured: loops over numbers and arrays as users write them, each with its arguments.

Nothing here imports adcompile, and nothing is measured here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Kernel(NamedTuple):
    """A program, the arguments to measure it with, and which of them to differentiate."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    argnum: int = 0


def logistic(w, X, y):
    loss = 0.0
    for k in range(X.shape[0]):
        z = 0.0
        for j in range(X.shape[1]):
            z += X[k, j] * w[j]
        loss += math.log(1.0 + math.exp(-y[k] * z))
    return loss / X.shape[0]


def heat(u0, steps):
    u = u0.copy()
    v = u0.copy()
    for _ in range(steps):
        for i in range(1, u.shape[0] - 1):
            v[i] = u[i] + 0.25 * (u[i - 1] - 2 * u[i] + u[i + 1])
        u, v = v, u
    s = 0.0
    for i in range(u.shape[0]):
        s += u[i] * u[i]
    return s


def burgers(u0, steps):
    u = u0.copy()
    v = u0.copy()
    for _ in range(steps):
        for i in range(1, u.shape[0] - 1):
            v[i] = u[i] - 0.1 * u[i] * (u[i] - u[i - 1])
        u, v = v, u
    s = 0.0
    for i in range(u.shape[0]):
        s += u[i] * u[i]
    return s


def nbody(x, m):
    e = 0.0
    for i in range(x.shape[0]):
        for j in range(i):
            d2 = 0.01
            for k in range(3):
                d = x[i, k] - x[j, k]
                d2 += d * d
            e -= m[i] * m[j] / math.sqrt(d2)
    return e


def lu(A0, b):
    A = A0.copy()
    n = A.shape[0]
    for k in range(n):
        for i in range(k + 1, n):
            A[i, k] /= A[k, k]
            for j in range(k + 1, n):
                A[i, j] -= A[i, k] * A[k, j]
    s = 0.0
    for i in range(n):
        s += math.log(abs(A[i, i])) * b[i]
    return s


def cholesky(A0):
    A = A0.copy()
    n = A.shape[0]
    for i in range(n):
        for j in range(i + 1):
            s = A[i, j]
            for k in range(j):
                s -= A[i, k] * A[j, k]
            if i == j:
                A[i, j] = math.sqrt(s)
            else:
                A[i, j] = s / A[j, j]
    t = 0.0
    for i in range(n):
        t += math.log(A[i, i])
    return t


def lorenz(x, y, z, n):
    for _ in range(n):
        dx = 10.0 * (y - x)
        dy = x * (28.0 - z) - y
        dz = x * y - 8.0 / 3.0 * z
        x += 0.001 * dx
        y += 0.001 * dy
        z += 0.001 * dz
    return x * x + y + z


def kepler(M, e):
    s = 0.0
    for i in range(M.shape[0]):
        E = M[i]
        for _ in range(50):
            d = (E - e * math.sin(E) - M[i]) / (1.0 - e * math.cos(E))
            E = E - d
            if abs(d) < 1e-12:
                break
        s += E
    return s


def filtered(x, a, b):
    y = 0.0
    s = 0.0
    for i in range(x.shape[0]):
        y = a * y + b * x[i]
        s += y * y
    return s


def warping(a, b):
    n, m = len(a), len(b)
    D = np.full((n + 1, m + 1), 1e9)
    D[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            c = (a[i - 1] - b[j - 1]) ** 2
            D[i, j] = c + min(D[i - 1, j], D[i, j - 1], D[i - 1, j - 1])
    return D[n, m]


def kernels() -> list[Kernel]:
    """All programs, with the same arguments in every run."""
    rng = np.random.default_rng(0)
    A = rng.standard_normal((60, 60))
    definite = A @ A.T + 60 * np.eye(60)
    labels = np.sign(rng.standard_normal(2000))
    return [
        Kernel(logistic, (rng.standard_normal(20), rng.standard_normal((2000, 20)), labels)),
        Kernel(heat, (rng.standard_normal(1000), 100)),
        Kernel(burgers, (0.1 * rng.standard_normal(1000), 100)),
        Kernel(nbody, (rng.standard_normal((150, 3)), np.ones(150))),
        Kernel(lu, (definite, np.ones(60))),
        Kernel(cholesky, (definite,)),
        Kernel(lorenz, (1.0, 1.0, 1.0, 5000)),
        Kernel(kepler, (np.linspace(0.1, 6, 1000), 0.5)),
        Kernel(filtered, (rng.standard_normal(10000), 0.9, 0.1)),
        Kernel(warping, (rng.standard_normal(100), rng.standard_normal(100))),
    ]
