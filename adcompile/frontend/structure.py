"""What a Python expression is worth while a program is lowered: atoms, references, structure, and known objects.

Numbers are atoms of the program. Arrays and everything else that can change are references to objects whose
content is kept in a `State`, so that two paths of a program can be compared and merged. Tuples are Python tuples of such values
(namedtuples keep their class), strings and None are themselves, and so is every known Python object. How states are merged
is not here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from adcompile.frontend.parse import Source
from adcompile.ir.nodes import Atom, Const, Value
from adcompile.ir.types import Array, List, Scalar, Stream
from adcompile.span import Span


@dataclass(eq=False, slots=True)
class Obj:
    """Something that can change, known by identity: an array, a list, a dict or a record.

    Its content in a state is an atom for arrays and for lists that grow in a run-time loop, a tuple for other lists, and a dict of
    values for dicts and records. `constant` names what it was read from where it must not be written into.
    `one_of` holds the objects that it may be, where it is another one on another path or in another iteration.
    """

    kind: str
    name: str = ""
    span: Span | None = None
    cls: type | None = None
    constant: str = ""
    one_of: set[Obj] = field(default_factory=set)

    def candidates(self) -> set[Obj]:
        """The object itself, and all that it may be."""
        found: set[Obj] = set()
        pending = [self]
        while pending:
            obj = pending.pop()
            if obj not in found:
                found.add(obj)
                pending += obj.one_of
        return found


@dataclass(frozen=True, slots=True)
class Step:
    """One view of an array: an aliasing primitive, its operands after the array, and its parameters."""

    primitive: str
    operands: tuple[Atom, ...]
    params: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class ArrayRef:
    """An array variable's worth: an object seen through views, from the outermost inwards."""

    obj: Obj
    path: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Ref:
    """A list, dict or record."""

    obj: Obj


@dataclass(eq=False, slots=True)
class Scope:
    """The variables of one call of a function, or of a comprehension; their values are in the state."""

    source: Source
    locals: frozenset[str]
    parent: Scope | None = None
    #: whether a nested function can see these variables after the call
    captured: bool = False


@dataclass(eq=False, slots=True)
class Closure:
    """A nested function or lambda: its tree and the variables around it, read when it is called."""

    name: str
    node: Any
    scope: Scope
    defaults: tuple[Any, ...] = ()
    kw_defaults: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Generator:
    """A generator expression that has not been consumed."""

    node: Any
    scope: Scope


@dataclass(frozen=True, slots=True)
class BoundMethod:
    """A method with the value it was read from; `function` is None for methods of arrays and lists."""

    owner: Any
    name: str
    function: Any = None


@dataclass(frozen=True, slots=True)
class Super:
    """What `super()` is worth in a method: an instance, and the class behind which its methods are looked for."""

    ref: Ref
    cls: type


@dataclass(frozen=True, slots=True)
class Partial:
    """A function with some of its arguments bound, made by `functools.partial` inside the program."""

    function: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class Unset:
    """No value yet, where none can be read."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET = Unset()


@dataclass(frozen=True, slots=True)
class Missing:
    """A variable without a value that could be used here; reading it is an error that says why.

    `value` is what it is worth where the loop in hand was left by `break`, if it is known to have a value there. `mixed` says
    that its type changes from path to path or from iteration to iteration, which written out may be known.
    """

    message: str
    note: str
    help: str
    value: Any = UNSET
    mixed: bool = False


@dataclass(slots=True)
class State:
    """What is known at one point of the program: variables, contents of objects, which objects may share memory.

    `constants` holds the content of what was read from outside the program, which never changes and is shared by all
    states. `dead` says that the point is never reached.
    """

    variables: dict[Scope, dict[str, Any]] = field(default_factory=dict)
    heap: dict[Obj, Any] = field(default_factory=dict)
    entangled: dict[Obj, frozenset[Obj]] = field(default_factory=dict)
    constants: dict[Obj, Any] = field(default_factory=dict)
    dead: bool = False

    def content(self, obj: Obj) -> Any:
        """What an object holds here."""
        return self.heap[obj] if obj in self.heap else self.constants[obj]

    def copy(self) -> State:
        """A state that can change on its own."""
        return State(
            {scope: dict(names) for scope, names in self.variables.items()},
            dict(self.heap),
            dict(self.entangled),
            self.constants,
            self.dead,
        )

    def entangle(self, a: Obj, b: Obj) -> None:
        """Note that two objects may share memory without either being a view of the other."""
        if a is not b:
            self.entangled[a] = self.entangled.get(a, frozenset()) | {b}
            self.entangled[b] = self.entangled.get(b, frozenset()) | {a}

    def share(self, new: Obj, source: Obj) -> None:
        """Note that an object may hold what another one holds, or be part of it."""
        for other in self.entangled.get(source, frozenset()) | {source}:
            self.entangle(new, other)


def is_atom(x: Any) -> bool:
    """Whether a value is an atom of the program."""
    return isinstance(x, Value | Const)


def is_scalar(x: Any) -> bool:
    """Whether a value is a number."""
    return isinstance(x, Value | Const) and isinstance(x.type, Scalar)


def is_namedtuple(x: Any) -> bool:
    """Whether a tuple has named fields."""
    return isinstance(x, tuple) and hasattr(x, "_fields")


def is_record(x: Any) -> bool:
    """Whether a Python object is an instance of a dataclass."""
    return dataclasses.is_dataclass(x) and not isinstance(x, type)


def is_enum(x: Any) -> bool:
    """Whether a Python object is a class of named constants."""
    return isinstance(x, type) and issubclass(x, Enum)


def remake(like: tuple[Any, ...], parts: list[Any]) -> tuple[Any, ...]:
    """A tuple of the same class with other parts."""
    made: tuple[Any, ...] = getattr(type(like), "_make", tuple)(parts)
    return made


def same(a: Any, b: Any) -> bool:
    """Whether two values are the same on two paths, so that nothing has to be merged."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    match a:
        case Const() | ArrayRef() | Ref() | str() | int() | float() | complex():
            return bool(a == b)
        case tuple():
            return len(a) == len(b) and all(map(same, a, b))
        case dict():
            return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
        case Closure():
            return a.node is b.node and a.scope is b.scope and same(a.defaults, b.defaults)
        case BoundMethod():
            return a.name == b.name and a.function is b.function and same(a.owner, b.owner)
        case Partial():
            return same(a.function, b.function) and same(a.args, b.args) and same(a.kwargs, b.kwargs)
        case slice():
            return all(same(p, q) for p, q in zip(ends(a), ends(b), strict=True))
    return False


