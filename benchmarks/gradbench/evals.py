"""What a GradBench eval is here: its functions, each with the way from JSON and back, and inputs to try it with.

The problems are in a module each; what speaks to GradBench is in `server`, what times them here in `timing`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numba
import numpy as np

from adcompile.backend.compile import FAST

#: as derivatives are compiled
compiled = numba.njit(error_model="numpy", fastmath=set(FAST))


class Function(NamedTuple):
    """One function of an eval.

    Attributes
    ----------
    run : callable
        What is timed.
    decode : callable
        From the JSON input to the arguments of `run`.
    encode : callable
        From the result of `run` to the JSON output.
    """

    run: Callable[..., Any]
    decode: Callable[[Any], tuple[Any, ...]]
    encode: Callable[[Any], Any]


class Eval(NamedTuple):
    """An eval.

    Attributes
    ----------
    functions : dict
        By name, the derivatives after what they are derivatives of.
    samples : callable
        Small JSON inputs for a function's name: `define` compiles with them.
    sizes : dict
        By name, what makes a JSON input of that size, from a generator of random numbers.
    variants : tuple of str
        The functions that are timed against `primal`; where there are several, each is another way to the same output.
    primal : str
        The function, of this eval, that they are derivatives of; "" where nothing is.
    """

    functions: dict[str, Function]
    samples: Callable[[str], list[Any]]
    sizes: dict[str, Callable[[np.random.Generator], Any]]
    variants: tuple[str, ...]
    primal: str


def array(numbers: Any) -> np.ndarray[Any, Any]:
    """Numbers from JSON as an array; whole ones may have come as integers."""
    return np.array(numbers, dtype=np.float64)


def integers(numbers: Any) -> np.ndarray[Any, Any]:
    """Whole numbers from JSON as an array."""
    return np.array(numbers, dtype=np.int64)


def rng() -> np.random.Generator:
    """The same random numbers in every process."""
    return np.random.default_rng(0)
