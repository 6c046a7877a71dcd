"""Polynomials: those of `np.polynomial`, whose coefficients start with the constant, and the older ones of `np`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from adcompile.frontend.library.composites.signals import full_convolution
from adcompile.frontend.library.decompositions import sized_pinv
from adcompile.frontend.library.markers import refuse


def trimmed(c: Any) -> Any:
    """The coefficients without the zeros at the end, at least one."""
    n = len(c)
    while n > 1 and c[n - 1] == 0.0:
        n -= 1
    return c[:n]


def lengthened(c: Any, n: Any) -> Any:
    """The coefficients with zeros at the end."""
    out = np.zeros(n, dtype=c.dtype)
    out[: len(c)] = c
    return out


def aligned(c: Any, n: Any) -> Any:
    """The coefficients with zeros in front."""
    out = np.zeros(n, dtype=c.dtype)
    out[n - len(c) :] = c
    return out


def vector(c: Any) -> Any:
    """Coefficients in floating point."""
    return np.atleast_1d(np.asarray(c) * 1.0)


class Polynomial(NamedTuple):
    """What is read of an object of `np.polynomial`."""

    coef: Any
    domain: Any
    window: Any


def polynomial(coef: Any, domain: Any = None, window: Any = None, symbol: Any = "x") -> Any:
    return Polynomial(
        vector(coef),
        np.array([-1.0, 1.0]) if domain is None else vector(domain),
        np.array([-1.0, 1.0]) if window is None else vector(window),
    )


# -- np.polynomial ----------------------------------------------------------------------------------------------


def polynomial_polyadd(c1: Any, c2: Any) -> Any:
    a, b = vector(c1), vector(c2)
    n = max(len(a), len(b))
    return trimmed(lengthened(a, n) + lengthened(b, n))


def polynomial_polysub(c1: Any, c2: Any) -> Any:
    a, b = vector(c1), vector(c2)
    n = max(len(a), len(b))
    return trimmed(lengthened(a, n) - lengthened(b, n))


def polynomial_polymul(c1: Any, c2: Any) -> Any:
    return trimmed(full_convolution(trimmed(vector(c1)), trimmed(vector(c2))))


def polynomial_polydiv(c1: Any, c2: Any) -> Any:
    rest, divisor = trimmed(vector(c1)).copy(), trimmed(vector(c2))
    n, m = len(rest), len(divisor)
    if divisor[m - 1] == 0.0:
        raise ZeroDivisionError
    if n < m:
        return rest[:1] * 0.0, rest
    quotient = np.zeros(n - m + 1, dtype=np.result_type(rest, divisor))
    for k in range(n - m, -1, -1):
        factor = rest[k + m - 1] / divisor[m - 1]
        quotient[k] = factor
        rest[k : k + m - 1] -= factor * divisor[: m - 1]
    return quotient, trimmed(rest[: m - 1]) if m > 1 else rest[:1] * 0.0


def polynomial_polyint(c: Any, m: Any = 1) -> Any:
    a = vector(c)
    for _ in range(m):
        a = np.concatenate((np.zeros(1, dtype=a.dtype), a / np.arange(1, len(a) + 1)))
    return a


def polynomial_polyder(c: Any, m: Any = 1) -> Any:
    a = vector(c)
    for _ in range(m):
        a = a[1:] * np.arange(1, len(a)) if len(a) > 1 else a * 0.0
    return a


def polynomial_polyvander(x: Any, deg: Any) -> Any:
    places = vector(x)
    powers = np.ones((len(places), deg + 1), dtype=places.dtype)
    for j in range(1, deg + 1):
        powers[:, j] = powers[:, j - 1] * places
    return powers


def polynomial_polyfromroots(roots: Any) -> Any:
    return poly(roots)[::-1]


# -- np ---------------------------------------------------------------------------------------------------------


def polyadd(a1: Any, a2: Any) -> Any:
    a, b = vector(a1), vector(a2)
    n = max(len(a), len(b))
    return aligned(a, n) + aligned(b, n)


def polysub(a1: Any, a2: Any) -> Any:
    a, b = vector(a1), vector(a2)
    n = max(len(a), len(b))
    return aligned(a, n) - aligned(b, n)


def polymul(a1: Any, a2: Any) -> Any:
    return full_convolution(vector(a1), vector(a2))


def polydiv(u: Any, v: Any) -> Any:
    rest, divisor = vector(u).copy(), vector(v)
    m, n = len(rest) - 1, len(divisor) - 1
    quotient = np.zeros(max(m - n + 1, 1), dtype=np.result_type(rest, divisor))
    for k in range(m - n + 1):
        factor = rest[k] / divisor[0]
        quotient[k] = factor
        rest[k : k + n + 1] -= factor * divisor
    first = 0
    while first < len(rest) - 1 and np.abs(rest[first]) <= 1e-8:
        first += 1
    return quotient, rest[first:]


def polyder(p: Any, m: Any = 1) -> Any:
    a = vector(p)
    for _ in range(m):
        a = a[:-1] * np.arange(len(a) - 1, 0, -1)
    return a


def polyint(p: Any, m: Any = 1, k: Any = None) -> Any:
    if k is not None:
        refuse("`np.polyint` with constants of integration is not supported", "add them to the result")
    a = vector(p)
    for _ in range(m):
        a = np.concatenate((a / np.arange(len(a), 0, -1), np.zeros(1, dtype=a.dtype)))
    return a


def poly(seq_of_zeros: Any) -> Any:
    zeros = vector(seq_of_zeros)
    if zeros.ndim != 1:
        refuse("`np.poly` takes the zeros of a polynomial", "use the eigenvalues of the matrix")
    c = np.zeros(len(zeros) + 1, dtype=zeros.dtype)
    c[0] = 1.0
    for k in range(len(zeros)):
        c[1 : k + 2] = c[1 : k + 2] - zeros[k] * c[: k + 1]
    return c


def polyfit(x: Any, y: Any, deg: Any, rcond: Any = None, full: Any = False, w: Any = None, cov: Any = False) -> Any:
    if full or cov:
        refuse("`np.polyfit` with `full` or `cov` is not supported", "leave it out")
    powers = polynomial_polyvander(x, deg)[:, ::-1]
    values = vector(y)
    if w is not None:
        powers = powers * vector(w)[:, None]
        values = values * vector(w) if values.ndim == 1 else values * vector(w)[:, None]
    # columns of unit length keep the digits
    lengths = np.sqrt(np.sum(powers * powers, axis=0))
    c = sized_pinv(powers / lengths) @ values
    return c / lengths if values.ndim == 1 else c / lengths[:, None]


# -- series by Clenshaw's recurrence ----------------------------------------------------------------------------


def chebval(x: Any, c: Any, tensor: Any = True) -> Any:
    z, a = np.asarray(x) * 1.0, vector(c)
    first, second = np.zeros_like(z), np.zeros_like(z)
    for k in range(len(a) - 1, 0, -1):
        first, second = a[k] + 2.0 * z * first - second, first
    return a[0] + z * first - second


def legval(x: Any, c: Any, tensor: Any = True) -> Any:
    z, a = np.asarray(x) * 1.0, vector(c)
    before, now = np.zeros_like(z), np.ones_like(z)
    total = a[0] * now
    for k in range(1, len(a)):
        before, now = now, ((2.0 * k - 1.0) * z * now - (k - 1.0) * before) / k
        total = total + a[k] * now
    return total


def hermval(x: Any, c: Any, tensor: Any = True) -> Any:
    z, a = np.asarray(x) * 1.0, vector(c)
    before, now = np.zeros_like(z), np.ones_like(z)
    total = a[0] * now
    for k in range(1, len(a)):
        before, now = now, 2.0 * z * now - 2.0 * (k - 1.0) * before
        total = total + a[k] * now
    return total


def lagval(x: Any, c: Any, tensor: Any = True) -> Any:
    z, a = np.asarray(x) * 1.0, vector(c)
    before, now = np.zeros_like(z), np.ones_like(z)
    total = a[0] * now
    for k in range(1, len(a)):
        before, now = now, ((2.0 * k - 1.0 - z) * now - (k - 1.0) * before) / k
        total = total + a[k] * now
    return total
