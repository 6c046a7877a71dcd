"""Time stepping, in place and out of place."""

import numpy as np
from numpy import exp, sin, zeros

from programs.case import case, given, positive


@case("core", "compiled", u0=(9,), nu=0.1, steps=6)
def heat_in_place(u0, nu, steps):
    u = u0.copy()
    for _ in range(steps):
        un = u.copy()
        for i in range(1, len(u) - 1):
            u[i] = un[i] + nu * (un[i + 1] - 2.0 * un[i] + un[i - 1])
    return np.sum(u**2)


@case(u0=(10,), c=0.4, steps=7)
def wave_leapfrog(u0, c, steps):
    n = u0.shape[0]
    previous = u0.copy()
    current = u0.copy()
    following = np.zeros(n)
    for _ in range(steps):
        for i in range(1, n - 1):
            following[i] = 2 * current[i] - previous[i] + c * c * (current[i - 1] - 2 * current[i] + current[i + 1])
        previous, current, following = current, following, previous
    return (current * current).sum()


@case("core", "compiled", u=(8,), v=(8,), nt=5)
def double_buffer(u, v, nt):
    u = u.copy()
    v = v.copy()
    for t in range(nt):
        for i in range(u.size):
            left = u[i - 1]
            v[i] = 0.3 * left + 0.7 * np.tanh(u[i])
        u, v = v, u
    return u[0] * v[1] + np.mean(u)


@case(u=(7, 6), alpha=0.15)
def heat_2d_vectorised(u, alpha):
    w = u.copy()
    for _ in range(4):
        w[1:-1, 1:-1] += alpha * (w[2:, 1:-1] + w[:-2, 1:-1] + w[1:-1, 2:] + w[1:-1, :-2] - 4 * w[1:-1, 1:-1])
    return np.sum(np.sin(w))


@case(u=(12,), dt=0.02, nsteps=given(8))
def burgers_upwind(u, dt, nsteps):
    dx = 0.1
    u = 1.5 + 0.2 * np.tanh(u)
    for n in range(nsteps):
        un = u.copy()
        u[1:] = un[1:] - un[1:] * dt / dx * (un[1:] - un[:-1])
        u[0] = un[0]
    return np.dot(u, u)


@case(y0=1.0, k=0.7, h=0.1, n=10)
def rk4_scalar(y0, k, h, n):
    def f(t, y):
        return -k * y + np.sin(t)

    y, t = y0, 0.0
    for _ in range(n):
        k1 = f(t, y)
        k2 = f(t + h / 2, y + h * k1 / 2)
        k3 = f(t + h / 2, y + h * k2 / 2)
        k4 = f(t + h, y + h * k3)
        y += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        t += h
    return y


def lotka_volterra_rhs(y, p):
    prey, predator = y
    return np.array([p[0] * prey - p[1] * prey * predator, -p[2] * predator + p[3] * prey * predator])


@case("core", y0=positive(2), p=positive(4), n=8)
def lotka_volterra_rk4(y0, p, n):
    h = 0.1
    y = y0
    total = 0.0
    for i in range(n):
        k1 = lotka_volterra_rhs(y, p)
        k2 = lotka_volterra_rhs(y + 0.5 * h * k1, p)
        k3 = lotka_volterra_rhs(y + 0.5 * h * k2, p)
        k4 = lotka_volterra_rhs(y + h * k3, p)
        y = y + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        total += y[0] * y[1]
    return total


@case(state=positive(3), sigma=10.0, rho=28.0, beta=8.0 / 3.0)
def lorenz_euler(state, sigma, rho, beta):
    path = zeros((11, 3))
    path[0] = state
    for i in range(10):
        x, y, z = path[i]
        path[i + 1, 0] = x + 0.01 * sigma * (y - x)
        path[i + 1, 1] = y + 0.01 * (x * (rho - z) - y)
        path[i + 1, 2] = z + 0.01 * (x * y - beta * z)
    return path[-1].sum() + 0.1 * path[5, 2]


@case(q0=0.9, p0=0.1, h=0.15, n=12)
def pendulum_symplectic(q0, p0, h, n):
    q = q0
    p = p0
    energy = 0.0
    for _ in range(n):
        p = p - h * sin(q)
        q = q + h * p
        energy += 0.5 * p * p - np.cos(q)
    return energy / n


