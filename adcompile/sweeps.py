"""One forward sweep of a function for several directions at once, as an operation on functions being lowered.

What the sweep is made of is in `transforms/directions.py`, the loop around it in `composed.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adcompile.derive import place
from adcompile.frontend.lower import Closed, Lowering
from adcompile.switches import on
from adcompile.transforms.directions import OneByOne, side_by_side
from adcompile.transforms.jvp import Derived, jvp
from adcompile.transforms.prune import prune
from adcompile.transforms.simplify import simplify


class Sweep:
    """Called with directions along a last axis, it gives the derivative of a function in each of them."""

    def __init__(self, closed: Closed, derived: Derived) -> None:
        self.closed = closed
        self.derived = derived

    def __adcompile_lower__(self, lowering: Lowering, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
        (directions,) = args
        atoms = place(lowering, self.derived, [*self.closed.operands, lowering.plain(directions)])
        return lowering.new_array(atoms[-1])


def forward_sweep(lowering: Lowering, f: Any, x: Any) -> Sweep | None:
    """The sweep of a function of one array at that array, or None where there is none for several directions."""
    if not on("directions"):
        return None
    closed = lowering.close(f, [x])
    fn = closed.function
    derived = jvp(fn, [k in closed.leaves_of[0] for k in range(len(fn.params))], lowering.functions)
    derived = simplify(derived, keep_names=lowering.keep_names)
    derived = Derived(prune(derived.function, lowering.functions), derived.related)
    seeds = [k == len(fn.params) for k in range(len(derived.function.params))]
    tangents = [k >= len(fn.body.results) for k in range(len(derived.function.body.results))]
    if len(fn.body.results) != 1 or sum(tangents) != 1:
        return None
    try:
        return Sweep(closed, side_by_side(derived, seeds, tangents))
    except OneByOne:
        return None
