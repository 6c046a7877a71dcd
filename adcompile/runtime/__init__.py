"""The functions that generated modules may call: what NumPy has and Numba lacks, for both alike.

Each runs as plain NumPy and inside compiled code, with the same results in C's order. Imports nothing of the compiler.
"""

from adcompile.runtime.broadcasting import add_to, broadcast_to, set_to, unbroadcast, where
from adcompile.runtime.checkpoints import advance
from adcompile.runtime.decompositions import eig, eigh, pinv, qr, svd
from adcompile.runtime.fourier import fft
from adcompile.runtime.indexing import drain, gather, put_along, scatter, scatter_add, take_along
from adcompile.runtime.lanes import lanes, lanes_array, lanes_sum
from adcompile.runtime.linalg import cholesky, det, inv, matmul, slogdet, solve
from adcompile.runtime.lists import array_of_list, list_add, list_of_array, list_zeros
from adcompile.runtime.memory import overlap
from adcompile.runtime.reductions import POSITIONS, REDUCTIONS
from adcompile.runtime.scans import argpartition, argsort, cumprod, cumsum, flip, recurrence, roll, sort
from adcompile.runtime.shapes import reserve, transpose, tril, triu
from adcompile.runtime.special import digamma, erf, erfc, gamma, lgamma, tetragamma, trigamma

# called as rt.sum(x, axis=0), as in NumPy; within this module they hide Python's own
sum = REDUCTIONS["sum"]  # noqa: A001
prod = REDUCTIONS["prod"]
max = REDUCTIONS["max"]  # noqa: A001
min = REDUCTIONS["min"]  # noqa: A001
any = REDUCTIONS["any"]  # noqa: A001
all = REDUCTIONS["all"]  # noqa: A001
argmax = POSITIONS["argmax"]
argmin = POSITIONS["argmin"]

__all__ = [
    "add_to",
    "advance",
    "all",
    "any",
    "argmax",
    "argmin",
    "argpartition",
    "argsort",
    "array_of_list",
    "broadcast_to",
    "cholesky",
    "cumprod",
    "cumsum",
    "det",
    "digamma",
    "drain",
    "eig",
    "eigh",
    "erf",
    "erfc",
    "fft",
    "flip",
    "gamma",
    "gather",
    "inv",
    "lanes",
    "lanes_array",
    "lanes_sum",
    "lgamma",
    "list_add",
    "list_of_array",
    "list_zeros",
    "matmul",
    "max",
    "min",
    "overlap",
    "pinv",
    "prod",
    "put_along",
    "qr",
    "recurrence",
    "reserve",
    "roll",
    "scatter",
    "scatter_add",
    "set_to",
    "slogdet",
    "solve",
    "sort",
    "sum",
    "svd",
    "take_along",
    "tetragamma",
    "transpose",
    "trigamma",
    "tril",
    "triu",
    "unbroadcast",
    "where",
]
