"""What a reader of a listing is told about a reverse sweep: what is recorded and why, and how each loop goes back.

Texts for comments, made where the decisions are known (`record.Plan`); what is printed of them is up to `listing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from adcompile.ir.nodes import Block, Eqn, For, Value, While
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array, dtype_of
from adcompile.ir.walk import definitions

if TYPE_CHECKING:
    from adcompile.transforms.record import Facts, Plan

MOST = 3  # values that are named; of more, it is said how many
GROWING = ", growing"  # ends what is said of a tape whose size is not known when it is made
FUSED = "forward and reverse in one: iterations share only sums"


def called(value: Value) -> str:
    """What a reader knows a value by: its name, or what computes it."""
    return value.name or (value.span.text if value.span else "") or "a number"


def several(values: Sequence[Value]) -> str:
    """Some values by name."""
    texts = list(dict.fromkeys(map(called, values)))
    more = [f"{len(texts) - MOST} more"] if len(texts) > MOST else []
    return " and ".join([", ".join(texts[:MOST]), *more])


def of_tape(plan: Plan, values: Sequence[Value]) -> str:
    """What is on a tape, and why."""
    reasons = list(dict.fromkeys(why(plan, value) for value in values))
    return f"{several(values)}: {reasons[0]}" + ("" if len(reasons) == 1 else ", and the like")


def of_growing(plan: Plan, values: Sequence[Value], loop: For | While) -> str:
    """The same of a tape that grows with the iterations of a loop."""
    place = f" of line {loop.span.line}" if loop.span else ""
    if isinstance(values[0].type, Array):
        return f"{of_tape(plan, values)}; an array an iteration{place}{GROWING}"
    size = len(values) * np.dtype(dtype_of(values[0].type)).itemsize
    return f"{of_tape(plan, values)}; {size} bytes an iteration{place}{GROWING}"


def of_copy(value: Value) -> str:
    """Why an array is copied."""
    return f"{called(value)} is overwritten before the reverse sweep reads it"


def why(plan: Plan, value: Value) -> str:
    """Why a value is recorded: it can be neither read again nor cheaply computed again."""
    facts = plan.facts
    if value in plan.instead:
        return "recorded in place of what is computed from it"
    eqn = facts.places.origin.get(value)
    if eqn is None:
        place = facts.places.of[value]
        changes = isinstance(place.owner, For | While) and value in place.block.params
        return "each iteration replaces it" if changes else "what a loop or branch makes of it"
    if eqn.primitive in ("load", "view", "list_get"):
        gone = isinstance(eqn.operands[0], Value) and eqn.operands[0] in facts.overwritten
        return "its place is overwritten" if gone else "where it stood is not known any more"
    if value in facts.overwritten:
        return "it is overwritten"
    if not PRIMITIVES[eqn.primitive].cheap:
        return "dear to compute again"
    return lost_operand(plan, facts, eqn)


def lost_operand(plan: Plan, facts: Facts, eqn: Eqn) -> str:
    """The reason why a cheap operation cannot be computed again."""
    recorded = [o for o in map(facts.canonical, eqn.operands) if isinstance(o, Value) and not plan.derivable(o)]
    return f"{called(recorded[0])} is not kept" if recorded else "recorded rather than what it is computed from"


def of_loop(plan: Plan, loop: For | While) -> str:
    """How a loop goes back: what its iterations take from tapes or read back, or that they need nothing of the kind."""
    made = set(definitions(Block((), (loop,), ())))
    facts = plan.facts
    taped = [v for v in plan.recorded if v in made and facts.places.of[v].loop is loop]
    settled = [v for v in plan.settled if v in made and v in plan.read and facts.places.of[v].loop is loop]
    again = [v for v in plan.read if is_repeated(plan, v) and facts.places.of[v].loop is loop]
    parts = [f"{several(taped)} from tape"] if taped else []
    parts += [f"{several(settled)} read back"] if settled else []
    parts += [f"{several(again)} computed again"] if again else []
    return "reversed: " + ("; ".join(parts) if parts else "nothing recorded")


def is_repeated(plan: Plan, value: Value) -> bool:
    """Whether a value is computed again in the reverse sweep by something worth the name of arithmetic."""
    eqn = plan.facts.places.origin.get(value)
    if eqn is None or value in plan.recorded or value in plan.settled or isinstance(value.type, Array):
        return False
    return dtype_of(value.type).startswith(("float", "complex")) and eqn.primitive != "load"
