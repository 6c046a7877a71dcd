"""Functions that work element by element and are one primitive each, or a few: NumPy's ufuncs, `math`, `cmath`.

Longer ones, written in Python, are in `composites/elementwise.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from adcompile.errors import ShapeError, Unsupported
from adcompile.frontend.library import markers
from adcompile.frontend.library.arguments import (
    describe,
    is_atom,
    kind,
    number,
    scalar,
    static_int,
    strong,
)
from adcompile.frontend.library.registry import FUNCTIONS, Handler, enter, function
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom, Const
from adcompile.ir.types import Scalar, dtype_of, rank

# -- one primitive each -----------------------------------------------------------------------------------------
# primitive: the functions it is; the module decides what they take (`operands`)

UNARY = {
    "neg": "numpy.negative",
    "sin": "numpy.sin math.sin cmath.sin",
    "cos": "numpy.cos math.cos cmath.cos",
    "tan": "numpy.tan math.tan cmath.tan",
    "arcsin": "numpy.arcsin numpy.asin math.asin cmath.asin",
    "arccos": "numpy.arccos numpy.acos math.acos cmath.acos",
    "arctan": "numpy.arctan numpy.atan math.atan cmath.atan",
    "sinh": "numpy.sinh math.sinh cmath.sinh",
    "cosh": "numpy.cosh math.cosh cmath.cosh",
    "tanh": "numpy.tanh math.tanh cmath.tanh",
    "arcsinh": "numpy.arcsinh numpy.asinh math.asinh cmath.asinh",
    "arccosh": "numpy.arccosh numpy.acosh math.acosh cmath.acosh",
    "arctanh": "numpy.arctanh numpy.atanh math.atanh cmath.atanh",
    "exp": "numpy.exp math.exp cmath.exp",
    "exp2": "numpy.exp2 math.exp2 scipy.special.exp2",
    "expm1": "numpy.expm1 math.expm1 scipy.special.expm1",
    "log": "numpy.log",
    "log2": "numpy.log2 math.log2",
    "log10": "numpy.log10 math.log10 cmath.log10",
    "log1p": "numpy.log1p math.log1p scipy.special.log1p",
    "sqrt": "numpy.sqrt math.sqrt cmath.sqrt",
    "cbrt": "numpy.cbrt math.cbrt scipy.special.cbrt",
    "erf": "math.erf scipy.special.erf",
    "erfc": "math.erfc scipy.special.erfc",
    "gamma": "math.gamma scipy.special.gamma",
    "lgamma": "math.lgamma scipy.special.gammaln scipy.special.loggamma",
    "digamma": "scipy.special.digamma scipy.special.psi",
    **{
        name: f"scipy.special.{name}"
        for name in "erfinv erfcinv ndtri log_ndtr rgamma erfcx dawsn expi exp1 spence ellipk ellipe".split()
    },
    "sign": "numpy.sign",
    "isnan": "numpy.isnan math.isnan cmath.isnan",
    "isinf": "numpy.isinf math.isinf cmath.isinf",
    "isfinite": "numpy.isfinite math.isfinite cmath.isfinite",
    "logical_not": "numpy.logical_not",
}

BINARY = {
    "add": "numpy.add",
    "sub": "numpy.subtract",
    "mul": "numpy.multiply",
    "div": "numpy.divide numpy.true_divide",
    "floordiv": "numpy.floor_divide",
    "mod": "numpy.remainder numpy.mod",
    "fmod": "numpy.fmod math.fmod",
    **{
        name: f"scipy.special.{name}"
        for name in "yv iv ive kv kve stdtr stdtrit gammainc gammaincc gammaincinv gammainccinv".split()
    },
    "jv": "scipy.special.jv scipy.special.jn",
    "zeta": f"{markers.__name__}.hurwitz",
    **{name: f"{markers.__name__}.{name}" for name in ("gamma_path", "mises_path")},
    "pow": "numpy.power numpy.pow",
    "maximum": "numpy.maximum",
    "minimum": "numpy.minimum",
    "arctan2": "numpy.arctan2 numpy.atan2 math.atan2",
    "hypot": "numpy.hypot",
    "copysign": "numpy.copysign math.copysign",
    "nextafter": "numpy.nextafter math.nextafter",
    "lt": "numpy.less",
    "le": "numpy.less_equal",
    "gt": "numpy.greater",
    "ge": "numpy.greater_equal",
    "eq": "numpy.equal",
    "ne": "numpy.not_equal",
    "logical_and": "numpy.logical_and",
    "logical_or": "numpy.logical_or",
    "logical_xor": "numpy.logical_xor",
    "shift_left": "numpy.left_shift numpy.bitwise_left_shift",
    "shift_right": "numpy.right_shift numpy.bitwise_right_shift",
}

#: primitives that compute in floating point whatever they are given
FLOATING = {"fmod", "pow"}


def operands(b: Builder, name: str, args: tuple[Any, ...]) -> list[Atom]:
    """The operands of a function: numbers for `math`, complex numbers for `cmath`, anything for NumPy and SciPy."""
    module = name.partition(".")[0]
    if module == "math":
        return [real_scalar(b, name, x) for x in args]
    if module == "cmath":
        return [b.to_dtype(scalar(b, x, name), "complex128") for x in args]
    atoms = [number(b, x) for x in args]
    return [strong(x) for x in atoms] if all(isinstance(x, Const) for x in atoms) else atoms


def real_scalar(b: Builder, name: str, x: Any) -> Atom:
    """An operand of a function of `math`."""
    if not isinstance(x, tuple | list) and is_atom(x) and rank(x.type):
        raise ShapeError(
            f"`{name}` takes a number, not {describe(x)}", help=f"use `np.{name.removeprefix('math.')}` for arrays"
        )
    atom = scalar(b, x, name)
    if kind(atom) == "c":
        raise ShapeError(f"`{name}` takes a real number, not a complex one", help="use the function of `cmath`")
    return atom


def one_operand(primitive: str, name: str) -> Handler:
    """The handler of a unary function that is a primitive."""

    def handler(b: Builder, x: Any) -> Any:
        return b.emit(primitive, *operands(b, name, (x,)))

    return handler


def two_operands(primitive: str, name: str) -> Handler:
    """The handler of a binary function that is a primitive."""
    floats = name.startswith("math.") and primitive in FLOATING

    def handler(b: Builder, x: Any, y: Any) -> Any:
        pair = operands(b, name, (x, y))
        return b.emit(primitive, *(as_float(b, p) for p in pair) if floats else pair)

    return handler


def three_operands(primitive: str, name: str) -> Handler:
    """The handler of a function of three operands that is a primitive."""

    def handler(b: Builder, a: Any, b_: Any, x: Any) -> Any:
        return b.emit(primitive, *operands(b, name, (a, b_, x)))

    return handler


for primitive_name in ("betainc", "betaincinv"):
    enter(f"scipy.special.{primitive_name}", three_operands(primitive_name, f"scipy.special.{primitive_name}"))
for primitive_name in ("beta_path", "wald_path", "noncentral_path"):
    enter(f"{markers.__name__}.{primitive_name}", three_operands(primitive_name, primitive_name))
for table, maker in ((UNARY, one_operand), (BINARY, two_operands)):
    for primitive_name, names in table.items():
        for dotted in names.split():
            enter(dotted, maker(primitive_name, dotted))
#: what composites call, which shall not import SciPy
for marker in (
    "digamma jv yv iv ive kv kve stdtr stdtrit gammainc gammaincc gammaincinv betainc betaincinv ndtri log_ndtr"
).split():
    FUNCTIONS[f"{markers.__name__}.{marker}"] = FUNCTIONS[f"scipy.special.{marker}"]


def as_float(b: Builder, x: Atom) -> Atom:
    """An atom in floating point; integers and flags become float64, adapting constants stay adapting."""
    if kind(x) in "fc":
        return x
    if isinstance(x, Const) and isinstance(x.type, Scalar) and x.type.weak:
        return const(float(x.value))
    return b.to_dtype(x, "float64")


def copied(b: Builder, x: Atom) -> Atom:
    """A number itself, or a new array: NumPy's functions give new arrays also where nothing changes."""
    result: Atom = b.emit("copy", x) if rank(x.type) else x
    return result


