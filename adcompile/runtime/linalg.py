"""Linear algebra in the cases that Numba refuses: stacks of matrices, integers, operands that are not contiguous.

Products of two contiguous matrices or vectors are written `a @ b` in emitted code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba.extending import register_jitable

from adcompile.runtime.broadcasting import together
from adcompile.runtime.template import compiles, define, dtype_of, indented, loops, stay_apart


def matmul(a: Any, b: Any) -> Any:
    """`a @ b`, with leading axes broadcast."""
    return np.matmul(a, b)


@compiles(matmul)
def compiled_matmul(a: Any, b: Any) -> Any:
    """Loops over the leading axes; a vector counts as a row on the left and as a column on the right."""
    left, right = dtype_of(a), dtype_of(b)
    blas = left == right and left.kind in "fc"
    if a.ndim <= 2 and b.ndim <= 2 and blas:
        return lambda a, b: np.ascontiguousarray(a) @ np.ascontiguousarray(b)
    ranks = {"x": max(a.ndim - 2, 0), "y": max(b.ndim - 2, 0)}
    t = together(max(ranks.values()), **ranks)
    rows, columns = ["x.shape[-2]"] * (a.ndim > 1), ["y.shape[-1]"] * (b.ndim > 1)
    target = f"out[{t.place}]" if t.indices else "out"
    lines = [
        "x = np.ascontiguousarray(a)" + (".reshape((1, a.shape[0]))" if a.ndim == 1 else ""),
        "y = np.ascontiguousarray(b)" + (".reshape((b.shape[0], 1))" if b.ndim == 1 else ""),
        "if x.shape[-1] != y.shape[-2]:",
        "    raise ValueError('the lengths of the axes that are summed over differ')",
        *t.find_lengths(),
        *t.find_steps(),
        f"out = np.empty(({', '.join([*t.lengths, 'x.shape[-2]', 'y.shape[-1]'])}), dtype)",
        *loops(t.indices, t.lengths, [f"multiply({t.at('x')}, {t.at('y')}, {target})"]),
    ]
    shape = [*t.lengths, *rows, *columns]
    lines.append(f"return out.reshape(({', '.join(shape)},))" if shape else "return out[0, 0]")
    multiply = multiply_floats if blas else multiply_any
    return define(["def impl(a, b):", *indented(lines)], dtype=np.result_type(left, right).type, multiply=multiply)


@register_jitable
def multiply_floats(x: Any, y: Any, out: Any) -> None:
    """out = x @ y, by BLAS."""
    np.dot(x, y, out)


@register_jitable
def multiply_any(x: Any, y: Any, out: Any) -> None:
    """out = x @ y."""
    out[:] = 0
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            for j in range(y.shape[1]):
                out[i, j] += x[i, k] * y[k, j]


def of_matrix(name: str, doc: str) -> Callable[..., Any]:
    """A function from a matrix, or each of a stack of them, to a matrix."""
    whole = getattr(np.linalg, name)

    def plain(a: Any) -> Any:
        return np.ascontiguousarray(whole(a))

    plain.__name__ = plain.__qualname__ = name
    plain.__doc__ = doc

    def compiled(a: Any) -> Any:
        if a.ndim == 2:

            def of_one(a: Any) -> Any:
                stay_apart()
                return np.ascontiguousarray(whole(np.ascontiguousarray(a)))

            return of_one

        def impl(a: Any) -> Any:
            stay_apart()
            stack = np.ascontiguousarray(a).reshape((-1, a.shape[-2], a.shape[-1]))
            out = np.empty_like(stack)
            for k in range(stack.shape[0]):
                out[k] = whole(stack[k])
            return out.reshape(a.shape)

        return impl

    compiles(plain)(compiled)
    return plain


inv = of_matrix("inv", "The inverse matrix.")
cholesky = of_matrix("cholesky", "The lower triangular factor.")


def solve_columns(a: Any, b: Any) -> Any:
    """The solution x of a @ x = b for matrices in C's order."""
    return np.ascontiguousarray(np.linalg.solve(a, b))


@compiles(solve_columns)
def compiled_solve_columns(a: Any, b: Any) -> Any:
    def impl(a: Any, b: Any) -> Any:
        stay_apart()
        return np.ascontiguousarray(np.linalg.solve(a, b))

    return impl


def solve(a: Any, b: Any) -> Any:
    """The solution x of a @ x = b, for a vector or a matrix b, or stacks of matrices."""
    return np.ascontiguousarray(np.linalg.solve(a, b))


@compiles(solve)
def compiled_solve(a: Any, b: Any) -> Any:
    """A vector is solved for as a column: Numba's own takes seconds to compile for each rank of `b`."""
    if a.ndim == 2 and b.ndim == 1:

        def column(a: Any, b: Any) -> Any:
            stay_apart()
            side = np.ascontiguousarray(b).reshape((b.shape[0], 1))
            return solve_columns(np.ascontiguousarray(a), side).reshape(b.shape)

        return column
    if a.ndim == 2 and b.ndim == 2:
        return lambda a, b: solve_columns(np.ascontiguousarray(a), np.ascontiguousarray(b))

    def impl(a: Any, b: Any) -> Any:
        stay_apart()
        matrices = np.ascontiguousarray(a).reshape((-1, a.shape[-2], a.shape[-1]))
        sides = np.ascontiguousarray(b).reshape((-1, b.shape[-2], b.shape[-1]))
        if matrices.shape[0] != sides.shape[0]:
            raise ValueError("there are not as many matrices as right-hand sides")
        out = np.empty_like(sides)
        for k in range(sides.shape[0]):
            out[k] = np.linalg.solve(matrices[k], sides[k])
        return out.reshape(b.shape)

    return impl


def det(a: Any) -> Any:
    """The determinant of a matrix."""
    return np.linalg.det(a)


@compiles(det)
def compiled_det(a: Any) -> Any:
    kind = dtype_of(a).type
    return lambda a: kind(np.linalg.det(np.ascontiguousarray(a)))


def slogdet(a: Any) -> Any:
    """The sign of the determinant of a matrix, and the logarithm of its size."""
    sign, logarithm = np.linalg.slogdet(a)
    return sign, logarithm


@compiles(slogdet)
def compiled_slogdet(a: Any) -> Any:
    kind, real = dtype_of(a).type, np.zeros(0, dtype_of(a)).real.dtype.type

    def impl(a: Any) -> Any:
        sign, logarithm = np.linalg.slogdet(np.ascontiguousarray(a))
        return kind(sign), real(logarithm)

    return impl
