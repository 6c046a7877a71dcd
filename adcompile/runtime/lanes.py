"""A few numbers side by side in one vector of the processor: in compiled code a value like a number, else a small array.

Sums, differences, products and quotients with each other and with numbers, lane by lane; loaded from rows of arrays and
stored into them. Nothing else: what needs an array gets one by `lanes_array`.
"""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np
from llvmlite import ir
from numba import extending
from numba.core import cgutils, types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import lower_builtin, models, register_model
from numba.np.numpy_support import as_dtype, from_dtype

from adcompile.runtime.template import compiles

#: Numba's, which has no types
intrinsic: Any = extending.intrinsic


class LanesType(types.Type):
    """Numba's type of some numbers of one floating type side by side."""

    def __init__(self, dtype: Any, width: int) -> None:
        self.dtype = dtype
        self.width = width
        super().__init__(f"lanes({dtype}, {width})")


@register_model(LanesType)
class LanesModel(models.PrimitiveModel):
    """What lanes are to LLVM: one of its vectors."""

    def __init__(self, manager: Any, type_: Any) -> None:
        vector = ir.VectorType(manager.lookup(type_.dtype).get_value_type(), type_.width)
        super().__init__(manager, type_, vector)  # type: ignore[no-untyped-call]


# -- to and from arrays -----------------------------------------------------------------------------------------


def lanes(x: Any, width: int, dtype: Any = None) -> Any:
    """Some numbers side by side: those of a row, or one number in every lane; or lanes in another dtype."""
    return np.full(width, x, dtype) if np.ndim(x) == 0 else np.array(x, dtype)


def lanes_array(x: Any) -> Any:
    """An array of the numbers in the lanes."""
    return np.array(x)


def repeated(builder: Any, value: Any, width: int) -> Any:
    """A vector with one number in every lane."""
    vector = ir.VectorType(value.type, width)
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.IntType(32)(0))
    places = ir.Constant(ir.VectorType(ir.IntType(32), width), [0] * width)
    return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), places)


@intrinsic
def fill(context: Any, x: Any, like: Any) -> Any:
    """One number in every lane; `like` says of which type."""
    out = like.instance_type

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return repeated(builder, context.cast(builder, args[0], x, out.dtype), out.width)

    return out(x, like), generate


@intrinsic
def load(context: Any, row: Any, like: Any) -> Any:
    """The numbers of a row, which lie side by side if its type says so."""
    out = like.instance_type

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(row)(context, builder, args[0])
        if row.layout == "C":
            vector = builder.load(vector_pointer(context, builder, array, out))
            vector.align = aligned(context, out)
            return vector
        vector = ir.Constant(context.get_value_type(out), ir.Undefined)
        stride = builder.extract_value(array.strides, 0)
        for k in range(out.width):
            offset = builder.mul(stride, ir.Constant(stride.type, k))
            number = builder.load(cgutils.pointer_add(builder, array.data, offset))
            vector = builder.insert_element(vector, number, ir.IntType(32)(k))
        return vector

    return out(row, like), generate


