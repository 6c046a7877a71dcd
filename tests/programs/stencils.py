"""Stencils as the polyhedral benchmarks have them."""

import numpy as np

from programs.case import case


@case(A=(9,), B=(9,), tsteps=3)
def jacobi_1d(A, B, tsteps):
    A = A.copy()
    B = B.copy()
    for t in range(1, tsteps):
        B[1:-1] = 0.33333 * (A[:-2] + A[1:-1] + A[2:])
        A[1:-1] = 0.33333 * (B[:-2] + B[1:-1] + B[2:])
    return np.sum(A * A)


@case("core", a=(6, 5), tsteps=2)
def jacobi_2d_loops(a, tsteps):
    a = a.copy()
    b = np.zeros_like(a)
    n, m = a.shape
    for _ in range(tsteps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                b[i, j] = 0.2 * (a[i, j] + a[i, j - 1] + a[i, 1 + j] + a[1 + i, j] + a[i - 1, j])
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                a[i, j] = np.sin(b[i, j])
    return a.sum()


@case(A=(5, 6), n=3)
def seidel_2d(A, n):
    A = A.copy()
    for _ in range(n):
        for i in range(1, A.shape[0] - 1):
            for j in range(1, A.shape[1] - 1):
                A[i, j] = (
                    A[i - 1, j - 1] + A[i - 1, j] + A[i - 1, j + 1]
                    + A[i, j - 1] + A[i, j] + A[i, j + 1]
                    + A[i + 1, j - 1] + A[i + 1, j] + A[i + 1, j + 1]
                ) / 9.0  # fmt: skip
    return float(np.sum(A**2))


@case(a=(4, 5, 4))
def heat_3d(a):
    b = a.copy()
    b[1:-1, 1:-1, 1:-1] = (
        0.125 * (a[2:, 1:-1, 1:-1] - 2.0 * a[1:-1, 1:-1, 1:-1] + a[:-2, 1:-1, 1:-1])
        + 0.125 * (a[1:-1, 2:, 1:-1] - 2.0 * a[1:-1, 1:-1, 1:-1] + a[1:-1, :-2, 1:-1])
        + 0.125 * (a[1:-1, 1:-1, 2:] - 2.0 * a[1:-1, 1:-1, 1:-1] + a[1:-1, 1:-1, :-2])
        + a[1:-1, 1:-1, 1:-1]
    )
    return np.sum(b**3)


@case(ex=(5, 5), ey=(5, 5), hz=(5, 5), fict=(3,))
def fdtd_2d(ex, ey, hz, fict):
    ex, ey, hz = ex.copy(), ey.copy(), hz.copy()
    for t in range(fict.size):
        ey[0, :] = fict[t]
        ey[1:, :] -= 0.5 * (hz[1:, :] - hz[:-1, :])
        ex[:, 1:] -= 0.5 * (hz[:, 1:] - hz[:, :-1])
        hz[:-1, :-1] -= 0.7 * (ex[:-1, 1:] - ex[:-1, :-1] + ey[1:, :-1] - ey[:-1, :-1])
    return np.sum(hz * hz) + ex[1, 1] * ey[2, 2]


@case(f=(8,), k=(3,))
def correlate_same_by_loops(f, k):
    n, half = f.size, k.size // 2
    out = np.zeros(n)
    for i in range(n):
        acc = 0.0
        for j in range(-half, half + 1):
            if 0 <= i + j < n:
                acc += f[i + j] * k[j + half]
        out[i] = acc
    return np.sum(out * np.cos(f))


@case(image=(6, 6))
def total_variation(image):
    dx = image[:, 1:] - image[:, :-1]
    dy = image[1:, :] - image[:-1, :]
    return np.sum(np.sqrt(dx[:-1, :] ** 2 + dy[:, :-1] ** 2 + 1e-3))


@case(h=(6,), steps=2)
def periodic_roll(h, steps):
    for _ in range(steps):
        h = h - 0.1 * h * (np.roll(h, -1) - np.roll(h, 1))
    return (h**2).mean()


@case(u=(7,), red=3)
def red_black(u, red):
    u = u.copy()
    for sweep in range(red):
        for start in (1, 2):
            for i in range(start, len(u) - 1, 2):
                u[i] = 0.5 * (u[i - 1] + u[i + 1]) - 0.05 * u[i] ** 2
    return u[2] + u[3] * u[4]
