"""Python's operators and the builtins on numbers, by their names in the syntax tree.

Operators on tuples, strings and lists belong to the lowering.
"""

from __future__ import annotations

from typing import Any

from adcompile.errors import ShapeError, Unsupported
from adcompile.frontend.library.arguments import describe, is_atom, kind, number, scalar, static, static_int
from adcompile.frontend.library.dtypes import cast
from adcompile.frontend.library.elementwise import as_float, bitwise, round_to, truth
from adcompile.frontend.library.indexing import at
from adcompile.frontend.library.linalg import matmul
from adcompile.frontend.library.registry import enter, function
from adcompile.frontend.library.shapes import ravel
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom, Const
from adcompile.ir.types import Scalar, rank

ARITHMETIC = {
    "Add": "add",
    "Sub": "sub",
    "Mult": "mul",
    "Div": "div",
    "FloorDiv": "floordiv",
    "Mod": "mod",
    "LShift": "shift_left",
    "RShift": "shift_right",
}
BITS = {
    "BitAnd": bitwise("bit_and", "logical_and"),
    "BitOr": bitwise("bit_or", "logical_or"),
    "BitXor": bitwise("bit_xor", "logical_xor"),
    "Invert": bitwise("bit_not", "logical_not"),
}
COMPARISONS = {"Lt": "lt", "LtE": "le", "Gt": "gt", "GtE": "ge", "Eq": "eq", "NotEq": "ne"}

#: how the operators are written, for messages
SYMBOLS = {
    "Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**", "MatMult": "@",
    "BitAnd": "&", "BitOr": "|", "BitXor": "^", "LShift": "<<", "RShift": ">>",
    "USub": "-", "UAdd": "+", "Not": "not", "Invert": "~",
    "Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "Eq": "==", "NotEq": "!=",
}  # fmt: skip


def operand(b: Builder, op: str, x: Any) -> Atom:
    """An operand of an operator."""
    if x is None or isinstance(static(x), str) or not (is_atom(x) or isinstance(x, tuple | list | bool | int | float)):
        raise ShapeError(f"`{SYMBOLS[op]}` takes numbers and arrays, not {describe(x)}")
    return number(b, x)


def binary(b: Builder, op: str, x: Any, y: Any) -> Any:
    """Emit ``x op y``."""
    left, right = operand(b, op, x), operand(b, op, y)
    if op == "Pow":
        return power(b, left, right)
    if op == "MatMult":
        return matmul(b, left, right)
    if op in BITS:
        return BITS[op](b, left, right)
    if op in ("FloorDiv", "Mod") and "c" in (kind(left), kind(right)):
        raise ShapeError(f"`{SYMBOLS[op]}` does not take complex numbers")
    return b.emit(ARITHMETIC[op], left, right)


def power(b: Builder, x: Atom, y: Atom) -> Any:
    """Emit ``x ** y``; an integer to a negative constant is a floating-point number, as in Python."""
    if kind(x) in "biu" and kind(y) in "biu" and isinstance(y, Const) and y.value < 0:
        if rank(x.type):
            raise ShapeError(
                "integers to a negative integer power are not defined", help="make the array float64 first"
            )
        x, y = as_float(b, x), const(float(y.value))
    return b.emit("pow", x, y)


def unary(b: Builder, op: str, x: Any) -> Any:
    """Emit ``op x``."""
    atom = operand(b, op, x)
    match op:
        case "Not":
            if rank(atom.type):
                raise ShapeError("the truth of an array is ambiguous", help="use `np.any(x)` or `np.all(x)`")
            return b.emit("logical_not", truth(b, atom))
        case "UAdd":
            return atom
        case "USub":
            return b.emit("neg", atom)
    return BITS[op](b, atom)


def compare(b: Builder, op: str, x: Any, y: Any) -> Any:
    """Emit the comparison ``x op y``."""
    left, right = operand(b, op, x), operand(b, op, y)
    if op not in ("Eq", "NotEq") and "c" in (kind(left), kind(right)):
        raise ShapeError(
            f"complex numbers have no order: `{SYMBOLS[op]}` is refused", help="compare `.real` or `abs(z)`"
        )
    return b.emit(COMPARISONS[op], left, right)


