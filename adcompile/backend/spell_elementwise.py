"""How elementwise operations are written: operators, `math` for numbers, NumPy for arrays, `adcompile.runtime` for the rest.

What changes the shape of an array, or its content, is elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

import numpy as np

from adcompile.backend.syntax import Expr, Exprs, call, converted, dtype, method, number
from adcompile.errors import InternalError
from adcompile.ir.nodes import Const, Eqn
from adcompile.ir.types import Array, Lanes, Scalar, Type, dtype_of, is_complex, is_float

Spell = Callable[[Eqn, Exprs], Expr]

OPERATORS: dict[str, type[ast.operator]] = {
    "add": ast.Add,
    "sub": ast.Sub,
    "mul": ast.Mult,
    "div": ast.Div,
    "floordiv": ast.FloorDiv,
    "mod": ast.Mod,
    "pow": ast.Pow,
    "bit_and": ast.BitAnd,
    "bit_or": ast.BitOr,
    "bit_xor": ast.BitXor,
    "shift_left": ast.LShift,
    "shift_right": ast.RShift,
}
COMPARISONS: dict[str, type[ast.cmpop]] = {
    "lt": ast.Lt,
    "le": ast.LtE,
    "gt": ast.Gt,
    "ge": ast.GtE,
    "eq": ast.Eq,
    "ne": ast.NotEq,
}
#: functions of Python's own floats: their names in `math`
MATH = {
    **{n: n for n in "sin cos tan sinh cosh tanh exp expm1 log log2 log10 log1p sqrt".split()},
    **{n: n for n in "hypot copysign isnan isinf isfinite".split()},
    **{f"arc{n}": f"a{n}" for n in "sin cos tan sinh cosh tanh tan2".split()},
}
#: what `adcompile.runtime.elementary` has: its names there, which are C's
IN_C = {n: c for n, c in MATH.items() if n not in ("sqrt", "copysign", "isnan", "isinf", "isfinite")}
IN_C |= {n: n for n in ("exp2", "cbrt", "pow", "erf", "erfc")}
NUMPY = "nextafter exp2 cbrt fmod maximum minimum sign floor ceil trunc rint".split()
MANY = 16  # largest exponent for which a power is written as a product: each factor may add half a unit of error
#: what `adcompile.runtime.scipy_special` has
SCIPY = (
    "erfinv erfcinv ndtri log_ndtr rgamma erfcx dawsn expi exp1 spence ellipk ellipe jv yv iv ive kv kve zeta stdtr stdtrit "
    "gammainc gammaincc gammaincinv gammainccinv betainc betaincinv gamma_growth gamma_share beta_growth beta_share "
    "mises_growth mises_share noncentral_density noncentral_distribution "
    "gamma_path beta_path mises_path wald_path noncentral_path"
).split()
RUNTIME = "erf erfc gamma lgamma digamma trigamma tetragamma".split()


def in_arrays(eqn: Eqn) -> bool:
    """Whether an operation takes an array."""
    return any(isinstance(o.type, Array) for o in eqn.operands)


def is_python_float(type_: Type) -> bool:
    """Whether Python's own float computes with values of a type just as NumPy does."""
    return isinstance(type_, Scalar) and type_.dtype in ("float64", "int64", "bool")


def suited(eqn: Eqn, x: Exprs) -> list[Expr]:
    """The operands, integers in the dtype of the result where compiled code would take another.

    Compiled code computes with 64 bits wherever an integer number takes part, and in functions of small integers.
    """
    target = dtype_of(eqn.results[0].type)
    if target in ("int64", "float64", "complex128", "bool"):
        small = {"int64", "float64", "float32", "complex128", "complex64", "bool"}
        return [
            cast_to(e, o.type, target) if is_float(target) and dtype_of(o.type) not in small else e
            for e, o in zip(x, eqn.operands, strict=True)
        ]
    if is_float(target):
        return list(x)
    return [
        e if dtype_of(o.type) == target else cast_to(e, o.type, target) for e, o in zip(x, eqn.operands, strict=True)
    ]


def cast_to(value: Expr, type_: Type, target: str) -> Expr:
    """A number or array in another dtype."""
    if isinstance(type_, Array):
        return method(value, "astype", dtype(target))
    if isinstance(type_, Lanes):
        return call("rt.lanes", value, ast.Constant(type_.width), dtype(target))
    return converted(value, target, dtype_of(type_))


