"""The functions that generated modules may call: what NumPy has and Numba lacks, for both alike.

Each runs as plain NumPy and inside compiled code, with the same results. Imports nothing of the compiler.
"""

from adcompile.runtime.indexing import drain, gather, put_along, scatter, scatter_add, take_along
from adcompile.runtime.lists import array_of_list, list_add, list_of_array, list_zeros
from adcompile.runtime.reductions import (
    all_axis,
    any_axis,
    argmax_axis,
    argmin_axis,
    max_axis,
    min_axis,
    prod_axis,
    sum_axis,
)
from adcompile.runtime.scans import argsort, cumprod, cumsum, flip, recurrence, roll, sort
from adcompile.runtime.shapes import broadcast_to, concatenate, contiguous_copy, reserve, stack, unbroadcast
from adcompile.runtime.special import (
    digamma,
    erf,
    erfc,
    gamma,
    lgamma,
    maximum,
    minimum,
    sign,
    tetragamma,
    trigamma,
)
from adcompile.runtime.linalg import cholesky, det, inv, matmul, slogdet, solve

__all__ = [
    "all_axis",
    "any_axis",
    "argmax_axis",
    "argmin_axis",
    "argsort",
    "array_of_list",
    "broadcast_to",
    "cholesky",
    "concatenate",
    "contiguous_copy",
    "cumprod",
    "cumsum",
    "det",
    "digamma",
    "drain",
    "erf",
    "erfc",
    "flip",
    "gamma",
    "gather",
    "inv",
    "lgamma",
    "list_add",
    "list_of_array",
    "list_zeros",
    "matmul",
    "max_axis",
    "maximum",
    "min_axis",
    "minimum",
    "prod_axis",
    "put_along",
    "recurrence",
    "reserve",
    "roll",
    "scatter",
    "scatter_add",
    "sign",
    "slogdet",
    "solve",
    "sort",
    "stack",
    "sum_axis",
    "take_along",
    "tetragamma",
    "trigamma",
    "unbroadcast",
]
