"""The way in: a Python function and the types of its arguments become a program.

Also what derivatives inside a program need: to close a function over what it reads, and to take structures apart and put them
together. What the language means is in the modules this one builds on.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from adcompile import tree
from adcompile.errors import TANGENT, ShapeError, Unsupported
from adcompile.frontend import library
from adcompile.frontend.calls import name_span
from adcompile.frontend.core import Call, Unreachable
from adcompile.frontend.functions import Functions, Leaf, Shape, Shared, tree_of
from adcompile.frontend.liveness import Liveness
from adcompile.frontend.overlap import Pair, apart, owner_of, refuse_same, written_leaves
from adcompile.frontend.parse import Source, source_of
from adcompile.frontend.structure import ArrayRef, Closure, Obj, Ref, Scope, is_namedtuple, is_record, remake, same
from adcompile.ir.guards import require_shape
from adcompile.ir.nodes import Atom, Block, Function, Program, Value
from adcompile.ir.types import Array, List, Scalar, Stream, differentiable, dtype_of, rank
from adcompile.span import Span


@dataclass(frozen=True)
class Lowered:
    """A program, and what is needed to call it.

    Attributes
    ----------
    program : Program
        Its entry takes the numbers and arrays of the arguments in order, then `captured`.
    result : tree.Structure
        How the flat results are nested.
    captured : tuple of array
        Arrays and random generators of enclosing scopes, passed at each call.
    dependencies : tuple of str
        The texts of all functions and the values of all constants that were read.
    related : dict
        What values of derivatives inside the program are tangents and cotangents of.
    apart : tuple of pairs of int
        Positions of arrays, among arguments and `captured`, that must not share memory.
    buffers : dict of int to int
        Positions of results, and of the arguments that they are to be written into.
    """

    program: Program
    result: tree.Structure
    captured: tuple[Any, ...]
    dependencies: tuple[str, ...]
    related: dict[Value, tuple[Value, str]]
    apart: tuple[tuple[int, int], ...] = ()
    buffers: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Closed:
    """A callable lowered by itself, as a function of its arguments' leaves and of what it reads around it.

    Attributes
    ----------
    function : Function
    operands : list of Atom
        What its parameters stand for at the call: the leaves of the arguments, then what is captured.
    leaves_of : list of list of int
        For each argument the positions of its leaves among the parameters.
    names : tuple of str
        The names of the callable's own parameters.
    arguments, result : structure
        How arguments and results are nested, with `Leaf` for each atom.
    given : list
        The leaves of the arguments as the caller has them.
    written : list of int
        Positions of the leaves whose new versions follow the results, where that was asked for.
    shared : set
        Which results may share memory with what the caller has.
    """

    low: Lowering
    function: Function
    operands: list[Atom]
    leaves_of: list[list[int]]
    names: tuple[str, ...]
    arguments: tuple[Any, ...]
    result: Any
    given: list[Any] = field(default_factory=list)
    written: list[int] = field(default_factory=list)
    shared: set[Shared] = field(default_factory=set)

    def rebuild(self, atoms: Sequence[Atom | None]) -> Any:
        """The results as the callable would return them, from one atom, or None, for each."""
        return self.low.unflatten(self.result, list(atoms))


class Lowering(Functions):
    """One lowering: the state of `core.Core` with the whole language on it."""

    def __init__(self, *, keep_names: bool = False) -> None:
        super().__init__()
        self.keep_names = keep_names
        #: what values of derivatives are tangents and cotangents of
        self.related: dict[Value, tuple[Value, str]] = {}
        #: pairs of arrays that derived functions take to be apart; a dict, for its order
        self.to_be_apart: dict[Pair, None] = {}
        #: which result, by position among the leaves, is written into which argument
        self.buffers: dict[int, Obj] = {}

    # -- separate functions -------------------------------------------------------------------------------------

    def close(
        self, fn: Any, args: Sequence[Any], kwargs: Mapping[str, Any] | None = None, *, hand_back: bool = False
    ) -> Closed:
        """Lower a callable by itself for these arguments; what it reads around it becomes parameters as well.

        With `hand_back`, the arrays it writes into are results as well, for a call that means what it means in Python.
        """
        names = self.parameter_names(fn)
        given, left = list(args), dict(kwargs or {})
        for name in names[len(given) :]:
            if name not in left:
                break
            given.append(left.pop(name))
        shape, atoms = self.flatten(tuple(given))
        params = [Value(a.type, self.argument_name(shape, names, k, a), self.b.span) for k, a in enumerate(atoms)]
        before, outside, self.to_be_apart = self.state, self.to_be_apart, {}
        self.state = before.copy()
        try:
            with self.apart() as frame:
                inner = list(self.unflatten(shape, list(params)))
                leaves_inside = self.array_leaves(inner)
                containers = self.containers(inner)
                value = self.call(fn, inner, left, None)
                result, results = self.flatten(value)
                written = written_leaves(leaves_inside, params, self.state)
                if hand_back:
                    self.check_containers(containers, callable_name(fn))
                    results += [self.state.heap[leaves_inside[k].obj] for k in sorted(written)]
                shared = self.shared_results(value, leaves_inside, before)
            after, known = self.state, self.to_be_apart
        finally:
            self.state, self.to_be_apart = before, outside
        self.check_untouched(before, after)
        name = self.unique(callable_name(fn))
        function, free = self.closed(name, params, frame, results, tree_of(result))
        outer_leaves = self.array_leaves(given)
        pairs = dict.fromkeys(apart(outer_leaves, leaves_inside, written, known, free, before))
        refuse_same(pairs, before, name)
        self.to_be_apart |= pairs
        leaves = [positions_in(part) for part in shape]
        back = sorted(written) if hand_back else []
        return Closed(self, function, [*atoms, *free], leaves, names, shape, result, outer_leaves, back, shared)

    def handed_back(self, closed: Closed, atoms: Sequence[Atom]) -> Any:
        """The result of a call that was closed with `hand_back`, from the results of its function."""
        for k, version in zip(closed.written, atoms[len(atoms) - len(closed.written) :], strict=True):
            self.write_all(closed.given[k], version)
        value = closed.rebuild(atoms)
        self.entangle_results(value, closed.shared, closed.given)
        return value

    def argument_name(self, shape: Any, names: Sequence[str], k: int, atom: Atom) -> str:
        """The name of a parameter: that of the callable's own where it is a number or array."""
        for name, part in zip(names, shape, strict=False):
            if part == Leaf(k):
                return name
        return self.param_name(atom, k)

    def check_untouched(self, before: Any, after: Any) -> None:
        """Refuse a function to be derived that writes into arrays of the function around it."""
        for obj, content in before.heap.items():
            if not same(content, after.heap.get(obj, content)):
                raise Unsupported(
                    f"the function that is called here writes into `{obj.name}`, which belongs to the function around it",
                    help="pass the array as an argument, or return what is to be written",
                )

    def parameter_names(self, fn: Any) -> tuple[str, ...]:
        """The names of a callable's positional parameters, as far as they are known."""
        if isinstance(fn, Closure):
            return tuple(p.id for p in [*fn.node.args.posonlyargs, *fn.node.args.args])
        try:
            parameters = inspect.signature(fn).parameters.values()
        except (TypeError, ValueError):
            return ()
        return tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))

    def add_function(self, function: Function, name: str = "") -> str:
        """Enter a function into the program, its results side by side; returns its name there."""
        name = name or function.name
        n = len(function.body.results)
        self.functions[name] = dataclasses.replace(function, name=name, tree=None if n == 1 else tuple(range(n)))
        self.taken[name] = None
        return name

    # -- structures of tangents and cotangents ------------------------------------------------------------------

    def map_atoms(self, value: Any, change: Callable[[Atom], Atom]) -> Any:
        """A value with each number and array changed; arrays become new ones, unless they stay the same."""
        shape, atoms = self.flatten(value)
        return self.unflatten(shape, [change(a) for a in atoms])

    def like_argument(self, closed: Closed, k: int, bars: Mapping[int, Atom]) -> Any:
        """Cotangents of the leaves of an argument, in its structure: zero where there is none, None for integers."""
        params = closed.function.params
        atoms: list[Any] = [
            bars.get(i) or (self.b.zeros_like(closed.operands[i]) if differentiable(p.type) else None)
            for i, p in enumerate(params)
        ]
        return self.unflatten(closed.arguments[k], atoms)

    def tangent_leaves(self, closed: Closed, k: int, tangent: Any) -> dict[int, Atom]:
        """The tangents of the leaves of an argument by position among the parameters."""
        found: dict[int, Atom] = {}
        for position, value in self.matched(closed.arguments[k], tangent, f"the tangent of argument {k}"):
            type_ = closed.function.params[position].type
            if value is not None and not differentiable(type_):
                raise ShapeError(
                    f"argument {k} has no tangent: it is of type {type_}",
                    closed.function.span,
                    help="pass a floating-point number (2.0, not 2), or None for the tangent of what is not differentiated",
                )
            if value is not None:
                primal = closed.operands[position]
                found[position] = self.fitted(primal, value, f"the tangent of argument {k}")
                require_shape(self.b, found[position], primal, TANGENT)
        return found

    def cotangent_leaves(self, closed: Closed, bar: Any) -> list[Atom]:
        """The cotangents of the results that can carry one, in order; zero where None is given."""
        given = dict(self.matched(closed.result, bar, "the cotangent"))
        found = []
        for k, r in enumerate(closed.function.body.results):
            if differentiable(r.type):
                value = given.get(k)
                if value is None:
                    raise ShapeError(
                        "the cotangent of a result is missing", help="give one for each result, zero if need be"
                    )
                found.append(self.fitted(r, value, "the cotangent"))
        return found

    def fit_cotangent(self, argument: Any, bar: Any) -> Any:
        """A cotangent in the structure of an argument, with zeros for None, and None for what carries none."""
        shape, atoms = self.flatten(argument)
        given = dict(self.matched(shape, bar, "the cotangent")) if bar is not None else {}
        fitted: list[Any] = []
        for k, atom in enumerate(atoms):
            if not differentiable(atom.type):
                fitted.append(None)
            elif given.get(k) is None:
                fitted.append(self.b.zeros_like(atom))
            else:
                fitted.append(self.fitted(atom, given[k], "the cotangent"))
        return self.unflatten(shape, fitted)

    def placeholder(self, atom: Atom) -> Value | None:
        """A value of an atom's type that stands for a tangent or cotangent; None where it carries none."""
        return Value(atom.type, getattr(atom, "name", "")) if differentiable(atom.type) else None

    def placeholder_tangent(self, argument: Any) -> Any:
        """A stand-in for the tangent of an argument."""
        shape, atoms = self.flatten(argument)
        return self.unflatten(shape, [self.placeholder(a) for a in atoms])

    def matched(self, shape: Any, value: Any, what: str) -> list[tuple[int, Any]]:
        """The parts of a value that stand where a structure has its leaves."""
        match shape:
            case Leaf(position):
                return [(position, value)]
            case tuple() | Shape() if value is None:
                return []
            case tuple() if isinstance(value, tuple) and len(shape) == len(value):
                return [pair for s, v in zip(shape, value, strict=True) for pair in self.matched(s, v, what)]
            case Shape(parts=dict() as parts) if isinstance(value, Ref) and set(parts) == set(self.content(value)):
                content = self.content(value)
                return [pair for k, s in parts.items() for pair in self.matched(s, content[k], what)]
            case Shape(parts=tuple() as parts) if isinstance(value, Ref) and len(parts) == len(self.content(value)):
                return [
                    pair for s, v in zip(parts, self.content(value), strict=True) for pair in self.matched(s, v, what)
                ]
            case tuple() | Shape():
                raise ShapeError(f"{what} must be nested like what it belongs to, not {self.describe(value)}")
        return []

    def fitted(self, like: Atom, value: Any, what: str) -> Atom:
        """A tangent or cotangent in the dtype of what it belongs to."""
        atom = library.number(self.b, self.plain(value))
        if isinstance(like.type, List) or rank(atom.type) != rank(like.type):
            raise ShapeError(f"{what} must have the shape of what it belongs to: {like.type}, not {atom.type}")
        return self.b.to_dtype(atom, dtype_of(like.type))

    # -- the entry ----------------------------------------------------------------------------------------------

    def argument(self, described: Any, name: str, params: list[Value]) -> Any:
        """An argument's value, with a parameter for each type in its description."""
        match described:
            case Scalar() | Array() | List() | Stream():
                params.append(Value(described, name))
                if isinstance(described, Scalar | Stream):
                    return params[-1]
                obj = Obj("array" if isinstance(described, Array) else "list", name)
                self.state.heap[obj] = params[-1]
                return ArrayRef(obj) if isinstance(described, Array) else Ref(obj)
            case tuple():
                keys = described._fields if is_namedtuple(described) else range(len(described))  # type: ignore[attr-defined]
                parts = zip(keys, described, strict=True)
                return remake(described, [self.argument(d, f"{name}_{k}", params) for k, d in parts])
            case list():
                return self.new_object(
                    "list", tuple(self.argument(d, f"{name}_{k}", params) for k, d in enumerate(described)), name
                )
            case dict():
                return self.new_object(
                    "dict", {k: self.argument(d, f"{name}_{k}", params) for k, d in described.items()}, name
                )
        if is_record(described):
            fields = {f.name: getattr(described, f.name) for f in dataclasses.fields(described)}
            content = {k: self.argument(d, f"{name}_{k}", params) for k, d in fields.items()}
            return self.new_object("record", content, name, type(described))
        return self.lift(described, name)

    def place_of(self, fn: Any) -> Span | None:
        """Where a Python function is defined; None for other callables."""
        if isinstance(fn, Closure):
            return name_span(fn.scope, fn.node)
        fn = inspect.unwrap(fn) if callable(fn) else fn
        fn = getattr(fn, "py_func", getattr(fn, "__func__", fn))
        if not isinstance(fn, FunctionType):
            return None
        source = source_of(fn)
        return name_span(Scope(source, frozenset()), source.node)

    def run(self, fn: Any, arg_types: Sequence[Any], kwargs: Mapping[str, Any], name: str) -> Lowered:
        """Lower the function asked for."""
        outermost = Scope(Source("", None, "", "", {}, {}), frozenset({"<return>"}))
        self.calls.append(Call(outermost, Liveness(), "", frozenset()))
        self.state.variables[outermost] = {}
        names = self.parameter_names(fn)
        params: list[Value] = []
        args = [self.argument(d, names[k] if k < len(names) else f"x{k}", params) for k, d in enumerate(arg_types)]
        kwargs = {k: self.argument(d, k, params) for k, d in kwargs.items()}
        self.taken[name] = None
        leaves = self.array_leaves([*args, *kwargs.values()])
        try:
            value = self.call(fn, args, dict(kwargs), None)
        except Unreachable:
            raise Unsupported(f"`{name}` never returns: every path ends in an exception", self.place_of(fn)) from None
        result, atoms = self.flatten(value)
        for function in functions_in(result):
            raise Unsupported(
                f"the function `{function.name}` cannot be returned",
                self.place_of(fn),
                help="return numbers and arrays",
            )
        frame = self.b.frames[0]
        body = Block((), (*self.written, *frame.nodes), tuple(atoms))
        captured = tuple(value for _, value in self.captured)
        entry = Function(name, (*params, *captured), body, tree_of(result), self.b.span, inspect.getdoc(fn) or "")
        program = Program({**self.functions, name: entry}, name)
        constants = (f"{k} = {v}" for k, v in self.recorded.constants.items())
        position = {owner: k for k, owner in enumerate([*map(owner_of, leaves), *captured]) if owner is not None}
        return Lowered(
            program,
            structure_of(result),
            tuple(array for array, _ in self.captured),
            (*self.recorded.sources, *constants),
            self.related,
            self.positions_apart(position),
            {k: position[obj] for k, obj in self.buffers.items()},
        )

    def write_into(self, obj: Obj, result: int, others: Sequence[Any]) -> None:
        """Let a result of the entry, by position, be written into an argument, apart from all else that is passed."""
        self.buffers[result] = obj
        owners = [*map(owner_of, others), *(value for _, value in self.captured)]
        self.to_be_apart |= {(obj, other): None for other in owners if other not in (None, obj)}

    def positions_apart(self, position: Mapping[Any, int]) -> tuple[tuple[int, int], ...]:
        """The pairs of parameters that must not share memory, by position."""
        pairs = ((position.get(a), position.get(b)) for a, b in self.to_be_apart)
        return tuple(sorted({(min(i, j), max(i, j)) for i, j in pairs if i is not None and j is not None}))


