"""Functions of numbers that users have added, under names made of what they are; emitted modules call them from here."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import vectorize
from numba.extending import register_jitable

from adcompile.runtime.template import elementwise, of_operands


def add(name: str, plain: Callable[..., Any], compiled: Callable[..., Any], operands: int) -> None:
    """Make a function of numbers one of arrays as well, which broadcast, and keep it under a name of this module."""
    known = register_jitable(compiled) if isinstance(compiled, types.FunctionType) else compiled
    ufunc = vectorize(of_operands(known, operands))

    def function(*args: Any) -> Any:
        dtype = np.result_type(*(a.dtype if isinstance(a, np.ndarray | np.generic) else np.float64 for a in args))
        if any(isinstance(a, np.ndarray) for a in args):
            return np.vectorize(plain, otypes=[dtype])(*args)
        return dtype.type(plain(*args))

    setattr(sys.modules[__name__], name, elementwise(function, ufunc, operands))
