"""Programs with loops over elements and stores in place, as Numba's users write them: stencils, triangular nests, recurrences.

Each is here as a plain program, as an adjoint of it by hand where one is worth comparing with, and in JAX where that can
run the same algorithm. Nothing imports adcompile, and nothing is measured here.
"""

from __future__ import annotations

import math

import numpy as np

from benchmarks.scientific.arrays import Arguments, sized, uniform
from benchmarks.scientific.harness import Kernel
from benchmarks.scientific.peers import jnp, lax

# -- stencils ---------------------------------------------------------------------------------------------------


def jacobi_1d(A0, B0, steps):
    A = A0.copy()
    B = B0.copy()
    for _ in range(steps):
        for i in range(1, A.shape[0] - 1):
            B[i] = 0.33333 * (A[i - 1] + A[i] + A[i + 1])
        for i in range(1, A.shape[0] - 1):
            A[i] = 0.33333 * (B[i - 1] + B[i] + B[i + 1])
    return np.sum(A * A)


def jacobi_2d(A0, B0, steps):
    A = A0.copy()
    B = B0.copy()
    n, m = A.shape
    for _ in range(steps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                B[i, j] = 0.2 * (A[i, j] + A[i, j - 1] + A[i, j + 1] + A[i + 1, j] + A[i - 1, j])
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                A[i, j] = 0.2 * (B[i, j] + B[i, j - 1] + B[i, j + 1] + B[i + 1, j] + B[i - 1, j])
    return np.sum(A * A)


def seidel_2d(A0, steps):
    A = A0.copy()
    n = A.shape[0]
    for _ in range(steps):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                A[i, j] = (
                    A[i - 1, j - 1]
                    + A[i - 1, j]
                    + A[i - 1, j + 1]
                    + A[i, j - 1]
                    + A[i, j]
                    + A[i, j + 1]
                    + A[i + 1, j - 1]
                    + A[i + 1, j]
                    + A[i + 1, j + 1]
                ) / 9.0
    return np.sum(A * A)


def heat_3d(A0, B0, steps):
    A = A0.copy()
    B = B0.copy()
    n = A.shape[0]
    for _ in range(steps):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                for k in range(1, n - 1):
                    B[i, j, k] = (
                        0.125 * (A[i + 1, j, k] - 2.0 * A[i, j, k] + A[i - 1, j, k])
                        + 0.125 * (A[i, j + 1, k] - 2.0 * A[i, j, k] + A[i, j - 1, k])
                        + 0.125 * (A[i, j, k + 1] - 2.0 * A[i, j, k] + A[i, j, k - 1])
                        + A[i, j, k]
                    )
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                for k in range(1, n - 1):
                    A[i, j, k] = (
                        0.125 * (B[i + 1, j, k] - 2.0 * B[i, j, k] + B[i - 1, j, k])
                        + 0.125 * (B[i, j + 1, k] - 2.0 * B[i, j, k] + B[i, j - 1, k])
                        + 0.125 * (B[i, j, k + 1] - 2.0 * B[i, j, k] + B[i, j, k - 1])
                        + B[i, j, k]
                    )
    return np.sum(A * A)


def fdtd_2d(ex0, ey0, hz0, source):
    ex = ex0.copy()
    ey = ey0.copy()
    hz = hz0.copy()
    nx, ny = hz.shape
    for t in range(source.shape[0]):
        for j in range(ny):
            ey[0, j] = source[t]
        for i in range(1, nx):
            for j in range(ny):
                ey[i, j] = ey[i, j] - 0.5 * (hz[i, j] - hz[i - 1, j])
        for i in range(nx):
            for j in range(1, ny):
                ex[i, j] = ex[i, j] - 0.5 * (hz[i, j] - hz[i, j - 1])
        for i in range(nx - 1):
            for j in range(ny - 1):
                hz[i, j] = hz[i, j] - 0.7 * (ex[i, j + 1] - ex[i, j] + ey[i + 1, j] - ey[i, j])
    return np.sum(hz * hz)


def adi(u0, steps):
    u = u0.copy()
    n = u.shape[0]
    v = np.zeros((n, n))
    p = np.zeros((n, n))
    q = np.zeros((n, n))
    dx = 1.0 / n
    dt = 1.0 / steps
    mul1 = 2.0 * dt / (dx * dx)
    mul2 = dt / (dx * dx)
    a = -mul1 / 2.0
    b = 1.0 + mul1
    c = a
    d = -mul2 / 2.0
    e = 1.0 + mul2
    f = d
    for _ in range(steps):
        for i in range(1, n - 1):
            v[0, i] = 1.0
            p[i, 0] = 0.0
            q[i, 0] = v[0, i]
            for j in range(1, n - 1):
                p[i, j] = -c / (a * p[i, j - 1] + b)
                q[i, j] = (-d * u[j, i - 1] + (1.0 + 2.0 * d) * u[j, i] - f * u[j, i + 1] - a * q[i, j - 1]) / (
                    a * p[i, j - 1] + b
                )
            v[n - 1, i] = 1.0
            for j in range(n - 2, 0, -1):
                v[j, i] = p[i, j] * v[j + 1, i] + q[i, j]
        for i in range(1, n - 1):
            u[i, 0] = 1.0
            p[i, 0] = 0.0
            q[i, 0] = u[i, 0]
            for j in range(1, n - 1):
                p[i, j] = -f / (d * p[i, j - 1] + e)
                q[i, j] = (-a * v[i - 1, j] + (1.0 + 2.0 * a) * v[i, j] - c * v[i + 1, j] - d * q[i, j - 1]) / (
                    d * p[i, j - 1] + e
                )
            u[i, n - 1] = 1.0
            for j in range(n - 2, 0, -1):
                u[i, j] = p[i, j] * u[i, j + 1] + q[i, j]
    return np.sum(u * u)


def cavity(u0, v0, steps):
    """Flow in a cavity with a moving lid: velocities, and pressure by a few sweeps of Jacobi's method."""
    u = u0.copy()
    v = v0.copy()
    n, m = u.shape
    p = np.zeros((n, m))
    pn = np.zeros((n, m))
    b = np.zeros((n, m))
    un = np.zeros((n, m))
    vn = np.zeros((n, m))
    dx = 2.0 / (m - 1)
    dt = 0.001
    for _ in range(steps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                ux = (u[i, j + 1] - u[i, j - 1]) / (2.0 * dx)
                vy = (v[i + 1, j] - v[i - 1, j]) / (2.0 * dx)
                uy = (u[i + 1, j] - u[i - 1, j]) / (2.0 * dx)
                vx = (v[i, j + 1] - v[i, j - 1]) / (2.0 * dx)
                b[i, j] = (ux + vy) / dt - ux * ux - 2.0 * uy * vx - vy * vy
        for _ in range(20):
            for i in range(n):
                for j in range(m):
                    pn[i, j] = p[i, j]
            for i in range(1, n - 1):
                for j in range(1, m - 1):
                    p[i, j] = 0.25 * (pn[i, j + 1] + pn[i, j - 1] + pn[i + 1, j] + pn[i - 1, j] - dx * dx * b[i, j])
            for i in range(n):
                p[i, m - 1] = p[i, m - 2]
                p[i, 0] = p[i, 1]
            for j in range(m):
                p[0, j] = p[1, j]
                p[n - 1, j] = 0.0
        for i in range(n):
            for j in range(m):
                un[i, j] = u[i, j]
                vn[i, j] = v[i, j]
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                u[i, j] = (
                    un[i, j]
                    - dt / dx * un[i, j] * (un[i, j] - un[i, j - 1])
                    - dt / dx * vn[i, j] * (un[i, j] - un[i - 1, j])
                    - dt / (2.0 * dx) * (p[i, j + 1] - p[i, j - 1])
                    + 0.1
                    * dt
                    / (dx * dx)
                    * (un[i, j + 1] + un[i, j - 1] + un[i + 1, j] + un[i - 1, j] - 4.0 * un[i, j])
                )
                v[i, j] = (
                    vn[i, j]
                    - dt / dx * un[i, j] * (vn[i, j] - vn[i, j - 1])
                    - dt / dx * vn[i, j] * (vn[i, j] - vn[i - 1, j])
                    - dt / (2.0 * dx) * (p[i + 1, j] - p[i - 1, j])
                    + 0.1
                    * dt
                    / (dx * dx)
                    * (vn[i, j + 1] + vn[i, j - 1] + vn[i + 1, j] + vn[i - 1, j] - 4.0 * vn[i, j])
                )
        for j in range(m):
            u[0, j] = 0.0
            u[n - 1, j] = 1.0
            v[0, j] = 0.0
            v[n - 1, j] = 0.0
        for i in range(n):
            u[i, 0] = 0.0
            u[i, m - 1] = 0.0
            v[i, 0] = 0.0
            v[i, m - 1] = 0.0
    return np.sum(u * u) + np.sum(v * v)


# -- triangular nests -------------------------------------------------------------------------------------------


def lu(A0):
    A = A0.copy()
    n = A.shape[0]
    for i in range(n):
        for j in range(i):
            for k in range(j):
                A[i, j] -= A[i, k] * A[k, j]
            A[i, j] /= A[j, j]
        for j in range(i, n):
            for k in range(i):
                A[i, j] -= A[i, k] * A[k, j]
    return np.sum(A * A)


def cholesky(A0):
    A = A0.copy()
    n = A.shape[0]
    for i in range(n):
        for j in range(i):
            for k in range(j):
                A[i, j] -= A[i, k] * A[j, k]
            A[i, j] /= A[j, j]
        for k in range(i):
            A[i, i] -= A[i, k] * A[i, k]
        A[i, i] = math.sqrt(A[i, i])
    s = 0.0
    for i in range(n):
        for j in range(i + 1):
            s += A[i, j] * A[i, j]
    return s


def trisolv(L, b):
    n = L.shape[0]
    x = np.zeros(n)
    for i in range(n):
        x[i] = b[i]
        for j in range(i):
            x[i] -= L[i, j] * x[j]
        x[i] /= L[i, i]
    return np.sum(x * x)


def durbin(r):
    n = r.shape[0]
    y = np.zeros(n)
    z = np.zeros(n)
    y[0] = -r[0]
    beta = 1.0
    alpha = -r[0]
    for k in range(1, n):
        beta = (1.0 - alpha * alpha) * beta
        total = 0.0
        for i in range(k):
            total += r[k - i - 1] * y[i]
        alpha = -(r[k] + total) / beta
        for i in range(k):
            z[i] = y[i] + alpha * y[k - i - 1]
        for i in range(k):
            y[i] = z[i]
        y[k] = alpha
    return np.sum(y * y)


def gramschmidt(A0):
    A = A0.copy()
    m, n = A.shape
    Q = np.zeros((m, n))
    R = np.zeros((n, n))
    for k in range(n):
        norm = 0.0
        for i in range(m):
            norm += A[i, k] * A[i, k]
        R[k, k] = math.sqrt(norm)
        for i in range(m):
            Q[i, k] = A[i, k] / R[k, k]
        for j in range(k + 1, n):
            for i in range(m):
                R[k, j] += Q[i, k] * A[i, j]
            for i in range(m):
                A[i, j] -= Q[i, k] * R[k, j]
    return np.sum(Q * Q * Q) + np.sum(R)


# -- products of matrices ---------------------------------------------------------------------------------------


def syrk(alpha, beta, C0, A):
    C = C0.copy()
    n, m = A.shape
    for i in range(n):
        for j in range(i + 1):
            C[i, j] *= beta
        for k in range(m):
            for j in range(i + 1):
                C[i, j] += alpha * A[i, k] * A[j, k]
    return np.sum(C * C)


def syr2k(alpha, beta, C0, A, B):
    C = C0.copy()
    n, m = A.shape
    for i in range(n):
        for j in range(i + 1):
            C[i, j] *= beta
        for k in range(m):
            for j in range(i + 1):
                C[i, j] += A[j, k] * alpha * B[i, k] + B[j, k] * alpha * A[i, k]
    return np.sum(C * C)


def symm(alpha, beta, C0, A, B):
    C = C0.copy()
    m, n = C.shape
    for i in range(m):
        for j in range(n):
            temp = 0.0
            for k in range(i):
                C[k, j] += alpha * B[i, j] * A[i, k]
                temp += B[k, j] * A[i, k]
            C[i, j] = beta * C[i, j] + alpha * B[i, j] * A[i, i] + alpha * temp
    return np.sum(C * C)


def trmm(alpha, A, B0):
    B = B0.copy()
    m, n = B.shape
    for i in range(m):
        for j in range(n):
            for k in range(i + 1, m):
                B[i, j] += A[k, i] * B[k, j]
            B[i, j] *= alpha
    return np.sum(B * B)


def doitgen(A0, C4):
    A = A0.copy()
    nr, nq, np_ = A.shape
    total = np.zeros(np_)
    for r in range(nr):
        for q in range(nq):
            for p in range(np_):
                total[p] = 0.0
                for s in range(np_):
                    total[p] += A[r, q, s] * C4[s, p]
            for p in range(np_):
                A[r, q, p] = total[p]
    return np.sum(A * A)


def correlation(data0):
    data = data0.copy()
    n, m = data.shape
    mean = np.zeros(m)
    stddev = np.zeros(m)
    corr = np.zeros((m, m))
    for j in range(m):
        for i in range(n):
            mean[j] += data[i, j]
        mean[j] /= n
    for j in range(m):
        for i in range(n):
            stddev[j] += (data[i, j] - mean[j]) * (data[i, j] - mean[j])
        stddev[j] = math.sqrt(stddev[j] / n)
        if stddev[j] <= 0.1:
            stddev[j] = 1.0
    for i in range(n):
        for j in range(m):
            data[i, j] = (data[i, j] - mean[j]) / (math.sqrt(n) * stddev[j])
    for i in range(m - 1):
        corr[i, i] = 1.0
        for j in range(i + 1, m):
            for k in range(n):
                corr[i, j] += data[k, i] * data[k, j]
            corr[j, i] = corr[i, j]
    corr[m - 1, m - 1] = 1.0
    return np.sum(corr * corr)


# -- dynamic programming and recurrences ------------------------------------------------------------------------


def floyd_warshall(path0):
    path = path0.copy()
    n = path.shape[0]
    for k in range(n):
        for i in range(n):
            for j in range(n):
                path[i, j] = min(path[i, j], path[i, k] + path[k, j])
    return np.sum(path)


def nussinov(pair):
    n = pair.shape[0]
    table = np.zeros((n, n))
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            best = max(table[i, j - 1], table[i + 1, j])
            if i < j - 1:
                best = max(best, table[i + 1, j - 1] + pair[i, j])
            for k in range(i + 1, j):
                best = max(best, table[i, k] + table[k + 1, j])
            table[i, j] = best
    return table[0, n - 1]


def deriche(image, alpha):
    w, h = image.shape
    out = np.zeros((w, h))
    y2 = np.zeros((w, h))
    k = (1.0 - math.exp(-alpha)) ** 2 / (1.0 + 2.0 * alpha * math.exp(-alpha) - math.exp(2.0 * alpha))
    a1 = k
    a2 = k * math.exp(-alpha) * (alpha - 1.0)
    a3 = k * math.exp(-alpha) * (alpha + 1.0)
    a4 = -k * math.exp(-2.0 * alpha)
    b1 = 2.0 ** (-alpha)
    b2 = -math.exp(-2.0 * alpha)
    for i in range(w):
        ym1 = 0.0
        ym2 = 0.0
        xm1 = 0.0
        for j in range(h):
            out[i, j] = a1 * image[i, j] + a2 * xm1 + b1 * ym1 + b2 * ym2
            xm1 = image[i, j]
            ym2 = ym1
            ym1 = out[i, j]
        yp1 = 0.0
        yp2 = 0.0
        xp1 = 0.0
        xp2 = 0.0
        for j in range(h - 1, -1, -1):
            y2[i, j] = a3 * xp1 + a4 * xp2 + b1 * yp1 + b2 * yp2
            xp2 = xp1
            xp1 = image[i, j]
            yp2 = yp1
            yp1 = y2[i, j]
    s = 0.0
    for i in range(w):
        for j in range(h):
            s += (out[i, j] + y2[i, j]) ** 2
    return s


# -- adjoints by hand -------------------------------------------------------------------------------------------


def jacobi_1d_adjoint(A0, B0, steps):
    A, B, n = A0.copy(), B0.copy(), A0.shape[0]
    for _ in range(steps):
        for i in range(1, n - 1):
            B[i] = 0.33333 * (A[i - 1] + A[i] + A[i + 1])
        for i in range(1, n - 1):
            A[i] = 0.33333 * (B[i - 1] + B[i] + B[i + 1])
    A_bar, B_bar = 2.0 * A, np.zeros(n)
    for _ in range(steps):
        for source, target in ((A_bar, B_bar), (B_bar, A_bar)):
            for i in range(n - 2, 0, -1):
                g = 0.33333 * source[i]
                source[i] = 0.0
                target[i - 1] += g
                target[i] += g
                target[i + 1] += g
    return np.sum(A * A), (A_bar, B_bar)


def jacobi_2d_adjoint(A0, B0, steps):
    A, B = A0.copy(), B0.copy()
    n, m = A.shape
    for _ in range(steps):
        for source, target in ((A, B), (B, A)):
            for i in range(1, n - 1):
                for j in range(1, m - 1):
                    target[i, j] = 0.2 * (
                        source[i, j] + source[i, j - 1] + source[i, j + 1] + source[i + 1, j] + source[i - 1, j]
                    )
    A_bar, B_bar = 2.0 * A, np.zeros((n, m))
    for _ in range(steps):
        for source, target in ((A_bar, B_bar), (B_bar, A_bar)):
            for i in range(1, n - 1):
                for j in range(1, m - 1):
                    g = 0.2 * source[i, j]
                    source[i, j] = 0.0
                    target[i, j] += g
                    target[i, j - 1] += g
                    target[i, j + 1] += g
                    target[i + 1, j] += g
                    target[i - 1, j] += g
    return np.sum(A * A), (A_bar, B_bar)


def heat_3d_adjoint(A0, B0, steps):
    A, B, n = A0.copy(), B0.copy(), A0.shape[0]
    for _ in range(steps):
        for s, t in ((A, B), (B, A)):
            for i in range(1, n - 1):
                for j in range(1, n - 1):
                    for k in range(1, n - 1):
                        t[i, j, k] = (
                            0.125 * (s[i + 1, j, k] - 2.0 * s[i, j, k] + s[i - 1, j, k])
                            + 0.125 * (s[i, j + 1, k] - 2.0 * s[i, j, k] + s[i, j - 1, k])
                            + 0.125 * (s[i, j, k + 1] - 2.0 * s[i, j, k] + s[i, j, k - 1])
                            + s[i, j, k]
                        )
    A_bar, B_bar = 2.0 * A, np.zeros_like(A)
    for _ in range(steps):
        for s, t in ((A_bar, B_bar), (B_bar, A_bar)):
            for i in range(1, n - 1):
                for j in range(1, n - 1):
                    for k in range(1, n - 1):
                        g = s[i, j, k]
                        h = 0.125 * g
                        s[i, j, k] = 0.0
                        t[i + 1, j, k] += h
                        t[i - 1, j, k] += h
                        t[i, j + 1, k] += h
                        t[i, j - 1, k] += h
                        t[i, j, k + 1] += h
                        t[i, j, k - 1] += h
                        t[i, j, k] += 0.25 * g
    return np.sum(A * A), (A_bar, B_bar)


def fdtd_2d_adjoint(ex0, ey0, hz0, source):
    ex, ey, hz = ex0.copy(), ey0.copy(), hz0.copy()
    nx, ny = hz.shape
    for t in range(source.shape[0]):
        for j in range(ny):
            ey[0, j] = source[t]
        for i in range(1, nx):
            for j in range(ny):
                ey[i, j] -= 0.5 * (hz[i, j] - hz[i - 1, j])
        for i in range(nx):
            for j in range(1, ny):
                ex[i, j] -= 0.5 * (hz[i, j] - hz[i, j - 1])
        for i in range(nx - 1):
            for j in range(ny - 1):
                hz[i, j] -= 0.7 * (ex[i, j + 1] - ex[i, j] + ey[i + 1, j] - ey[i, j])
    ex_bar, ey_bar, hz_bar = np.zeros_like(ex), np.zeros_like(ey), 2.0 * hz
    for _ in range(source.shape[0]):
        for i in range(nx - 1):
            for j in range(ny - 1):
                g = -0.7 * hz_bar[i, j]
                ex_bar[i, j + 1] += g
                ex_bar[i, j] -= g
                ey_bar[i + 1, j] += g
                ey_bar[i, j] -= g
        for i in range(nx):
            for j in range(1, ny):
                g = -0.5 * ex_bar[i, j]
                hz_bar[i, j] += g
                hz_bar[i, j - 1] -= g
        for i in range(1, nx):
            for j in range(ny):
                g = -0.5 * ey_bar[i, j]
                hz_bar[i, j] += g
                hz_bar[i - 1, j] -= g
        for j in range(ny):
            ey_bar[0, j] = 0.0
    return np.sum(hz * hz), (ex_bar, ey_bar, hz_bar)


def trisolv_adjoint(L, b):
    n = L.shape[0]
    x = np.zeros(n)
    for i in range(n):
        s = b[i]
        for j in range(i):
            s -= L[i, j] * x[j]
        x[i] = s / L[i, i]
    x_bar, L_bar, b_bar = 2.0 * x, np.zeros_like(L), np.zeros(n)
    for i in range(n - 1, -1, -1):
        g = x_bar[i] / L[i, i]
        b_bar[i] = g
        L_bar[i, i] = -g * x[i]
        for j in range(i):
            x_bar[j] -= g * L[i, j]
            L_bar[i, j] = -g * x[j]
    return np.sum(x * x), (L_bar, b_bar)


def durbin_adjoint(r):
    n = r.shape[0]
    rows = np.empty((n, n))
    y, z = np.zeros(n), np.zeros(n)
    alphas, betas = np.empty(n), np.empty(n)
    y[0] = -r[0]
    beta = 1.0
    alpha = -r[0]
    alphas[0] = alpha
    betas[0] = beta
    for k in range(1, n):
        for i in range(k):
            rows[k, i] = y[i]
        beta = (1.0 - alpha * alpha) * beta
        total = 0.0
        for i in range(k):
            total += r[k - i - 1] * y[i]
        alpha = -(r[k] + total) / beta
        alphas[k] = alpha
        betas[k] = beta
        for i in range(k):
            z[i] = y[i] + alpha * y[k - i - 1]
        for i in range(k):
            y[i] = z[i]
        y[k] = alpha
    y_bar, z_bar, r_bar = 2.0 * y, np.zeros(n), np.zeros(n)
    alpha_bar = 0.0
    beta_bar = 0.0
    for k in range(n - 1, 0, -1):
        alpha_bar += y_bar[k]
        y_bar[k] = 0.0
        for i in range(k):
            z_bar[i] = y_bar[i]
        for i in range(k):
            alpha_bar += z_bar[i] * rows[k, k - i - 1]
        for i in range(k):
            y_bar[k - i - 1] += alphas[k] * z_bar[i]
        g = -alpha_bar / betas[k]
        beta_bar += g * alphas[k]
        r_bar[k] += g
        for i in range(k):
            y_bar[i] += g * r[k - i - 1]
        for i in range(k):
            r_bar[k - i - 1] += g * rows[k, i]
        alpha_bar = -2.0 * alphas[k - 1] * betas[k - 1] * beta_bar
        beta_bar *= 1.0 - alphas[k - 1] ** 2
    r_bar[0] -= alpha_bar + y_bar[0]
    return np.sum(y * y), (r_bar,)


def floyd_warshall_adjoint(path0):
    path = path0.copy()
    n = path.shape[0]
    shorter = np.empty((n, n, n), np.bool_)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                through = path[i, k] + path[k, j]
                shorter[k, i, j] = through < path[i, j]
                path[i, j] = min(path[i, j], through)
    bar = np.ones((n, n))
    for k in range(n - 1, -1, -1):
        for i in range(n - 1, -1, -1):
            for j in range(n - 1, -1, -1):
                if shorter[k, i, j]:
                    g = bar[i, j]
                    bar[i, j] = 0.0
                    bar[i, k] += g
                    bar[k, j] += g
    return np.sum(path), (bar,)


# -- in JAX -----------------------------------------------------------------------------------------------------


def jacobi_1d_jax(A, B, steps):
    def step(_, pair):
        A, B = pair
        B = B.at[1:-1].set(0.33333 * (A[:-2] + A[1:-1] + A[2:]))
        return A.at[1:-1].set(0.33333 * (B[:-2] + B[1:-1] + B[2:])), B

    A, B = lax.fori_loop(0, steps, step, (A, B))
    return jnp.sum(A * A)


def jacobi_2d_jax(A, B, steps):
    def mean(A):
        return 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1])

    def step(_, pair):
        A, B = pair
        B = B.at[1:-1, 1:-1].set(mean(A))
        return A.at[1:-1, 1:-1].set(mean(B)), B

    A, B = lax.fori_loop(0, steps, step, (A, B))
    return jnp.sum(A * A)


