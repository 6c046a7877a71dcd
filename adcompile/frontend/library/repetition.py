"""Broadcasting to a shape, repeating and tiling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adcompile.frontend.library import markers
from adcompile.frontend.library.arguments import array, dims_of, number, static, static_axis
from adcompile.frontend.library.indexing import at, product, whole
from adcompile.frontend.library.registry import function
from adcompile.frontend.library.shapes import filled, ravel, reshaped, with_axes
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom
from adcompile.ir.types import rank


@function("numpy.broadcast_to")
def broadcast_to(b: Builder, array: Any, shape: Any) -> Any:
    dims = dims_of(b, shape)
    x = number(b, array)
    return filled(b, x, dims) if rank(x.type) == 0 else b.emit("broadcast_to", x, *dims)


@function("numpy.broadcast_arrays")
def broadcast_arrays(b: Builder, *args: Any) -> Any:
    arrays = [number(b, a) for a in args]
    dims = common_dims(b, arrays)
    return tuple(broadcast_to(b, x, dims) for x in arrays)


def common_dims(b: Builder, arrays: Sequence[Atom]) -> list[Atom]:
    """The lengths to which arrays broadcast together."""
    dims: list[Atom] = [const(1)] * max(rank(x.type) for x in arrays)
    for x in arrays:
        offset = len(dims) - rank(x.type)
        for k, length in enumerate(b.dims(x)):
            here = dims[offset + k]
            if static(here) == 1:
                dims[offset + k] = length
            elif static(length) != 1 and length != here:
                dims[offset + k] = b.emit("where", b.emit("eq", here, const(1)), length, here)
    return dims


@function(f"{markers.__name__}.plain_repeat")
def repeat(b: Builder, a: Any, repeats: Any, axis: Any) -> Any:
    times = number(b, repeats)
    x = ravel(b, a) if axis is None else number(b, a)
    k = 0 if axis is None else static_axis(axis, rank(x.type))
    dims = list(b.dims(x))
    spread = at(b, x, *[slice(None)] * (k + 1), None)
    tall = filled(b, spread, [*dims[: k + 1], times, *dims[k + 1 :]])
    return reshaped(b, tall, [*dims[:k], product(b, [dims[k], times]), *dims[k + 1 :]])


@function("numpy.tile")
def tile(b: Builder, A: Any, reps: Any) -> Any:
    x, times = array(b, A), dims_of(b, reps)
    n = max(rank(x.type), len(times))
    x = with_axes(b, x, [None] * (n - rank(x.type)) + whole(x))
    times = [const(1)] * (n - len(times)) + times
    dims = list(b.dims(x))
    spread = at(b, x, *(part for _ in range(n) for part in (None, slice(None))))
    tall = filled(b, spread, [length for pair in zip(times, dims, strict=True) for length in pair])
    return reshaped(b, tall, [product(b, list(pair)) for pair in zip(dims, times, strict=True)])
