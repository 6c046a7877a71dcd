"""The equations that loops can take: elementwise operations, reductions, and additions to whole arrays.

Says over which axes each runs and how it reads its operands; which equations share loops is for `groups`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from adcompile.analyses.lengths import Length, Lengths, sources
from adcompile.backend.loops.reading import Access, Index, Reader, slice_index
from adcompile.ir.nodes import Atom, Eqn, Value
from adcompile.ir.primitives import PRIMITIVES, axes_of
from adcompile.ir.types import Array, Scalar, Type, dtype_of, is_complex, is_float, rank

REDUCTIONS = frozenset({"sum", "prod", "max", "min"})
#: their results on whole numbers differ between arrays and numbers of compiled code
FLOATING_ONLY = frozenset({"pow", "floordiv", "mod", "fmod", "maximum", "minimum", "sign", "abs"})


@dataclass(frozen=True)
class Operand:
    """What a member reads: where, or, if it may have to be repeated, the array that is repeated before the loops.

    The axes in `access` are those of the member's space.
    """

    atom: Atom
    access: Access
    repeated: bool = False


@dataclass(frozen=True, eq=False)
class Member:
    """An equation that runs over the elements of a space.

    Attributes
    ----------
    eqn : Eqn
    space : tuple of Length
        The lengths of the axes that it runs over.
    operands : tuple of Operand
    kept : tuple of int or None
        For each axis of its result, the axis of the space; None for an axis of length 1.
    reduces : str
        "sum", "prod", "max" or "min"; "" for what is elementwise.
    into : Value or None
        The array that it adds to, or writes into.
    target : tuple of Index
        Where in that array, if it is only a part of it; for each axis of the array, in terms of the axes of the space.
    """

    eqn: Eqn
    space: tuple[Length, ...]
    operands: tuple[Operand, ...]
    kept: tuple[int | None, ...]
    reduces: str = ""
    into: Value | None = None
    target: tuple[Index, ...] = ()

    @property
    def result(self) -> Value:
        return self.eqn.results[0]

    def reads(self) -> Iterator[Value]:
        """The values that must be there before the loops, as far as they are not computed in them."""
        atoms = [o.atom if o.repeated else o.access.base for o in self.operands]
        atoms += [i.offset for o in self.operands if not o.repeated for i in o.access.index]
        atoms += [self.into] if self.into is not None else []
        atoms += [i.offset for i in self.target]
        yield from (a for a in atoms if isinstance(a, Value))
        for length in self.space:
            yield from sources(length)


def element(type_: Type) -> Scalar:
    """The type of an element."""
    return Scalar(dtype_of(type_), isinstance(type_, Scalar) and type_.weak)


class Members:
    """Makes members of equations."""

    def __init__(self, reader: Reader, lengths: Lengths) -> None:
        self.reader = reader
        self.lengths = lengths

    def member(self, eqn: Eqn) -> Member | None:
        """An equation as a member of loops, or None if it cannot be one."""
        if len(eqn.results) != 1 or not eqn.operands:
            return None
        found = self.attempt(eqn)
        if found is None or all(length == 1 for length in found.space):
            return None
        return found if found.kept == () or any(k is not None for k in found.kept) else None

    def attempt(self, eqn: Eqn) -> Member | None:
        """The same, whatever its lengths."""
        match eqn.primitive:
            case "copy":
                return self.elementwise(eqn) if self.is_seen_through(eqn) else None
            case name if PRIMITIVES[name].elementwise:
                return self.elementwise(eqn) if isinstance(eqn.results[0].type, Array) else None
            case name if name in REDUCTIONS:
                return self.reduction(eqn)
            case "unbroadcast":
                return self.summed_back(eqn) if isinstance(eqn.operands[0].type, Array) else None
            case "accumulate" if eqn["index"] == ():
                return self.addition(eqn)
            case "store" | "accumulate":
                return self.write(eqn)
        return None

    def elementwise(self, eqn: Eqn) -> Member | None:
        """An elementwise operation whose result has the same dtype on numbers."""
        about, result = PRIMITIVES[eqn.primitive], eqn.results[0]
        if eqn.primitive == "stop_gradient":
            return None
        scalars = tuple(element(o.type) for o in eqn.operands)
        if eqn.primitive != "copy" and dtype_of(about.infer(scalars, dict(eqn.params))[0]) != dtype_of(result.type):
            return None
        if eqn.primitive in FLOATING_ONLY and not is_float(dtype_of(result.type)):
            return None
        if any(np.dtype(s.dtype).kind not in "fcb" and s.dtype != "int64" for s in (*scalars, element(result.type))):
            return None
        space = self.lengths.of(result)
        operands = self.aligned(eqn.operands, space, result)
        return Member(eqn, space, operands, kept_axes(space))

    def is_seen_through(self, eqn: Eqn) -> bool:
        """Whether an equation takes an array that is only another look at one."""
        operand = eqn.operands[0]
        return isinstance(operand.type, Array) and self.reader.access(operand, eqn.results[0]).base is not operand

    def reduction(self, eqn: Eqn) -> Member | None:
        """A reduction of floating-point numbers; of integers, their sum."""
        operand, n = eqn.operands[0], rank(eqn.operands[0].type)
        dtype = dtype_of(operand.type)
        if not (is_float(dtype) or (eqn.primitive == "sum" and dtype in ("int64", "bool"))):
            return None
        if is_complex(dtype) and eqn.primitive in ("max", "min"):
            return None
        gone = axes_of(eqn["axis"], n)
        space = self.lengths.of(operand)
        kept = tuple(None if k in gone else k for k in range(n) if eqn["keepdims"] or k not in gone)
        operands = self.aligned(eqn.operands[:1], space, eqn.results[0])
        return Member(eqn, space, operands, unit_free(kept, space), eqn.primitive)

    def summed_back(self, eqn: Eqn) -> Member | None:
        """An `unbroadcast` that is known to sum over certain axes."""
        space, result = self.lengths.of(eqn.operands[0]), eqn.results[0]
        after = tuple(self.lengths.source(o) for o in eqn.operands[1:])
        lead = len(space) - len(after)
        if any(length not in (1, space[lead + k]) for k, length in enumerate(after)) or after == space:
            return None
        kept = tuple(None if length == 1 else lead + k for k, length in enumerate(after))
        return Member(eqn, space, self.aligned(eqn.operands[:1], space, result), kept, "sum")

    def addition(self, eqn: Eqn) -> Member | None:
        """An array added to another as a whole."""
        into, value = eqn.operands
        if not isinstance(into, Value) or not isinstance(into.type, Array) or not into.type.contiguous:
            return None
        if dtype_of(value.type) != into.type.dtype or rank(value.type) > into.type.rank:
            return None
        space = self.lengths.of(into)
        operands = self.aligned((into, value), space, eqn.results[0])
        if not isinstance(operands[0].access.base.type, Array):  # a fill: what is added to it is a new array
            return Member(eqn, space, operands, kept_axes(space))
        index = tuple(Index(None if length == 1 else k) for k, length in enumerate(space))
        itself = Operand(into, Access(into, index, into.type.dtype))
        return Member(eqn, space, (itself, *operands[1:]), kept_axes(space), into=into)

    def write(self, eqn: Eqn) -> Member | None:
        """What is written into, or added to, a part of an array that slices cut out."""
        into, value = eqn.operands[:2]
        codes, parts = eqn["index"], eqn.operands[2:]
        if not isinstance(into, Value) or not isinstance(into.type, Array) or not into.type.contiguous:
            return None
        if not isinstance(value.type, Array | Scalar):  # registers are stored as they are
            return None
        if any(code[0] not in "isn" for code in codes) or is_complex(dtype_of(value.type)) > is_complex(
            into.type.dtype
        ):
            return None
        space = self.lengths.selected(into, codes, parts)
        target = None if None in space else slice_index(codes, parts, into.type.rank)
        if target is None or rank(value.type) > len(space):
            return None
        known = tuple(length for length in space if length is not None)
        operands = self.aligned((value,), known, eqn.results[0])
        return Member(eqn, known, operands, (), into=into, target=target)

    def aligned(self, atoms: Sequence[Atom], space: tuple[Length, ...], user: Value) -> tuple[Operand, ...]:
        """How operands are read, in terms of the axes of a space that they are broadcast to."""
        return tuple(self.operand(atom, space, user) for atom in atoms)

    def operand(self, atom: Atom, space: tuple[Length, ...], user: Value) -> Operand:
        """How one operand is read."""
        own = self.lengths.of(atom)
        lead = len(space) - len(own)
        if any(length not in (1, space[lead + k]) for k, length in enumerate(own)):
            index = tuple(Index(None if length == 1 else lead + k) for k, length in enumerate(own))
            return Operand(atom, Access(atom, index, dtype_of(atom.type)), repeated=True)
        access = self.reader.access(atom, user)
        index = tuple(
            Index(None, i.offset) if i.axis is None or own[i.axis] == 1 else Index(lead + i.axis, i.offset)
            for i in access.index
        )
        return Operand(atom, replace(access, index=index))


def kept_axes(space: tuple[Length, ...]) -> tuple[int | None, ...]:
    """The axes of a result that has all axes of a space; None for those of length 1."""
    return unit_free(tuple(range(len(space))), space)


def unit_free(kept: Sequence[int | None], space: tuple[Length, ...]) -> tuple[int | None, ...]:
    """The axes, with None for those that are known to have length 1."""
    return tuple(None if k is None or space[k] == 1 else k for k in kept)