def seidel_2d_jax(A, steps):
    def row(i, A):
        above, here, below = A[i - 1], A[i], A[i + 1]
        others = above[:-2] + above[1:-1] + above[2:] + here[1:-1] + here[2:] + below[:-2] + below[1:-1] + below[2:]

        def element(left, other):
            new = (left + other) / 9.0
            return new, new

        return A.at[i, 1:-1].set(lax.scan(element, here[0], others)[1])

    A = lax.fori_loop(0, steps, lambda _, A: lax.fori_loop(1, A.shape[0] - 1, row, A), A)
    return jnp.sum(A * A)


def heat_3d_jax(A, B, steps):
    def next_of(A):
        inner = A[1:-1, 1:-1, 1:-1]
        return (
            0.125 * (A[2:, 1:-1, 1:-1] - 2.0 * inner + A[:-2, 1:-1, 1:-1])
            + 0.125 * (A[1:-1, 2:, 1:-1] - 2.0 * inner + A[1:-1, :-2, 1:-1])
            + 0.125 * (A[1:-1, 1:-1, 2:] - 2.0 * inner + A[1:-1, 1:-1, :-2])
            + inner
        )

    def step(_, pair):
        A, B = pair
        B = B.at[1:-1, 1:-1, 1:-1].set(next_of(A))
        return A.at[1:-1, 1:-1, 1:-1].set(next_of(B)), B

    A, B = lax.fori_loop(0, steps, step, (A, B))
    return jnp.sum(A * A)