def lower(
    fn: Callable[..., Any],
    arg_types: Sequence[Any],
    kwargs: Mapping[str, Any] | None = None,
    *,
    name: str | None = None,
    keep_names: bool = False,
) -> Lowered:
    """Lower a call of a function into a program.

    Parameters
    ----------
    fn : callable
        A Python function, a derivative, or anything else that a program may call.
    arg_types : sequence
        For each argument a type, a structure of types (tuple, namedtuple, list, dict, dataclass instance), or an object that
        is known when the program is compiled.
    kwargs : dict, optional
        The same for keyword arguments.
    name : str, optional
        The name of the entry function; the function's own by default.
    keep_names : bool
        Whether derivatives inside the program keep lines that only rename.

    Raises
    ------
    ADError
        If the function is outside of the language, with the place and a remedy.
    """
    low = Lowering(keep_names=keep_names)
    name = str(name or getattr(fn, "__name__", "function"))
    return low.run(fn, arg_types, kwargs or {}, name if name.isidentifier() else "function")


def callable_name(fn: Any) -> str:
    """What a callable is called."""
    return str(getattr(fn, "name", "") or getattr(fn, "__name__", "function"))


def positions_in(shape: Any) -> list[int]:
    """The positions of the leaves of a structure."""
    match shape:
        case Leaf(position):
            return [position]
        case tuple():
            return [k for part in shape for k in positions_in(part)]
        case Shape(parts=dict() as parts):
            return [k for part in parts.values() for k in positions_in(part)]
        case Shape(parts=parts):
            return [k for part in parts for k in positions_in(part)]
    return []


