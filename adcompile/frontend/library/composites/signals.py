"""Convolution, interpolation and polynomials."""

from __future__ import annotations

from typing import Any

import numpy as np

from adcompile.frontend.library.markers import refuse


def full_convolution(a: Any, v: Any) -> Any:
    """All sums of products of two vectors, the longer first."""
    n, m = len(a), len(v)
    out = np.zeros(n + m - 1, dtype=np.result_type(a, v))
    for j in range(m):
        out[j : j + n] += a * v[j]
    return out


def convolve(a: Any, v: Any, mode: Any = "full") -> Any:
    if mode not in ("full", "same", "valid"):
        refuse(f"`mode={mode!r}` is not a mode of convolution", "use 'full', 'same' or 'valid'")
    x, y = np.asarray(a), np.asarray(v)
    out = full_convolution(x, y)
    n, m = max(len(x), len(y)), min(len(x), len(y))
    if mode == "full":
        return out
    if mode == "same":
        return out[(m - 1) // 2 : (m - 1) // 2 + n]
    return out[m - 1 : n]


def correlate(a: Any, v: Any, mode: Any = "valid") -> Any:
    if mode not in ("full", "same", "valid"):
        refuse(f"`mode={mode!r}` is not a mode of convolution", "use 'full', 'same' or 'valid'")
    x, y = np.asarray(a), np.asarray(v)
    out = full_convolution(x, np.conj(y)[::-1])
    n, m = max(len(x), len(y)), min(len(x), len(y))
    if mode == "full":
        return out
    if mode == "same":
        # NumPy turns the shorter operand round where it comes first
        start = m // 2 if len(x) < len(y) else (m - 1) // 2
        return out[start : start + n]
    return out[m - 1 : n]


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    z, places, values = np.asarray(x) * 1.0, np.asarray(xp), np.asarray(fp)
    last = len(places) - 1
    k = np.clip(np.searchsorted(places, z, side="right") - 1, 0, max(last - 1, 0))
    after = np.minimum(k + 1, last)
    gap = places[after] - places[k]
    slope = (values[after] - values[k]) / np.where(gap == 0.0, 1.0, gap)
    y = values[k] + slope * (z - places[k])
    y = np.where(z < places[0], values[0] if left is None else left, y)
    return np.where(z > places[last], values[last] if right is None else right, y)


def polyval(p: Any, x: Any) -> Any:
    """Horner's rule, the highest power first."""
    coefficients, z = np.asarray(p), np.asarray(x)
    y = np.zeros_like(z * coefficients[0])
    for k in range(len(coefficients)):
        y = y * z + coefficients[k]
    return y


def polynomial_polyval(x: Any, c: Any, tensor: Any = True) -> Any:
    return polyval(np.asarray(c)[::-1], x)
