"""Reading the arguments of a call: what must be static, and what becomes an atom.

Arguments are atoms for numbers and arrays, Python tuples and lists of such, `None`, strings, and raw Python objects such
as dtypes. Nothing here knows a particular function.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from adcompile.errors import ShapeError, Unsupported
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom, Const, Value
from adcompile.ir.primitives import axes_of
from adcompile.ir.types import Array, List, Scalar, Stream, Text, dtype_of, promote, rank

DTYPES = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float32", "float64", "complex64", "complex128",
)  # fmt: skip


def is_atom(x: Any) -> bool:
    """Whether an argument is a value of the program or a constant."""
    return isinstance(x, Value | Const)


def kind(x: Atom) -> str:
    """NumPy's letter for the sort of number an atom holds: one of ``biufc``."""
    return np.dtype(dtype_of(x.type)).kind


def describe(x: Any) -> str:
    """An argument as a message names it."""
    match x:
        case Value(type=Array(dtype, n)) | Const(type=Array(dtype, n)):
            return f"an array of {dtype} with {n} {'axis' if n == 1 else 'axes'}"
        case Value(type=Scalar(dtype)) | Const(type=Scalar(dtype)):
            return f"a number of type {dtype}"
        case Value(type=List()):
            return "a list"
        case Value(type=Stream()):
            return "a random generator"
        case Const(type=Text()) | str():
            return "a string"
        case None:
            return "None"
        case tuple() | list():
            return f"a {type(x).__name__}"
        case type():
            return f"the type `{x.__name__}`"
    if hasattr(x, "owner") and hasattr(x, "name"):
        return f"the method `{x.name}`, which is not called"
    return f"an object of type `{type(x).__name__}`"


# -- static arguments -------------------------------------------------------------------------------------------


def static(x: Any) -> Any:
    """The Python value of a constant; anything else as it is."""
    return x.value if isinstance(x, Const) else x


def known(x: Any, what: str) -> Any:
    """The Python value of an argument that has to be known when the function is compiled."""
    if isinstance(x, Value):
        raise Unsupported(
            f"`{what}` must be known when the function is compiled",
            help=f"write `{what}` as a number, or read it from a variable outside the function",
        )
    if isinstance(x, tuple | list):
        return tuple(known(part, what) for part in x)
    return static(x)


def static_int(x: Any, what: str) -> int:
    """An integer that is known when the function is compiled."""
    value = known(x, what)
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise ShapeError(f"`{what}` must be an integer, not {describe(x)}")
    return int(value)


def static_flag(x: Any, what: str) -> bool:
    """A flag that is known when the function is compiled."""
    value = known(x, what)
    if not isinstance(value, bool | np.bool_ | int):
        raise ShapeError(f"`{what}` must be True or False, not {describe(x)}")
    return bool(value)


def static_text(x: Any, what: str, choices: Sequence[str] = ()) -> str:
    """A string, one of the choices if there are any."""
    value = known(x, what)
    if not isinstance(value, str):
        raise ShapeError(f"`{what}` must be a string, not {describe(x)}")
    if choices and value not in choices:
        raise Unsupported(f"`{what}={value!r}` is not supported", help="use one of " + ", ".join(map(repr, choices)))
    return str(value)


def static_axis(x: Any, n: int, what: str = "axis") -> int:
    """One axis of an array of rank `n`, counted from the front."""
    axis = static_int(x, what)
    if not -n <= axis < n:
        raise ShapeError(f"`{what}={axis}` is out of range for an array with {n} {'axis' if n == 1 else 'axes'}")
    return axis % n


def static_axes(x: Any, n: int, what: str = "axis") -> tuple[int, ...]:
    """Several axes of an array of rank `n`, counted from the front, in the order given; all for None."""
    value = known(x, what)
    if value is None:
        return tuple(range(n))
    parts = value if isinstance(value, tuple) else (value,)
    axes = tuple(static_axis(part, n, what) for part in parts)
    if len(set(axes)) < len(axes):
        raise ShapeError(f"`{what}={value}` names an axis twice")
    return axes


def reduced_axes(x: Any, n: int) -> Any:
    """The `axis` parameter of a reduction in its one form: None for all axes, an integer, or an ordered tuple."""
    axes = axes_of(static_axes(x, n), n)
    if len(axes) == n:
        return None
    return axes[0] if len(axes) == 1 else axes


