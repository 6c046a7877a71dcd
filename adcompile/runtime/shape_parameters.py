"""How distributions change with their shape parameters: derivatives of any order of incomplete gamma and beta functions and their kin.

With a density p and its distribution function P, all functions here are quotients by p itself, which neither overflow nor underflow:

    growth_n = p_n / p          p_n the n-th derivative of p by the parameter: a polynomial in the derivatives of log p
    share_n  = P_n / p          P_n the n-th derivative of P: the integral of p_n over the tail on this side, n >= 1

P_n is also what the other tail lacks, since the whole integral is 1; taken on the side of the mean where x is, it loses no figures.
The quadrature is the trapezoidal rule after the substitution s = exp(u - exp(-u)), doubly exponential towards 0, exponential towards infinity.

Sources: H. Takahasi and M. Mori, Double exponential formulas for numerical integration, 1974; the derivatives of log p: NIST Digital
Library of Mathematical Functions, 5.15, 8.2, 8.17; of exp(log p): the recursion of the complete Bell polynomials.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba.extending import register_jitable

from adcompile.runtime.special import digamma_scalar

STEP = 0.1
U = np.arange(-3.7, 6.8, STEP)
#: places and weights for integrals over s from 0 to infinity of what falls off like exp(-s)
PLACES = np.exp(U - np.exp(-U))
WEIGHTS = STEP * PLACES * (1.0 + np.exp(-U))
#: a summand that much smaller than the largest so far ends a sum
NOTHING = 1e-19

#: Bernoulli's numbers of even index, each over the factorial of its index
BERNOULLI = (1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000, 1 / 74724249600)


@register_jitable
def zeta_scalar(s: float, q: float) -> float:
    """Hurwitz's zeta function for s > 1 and q > 0: ten terms and Euler and Maclaurin's sum for the rest.

    Source: NIST Digital Library of Mathematical Functions, 25.11.5 with the Bernoulli numbers of 24.2.
    """
    if not (s > 1.0 and q > 0.0):
        return math.inf if s == 1.0 or (s > 1.0 and q == math.floor(q)) else math.nan
    total = 0.0
    for _ in range(10):
        total += q**-s
        q += 1.0
    r = 1.0 / (q * q)
    term = s * q ** (-s - 1.0)
    total += q ** (1.0 - s) / (s - 1.0) + 0.5 * q**-s
    for k, number in enumerate(BERNOULLI):
        total += number * term
        term *= (s + 2.0 * k + 1.0) * (s + 2.0 * k + 2.0) * r
    return float(total)


@register_jitable
def polygamma_scalar(n: int, x: float) -> float:
    """The derivative of order n + 1 of log gamma, for x > 0."""
    if n == 0:
        return float(digamma_scalar(x))
    return float((-1.0) ** (n + 1) * math.gamma(n + 1.0) * zeta_scalar(n + 1.0, x))


@register_jitable
def exponential(logs: Any, h: Any) -> float:
    """The derivatives of exp(f) over exp(f), from those of f: h[n] = sum of C(n - 1, k - 1) f_k h[n - k]; the last of them."""
    h[0] = 1.0
    for n in range(1, h.size):
        total, choose = 0.0, 1.0
        for k in range(1, n + 1):
            total += choose * logs[k] * h[n - k]
            choose *= (n - k) / k
        h[n] = total
    return float(h[h.size - 1])


# -- gamma: p(x; a) = x^(a - 1) exp(-x) / Gamma(a) -----------------------------------------------------------------


@register_jitable
def gamma_logs(n: int, a: float) -> Any:
    """The derivatives of log p by a, but for log x in the first."""
    logs = np.zeros(n + 1)
    for k in range(1, n + 1):
        logs[k] = -polygamma_scalar(k - 1, a)
    return logs


@register_jitable
def gamma_growth_scalar(order: float, a: float, x: float) -> float:
    n = int(order)
    if n < 0:
        return 0.0
    logs = gamma_logs(n, a)
    if n > 0:
        logs[1] += math.log(x)
    return exponential(logs, np.empty(n + 1))


@register_jitable
def gamma_share_scalar(order: float, a: float, x: float) -> float:
    if not (a > 0.0 and x > 0.0 and x < math.inf):
        return 0.0 if a > 0.0 and x == 0.0 else math.nan
    n = int(order)
    logs, h = gamma_logs(n, a), np.empty(n + 1)
    first, lower = logs[1], x <= max(a, 1.0)
    if lower:
        scale = 1.0 / (a - x + math.sqrt(x)) if x <= a else 1.0 / a
    else:
        scale = 1.0 / (1.0 - (a - 1.0) / x + math.sqrt(max(a - 1.0, 0.0)) / x)
    total, largest = 0.0, 0.0
    for k in range(PLACES.size):
        s = scale * PLACES[k]
        if lower:  # t = x exp(-s)
            weight = math.exp(-a * s - x * math.expm1(-s))
            logs[1] = first + math.log(x) - s
        else:  # t = x + s
            weight = math.exp((a - 1.0) * math.log1p(s / x) - s)
            logs[1] = first + math.log(x + s)
        term = WEIGHTS[k] * weight * exponential(logs, h)
        total += term
        largest = max(largest, abs(term))
        if abs(term) < NOTHING * largest and weight < NOTHING:
            break
    return float(total * scale * (x if lower else -1.0))


# -- beta: p(x; a, b) = x^(a - 1) (1 - x)^(b - 1) / B(a, b) --------------------------------------------------------


@register_jitable
def beta_logs(m: int, n: int, a: float, b: float) -> Any:
    """The derivatives of log p by a and b, but for the logarithms of x and 1 - x in the first."""
    logs = np.zeros((m + 1, n + 1))
    for i in range(m + 1):
        for j in range(n + 1):
            if i + j > 0:
                logs[i, j] = polygamma_scalar(i + j - 1, a + b)
        if i > 0:
            logs[i, 0] -= polygamma_scalar(i - 1, a)
    for j in range(1, n + 1):
        logs[0, j] -= polygamma_scalar(j - 1, b)
    return logs


@register_jitable
def exponential_of_two(logs: Any, h: Any) -> float:
    """The mixed derivatives of exp(f) over exp(f), as `exponential` has those by one variable; the last of them."""
    exponential(logs[0], h[0])
    for m in range(1, h.shape[0]):
        for n in range(h.shape[1]):
            total, of_m = 0.0, 1.0
            for i in range(1, m + 1):
                of_n = 1.0
                for j in range(n + 1):
                    total += of_m * of_n * logs[i, j] * h[m - i, n - j]
                    of_n *= (n - j) / (j + 1.0)
                of_m *= (m - i) / i
            h[m, n] = total
    return float(h[h.shape[0] - 1, h.shape[1] - 1])


@register_jitable
def beta_growth_scalar(order_a: float, order_b: float, a: float, b: float, x: float) -> float:
    m, n = int(order_a), int(order_b)
    if m < 0 or n < 0:
        return 0.0
    logs = beta_logs(m, n, a, b)
    if m > 0:
        logs[1, 0] += math.log(x)
    if n > 0:
        logs[0, 1] += math.log1p(-x)
    return exponential_of_two(logs, np.empty((m + 1, n + 1)))


@register_jitable
def beta_share_scalar(order_a: float, order_b: float, a: float, b: float, x: float) -> float:
    if not (a > 0.0 and b > 0.0 and x > 0.0 and x < 1.0):
        return 0.0 if a > 0.0 and b > 0.0 and x in (0.0, 1.0) else math.nan
    m, n = int(order_a), int(order_b)
    logs, h = beta_logs(m, n, a, b), np.empty((m + 1, n + 1))
    first_a, first_b = math.log(x), math.log1p(-x)
    if m > 0:
        first_a += logs[1, 0]
    if n > 0:
        first_b += logs[0, 1]
    lower = x <= a / (a + b)
    near, far, here = (a, b, x) if lower else (b, a, 1.0 - x)
    scale = 1.0 / (abs(a - (a + b) * x) + math.sqrt((a + b) * x * (1.0 - x)))
    total, largest = 0.0, 0.0
    for k in range(PLACES.size):
        s = scale * PLACES[k]  # the logit of t is s away from that of x, on the side of the tail
        g = math.log1p(here * math.expm1(-s))
        weight = math.exp(-near * s - (near + far) * g)
        if m > 0:
            logs[1, 0] = first_a - g - (s if lower else 0.0)
        if n > 0:
            logs[0, 1] = first_b - g - (0.0 if lower else s)
        term = WEIGHTS[k] * weight * exponential_of_two(logs, h)
        total += term
        largest = max(largest, abs(term))
        if abs(term) < NOTHING * largest and weight < NOTHING:
            break
    return float(total * scale * x * (1.0 - x) * (1.0 if lower else -1.0))


# -- von Mises: p(x; k) = exp(k cos x) / (2 pi I_0(k)), x from -pi to pi -------------------------------------------

#: places and weights for integrals over an interval, as parts of its length: doubly exponential towards both ends
ENDS = np.arange(-3.3, 3.3, STEP / 2.0)
PARTS = 1.0 / (1.0 + np.exp(-math.pi * np.sinh(ENDS)))
PART_WEIGHTS = STEP / 2.0 * math.pi * np.cosh(ENDS) * PARTS * (1.0 - PARTS)


#: where exp(-2 k sin(x / 2)^2) is nothing any more, sin(x / 2)^2 is this over k
FAR = 20.0


@register_jitable
def mises_end(squared_sine: float, kappa: float) -> float:
    """Where the density has become nothing, seen from where sin(x / 2)^2 is given."""
    end = squared_sine + FAR / max(kappa, FAR)
    return math.pi if end >= 1.0 else 2.0 * math.asin(math.sqrt(end))


@register_jitable
def mises_logs(n: int, kappa: float) -> Any:
    """The derivatives of log p by k, but for cos x - 1 in the first: less the cumulants of cos x - 1."""
    end, total, mean = mises_end(0.0, kappa), 0.0, 0.0
    for k in range(PARTS.size):
        cosine = -2.0 * math.sin(0.5 * end * PARTS[k]) ** 2
        weight = PART_WEIGHTS[k] * math.exp(kappa * cosine)
        total += weight
        mean += weight * cosine
    mean /= total
    moments, logs = np.zeros(n + 1), np.zeros(n + 1)
    for k in range(PARTS.size if n > 1 else 0):
        cosine = -2.0 * math.sin(0.5 * end * PARTS[k]) ** 2
        power = PART_WEIGHTS[k] * math.exp(kappa * cosine) / total
        for i in range(n + 1):
            moments[i] += power
            power *= cosine - mean
    for i in range(2, n + 1):
        rest, choose = 0.0, i - 1.0
        for k in range(2, i - 1):
            rest += choose * logs[k] * moments[i - k]
            choose *= (i - k) / k
        logs[i] = -(moments[i] + rest)
    if n > 0:
        logs[1] = -mean
    return logs


@register_jitable
def mises_growth_scalar(order: float, kappa: float, x: float) -> float:
    n = int(order)
    if n < 0:
        return 0.0
    logs = mises_logs(n, kappa)
    if n > 0:
        logs[1] -= 2.0 * math.sin(0.5 * x) ** 2
    return exponential(logs, np.empty(n + 1))


@register_jitable
def mises_share_scalar(order: float, kappa: float, x: float) -> float:
    """Of the integral from 0, since the distribution is symmetric."""
    if not (kappa >= 0.0 and abs(x) <= math.pi):
        return math.nan
    n, size, here = int(order), abs(x), math.sin(0.5 * x) ** 2
    logs = mises_logs(n, kappa)
    first, h, total = logs[1], np.empty(n + 1), 0.0
    lower = 2.0 * here < first
    length = size if lower else mises_end(here, kappa) - size
    for k in range(PARTS.size):
        t = PARTS[k] * length if lower else size + PARTS[k] * length
        weight = math.exp(2.0 * kappa * math.sin(0.5 * (size - t)) * math.sin(0.5 * (size + t)))
        logs[1] = first - 2.0 * math.sin(0.5 * t) ** 2
        total += PART_WEIGHTS[k] * weight * exponential(logs, h)
    return float(total * length * (1.0 if lower == (x > 0.0) else -1.0))


# -- noncentral chi-square: a mixture of gamma densities, weighted as Poisson's ------------------------------------
# here p_n and P_n themselves, by the number of degrees of freedom k; f is the density for k, l for the noncentrality


@register_jitable
def gamma_density_derivative(n: int, a: float, x: float) -> float:
    """p_n for any a, by p(x; a) = p(x; a + 1) a / x where a is not positive."""
    steps = max(0, math.floor(1.0 - a))
    b = a + steps
    p = np.empty(n + 1)
    logs = gamma_logs(n, b)
    if n > 0:
        logs[1] += math.log(x)
    exponential(logs, p)
    p *= math.exp((b - 1.0) * math.log(x) - x - math.lgamma(b))
    for _ in range(steps):
        b -= 1.0
        for i in range(n, 0, -1):
            p[i] = (b * p[i] + i * p[i - 1]) / x
        p[0] *= b / x
    return float(p[n])


@register_jitable
def noncentral_sum(n: int, df: float, nonc: float, x: float, whole: bool) -> float:
    """The derivative of order n by df of the distribution function, or of the density; terms from the largest weight outwards."""
    half, middle, total = 0.5 * nonc, math.floor(0.5 * nonc), 0.0
    for direction in (1.0, -1.0):
        j = middle if direction > 0.0 else middle - 1.0
        while j >= 0.0:
            weight = math.exp(j * math.log(half) - half - math.lgamma(j + 1.0)) if half > 0.0 else 1.0
            if weight < NOTHING:
                break
            a = 0.5 * df + j
            if whole:
                term = gamma_share_scalar(float(n), a, 0.5 * x) * gamma_density_derivative(0, a, 0.5 * x)
            else:
                term = 0.5 * gamma_density_derivative(n, a, 0.5 * x)
            total += weight * term
            j += direction if half > 0.0 else math.inf
    return float(total * 0.5**n)


@register_jitable
def noncentral_distribution_scalar(order: float, df: float, nonc: float, x: float) -> float:
    if not (df > 0.0 and nonc >= 0.0 and x > 0.0):
        return math.nan
    return noncentral_sum(int(order), df, nonc, x, True)


@register_jitable
def noncentral_density_scalar(order: float, df: float, nonc: float, x: float) -> float:
    if not (nonc >= 0.0 and x > 0.0):
        return math.nan
    return noncentral_sum(int(order), df, nonc, x, False) if order >= 0.0 else 0.0
