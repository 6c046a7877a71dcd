"""Discrete Fourier transforms along an axis, without a factor in either direction.

Plain NumPy's own; compiled, a decimation in time of any radix, and Bluestein's sum for lengths with large prime factors.
Sources: C. Van Loan, Computational Frameworks for the Fast Fourier Transform (1992), sections 1.7, 2.1 and 4.2.3.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba.extending import register_jitable

from adcompile.runtime.template import compiles, dtype_of, static, stay_apart

#: a prime factor above this is left to Bluestein's sum
LARGEST_RADIX = 37


def fft(x: Any, axis: int, inverse: bool = False) -> Any:
    """The sums over k of x[k] * exp(-2i * pi * j * k / n), with the other sign for the inverse, along an axis."""
    n = x.shape[axis]
    if n == 0:
        return np.zeros(x.shape, np.result_type(x.dtype, np.complex64))
    y = np.fft.ifft(x, axis=axis, norm="forward") if inverse else np.fft.fft(x, axis=axis)
    return np.ascontiguousarray(y)


@compiles(fft, prefer_literal=True)
def compiled_fft(x: Any, axis: Any, inverse: Any = False) -> Any:
    """A transform of each row, where the axis is the last."""
    kind = np.complex64 if dtype_of(x) in (np.float32, np.complex64) else np.complex128
    place, last = static(axis), x.ndim - 1
    order = (*(k for k in range(x.ndim) if k != place), place)
    back = tuple(int(k) for k in np.argsort(order))
    swapped = place != last

    def impl(x: Any, axis: Any, inverse: Any = False) -> Any:
        stay_apart()
        source = np.ascontiguousarray(np.transpose(x, order)) if swapped else np.ascontiguousarray(x)
        n = source.shape[last]
        out = np.empty(source.shape, kind)
        if source.size > 0:
            rows, results = source.reshape((source.size // n, n)), out.reshape((source.size // n, n))
            sign = 1.0 if inverse else -1.0
            for k in range(rows.shape[0]):
                results[k] = of_row(rows[k].astype(np.complex128), sign)
        return np.ascontiguousarray(np.transpose(out, back)) if swapped else out

    return impl


@register_jitable
def roots_of_one(n: int, sign: float) -> Any:
    """exp(sign * 2i * pi * k / n) for all k."""
    roots = np.empty(n, np.complex128)
    for k in range(n):
        angle = sign * 2.0 * math.pi * k / n
        roots[k] = complex(math.cos(angle), math.sin(angle))
    return roots


@register_jitable
def smallest_factor(n: int) -> int:
    """The smallest prime factor of a number above 1; 4 before 2."""
    if n % 4 == 0:
        return 4
    p = 2
    while p * p <= n:
        if n % p == 0:
            return p
        p += 1
    return n


@register_jitable
def largest_prime(n: int) -> int:
    """The largest prime factor of a number."""
    largest, p = 1, 2
    while n > 1:
        if n % p == 0:
            largest = p
            n //= p
        elif p * p > n:
            return n
        else:
            p += 1
    return largest


@register_jitable
def of_row(x: Any, sign: float) -> Any:
    """The transform of a vector."""
    stay_apart()
    if largest_prime(len(x)) > LARGEST_RADIX:
        return bluestein(x, sign)
    return mixed_radix(x, sign)


@register_jitable
def mixed_radix(x: Any, sign: float) -> Any:
    """Stockham's sorted passes: each takes one factor out of the length, from one buffer to the other."""
    stay_apart()
    n = len(x)
    roots = roots_of_one(n, sign)
    source, target = x.copy(), np.empty(n, np.complex128)
    done, left = 1, n
    while left > 1:
        r = smallest_factor(left)
        left //= r
        for k in range(left):
            for q in range(r):
                for j in range(done):
                    step, place = (q * done + j) * left, 0
                    total = source[k * done + j]
                    for p in range(1, r):
                        place += step
                        if place >= n:
                            place -= n
                        total += source[(p * left + k) * done + j] * roots[place]
                    target[(k * r + q) * done + j] = total
        source, target = target, source
        done *= r
    return source


@register_jitable
def bluestein(x: Any, sign: float) -> Any:
    """The transform as a convolution, of a length that is a power of two."""
    stay_apart()
    n = len(x)
    m = 1
    while m < 2 * n - 1:
        m *= 2
    chirp = np.empty(n, np.complex128)
    for k in range(n):
        angle = sign * math.pi * ((k * k) % (2 * n)) / n
        chirp[k] = complex(math.cos(angle), math.sin(angle))
    a, b = np.zeros(m, np.complex128), np.zeros(m, np.complex128)
    for k in range(n):
        a[k] = x[k] * chirp[k]
        b[k] = np.conj(chirp[k])
        b[(m - k) % m] = b[k]
    product = mixed_radix(a, -1.0) * mixed_radix(b, -1.0)
    folded = mixed_radix(product, 1.0)
    out = np.empty(n, np.complex128)
    for k in range(n):
        out[k] = folded[k] * chirp[k] / m
    return out
