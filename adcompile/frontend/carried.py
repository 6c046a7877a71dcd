"""What is known of a loop: how it runs, what its iterations hand on, and what the last one leaves behind.

Found out in `loops` and `covering`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from adcompile.frontend.structure import ArrayRef, Missing, Obj, Ref, Scope, State, Step, objects_in, remake, same
from adcompile.ir.nodes import Atom, Const, Undef, Value
from adcompile.ir.types import Type
from adcompile.span import Span

Location = tuple[Scope, str] | Obj


@dataclass(frozen=True)
class Carried:
    """An atom that each iteration takes from the one before."""

    type: Type
    name: str = ""
    span: Span | None = None


@dataclass(frozen=True)
class CarriedArray:
    """An array variable that is another array in each iteration; `obj` stands for it."""

    type: Type
    obj: Obj


@dataclass
class CarriedObject:
    """A list, dict or record variable that is another one in each iteration; `obj` stands for it, `content` is the spec of what it holds."""

    obj: Obj
    content: Any


@dataclass
class Header:
    """How a loop runs: counted by `bounds`, or as long as `cond` says."""

    span: Span | None
    bounds: tuple[Atom, Atom, Atom] | None = None
    parallel: bool = False
    #: name of the loop index
    index: str = ""
    cond: Callable[[], Atom] | None = None
    #: loops of at most this many iterations, if that is known, are written out
    written_out: int = 0
    #: whether there is at least one iteration
    runs: bool = False
    #: whether it matters afterwards that the loop was left by `break`, and whether there is no other way out
    tells: bool = False
    endless: bool = False
    #: what is live at the head and after the loop; None for everything
    head: frozenset[str] | None = None
    after: frozenset[str] | None = None

    @property
    def place(self) -> str:
        """The loop as a message names it."""
        return f"the loop at line {self.span.line}" if self.span else "the loop"


@dataclass
class Plan:
    """What is carried, by location, and which objects may share memory at the head of an iteration."""

    specs: dict[Location, Any] = field(default_factory=dict)
    entangled: set[frozenset[Obj]] = field(default_factory=set)


@dataclass
class Late:
    """Results of a loop that are written by its last iteration only."""

    end: State
    outside: set[Obj]
    span: Span | None
    specs: dict[Location, Any] = field(default_factory=dict)
    inits: list[Atom] = field(default_factory=list)
    nexts: list[Atom] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    #: variables that have a value only where the loop was left by `break`, and why not otherwise
    partial: dict[str, Missing] = field(default_factory=dict)

    def add(self, location: tuple[Scope, str], value: Any, init: Atom | None = None) -> None:
        """Make a variable of the last iteration, and the objects it refers to, available after the loop."""
        name = "" if location[1].startswith("<") else location[1]
        self.specs[location] = self.spec(value, name, init)
        pending = objects_in([value], self.end) - self.outside
        for obj in self.end.heap:
            if obj in pending and obj not in self.specs:
                self.specs[obj] = self.spec(self.end.heap[obj], obj.name)

    def spec(self, value: Any, name: str, init: Atom | None = None) -> Any:
        """The spec of a value, with its atoms entered as results."""
        match value:
            case Value() | Const():
                return self.leaf(value, name, init)
            case ArrayRef(obj, path):
                steps = (Step(s.primitive, tuple(self.leaf(o, "") for o in s.operands), s.params) for s in path)
                return ArrayRef(obj, tuple(steps))
            case tuple():
                return remake(value, [self.spec(part, name) for part in value])
            case dict():
                return {k: self.spec(part, name) for k, part in value.items()}
        return value

    def leaf(self, atom: Atom, name: str, init: Atom | None = None) -> Any:
        """One atom of the last iteration."""
        if isinstance(atom, Const) and init is None:
            return atom
        self.nexts.append(atom)
        self.inits.append(init if init is not None else Undef(atom.type))
        self.names.append(name)
        return Carried(atom.type, name, self.span)


def carried_objects(spec: Any, first: Any, last: Any, entry: State, end: State) -> Iterator[tuple[Obj, Obj, Obj]]:
    """For each object that is carried: the one that stands for it, and those before the loop and at the end of an iteration."""
    match spec, first, last:
        case CarriedArray(), ArrayRef(), ArrayRef():
            yield spec.obj, first.obj, last.obj
        case CarriedObject(), Ref(), Ref():
            yield spec.obj, first.obj, last.obj
            contents = entry.content(first.obj), end.content(last.obj)
            yield from held_by(spec.obj, spec.content, *contents)
            yield from carried_objects(spec.content, *contents, entry, end)
        case tuple(), tuple(), tuple():
            for s, p, q in zip(spec, first, last, strict=True):
                yield from carried_objects(s, p, q, entry, end)
        case dict(), dict(), dict():
            for key in spec:
                yield from carried_objects(spec[key], first[key], last[key], entry, end)


def held_by(obj: Obj, spec: Any, *contents: Any) -> Iterator[tuple[Obj, Obj, Obj]]:
    """The arrays that a list holds where it begins to grow, as `carried_objects` gives them."""
    if isinstance(spec, Carried):
        for part in (part for content in contents if isinstance(content, tuple) for part in content):
            if isinstance(part, ArrayRef):
                yield obj, part.obj, part.obj


def same_spec(a: Any, b: Any) -> bool:
    """Whether nothing was added to a spec."""
    match a, b:
        case (Carried(), Carried()) | (CarriedArray(), CarriedArray()):
            return bool(a.type == b.type)
        case CarriedObject(), CarriedObject():
            return a.obj is b.obj and same_spec(a.content, b.content)
        case tuple(), tuple():
            return len(a) == len(b) and all(map(same_spec, a, b))
        case dict(), dict():
            return list(a) == list(b) and all(same_spec(a[k], b[k]) for k in a)
        case ArrayRef(), ArrayRef():
            return a.obj is b.obj and all(
                same_spec(x, y)
                for p, q in zip(a.path, b.path, strict=True)
                for x, y in zip(p.operands, q.operands, strict=True)
            )
        case Missing(), Missing():
            return True
    return same(a, b)


def is_nonnegative(atom: Atom, known: set[Value]) -> bool:
    """Whether an integer is plainly not negative."""
    if isinstance(atom, Const):
        return bool(atom.value >= 0)
    return atom in known
