"""Elementary functions of real numbers, which compiled loops compute for several numbers at once.

The vector versions are those of glibc's library libmvec; without it, and for one number, a function is the C library's.
Of one operand, they take arrays too. Complex numbers are NumPy's. See docs/design/010.
"""

from __future__ import annotations

import operator
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from numba.core import targetconfig, types
from numba.core.cgutils import get_or_insert_function
from numba.core.typing.templates import signature
from numba.extending import lower_builtin, type_callable

from adcompile.runtime.tanh import write_tanh
from adcompile.runtime.template import compiles

# -- glibc's vector library -------------------------------------------------------------------------------------


class Registers(NamedTuple):
    """A kind of vector registers: its letter in names of vector functions, the feature that says the processor has it, how many doubles it holds."""

    letter: str
    feature: str
    doubles: int


REGISTERS = (Registers("b", "", 2), Registers("d", "+avx2", 4), Registers("e", "+avx512f", 8))


def load_library() -> str:
    """Make glibc's vector library known to compiled code, that of the disk cache included.

    Returns its version; an empty text without it, and with ``ADCOMPILE_WITHOUT=vectors``, which keeps it out of new code.
    """
    if not sys.platform.startswith("linux"):
        return ""
    try:
        llvm.load_library_permanently("libmvec.so.1")
    except RuntimeError:
        return ""
    left_out = {name.strip() for name in os.environ.get("ADCOMPILE_WITHOUT", "").split(",")}
    return "" if left_out & {"vectors", "all"} else os.confstr("CS_GNU_LIBC_VERSION") or ""


LIBRARY = load_library()


def variants(symbol: str, real: Any, count: int, features: str) -> Iterator[tuple[int, str]]:
    """The vector versions of a function that processor and library have: how many numbers each takes, and its name.

    Parameters
    ----------
    symbol : str
        The function's name in C.
    real : ir.Type
        Its numbers, of 64 or 32 bits.
    count : int
        How many arguments it has.
    features : str
        The target's, as LLVM writes them.
    """
    single = isinstance(real, ir.FloatType)
    for registers in REGISTERS:
        lanes = registers.doubles * (2 if single else 1)
        name = f"_ZGV{registers.letter}N{lanes}{'v' * count}_{symbol}{'f' if single else ''}"
        if LIBRARY and registers.feature in ["", *features.split(",")] and llvm.address_of_symbol(name):
            yield lanes, name


def tell_variants(scalar: ir.Function, symbol: str, features: str) -> None:
    """Tell LLVM which functions of vectors may stand for calls of a function of numbers.

    Where only some of the numbers of a vector need the function, it is computed for all: it has no effects.
    """
    module, real, count = scalar.module, scalar.ftype.return_type, len(scalar.args)
    used, mappings = [], []
    for lanes, name in variants(symbol, real, count, features):
        vector, mask = ir.VectorType(real, lanes), ir.VectorType(ir.IntType(1), lanes)
        whole = ir.Function(module, ir.FunctionType(vector, [vector] * count), name)
        masked = ir.Function(module, ir.FunctionType(vector, [*[vector] * count, mask]), f"{scalar.name}.{lanes}")
        masked.linkage = "linkonce_odr"
        masked.attributes.add("alwaysinline")
        builder = ir.IRBuilder(masked.append_basic_block())
        builder.ret(builder.call(whole, masked.args[:count]))
        for function, kind in ((whole, "N"), (masked, "M")):
            used.append(function)
            mappings.append(f"_ZGV_LLVM_{kind}{lanes}{'v' * count}_{scalar.name}({function.name})")
    if mappings:
        # not an attribute that llvmlite lets through
        set.add(scalar.attributes, f'"vector-function-abi-variant"="{",".join(mappings)}"')
        keep(module, used)


def keep(module: ir.Module, functions: list[ir.Function]) -> None:
    """Keep functions in a module that nothing calls yet."""
    pointer = ir.IntType(8).as_pointer()
    kept = module.globals.get("llvm.compiler.used")
    if kept is None:
        kept = ir.GlobalVariable(module, ir.ArrayType(pointer, 0), "llvm.compiler.used")
        kept.linkage, kept.section = "appending", "llvm.metadata"
        kept.initializer = ir.Constant(kept.value_type, [])
    entries = [*kept.initializer.constant, *(f.bitcast(pointer) for f in functions)]
    kept.value_type = ir.ArrayType(pointer, len(entries))
    kept.initializer = ir.Constant(kept.value_type, entries)


# -- functions --------------------------------------------------------------------------------------------------


