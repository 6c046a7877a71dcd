"""Results that the caller has memory for are computed there, instead of in memory of their own.

Which results these are is decided by `into`; that nothing else is written into the caller's arrays, by `own`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from adcompile.analyses.trail import Trail
from adcompile.backend.own import own
from adcompile.errors import BUFFER
from adcompile.ir.build import Builder, zero
from adcompile.ir.guards import require_lengths, require_shape
from adcompile.ir.nodes import Block, Eqn, Function, Value
from adcompile.ir.types import Scalar, dtype_of, rank
from adcompile.switches import on


def own_with_buffers(fn: Function, buffers: Mapping[int, Value]) -> Function:
    """The function as `own` leaves it, with some results, by position, in parameters that it may overwrite.

    A result whose memory is made once, and filled step by step, is made in the parameter from the start. Another one is
    copied into it at the end.
    """
    if not buffers:
        return own(fn)
    given = frozenset(buffers.values())
    makers = made_in(fn, buffers) if on("buffers") else {}
    owned = own(made_at(fn, makers), given)
    kept = {eqn: p for eqn, p in makers.items() if any(stays(owned, k, p) for k, b in buffers.items() if b is p)}
    if kept != makers:
        owned = own(made_at(fn, kept), given)
    return copied_into(owned, {k: p for k, p in buffers.items() if not stays(owned, k, p)})


def made_in(fn: Function, buffers: Mapping[int, Value]) -> dict[Eqn, Value]:
    """The equations that make the memory of results, each with the parameter that is to be that memory."""
    trail, found = Trail(fn), dict[Eqn, Value]()
    for k, param in buffers.items():
        maker = trail.start(fn.body.results[k])
        if isinstance(maker, Eqn) and maker in fn.body.nodes and maker.results[0].type == param.type:
            found.setdefault(maker, param)
    return found


def stays(fn: Function, result: int, param: Value) -> bool:
    """Whether a result lies in the memory of a parameter."""
    return Trail(fn).start(fn.body.results[result]) is param


def made_at(fn: Function, makers: Mapping[Eqn, Value]) -> Function:
    """The function, with parameters filled where memory was made."""
    b = Builder()
    for node in fn.body.nodes:
        if isinstance(node, Eqn) and node in makers:
            fill(b, node, makers[node])
        else:
            b.append(node)
    return replace(fn, body=replace(fn.body, nodes=tuple(b.frames[0].nodes)))


def fill(b: Builder, maker: Eqn, param: Value) -> None:
    """Emit what gives a parameter the contents that new memory would have."""
    dims = maker.operands[1:] if maker.primitive == "full" else maker.operands
    require_lengths(b, b.dims(param), dims, BUFFER)
    if maker.primitive == "empty":
        b.append(replace(maker, primitive="let", operands=(param,), params=()))
        return
    value = maker.operands[0] if maker.primitive == "full" else zero(Scalar(dtype_of(param.type)))
    b.append(Eqn("store", (param, value), maker.results, (("index", ("s000",) * rank(param.type)),), maker.span))


def copied_into(fn: Function, buffers: Mapping[int, Value]) -> Function:
    """The function, with some results copied into parameters at its end."""
    if not buffers:
        return fn
    b, results = Builder(), list(fn.body.results)
    for node in fn.body.nodes:
        b.append(node)
    for k, param in buffers.items():
        require_shape(b, param, results[k], BUFFER)
        results[k] = b.emit("store", param, results[k], name=param.name, index=("s000",) * rank(param.type))
    return replace(fn, body=Block((), tuple(b.frames[0].nodes), tuple(results)))
