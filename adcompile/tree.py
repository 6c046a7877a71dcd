"""Nested arguments and results: taking them apart into numbers and arrays, and putting them together again.

Knows Python's containers and dataclasses, not programs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


class Leaf:
    """Where a number or array stands in a structure."""

    def __repr__(self) -> str:
        return "*"


LEAF = Leaf()


@dataclass(frozen=True, slots=True)
class Node:
    """A container: its class, its field names or keys, and what it holds."""

    kind: type
    keys: tuple[Hashable, ...]
    children: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Static:
    """Something that is neither number nor array: known when a program is compiled."""

    value: Any

    def __hash__(self) -> int:
        try:
            return hash(self.value)
        except TypeError:
            return id(self.value)


Structure = Leaf | Node | Static


def is_leaf(value: Any) -> bool:
    """Whether a value is a number, an array, or a random generator."""
    return isinstance(value, int | float | complex | np.ndarray | np.generic | np.random.Generator)


def children_of(value: Any) -> tuple[tuple[Hashable, ...], list[Any]] | None:
    """The keys of a container and what it holds, or None for what is none."""
    if isinstance(value, tuple | list):
        return tuple(getattr(value, "_fields", range(len(value)))), list(value)
    if isinstance(value, dict):
        return tuple(value), list(value.values())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = tuple(f.name for f in dataclasses.fields(value))
        return names, [getattr(value, n) for n in names]
    return None


def flatten(value: Any, leaves: list[Any]) -> Structure:
    """Append the numbers and arrays of a value to a list, in order; return how they were nested."""
    if is_leaf(value):
        leaves.append(value)
        return LEAF
    inner = children_of(value)
    if inner is None:
        return Static(value)
    keys, parts = inner
    return Node(type(value), keys, tuple(flatten(p, leaves) for p in parts))


def build(structure: Structure, leaves: Iterator[Any]) -> Any:
    """Put leaves, in order, back into a structure."""
    match structure:
        case Leaf():
            return next(leaves)
        case Static(value):
            return value
        case Node(kind, keys, children):
            return make(kind, keys, [build(c, leaves) for c in children])


def make(kind: Any, keys: Sequence[Hashable], parts: list[Any]) -> Any:
    """A container of a class, with its parts."""
    if hasattr(kind, "_make"):
        return kind._make(parts)
    if issubclass(kind, tuple | list):
        return kind(parts)
    if issubclass(kind, dict):
        return kind(zip(keys, parts, strict=True))
    return kind(**dict(zip(map(str, keys), parts, strict=True)))


def assemble(structure: Structure, nested: Any) -> Any:
    """What a compiled function hands back, tuples within tuples, in the structure that users expect."""
    match structure:
        case Node(kind, keys, children):
            parts = iter(nested if nested is not None else ())
            built = [assemble(c, next(parts) if count(c) else None) for c in children]
            return make(kind, keys, built)
        case Static(value):
            return value
    return nested


def is_plain(structure: Structure) -> bool:
    """Whether compiled code hands back this structure as it is: numbers, arrays and plain tuples."""
    match structure:
        case Node(kind, _, children):
            return kind is tuple and len(children) > 0 and all(map(is_plain, children))
        case Leaf():
            return True
    return False


def count(structure: Structure) -> int:
    """The number of leaves."""
    match structure:
        case Leaf():
            return 1
        case Node(_, _, children):
            return sum(map(count, children))
    return 0