# -- the module `operator` --------------------------------------------------------------------------------------

OPERATOR = {
    "add": "Add", "sub": "Sub", "mul": "Mult", "truediv": "Div", "floordiv": "FloorDiv", "mod": "Mod", "pow": "Pow",
    "matmul": "MatMult", "and_": "BitAnd", "or_": "BitOr", "xor": "BitXor", "lshift": "LShift", "rshift": "RShift",
    "neg": "USub", "pos": "UAdd", "not_": "Not", "invert": "Invert", "inv": "Invert",
    "lt": "Lt", "le": "LtE", "gt": "Gt", "ge": "GtE", "eq": "Eq", "ne": "NotEq",
}  # fmt: skip


def enter_operator(name: str, op: str) -> None:
    """Enter one function of `operator`, under the module where Python keeps it and the one where users find it."""

    def one(b: Builder, x: Any) -> Any:
        return unary(b, op, x)

    def two(b: Builder, x: Any, y: Any) -> Any:
        return (compare if op in COMPARISONS else binary)(b, op, x, y)

    enter(f"operator.{name}", one if op in ("USub", "UAdd", "Not", "Invert") else two)


for operator_name, class_name in OPERATOR.items():
    enter_operator(operator_name, class_name)


# -- builtins on numbers ----------------------------------------------------------------------------------------


@function("builtins.pow")
def python_pow(b: Builder, base: Any, exp: Any, mod: Any = None) -> Any:
    if mod is not None:
        raise Unsupported("`pow` with a modulus is not supported", help="write `pow(x, y) % m`")
    return binary(b, "Pow", base, exp)


@function("builtins.divmod")
def python_divmod(b: Builder, x: Any, y: Any) -> Any:
    return binary(b, "FloorDiv", x, y), binary(b, "Mod", x, y)


@function("builtins.round")
def python_round(b: Builder, x: Any, ndigits: Any = None) -> Any:
    a = scalar(b, x, "round")
    if ndigits is not None:
        return round_to(b, a, const(static_int(ndigits, "ndigits")))
    return b.to_dtype(b.emit("rint", a), "int64") if kind(a) == "f" else a


@function("builtins.int")
def python_int(b: Builder, x: Any = 0) -> Any:
    return converted(b, x, "int", "biu", "int64")


@function("builtins.float")
def python_float(b: Builder, x: Any = 0.0) -> Any:
    return converted(b, x, "float", "f", "float64")


def converted(b: Builder, x: Any, name: str, kinds: str, dtype: str) -> Atom:
    """A number in one of Python's own types; constants stay adapting, as Python's numbers are."""
    if isinstance(text := static(x), str) and name == "float":
        return const(float(text))
    a = scalar(b, x, name)
    if kind(a) in kinds and kind(a) != "b":
        return a
    if isinstance(a, Const) and kind(a) != "c":
        return const(int(a.value) if name == "int" else float(a.value))
    return cast(b, a, dtype)


@function("builtins.bool operator.truth")
def python_bool(b: Builder, x: Any = False) -> Any:
    return truth(b, scalar(b, x, "bool"))


@function("builtins.complex")
def python_complex(b: Builder, real: Any = 0.0, imag: Any = None) -> Any:
    x = scalar(b, real, "complex")
    if imag is None:
        return b.to_dtype(x, "complex128") if kind(x) != "c" else x
    y = scalar(b, imag, "complex")
    if isinstance(x, Const) and isinstance(y, Const):
        return const(complex(x.value, y.value))
    return b.emit("add", x, b.emit("mul", y, const(1j)))


@function("", methods="item")
def item(b: Builder, x: Any, *args: Any) -> Any:
    if isinstance(x.type, Scalar):
        return x
    if len(args) > 1:
        return at(b, x, *args)
    return at(b, ravel(b, x), args[0] if args else const(0))
