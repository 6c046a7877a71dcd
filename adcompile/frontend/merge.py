"""Where two paths of a program meet: what differs between their states becomes a result of an `If`.

What loops carry from one iteration to the next is in `loops`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from adcompile.frontend.core import BREAK, RESULT, RETURN, Core, Unreachable, is_const
from adcompile.frontend.structure import (
    STALE,
    UNSET,
    ArrayRef,
    Missing,
    Obj,
    Ref,
    Scope,
    State,
    Step,
    Unset,
    is_atom,
    remake,
    same,
)
from adcompile.ir.build import Frame
from adcompile.ir.nodes import Atom, Const, If, Undef, Value, results_of
from adcompile.ir.types import Array, List, Scalar, Type, dtype_of, unify


@dataclass
class Path:
    """One of two ways through a program: the block it has become, and the state at its end."""

    frame: Frame
    state: State

    @cached_property
    def made(self) -> set[Value]:
        """The values made on this path, which cannot be seen from outside."""
        return {r for node in self.frame.nodes for r in results_of(node)}


class Merging(Core):
    """Adds choices between two paths to the lowering."""

    def branch(self, body: Callable[[], None]) -> Path:
        """Lower one path from here, leaving the current state as it is."""
        before = self.state
        self.state = before.copy()
        try:
            with self.b.block() as frame:
                try:
                    body()
                except Unreachable:
                    self.state.dead = True
            return Path(frame, self.state)
        finally:
            self.state = before

    def choose(
        self, cond: Atom, then: Callable[[], None], orelse: Callable[[], None], live: frozenset[str] | None
    ) -> None:
        """Lower both sides of a condition known only at run time, and go on where they meet."""
        self.join(cond, self.branch(then), self.branch(orelse), live)

    def join(self, cond: Atom, then: Path, orelse: Path, live: frozenset[str] | None) -> None:
        """Append the `If` of two paths; `live` are the variables that are read afterwards, None for all."""
        join = Join(self, cond, then, orelse)
        self.state = join.merged(live)
        if then.frame.nodes or orelse.frame.nodes or join.results:
            ours = self.b.finish(then.frame, (), join.ours)
            theirs = self.b.finish(orelse.frame, (), join.theirs)
            self.b.append(If(cond, ours, theirs, tuple(join.results), self.b.span, self.b.comment))

    def materialise(self, ref: ArrayRef) -> Atom:
        """The current version of an array as seen through the views of a reference."""
        value: Atom = self.content(ref)
        for step in ref.path:
            value = self.b.emit(step.primitive, value, *step.operands, **dict(step.params))
        return value

    def bring(self, atom: Atom, type_: Type) -> Atom:
        """An atom as a value of the type where paths meet."""
        if atom.type == type_:
            return atom
        match type_:
            case Scalar(dtype):
                if isinstance(atom, Const):
                    return Const(np.dtype(dtype).type(atom.value).item(), type_)
                if dtype_of(atom.type) != dtype:
                    result: Atom = self.b.emit("cast", atom, dtype=dtype)
                    return result
            case Array(contiguous=True):
                result = self.b.emit("copy", atom)
                return result
        return atom

    def elements_to_list(self, content: Any, element: Type) -> Atom:
        """The content of a list as an atom that can grow."""
        if is_atom(content):
            result: Atom = content
            return result
        parts = [self.element(part, element) for part in content]
        result = self.b.emit("list_new", *parts, element=element)
        return result

    def element(self, value: Any, element: Type) -> Atom:
        """A value as an element of a list that grows."""
        atom = self.materialise(value) if isinstance(value, ArrayRef) else value
        return self.bring(atom, element)

    def element_type(self, content: Any) -> Type | None:
        """What a list holds: one type for all, or None."""
        if is_atom(content):
            return content.type.element  # type: ignore[no-any-return]
        found: Type | None = None
        for part in content:
            type_ = self.type_of(part)
            match type_:
                case Scalar(dtype):
                    type_ = Scalar(dtype)
                case Array(dtype, n):
                    type_ = Array(dtype, n)
                case _:
                    return None
            found = type_ if found is None else unify(found, type_)
            if found is None:
                return None
        return found

    def type_of(self, value: Any) -> Type | None:
        """The type of a number, array or growing list; None for structure."""
        match value:
            case Value() | Const():
                return value.type
            case ArrayRef():
                with self.b.block():
                    return self.materialise(value).type
            case Ref(obj) if is_atom(self.state.content(obj)):
                return self.state.content(obj).type  # type: ignore[no-any-return]
        return None

    def type_in(self, ref: ArrayRef, state: State) -> Type | None:
        """The type of what a reference stands for in a state."""
        before, self.state = self.state, state
        try:
            return self.type_of(ref)
        finally:
            self.state = before


def meeting_type(a: Type, b: Type) -> Type | None:
    """The type of a value where two paths meet; of two layouts of an array the contiguous one."""
    type_ = unify(a, b)
    if isinstance(type_, Array) and isinstance(a, Array) and isinstance(b, Array):
        return Array(type_.dtype, type_.rank, a.contiguous or b.contiguous)
    if isinstance(type_, List) and a != b:
        return None
    return type_


@dataclass
class Join:
    """The merging of two states: what each side yields, and the results they become."""

    low: Merging
    cond: Atom
    then: Path
    orelse: Path
    ours: list[Atom] = field(default_factory=list)
    theirs: list[Atom] = field(default_factory=list)
    results: list[Value] = field(default_factory=list)
    #: pairs of atoms that have become results already
    known: dict[tuple[Atom, Atom], Value] = field(default_factory=dict)
    #: pairs of references that have become new objects already
    refs: dict[tuple[Any, Any], ArrayRef | Ref] = field(default_factory=dict)
    state: State = field(default_factory=State)

    def merged(self, live: frozenset[str] | None) -> State:
        """The state where the two paths meet."""
        a, b = self.then.state, self.orelse.state
        self.state.dead = a.dead and b.dead
        if self.state.dead:
            return State(a.variables, a.heap, a.entangled, a.constants, dead=True)
        self.state.constants = a.constants
        for obj in {**a.heap, **b.heap}:
            shared = a.entangled.get(obj, frozenset()) | b.entangled.get(obj, frozenset())
            if shared:
                self.state.entangled[obj] = shared
        for obj in a.heap:
            if obj in b.heap:
                self.state.heap[obj] = a.heap[obj] if same(a.heap[obj], b.heap[obj]) else STALE
        for scope in a.variables:
            if scope in b.variables:
                self.state.variables[scope] = self.variables(scope, live)
        self.merge_contents(live)
        self.entangle_new()
        return self.state

    def merge_contents(self, live: frozenset[str] | None) -> None:
        """Merge what the objects hold that can still be reached and have changed."""
        a, b = self.then.state.heap, self.orelse.state.heap
        changed = [obj for obj in a if obj in b and self.state.heap[obj] is STALE]
        while changed:
            kept = self.low.kept(self.state, live)
            now = [obj for obj in changed if obj in kept]
            if not now:
                break
            for obj in now:
                self.state.heap[obj] = self.content(obj, a[obj], b[obj])
            changed = [obj for obj in changed if obj not in kept]

    def content(self, obj: Obj, a: Any, b: Any) -> Any:
        """What an object holds after both paths."""
        if self.then.state.dead or self.orelse.state.dead:
            return self.survivor(a, b)
        if (
            obj.kind == "list"
            and not same(a, b)
            and not (isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b))
        ):
            return self.lists(obj, a, b)
        return self.value(a, b, obj.name)

    def lists(self, obj: Obj, a: Any, b: Any) -> Any:
        """A list that has grown on one path only: its length is no longer known."""
        with self.low.on(self.then.frame, self.then.state):
            ours = self.low.element_type(a) if len_known(a) != 0 else None
        with self.low.on(self.orelse.frame, self.orelse.state):
            theirs = self.low.element_type(b) if len_known(b) != 0 else None
        element = unify(ours, theirs) if ours and theirs else ours or theirs
        if element is None:
            return Missing(
                f"`{obj.name or 'this list'}` has no known length here",
                f"its length differs between the two paths of {self.place}, and it holds more than numbers or arrays of one type",
                "build it the same way on both paths",
                mixed=True,
            )
        for part in (part for content in (a, b) if isinstance(content, tuple) for part in content):
            if isinstance(part, ArrayRef):
                self.state.entangle(obj, part.obj)
        with self.low.on(self.then.frame, self.then.state):
            x = self.low.elements_to_list(a, element)
        with self.low.on(self.orelse.frame, self.orelse.state):
            y = self.low.elements_to_list(b, element)
        return self.value(x, y, obj.name)

    def variables(self, scope: Scope, live: frozenset[str] | None) -> dict[str, Any]:
        """The variables of a scope after both paths."""
        a, b = self.then.state.variables[scope], self.orelse.state.variables[scope]
        merged: dict[str, Any] = {}
        here = self.low.here.scope
        for name in [*a, *(n for n in b if n not in a)]:
            if scope is here and live is not None and name not in live and not name.startswith("<"):
                continue
            value = self.variable(scope, name, a.get(name, UNSET), b.get(name, UNSET))
            if value is not UNSET or name.startswith("<"):
                merged[name] = value
        return merged

    def variable(self, scope: Scope, name: str, a: Any, b: Any) -> Any:
        """One variable after both paths; a path that has left the function has no say."""
        left = self.left(scope, self.then.state), self.left(scope, self.orelse.state)
        pseudo = name.startswith("<")
        if self.then.state.dead or (left[0] and not pseudo) or (name == RESULT and a is UNSET):
            return self.export(b, self.orelse, first=False)
        if self.orelse.state.dead or (left[1] and not pseudo) or (name == RESULT and b is UNSET):
            return self.export(a, self.then, first=True)
        if isinstance(a, Missing | Unset) or isinstance(b, Missing | Unset):
            return self.missing(scope, name, a, b)
        return self.value(a, b, name)

    def missing(self, scope: Scope, name: str, a: Any, b: Any) -> Any:
        """A variable that has no value on one of the paths, or not on all of what led there."""
        ours, theirs = self.on_break(a, scope, self.then.state), self.on_break(b, scope, self.orelse.state)
        value: Any = UNSET
        if ours is not None and theirs is not None and not (ours is UNSET and theirs is UNSET):
            value = self.breaking(ours, theirs, name)
        known = next((x for x in (a, b) if isinstance(x, Missing)), None)
        if known is not None:
            return replace(known, value=value)
        return Missing(
            f"`{name}` has no value here",
            f"assigned only on one path of {self.place}",
            f"assign `{name}` before the `if`",
            value,
        )

    def on_break(self, x: Any, scope: Scope, state: State) -> Any:
        """What a variable is worth if a path has met `break`: UNSET if it never does, None if it may have no value."""
        if isinstance(x, Missing):
            x = x.value
        if x is not UNSET:
            return x
        flag = state.variables[scope].get(BREAK)
        return UNSET if is_const(flag, False) else None

    def breaking(self, ours: Any, theirs: Any, name: str) -> Any:
        """A value that is there only where the loop is left."""
        if ours is UNSET:
            return self.export(theirs, self.orelse, first=False)
        if theirs is UNSET:
            return self.export(ours, self.then, first=True)
        merged = self.value(ours, theirs, name)
        return UNSET if isinstance(merged, Missing) else merged

    def left(self, scope: Scope, state: State) -> bool:
        """Whether a path has returned from the function that a scope belongs to."""
        return scope is self.low.home() and is_const(state.variables[scope].get(RETURN), True)

    @property
    def place(self) -> str:
        """The choice as a message names it."""
        span = self.low.b.span
        return f"the `if` at line {span.line}" if span else "an `if`"

    # -- values -------------------------------------------------------------------------------------------------

    def value(self, a: Any, b: Any, name: str) -> Any:
        """A value after both paths."""
        if same(a, b):
            return a
        for side in (a, b):
            if isinstance(side, Missing):
                return side
        merged: Any
        match a, b:
            case ((Value() | Const()), (Value() | Const())):
                merged = self.atoms(a, b, name)
            case ArrayRef(), ArrayRef():
                merged = self.arrays(a, b, name)
            case Ref(), Ref() if a.obj.kind == b.obj.kind and a.obj.cls is b.obj.cls:
                merged = self.objects(a, b, name)
            case tuple(), tuple() if type(a) is type(b) and len(a) == len(b):
                return remake(a, [self.value(x, y, name) for x, y in zip(a, b, strict=True)])
            case dict(), dict() if list(a) == list(b):
                return {k: self.value(a[k], b[k], name) for k in a}
            case _:
                merged = None
        return self.conflict(a, b, name) if merged is None else merged

    def conflict(self, a: Any, b: Any, name: str) -> Missing:
        """Two values that no program could hold in one variable."""
        name = "what is returned" if name == RESULT else f"`{name}`"
        ours, theirs = describe_in(a, self.then.state, self.low), describe_in(b, self.orelse.state, self.low)
        return Missing(
            f"{name} has no single type here",
            f"it is {ours} on one path of {self.place}, and {theirs} on the other",
            "give it the same type on both paths",
            mixed=True,
        )

    def atoms(self, a: Atom, b: Atom, name: str) -> Atom | None:
        """A number, flag, array version or growing list after both paths."""
        if is_const(a, True) and is_const(b, False):
            return self.cond
        if is_const(a, False) and is_const(b, True):
            flag: Atom = self.low.b.emit("logical_not", self.cond)
            return flag
        type_ = meeting_type(a.type, b.type)
        if type_ is None:
            return None
        with self.low.on(self.then.frame, self.then.state):
            x = self.low.bring(a, type_)
        with self.low.on(self.orelse.frame, self.orelse.state):
            y = self.low.bring(b, type_)
        return self.result(x, y, type_, name)

    def result(self, x: Atom, y: Atom, type_: Type, name: str) -> Atom:
        """The result that two atoms become, one for each pair."""
        if (x, y) not in self.known:
            self.known[x, y] = Value(type_, "" if name.startswith("<") else name, self.low.b.span)
            self.ours.append(x)
            self.theirs.append(y)
            self.results.append(self.known[x, y])
        return self.known[x, y]

    def arrays(self, a: ArrayRef, b: ArrayRef, name: str) -> ArrayRef | None:
        """A reference after both paths: the same views of one array with other indices, or one of two arrays."""
        if a.obj is b.obj and shape_of_path(a) == shape_of_path(b):
            steps = []
            for p, q in zip(a.path, b.path, strict=True):
                operands = tuple(
                    self.atoms(x, y, "") if x != y else x for x, y in zip(p.operands, q.operands, strict=True)
                )
                if any(o is None for o in operands):
                    return None
                steps.append(Step(p.primitive, operands, p.params))  # type: ignore[arg-type]
            return ArrayRef(a.obj, tuple(steps))
        if (a, b) not in self.refs:
            with self.low.on(self.then.frame, self.then.state):
                x = self.low.materialise(a)
            with self.low.on(self.orelse.frame, self.orelse.state):
                y = self.low.materialise(b)
            version = self.atoms(x, y, name)
            if version is None:
                return None
            obj = Obj("array", name, self.low.b.span, constant=a.obj.constant or b.obj.constant)
            self.state.heap[obj] = version
            self.refs[a, b] = ArrayRef(obj)
        found = self.refs[a, b]
        assert isinstance(found, ArrayRef)
        return found

    def objects(self, a: Ref, b: Ref, name: str) -> Ref | None:
        """One of two lists, dicts or records."""
        if (a, b) not in self.refs:
            constant = a.obj.constant or b.obj.constant
            obj = Obj(a.obj.kind, name, self.low.b.span, a.obj.cls, constant, {a.obj, b.obj})
            self.state.heap[obj] = self.content(obj, self.then.state.content(a.obj), self.orelse.state.content(b.obj))
            self.refs[a, b] = Ref(obj)
        found = self.refs[a, b]
        assert isinstance(found, Ref)
        return found

    def entangle_new(self) -> None:
        """Note which of the objects that were merged may share memory with others."""
        merged = [(ref.obj, a.obj, b.obj) for (a, b), ref in self.refs.items()]
        for k, (obj, a, b) in enumerate(merged):
            for source in (a, b):
                if source in self.state.heap:
                    self.state.entangle(obj, source)
                for other in self.then.state.entangled.get(a, frozenset()) | self.orelse.state.entangled.get(
                    b, frozenset()
                ):
                    self.state.entangle(obj, other)
            for other, a2, b2 in merged[:k]:
                ours = a is a2 or a2 in self.then.state.entangled.get(a, frozenset())
                if ours or b is b2 or b2 in self.orelse.state.entangled.get(b, frozenset()):
                    self.state.entangle(obj, other)

    # -- one path only ------------------------------------------------------------------------------------------

    def survivor(self, a: Any, b: Any) -> Any:
        """A content where one path never arrives."""
        if self.then.state.dead:
            return self.export(b, self.orelse, first=False)
        return self.export(a, self.then, first=True)

    def export(self, value: Any, path: Path, *, first: bool) -> Any:
        """A value of one path where the other has none: what was made on the path becomes a result."""
        match value:
            case Value() | Const():
                return self.export_atom(value, path, first=first)
            case ArrayRef(obj, steps):
                self.export_content(obj, path, first=first)
                return ArrayRef(
                    obj,
                    tuple(
                        Step(s.primitive, tuple(self.export_atom(o, path, first=first) for o in s.operands), s.params)
                        for s in steps
                    ),
                )
            case Ref(obj):
                self.export_content(obj, path, first=first)
            case tuple():
                return remake(value, [self.export(part, path, first=first) for part in value])
            case dict():
                return {k: self.export(part, path, first=first) for k, part in value.items()}
        return value

    def export_atom(self, atom: Atom, path: Path, *, first: bool) -> Atom:
        """An atom of one path; the other yields no value for it."""
        if atom not in path.made:
            return atom
        nothing = Undef(atom.type)
        ours, theirs = (atom, nothing) if first else (nothing, atom)
        return self.result(ours, theirs, atom.type, getattr(atom, "name", ""))

    def export_content(self, obj: Obj, path: Path, *, first: bool) -> None:
        """Keep an object that exists on one path only."""
        if obj in path.state.heap and obj not in self.state.heap:
            self.state.heap[obj] = None  # a record may hold itself
            self.state.heap[obj] = self.export(path.state.heap[obj], path, first=first)


def shape_of_path(ref: ArrayRef) -> list[Any]:
    """The views of a reference without their operands."""
    return [(step.primitive, len(step.operands), step.params) for step in ref.path]


def len_known(content: Any) -> int | None:
    """The length of a list where it is known."""
    return len(content) if isinstance(content, tuple) else None


def describe_in(value: Any, state: State, low: Core) -> str:
    """A value as a message names it, in another state."""
    before, low.state = low.state, state
    try:
        return low.describe(value)
    finally:
        low.state = before
