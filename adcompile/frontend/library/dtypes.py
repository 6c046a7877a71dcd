"""Complex numbers, casts, and what is asked about dtypes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from adcompile.errors import ShapeError
from adcompile.frontend.library.arguments import is_atom, kind, number, scalar, static_dtype
from adcompile.frontend.library.elementwise import copied, real_scalar, truth
from adcompile.frontend.library.registry import Handler, attribute, enter, function
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom
from adcompile.ir.types import dtype_of, is_complex, rank, real_dtype


@function("numpy.real")
@attribute("real")
def real(b: Builder, x: Any) -> Any:
    a = number(b, x)
    return b.emit("real", a) if kind(a) == "c" else a


@function("numpy.imag")
@attribute("imag")
def imag(b: Builder, x: Any) -> Any:
    a = number(b, x)
    return b.emit("imag", a) if kind(a) == "c" else b.zeros_like(a)


@function("", methods="conj conjugate")
def conj(b: Builder, x: Any) -> Any:
    a = number(b, x)
    return b.emit("conj", a) if kind(a) == "c" else a


@function("numpy.conj numpy.conjugate")
def numpy_conj(b: Builder, x: Any) -> Any:
    a = number(b, x)
    return conj(b, a) if kind(a) == "c" else copied(b, a)


@function("numpy.angle")
def angle(b: Builder, z: Any, deg: Any = False) -> Any:
    a = number(b, z)
    turn = b.emit("arctan2", imag(b, a), real(b, a))
    return b.emit("mul", turn, const(180.0 / math.pi)) if deg is True or deg == const(True) else turn


@function("cmath.phase")
def phase(b: Builder, z: Any) -> Any:
    return angle(b, scalar(b, z, "cmath.phase"))


@function("cmath.polar")
def polar(b: Builder, z: Any) -> Any:
    return b.emit("abs", scalar(b, z, "cmath.polar")), phase(b, z)


@function("cmath.rect")
def rect(b: Builder, r: Any, phi: Any) -> Any:
    length, turn = real_scalar(b, "cmath.rect", r), real_scalar(b, "cmath.rect", phi)
    parts = [b.emit("mul", length, b.emit(p, turn)) for p in ("cos", "sin")]
    return b.emit("add", parts[0], b.emit("mul", parts[1], const(1j)))


def cast(b: Builder, x: Any, dtype: str) -> Atom:
    """An atom in another dtype; from complex to real is refused."""
    a = number(b, x)
    if kind(a) == "c" and not is_complex(dtype):
        raise ShapeError(f"a complex number cannot become {dtype}", help="take `.real` first")
    if dtype == "bool" and kind(a) != "b":
        return truth(b, a)
    return b.to_dtype(a, dtype)


@function("", methods="astype")
def astype(b: Builder, x: Any, dtype: Any, copy: Any = True) -> Any:
    result = cast(b, x, static_dtype(dtype))
    return b.emit("copy", x) if result is x and rank(result.type) and copy is not False else result


@function("numpy.astype")
def numpy_astype(b: Builder, x: Any, dtype: Any, copy: Any = True) -> Any:
    return astype(b, x, dtype, copy)


def scalar_type(name: str) -> Handler:
    """The handler of a call of a NumPy scalar type, such as ``np.float64(x)``."""

    def handler(b: Builder, x: Any = 0) -> Any:
        result = cast(b, x, static_dtype(name))
        return copied(b, result) if result is x else result

    return handler


for dtype_name in [
    "float64",
    "float32",
    "complex128",
    "complex64",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint64",
    "uint32",
    "uint16",
    "uint8",
]:
    enter(f"numpy.{dtype_name}", scalar_type(dtype_name))
enter("numpy.bool_ numpy.bool", scalar_type("bool"))
enter("numpy.intp numpy.int_", scalar_type("int64"))


@attribute("dtype")
def dtype_attribute(b: Builder, x: Atom) -> Any:
    return np.dtype(dtype_of(x.type))


@attribute("itemsize")
def itemsize(b: Builder, x: Atom) -> Any:
    return const(dtype_attribute(b, x).itemsize)


@function("numpy.finfo")
def finfo(b: Builder, dtype: Any) -> Any:
    return np.finfo(real_dtype(dtype_of(dtype.type)) if is_atom(dtype) else static_dtype(dtype))


@function("numpy.iinfo")
def iinfo(b: Builder, dtype: Any) -> Any:
    return np.iinfo(dtype_of(dtype.type) if is_atom(dtype) else static_dtype(dtype))


@function("numpy.dtype")
def dtype_object(b: Builder, dtype: Any) -> Any:
    return np.dtype(static_dtype(dtype))


@function("numpy.result_type numpy.promote_types")
def result_type(b: Builder, *args: Any) -> Any:
    return np.result_type(*(dtype_of(a.type) if is_atom(a) else static_dtype(a) for a in args))


@function("numpy.iscomplexobj")
def iscomplexobj(b: Builder, x: Any) -> Any:
    return const(kind(number(b, x)) == "c")


@function("numpy.isrealobj")
def isrealobj(b: Builder, x: Any) -> Any:
    return const(kind(number(b, x)) != "c")


@function("numpy.isscalar")
def isscalar(b: Builder, x: Any) -> Any:
    return const(not isinstance(x, tuple | list) and is_atom(x) and rank(x.type) == 0)
