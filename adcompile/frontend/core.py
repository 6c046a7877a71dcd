"""What all parts of the lowering share: the builder, the current state, the call in progress, spans and refusals.

Knows no syntax: `expressions`, `statements` and their like add that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

from adcompile.errors import ADError, Unsupported
from adcompile.frontend.liveness import Liveness
from adcompile.frontend.parse import span_of
from adcompile.frontend.structure import ArrayRef, Missing, Obj, Ref, Scope, State, describe, objects_in
from adcompile.ir.build import Builder, Frame
from adcompile.ir.nodes import Atom, Const, Eqn, Function, Value
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import BOOL, Array
from adcompile.span import Span

Thunk = Callable[[], None]

#: pseudo-variables of a call: how the rest of a block is skipped, and what the call returns
RETURN, BREAK, CONTINUE, RESULT, BROKE = "<return>", "<break>", "<continue>", "<result>", "<broke>"
EXITS = (RETURN, BREAK, CONTINUE)


class NeedsUnrolling(Unsupported):
    """Raised where an index must be known when the program is compiled; the loop around it is then unrolled."""


class Mixed(NeedsUnrolling):
    """Raised where the type of a value depends on the iteration; a short loop around it is then unrolled."""


class Unreachable(Exception):
    """Raised where the statement in hand turns out never to finish, such as a call that always raises."""


@dataclass
class Call:
    """One call in progress: its variables, what is live in it, and where its syntax stands."""

    scope: Scope
    liveness: Liveness
    name: str
    #: what may be read after the statement in hand; None where everything may
    live: frozenset[str] | None = None
    #: what is live where `break` and `continue` lead
    targets: frozenset[str] = frozenset()
    #: the place that stands for all of it, for functions that are not the user's own
    span: Span | None = None


class LoweringBuilder(Builder):
    """A builder that shares equal numbers and equal views, but no arrays: each may be written into on its own."""

    def emit(self, primitive: str, *operands: Atom, name: str = "", **params: Any) -> Any:
        shared = self.frames[-1].shared
        count = len(shared)
        result = super().emit(primitive, *operands, name=name, **params)
        fresh = isinstance(result, Value) and isinstance(result.type, Array) and PRIMITIVES[primitive].aliases is None
        if fresh and len(shared) > count:
            shared.popitem()
        return result


@dataclass
class Recorded:
    """What a lowering has read, in order: the texts of functions, and constants by name."""

    sources: dict[str, None] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)


class Core:
    """The state of a lowering. `evaluate`, `execute` and `call` are supplied by the classes built on this one."""

    evaluate: Callable[[Any], Any]
    execute: Callable[[Sequence[Any]], None]
    call: Callable[[Any, list[Any], dict[str, Any], Any], Any]

    def __init__(self) -> None:
        self.b = LoweringBuilder()
        self.state = State()
        self.calls: list[Call] = []
        #: the scopes around a function that is lowered apart: what it assigns there would be lost
        self.outer: frozenset[Scope] = frozenset()
        self.functions: dict[str, Function] = {}
        self.recorded = Recorded()
        #: objects that are results of the function being lowered, whatever its variables say
        self.pinned: list[Obj] = []
        #: objects of enclosing scopes that have been read: by identity, kept alive, with what they are worth
        self.lifted: dict[int, tuple[Any, Any]] = {}
        #: large arrays and random generators of enclosing scopes, which become parameters
        self.captured: list[tuple[Any, Value]] = []
        #: small ones, which are written out at the beginning
        self.written: list[Eqn] = []

    # -- places and refusals ------------------------------------------------------------------------------------

    def span(self, node: Any) -> Span:
        """The place of a node of the function being read; for calls that stand in no program, that of what is in hand."""
        here = self.calls[-1]
        if node is None:
            return self.b.span  # type: ignore[return-value]
        return here.span or span_of(node, here.scope.source.file)

    @contextmanager
    def at(self, node: Any) -> Iterator[None]:
        """Stamp a node's place on what is emitted inside, and on errors that have none."""
        before, here = self.b.span, self.span(node)
        self.b.span = here
        try:
            yield
        except ADError as error:
            if error.span is None:
                raise type(error)(error.message, here, note=error.note, help=error.help) from None
            raise
        finally:
            self.b.span = before

    def refuse(self, node: Any, message: str, *, note: str = "", help: str = "") -> NoReturn:
        """Raise the error that says why something is not taken."""
        raise Unsupported(message, self.span(node), note=note, help=help)

    def describe(self, value: Any) -> str:
        """A value as a message names it."""
        return describe(value, self.state)

    # -- variables ----------------------------------------------------------------------------------------------

    @property
    def here(self) -> Call:
        """The call in progress."""
        return self.calls[-1]

    @property
    def variables(self) -> dict[str, Any]:
        """The variables of the scope being executed."""
        return self.state.variables[self.here.scope]

    def home(self) -> Scope:
        """The scope of the function being executed, from inside its comprehensions too."""
        scope = self.here.scope
        while RETURN not in scope.locals and scope.parent is not None:
            scope = scope.parent
        return scope

    def flag(self, name: str) -> Atom:
        """A pseudo-variable of the call in progress."""
        result: Atom = self.state.variables[self.home()][name]
        return result

    def set_flag(self, name: str, value: Any) -> None:
        """Set a pseudo-variable of the call in progress."""
        self.state.variables[self.home()][name] = value

    def pending(self) -> Atom:
        """Whether the rest of the block in hand is skipped."""
        flags = [f for f in map(self.flag, EXITS) if not is_const(f, False)]
        if any(is_const(f, True) for f in flags):
            return TRUE
        result: Atom = FALSE
        for f in flags:
            result = f if result is FALSE else self.b.emit("logical_or", result, f)
        return result

    # -- objects ------------------------------------------------------------------------------------------------

    def content(self, ref: Any) -> Any:
        """What a list, dict or record holds; an error where that is not known."""
        return self.there(self.state.content(ref.obj))

    def there(self, value: Any, message: str = "") -> Any:
        """A value; an error where there is none that could be used."""
        if isinstance(value, Missing):
            kind = Mixed if value.mixed else Unsupported
            raise kind(message or value.message, note=value.note, help=value.help)
        return value

    def new_array(self, version: Atom, name: str = "") -> ArrayRef:
        """A reference to an array that nothing else refers to."""
        obj = Obj("array", name, self.b.span)
        self.state.heap[obj] = version
        return ArrayRef(obj)

    def new_object(self, kind: str, content: Any, name: str = "", cls: type | None = None) -> Ref:
        """A reference to a list, dict or record that nothing else refers to."""
        obj = Obj(kind, name, self.b.span, cls)
        self.state.heap[obj] = content
        return Ref(obj)

    def roots(self) -> Iterator[Any]:
        """The values that may still be read, in all calls in progress, other than by a path that has returned."""
        for call in self.calls:
            for name, value in self.state.variables.get(call.scope, {}).items():
                if (call.live is None or name in call.live or name.startswith("<")) and name != RESULT:
                    yield value

    def reachable(self, obj: Obj) -> bool:
        """Whether an object may still be read through some variable."""
        return obj in objects_in(self.roots(), self.state)

    def kept(self, state: State, live: frozenset[str] | None) -> set[Obj]:
        """The objects that can still be reached in a state, where some variables of the call in progress are live."""
        values: list[Any] = [ArrayRef(obj) for obj in self.pinned]
        for call in self.calls:
            names = live if call is self.here else call.live
            for name, value in state.variables.get(call.scope, {}).items():
                if names is None or name in names or name.startswith("<"):
                    values.append(value)
        return objects_in(values, state)

    @contextmanager
    def holding(self, ref: ArrayRef | Ref) -> Iterator[None]:
        """Keep an object that no variable refers to yet."""
        self.pinned = [*self.pinned, ref.obj]
        try:
            yield
        finally:
            self.pinned = self.pinned[:-1]

    # -- frames -------------------------------------------------------------------------------------------------

    @contextmanager
    def resume(self, frame: Frame) -> Iterator[None]:
        """Go on emitting at the end of a block that is not finished."""
        self.b.frames.append(frame)
        try:
            yield
        finally:
            self.b.frames.pop()

    @contextmanager
    def on(self, frame: Frame, state: State) -> Iterator[None]:
        """Go on at the end of a block, in the state there."""
        before, self.state = self.state, state
        try:
            with self.resume(frame):
                yield
        finally:
            self.state = before


TRUE, FALSE = Const(True, BOOL), Const(False, BOOL)


def is_const(atom: Any, value: Any) -> bool:
    """Whether an atom is this very constant."""
    return isinstance(atom, Const) and atom.value is value


def christen(value: Any, name: str) -> None:
    """Give an unnamed value the name of the variable it is assigned to.

    Values are frozen for all that comes after the frontend; here the name is known only once the value is made.
    """
    if isinstance(value, Value) and not value.name:
        object.__setattr__(value, "name", name)
