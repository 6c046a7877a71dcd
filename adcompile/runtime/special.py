"""Special functions of numbers and arrays, which Numba has of numbers only or not at all.

As plain NumPy they are SciPy's; elementary functions are NumPy's and `math`'s, in emitted code too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba.core import types
from numba.extending import register_jitable

from adcompile.runtime import elementary
from adcompile.runtime.template import compiles, dtype_of


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
def gamma_scalar(x: float) -> float:
    return math.gamma(x)


@register_jitable
def lgamma_scalar(x: float) -> float:
    return math.lgamma(x)


def special(name: str, scalar: Callable[..., Any], of_scipy: str, doc: str) -> Callable[..., Any]:
    """A function of numbers and arrays that keeps their dtype; SciPy's name for it may say which derivative it is."""

    def plain(x: Any) -> Any:
        import scipy.special

        function, _, order = of_scipy.partition(" ")
        found = getattr(scipy.special, function)
        dtype = x.dtype if isinstance(x, np.ndarray | np.floating) else np.dtype(float)
        value = found(int(order), x) if order else found(x)
        return value.astype(dtype) if isinstance(x, np.ndarray) else dtype.type(value)

    plain.__name__ = plain.__qualname__ = name
    plain.__doc__ = doc

    def compiled(x: Any) -> Any:
        kind = dtype_of(x).type
        return elementary.elementwise(scalar, x) if isinstance(x, types.Array) else lambda x: kind(scalar(x))

    compiles(plain)(compiled)
    return plain


erf = special("erf", elementary.erf, "erf", "The error function.")
erfc = special("erfc", elementary.erfc, "erfc", "One less the error function.")
gamma = special("gamma", gamma_scalar, "gamma", "Euler's gamma function.")
lgamma = special("lgamma", lgamma_scalar, "gammaln", "The logarithm of the size of the gamma function.")
digamma = special("digamma", digamma_scalar, "psi", "The derivative of log gamma.")
trigamma = special("trigamma", trigamma_scalar, "polygamma 1", "The second derivative of log gamma.")
tetragamma = special("tetragamma", tetragamma_scalar, "polygamma 2", "The third derivative of log gamma.")