# -- rounding: integers are left alone --------------------------------------------------------------------------


def rounding(primitive: str) -> Handler:
    """The handler of a function that rounds to a whole number of the same dtype."""

    def handler(b: Builder, x: Any) -> Any:
        a = strong(number(b, x))
        return b.emit(primitive, a) if kind(a) in "fc" else copied(b, a)

    return handler


for primitive_name in ("floor", "ceil", "trunc"):
    enter(f"numpy.{primitive_name}", rounding(primitive_name))
enter("numpy.fix", rounding("trunc"))


@function("numpy.rint")
def rint(b: Builder, x: Any) -> Any:
    return b.emit("rint", as_float(b, strong(number(b, x))))


@function("numpy.round numpy.around", methods="round")
def round_to(b: Builder, a: Any, decimals: Any = 0) -> Any:
    x, places = strong(number(b, a)), static_int(decimals, "decimals")
    if kind(x) in "biu" and places >= 0:
        return copied(b, x)
    if places == 0:
        return b.emit("rint", x)
    scale = const(10.0 ** abs(places))
    there, back = ("mul", "div") if places > 0 else ("div", "mul")
    return b.emit(back, b.emit("rint", b.emit(there, x, scale)), scale)


def whole_number(primitive: str, name: str) -> Handler:
    """The handler of a function of `math` that rounds a number to a Python integer."""

    def handler(b: Builder, x: Any) -> Any:
        a = real_scalar(b, name, x)
        return b.to_dtype(b.emit(primitive, a), "int64") if kind(a) == "f" else a

    return handler