@intrinsic
def store(context: Any, row: Any, x: Any) -> Any:
    """The numbers of all lanes, written into a row."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(row)(context, builder, args[0])
        if row.layout == "C":
            builder.store(args[1], vector_pointer(context, builder, array, x), align=aligned(context, x))
        else:
            stride = builder.extract_value(array.strides, 0)
            for k in range(x.width):
                offset = builder.mul(stride, ir.Constant(stride.type, k))
                number = builder.extract_element(args[1], ir.IntType(32)(k))
                builder.store(number, cgutils.pointer_add(builder, array.data, offset))
        return context.get_dummy_value()

    return types.void(row, x), generate


def vector_pointer(context: Any, builder: Any, array: Any, type_: Any) -> Any:
    return builder.bitcast(array.data, context.get_value_type(type_).as_pointer())


def aligned(context: Any, type_: Any) -> int:
    """The alignment that a vector in an array has: that of one of its numbers."""
    return int(as_dtype(type_.dtype).alignment)


@intrinsic
def convert(context: Any, x: Any, like: Any) -> Any:
    """The numbers of all lanes in another floating type."""
    out = like.instance_type

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return converted(context, builder, args[0], x, out)

    return out(x, like), generate


@compiles(lanes, prefer_literal=True)
def compiled_lanes(x: Any, width: Any, dtype: Any = None) -> Any:
    if not isinstance(width, types.IntegerLiteral):
        return None
    if isinstance(x, types.Array):
        like = LanesType(x.dtype, width.literal_value)
        return lambda x, width, dtype=None: load(x, like)
    like = LanesType(dtype.dtype if isinstance(dtype, types.DTypeSpec) else types.float64, width.literal_value)
    if isinstance(x, LanesType):
        return lambda x, width, dtype=None: convert(x, like)
    return lambda x, width, dtype=None: fill(x, like)


@compiles(lanes_array)
def compiled_lanes_array(x: Any) -> Any:
    width, dtype = x.width, as_dtype(x.dtype)

    def impl(x: Any) -> Any:
        out = np.empty(width, dtype)
        store(out, x)
        return out

    return impl


def setter(view: Any, x: Any) -> Any:
    """What `set_to` is for a row and lanes."""
    return lambda view, x: store(view, x)  # noqa: PLW0108 — the arguments of an overload have names


def adder(view: Any, x: Any) -> Any:
    """What `add_to` is for a row and lanes."""
    like = LanesType(view.dtype, x.width)
    return lambda view, x: store(view, load(view, like) + x)


@intrinsic
def total(context: Any, x: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        numbers = [builder.extract_element(args[0], ir.IntType(32)(k)) for k in range(x.width)]
        return functools.reduce(builder.fadd, numbers)

    return x.dtype(x), generate


def lanes_sum(x: Any) -> Any:
    """The sum of the numbers in all lanes."""
    return np.sum(x)


@compiles(lanes_sum)
def compiled_lanes_sum(x: Any) -> Any:
    return lambda x: total(x)  # noqa: PLW0108 — the same


# -- arithmetic -------------------------------------------------------------------------------------------------


def common(args: tuple[Any, ...]) -> LanesType | None:
    """The type of an operation on these operands, if it is one on lanes."""
    widths = {a.width for a in args if isinstance(a, LanesType)}
    if len(widths) != 1 or not all(isinstance(a, LanesType | types.Number | types.Boolean) for a in args):
        return None
    numbers = [as_dtype(a.dtype if isinstance(a, LanesType) else types.unliteral(a)) for a in args]
    return LanesType(from_dtype(np.result_type(*numbers)), widths.pop())


def converted(context: Any, builder: Any, value: Any, type_: Any, out: LanesType) -> Any:
    """An operand as lanes of the type of the result."""
    if not isinstance(type_, LanesType):
        return repeated(builder, context.cast(builder, value, type_, out.dtype), out.width)
    wider = type_.dtype.bitwidth < out.dtype.bitwidth
    target = context.get_value_type(out)
    if type_.dtype == out.dtype:
        return value
    return builder.fpext(value, target) if wider else builder.fptrunc(value, target)


def operation(function: Any, instruction: str, count: int = 2) -> None:
    """Let Numba compile an operator on lanes to one instruction of LLVM."""

    class Typing(AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            out = common(args) if len(args) == count else None
            return signature(out, *args) if out else None

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        operands = [converted(context, builder, v, t, sig.return_type) for v, t in zip(args, sig.args, strict=True)]
        return getattr(builder, instruction)(*operands)

    infer_global(function)(Typing)
    others = [()] if count == 1 else [(LanesType,), (types.Number,), (types.Boolean,)]
    for other in others:
        lower_builtin(function, LanesType, *other)(generate)
        lower_builtin(function, *other, LanesType)(generate)


operation(operator.add, "fadd")
operation(operator.sub, "fsub")
operation(operator.mul, "fmul")
operation(operator.truediv, "fdiv")
operation(operator.neg, "fneg", 1)
