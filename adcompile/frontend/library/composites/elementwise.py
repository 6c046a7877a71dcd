"""Functions that work element by element and take several steps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

LOG2 = math.log(2.0)


def fmax(x: Any, y: Any) -> Any:
    return np.maximum(np.where(np.isnan(x), y, x), np.where(np.isnan(y), x, y))


def fmin(x: Any, y: Any) -> Any:
    return np.minimum(np.where(np.isnan(x), y, x), np.where(np.isnan(y), x, y))


def heaviside(x1: Any, x2: Any) -> Any:
    step = np.where(x1 < 0.0, 0.0, np.where(x1 > 0.0, 1.0, x2))
    return np.where(np.isnan(x1), x1, step)


def logaddexp(x1: Any, x2: Any) -> Any:
    # equal infinities would give the difference NaN
    d = np.where(np.isinf(x1) & (x1 == x2), 0.0, np.subtract(x1, x2))
    # the exponent is never positive: neither branch overflows, nor does its derivative
    return np.where(d >= 0.0, x1, x2) + np.log1p(np.exp(np.where(d >= 0.0, -d, d)))


def logaddexp2(x1: Any, x2: Any) -> Any:
    return logaddexp(np.multiply(x1, LOG2), np.multiply(x2, LOG2)) / LOG2


def sinc(x: Any) -> Any:
    # the series near 0 keeps the derivatives of all orders; its first term left out is below 1e-18
    y = np.pi * np.asarray(x)
    small = np.abs(y) < 0.1
    s = y * y
    series = 1.0 - s / 6.0 * (1.0 - s / 20.0 * (1.0 - s / 42.0 * (1.0 - s / 72.0)))
    divisor = np.where(small, 1.0, y)
    return np.where(small, series, np.sin(divisor) / divisor)


def isclose(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: Any = False) -> Any:
    close = (np.abs(np.subtract(a, b)) <= atol + rtol * np.abs(b)) & np.isfinite(b) | np.equal(a, b)
    return close | (np.isnan(a) & np.isnan(b)) if equal_nan else close


def allclose(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: Any = False) -> Any:
    return np.all(isclose(a, b, rtol, atol, equal_nan))


def math_isclose(a: Any, b: Any, *, rel_tol: Any = 1e-9, abs_tol: Any = 0.0) -> Any:
    distance = abs(a - b)
    return a == b or (np.isfinite(distance) and distance <= max(rel_tol * max(abs(a), abs(b)), abs_tol))


def array_equal(a1: Any, a2: Any) -> Any:
    a, b = np.asarray(a1), np.asarray(a2)
    if a.ndim != b.ndim:
        return False
    for n, m in zip(a.shape, b.shape, strict=True):
        if n != m:
            return False
    return bool(np.all(a == b))


def remainder(x: Any, y: Any) -> Any:
    return x - y * np.rint(x / y)


def signbit(x: Any) -> Any:
    return np.copysign(1.0, x) < 0.0


def isposinf(x: Any) -> Any:
    return np.isinf(x) & (np.asarray(x) > 0)


def isneginf(x: Any) -> Any:
    return np.isinf(x) & (np.asarray(x) < 0)


def iscomplex(x: Any) -> Any:
    return np.imag(x) != 0


def isreal(x: Any) -> Any:
    return np.imag(x) == 0