@case(x0=(4,), v0=(4,), k=2.0, m=given(1.5), steps=6)
def velocity_verlet_chain(x0, v0, k, m, steps):
    x, v, dt = x0.copy(), v0.copy(), 0.05
    f = np.empty_like(x)

    def force(x, f):
        f[:] = 0.0
        for i in range(x.size - 1):
            d = x[i + 1] - x[i] - 1.0
            f[i] += k * d + 0.3 * d**3
            f[i + 1] -= k * d + 0.3 * d**3

    force(x, f)
    for _ in range(steps):
        v += 0.5 * dt * f / m
        x += dt * v
        force(x, f)
        v += 0.5 * dt * f / m
    return 0.5 * m * np.sum(v * v) + x[0] * x[-1]


@case(u=(5, 5), v=(5, 5), feed=0.04, kill=0.06)
def gray_scott(u, v, feed, kill):
    u, v = 0.6 + 0.1 * u, 0.2 + 0.05 * v
    n, m = u.shape
    for _ in range(3):
        new_u, new_v = np.empty((n, m)), np.empty((n, m))
        for i in range(n):
            for j in range(m):
                up, down, left, right = (i - 1) % n, (i + 1) % n, (j - 1) % m, (j + 1) % m
                lap_u = u[up, j] + u[down, j] + u[i, left] + u[i, right] - 4.0 * u[i, j]
                lap_v = v[up, j] + v[down, j] + v[i, left] + v[i, right] - 4.0 * v[i, j]
                uvv = u[i, j] * v[i, j] ** 2
                new_u[i, j] = u[i, j] + 0.16 * lap_u - uvv + feed * (1.0 - u[i, j])
                new_v[i, j] = v[i, j] + 0.08 * lap_v + uvv - (feed + kill) * v[i, j]
        u, v = new_u, new_v
    return np.sum(u * v)


@case(y=1.2, rate=0.8)
def implicit_euler(y, rate):
    """Each step solves z = y - h rate z^3 by Newton's method."""
    h = 0.2
    for _ in range(4):
        z = y
        for _ in range(6):
            residual = z - y + h * rate * z**3
            z -= residual / (1.0 + 3.0 * h * rate * z**2)
        y = z
    return y


@case("first", y0=0.8, lam=2.5, tol=given(3e-3))
def adaptive_heun(y0, lam, tol):
    t, y, h = 0.0, y0, 0.1
    while t < 0.6:
        if t + h > 0.6:
            h = 0.6 - t
        k1 = -lam * y + np.cos(t)
        k2 = -lam * (y + h * k1) + np.cos(t + h)
        error = abs(h * (k2 - k1) / 2)
        if error < tol:
            y += h * (k1 + k2) / 2
            t += h
            if error < tol / 4:
                h *= 1.5
        else:
            h *= 0.5
    return y


@case(c0=(6,), d=0.3, n=given(4))
def crank_nicolson(c0, d, n):
    m = len(c0)
    c = c0.copy()
    for _ in range(n):
        rhs = c.copy()
        for i in range(1, m - 1):
            rhs[i] = c[i] + 0.5 * d * (c[i - 1] - 2 * c[i] + c[i + 1])
        lower, diag, upper = np.full(m, -0.5 * d), np.full(m, 1 + d), np.full(m, -0.5 * d)
        for i in range(1, m):
            w = lower[i] / diag[i - 1]
            diag[i] -= w * upper[i - 1]
            rhs[i] -= w * rhs[i - 1]
        c[m - 1] = rhs[m - 1] / diag[m - 1]
        for i in range(m - 2, -1, -1):
            c[i] = (rhs[i] - upper[i] * c[i + 1]) / diag[i]
    return (c**2).sum()


@case(s=0.9, i=0.1, beta=0.63, gamma=0.21)
def sir_epidemic(s, i, beta, gamma):
    r = 0.0
    peak = i
    for day in range(15):
        infections = beta * s * i
        recoveries = gamma * i
        s, i, r = s - infections, i + infections - recoveries, r + recoveries
        peak = max(peak, i)
    return peak + r * exp(-s)


@case("core", u=(7,), n=given(5), dt=0.05)
def leapfrog_of_three_buffers(u, n, dt):
    a = u.copy()
    b = u * 0.9
    c = np.empty_like(u)
    for _ in range(n):
        c[0] = b[0]
        c[-1] = b[-1]
        c[1:-1] = 2 * b[1:-1] - a[1:-1] + dt * (b[2:] - 2 * b[1:-1] + b[:-2]) * b[1:-1]
        a, b, c = b, c, a
    return np.sum(b * b) + a[2] * c[3]
