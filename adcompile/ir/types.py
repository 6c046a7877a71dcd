"""The types of values: scalars, arrays of known dtype and rank, lists, and static text; and how they promote.

Shapes are run-time values, not types. Promotion is NumPy 2's: Python's own numbers are weak, so that
``float32_array * 2.0`` stays float32.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number. `dtype` is a NumPy dtype name; `weak` numbers take the dtype of what they meet."""

    dtype: str
    weak: bool = False

    def __str__(self) -> str:
        return self.dtype


@dataclass(frozen=True, slots=True)
class Array:
    """An array of rank at least 1. `contiguous` says that it is known to lie in C order without gaps."""

    dtype: str
    rank: int
    contiguous: bool = True

    def __str__(self) -> str:
        layout = "" if self.contiguous else ", strided"
        return f"{self.dtype}[{', '.join(':' * self.rank)}{layout}]"


@dataclass(frozen=True, slots=True)
class Lanes:
    """A few numbers side by side in a register: no memory, a value like a number. Only `transforms/lanes.py` makes them."""

    dtype: str
    width: int

    def __str__(self) -> str:
        return f"lanes({self.dtype}, {self.width})"


@dataclass(frozen=True, slots=True)
class List:
    """A list that grows, of scalars or of contiguous arrays of one type."""

    element: Scalar | Array

    def __str__(self) -> str:
        return f"list({self.element})"


@dataclass(frozen=True, slots=True)
class Text:
    """A string known when the program is compiled."""

    def __str__(self) -> str:
        return "str"


@dataclass(frozen=True, slots=True)
class Stream:
    """A random generator of NumPy's, an argument of the program: numbers are drawn from it, nothing else is known of it."""

    def __str__(self) -> str:
        return "Generator"


Type = Scalar | Array | Lanes | List | Text | Stream

BOOL = Scalar("bool")
INT = Scalar("int64")
FLOAT = Scalar("float64")
WEAK_INT = Scalar("int64", weak=True)
WEAK_FLOAT = Scalar("float64", weak=True)
WEAK_COMPLEX = Scalar("complex128", weak=True)


def is_float(dtype: str) -> bool:
    """Whether values of a dtype can carry a derivative: real or complex floating point."""
    return np.dtype(dtype).kind in "fc"


def is_complex(dtype: str) -> bool:
    """Whether a dtype is complex."""
    return np.dtype(dtype).kind == "c"


def real_dtype(dtype: str) -> str:
    """The dtype of the real part."""
    return {"complex128": "float64", "complex64": "float32"}.get(dtype, dtype)


def differentiable(type_: Type) -> bool:
    """Whether values of a type can carry a tangent."""
    match type_:
        case Scalar(dtype) | Array(dtype):
            return is_float(dtype)
        case List(element):
            return differentiable(element)
    return False


def rank(type_: Type) -> int:
    """Number of axes; 0 for scalars."""
    return type_.rank if isinstance(type_, Array) else int(isinstance(type_, Lanes))


def dtype_of(type_: Type) -> str:
    """The dtype of a scalar, of an array, or of what a list holds."""
    match type_:
        case Scalar(dtype) | Array(dtype) | Lanes(dtype):
            return dtype
        case List(element):
            return element.dtype
    raise TypeError(f"{type_} has no dtype")


def with_dtype(type_: Type, dtype: str) -> Scalar | Array | Lanes:
    """The same rank with another dtype; never weak."""
    if isinstance(type_, Lanes):
        return Lanes(dtype, type_.width)
    return Scalar(dtype) if isinstance(type_, Scalar) else Array(dtype, rank(type_))


def shaped(dtype: str, rank: int) -> Scalar | Array:
    """The type of a fresh result of a rank: a scalar where it is 0."""
    return Array(dtype, rank) if rank else Scalar(dtype)


def fresh(type_: Type) -> Type:
    """The type of a new copy of a value: contiguous."""
    return replace(type_, contiguous=True) if isinstance(type_, Array) else type_


WEAK_VALUES = {"bool": True, "int64": 1, "float64": 1.0, "complex128": 1j}


def promote(*types: Type) -> str:
    """The dtype of an operation on several operands, by NumPy 2's rules.

    Examples
    --------
    >>> promote(Array("float32", 1), WEAK_FLOAT)
    'float32'
    >>> promote(Array("int64", 1), FLOAT)
    'float64'
    """
    operands = [WEAK_VALUES[t.dtype] if isinstance(t, Scalar) and t.weak else np.dtype(dtype_of(t)) for t in types]
    return str(np.result_type(*operands).name)


def is_weak(*types: Type) -> bool:
    """Whether a result of these operands is itself a weak number."""
    return all(isinstance(t, Scalar) and (t.weak or t.dtype == "bool") for t in types)


def unify(a: Type, b: Type) -> Type | None:
    """The type both can be brought to where two paths of a program meet, or None."""
    match a, b:
        case Scalar(), Scalar():
            if a.dtype == b.dtype:
                return Scalar(a.dtype, a.weak and b.weak)
            if "bool" in (a.dtype, b.dtype):
                return None
            return Scalar(promote(a, b), a.weak and b.weak)
        case Array(), Array() if a.rank == b.rank and a.dtype == b.dtype:
            return Array(a.dtype, a.rank, a.contiguous and b.contiguous)
        case List(), List():
            element = unify(a.element, b.element)
            return List(element) if isinstance(element, Scalar | Array) else None
    return a if a == b else None
