"""Functions of the program besides the one asked for: those that call themselves, and those handed to a derivative.

Such a function gets everything it reads from around it as parameters, arrays it writes into as results.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import gast

from adcompile.errors import Unsupported
from adcompile.frontend.calls import name_span
from adcompile.frontend.core import Unreachable
from adcompile.frontend.overlap import apart, owner_of, refuse_same
from adcompile.frontend.parse import Source, names_in, python_function, source_of
from adcompile.frontend.structural import Structural
from adcompile.frontend.structure import ArrayRef, Closure, Obj, Ref, Scope, State, is_atom, remake, same
from adcompile.ir.build import Frame
from adcompile.ir.nodes import Atom, Const, Function, Value
from adcompile.ir.types import List, Scalar, Stream, Type, unify
from adcompile.ir.walk import free_values, substitute


@dataclass(frozen=True)
class Leaf:
    """The position of a result or parameter in a flat list."""

    position: int


#: a result, by position among the flat ones, and an argument, by position, or an array of the caller's
Shared = tuple[int, int | Obj]


@dataclass
class Recursion:
    """A function that calls itself, as far as it is known."""

    name: str
    key: Any
    #: nesting and types of the results; None until a path without a further call has been seen
    result: Any = None
    types: tuple[Type, ...] | None = None
    #: which arguments, by position among the flat ones, and which arrays around it are written into
    written: list[int] = field(default_factory=list)
    outer: list[Obj] = field(default_factory=list)
    #: which results may share memory with an argument or an array around it
    shared: set[Shared] = field(default_factory=set)
    captured: list[Value] = field(default_factory=list)
    called: bool = False


class Functions(Structural):
    """Adds separate functions to the lowering."""

    def __init__(self) -> None:
        super().__init__()
        #: names of functions that are in use
        self.taken: dict[str, None] = {}
        #: functions that are being lowered because they call themselves, outermost first
        self.open: list[Recursion] = []
        #: whether a function may come back to itself
        self.recursive: dict[Any, bool] = {}

    # -- flat lists and structure -------------------------------------------------------------------------------

    def flatten(self, value: Any) -> tuple[Any, list[Atom]]:
        """The nesting of a value with `Leaf` for each atom, and the atoms; arrays in their current version."""
        atoms: list[Atom] = []

        def walk(value: Any) -> Any:
            match value:
                case Value() | Const():
                    atoms.append(value)
                    return Leaf(len(atoms) - 1)
                case ArrayRef():
                    atoms.append(self.materialise(value))
                    return Leaf(len(atoms) - 1)
                case Ref(obj):
                    content = self.content(value)
                    if is_atom(content):
                        atoms.append(content)
                        return Leaf(len(atoms) - 1)
                    if isinstance(content, dict):
                        return Shape(obj.kind, obj.cls, {k: walk(v) for k, v in content.items()})
                    return Shape(obj.kind, obj.cls, tuple(walk(v) for v in content))
                case tuple():
                    return remake(value, [walk(part) for part in value])
            return value

        return walk(value), atoms

    def unflatten(self, shape: Any, atoms: Sequence[Any]) -> Any:
        """The value of a nesting with new atoms, or None, for its leaves; arrays and lists become objects of their own."""
        match shape:
            case Leaf(position):
                atom = atoms[position]
                if atom is None:
                    return None
                if isinstance(atom.type, Scalar | Stream):
                    return atom
                if isinstance(atom.type, List):
                    return self.new_object("list", atom, getattr(atom, "name", ""))
                return self.new_array(atom, getattr(atom, "name", ""))
            case Shape(kind, cls, dict() as parts):
                return self.new_object(kind, {k: self.unflatten(v, atoms) for k, v in parts.items()}, cls=cls)
            case Shape(kind, cls, parts):
                return self.new_object(kind, tuple(self.unflatten(v, atoms) for v in parts), cls=cls)
            case tuple():
                return remake(shape, [self.unflatten(part, atoms) for part in shape])
        return shape

    # -- separate lowering --------------------------------------------------------------------------------------

    def param_name(self, atom: Atom, k: int) -> str:
        """The name of a parameter made for an argument."""
        return getattr(atom, "name", "") or f"x{k}"

    def unique(self, name: str) -> str:
        """A name for a function that no other function of the program has."""
        base = name if name.isidentifier() else "function"
        k, unique = 1, base
        while unique in self.taken:
            k, unique = k + 1, f"{base}_{k + 1}"
        self.taken[unique] = None
        return unique

    def apart(self) -> Apart:
        """Emit into a block of its own that sees none of the equations around it."""
        return Apart(self)

    def closed(
        self, name: str, params: list[Value], frame: Frame, results: list[Atom], tree: Any
    ) -> tuple[Function, list[Value]]:
        """The function a block has become, with what it reads from outside as further parameters."""
        block = self.b.finish(frame, (), results)
        free = [v for v in free_values(block) if v not in params]
        extra = [Value(v.type, v.name, v.span) for v in free]
        body = substitute(block, dict(zip(free, extra, strict=True)))
        return Function(name, (*params, *extra), body, tree, self.b.span), free

    # -- recursion ----------------------------------------------------------------------------------------------

    def calls_itself(self, function: Any) -> bool:
        """Whether a function may come back to itself, through the functions it names."""
        if function in self.recursive:
            return self.recursive[function]
        seen: list[Any] = []
        pending = self.named_functions(function)
        while pending:
            other = pending.pop()
            if other not in seen:
                seen.append(other)
                pending += self.named_functions(other)
        if not isinstance(function, Closure):
            self.recursive[function] = function in seen
        return function in seen

    def named_functions(self, function: Any) -> list[Any]:
        """The functions of the user's that a function names."""
        if isinstance(function, Closure):
            names, scope = names_read(function.node), function.scope
            source: Source | None = scope.source
        else:
            source = source_if_any(function)
            names, scope = names_read(source.node) if source else (), None
        found: list[Any] = []
        for name in names:
            other = self.named(name, scope, source)
            if isinstance(other, Closure):
                found.append(other)
            elif isinstance(other, types.FunctionType) or hasattr(other, "py_func"):
                found.append(python_function(other))
        return found

    def named(self, name: str, scope: Scope | None, source: Source | None) -> Any:
        """What a name in a function stands for, as far as that can be told without reading it."""
        while scope is not None:
            if name in scope.locals:
                return self.state.variables.get(scope, {}).get(name)
            scope = scope.parent
        if source is None:
            return None
        if name in source.cells:
            try:
                return source.cells[name].cell_contents
            except ValueError:
                return None
        return source.globals.get(name)

    def call_recursive(self, function: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        """A call of a function that may come back to itself: an equation, and a function of the program."""
        name, tree, _, _, defaults, kw_defaults = self.definition(function)
        bound = self.bind_arguments(name, tree, args, kwargs, defaults, kw_defaults, node)
        shape, atoms = self.flatten(tuple(bound.values()))
        key = (function, repr_shape(shape), tuple(strong(a.type) for a in atoms))
        found = next((r for r in self.open if r.key == key), None)
        if found is None:
            found = Recursion(self.unique(name), key)
            self.open.append(found)
            try:
                self.lower_recursive(found, function, list(bound), shape, atoms, node)
            finally:
                self.open.remove(found)
            if not found.called:
                return self.call_inlined(function, args, kwargs, node)
        else:
            found.called = True
        return self.emit_call(found, list(bound.values()), atoms)

    def emit_call(self, recursion: Recursion, args: list[Any], atoms: list[Atom]) -> Any:
        """The equation of a call, and what it changes."""
        if recursion.types is None:
            raise Unreachable
        outer = [self.state.heap[o] for o in recursion.outer]
        made = self.b.emit("call", *atoms, *outer, *recursion.captured, function=recursion.name, types=recursion.types)
        results = list(made) if isinstance(made, tuple) else [made]
        refs = self.array_leaves(args)
        self.check_apart(recursion, refs)
        versions = results[len(results) - len(recursion.written) - len(recursion.outer) :]
        for position in recursion.written:
            self.write_all(refs[position], versions.pop(0))
        for obj in recursion.outer:
            self.state.heap[obj] = versions.pop(0)
        value = self.unflatten(recursion.result, results)
        self.entangle_results(value, recursion.shared, refs)
        return value

    def check_apart(self, recursion: Recursion, refs: Sequence[Any]) -> None:
        """Refuse a call that hands one array twice to a function that writes into it."""
        pairs = apart(refs, refs, set(recursion.written), (), recursion.captured, self.state)
        reached = [(owner, o) for owner in map(owner_of, refs) if owner is not None for o in recursion.outer]
        refuse_same([*pairs, *reached], self.state, recursion.name)

    def containers(self, values: Sequence[Any]) -> dict[Obj, Any]:
        """The lists, dicts and records among values, with what they hold."""
        found: dict[Obj, Any] = {}

        def walk(value: Any) -> None:
            if isinstance(value, Ref):
                found[value.obj] = content = self.content(value)
                if not is_atom(content):
                    walk(tuple(content.values()) if isinstance(content, dict) else content)
            elif isinstance(value, tuple):
                for part in value:
                    walk(part)

        walk(tuple(values))
        return found

    def check_containers(self, before: Mapping[Obj, Any], name: str) -> None:
        """Refuse a function that is not inlined and changes a list, dict or record of its caller."""
        for obj, content in before.items():
            if obj.kind != "array" and not same(content, self.state.heap.get(obj, content)):
                what = f"the {obj.kind} `{obj.name}`" if obj.name else f"a {obj.kind}"
                raise Unsupported(
                    f"`{name}` is not inlined, and changes {what} of its caller",
                    help="return the new one instead",
                )

    def shared_results(self, result: Any, leaves: Sequence[Any], before: State) -> set[Shared]:
        """Which results of a function may share memory with its arguments, and with arrays of the caller."""
        found: set[Shared] = set()
        for k, owner in enumerate(map(owner_of, self.array_leaves([result]))):
            if owner is not None:
                near = self.state.entangled.get(owner, frozenset()) | {owner}
                found |= {(k, j) for j, leaf in enumerate(leaves) if owner_of(leaf) in near}
                found |= {(k, obj) for obj in before.heap if obj in near}
        return found

    def entangle_results(self, value: Any, shared: set[Shared], refs: Sequence[Any]) -> None:
        """Note at a call what its results may share memory with."""
        owners = [owner_of(leaf) for leaf in self.array_leaves([value])]
        for k, other in shared:
            mine, theirs = owners[k], other if isinstance(other, Obj) else owner_of(refs[other])
            if mine is not None and theirs is not None:
                self.state.entangle(mine, theirs)

    def array_leaves(self, args: list[Any]) -> list[Any]:
        """The leaves of arguments in the order of `flatten`."""
        leaves: list[Any] = []

        def walk(value: Any) -> None:
            match value:
                case Value() | Const() | ArrayRef():
                    leaves.append(value)
                case Ref():
                    content = self.content(value)
                    if is_atom(content):
                        leaves.append(value)
                    else:
                        for part in content.values() if isinstance(content, dict) else content:
                            walk(part)
                case tuple():
                    for part in value:
                        walk(part)

        walk(tuple(args))
        return leaves

    def lower_recursive(
        self, recursion: Recursion, function: Any, names: list[str], shape: Any, atoms: list[Atom], node: Any
    ) -> None:
        """Lower the body until the types of its results and what it writes into are known."""
        while True:
            params = [Value(strong(a.type), self.param_name(a, k), self.b.span) for k, a in enumerate(atoms)]
            before, pinned = self.state, self.pinned
            self.state = state = before.copy()
            try:
                with self.apart() as frame:
                    outer_params = [Value(state.heap[o].type, o.name, o.span) for o in recursion.outer]
                    for o, p in zip(recursion.outer, outer_params, strict=True):
                        state.heap[o] = p
                    args = dict(zip(names, self.unflatten(shape, list(params)), strict=True))
                    leaves = self.array_leaves(list(args.values()))
                    self.pinned = pinned + [leaf.obj for leaf in leaves if not is_atom(leaf)] + recursion.outer
                    known = self.containers(list(args.values()))
                    value = self.run_recursive(function, args, node)
                    self.check_containers(before.heap | known, recursion.name)
                    result, results = self.flatten(value)
                    shared = self.shared_results(value, leaves, before)
                    stable = self.learn(recursion, before, leaves, params, result, results)
                    stable = stable and (shared <= recursion.shared or not recursion.called)
                    recursion.shared |= shared
                    if stable:
                        results = [self.bring(r, t) for r, t in zip(results, recursion.types or (), strict=False)]
                        results += [self.state.heap[leaves[k].obj] for k in recursion.written]
                        results += [self.state.heap[o] for o in recursion.outer]
            finally:
                self.state, self.pinned = before, pinned
            if not stable:
                continue
            tree = None if len(results) == 1 else tuple(range(len(results)))
            made, captured = self.closed(recursion.name, params + outer_params, frame, results, tree)
            if list(captured) == recursion.captured:
                self.functions[recursion.name] = made
                return
            recursion.captured = list(captured)

    def run_recursive(self, function: Any, args: dict[str, Any], node: Any) -> Any:
        """One lowering of the body: what it returns."""
        name, tree, source, parent, _, _ = self.definition(function)
        with self.entered(name, tree, source, parent, args, None) as scope:
            try:
                if isinstance(tree, gast.Lambda):
                    value = self.evaluate(tree.body)
                else:
                    self.execute(tree.body)
                    value = self.result(name, scope, tree)
            except Unreachable:
                raise Unsupported(
                    f"`{name}` never returns without calling itself",
                    name_span(scope, tree),
                    help="return a value where the recursion ends",
                ) from None
            return value

    def learn(
        self,
        recursion: Recursion,
        before: State,
        leaves: list[Any],
        params: list[Value],
        result: Any,
        results: list[Atom],
    ) -> bool:
        """Take over what one lowering has shown; whether it was known already."""
        types_: list[Type] = []
        for k, r in enumerate(results):
            type_ = strong(r.type)
            if recursion.result is not None and k < len(recursion.types or ()):
                type_ = unify(type_, (recursion.types or ())[k]) or type_
            types_.append(type_)
        written = [
            k
            for k, leaf in enumerate(leaves)
            if isinstance(leaf, ArrayRef) and self.state.heap[leaf.obj] is not params[k]
        ]
        outer = recursion.outer + [
            o for o, v in before.heap.items() if o not in recursion.outer and not same(v, self.state.heap.get(o, v))
        ]
        types_ += [leaves[k].obj and params[k].type for k in written] + [before.heap[o].type for o in outer]
        known = (repr_shape(recursion.result), recursion.types, recursion.written, recursion.outer)
        recursion.result, recursion.types, recursion.written, recursion.outer = result, tuple(types_), written, outer
        return known == (repr_shape(result), tuple(types_), written, outer) or not recursion.called


@dataclass(frozen=True)
class Shape:
    """The nesting of a list, dict or record."""

    kind: str
    cls: type | None
    parts: Any


class Apart:
    """A block lowered apart from what is around it."""

    def __init__(self, low: Functions) -> None:
        self.low = low

    def __enter__(self) -> Frame:
        self.frames, self.low.b.frames = self.low.b.frames, [Frame()]
        self.outer, self.low.outer = self.low.outer, frozenset(self.low.state.variables)
        return self.low.b.frames[0]

    def __exit__(self, *_: object) -> None:
        self.low.b.frames, self.low.outer = self.frames, self.outer


def tree_of(result: Any) -> Any:
    """How results are nested in Python: positions in tuples, None for one bare result; what holds no result is left out."""

    def walk(shape: Any) -> Any:
        match shape:
            case Leaf(position):
                return position
            case Shape(parts=dict() as parts):
                inner = tuple(parts.values())
            case Shape(parts=tuple() as parts) | (tuple() as parts):
                inner = parts
            case _:
                return ()
        return tuple(t for t in map(walk, inner) if t != ())

    return None if isinstance(result, Leaf) else walk(result)


def repr_shape(shape: Any) -> Any:
    """A nesting as something that can be compared."""
    match shape:
        case Shape(kind, cls, dict() as parts):
            return kind, cls, tuple((k, repr_shape(v)) for k, v in parts.items())
        case Shape(kind, cls, parts):
            return kind, cls, tuple(map(repr_shape, parts))
        case tuple():
            return type(shape), tuple(map(repr_shape, shape))
    return shape


def strong(type_: Type) -> Type:
    """A type of numbers that keep their dtype whatever they meet: that of a parameter of a call."""
    return Scalar(type_.dtype) if isinstance(type_, Scalar) else type_


@lru_cache(maxsize=1024)
def names_read(node: Any) -> tuple[str, ...]:
    """The names a function reads, each once."""
    return tuple(dict.fromkeys(names_in(node, gast.Load)))


def source_if_any(function: types.FunctionType) -> Source | None:
    """The source of a function, or None."""
    try:
        return source_of(function)
    except Unsupported:
        return None