def fdtd_2d_jax(ex, ey, hz, source):
    def step(fields, now):
        ex, ey, hz = fields
        ey = ey.at[0].set(now)
        ey = ey.at[1:].add(-0.5 * (hz[1:] - hz[:-1]))
        ex = ex.at[:, 1:].add(-0.5 * (hz[:, 1:] - hz[:, :-1]))
        hz = hz.at[:-1, :-1].add(-0.7 * (ex[:-1, 1:] - ex[:-1, :-1] + ey[1:, :-1] - ey[:-1, :-1]))
        return (ex, ey, hz), None

    (ex, ey, hz), _ = lax.scan(step, (ex, ey, hz), source)
    return jnp.sum(hz * hz)


def lu_jax(A):
    index = jnp.arange(A.shape[0])

    def column(k, A):
        factors = jnp.where(index > k, A[:, k] / A[k, k], 0.0)
        row = jnp.where(index > k, A[k], 0.0)
        return (A - jnp.outer(factors, row)).at[:, k].set(jnp.where(index > k, factors, A[:, k]))

    A = lax.fori_loop(0, A.shape[0], column, A)
    return jnp.sum(A * A)


def cholesky_jax(A):
    index = jnp.arange(A.shape[0])

    def column(k, A):
        pivot = jnp.sqrt(A[k, k])
        below = jnp.where(index > k, A[:, k] / pivot, 0.0)
        left = (index[:, None] > k) & (index[None, :] > k)
        A = A - jnp.where(left, jnp.outer(below, below), 0.0)
        return A.at[:, k].set(jnp.where(index > k, below, jnp.where(index == k, pivot, A[:, k])))

    A = lax.fori_loop(0, A.shape[0], column, A)
    return jnp.sum(jnp.tril(A) ** 2)


