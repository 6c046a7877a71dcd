"""What values may share memory with: the pieces of knowledge from which `own` decides where to copy.

Decides nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from adcompile.ir.nodes import Atom, Eqn, Function, Value, operands_of
from adcompile.ir.types import Array, List, Type, fresh
from adcompile.ir.walk import each_block, each_node

Origin = tuple[Value, int]  # where memory comes from: a value that was new, and 1 if its elements are meant
Origins = frozenset[Origin]
NOWHERE: Origins = frozenset()


class Memory(NamedTuple):
    """What a value may share memory with: itself, and if it is a list of arrays, its elements."""

    outer: Origins = NOWHERE
    inner: Origins = NOWHERE

    @property
    def all(self) -> Origins:
        return self.outer | self.inner

    def __or__(self, other: Memory) -> Memory:
        return Memory(self.outer | other.outer, self.inner | other.inner)


def unshared(value: Value) -> Memory:
    """The memory of a value that is new."""
    holds_arrays = isinstance(value.type, List) and isinstance(value.type.element, Array)
    return Memory(frozenset({(value, 0)}), frozenset({(value, 1)}) if holds_arrays else NOWHERE)


def storable(type_: Type) -> Type:
    """The type of what merges, and of what a list holds: arrays are contiguous there."""
    return List(storable(type_.element)) if isinstance(type_, List) else fresh(type_)  # type: ignore[arg-type]


def join_members(members: dict[Origin, tuple[Value, ...]], others: dict[Origin, tuple[Value, ...]]) -> None:
    """Add what the other path left alive."""
    for origin, values in others.items():
        mine = members.get(origin, ())
        if mine != values:
            members[origin] = (*mine, *(v for v in values if v not in mine))


def carried_memory(params: Sequence[Value], starts: Sequence[Memory], ends: Sequence[Memory]) -> list[Memory]:
    """What each carried value of a loop may have been by its end: it may pass through every slot on its way."""
    reach = [a | b for a, b in zip(starts, ends, strict=False)]
    slots = {(p, depth): (k, depth) for k, p in enumerate(params) for depth in (0, 1)}
    changed = True
    while changed:
        changed = False
        for k, memory in enumerate(reach):
            parts = [part.union(*(reach[j][d] for j, d in (slots[o] for o in part & slots.keys()))) for part in memory]
            reach[k] = Memory(*parts)
            changed |= reach[k] != memory
    return reach


def read_as_it_is(fn: Function) -> set[Atom]:
    """What a function reads other than to bring it into C order or to see its shape."""
    found: set[Atom] = set()
    for node in each_node(fn.body):
        if not (isinstance(node, Eqn) and node.primitive in ("contiguous", "copy", "shape")):
            found.update(operands_of(node))
    for block in each_block(fn.body):
        found.update(block.results)
    return found