def static_dtype(x: Any, default: str | None = None) -> str:
    """The name of a dtype given as a type, a string or a NumPy dtype."""
    value = static(x)
    if value is None and default is not None:
        return default
    try:
        name = str(np.dtype(value).name)
    except TypeError:
        name = ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ShapeError(
            f"a dtype is a type such as `float`, not {describe(x)}", help="a shape is a tuple, as in `np.zeros((3, 3))`"
        )
    if value is None or name not in DTYPES:
        raise Unsupported(f"arrays of dtype {name or describe(x)} are not supported", help="use float64 or float32")
    return name


# -- numbers and arrays -----------------------------------------------------------------------------------------


def number(b: Builder, x: Any) -> Atom:
    """A scalar or an array from an argument; tuples and lists become arrays, as in NumPy."""
    match x:
        case Value(type=List()):
            result: Atom = b.emit("list_to_array", x)
            return result
        case Value(type=Scalar() | Array()) | Const(type=Scalar()):
            return x
        case bool() | int() | float() | complex() | np.generic():
            return const(x)
        case tuple() | list():
            return nested(b, x)
    raise ShapeError(f"a number or an array is needed here, not {describe(x)}")


def array(b: Builder, x: Any) -> Atom:
    """An array of rank at least 1 from an argument: a scalar becomes one of length 1."""
    a = number(b, x)
    return fresh_array(b, [a], (1,), dtype_of(a.type)) if rank(a.type) == 0 else a


def scalar(b: Builder, x: Any, what: str) -> Atom:
    """A number; arrays are refused."""
    if isinstance(x, tuple | list) or not is_atom(a := number(b, x)) or not isinstance(a.type, Scalar):
        raise ShapeError(f"`{what}` takes a number here, not {describe(x)}")
    return a


def strong(x: Atom) -> Atom:
    """A constant with the dtype NumPy gives it, no longer one that adapts."""
    return Const(x.value, Scalar(dtype_of(x.type))) if isinstance(x, Const) else x


def nested(b: Builder, parts: Sequence[Any]) -> Atom:
    """The array that ``np.array`` makes of nested tuples and lists."""
    leaves, shape = flatten(parts)
    if all(not is_atom(leaf) or isinstance(leaf.type, Scalar) for leaf in leaves):
        atoms = [number(b, leaf) for leaf in leaves]
        if not atoms:
            result: Atom = b.emit("zeros", *(const(n) for n in shape), dtype="float64")
            return result
        return fresh_array(b, atoms, shape, promote(*(a.type for a in atoms)))
    rows = [number(b, part) for part in parts]
    if len({rank(row.type) for row in rows}) > 1:
        raise ShapeError("the rows of this array have different numbers of axes")
    result = b.emit("stack", *rows, axis=0)
    return result


def fresh_array(b: Builder, atoms: Sequence[Atom], shape: tuple[int, ...], dtype: str) -> Atom:
    """A new array of numbers, row by row."""
    result: Atom = b.emit("array", *(b.to_dtype(a, dtype) for a in atoms), shape=shape, dtype=dtype)
    return result


def flatten(parts: Any) -> tuple[list[Any], tuple[int, ...]]:
    """What nested tuples and lists hold, and their shape; that of an array among them is left open."""
    if not isinstance(parts, tuple | list):
        return [parts], ()
    inner = [flatten(part) for part in parts]
    shapes = {shape for _, shape in inner}
    if len(shapes) > 1 and not any(is_atom(leaf) and rank(leaf.type) for part, _ in inner for leaf in part):
        raise ShapeError("the rows of this array have different lengths")
    leaves = [leaf for part, _ in inner for leaf in part]
    return leaves, (len(parts), *(shapes.pop() if shapes else ()))


def dims_of(b: Builder, shape: Any) -> list[Atom]:
    """The lengths in a `shape` argument: an integer or a tuple of them."""
    parts = shape if isinstance(shape, tuple | list) else (shape,)
    dims = [number(b, part) for part in parts]
    for dim in dims:
        if not isinstance(dim.type, Scalar) or kind(dim) not in "iu":
            raise ShapeError(f"a length must be an integer, not {describe(dim)}")
    return dims


def same_rank(a: Atom, n: int, what: str) -> None:
    """Refuse an array of another rank."""
    if rank(a.type) != n:
        raise ShapeError(f"`{what}` takes an array with {n} {'axis' if n == 1 else 'axes'} here, not {describe(a)}")
