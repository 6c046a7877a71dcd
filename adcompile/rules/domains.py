"""Where rules hold: which operands a line is for, and how to draw some to test it with.

The draws serve the tests only; nothing in a compiled program depends on them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from adcompile.notation.tables import Domain

Shape = tuple[int, ...]


def real(rng: np.random.Generator, shape: Shape) -> Any:
    """Of both signs, with a distance from 0, from the integers and from each other."""
    size = int(np.prod(shape))
    magnitudes = 0.3 + 1.3 * (np.arange(size) + rng.uniform(0.2, 0.4, size)) / max(size, 1)
    return (rng.permutation(magnitudes) * rng.choice([-1.0, 1.0], size)).reshape(shape)


def between(low: float, high: float) -> Any:
    """Draws from an interval."""
    return lambda rng, shape: rng.uniform(low, high, shape)


def complex_(rng: np.random.Generator, shape: Shape) -> Any:
    return real(rng, shape) + 1j * real(rng, shape)


def square(rng: np.random.Generator, shape: Shape) -> Any:
    """Well conditioned."""
    return rng.uniform(-1.0, 1.0, shape) + 3.0 * np.eye(shape[-1])


def definite(rng: np.random.Generator, shape: Shape) -> Any:
    """Symmetric positive definite."""
    a = rng.uniform(-1.0, 1.0, shape)
    return a @ np.swapaxes(a, -1, -2) + 2.0 * np.eye(shape[-1])


def spread(rng: np.random.Generator, shape: Shape) -> Any:
    """Nearly diagonal, with eigenvalues and singular values that keep apart."""
    return rng.uniform(-0.3, 0.3, shape) + np.eye(shape[0], shape[-1]) * (1.0 + np.arange(shape[-1]))


def tall(rng: np.random.Generator, shape: Shape) -> Any:
    """Well conditioned, with no more columns than rows."""
    return rng.uniform(-1.0, 1.0, shape) + 3.0 * np.eye(shape[0], shape[-1])


def flags(rng: np.random.Generator, shape: Shape) -> Any:
    return rng.uniform(0.0, 1.0, shape) < 0.5


def counts(rng: np.random.Generator, shape: Shape) -> Any:
    return rng.integers(0, 2, shape)


REAL = Domain("REAL", real)
POSITIVE = Domain("POSITIVE", between(0.4, 2.5))
UNIT = Domain("UNIT", between(-0.9, 0.9))
ABOVE_ONE = Domain("ABOVE_ONE", between(1.3, 3.0))
COMPLEX = Domain("COMPLEX", complex_, kind="complex")
ARRAY = Domain("ARRAY", real, ranks=(1, 99))
VECTOR = Domain("VECTOR", real, ranks=(1, 1))
MATRIX = Domain("MATRIX", real, ranks=(2, 2))
BATCH = Domain("BATCH", real, ranks=(2, 99))
SQUARE = Domain("SQUARE", square, ranks=(2, 2))
COMPLEX_SQUARE = Domain(
    "COMPLEX_SQUARE", lambda rng, shape: square(rng, shape) + 1j * real(rng, shape), (2, 2), "complex"
)
SPREAD = Domain("SPREAD", spread, ranks=(2, 2), kind="real")
TALL = Domain("TALL", tall, ranks=(2, 2), kind="real")
SPD = Domain("SPD", definite, ranks=(2, 2), kind="real")
FLAG = Domain("FLAG", flags)
INTEGER = Domain("INTEGER", counts)
NUMBER = Domain("NUMBER", between(0.4, 2.5), constant=True)
OPEN = Domain("OPEN", between(0.15, 0.85))
ORDER = Domain("ORDER", between(0.4, 2.5), fixed=True)
ABOVE_ONE_ORDER = Domain("ABOVE_ONE_ORDER", between(1.3, 3.0), fixed=True)
ANGLE = Domain("ANGLE", between(-2.5, 2.5))
#: what was drawn, which does not change by itself
DRAWN = replace(POSITIVE, name="DRAWN", fixed=True)
DRAWN_PART = replace(OPEN, name="DRAWN_PART", fixed=True)
WHOLE_ORDER = Domain("WHOLE_ORDER", lambda rng, shape: counts(rng, shape) + 1.0, fixed=True)
FIXED = replace(REAL, name="FIXED", fixed=True)
