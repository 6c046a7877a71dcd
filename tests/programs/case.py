"""The `case` decorator: sample arguments for a program, made from the program's own name.

What is done with a case is not decided here, but in `test_programs.py`.
"""

from __future__ import annotations

import copy
import zlib
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from typing import Any

import numpy as np

CASES: list[Case] = []
TAGS = {
    "core",  # in the quick selection, without Numba
    "compiled",  # in the quick selection, with Numba
    "array",  # the result is an array: the whole Jacobian is checked
    "float32",  # computed in single precision
    "first",  # first order only: a second derivative is not what finite differences see
}


@dataclass(frozen=True)
class Given:
    """An argument that is not differentiated."""

    recipe: Any


@dataclass(frozen=True, eq=False)
class Case:
    """A program and the recipes of its arguments."""

    function: Callable[..., Any]
    recipes: dict[str, Any]
    tags: frozenset[str]

    @property
    def name(self) -> str:
        return self.function.__name__

    def sample(self) -> tuple[Any, ...]:
        """Fresh arguments, the same at each call."""
        rng = np.random.default_rng(zlib.crc32(self.name.encode()))
        return tuple(make(recipe, rng) for recipe in self.recipes.values())

    @property
    def argnums(self) -> tuple[int, ...]:
        """The positions that are differentiated: what is not `given` and holds floating-point numbers."""
        recipes = list(self.recipes.values())
        return tuple(k for k, x in enumerate(self.sample()) if not isinstance(recipes[k], Given) and floating(x))


def case(*tags: str, **recipes: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function with one recipe for each parameter.

    A recipe is a shape (an array of normal numbers), a callable of the random generator, or the argument itself.
    """
    if unknown := set(tags) - TAGS:
        raise ValueError(f"unknown tags {sorted(unknown)}")

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        if any(other.name == function.__name__ for other in CASES):
            raise ValueError(f"two programs are called {function.__name__}")
        CASES.append(Case(function, recipes, frozenset(tags)))
        return function

    return register


def make(recipe: Any, rng: np.random.Generator) -> Any:
    """The argument that a recipe describes."""
    if isinstance(recipe, Given):
        return make(recipe.recipe, rng)
    if isinstance(recipe, tuple):
        return rng.standard_normal(recipe)
    if callable(recipe) and getattr(recipe, "samples", False):
        return recipe(rng)
    return copy.deepcopy(recipe)


def floating(x: Any) -> bool:
    """Whether a value is or holds a floating-point number."""
    if isinstance(x, np.ndarray):
        return x.dtype.kind == "f"
    if isinstance(x, (tuple, list)):
        return any(map(floating, x))
    if isinstance(x, dict):
        return any(map(floating, x.values()))
    if is_dataclass(x):
        return any(floating(value) for value in vars(x).values())
    return isinstance(x, (float, np.floating))


def sampled(draw: Callable[[np.random.Generator], Any]) -> Callable[[np.random.Generator], Any]:
    """A recipe out of a function of the random generator."""
    draw.samples = True  # type: ignore[attr-defined]
    return draw


def given(recipe: Any) -> Given:
    """An argument that is held fixed."""
    return Given(recipe)


def uniform(low: float, high: float, *shape: int) -> Callable[[np.random.Generator], Any]:
    """Numbers between two bounds."""
    return sampled(lambda rng: rng.uniform(low, high, shape))


def positive(*shape: int) -> Callable[[np.random.Generator], Any]:
    """Numbers well away from zero."""
    return uniform(0.5, 1.5, *shape)


def integers(low: int, high: int, *shape: int) -> Callable[[np.random.Generator], Any]:
    """Integers from `low` up to, not including, `high`."""
    return sampled(lambda rng: rng.integers(low, high, shape))


def dominant(n: int) -> Callable[[np.random.Generator], Any]:
    """A matrix with a heavy diagonal: elimination needs no pivoting."""
    return sampled(lambda rng: rng.standard_normal((n, n)) + 2.0 * n * np.eye(n))


def definite(n: int) -> Callable[[np.random.Generator], Any]:
    """A symmetric positive definite matrix."""

    def draw(rng: np.random.Generator) -> Any:
        a = rng.standard_normal((n, n))
        return a @ a.T + n * np.eye(n)

    return sampled(draw)
