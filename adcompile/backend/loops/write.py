"""Writes a nest: the loops over the axes, with what is computed for each element as numbers.

Only what is wanted outside of the nest is stored. What runs in which loop is decided in `nest`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from adcompile.analyses.lengths import Length
from adcompile.backend.loops.groups import Place, Statement
from adcompile.backend.loops.members import Operand
from adcompile.backend.loops.nest import Nest
from adcompile.backend.loops.reading import ZERO, Index
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom, Const, For, Value
from adcompile.ir.types import INT, WEAK_INT, Array, Scalar, dtype_of, rank

INDICES = "ijklmn"
START = {"sum": 0.0, "prod": 1.0, "max": -math.inf, "min": math.inf}
EMPTY = "zero-size array to reduction operation {} which has no identity"


@dataclass
class NestWriter:
    """Writes one nest.

    Attributes
    ----------
    b : Builder
    nest : Nest
    length : callable
        The number that a length is, computed before the nest.
    related : dict
        What values are called after.
    version : dict
        By result or array that is written to: its current version.
    known : dict
        By result: the number computed for the current element.
    indices : list
        The variables of the loops around.
    """

    b: Builder
    nest: Nest
    length: Callable[[Length], Atom]
    related: dict[Value, tuple[Value, str]]
    version: dict[Value, Atom] = field(default_factory=dict)
    known: dict[Value, Atom] = field(default_factory=dict)
    indices: list[Value] = field(default_factory=list)
    arrays: dict[Operand, Atom] = field(default_factory=dict)

    def write(self) -> None:
        """The nest and what it needs before it."""
        statements = list(self.nest.group.statements.values())
        for s in statements:
            self.b.span = s.member.eqn.span
            self.prepare(s)
        self.body(0, statements)

    # -- before the loops -----------------------------------------------------------------------------------------

    def prepare(self, s: Statement) -> None:
        """Repeat operands that may have to be, refuse what is empty, and make room for the result."""
        member = s.member
        for operand in member.operands:
            if operand.repeated:
                space = member.space[len(member.space) - rank(operand.atom.type) :]
                axes = [1 if i.axis is None else n for i, n in zip(operand.access.index, space, strict=True)]
                self.arrays[operand] = self.b.emit("broadcast_to", operand.atom, *map(self.length, axes))
        if member.reduces in ("max", "min"):
            self.refuse_empty(s)
        self.version.update(self.room(s))

    def refuse_empty(self, s: Statement) -> None:
        """Raise where there is nothing to take the extreme of."""
        member = s.member
        for axis, k in enumerate(s.loops):
            if k is not None and k not in s.place:
                empty = self.b.emit("eq", self.length(member.space[axis]), const(0))
                with self.b.block() as then:
                    self.b.emit("raise", exception="ValueError", message=EMPTY.format(member.reduces))
                with self.b.block() as orelse:
                    pass
                self.b.if_(empty, self.b.finish(then, (), ()), self.b.finish(orelse, (), ()))

    def room(self, s: Statement) -> dict[Value, Atom]:
        """The array that a result is written to, if it is."""
        result, nest = s.member.result, self.nest
        if result in nest.targets:
            return {result: nest.targets[result]}
        if s.member.target:
            return {}  # a later addition to the same array has it
        if result in nest.scratch:
            lengths = nest.group.lengths[nest.scratch[result] : nest.level(result)]
            return {result: self.b.emit("empty", *map(self.length, lengths), dtype=dtype_of(result.type))}
        if not isinstance(result.type, Array) or not (result in nest.outputs or s.level is None):
            return {}
        dims = [const(1) if k is None else self.length(nest.group.lengths[k]) for k in s.place]
        dtype = result.type.dtype
        if s.level is not None or s.member.reduces == "sum":
            return {result: self.b.emit("zeros" if s.level is None else "empty", *dims, dtype=dtype, name=result.name)}
        return {result: self.b.emit("full", self.start(s), *dims, dtype=dtype, name=result.name)}

    def start(self, s: Statement) -> Const:
        """What a reduction starts from."""
        dtype = dtype_of(s.member.result.type)
        kind = {"i": int, "c": complex}.get(np.dtype(dtype).kind, float)
        return Const(kind(START[s.member.reduces]), Scalar(dtype))

    # -- loops ----------------------------------------------------------------------------------------------------

    def body(self, level: int, statements: Sequence[Statement]) -> None:
        """What is done with the indices of the outer loops given: numbers, and loops over the next axis."""
        phase = {s: self.nest.path[s.member.result][level] for s in statements}
        for current in range(max(phase.values(), default=-1) + 1):
            now = [s for s in statements if phase[s] == current]
            for s in now:
                if s.depth == level:
                    self.compute(s)
            deeper = [s for s in now if s.depth > level]
            if deeper:
                self.loop(level, deeper)

    def loop(self, level: int, statements: Sequence[Statement]) -> None:
        """One loop over the axis `level`."""
        nest = self.nest
        self.hoist(level, statements)
        stored = nest.arrays(statements, level)
        sums = [s for s in statements if s.member.reduces and s.level is not None and s.level <= level]
        sums += [s for s in statements if s.split and s.inner <= level]
        for s in sums:
            if s.member.result not in self.known:
                self.known[s.member.result] = self.start(s)
        inits = [self.version[v] for v in stored] + [self.known[s.member.result] for s in sums]
        index = Value(INT, INDICES[level], statements[0].member.eqn.span)
        params = [self.renamed(v, self.version[v]) for v in stored]
        params += [self.renamed(s.member.result, self.known[s.member.result]) for s in sums]
        around = dict(self.known)
        with self.b.block() as frame:
            self.indices.append(index)
            self.version.update(zip(stored, params, strict=False))
            self.known.update(zip((s.member.result for s in sums), params[len(stored) :], strict=True))
            self.body(level + 1, statements)
            self.indices.pop()
            nexts = [self.version[v] for v in stored] + [self.known[s.member.result] for s in sums]
        body = self.b.finish(frame, (index, *params), nexts)
        self.known = around
        results = self.results(level, [*stored, *(s.member.result for s in sums)], params)
        bounds = (ZERO, self.length(nest.group.lengths[level]), Const(1, WEAK_INT))
        comment = "" if level else self.account(statements)
        self.b.append(For(*bounds, tuple(inits), body, results, span=index.span, comment=comment))
        self.version.update(zip(stored, results, strict=False))
        self.known.update(zip((s.member.result for s in sums), results[len(stored) :], strict=True))
        self.complete(level, sums)

    def account(self, statements: Sequence[Statement]) -> str:
        """What a nest stands for: lines of the user's program, and of how many operations on arrays."""
        spans = [s.member.eqn.span for s in statements if s.member.eqn.span]
        lines = sorted({span.line for span in spans})
        bars = {self.related.get(s.member.result, (None, ""))[1].endswith("_bar") for s in statements}
        sweeps = "" if bars == {False} else ", forward and reverse" if len(bars) == 2 else ", reversed"
        where = f"line {lines[0]}" if len(lines) == 1 else f"lines {', '.join(map(str, lines))}"
        return f"{where}: {len(statements)} operations fused{sweeps}" if len(statements) > 1 and lines else ""

    def results(self, level: int, keys: Sequence[Value], params: Sequence[Value]) -> tuple[Value, ...]:
        """What the loop yields: after the outermost one, the values that the nest was made for."""
        final = [level == 0 and key not in self.nest.scratch for key in keys]
        return tuple(
            key if last else Value(p.type, p.name, p.span) for key, p, last in zip(keys, params, final, strict=True)
        )

    def renamed(self, key: Value, atom: Atom) -> Value:
        """A carried value that stands for an atom inside of a loop."""
        value = Value(atom.type, key.name, key.span)
        if key in self.related:
            self.related[value] = self.related[key]
        return value

    def hoist(self, level: int, statements: Sequence[Statement]) -> None:
        """Load before a loop what does not depend on it."""
        for s in statements:
            for operand in s.member.operands:
                base, place = operand.access.base, s.index(operand)
                made = base in self.nest.group.statements or base is s.member.into
                if not made and all(k is None or k < level for k in place):
                    self.read(s, operand)

    def complete(self, level: int, sums: Sequence[Statement]) -> None:
        """Write what a loop has summed up to where it is wanted."""
        for s in sums:
            if s.split and s.inner == level:
                self.gather(s, self.known.pop(s.member.result))
            elif s.level == level and level > 0:
                self.store(s, self.known[s.member.result])

    # -- statements -----------------------------------------------------------------------------------------------

    def compute(self, s: Statement) -> None:
        """One statement for the current element."""
        self.b.span = s.member.eqn.span
        if s.member.target:
            self.write_part(s)
        elif s.member.result in self.nest.last:
            self.add_in_place(s)
        elif not s.member.reduces:
            value = self.value(s)
            self.known[s.member.result] = value
            self.store(s, value)
        elif s.level is not None or s.split:
            before = self.known[s.member.result]
            self.known[s.member.result] = self.joined(s, before, self.summand(s))
        else:
            self.gather(s, self.summand(s))

    def value(self, s: Statement) -> Atom:
        """The element of an elementwise result."""
        eqn = s.member.eqn
        operands = [self.read(s, operand) for operand in s.member.operands]
        primitive = "add" if eqn.primitive == "accumulate" else eqn.primitive
        params = {} if primitive == "add" else dict(eqn.params)
        result = s.member.result
        if primitive == "copy":
            return operands[0]
        value = self.strong(self.b.emit(primitive, *operands, name=self.name(result), **params), result)
        if isinstance(value, Value) and result in self.related:
            self.related.setdefault(value, self.related[result])
        return value

    def name(self, result: Value) -> str:
        """What the element of a result is called: after the array, if there is none."""
        return "" if result in self.version else result.name

    def strong(self, atom: Atom, result: Value) -> Atom:
        """An atom in the dtype of a result, and not open to another."""
        dtype = dtype_of(result.type)
        atom = self.b.to_dtype(atom, dtype)
        if isinstance(atom, Value) and isinstance(atom.type, Scalar) and atom.type.weak and dtype != "bool":
            return self.b.emit("cast", atom, dtype=dtype)  # type: ignore[no-any-return]
        return atom

    def summand(self, s: Statement) -> Atom:
        """What a reduction takes in for the current element."""
        return self.b.to_dtype(self.read(s, s.member.operands[0]), dtype_of(s.member.result.type))

    def joined(self, s: Statement, before: Atom, value: Atom) -> Atom:
        """A reduction with one more element; NaN wins."""
        match s.member.reduces:
            case "sum":
                return self.b.emit("add", before, value)  # type: ignore[no-any-return]
            case "prod":
                return self.b.emit("mul", before, value)  # type: ignore[no-any-return]
        better = self.b.emit("gt" if s.member.reduces == "max" else "lt", value, before)
        takes = self.b.emit("logical_or", better, self.b.emit("ne", value, value))
        return self.b.emit("where", takes, value, before)  # type: ignore[no-any-return]

    def add_in_place(self, s: Statement) -> None:
        """Add to an array that is there already; the last of several additions writes their sum."""
        result, last, place = s.member.result, self.nest.last[s.member.result], self.place(s.place)
        value, array, index = self.read(s, s.member.operands[1]), self.version[last], ("i",) * len(place)
        if result is last and not any(result in self.nest.reads(o) for o in self.nest.group.statements.values()):
            self.version[result] = self.b.emit("accumulate", array, value, *place, index=index)
            return
        self.known[result] = self.b.emit("add", self.b.emit("load", array, *place, index=index), value)
        self.store(s, self.known[result])

    def write_part(self, s: Statement) -> None:
        """Write into a part of an array, or add to it."""
        result, place = self.nest.last[s.member.result], self.at(s, s.member.target)
        value = self.b.to_dtype(self.read(s, s.member.operands[0]), dtype_of(result.type))
        index = ("i",) * len(place)
        self.version[result] = self.b.emit(s.member.eqn.primitive, self.version[result], value, *place, index=index)

    def gather(self, s: Statement, value: Atom) -> None:
        """Take a value into a reduction that is kept in an array."""
        place, array = self.place(s.place), self.version[s.member.result]
        index = ("i",) * len(place)
        if s.member.reduces == "sum":
            self.version[s.member.result] = self.b.emit("accumulate", array, value, *place, index=index)
            return
        joined = self.joined(s, self.b.emit("load", array, *place, index=index), value)
        self.version[s.member.result] = self.b.emit("store", array, joined, *place, index=index)

    def store(self, s: Statement, value: Atom) -> None:
        """Write a result to its array, if it has one."""
        result, nest = s.member.result, self.nest
        if result not in self.version:
            return
        place = self.place(s.place)
        if result in nest.scratch:
            place = list(self.indices[nest.scratch[result] : nest.level(result)])
        self.version[result] = self.b.emit("store", self.version[result], value, *place, index=("i",) * len(place))

    # -- elements -------------------------------------------------------------------------------------------------

    def place(self, loops: Place) -> list[Atom]:
        """The indices of the current element of an array."""
        return [ZERO if k is None else self.indices[k] for k in loops]

    def at(self, s: Statement, index: Sequence[Index]) -> list[Atom]:
        """The indices of an element that lies where an index of a statement says."""
        found: list[Atom] = []
        for i in index:
            loop = None if i.axis is None else s.loops[i.axis]
            if loop is None or i.offset == ZERO:
                found.append(i.offset if loop is None else self.indices[loop])
            else:
                found.append(self.b.emit("add", self.indices[loop], i.offset))
        return found

    def read(self, s: Statement, operand: Operand) -> Atom:
        """The current element of an operand."""
        access = operand.access
        if operand not in self.arrays and access.base in self.nest.group.statements:
            return self.made(access.base)  # type: ignore[arg-type]
        base = self.arrays.get(operand, access.base)
        if not isinstance(base.type, Array):
            return self.b.to_dtype(base, access.dtype) if dtype_of(base.type) != access.dtype else base
        place = self.at(s, access.index)
        return self.b.emit("load", base, *place, index=("i",) * len(place))  # type: ignore[no-any-return]

    def made(self, key: Value) -> Atom:
        """The current element of a result of the nest: as computed, loaded again, or computed again."""
        if key in self.known:
            return self.known[key]
        s = self.nest.group.statements[key]
        if key in self.version:
            place = self.place(s.place)
            if key in self.nest.scratch:
                place = list(self.indices[self.nest.scratch[key] : self.nest.level(key)])
            atom: Atom = self.b.emit("load", self.version[key], *place, index=("i",) * len(place))
        else:
            atom = self.value(s)
        self.known[key] = atom
        return atom
