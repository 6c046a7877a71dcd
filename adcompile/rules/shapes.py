"""Differentials of what moves, repeats and joins elements: all linear.

The last part has the few operations of any number of operands, which the notation cannot say.
"""

from __future__ import annotations

from collections.abc import Sequence

from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom, Eqn
from adcompile.ir.types import dtype_of, rank
from adcompile.notation.tables import Primal, linear, rule
from adcompile.rules.domains import ARRAY, INTEGER, MATRIX, REAL

# fmt: off
rule("y = reshape(x, *n)",              "dy = contiguous_reshape(dx, *n)",              x=ARRAY)
rule("y = transpose(x, axes)",          "dy = transpose(dx, axes)",                     x=ARRAY)
rule("y = broadcast_to(x, *n)",         "dy = broadcast_to(dx, *n)",                    x=REAL)
rule("y = unbroadcast(x, *n)",          "dy = unbroadcast(dx, *n)",                     x=REAL)
rule("y = flip(x, axis)",               "dy = flip(dx, axis)",                          x=ARRAY)
rule("y = roll(x, s, axis)",            "dy = roll(dx, s, axis)",                       x=ARRAY, s=INTEGER)
rule("y = tril(x, k)",                  "dy = tril(dx, k)",                             x=MATRIX)
rule("y = triu(x, k)",                  "dy = triu(dx, k)",                             x=MATRIX)
rule("y = full(x, *n, dtype)",          "dy = full(dx, *n, dtype)",                     x=REAL)
rule("y = arange(a, z, s, dtype)",      "dy = broadcast_to(da, *dims(y)) + broadcast_to(ds, *dims(y)) * rint((y - a) / s)", a=REAL, z=REAL, s=REAL)
rule("y = copy(x)",                     "dy = dx",                                      x=ARRAY)
rule("y = contiguous(x)",               "dy = dx",                                      x=ARRAY)
rule("y = let(x)",                      "dy = dx",                                      x=REAL)
rule("y = cast(x, dtype)",              "dy = cast(dx, dtype)",                         x=REAL)
# fmt: on


# -- any number of operands -----------------------------------------------------------------------------------------


def written_out(b: Builder, primal: Atom, tangent: Atom | None, dtype: str) -> Atom:
    """A tangent, with zero written out."""
    return b.zeros_like(primal, dtype) if tangent is None else tangent


def joined_tangent(b: Builder, eqn: Eqn, primals: Sequence[Atom], tangents: Sequence[Atom | None]) -> Atom:
    """The same joining of the tangents."""
    dtype = dtype_of(eqn.results[0].type)
    dots = [written_out(b, p, t, dtype) for p, t in zip(primals, tangents, strict=True)]
    result: Atom = b.emit(eqn.primitive, *dots, **dict(eqn.params))
    return result


def concatenate_transpose(
    b: Builder, eqn: Eqn, primal: Primal, g: Atom, wanted: Sequence[bool]
) -> tuple[Atom | None, ...]:
    """Each operand gets its stretch of the cotangent."""
    axis = eqn["axis"] % rank(g.type)
    bars: list[Atom | None] = []
    start: Atom = const(0)
    for k, (operand, want) in enumerate(zip(eqn.operands, wanted, strict=True)):
        if not any(wanted[k:]):
            bars.append(None)
            continue
        stop = b.emit("add", start, primal.dims(operand)[axis])
        index = ("s000",) * axis + ("s110",)
        bars.append(b.emit("view", g, start, stop, index=index) if want else None)
        start = stop
    return tuple(bars)


def stack_transpose(b: Builder, eqn: Eqn, primal: Primal, g: Atom, wanted: Sequence[bool]) -> tuple[Atom | None, ...]:
    """Each operand gets its slice of the cotangent."""
    index = ("s000",) * (eqn["axis"] % rank(g.type)) + ("i",)
    return tuple(b.emit("view", g, const(k), index=index) if want else None for k, want in enumerate(wanted))


def array_tangent(b: Builder, eqn: Eqn, primals: Sequence[Atom], tangents: Sequence[Atom | None]) -> Atom:
    """The array of the tangents."""
    dtype = eqn["dtype"]
    dots = [
        b.zeros_like(p, dtype) if t is None else b.to_dtype(t, dtype) for p, t in zip(primals, tangents, strict=True)
    ]
    result: Atom = b.emit("array", *dots, **dict(eqn.params))
    return result


def array_transpose(b: Builder, eqn: Eqn, primal: Primal, g: Atom, wanted: Sequence[bool]) -> tuple[Atom | None, ...]:
    """Each scalar gets its element of the cotangent."""
    bars: list[Atom | None] = []
    shape = eqn["shape"]
    for k, want in enumerate(wanted):
        place: list[Atom] = []
        left = k
        for length in reversed(shape):
            place.insert(0, const(left % length))
            left //= length
        bars.append(b.emit("load", g, *place, index=("i",) * len(shape)) if want else None)
    return tuple(bars)


linear("concatenate", joined_tangent, concatenate_transpose)
linear("stack", joined_tangent, stack_transpose)
linear("array", array_tangent, array_transpose)