def trisolv_jax(L, b):
    def row(i, x):
        return x.at[i].set((b[i] - L[i] @ x) / L[i, i])

    x = lax.fori_loop(0, b.shape[0], row, jnp.zeros_like(b))
    return jnp.sum(x * x)


def durbin_jax(r):
    n = r.shape[0]
    index = jnp.arange(n)

    def step(k, state):
        y, alpha, beta = state
        beta = (1.0 - alpha * alpha) * beta
        alpha = -(r[k] + jnp.sum(jnp.where(index < k, jnp.roll(r[::-1], k) * y, 0.0))) / beta
        y = jnp.where(index < k, y + alpha * jnp.roll(y[::-1], k), y)
        return y.at[k].set(alpha), alpha, beta

    start = jnp.zeros(n).at[0].set(-r[0]), -r[0], jnp.ones(())
    y, _, _ = lax.fori_loop(1, n, step, start)
    return jnp.sum(y * y)


def gramschmidt_jax(A):
    m, n = A.shape
    index = jnp.arange(n)

    def column(k, state):
        A, Q, R = state
        norm = jnp.sqrt(jnp.sum(A[:, k] ** 2))
        q = A[:, k] / norm
        row = jnp.where(index > k, q @ A, 0.0)
        return A - jnp.outer(q, row), Q.at[:, k].set(q), R.at[k].set(row.at[k].set(norm))

    _, Q, R = lax.fori_loop(0, n, column, (A, jnp.zeros((m, n)), jnp.zeros((n, n))))
    return jnp.sum(Q**3) + jnp.sum(R)


