"""Elementary and special functions that NumPy or Numba's mathematics lack, for numbers and arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types, vectorize
from numba.extending import register_jitable

from adcompile.runtime.template import compiles


@register_jitable
def digamma_scalar(x: float) -> float:
    """The derivative of log gamma: recurrence up to 10, then the asymptotic series.

    Source: M. Abramowitz, I. Stegun, Handbook of Mathematical Functions, 6.3.5, 6.3.7 and 6.3.18.
    """
    if x <= 0.0 and x == math.floor(x):
        return math.nan
    shift = 0.0
    if x < 0.0:
        shift = -math.pi / math.tan(math.pi * x)
        x = 1.0 - x
    while x < 10.0:
        shift -= 1.0 / x
        x += 1.0
    r = 1.0 / (x * x)
    tail = r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * (1 / 240 - r * (1 / 132 - r * (691 / 32760 - r / 12))))))
    return shift + math.log(x) - 0.5 / x - tail


@register_jitable
def trigamma_scalar(x: float) -> float:
    """The second derivative of log gamma. Source: Abramowitz and Stegun, 6.4.6, 6.4.7 and 6.4.12."""
    if x <= 0.0 and x == math.floor(x):
        return math.inf
    if x < 0.0:
        s = math.sin(math.pi * x)
        return (math.pi / s) ** 2 - trigamma_positive(1.0 - x)
    return trigamma_positive(x)


@register_jitable
def trigamma_positive(x: float) -> float:
    total = 0.0
    while x < 10.0:
        total += 1.0 / (x * x)
        x += 1.0
    r = 1.0 / (x * x)
    tail = r * (1 / 6 - r * (1 / 30 - r * (1 / 42 - r * (1 / 30 - r * (5 / 66 - r * (691 / 2730 - r * 7 / 6))))))
    return total + 1.0 / x + 0.5 * r + tail / x


@register_jitable
def tetragamma_scalar(x: float) -> float:
    """The third derivative of log gamma. Source: Abramowitz and Stegun, 6.4.6, 6.4.7 and 6.4.13."""
    if x <= 0.0 and x == math.floor(x):
        return math.nan
    if x < 0.0:
        c, s = math.cos(math.pi * x), math.sin(math.pi * x)
        return tetragamma_positive(1.0 - x) - 2.0 * math.pi**3 * c / s**3
    return tetragamma_positive(x)


@register_jitable
def tetragamma_positive(x: float) -> float:
    total = 0.0
    while x < 12.0:
        total -= 2.0 / (x * x * x)
        x += 1.0
    r = 1.0 / (x * x)
    tail = 1 / 2 - r * (1 / 6 - r * (1 / 6 - r * (3 / 10 - r * (5 / 6 - r * (691 / 210 - r * 35 / 2)))))
    return total - r - r / x - tail * r * r


@register_jitable
def sign_scalar(x: Any) -> Any:
    return x * 0 + (x > 0) - (x < 0)


@register_jitable
def larger(x: Any, y: Any) -> Any:
    return x if x >= y or x != x else y


@register_jitable
def smaller(x: Any, y: Any) -> Any:
    return x if x <= y or x != x else y


def for_arrays(scalar: Callable[..., Any], name: str, doc: str, operands: int = 1) -> Callable[..., Any]:
    """A function of numbers that takes arrays too, for NumPy and for Numba."""
    if operands == 1:

        def one(x: Any) -> Any:
            return loop(x) if isinstance(x, np.ndarray) else scalar(x)

        function: Callable[..., Any] = one
    else:

        def two(x: Any, y: Any) -> Any:
            return loop(x, y) if isinstance(x, np.ndarray) or isinstance(y, np.ndarray) else scalar(x, y)

        function = two
    loop = vectorize(register_jitable(scalar))
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc

    if operands == 1:

        def compiled_one(x: Any) -> Any:
            return (lambda x: loop(x)) if isinstance(x, types.Array) else (lambda x: scalar(x))

        compiles(function)(compiled_one)
    else:

        def compiled_two(x: Any, y: Any) -> Any:
            if isinstance(x, types.Array) or isinstance(y, types.Array):
                return lambda x, y: loop(x, y)
            return lambda x, y: scalar(x, y)

        compiles(function)(compiled_two)
    return function


digamma = for_arrays(digamma_scalar, "digamma", "The derivative of log gamma.")
trigamma = for_arrays(trigamma_scalar, "trigamma", "The second derivative of log gamma.")
tetragamma = for_arrays(tetragamma_scalar, "tetragamma", "The third derivative of log gamma.")
sign = for_arrays(sign_scalar, "sign", "1, 0 or -1, of the dtype of the argument.")
maximum = for_arrays(larger, "maximum", "The larger of two numbers, NaN if one is.", 2)
minimum = for_arrays(smaller, "minimum", "The smaller of two numbers, NaN if one is.", 2)


@register_jitable
def erf_scalar(x: float) -> float:
    return math.erf(x)


@register_jitable
def erfc_scalar(x: float) -> float:
    return math.erfc(x)


@register_jitable
def gamma_scalar(x: float) -> float:
    return math.gamma(x)


@register_jitable
def lgamma_scalar(x: float) -> float:
    return math.lgamma(x)


erf = for_arrays(erf_scalar, "erf", "The error function.")
erfc = for_arrays(erfc_scalar, "erfc", "One less the error function.")
gamma = for_arrays(gamma_scalar, "gamma", "Euler's gamma function.")
lgamma = for_arrays(lgamma_scalar, "lgamma", "The logarithm of the gamma function.")