for primitive_name in ("floor", "ceil", "trunc"):
    enter(f"math.{primitive_name}", whole_number(primitive_name, f"math.{primitive_name}"))


# -- arithmetic in a few primitives -----------------------------------------------------------------------------


@function("numpy.positive")
def positive(b: Builder, x: Any) -> Any:
    return copied(b, number(b, x))


@function("numpy.abs numpy.absolute builtins.abs operator.abs")
def absolute(b: Builder, x: Any) -> Any:
    return b.emit("abs", number(b, x))


@function("numpy.fabs")
def fabs(b: Builder, x: Any) -> Any:
    return b.emit("abs", as_float(b, strong(number(b, x))))


@function("math.fabs")
def math_fabs(b: Builder, x: Any) -> Any:
    return b.emit("abs", as_float(b, real_scalar(b, "math.fabs", x)))


@function("numpy.square")
def square(b: Builder, x: Any) -> Any:
    a = number(b, x)
    return b.emit("mul", a, a)


@function("numpy.reciprocal")
def reciprocal(b: Builder, x: Any) -> Any:
    a = strong(number(b, x))
    if kind(a) not in "fc":
        raise Unsupported("`np.reciprocal` of integers is not supported", help="write `1.0 / x`")
    return b.emit("div", const(1.0), a)


@function("numpy.float_power")
def float_power(b: Builder, x: Any, y: Any) -> Any:
    wide = [b.to_dtype(a, "complex128" if kind(a) == "c" else "float64") for a in (number(b, x), number(b, y))]
    return b.emit("pow", *wide)


@function("math.pow")
def math_pow(b: Builder, x: Any, y: Any) -> Any:
    return b.emit("pow", *(as_float(b, real_scalar(b, "math.pow", a)) for a in (x, y)))


def quotient_of_logs(b: Builder, atoms: list[Atom]) -> Any:
    """The logarithm of the first number, to the base that is the second, if there is one."""
    logs = [b.emit("log", a) for a in atoms]
    return logs[0] if len(logs) == 1 else b.emit("div", *logs)


@function("math.log")
def log(b: Builder, x: Any, base: Any = None) -> Any:
    return quotient_of_logs(b, [real_scalar(b, "math.log", a) for a in (x, base) if a is not None])


@function("cmath.log")
def complex_log(b: Builder, x: Any, base: Any = None) -> Any:
    return quotient_of_logs(b, operands(b, "cmath.log", tuple(a for a in (x, base) if a is not None)))


@function("math.hypot")
def hypot(b: Builder, *coordinates: Any) -> Any:
    atoms = [real_scalar(b, "math.hypot", x) for x in coordinates]
    if len(atoms) == 1:
        return b.emit("abs", as_float(b, atoms[0]))
    total = atoms[0]
    for atom in atoms[1:]:
        total = b.emit("hypot", total, atom)
    return total


@function("numpy.divmod")
def numpy_divmod(b: Builder, x: Any, y: Any) -> Any:
    pair = operands(b, "numpy.divmod", (x, y))
    return b.emit("floordiv", *pair), b.emit("mod", *pair)


