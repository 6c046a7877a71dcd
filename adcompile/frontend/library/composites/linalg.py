"""Norms, Kronecker and cross products, covariances."""

from __future__ import annotations

from typing import Any

import numpy as np

from adcompile.frontend.library.decompositions import thin_svd
from adcompile.frontend.library.markers import refuse


def safe_sqrt(s: Any) -> Any:
    """The square root, with derivative 0 at 0: where a sum of squares vanishes, its gradient does."""
    zero = s == 0.0
    return np.where(zero, 0.0, np.sqrt(np.where(zero, 1.0, s)))


def squared(x: Any) -> Any:
    """The square of the absolute value."""
    if np.iscomplexobj(x):
        return np.square(np.real(x)) + np.square(np.imag(x))
    return np.square(x)


def floats(x: Any) -> Any:
    """An array in floating point."""
    a = np.asarray(x)
    return a if a.dtype.kind in "fc" else a.astype(np.float64)


def vector_norm(x: Any, /, *, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> Any:
    a = floats(x)
    if ord is None or ord == 2:
        return safe_sqrt(np.sum(squared(a), axis=axis, keepdims=keepdims))
    if ord == 1:
        return np.sum(np.abs(a), axis=axis, keepdims=keepdims)
    if ord == np.inf:
        return np.max(np.abs(a), axis=axis, keepdims=keepdims)
    if ord == -np.inf:
        return np.min(np.abs(a), axis=axis, keepdims=keepdims)
    if ord == 0:
        return np.sum(np.asarray(a != 0.0, dtype=np.float64), axis=axis, keepdims=keepdims)
    total = np.sum(np.abs(a) ** ord, axis=axis, keepdims=keepdims)
    zero = total == 0.0
    return np.where(zero, 0.0, np.where(zero, 1.0, total) ** (1.0 / ord))


def matrix_norm(x: Any, ord: Any, axes: Any, keepdims: Any) -> Any:
    """The Frobenius norm, or the largest absolute sum of a column (1) or row (inf)."""
    if ord is None or ord == "fro":
        return vector_norm(x, axis=axes, keepdims=keepdims)
    if ord not in (1, -1, 2, -2, "nuc", np.inf, -np.inf):
        refuse(f"`np.linalg.norm` of a matrix with `ord={ord}` is not supported", "use 'fro', 'nuc', 1, 2 or np.inf")
    a = np.moveaxis(floats(x), axes, (-2, -1))
    if ord in (2, -2, "nuc"):
        s = singular_values(a)
        value = np.sum(s, axis=-1) if ord == "nuc" else s[..., 0] if ord == 2 else s[..., -1]
    else:
        sums = np.sum(np.abs(a), axis=-2 if ord in (1, -1) else -1)
        value = np.max(sums, axis=-1) if ord in (1, np.inf) else np.min(sums, axis=-1)
    return np.expand_dims(value, axes) if keepdims else value


def singular_values(a: Any) -> Any:
    """The singular values of a matrix, or of each of a stack, the largest first."""
    if a.ndim == 2:
        return thin_svd(a)[1]
    stack = np.reshape(a, (-1, a.shape[-2], a.shape[-1]))
    s = np.empty((len(stack), min(a.shape[-2], a.shape[-1])), dtype=a.dtype)
    for k in range(len(stack)):
        s[k] = thin_svd(stack[k])[1]
    return s.reshape((*a.shape[:-2], s.shape[1]))


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    a = np.asarray(x)
    if axis is None and ord is None:
        return vector_norm(a, keepdims=keepdims)
    if axis is None and a.ndim == 1:
        return vector_norm(a, axis=0, keepdims=keepdims, ord=ord)
    if axis is None:
        return matrix_norm(a, ord, (0, 1), keepdims)
    if np.ndim(axis) == 0:
        return vector_norm(a, axis=axis, keepdims=keepdims, ord=ord)
    return matrix_norm(a, ord, axis, keepdims)


def kron(a: Any, b: Any) -> Any:
    x, y = np.asarray(a), np.asarray(b)
    if x.ndim == 0 or y.ndim == 0:
        return x * y
    if x.ndim == 1 and y.ndim == 1:
        return np.ravel(np.outer(x, y))
    x, y = np.atleast_2d(x), np.atleast_2d(y)
    (m, n), (p, q) = x.shape, y.shape
    return np.reshape(x[:, None, :, None] * y[None, :, None, :], (m * p, n * q))


def cross(a: Any, b: Any, axisa: Any = -1, axisb: Any = -1, axisc: Any = -1, axis: Any = None) -> Any:
    if axis is not None:
        axisa, axisb, axisc = axis, axis, axis
    x, y = np.moveaxis(np.asarray(a), axisa, -1), np.moveaxis(np.asarray(b), axisb, -1)
    assert x.shape[-1] == 3, "np.cross takes vectors of three components"
    assert y.shape[-1] == 3, "np.cross takes vectors of three components"
    z = np.stack(
        (
            x[..., 1] * y[..., 2] - x[..., 2] * y[..., 1],
            x[..., 2] * y[..., 0] - x[..., 0] * y[..., 2],
            x[..., 0] * y[..., 1] - x[..., 1] * y[..., 0],
        ),
        axis=-1,
    )
    return np.moveaxis(z, -1, axisc)


def cov(
    m: Any,
    y: Any = None,
    rowvar: Any = True,
    bias: Any = False,
    ddof: Any = None,
    fweights: Any = None,
    aweights: Any = None,
) -> Any:
    x = np.atleast_2d(m)
    if not rowvar and np.ndim(m) == 2:
        x = x.T
    if y is not None:
        other = np.atleast_2d(y)
        x = np.concatenate((x, other.T if not rowvar and np.ndim(y) == 2 else other), axis=0)
    if ddof is None:
        ddof = 0 if bias else 1
    if fweights is None and aweights is None:
        distance = x - np.mean(x, axis=1, keepdims=True)
        c = distance @ np.conj(distance.T) / (x.shape[1] - ddof)
    else:
        c = weighted_cov(x, ddof, fweights, aweights)
    return c[0, 0] if np.ndim(m) == 1 and y is None else c


def weighted_cov(x: Any, ddof: Any, fweights: Any, aweights: Any) -> Any:
    """The covariance with counts and reliabilities of the observations. Source: NumPy's manual, `numpy.cov`."""
    a = np.ones(x.shape[1]) if aweights is None else np.asarray(aweights)
    w = a if fweights is None else a * np.asarray(fweights)
    total = np.sum(w)
    distance = x - np.sum(x * w, axis=1, keepdims=True) / total
    return (distance * w) @ np.conj(distance.T) / (total - ddof * np.sum(w * a) / total)


def corrcoef(x: Any, y: Any = None, rowvar: Any = True) -> Any:
    c = cov(x, y, rowvar)
    if np.ndim(c) == 0:
        return c / c
    s = np.sqrt(np.real(np.diag(c)))
    return c / s[:, None] / s[None, :]
