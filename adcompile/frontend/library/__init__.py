"""What calls, operators, methods and attributes of NumPy, SciPy, `math` and the builtins become in the program.

`lookup` finds the entry of a callable, `method` and `attribute` those of arrays; operators go through `binary`, `unary`
and `compare`. Python's syntax, subscripts, and the inlining of composites belong to the lowering.
"""

from __future__ import annotations

from adcompile.frontend.library import (
    composites,
    creation,
    decompositions,
    diagonals,
    dtypes,
    einsum,
    elementwise,
    fourier,
    joining,
    linalg,
    lists,
    markers,
    operators,
    reductions,
    refusals,
    repetition,
    selection,
    shapes,
)
from adcompile.frontend.library.arguments import (
    describe,
    number,
    static,
    static_axes,
    static_axis,
    static_dtype,
    static_flag,
    static_int,
    static_text,
)
from adcompile.frontend.library.operators import SYMBOLS, binary, compare, unary
from adcompile.frontend.library.registry import ATTRIBUTES, GENERATOR, METHODS, Entry, Handler, lookup

#: the modules whose tables have been entered
TOPICS = (
    composites,
    creation,
    decompositions,
    diagonals,
    dtypes,
    einsum,
    elementwise,
    fourier,
    joining,
    linalg,
    lists,
    markers,
    operators,
    reductions,
    refusals,
    repetition,
    selection,
    shapes,
)


def method(name: str) -> Entry | None:
    """The entry of an array method, which takes the array as its first argument, or None."""
    return METHODS.get(name)


def of_generator(name: str) -> Entry | None:
    """The entry of a method of random generators, which takes the generator as its first argument, or None."""
    return GENERATOR.get(name)


def attribute(name: str) -> Handler | None:
    """The handler of an array attribute, ``handler(b, x)``, or None."""
    return ATTRIBUTES.get(name)


def attribute_names() -> list[str]:
    """What arrays have."""
    return sorted({*METHODS, *ATTRIBUTES})


__all__ = [
    "SYMBOLS",
    "TOPICS",
    "Entry",
    "attribute",
    "attribute_names",
    "binary",
    "compare",
    "describe",
    "lookup",
    "method",
    "number",
    "of_generator",
    "static",
    "static_axes",
    "static_axis",
    "static_dtype",
    "static_flag",
    "static_int",
    "static_text",
    "unary",
]