@function("math.modf")
def math_modf(b: Builder, x: Any) -> Any:
    a = as_float(b, real_scalar(b, "math.modf", x))
    whole = b.emit("trunc", a)
    return b.emit("sub", a, whole), whole


@function("numpy.modf")
def numpy_modf(b: Builder, x: Any) -> Any:
    a = as_float(b, strong(number(b, x)))
    whole = b.emit("trunc", a)
    return b.emit("sub", a, whole), whole


@function("math.ldexp numpy.ldexp")
def ldexp(b: Builder, x: Any, i: Any) -> Any:
    a = as_float(b, number(b, x))
    power = b.emit("exp2", as_float(b, number(b, i)))
    return b.emit("mul", a, b.to_dtype(power, dtype_of(a.type)))


def scaling(factor: float, name: str) -> Handler:
    """The handler of a change of unit."""

    def handler(b: Builder, x: Any) -> Any:
        return b.emit("mul", *operands(b, name, (x,)), const(factor))

    return handler


for dotted in ("numpy.deg2rad", "numpy.radians", "math.radians"):
    enter(dotted, scaling(math.pi / 180.0, dotted))
for dotted in ("numpy.rad2deg", "numpy.degrees", "math.degrees"):
    enter(dotted, scaling(180.0 / math.pi, dotted))


def bitwise(primitive: str, logical: str) -> Handler:
    """The handler of an operation on bits, which on flags is the logical one."""

    def handler(b: Builder, *args: Any) -> Any:
        atoms = [number(b, x) for x in args]
        if any(kind(x) in "fc" for x in atoms):
            raise ShapeError("operations on bits take integers or flags, not floating-point numbers")
        return b.emit(logical if all(kind(x) == "b" for x in atoms) else primitive, *atoms)

    return handler


enter("numpy.bitwise_and", bitwise("bit_and", "logical_and"))
enter("numpy.bitwise_or", bitwise("bit_or", "logical_or"))
enter("numpy.bitwise_xor", bitwise("bit_xor", "logical_xor"))
enter("numpy.invert numpy.bitwise_not numpy.bitwise_invert", bitwise("bit_not", "logical_not"))


# -- choices ----------------------------------------------------------------------------------------------------


def truth(b: Builder, x: Any) -> Atom:
    """A flag for each element: whether it is not zero."""
    a = number(b, x)
    result: Atom = a if kind(a) == "b" else b.emit("ne", a, const(0))
    return result


@function("numpy.where")
def where(b: Builder, condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None or y is None:
        raise Unsupported("`np.where` with one argument is not supported", help="use `np.nonzero(condition)`")
    return b.emit("where", truth(b, condition), number(b, x), number(b, y))


@function("numpy.select")
def select(b: Builder, condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    if not isinstance(condlist, tuple | list) or not isinstance(choicelist, tuple | list):
        raise Unsupported("`np.select` takes its conditions and choices as lists written in place")
    if len(condlist) != len(choicelist) or not condlist:
        raise ShapeError("`np.select` takes as many choices as conditions, and at least one")
    chosen = number(b, default)
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        chosen = b.emit("where", truth(b, condition), number(b, choice), chosen)
    return chosen


@function("numpy.clip", methods="clip")
def clip(b: Builder, a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    x = number(b, a)
    low, high = (a_min if a_min is not None else min), (a_max if a_max is not None else max)
    if low is not None:
        x = b.emit("maximum", x, number(b, low))
    if high is not None:
        x = b.emit("minimum", x, number(b, high))
    return x


@function("numpy.nan_to_num")
def nan_to_num(b: Builder, x: Any, copy: Any = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    a = strong(number(b, x))
    if kind(a) == "c":
        parts = [nan_to_num(b, b.emit(part, a), copy, nan, posinf, neginf) for part in ("real", "imag")]
        return b.emit("add", parts[0], b.emit("mul", const(1j), parts[1]))
    if kind(a) != "f":
        return copied(b, a)
    limit = float(np.finfo(dtype_of(a.type)).max)
    infinite = b.emit("isinf", a)
    given = (limit if posinf is None else posinf, -limit if neginf is None else neginf)
    above, below = (b.to_dtype(number(b, value), dtype_of(a.type)) for value in given)
    finite = b.emit("where", infinite, b.emit("where", b.emit("gt", a, const(0.0)), above, below), a)
    return b.emit("where", b.emit("isnan", a), b.to_dtype(number(b, nan), dtype_of(a.type)), finite)