def functions_in(shape: Any) -> list[Closure]:
    """The nested functions that a structure holds."""
    match shape:
        case Closure():
            return [shape]
        case Shape(parts=dict() as parts):
            return [f for part in parts.values() for f in functions_in(part)]
        case Shape(parts=tuple() as parts) | (tuple() as parts):
            return [f for part in parts for f in functions_in(part)]
    return []


def structure_of(shape: Any) -> tree.Structure:
    """A structure as users of a program see it."""
    match shape:
        case Leaf():
            return tree.LEAF
        case tuple():
            keys = shape._fields if is_namedtuple(shape) else tuple(range(len(shape)))  # type: ignore[attr-defined]
            return tree.Node(type(shape), tuple(keys), tuple(map(structure_of, shape)))
        case Shape(kind, cls, dict() as parts):
            made = dict if kind == "dict" else cls
            assert made is not None
            if not (kind == "dict" or dataclasses.is_dataclass(made)):
                raise Unsupported(
                    f"an instance of `{made.__name__}` cannot be returned",
                    help="return its parts, or make it a data class",
                )
            return tree.Node(made, tuple(parts), tuple(map(structure_of, parts.values())))
        case Shape(parts=parts):
            return tree.Node(list, tuple(range(len(parts))), tuple(map(structure_of, parts)))
    return tree.Static(shape)


__all__ = ["Closed", "Lowered", "Lowering", "lower"]
