"""Derivatives by finite differences, and the comparison of what is found with what is expected.

Nothing here imports adcompile: an oracle that shared code with what it judges would be no oracle.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

# Central differences over seven points, exact for polynomials of degree 6 (Fornberg 1988, table 1).
WEIGHTS = ((1, 3 / 4), (2, -3 / 20), (3, 1 / 60))
STEP = 1e-3


def leaves(tree: Any) -> list[Any]:
    """The numbers and arrays of a structure, from left to right; `None` holds nothing."""
    if tree is None:
        return []
    if isinstance(tree, dict):
        return [leaf for value in tree.values() for leaf in leaves(value)]
    if isinstance(tree, (tuple, list)):
        return [leaf for value in tree for leaf in leaves(value)]
    if is_dataclass(tree):
        return [leaf for field in fields(tree) for leaf in leaves(getattr(tree, field.name))]
    return [tree]


def flat(tree: Any) -> np.ndarray:
    """All numbers of a structure in one vector of double precision."""
    parts = [np.ravel(np.asarray(leaf, dtype=np.float64)) for leaf in leaves(tree)]
    return np.concatenate(parts) if parts else np.zeros(0)


def unflat(tree: Any, vector: np.ndarray, *, precise: bool = True) -> Any:
    """The structure `tree` with the numbers of `vector`: the inverse of `flat`.

    All numbers are of double precision, or, where not `precise`, of that of the numbers they replace.
    """
    rest = list(vector)

    def fill(part: Any) -> Any:
        if part is None:
            return None
        if isinstance(part, dict):
            return {key: fill(value) for key, value in part.items()}
        if isinstance(part, tuple) and hasattr(part, "_fields"):
            return type(part)(*map(fill, part))
        if isinstance(part, (tuple, list)):
            return type(part)(map(fill, part))
        if is_dataclass(part) and not isinstance(part, type):
            return replace(part, **{field.name: fill(getattr(part, field.name)) for field in fields(part)})
        if isinstance(part, np.ndarray):
            taken = [rest.pop(0) for _ in range(part.size)]
            return np.array(taken, dtype=np.float64 if precise else part.dtype).reshape(part.shape)
        return float(rest.pop(0)) if precise else type(part)(rest.pop(0))

    return fill(tree)


def call(f: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """The result of a function on copies, so that what it writes into its arguments is not seen."""
    return f(*copy.deepcopy(args))


def along(f: Callable[[np.ndarray], np.ndarray], x: np.ndarray, v: np.ndarray, step: float = STEP) -> np.ndarray:
    """Directional derivative of a function of a vector, by differences of sixth order."""
    total = 0.0
    for k, weight in WEIGHTS:
        total = total + weight * (f(x + k * step * v) - f(x - k * step * v))
    return np.asarray(total) / step


def replaced(args: tuple[Any, ...], argnums: tuple[int, ...], vector: np.ndarray) -> tuple[Any, ...]:
    """The arguments with the chosen ones made of the numbers of a vector."""
    chosen = unflat(tuple(args[k] for k in argnums), vector)
    result = list(args)
    for k, value in zip(argnums, chosen, strict=True):
        result[k] = value
    return tuple(result)


def directional(
    f: Callable[..., Any], args: tuple[Any, ...], argnums: tuple[int, ...], v: np.ndarray, step: float = STEP
) -> np.ndarray:
    """Derivative of the flattened result of `f` along `v`, a direction in the space of the chosen arguments."""
    x = flat(tuple(args[k] for k in argnums))
    return along(lambda z: flat(call(f, replaced(args, argnums, z))), x, v, step)


def jacobian(f: Callable[..., Any], args: tuple[Any, ...], argnums: tuple[int, ...], step: float = STEP) -> np.ndarray:
    """All derivatives of the flattened result, shape (outputs, inputs)."""
    x = flat(tuple(args[k] for k in argnums))
    scales = step * np.maximum(1.0, np.abs(x))
    columns = [directional(f, args, argnums, row, scale) for row, scale in zip(np.eye(x.size), scales, strict=True)]
    return np.stack(columns, axis=-1)


def direction(size: int) -> np.ndarray:
    """A fixed direction without zeros or symmetries."""
    return np.sin(1.0 + 2.3 * np.arange(size)) + 0.1


def assert_close(actual: Any, expected: Any, tolerance: float, what: str = "", scale: float = 0.0) -> None:
    """Fail unless two structures agree up to `tolerance` relative to the largest expected number, at least 1.

    Parameters
    ----------
    scale : float, optional
        Size of the numbers that the expected ones were summed from, where cancellation makes them small.
    """
    a, b = flat(actual), flat(expected)
    assert a.shape == b.shape, f"{what}: {a.size} numbers, expected {b.size}"
    if not b.size:
        return
    assert np.all(np.isfinite(a)), f"{what}: not finite\n  actual   {a}\n  expected {b}"
    size = max(1.0, scale, float(np.max(np.abs(b))))
    error = float(np.max(np.abs(a - b))) / size
    assert error <= tolerance, f"{what}: relative error {error:.3g}\n  actual   {a}\n  expected {b}"
