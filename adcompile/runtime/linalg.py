"""Linear algebra in the cases that Numba refuses: stacks of matrices, integers, strided operands."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import register_jitable

from adcompile.runtime.template import compiles, define, loops


def matmul(a: Any, b: Any) -> Any:
    """`a @ b`, with leading axes broadcast."""
    return np.matmul(a, b)


@compiles(matmul)
def compiled_matmul(a: Any, b: Any) -> Any:
    """Loops over the leading axes; vectors count as a row on the left and a column on the right."""
    if a.ndim <= 2 and b.ndim <= 2 and str(a.dtype)[0] in "fc" and a.dtype == b.dtype:
        return lambda a, b: np.ascontiguousarray(a) @ np.ascontiguousarray(b)
    if a.ndim == 1 or b.ndim == 1:
        return vector_product(a, b)
    lead = max(a.ndim, b.ndim) - 2
    names = [f"b{k}" for k in range(lead)]

    def at(x: Any, name: str, last: str) -> str:
        outer = [f"b{k} if {name}.shape[{k - lead + x.ndim - 2}] > 1 else 0" for k in range(lead - x.ndim + 2, lead)]
        return f"{name}[{', '.join([*outer, last])}]"

    def length(k: int) -> str:
        sides = [
            f"{name}.shape[{k - lead + x.ndim - 2}]" for x, name in ((a, "a"), (b, "b")) if k - lead + x.ndim - 2 >= 0
        ]
        return sides[0] if len(sides) == 1 else f"max({', '.join(sides)})"

    out = ", ".join([*names, "i", "j"])
    lines = ["def impl(a, b):"]
    lines += [f"    n{k} = {length(k)}" for k in range(lead)]
    shape = ", ".join([*(f"n{k}" for k in range(lead)), f"a.shape[{a.ndim - 2}]", f"b.shape[{b.ndim - 1}]"])
    lines.append(f"    out = np.zeros(({shape},), dtype)")
    lines += loops(
        [*names, "i", "k", "j"],
        [*(f"n{k}" for k in range(lead)), f"a.shape[{a.ndim - 2}]", f"a.shape[{a.ndim - 1}]", f"b.shape[{b.ndim - 1}]"],
        [f"out[{out}] += {at(a, 'a', 'i, k')} * {at(b, 'b', 'k, j')}"],
    )
    return define("\n".join([*lines, "    return out"]), dtype=product_dtype(a, b).type)


def product_dtype(a: Any, b: Any) -> Any:
    return np.result_type(np.dtype(str(a.dtype)), np.dtype(str(b.dtype)))


def vector_product(a: Any, b: Any) -> Any:
    """The products with a vector on one side, or on both."""
    dtype = product_dtype(a, b)
    if a.ndim == 1 and b.ndim == 1:
        body = ["out = zero", "for k in range(a.shape[0]):", "    out += a[k] * b[k]"]
        return define("\n".join(["def impl(a, b):", *("    " + x for x in body), "    return out"]), zero=dtype.type(0))
    big, name = (a, "a") if b.ndim == 1 else (b, "b")
    summed = big.ndim - 1 if name == "a" else big.ndim - 2
    outer = [k for k in range(big.ndim) if k != summed]
    at = ", ".join("k" if k == summed else f"i{k}" for k in range(big.ndim))
    other = "b" if name == "a" else "a"
    lines = ["def impl(a, b):", f"    out = np.zeros(({', '.join(f'{name}.shape[{k}]' for k in outer)},), dtype)"]
    lines += loops(
        [*(f"i{k}" for k in outer), "k"],
        [*(f"{name}.shape[{k}]" for k in outer), f"{name}.shape[{summed}]"],
        [f"out[{', '.join(f'i{k}' for k in outer)}] += {name}[{at}] * {other}[k]"],
    )
    return define("\n".join([*lines, "    return out"]), dtype=dtype.type)


@register_jitable
def solve(a: Any, b: Any) -> Any:
    """The solution x of a @ x = b, for a vector or a matrix b."""
    return np.ascontiguousarray(np.linalg.solve(np.ascontiguousarray(a), np.ascontiguousarray(b)))


@register_jitable
def inv(a: Any) -> Any:
    """The inverse matrix, in C order."""
    return np.ascontiguousarray(np.linalg.inv(np.ascontiguousarray(a)))


@register_jitable
def cholesky(a: Any) -> Any:
    """The lower triangular factor, in C order."""
    return np.ascontiguousarray(np.linalg.cholesky(np.ascontiguousarray(a)))


@register_jitable
def det(a: Any) -> Any:
    """The determinant."""
    return np.linalg.det(np.ascontiguousarray(a))


@register_jitable
def slogdet(a: Any) -> Any:
    """The sign of the determinant, and the logarithm of its size."""
    sign, logarithm = np.linalg.slogdet(np.ascontiguousarray(a))
    return sign, logarithm
