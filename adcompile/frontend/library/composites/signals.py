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


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    if period is not None:
        refuse("`np.interp` with `period` is not supported", "repeat the points beyond both ends")
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
    if np.ndim(c) > 1:
        refuse("`polyval` takes the coefficients of one polynomial", "call it for each of them")
    return polyval(np.asarray(c)[::-1], x)


# -- scipy.signal and scipy.integrate ---------------------------------------------------------------------------


def signal_convolve(in1: Any, in2: Any, mode: Any = "full", method: Any = "auto") -> Any:
    if mode not in ("full", "same", "valid"):
        refuse(f"`mode={mode!r}` is not a mode of convolution", "use 'full', 'same' or 'valid'")
    x, y = np.asarray(in1), np.asarray(in2)
    if x.ndim != y.ndim or x.ndim > 2:
        refuse("`scipy.signal.convolve` takes two vectors or two matrices")
    if x.ndim == 1:
        return convolve_matrices(x[:, None], y[:, None], mode)[:, 0]
    return convolve_matrices(x, y, mode)


def convolve_matrices(x: Any, y: Any, mode: Any) -> Any:
    """The sums of products of two matrices, shifted against each other."""
    (m, n), (p, q) = x.shape, y.shape
    out = np.zeros((m + p - 1, n + q - 1), dtype=np.result_type(x, y))
    for i in range(p):
        for j in range(q):
            out[i : i + m, j : j + n] += x * y[i, j]
    if mode == "same":
        return out[(p - 1) // 2 : (p - 1) // 2 + m, (q - 1) // 2 : (q - 1) // 2 + n]
    if mode == "valid":
        # SciPy turns the operands round where the second is the larger one
        return out[min(m, p) - 1 : max(m, p), min(n, q) - 1 : max(n, q)]
    return out


def signal_correlate(in1: Any, in2: Any, mode: Any = "full", method: Any = "auto") -> Any:
    y = np.conj(in2)
    return signal_convolve(in1, y[::-1, ::-1] if y.ndim == 2 else y[::-1], mode)


def convolve2d(in1: Any, in2: Any, mode: Any = "full") -> Any:
    return signal_convolve(in1, in2, mode)


def fftconvolve(in1: Any, in2: Any, mode: Any = "full") -> Any:
    return signal_convolve(in1, in2, mode)


def cumulative_trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1, initial: Any = None) -> Any:
    if initial is not None and initial != 0:
        refuse("`cumulative_trapezoid` takes None or 0 for `initial`")
    values = np.moveaxis(np.asarray(y), axis, -1)
    gaps = dx if x is None else np.diff(x)
    total = np.cumsum(0.5 * gaps * (values[..., 1:] + values[..., :-1]), axis=-1)
    if initial is not None:
        total = np.concatenate((np.zeros((*total.shape[:-1], 1), dtype=total.dtype), total), axis=-1)
    return np.moveaxis(total, -1, axis)