def in_dtype(eqn: Eqn, value: Expr) -> Expr:
    """The result of an operation on small integers, brought back from the 64 bits in which compiled code computes it."""
    result = eqn.results[0].type
    wide = ("int64", "bool")
    if isinstance(result, Scalar) and np.dtype(result.dtype).kind in "iu" and result.dtype not in wide:
        return converted(value, result.dtype)
    return value


def operator(kind: type[ast.operator]) -> Spell:
    def spell(eqn: Eqn, x: Exprs) -> Expr:
        left, right = suited(eqn, x)
        return in_dtype(eqn, ast.BinOp(left, kind(), right))

    return spell


def comparison(kind: type[ast.cmpop]) -> Spell:
    return lambda eqn, x: ast.Compare(x[0], [kind()], [x[1]])


def prefix(kind: type[ast.unaryop]) -> Spell:
    return lambda eqn, x: in_dtype(eqn, ast.UnaryOp(kind(), x[0]))


def function(numpy_name: str, math_name: str = "") -> Spell:
    """NumPy's function, or where Python's floats are all it takes, that of `math`."""

    def spell(eqn: Eqn, x: Exprs) -> Expr:
        if math_name and all(is_python_float(o.type) for o in eqn.operands):
            return call(math_name, *x)
        return in_dtype(eqn, call(f"np.{numpy_name}", *suited(eqn, x)))

    return spell


def elementary(c_name: str) -> Spell:
    """The function of `adcompile.runtime.elementary`, which loops compute for several numbers at once."""
    return lambda eqn, x: call(c_name, *suited(eqn, x))


def power(eqn: Eqn, x: Exprs) -> Expr:
    """x ** y in a kernel: operators where they become products or a square root; 1 / x ** 2, as Numba's x ** -2 fails at 0."""
    target, exponent = dtype_of(eqn.results[0].type), eqn.operands[1]
    known = (target, "int64") if target == "float64" else (target,)
    base, y = (
        e if dtype_of(o.type) in known else cast_to(e, o.type, target) for e, o in zip(x, eqn.operands, strict=True)
    )
    n = exponent.value if isinstance(exponent, Const) else 0
    if abs(n) != 0.5 and not (float(n).is_integer() and 0 < abs(n) <= MANY):
        return call("pow", base, y)
    size = ast.Constant(abs(int(n))) if abs(n) >= 1 else number(0.5, target)
    product = base if abs(n) == 1 else ast.BinOp(base, ast.Pow(), size)
    return product if n > 0 else ast.BinOp(number(1.0, target), ast.Div(), product)


def is_elementary(eqn: Eqn) -> bool:
    """Whether kernels write an operation in their own way: a real function of numbers or of one array, of 64 or 32 bits."""
    result = eqn.results[0].type
    if (
        eqn.primitive not in IN_C
        or not isinstance(result, Scalar | Array)
        or (in_arrays(eqn) and len(eqn.operands) > 1)
    ):
        return False
    return result.dtype in ("float64", "float32")


def special(name: str) -> Spell:
    """A function of the run-time library, which keeps the dtype of its operand."""

    def spell(eqn: Eqn, x: Exprs) -> Expr:
        source, target = eqn.operands[0].type, dtype_of(eqn.results[0].type)
        return call(f"rt.{name}", x[0] if dtype_of(source) == target else cast_to(x[0], source, target))

    return spell


def extreme(numpy_name: str, python_name: str) -> Spell:
    """The larger or smaller of two: Python's own for integers; for floats NumPy's, where NaN wins."""

    def spell(eqn: Eqn, x: Exprs) -> Expr:
        result = eqn.results[0].type
        if isinstance(result, Scalar) and result.dtype == "int64":
            return call(python_name, *x)
        return in_dtype(eqn, call(f"np.{numpy_name}", *suited(eqn, x)))

    return spell


def rounding(numpy_name: str) -> Spell:
    """Integers are whole already."""

    def spell(eqn: Eqn, x: Exprs) -> Expr:
        if is_float(dtype_of(eqn.operands[0].type)):
            return call(f"np.{numpy_name}", x[0])
        return method(x[0], "copy") if in_arrays(eqn) else x[0]

    return spell


def logical(kind: type[ast.boolop], numpy_name: str) -> Spell:
    """`and` and `or` for flags; NumPy's for arrays, and for numbers, which are true if they are not zero."""

    def spell(eqn: Eqn, x: Exprs) -> Expr:
        flags = all(isinstance(o.type, Scalar) and o.type.dtype == "bool" for o in eqn.operands)
        return ast.BoolOp(kind(), list(x)) if flags else call(f"np.{numpy_name}", *x)

    return spell


