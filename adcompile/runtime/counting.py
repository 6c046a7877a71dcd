"""`indices`: a range that counts up or down by one, whose numbers LLVM knows to lie between its ends.

Numba's own range counts iterations, so that LLVM cannot tell that `i - 1` is not negative where `i` starts at one; every
index then wraps around, and a loop that reads and writes such elements stays scalar. Nothing here knows of derivatives.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.imputils import RefType, iternext_impl, lower_builtin
from numba.core.types.common import SimpleIterableType, SimpleIteratorType
from numba.extending import models, register_model, type_callable


def indices(start: int, stop: int, step: int = 1) -> range:
    """The numbers from `start` to before `stop`, by a literal step of 1 or -1."""
    return range(start, stop, step)


def countdown(start: int, stop: int) -> range:
    """The numbers from `start` down to after `stop`, for a loop around loops."""
    return range(start, stop, -1)


class Indices(SimpleIterableType):
    """The type of a range up or down, of a loop around others or not."""

    def __init__(self, step: int, outer: bool = False) -> None:
        super().__init__(f"indices(step={step}, outer={outer})", IndicesIterator(step, outer))


class IndicesIterator(SimpleIteratorType):
    """The type of its iterator."""

    def __init__(self, step: int, outer: bool) -> None:
        self.step = step
        self.outer = outer
        super().__init__(f"indices_iterator(step={step}, outer={outer})", types.int64)


@register_model(Indices)
class IndicesModel(models.StructModel):
    """Its ends."""

    def __init__(self, manager: Any, kind: Any) -> None:
        members = [("start", types.int64), ("stop", types.int64)]
        super().__init__(manager, kind, members)  # type: ignore[no-untyped-call]


@register_model(IndicesIterator)
class IndicesIteratorModel(models.StructModel):
    """The place of the number to come, and where to stop."""

    def __init__(self, manager: Any, kind: Any) -> None:
        members = [("at", types.EphemeralPointer(types.int64)), ("stop", types.int64)]
        super().__init__(manager, kind, members)  # type: ignore[no-untyped-call]


@type_callable(indices)
def type_indices(context: Any) -> Any:
    def typer(start: Any, stop: Any, step: Any = 1) -> Any:
        literal = getattr(step, "literal_value", step)
        if isinstance(start, types.Integer) and isinstance(stop, types.Integer) and literal in (1, -1):
            return Indices(literal)
        return None

    return typer


@type_callable(countdown)
def type_countdown(context: Any) -> Any:
    return lambda start, stop: Indices(-1, outer=True)


def make(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    both = cgutils.create_struct_proxy(signature.return_type)(context, builder)
    both.start, both.stop = (
        context.cast(builder, a, t, types.int64) for a, t in zip(args[:2], signature.args[:2], strict=True)
    )
    return both._getvalue()  # noqa: SLF001 - Numba's own way


lower_builtin(indices, types.Integer, types.Integer)(make)
lower_builtin(indices, types.Integer, types.Integer, types.Integer)(make)
lower_builtin(countdown, types.Integer, types.Integer)(make)


@lower_builtin("getiter", Indices)
def start_counting(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    both = cgutils.create_struct_proxy(signature.args[0])(context, builder, args[0])
    iterator = cgutils.create_struct_proxy(signature.return_type)(context, builder)
    iterator.at = cgutils.alloca_once_value(builder, both.start)
    iterator.stop = both.stop
    return iterator._getvalue()  # noqa: SLF001 - Numba's own way


@lower_builtin("iternext", IndicesIterator)
@iternext_impl(RefType.UNTRACKED)
def count(context: Any, builder: Any, signature: Any, args: Any, result: Any) -> None:
    """One number, while it is before `stop`; the next is known not to overflow."""
    step = signature.args[0].step
    iterator = cgutils.create_struct_proxy(signature.args[0])(context, builder, args[0])
    at = builder.load(iterator.at)
    inside = builder.icmp_signed("<" if step > 0 else ">", at, iterator.stop)
    result.set_valid(inside)
    with builder.if_then(inside):
        result.yield_(hidden(builder, at, iterator.stop) if signature.args[0].outer else at)
        builder.store(builder.add(at, ir.Constant(at.type, step), flags=["nsw"]), iterator.at)


def hidden(builder: Any, at: Any, stop: Any) -> Any:
    """The number, in a way that LLVM does not know to run down; that it is above `stop` it does know.

    Before a vectorised loop runs, it is checked that its arrays do not overlap. LLVM checks once for all iterations of the
    loop around it, and takes that loop to go up in memory: in one that goes down, the check always fails.
    """
    kind = ir.FunctionType(at.type, [at.type])
    same = builder.asm(kind, "", "=r,0", [at], False)
    assume = builder.module.declare_intrinsic("llvm.assume", (), ir.FunctionType(ir.VoidType(), [ir.IntType(1)]))
    builder.call(assume, [builder.icmp_signed(">", same, stop)])
    return same
