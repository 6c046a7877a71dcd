"""Special functions of probability and statistics, in forms that neither overflow nor lose their derivatives.

Source of the formulas: Abramowitz and Stegun (1964), chapters 6, 7 and 26.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from adcompile.frontend.library.composites.elementwise import logaddexp
from adcompile.frontend.library.markers import erfc, lgamma, refuse, stop_gradient


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
    return np.log(np.sum(e, axis=axis, keepdims=keepdims)) + m


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
    return np.where(inside, value, np.where(np.equal(x, 0.0) & np.greater_equal(y, 0.0), 0.0, np.inf))


def kl_div(x: Any, y: Any) -> Any:
    return rel_entr(x, y) - x + y


def ndtr(x: Any) -> Any:
    return 0.5 * erfc(np.multiply(x, -math.sqrt(0.5)))


def betaln(a: Any, b: Any) -> Any:
    return lgamma(a) + lgamma(b) - lgamma(np.add(a, b))


def beta(a: Any, b: Any) -> Any:
    return np.exp(betaln(a, b))


def rgamma(x: Any) -> Any:
    return np.exp(-lgamma(x))


def huber(delta: Any, r: Any) -> Any:
    size = np.abs(r)
    inside = size <= delta
    return np.where(np.less(delta, 0.0), np.inf, np.where(inside, 0.5 * np.square(r), delta * (size - 0.5 * delta)))


def exp10(x: Any) -> Any:
    return np.power(10.0, x)
