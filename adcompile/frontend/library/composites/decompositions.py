"""What is made of decompositions: norms, condition and rank of a matrix, least squares, equations and functions of matrices.

Sources: G. Golub, C. Van Loan, Matrix Computations, 4th ed. (2013), chapters 2, 5 and 9.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adcompile.frontend.library.composites.linalg import floats, norm
from adcompile.frontend.library.decompositions import sized_pinv, tall_qr, thin_svd
from adcompile.frontend.library.markers import (
    matrix_cholesky,
    matrix_det,
    matrix_inv,
    matrix_slogdet,
    matrix_solve,
    refuse,
)


def svdvals(x: Any) -> Any:
    _, s, _ = thin_svd(x)
    return s


def svd(a: Any, full_matrices: Any = True, compute_uv: Any = True, hermitian: Any = False) -> Any:
    if hermitian:
        refuse("`np.linalg.svd` with `hermitian=True` is not supported", "leave it out")
    u, s, vt = thin_svd(a)
    if not compute_uv:
        return s
    if full_matrices and np.shape(a)[0] != np.shape(a)[1]:
        raise ValueError(
            "of a matrix that is not square, pass full_matrices=False: only so the vectors have derivatives"
        )
    return u, s, vt


def scipy_svd(a: Any, full_matrices: Any = True, compute_uv: Any = True) -> Any:
    return svd(a, full_matrices, compute_uv)


def qr(a: Any, mode: Any = "reduced") -> Any:
    if mode not in ("reduced", "r"):
        refuse(f"`np.linalg.qr` with `mode={mode!r}` is not supported", "use 'reduced' or 'r'")
    x = np.asarray(a)
    k = min(x.shape[0], x.shape[1])
    q, r = tall_qr(x[:, :k])
    r = np.concatenate((r, q.T @ x[:, k:]), axis=1)
    return r if mode == "r" else (q, r)


def scipy_qr(a: Any, mode: Any = "full") -> Any:
    if mode not in ("economic", "r"):
        if np.shape(a)[0] > np.shape(a)[1]:
            raise ValueError("of a matrix with more rows than columns, pass mode='economic'")
        return qr(a)
    result = qr(a, "r" if mode == "r" else "reduced")
    return (result,) if mode == "r" else result


def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    if rcond is not None and rcond != -1:
        refuse("`np.linalg.lstsq` with `rcond` is not supported", "leave it out")
    x, y = floats(a), floats(b)
    solution = sized_pinv(x) @ y
    s = svdvals(x)
    rank = np.count_nonzero(s > np.finfo(x.dtype).eps * max(x.shape[0], x.shape[1]) * s[0])
    total = np.atleast_1d(np.sum(np.square(y - x @ solution), axis=0))
    residuals = total if rank == x.shape[1] and x.shape[0] > x.shape[1] else total[:0]
    return solution, residuals, rank, s


def scipy_lstsq(a: Any, b: Any) -> Any:
    return lstsq(a, b)


def scipy_pinv(a: Any) -> Any:
    return sized_pinv(floats(a))


def matrix_rank(A: Any) -> Any:
    s = svdvals(A)
    return np.count_nonzero(s > np.finfo(s.dtype).eps * max(np.shape(A)[0], np.shape(A)[1]) * s[0])


def cond(x: Any, p: Any = None) -> Any:
    if p is None or p in (2, -2):
        s = svdvals(x)
        return s[-1] / s[0] if p == -2 else s[0] / s[-1]
    return norm(x, p) * norm(matrix_inv(x), p)


def matrix_norm(x: Any, /, *, keepdims: Any = False, ord: Any = "fro") -> Any:
    return norm(x, ord, (-2, -1), keepdims)


# -- equations with matrices ------------------------------------------------------------------------------------


def solve_triangular(
    a: Any,
    b: Any,
    trans: Any = 0,
    lower: Any = False,
    unit_diagonal: Any = False,
    overwrite_b: Any = False,
    check_finite: Any = True,
) -> Any:
    x = np.tril(a) if lower else np.triu(a)
    if unit_diagonal:
        x = (np.tril(a, -1) if lower else np.triu(a, 1)) + np.eye(x.shape[0])
    if trans in (0, "N"):
        return matrix_solve(x, b)
    return matrix_solve(x.T if trans in (1, "T") else np.conj(x.T), b)


def scipy_cholesky(a: Any, lower: Any = False, overwrite_a: Any = False, check_finite: Any = True) -> Any:
    # the triangle that is read is the one that is returned
    return matrix_cholesky(a) if lower else matrix_cholesky(np.asarray(a).T).T


def cho_factor(a: Any, lower: Any = False, overwrite_a: Any = False, check_finite: Any = True) -> Any:
    return scipy_cholesky(a, lower), lower


def cho_solve(c_and_lower: Any, b: Any, overwrite_b: Any = False, check_finite: Any = True) -> Any:
    c, lower = c_and_lower
    factor = np.tril(c) if lower else np.triu(c).T
    return matrix_solve(factor.T, matrix_solve(factor, b))


def scipy_solve(
    a: Any,
    b: Any,
    lower: Any = False,
    overwrite_a: Any = False,
    overwrite_b: Any = False,
    check_finite: Any = True,
    assume_a: Any = None,
    transposed: Any = False,
) -> Any:
    x = np.asarray(a)
    if assume_a is not None and assume_a not in ("gen", "general"):
        # with a promise of symmetry one triangle is read, so that only it has a derivative
        x = np.tril(x) + np.tril(x, -1).T if lower else np.triu(x) + np.triu(x, 1).T
    return matrix_solve(x.T if transposed else x, b)


def solve_banded(
    l_and_u: Any, ab: Any, b: Any, overwrite_ab: Any = False, overwrite_b: Any = False, check_finite: Any = True
) -> Any:
    lower, upper = l_and_u
    bands = floats(ab)
    n = bands.shape[1]
    a = np.zeros((n, n), dtype=bands.dtype)
    for k in range(lower + upper + 1):
        for j in range(max(upper - k, 0), min(n, n + upper - k)):
            a[j + k - upper, j] = bands[k, j]
    return matrix_solve(a, b)


def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    # the columns of the unknown below each other, as one vector
    m, n = np.shape(a)[0], np.shape(b)[0]
    x, y = np.asarray(a), np.asarray(b)
    system = np.kron(np.eye(n, dtype=x.dtype), x) + np.kron(y.T, np.eye(m, dtype=y.dtype))
    return matrix_solve(system, np.ravel(np.asarray(q).T)).reshape(n, m).T


def solve_continuous_lyapunov(a: Any, q: Any) -> Any:
    return solve_sylvester(a, np.conj(np.asarray(a).T), q)


def solve_discrete_lyapunov(a: Any, q: Any, method: Any = None) -> Any:
    n = np.shape(a)[0]
    system = np.eye(n * n) - np.kron(a, np.conj(a))
    return matrix_solve(system, np.ravel(q)).reshape(n, n)


def expm(A: Any) -> Any:
    # scaling, a Taylor polynomial in nested form of degree 18, and squaring: Moler and Van Loan (2003), method 3
    a = floats(A)
    one = np.eye(a.shape[0], dtype=a.dtype)
    size = np.max(np.sum(np.abs(a), axis=0))
    squarings = max(0, int(np.ceil(np.log2(np.maximum(size, 1e-300)))) + 2)
    x = a * np.asarray(0.5**squarings, dtype=a.dtype)
    y = one.copy()
    for k in range(18, 0, -1):
        y = one + (x @ y) / np.asarray(k, dtype=a.dtype)
    for _ in range(squarings):
        y = y @ y
    return y


def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    if axes is not None:
        refuse("`np.linalg.tensorsolve` with `axes` is not supported", "move the axes first")
    x, y = np.asarray(a), np.asarray(b)
    rest = x.shape[y.ndim :]
    return matrix_solve(np.reshape(x, (np.size(y), -1)), np.ravel(y)).reshape(rest)


def tensorinv(a: Any, ind: Any = 2) -> Any:
    x = np.asarray(a)
    n = 1
    for k in x.shape[ind:]:
        n *= k
    return matrix_inv(np.reshape(x, (-1, n))).reshape(x.shape[ind:] + x.shape[:ind])


# -- one matrix, or each of a stack -----------------------------------------------------------------------------


def matrices_of(x: Any) -> Any:
    """The matrices of a stack along one axis."""
    return np.reshape(x, (-1, x.shape[-2], x.shape[-1]))


def inv(a: Any) -> Any:
    if np.ndim(a) <= 2:
        return matrix_inv(a)
    x = floats(a)
    stack = matrices_of(x)
    out = np.empty_like(stack)
    for k in range(len(stack)):
        out[k] = matrix_inv(stack[k])
    return out.reshape(x.shape)


def cholesky(a: Any, *, upper: Any = False) -> Any:
    if upper:
        refuse("`np.linalg.cholesky` with `upper=True` is not supported", "transpose the matrix and the result")
    if np.ndim(a) <= 2:
        return matrix_cholesky(a)
    x = floats(a)
    stack = matrices_of(x)
    out = np.empty_like(stack)
    for k in range(len(stack)):
        out[k] = matrix_cholesky(stack[k])
    return out.reshape(x.shape)


def det(a: Any) -> Any:
    if np.ndim(a) <= 2:
        return matrix_det(a)
    x = floats(a)
    stack = matrices_of(x)
    out = np.empty(len(stack), dtype=x.dtype)
    for k in range(len(stack)):
        out[k] = matrix_det(stack[k])
    return out.reshape(x.shape[:-2])


def slogdet(a: Any) -> Any:
    if np.ndim(a) <= 2:
        return matrix_slogdet(a)
    x = floats(a)
    stack = matrices_of(x)
    signs, sizes = np.empty(len(stack), dtype=x.dtype), np.empty(len(stack), dtype=np.real(x).dtype)
    for k in range(len(stack)):
        sign, size = matrix_slogdet(stack[k])
        signs[k] = sign
        sizes[k] = size
    return signs.reshape(x.shape[:-2]), sizes.reshape(x.shape[:-2])


def solve(a: Any, b: Any) -> Any:
    if np.ndim(a) <= 2 and np.ndim(b) <= 2:
        return matrix_solve(a, b)
    x, y = floats(a), floats(b)
    if y.ndim == 1:
        columns = np.broadcast_to(y[:, None], (*x.shape[:-2], y.shape[0], 1))
        return solve_stack(x, columns)[..., 0]
    if y.ndim < x.ndim:
        y = np.broadcast_to(y, x.shape[:-2] + y.shape[-2:])
    if x.ndim < y.ndim:
        x = np.broadcast_to(x, y.shape[:-2] + x.shape[-2:])
    return solve_stack(x, y)


def solve_stack(x: Any, y: Any) -> Any:
    """Systems of equations, as many matrices as right-hand sides."""
    matrices, sides = matrices_of(x), matrices_of(y)
    assert len(matrices) == len(sides), "there are not as many matrices as right-hand sides"
    out = np.empty(sides.shape, dtype=np.result_type(x, y))
    for k in range(len(sides)):
        out[k] = matrix_solve(matrices[k], sides[k])
    return out.reshape(y.shape)
