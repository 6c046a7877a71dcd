"""Types of run-time values, and of Numba's, as types of the program.

Python's own numbers are weak, as in NumPy; numbers that NumPy made are not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core import types as nb

from adcompile.errors import Unsupported
from adcompile.ir.types import BOOL, WEAK_COMPLEX, WEAK_FLOAT, WEAK_INT, Array, Scalar, Stream, Type

#: what compiled code computes with; Numba has neither half nor extended precision
DTYPES = frozenset(
    ["bool", "float32", "float64", "complex64", "complex128"]
    + [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
)
#: their names; to ask a dtype for its own takes longer than some kernels
NAMES = {np.dtype(name): name for name in DTYPES}
PYTHON_NUMBERS: dict[type, Type] = {bool: BOOL, int: WEAK_INT, float: WEAK_FLOAT, complex: WEAK_COMPLEX}


def typeof(value: Any) -> Type:
    """The type of a number or array.

    Raises
    ------
    Unsupported
        For arrays that do not hold numbers of a dtype that compiled code has.
    """
    found = PYTHON_NUMBERS.get(type(value))
    if found is not None:
        if found is WEAK_INT and not -(2**63) <= value < 2**63:
            raise Unsupported(f"the integer {value} does not fit into 64 bits", help="pass a floating-point number")
        return found
    if isinstance(value, np.ndarray):
        name = NAMES.get(value.dtype)
        if name is None:
            raise Unsupported(
                f"an array of dtype {value.dtype} has no place in a derivative",
                help="pass an array of numbers: x.astype(float)",
            )
        if isinstance(value, np.ma.MaskedArray | np.matrix):
            raise Unsupported(
                f"a {type(value).__name__} has no place in a derivative", help="pass a plain array: np.asarray(x)"
            )
        return Array(name, value.ndim, value.flags.c_contiguous)
    if isinstance(value, np.generic) and value.dtype.name in DTYPES:
        return Scalar(value.dtype.name)
    for kind, type_ in PYTHON_NUMBERS.items():
        if isinstance(value, kind):
            return type_
    if isinstance(value, np.generic):
        raise Unsupported(f"a number of type {value.dtype} has no place in a derivative", help="pass float(x)")
    if isinstance(value, np.random.Generator):
        return Stream()
    raise Unsupported(f"{value!r} is neither a number nor an array")


def from_numba(type_: Any) -> Type:
    """The type of a value that Numba's own inference knows.

    Numba does not tell Python's numbers from NumPy's: 64-bit ones are taken as Python's.
    """
    match type_:
        case nb.Boolean():
            return BOOL
        case nb.IntegerLiteral():
            return WEAK_INT
        case nb.Integer() | nb.Float() | nb.Complex():
            name = str(type_)
            return Scalar(name, weak=name in ("int64", "float64", "complex128"))
        case nb.Array(ndim=rank, layout=layout) if rank > 0:
            return Array(str(type_.dtype), rank, layout == "C")
        case nb.NumPyRandomGeneratorType():
            return Stream()
    raise Unsupported(
        f"a value of Numba's type {type_} cannot be an argument of a derivative",
        help="pass numbers, arrays, and tuples or named tuples of them",
    )