def ends(s: slice) -> tuple[Any, Any, Any]:
    """The three parts of a slice."""
    return s.start, s.stop, s.step


def parts_of(x: Any, state: State) -> Iterator[Any]:
    """The values a value holds directly, contents of objects included."""
    match x:
        case tuple():
            yield from x
        case dict():
            yield from x.values()
        case Ref(obj) if not is_atom(state.content(obj)):
            yield state.content(obj)
        case BoundMethod():
            yield x.owner
        case Lazy():
            yield from x.parts
        case Partial():
            yield x.function
            yield from x.args
            yield from x.kwargs.values()
        case slice():
            yield from ends(x)
        case Closure():
            yield from x.defaults
            yield from x.kw_defaults.values()
            scope: Scope | None = x.scope
            while scope is not None:
                yield from state.variables.get(scope, {}).values()
                scope = scope.parent
        case Generator():
            yield from state.variables.get(x.scope, {}).values()


#: what an object holds once nothing refers to it any more
STALE = Missing(
    "this array has been changed in a way that cannot be followed here",
    "it is changed on one path while it is part of a larger expression",
    "assign it to a variable first",
)


def objects_in(values: Iterable[Any], state: State) -> set[Obj]:
    """Every object that can be reached from some values."""
    found: set[Obj] = set()
    seen: set[int] = set()
    pending = list(values)
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, ArrayRef | Ref):
            found.add(value.obj)
        pending.extend(parts_of(value, state))
    return found


def describe(x: Any, state: State) -> str:
    """A value as a message names it."""
    match x:
        case ArrayRef(obj):
            return describe_type(state.content(obj).type) if not x.path and is_atom(state.content(obj)) else "an array"
        case Value() | Const():
            return describe_type(x.type)
        case Ref(obj):
            if obj.kind == "record" and obj.cls is not None:
                return f"a `{obj.cls.__name__}`"
            return f"a {obj.kind}"
        case None:
            return "None"
        case str():
            return "a string"
        case tuple():
            return f"a tuple of {len(x)}" if not is_namedtuple(x) else f"a `{type(x).__name__}`"
        case Closure():
            return f"the function `{x.name}`"
        case slice():
            return "a slice"
        case Range():
            return "a range"
        case dict():
            return "a dict"
        case Generator():
            return "a generator"
        case Partial():
            return "a function with bound arguments"
        case BoundMethod():
            return f"the method `{x.name}`"
        case type():
            return f"the type `{x.__name__}`"
    name = getattr(x, "__name__", "")
    return f"`{name}`" if name else f"an object of type `{type(x).__name__}`"


def describe_type(type_: Any) -> str:
    """A type as a message names it."""
    match type_:
        case Array(dtype, n):
            return f"an array of {dtype} with {n} {'axis' if n == 1 else 'axes'}"
        case Scalar(dtype):
            return {"bool": "a flag", "int64": "an integer", "float64": "a float"}.get(
                dtype, f"a number of type {dtype}"
            )
        case List():
            return "a list"
        case Stream():
            return "a random generator"
    return "a value"


@dataclass(frozen=True, slots=True)
class Range:
    """A `range` whose bounds may be known at run time only."""

    start: Atom
    stop: Atom
    step: Atom


@dataclass(frozen=True, slots=True)
class Sequence:
    """What can be iterated over by position: its length, what stands at a position, and all of it where that is known.

    `bounds` are those of a `range`, over which a loop can run directly. The length is emitted where it is asked for.
    """

    measure: Callable[[], Atom]
    get: Callable[[Atom], Any]
    items: tuple[Any, ...] | None = None
    bounds: tuple[Atom, Atom, Atom] | None = None
    parallel: bool = False

    @property
    def length(self) -> Atom:
        """The number of items."""
        return self.measure()


@dataclass(frozen=True, slots=True)
class Lazy:
    """An iterator that has not been consumed: of `enumerate`, `zip`, `reversed` or `prange`, with its arguments."""

    kind: str
    parts: tuple[Any, ...]
