"""Decompositions of a matrix: eigenvalues, singular values, orthogonal factors, the pseudoinverse.

What is not one primitive is in `composites/decompositions.py`, which calls `thin_svd` and `tall_qr`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adcompile.errors import Unsupported
from adcompile.frontend.library.arguments import kind, known, static_flag, static_text
from adcompile.frontend.library.linalg import matrix
from adcompile.frontend.library.registry import function
from adcompile.frontend.library.shapes import permuted
from adcompile.ir.build import Builder
from adcompile.ir.nodes import Atom


def real_matrix(b: Builder, x: Any, name: str) -> Atom:
    """A real floating-point matrix."""
    a = matrix(b, x, name)
    if kind(a) == "c":
        raise Unsupported(
            f"`{name}` of a complex matrix is not supported",
            note="its vectors are known up to a phase only, so that they have no derivative",
            help="write the matrix as a real one of twice the size, [[re, -im], [im, re]]",
        )
    return a


def symmetric(b: Builder, a: Any, uplo: Any, name: str) -> tuple[Atom, Atom]:
    """Eigenvalues and eigenvectors of a symmetric matrix, of which one triangle is read."""
    x = real_matrix(b, a, name)
    if static_text(uplo, "UPLO", ("L", "U", "l", "u")).upper() == "U":
        x = permuted(b, x, [1, 0])
    w, v = b.emit("eigh", x)
    return w, v


@function("numpy.linalg.eigh")
def eigh(b: Builder, a: Any, UPLO: Any = "L") -> Any:
    return symmetric(b, a, UPLO, "np.linalg.eigh")


@function("numpy.linalg.eigvalsh")
def eigvalsh(b: Builder, a: Any, UPLO: Any = "L") -> Any:
    return symmetric(b, a, UPLO, "np.linalg.eigvalsh")[0]


@function("scipy.linalg.eigh")
def scipy_eigh(b: Builder, a: Any, *, lower: Any = True, eigvals_only: Any = False) -> Any:
    w, v = symmetric(b, a, "L" if static_flag(lower, "lower") else "U", "scipy.linalg.eigh")
    return w if static_flag(eigvals_only, "eigvals_only") else (w, v)


@function("scipy.linalg.eigvalsh")
def scipy_eigvalsh(b: Builder, a: Any, *, lower: Any = True) -> Any:
    return symmetric(b, a, "L" if static_flag(lower, "lower") else "U", "scipy.linalg.eigvalsh")[0]


@function("numpy.linalg.eig")
def eig(b: Builder, a: Any) -> Any:
    w, v = b.emit("eig", real_matrix(b, a, "np.linalg.eig"))
    return w, v


@function("numpy.linalg.eigvals")
def eigvals(b: Builder, a: Any) -> Any:
    return b.emit("eig", real_matrix(b, a, "np.linalg.eigvals"))[0]


@function("numpy.linalg.pinv")
def pinv(b: Builder, a: Any, rcond: Any = None, hermitian: Any = False, *, rtol: Any = None) -> Any:
    if static_flag(hermitian, "hermitian"):
        raise Unsupported("`np.linalg.pinv` with `hermitian=True` is not supported", help="leave it out")
    bound = known(rcond if rtol is None else rtol, "rcond")
    return b.emit("pinv", real_matrix(b, a, "np.linalg.pinv"), rcond=1e-15 if bound is None else float(bound))


def thin_svd(a: Any) -> Any:
    """The thin singular value decomposition."""
    return np.linalg.svd(a, full_matrices=False)


def tall_qr(a: Any) -> Any:
    """Orthogonal and triangular factors of a matrix with at least as many rows as columns."""
    return np.linalg.qr(a)


def sized_pinv(a: Any) -> Any:
    """The pseudoinverse, with singular values counting as zero that are lost in rounding for a matrix of this size."""
    return np.linalg.pinv(a, np.finfo(a.dtype).eps * max(a.shape))


@function(f"{__name__}.thin_svd")
def emit_thin_svd(b: Builder, a: Any) -> Any:
    return b.emit("svd", real_matrix(b, a, "np.linalg.svd"))


@function(f"{__name__}.tall_qr")
def emit_tall_qr(b: Builder, a: Any) -> Any:
    return b.emit("qr", real_matrix(b, a, "np.linalg.qr"))


@function(f"{__name__}.sized_pinv")
def emit_sized_pinv(b: Builder, a: Any) -> Any:
    return b.emit("pinv", real_matrix(b, a, "np.linalg.lstsq"), rcond=None)