def floyd_warshall_jax(path):
    def through(k, path):
        return jnp.minimum(path, path[:, k, None] + path[None, k, :])

    return jnp.sum(lax.fori_loop(0, path.shape[0], through, path))


# -- the kernels ------------------------------------------------------------------------------------------------


def definite(rng: np.random.Generator, n: int) -> Arguments:
    """A positive definite matrix."""
    A = rng.random((n, n))
    return (A @ A.T / n + n * np.eye(n),)


def lower(rng: np.random.Generator, n: int) -> Arguments:
    """A lower triangular matrix, and a vector."""
    return np.tril(rng.random((n, n)) / n) + np.eye(n), rng.random(n)


def reflections(rng: np.random.Generator, n: int) -> Arguments:
    """Correlations that are small enough for Durbin's recursion."""
    return (0.5 * rng.random(n) / n,)


def plane_waves(rng: np.random.Generator, nx: int, ny: int, steps: int) -> Arguments:
    """Three fields, and a source that is given at each step."""
    return (*rng.random((3, nx, ny)), rng.random(steps))


def stepped(*ranks: int):
    """Cubic arrays of some ranks, and a number of steps."""
    return lambda rng, n, steps: (*(rng.random((n,) * rank) for rank in ranks), steps)


def scaled(*shapes):
    """Two factors, and arrays."""
    return lambda rng, *sizes: (1.5, 1.2, *(rng.random(shape(*sizes)) for shape in shapes))


