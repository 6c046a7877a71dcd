"""Whether the iterations of a loop could run at the same time: what each writes, no other reads or writes, but for sums.

The question is put to the dependence test; where that does not know, the answer is no, with the reason. What is done with
independent loops is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from adcompile.analyses.dependence import Access, Meetings, Memories
from adcompile.analyses.fusable import is_sum, read_by
from adcompile.analyses.places import Places
from adcompile.analyses.shapes import Shapes
from adcompile.ir.indices import LEADING, runtime_parts
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, Undef, Value, While
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array, List
from adcompile.ir.walk import each_node

#: primitives that touch the elements that an index selects, by what comes before the index
INDEXED = ("load", "view", "gather", "drain", *LEADING)


#: iterations that add to the same elements of an array, as those of a stencil's adjoint do, are `near` up to this distance
NEAR = 4


@dataclass
class Sharing:
    """What the iterations of a loop share.

    Attributes
    ----------
    sums, near : list of int
        Positions of carried values that are sums; `near` are arrays to the elements of which only iterations add that are
        at most `NEAR` apart.
    reason, culprit : str, Value
        Why iterations are not independent, or "", and what is handed from one to the next, if it is that.
    """

    sums: list[int] = field(default_factory=list)
    near: list[int] = field(default_factory=list)
    reason: str = ""
    culprit: Value | None = None


class Independence:
    """Answers for the loops of one function.

    Parameters
    ----------
    functions : dict of str to Function
        Those that it may call.
    """

    def __init__(self, fn: Function, functions: Mapping[str, Function]) -> None:
        self.functions = functions
        self.places = Places(fn)
        self.meetings = Meetings(self.places, Shapes(fn))

    def of(self, loop: For) -> Sharing:
        """What the iterations of a loop share."""
        reason = self.not_counted(loop)
        if reason:
            return Sharing(reason=reason)
        found = Sharing()
        memories = Memories(loop, self.places)
        for k, (before, after) in enumerate(zip(loop.body.params[1:], loop.body.results, strict=True)):
            if before is after or self.is_apart(loop, before, memories):
                continue
            in_place = not isinstance(before.type, Array) or memories.memory(after) is before
            if isinstance(before.type, List) or not in_place or not is_sum(loop.body, before, after):
                return Sharing(reason="is handed from one iteration to the next", culprit=before)
            is_near = self.is_apart(loop, before, memories, NEAR + 1)
            (found.near if is_near else found.sums).append(k)
        return found

    def not_counted(self, loop: For) -> str:
        """Why a loop has to run in order whatever it carries."""
        if loop.breaks or loop.trips:
            return "it may end early"
        if any(isinstance(a, Undef) for a in loop.inits):
            return "it hands on what may have no value"
        if self.has_effect(loop.body, ()):
            return "it may raise or print"
        return ""

    def has_effect(self, block: Block, within: Sequence[str]) -> bool:
        """Whether a block does something besides yielding results; calls are followed."""
        for node in each_node(block):
            if not isinstance(node, Eqn) or not PRIMITIVES[node.primitive].effect:
                continue
            name = node["function"] if node.primitive == "call" else ""
            if name in within:
                continue
            if name not in self.functions or self.has_effect(self.functions[name].body, (*within, name)):
                return True
        return False

    # -- arrays that iterations write at places of their own ----------------------------------------------------

    def is_apart(self, loop: For, array: Value, memories: Memories, by: int = 1) -> bool:
        """Whether no element of an array is touched in two iterations, so far apart or farther, where one of them writes it."""
        if not isinstance(array.type, Array) or memories.memory(array) is not array or array in memories.lost:
            return False
        if not isinstance(loop.step, Const):
            return False
        around = self.places.inside[loop.body].loops[:-1]
        accesses = list(self.accesses(loop.body, array, memories))
        for one in accesses:
            for other in accesses:
                if (one.writes or other.writes) and self.meet(one, other, around, loop, by):
                    return False
        return True

    def meet(self, one: Touch, other: Touch, around: Sequence[For | While], loop: For, by: int) -> bool:
        """Whether the second may touch an element that the first has touched so many iterations earlier, or more."""
        axes = [axis for axis in one.at if axis in other.at]
        if not axes:
            return True
        first, second = (self.access(touch, axes) for touch in (one, other))
        return self.meetings.may_meet(first, second, around, loop, by)

    def access(self, touch: Touch, axes: Sequence[int]) -> Access:
        result = touch.eqn.results[0]
        at = tuple(touch.at[axis] for axis in axes)
        return Access(touch.eqn, self.places.of[result], self.places.turn[result], at)

    def accesses(self, block: Block, array: Value, memories: Memories) -> Iterator[Touch]:
        """All that reads or writes elements of an array; what is read through a view, where the view is made."""
        for node in each_node(block):
            operands = node.operands if isinstance(node, Eqn) else ()
            for k, operand in enumerate(operands):
                if memories.memory(operand) is not array:
                    continue
                assert isinstance(node, Eqn)
                if node.primitive == "shape":
                    continue
                writes = PRIMITIVES[node.primitive].consumes == k
                placed = k == 0 and node.primitive in INDEXED and node.results[0] in self.places.of
                yield Touch(node, fixed_axes(node) if placed else {}, writes)


@dataclass(frozen=True)
class Touch:
    """An equation that touches elements of an array, and the axes along which it touches one place only."""

    eqn: Eqn
    at: Mapping[int, Atom]
    writes: bool


def fixed_axes(eqn: Eqn) -> dict[int, Atom]:
    """The axes that an index fixes, and where."""
    parts = iter(eqn.operands[LEADING.get(eqn.primitive, 1) :])
    found: dict[int, Atom] = {}
    axis = 0
    for code in eqn["index"]:
        taken = [next(parts) for _ in runtime_parts(code)]
        if code == "m":  # takes as many axes as the mask has
            break
        if code == "i":
            found[axis] = taken[0]
        axis += code != "n"
    return found


def adds_elements(loop: For, array: Value) -> int:
    """How many single elements of an array an iteration adds to; 0 where it may be any number of them."""
    versions = {array}
    count = 0
    for node in loop.body.nodes:
        if not any(v in versions for v in read_by(node)):
            continue
        if not isinstance(node, Eqn) or set(node["index"]) != {"i"} or len(node["index"]) != array.type.rank:  # type: ignore[union-attr]
            return 0
        versions.add(node.results[0])
        count += 1
    return count


__all__ = ["NEAR", "Independence", "Sharing", "adds_elements", "fixed_axes"]
