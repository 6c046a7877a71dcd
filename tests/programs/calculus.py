"""Formulas of a few numbers."""

import math
from math import atan2, cos, exp, log, pi, sin, sqrt, tanh

import numpy as np

import adcompile as ad
from programs.case import case, given


@case("core", "compiled", x1=2.0, x2=3.0)
def textbook(x1, x2):
    return x1 * x2 + sin(x2)


@case("core", x=0.7)
def every_elementary_function(x):
    s = math.sin(x) + math.cos(2 * x) + math.tan(x / 3)
    s += math.asin(x / 2) + math.acos(x / 3) + math.atan(x)
    s += math.sinh(x) + math.cosh(x) + math.tanh(x)
    s += math.asinh(x) + math.acosh(1 + x) + math.atanh(x / 2)
    s += math.exp(-x) + math.expm1(x) + math.log(x) + math.log1p(x) + math.log2(x) + math.log10(x)
    s += math.sqrt(x) + math.erf(x) + math.erfc(x) + math.gamma(1 + x) + math.lgamma(2 + x)
    return s + math.hypot(x, 2.0) + math.pow(x, 1.5) + math.fabs(-x) + math.degrees(x) / 100 + math.radians(x)


@case(x=1.3, y=0.4)
def powers(x, y):
    return x**3 + x**-2 + x**0.5 + x**y + 2.0**y + (x + y) ** 2 - x**0 + y**1


@case(x=0.3, y=-1.2, z=2.2)
def rosenbrock_like(x, y, z):
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2 + (1 - y) ** 2 + 100 * (z - y**2) ** 2


@case(theta=0.5, phi=1.1, r=2.0)
def spherical_volume(theta, phi, r):
    x, y, z = r * sin(theta) * cos(phi), r * sin(theta) * sin(phi), r * cos(theta)
    return x * y + y * z + atan2(y, x) * sqrt(x * x + y * y + z * z)


@case(x=1.7, y=0.6)
def quotients(x, y):
    a = x / y
    b = -a + +x - (-y)
    c = (a - b) / (a + b)
    return c / (1.0 + c * c) + 1.0 / x - 3 / y / x


@case(mu=0.2, sigma=1.3, x=0.9)
def gaussian_log_density(mu, sigma, x):
    """Log density of a normal variable."""
    z = (x - mu) / sigma
    return -0.5 * z * z - log(sigma) - 0.5 * log(2.0 * pi)


@case(x=2.5, y=1.0)
def floor_and_modulo(x, y):
    whole = x // y
    rest = x % 0.7
    return whole * y + rest * rest + math.floor(x) * y + math.ceil(y * 0.3) * x + abs(-x) + round(x * 0.9) * y


@case(x=1.2)
def used_twice(x):
    return x * x + (x + x) * (x - 0.5 * x) / (x * x + x) + x**x


@case(p=0.3, q=0.6)
def cross_entropy_of_bernoullis(p, q):
    return -(p * log(q) + (1.0 - p) * log(1.0 - q))


@case(t=0.4, amplitude=1.5, decay=0.3, omega=4.0, n=given(6))
def damped_oscillation(t, amplitude, decay, omega, n):
    total = 0.0
    for k in range(1, n + 1):
        total += amplitude / k * exp(-decay * k * t) * cos(omega * k * t)
    return total


@case(x=(6,))
def numpy_elementary_functions(x):
    y = np.abs(x) + 0.5
    s = np.sin(x) * np.cos(x) + np.tan(x / 4) + np.arctan(x) + np.tanh(x) + np.sinh(x) / np.cosh(x)
    t = np.log(y) + np.sqrt(y) + np.exp(-y) + np.log1p(y) + np.expm1(-y) + np.arcsinh(x) + np.square(x)
    u = np.power(y, 1.7) + np.cbrt(y) + np.exp2(x / 3) + np.log2(y) + np.log10(y) + np.reciprocal(y) + np.hypot(x, y)
    v = np.arctan2(x, y) + np.logaddexp(x, y) + np.sign(x) * x + np.arcsin(np.tanh(x) / 2) + np.deg2rad(x)
    return np.sum(s + t * u - v)


@case(x=0.8, y=1.9)
def mean_value_chain(x, y):
    a = tanh(x * y)
    a = a + exp(-a)
    a = a * a - y
    b = sin(a) if a > 0 else cos(a)
    return max(a, b) + min(x, y) * b


@case("core", x=(4,))
def jacobian_of_what_overwrites_its_argument(x):
    def chain(z):
        z[1:] *= z[:-1]
        return z

    forward = ad.jacobian(chain)(x)
    reverse = ad.jacrev(chain)(x)
    return np.sum(forward**2) + (forward @ x).sum() + np.trace(reverse) + x[2]