LOOPS = frozenset({"loops"})
KERNELS = [
    Kernel(
        jacobi_1d,
        sized(stepped(1, 1), T=(7, 3), S=(800, 400), M=(4000, 1000)),
        argnums=(0, 1),
        adjoint=jacobi_1d_adjoint,
        jax=jacobi_1d_jax,
        tags=LOOPS,
    ),
    Kernel(
        jacobi_2d,
        sized(stepped(2, 2), T=(6, 3), S=(150, 50), M=(350, 80)),
        argnums=(0, 1),
        adjoint=jacobi_2d_adjoint,
        jax=jacobi_2d_jax,
        tags=LOOPS,
    ),
    Kernel(seidel_2d, sized(stepped(2), T=(5, 2), S=(50, 8), M=(100, 20)), jax=seidel_2d_jax, tags=LOOPS),
    Kernel(
        heat_3d,
        sized(stepped(3, 3), T=(5, 2), S=(25, 25), M=(40, 50)),
        argnums=(0, 1),
        adjoint=heat_3d_adjoint,
        jax=heat_3d_jax,
        tags=LOOPS,
    ),
    Kernel(
        fdtd_2d,
        sized(plane_waves, T=(5, 6, 3), S=(200, 220, 20), M=(400, 450, 60)),
        argnums=(0, 1, 2),
        adjoint=fdtd_2d_adjoint,
        jax=fdtd_2d_jax,
        tags=LOOPS,
    ),
    Kernel(adi, sized(stepped(2), T=(6, 2), S=(100, 5), M=(200, 20)), tags=LOOPS),
    Kernel(cavity, sized(stepped(2, 2), T=(6, 2), S=(61, 10), M=(101, 20)), argnums=(0, 1), tags=LOOPS),
    Kernel(lu, sized(definite, T=(5,), S=(60,), M=(220,)), jax=lu_jax, tags=LOOPS),
    Kernel(cholesky, sized(definite, T=(5,), S=(100,), M=(300,)), jax=cholesky_jax, tags=LOOPS),
    Kernel(
        trisolv,
        sized(lower, T=(5,), S=(2000,), M=(5000,)),
        argnums=(0, 1),
        adjoint=trisolv_adjoint,
        jax=trisolv_jax,
        tags=LOOPS,
    ),
    Kernel(
        durbin,
        sized(reflections, T=(6,), S=(1000,), M=(3000,)),
        adjoint=durbin_adjoint,
        jax=durbin_jax,
        tags=LOOPS,
    ),
    Kernel(
        gramschmidt,
        sized(uniform(lambda m, n: (m, n)), T=(5, 3), S=(70, 60), M=(220, 180)),
        jax=gramschmidt_jax,
        tags=LOOPS,
    ),
    Kernel(
        syrk,
        sized(scaled(lambda n, _: (n, n), lambda n, m: (n, m)), T=(4, 3), S=(70, 50), M=(200, 150)),
        argnums=(2, 3),
        tags=LOOPS,
    ),
    Kernel(
        syr2k,
        sized(
            scaled(lambda n, _: (n, n), lambda n, m: (n, m), lambda n, m: (n, m)), T=(4, 3), S=(50, 35), M=(200, 150)
        ),
        argnums=(2, 3, 4),
        tags=LOOPS,
    ),
    Kernel(
        symm,
        sized(
            scaled(lambda m, n: (m, n), lambda m, _: (m, m), lambda m, n: (m, n)), T=(4, 3), S=(40, 50), M=(150, 180)
        ),
        argnums=(2, 3, 4),
        tags=LOOPS,
    ),
    Kernel(
        trmm,
        sized(lambda rng, m, n: (1.5, rng.random((m, m)), rng.random((m, n))), T=(4, 3), S=(65, 80), M=(200, 250)),
        argnums=(1, 2),
        tags=LOOPS,
    ),
    Kernel(
        doitgen,
        sized(
            uniform(lambda r, q, p: (r, q, p), lambda _r, _q, p: (p, p)), T=(2, 3, 4), S=(60, 60, 30), M=(110, 125, 60)
        ),
        argnums=(0, 1),
        tags=LOOPS,
    ),
    Kernel(correlation, sized(uniform(lambda n, m: (n, m)), T=(5, 3), S=(100, 80), M=(300, 250)), tags=LOOPS),
    Kernel(
        floyd_warshall,
        sized(uniform(lambda n: (n, n)), T=(5,), S=(100,), M=(200,)),
        adjoint=floyd_warshall_adjoint,
        jax=floyd_warshall_jax,
        tags=LOOPS,
    ),
    Kernel(nussinov, sized(uniform(lambda n: (n, n)), T=(6,), S=(60,), M=(200,)), tags=LOOPS),
    Kernel(
        deriche,
        sized(lambda rng, w, h: (rng.random((w, h)), 0.25), T=(3, 5), S=(400, 200), M=(720, 480)),
        tags=LOOPS,
    ),
]