def elementary(
    plain: Callable[..., Any], symbol: str, count: int = 1, inline: Callable[..., Any] | None = None
) -> Callable[..., Any]:
    """A function of real numbers, or of one array; among float32 alone it stays there.

    Parameters
    ----------
    plain : callable
        What computes it in Python.
    symbol : str
        Its name in C.
    count : int
        How many arguments it has.
    inline : callable, optional
        Writes code to be used instead of a call.
    """
    scope: dict[str, Any] = {"plain": plain}
    parameters = ", ".join("xy"[:count])
    exec(f"def {symbol}({parameters}):\n    return plain({parameters})", scope)
    function: Callable[..., Any] = scope[symbol]
    function.__module__, function.__doc__ = __name__, f"`{plain.__name__}` of real numbers."

    @type_callable(function)
    def typed(context: Any) -> Any:
        def of_one(x: Any) -> Any:
            return typed_call(x)

        def of_two(x: Any, y: Any) -> Any:
            return typed_call(x, y)

        return of_one if count == 1 else of_two

    for real in (types.float64, types.float32):
        lower_builtin(function, *[real] * count)(generator(symbol, inline))
    if count == 1:

        @compiles(function)
        def of_array(x: Any) -> Any:
            return elementwise(function, x) if isinstance(x, types.Array) else None

    return function


def elementwise(scalar: Callable[..., Any], array: Any) -> Callable[..., Any]:
    """What applies a function of numbers to an array of a type; float32 stays, the rest becomes float64."""
    kind = np.float32 if array.dtype == types.float32 else np.float64

    def impl(x: Any) -> Any:
        flat = np.ascontiguousarray(x).reshape(x.size)
        out = np.empty(x.size, kind)
        for k in range(x.size):
            out[k] = scalar(flat[k])
        return out.reshape(x.shape)

    return impl


def typed_call(*args: Any) -> Any:
    """The signature of a call with numbers of some types; None where one is no real number."""
    if not all(isinstance(a, types.Float | types.Integer | types.Boolean) for a in args):
        return None
    real = types.float32 if all(types.unliteral(a) == types.float32 for a in args) else types.float64
    return signature(real, *[real] * len(args))


def generator(symbol: str, inline: Callable[..., Any] | None) -> Callable[..., Any]:
    """What writes the code of a call: of a function of its own, so that LLVM knows it by what it was told here alone.

    Without fast mathematics each number is computed by itself, so that it does not depend on its place in an array.
    """

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        fast = targetconfig.ConfigStack().top().fastmath
        if inline and fast:
            return inline(builder, *args)
        name = f"adcompile.{symbol}.{sig.return_type}" + ("" if fast else ".strict")
        scalar = builder.module.globals.get(name)
        if scalar is None:
            real = context.get_value_type(sig.return_type)
            scalar = ir.Function(builder.module, ir.FunctionType(real, [real] * len(args)), name)
            scalar.linkage = "linkonce_odr"
            for attribute in ("nounwind", "readnone", "noinline"):
                scalar.attributes.add(attribute)
            set.add(scalar.attributes, "willreturn")
            inner = ir.IRBuilder(scalar.append_basic_block())
            inner.ret(inner.call(in_c(builder.module, symbol, scalar.ftype), scalar.args))
            if fast:
                tell_variants(scalar, symbol, context.codegen().magic_tuple()[2])
        return builder.call(scalar, args)

    return generate


def in_c(module: ir.Module, symbol: str, function: ir.FunctionType) -> ir.Function:
    """The function of the C library for one number."""
    name = f"{symbol}f" if isinstance(function.return_type, ir.FloatType) else symbol
    return get_or_insert_function(module, function, "_hypotf" if name == "hypotf" and sys.platform == "win32" else name)


def of_scipy(name: str) -> Callable[..., Any]:
    """A function that SciPy has and NumPy lacks."""

    def plain(x: Any) -> Any:
        import scipy.special

        return getattr(scipy.special, name)(x)

    plain.__name__ = name
    return plain


exp = elementary(np.exp, "exp")
exp2 = elementary(np.exp2, "exp2")
expm1 = elementary(np.expm1, "expm1")
log = elementary(np.log, "log")
log2 = elementary(np.log2, "log2")
log10 = elementary(np.log10, "log10")
log1p = elementary(np.log1p, "log1p")
sin = elementary(np.sin, "sin")
cos = elementary(np.cos, "cos")
tan = elementary(np.tan, "tan")
asin = elementary(np.arcsin, "asin")
acos = elementary(np.arccos, "acos")
atan = elementary(np.arctan, "atan")
atan2 = elementary(np.arctan2, "atan2", 2)
sinh = elementary(np.sinh, "sinh")
cosh = elementary(np.cosh, "cosh")
tanh = elementary(np.tanh, "tanh", inline=write_tanh)
asinh = elementary(np.arcsinh, "asinh")
acosh = elementary(np.arccosh, "acosh")
atanh = elementary(np.arctanh, "atanh")
cbrt = elementary(np.cbrt, "cbrt")
hypot = elementary(np.hypot, "hypot", 2)
pow = elementary(operator.pow, "pow", 2)  # noqa: A001
erf = elementary(of_scipy("erf"), "erf")
erfc = elementary(of_scipy("erfc"), "erfc")
