"""Special functions of probability and statistics, in forms that neither overflow nor lose their derivatives.

Source of the formulas: Abramowitz and Stegun (1964), chapters 6, 7 and 26.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from adcompile.frontend.library.composites.elementwise import logaddexp
from adcompile.frontend.library.markers import (
    betainc,
    digamma,
    erfc,
    hurwitz,
    iv,
    ive,
    jv,
    kv,
    kve,
    lgamma,
    refuse,
    stop_gradient,
    yv,
)


def expit(x: Any) -> Any:
    # the exponent is never positive; at 0 both branches are the same analytic function
    e = np.exp(np.where(np.greater_equal(x, 0.0), np.negative(x), x))
    return np.where(np.greater_equal(x, 0.0), 1.0, e) / (1.0 + e)


def log_expit(x: Any) -> Any:
    return -softplus(-np.asarray(x))


def softplus(x: Any) -> Any:
    return logaddexp(0.0, x)


def logit(x: Any) -> Any:
    return np.log(x) - np.log1p(np.negative(x))


def largest(a: Any, axis: Any) -> Any:
    """The maximum along an axis as a constant shift; 0 where it is infinite."""
    m = stop_gradient(np.max(a, axis=axis, keepdims=True))
    return np.where(np.isfinite(m), m, 0.0)


def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: Any = False, return_sign: Any = False) -> Any:
    if return_sign:
        refuse("`logsumexp` with `return_sign` is not supported")
    x = np.asarray(a)
    if x.ndim == 0:
        return x * 1.0
    m = largest(x, axis)
    e = np.exp(x - m)
    if b is not None:
        e = b * e
    if not keepdims:
        m = m.item() if axis is None else np.squeeze(m, axis=axis)
    total = np.sum(e, axis=axis, keepdims=keepdims)
    # the logarithm of nothing but zeros is -inf, with derivative 0
    nothing = np.equal(total, 0.0)
    return np.where(nothing, -np.inf, np.log(np.where(nothing, 1.0, total))) + m


def softmax(x: Any, axis: Any = None) -> Any:
    a = np.asarray(x)
    e = np.exp(a - largest(a, axis))
    return e / np.sum(e, axis=axis, keepdims=True)


def log_softmax(x: Any, axis: Any = None) -> Any:
    a = np.asarray(x)
    shifted = a - largest(a, axis)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def xlogy(x: Any, y: Any) -> Any:
    # only where the logarithm is not finite is it replaced, so that the derivative at x = 0 is log(y)
    hidden = np.equal(x, 0.0) & (np.less_equal(y, 0.0) | np.isinf(y))
    return x * np.log(np.where(hidden, 1.0, y))


def xlog1py(x: Any, y: Any) -> Any:
    hidden = np.equal(x, 0.0) & (np.less_equal(y, -1.0) | np.isinf(y))
    return x * np.log1p(np.where(hidden, 0.0, y))


def entr(x: Any) -> Any:
    inside = -xlogy(x, np.where(np.less(x, 0.0), 1.0, x))
    return np.where(np.less(x, 0.0), -np.inf, inside)


def rel_entr(x: Any, y: Any) -> Any:
    inside = (np.greater(x, 0.0) & np.greater(y, 0.0)) | np.isnan(x) | np.isnan(y)
    value = np.where(inside, x, 1.0) * np.log(np.where(inside, x, 1.0) / np.where(inside, y, 1.0))
    nothing = np.equal(x, 0.0) & np.greater_equal(y, 0.0)
    return np.where(inside, value, np.where(nothing, np.zeros_like(value), np.inf))


def kl_div(x: Any, y: Any) -> Any:
    return rel_entr(x, y) - x + y


def ndtr(x: Any) -> Any:
    return 0.5 * erfc(np.multiply(x, -math.sqrt(0.5)))


def betaln(a: Any, b: Any) -> Any:
    return lgamma(a) + lgamma(b) - lgamma(np.add(a, b))


def gammasgn(x: Any) -> Any:
    a = np.asarray(x) * 1.0
    negative = (np.mod(np.floor(a), 2.0) != 0.0) & (a < 0.0)
    pole = (a < 0.0) & (a == np.floor(a))
    return np.asarray(np.where(pole, np.nan, np.where(negative, -1.0, 1.0)), dtype=a.dtype)


def beta(a: Any, b: Any) -> Any:
    return gammasgn(a) * gammasgn(b) * gammasgn(np.add(a, b)) * np.exp(betaln(a, b))


def huber(delta: Any, r: Any) -> Any:
    size = np.abs(r)
    inside = size <= delta
    return np.where(np.less(delta, 0.0), np.inf, np.where(inside, 0.5 * np.square(r), delta * (size - 0.5 * delta)))


def exp10(x: Any) -> Any:
    return np.power(10.0, x)


def pseudo_huber(delta: Any, r: Any) -> Any:
    ratio = np.divide(r, delta)
    return np.square(delta) * (np.sqrt(1.0 + np.square(ratio)) - 1.0)


def multigammaln(a: Any, d: Any) -> Any:
    total = d * (d - 1) / 4.0 * math.log(math.pi) + 0.0 * np.asarray(a)
    for j in range(d):
        total = total + lgamma(np.subtract(a, 0.5 * j))
    return total


def polygamma(n: Any, x: Any) -> Any:
    if np.ndim(n) != 0:
        refuse("`polygamma` takes one order, known when the function is compiled")
    if n == 0:
        return digamma(x)
    return (-1.0) ** (n + 1) * math.gamma(n + 1.0) * hurwitz(n + 1.0, x)


def boxcox(x: Any, lmbda: Any) -> Any:
    return np.log(x) * exprel(np.multiply(lmbda, np.log(x)))


def boxcox1p(x: Any, lmbda: Any) -> Any:
    return np.log1p(x) * exprel(np.multiply(lmbda, np.log1p(x)))


def inv_boxcox(y: Any, lmbda: Any) -> Any:
    return np.exp(y * log1p_ratio(np.multiply(lmbda, y)))


def log1p_ratio(x: Any) -> Any:
    """`log1p(x) / x`; near 0 its series, whose first term left out is below 1e-20."""
    z = np.asarray(x) * 1.0
    small = np.abs(z) < 0.01
    s = np.where(small, z, 0.0)
    divisor = np.where(small, 1.0, z)
    series = 1.0 - s * (
        1 / 2 - s * (1 / 3 - s * (1 / 4 - s * (1 / 5 - s * (1 / 6 - s * (1 / 7 - s * (1 / 8 - s * (1 / 9 - s / 10)))))))
    )
    return np.where(small, series, np.log1p(divisor) / divisor)


def poch(z: Any, m: Any) -> Any:
    sign = gammasgn(np.add(z, m)) * gammasgn(z)
    return sign * np.exp(lgamma(np.add(z, m)) - lgamma(z))


def binom(n: Any, k: Any) -> Any:
    sign = gammasgn(np.add(n, 1.0)) * gammasgn(np.add(k, 1.0)) * gammasgn(np.subtract(n, k) + 1.0)
    return sign * np.exp(lgamma(np.add(n, 1.0)) - lgamma(np.add(k, 1.0)) - lgamma(np.subtract(n, k) + 1.0))


def exprel(x: Any) -> Any:
    # the series near 0; its first term left out is below 1e-17
    z = np.asarray(x) * 1.0
    small = np.abs(z) < 0.01
    s = np.where(small, z, 0.0)
    divisor = np.where(small, 1.0, z)
    series = 1.0 + s / 2.0 * (1.0 + s / 3.0 * (1.0 + s / 4.0 * (1.0 + s / 5.0 * (1.0 + s / 6.0 * (1.0 + s / 7.0)))))
    return np.where(small, series, np.expm1(divisor) / divisor)


def cosm1(x: Any) -> Any:
    return -2.0 * np.square(np.sin(np.multiply(x, 0.5)))


def sindg(x: Any) -> Any:
    return np.sin(np.deg2rad(x))


def cosdg(x: Any) -> Any:
    return np.cos(np.deg2rad(x))


def tandg(x: Any) -> Any:
    return np.tan(np.deg2rad(x))


def betaincc(a: Any, b: Any, x: Any) -> Any:
    return betainc(b, a, np.subtract(1.0, x))


# -- Bessel functions of orders 0 and 1 -------------------------------------------------------------------------


def j0(x: Any) -> Any:
    return jv(0.0, x)


def j1(x: Any) -> Any:
    return jv(1.0, x)


def y0(x: Any) -> Any:
    return yv(0.0, x)


def y1(x: Any) -> Any:
    return yv(1.0, x)


def yn(n: Any, x: Any) -> Any:
    return yv(n, x)


def i0(x: Any) -> Any:
    return iv(0.0, x)


def i1(x: Any) -> Any:
    return iv(1.0, x)


def i0e(x: Any) -> Any:
    return ive(0.0, x)


def i1e(x: Any) -> Any:
    return ive(1.0, x)


def k0(x: Any) -> Any:
    return kv(0.0, x)


def k1(x: Any) -> Any:
    return kv(1.0, x)


def k0e(x: Any) -> Any:
    return kve(0.0, x)


def k1e(x: Any) -> Any:
    return kve(1.0, x)


def kaiser(M: Any, beta: Any) -> Any:
    if M == 1:
        return np.ones(1)
    middle = (M - 1) / 2.0
    ratio = (np.arange(0, M) - middle) / middle
    # the square root has derivative 0 at both ends, where beta is the only variable
    return iv(0.0, beta * np.sqrt(np.maximum(1.0 - ratio * ratio, 0.0))) / iv(0.0, beta)


def spherical_jn(n: Any, z: Any, derivative: Any = False) -> Any:
    if derivative:
        refuse("`spherical_jn` with `derivative` is not supported", "differentiate the function")
    x = np.asarray(z) * 1.0
    small = np.abs(x) < 0.1
    # near 0 the series (DLMF 10.53.1), whose first term left out is below 1e-19; elsewhere the parity serves negative arguments
    s = np.where(small, 0.5 * x * x, 0.0)
    series = 1.0 - s / (2 * n + 3) * (
        1.0 - s / (2 * (2 * n + 5)) * (1.0 - s / (3 * (2 * n + 7)) * (1.0 - s / (4 * (2 * n + 9))))
    )
    first = math.sqrt(math.pi) / (2.0 ** (n + 1) * math.gamma(n + 1.5))
    away = np.where(small, 1.0, np.abs(x))
    sign = np.where((x < 0.0) & (np.mod(n, 2) == 1), -1.0, 1.0)
    far = sign * np.sqrt(math.pi / 2.0 / away) * jv(n + 0.5, away)
    return np.where(small, first * np.where(small, x, 0.0) ** n * series, far)
