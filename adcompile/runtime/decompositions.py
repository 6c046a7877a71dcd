"""Decompositions of a matrix, as NumPy gives them: eigenvalues, singular values, orthogonal factors, the pseudoinverse.

All results are new arrays in C's order. Stacks of matrices are loops in the program.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core import types

from adcompile.runtime.template import compiles, dtype_of, stay_apart


def in_order(results: Any) -> Any:
    """Several arrays in C's order."""
    return tuple(np.ascontiguousarray(x) for x in results)


def eigh(a: Any) -> Any:
    """The eigenvalues, upwards, and eigenvectors of a Hermitian matrix, of which the lower triangle is read."""
    return in_order(np.linalg.eigh(a))


@compiles(eigh)
def compiled_eigh(a: Any) -> Any:
    def impl(a: Any) -> Any:
        stay_apart()
        w, v = np.linalg.eigh(np.ascontiguousarray(a))
        return w, np.ascontiguousarray(v)

    return impl


def eig(a: Any) -> Any:
    """The eigenvalues and eigenvectors of a matrix; of a real matrix they must be real, as in Numba."""
    w, v = np.linalg.eig(a)
    if w.dtype.kind == "c" and np.asarray(a).dtype.kind != "c":
        raise ValueError("eig() argument must not cause a domain change.")
    return in_order((w, v))


@compiles(eig)
def compiled_eig(a: Any) -> Any:
    def impl(a: Any) -> Any:
        stay_apart()
        w, v = np.linalg.eig(np.ascontiguousarray(a))
        return w, np.ascontiguousarray(v)

    return impl


def svd(a: Any) -> Any:
    """The thin singular value decomposition: u, s, and v transposed."""
    return in_order(np.linalg.svd(a, full_matrices=False))


@compiles(svd)
def compiled_svd(a: Any) -> Any:
    def impl(a: Any) -> Any:
        stay_apart()
        u, s, v = np.linalg.svd(np.ascontiguousarray(a), False)
        return np.ascontiguousarray(u), s, np.ascontiguousarray(v)

    return impl


def qr(a: Any) -> Any:
    """The thin orthogonal and triangular factors."""
    return in_order(np.linalg.qr(a))


@compiles(qr)
def compiled_qr(a: Any) -> Any:
    def impl(a: Any) -> Any:
        stay_apart()
        q, r = np.linalg.qr(np.ascontiguousarray(a))
        return np.ascontiguousarray(q), np.ascontiguousarray(r)

    return impl


def pinv(a: Any, rcond: float | None) -> Any:
    """The pseudoinverse; singular values below `rcond` times the largest count as zero.

    Without `rcond`, those that are lost in rounding for a matrix of this size.
    """
    bound = np.finfo(a.dtype).eps * max(a.shape) if rcond is None else rcond
    return np.ascontiguousarray(np.linalg.pinv(a, bound))


@compiles(pinv)
def compiled_pinv(a: Any, rcond: Any) -> Any:
    kind, eps = dtype_of(a).type, float(np.finfo(dtype_of(a)).eps)
    unknown = isinstance(rcond, types.NoneType)

    def impl(a: Any, rcond: Any) -> Any:
        stay_apart()
        bound = eps * max(a.shape[0], a.shape[1]) if unknown else rcond
        return np.ascontiguousarray(np.linalg.pinv(np.ascontiguousarray(a), bound)).astype(kind)

    return impl
