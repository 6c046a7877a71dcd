"""Interpolation, quadrature, polynomials, series."""

import math

import numpy as np

from programs.case import case, given, positive, uniform


@case("core", coefs=(5,), x=0.8)
def horner(coefs, x):
    y = 0.0
    for c in coefs:
        y = y * x + c
    return y


@case(c=(5,), x=0.3)
def clenshaw_chebyshev(c, x):
    b1 = b2 = 0.0
    for k in range(len(c) - 1, 0, -1):
        b1, b2 = c[k] + 2 * x * b1 - b2, b1
    return c[0] + x * b1 - b2


@case(a=0.2, b=1.9, w=1.4, n=given(8))
def simpson_rule(a, b, w, n):
    x = np.linspace(a, b, n + 1)
    y = np.sin(w * x) / (1 + x**2)
    h = (b - a) / n
    return h / 3 * (y[0] + y[-1] + 4 * np.sum(y[1:-1:2]) + 2 * np.sum(y[2:-1:2]))


@case(alpha=1.7)
def gauss_legendre(alpha):
    nodes = (-0.7745966692414834, 0.0, 0.7745966692414834)
    weights = (5 / 9, 8 / 9, 5 / 9)
    return sum([w * math.exp(alpha * t) for t, w in zip(nodes, weights)])


@case(ys=(5,), t=given(np.array([0.2, 1.7, 3.3])))
def natural_cubic_spline(ys, t):
    n = len(ys)
    m = np.zeros(n)
    cp = np.zeros(n)
    dp = np.zeros(n)
    for i in range(1, n - 1):
        rhs = 6.0 * (ys[i + 1] - 2.0 * ys[i] + ys[i - 1])
        w = 4.0 - cp[i - 1]
        cp[i] = 1.0 / w
        dp[i] = (rhs - dp[i - 1]) / w
    for i in range(n - 2, 0, -1):
        m[i] = dp[i] - cp[i] * m[i + 1]
    total = 0.0
    for x in t:
        k = int(x)
        a, b = k + 1 - x, x - k
        value = a * ys[k] + b * ys[k + 1] + ((a**3 - a) * m[k] + (b**3 - b) * m[k + 1]) / 6
        total += value**2
    return total


@case(table=(4, 5), px=1.3, py=2.6)
def bilinear_interpolation(table, px, py):
    i = int(px)
    j = int(py)
    fx = px - i
    fy = py - j
    top = table[i, j] * (1 - fy) + table[i, j + 1] * fy
    bottom = table[i + 1, j] * (1 - fy) + table[i + 1, j + 1] * fy
    return (1 - fx) * top + fx * bottom


@case(ctrl=(5, 2), t=0.35)
def de_casteljau(ctrl, t):
    p = ctrl.copy()
    for r in range(1, len(p)):
        for i in range(len(p) - r):
            p[i] = (1 - t) * p[i] + t * p[i + 1]
    return p[0, 0] * p[0, 1]


@case(a=(4,), b=(4,), x=0.9)
def fourier_sum(a, b, x):
    s = 0.5 * a[0]
    for k in range(1, a.size):
        s += a[k] * math.cos(k * x) + b[k] * math.sin(k * x)
    return s


@case(xs=(4,), ys=(4,), at=0.25)
def lagrange_interpolation(xs, ys, at):
    total = 0.0
    for i in range(len(xs)):
        basis = 1.0
        for j in range(len(xs)):
            if j != i:
                basis *= (at - xs[j]) / (xs[i] - xs[j])
        total += ys[i] * basis
    return total


@case(x=1.4, nu=0.5)
def bessel_series(x, nu):
    term = (x / 2) ** nu / math.gamma(nu + 1)
    total = term
    for k in range(1, 15):
        term *= -(x * x / 4) / (k * (k + nu))
        total += term
    return total


@case(x=positive(5))
def several_means(x):
    geometric = np.exp(np.mean(np.log(x)))
    harmonic = len(x) / np.sum(1.0 / x)
    quadratic = np.sqrt(np.mean(x**2))
    product = 1.0
    for v in x:
        product *= v
    return geometric + 2 * harmonic + 3 * quadratic + product ** (1 / 5)


@case(a=1.0, g=0.4)
def arithmetic_geometric_mean(a, g):
    while abs(a - g) > 1e-12:
        a, g = (a + g) / 2, math.sqrt(a * g)
    return a


@case(f=(6,), q=given(np.array([0.1, 0.35, 0.9])))
def numpy_interp_and_trapezoid(f, q):
    x = np.linspace(0, 1, 6)
    y = np.interp(q, x, f)
    area = np.sum((f[1:] + f[:-1]) / 2 * (x[1:] - x[:-1]))
    return y @ y + area**2


@case(x0=0.4, h=0.3, theta=uniform(0.5, 2.0, 3))
def romberg(x0, h, theta):
    f = lambda t: theta[0] * math.exp(-theta[1] * t) + theta[2] * t  # noqa: E731
    r = np.zeros((3, 3))
    a, b = x0, x0 + h
    r[0, 0] = 0.5 * (b - a) * (f(a) + f(b))
    for i in range(1, 3):
        n = 2**i
        step = (b - a) / n
        s = 0.0
        for k in range(1, n, 2):
            s += f(a + k * step)
        r[i, 0] = 0.5 * r[i - 1, 0] + step * s
        for j in range(1, i + 1):
            r[i, j] = r[i, j - 1] + (r[i, j - 1] - r[i - 1, j - 1]) / (4**j - 1)
    return r[2, 2]


@case(a=(4,), b=(3,))
def polynomial_product_and_value(a, b):
    p = np.zeros(len(a) + len(b) - 1)
    for i in range(len(a)):
        for j in range(len(b)):
            p[i + j] += a[i] * b[j]
    return np.polyval(p, 0.7) + p @ p