def negation(eqn: Eqn, x: Exprs) -> Expr:
    """logical_not"""
    return call("np.logical_not", x[0]) if in_arrays(eqn) else ast.UnaryOp(ast.Not(), x[0])


def absolute(eqn: Eqn, x: Exprs) -> Expr:
    return call("np.abs", x[0]) if in_arrays(eqn) else in_dtype(eqn, call("abs", x[0]))


def conjugate(eqn: Eqn, x: Exprs) -> Expr:
    if is_complex(dtype_of(eqn.operands[0].type)):
        return call("np.conj", x[0])
    return method(x[0], "copy") if in_arrays(eqn) else x[0]


def part(attribute: str) -> Spell:
    """The real or imaginary part; NumPy's is a view, ours is an array of its own."""

    def spell(eqn: Eqn, x: Exprs) -> Expr:
        if is_complex(dtype_of(eqn.operands[0].type)):
            found = ast.Attribute(x[0], attribute, ast.Load())
            return method(found, "copy") if in_arrays(eqn) else found
        if attribute == "imag":
            return call("np.zeros_like", x[0]) if in_arrays(eqn) else number(0.0, dtype_of(eqn.results[0].type))
        return method(x[0], "copy") if in_arrays(eqn) else x[0]

    return spell


def choice(eqn: Eqn, x: Exprs) -> Expr:
    """where(flag, x, y): of numbers only one side is computed."""
    target = dtype_of(eqn.results[0].type)
    sides = [
        e if dtype_of(o.type) == target else cast_to(e, o.type, target)
        for e, o in zip(x[1:], eqn.operands[1:], strict=True)
    ]
    return call("rt.where", x[0], *sides) if in_arrays(eqn) else ast.IfExp(x[0], *sides)


def conversion(eqn: Eqn, x: Exprs) -> Expr:
    """cast: a complex number is never made real silently; whoever wants its real part says so."""
    source, target = eqn.operands[0].type, eqn["dtype"]
    if is_complex(dtype_of(source)) and not is_complex(target) and target != "bool":
        raise InternalError(f"a cast from {dtype_of(source)} to {target} would drop the imaginary part", eqn.span)
    if dtype_of(source) == target and not in_arrays(eqn):
        return x[0]
    if target == "bool" and not in_arrays(eqn):
        return ast.Compare(x[0], [ast.NotEq()], [ast.Constant(0)])
    return cast_to(x[0], source, target)


def itself(eqn: Eqn, x: Exprs) -> Expr:
    return x[0]


def of_scipy(eqn: Eqn, x: Exprs) -> Expr:
    """A function of SciPy's."""
    return in_dtype_of_result(f"sp.{eqn.primitive}", eqn, x)


def in_dtype_of_result(function: str, eqn: Eqn, x: Exprs) -> Expr:
    """A function of operands that are all in the dtype of its result."""
    target = dtype_of(eqn.results[0].type)
    operands = [
        e if dtype_of(o.type) == target else cast_to(e, o.type, target) for e, o in zip(x, eqn.operands, strict=True)
    ]
    return call(function, *operands)


#: what is written in another way in kernels; see `is_elementary`
ELEMENTARY: dict[str, Spell] = {**{p: elementary(name) for p, name in IN_C.items()}, "pow": power}
SPELLINGS: dict[str, Spell] = {
    **{p: operator(kind) for p, kind in OPERATORS.items()},
    **{p: comparison(kind) for p, kind in COMPARISONS.items()},
    **{p: function(p, name) for p, name in MATH.items()},
    **{p: function(p) for p in NUMPY},
    **{p: special(p) for p in RUNTIME},
    **dict.fromkeys(SCIPY, of_scipy),
    **{p: rounding(p) for p in ("floor", "ceil", "trunc", "rint")},
    "neg": prefix(ast.USub),
    "bit_not": prefix(ast.Invert),
    "maximum": extreme("maximum", "max"),
    "minimum": extreme("minimum", "min"),
    "logical_and": logical(ast.And, "logical_and"),
    "logical_or": logical(ast.Or, "logical_or"),
    "logical_xor": lambda eqn, x: call("np.logical_xor", *x),
    "logical_not": negation,
    "abs": absolute,
    "conj": conjugate,
    "real": part("real"),
    "imag": part("imag"),
    "where": choice,
    "cast": conversion,
    "stop_gradient": itself,
    "let": itself,
}
