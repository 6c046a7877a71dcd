"""Calls: of the user's functions, which are inlined, of what the library knows, and of what derives functions.

Functions that call themselves are in `functions`; builtins that work on structure are in `structural`.
"""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gast
import numpy as np

from adcompile.errors import Unsupported
from adcompile.frontend import library
from adcompile.frontend.core import BREAK, BROKE, CONTINUE, FALSE, RESULT, RETURN, Call, Unreachable, is_const
from adcompile.frontend.expressions import Expressions
from adcompile.frontend.liveness import Liveness, liveness
from adcompile.frontend.memory import Seen
from adcompile.frontend.operators import static_key
from adcompile.frontend.parse import Source, python_function, source_of, span_of
from adcompile.frontend.structure import (
    UNSET,
    ArrayRef,
    BoundMethod,
    Closure,
    Missing,
    Partial,
    Ref,
    Scope,
    is_atom,
    is_enum,
    is_scalar,
)
from adcompile.ir.build import const
from adcompile.ir.nodes import Const, Value
from adcompile.ir.types import Stream
from adcompile.span import Span

#: the class of functions that `functools.cache` made
CACHED = type(functools.cache(len))
#: classes of functions that work element by element, whatever they are called with
ELEMENTWISE = {"numpy.vectorize", "numba.DUFunc", "numba.GUFunc"}
#: packages whose Python functions are not looked into
FOREIGN = {
    "numpy",
    "scipy",
    "numba",
    "math",
    "builtins",
    "itertools",
    "functools",
    "collections",
    "statistics",
    "random",
}
#: methods by which the instances of a class are not what its `__init__` makes of them
UNUSUAL = ("__new__", "__setattr__", "__getattribute__", "__getattr__")
#: calls within calls
DEEPEST = 120


class Calls(Expressions):
    """Adds calls to the lowering."""

    def __init__(self) -> None:
        super().__init__()
        #: liveness by function
        self.analysed: dict[Any, Liveness] = {}

    def evaluate_Call(self, node: Any) -> Any:
        fn = self.evaluate(node.func)
        if fn is print:
            return self.print_message(node)
        args: list[Any] = []
        for arg in node.args:
            if isinstance(arg, gast.Starred):
                args += self.known_items(self.evaluate(arg.value), "`*`")
            else:
                args.append(self.evaluate(arg))
        kwargs: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self.evaluate(keyword.value)
            if keyword.arg is not None:
                kwargs[keyword.arg] = value
            elif isinstance(value, Ref) and value.obj.kind == "dict":
                kwargs |= self.content(value)
            else:
                self.refuse(keyword.value, f"`**` takes a dict, not {self.describe(value)}")
        return self.call(fn, args, kwargs, node)

    def call(self, fn: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        """The value of a call."""
        match fn:
            case Closure():
                return self.call_own(fn, args, kwargs, node)
            case BoundMethod(function=None):
                return self.call_method(fn, args, kwargs, node)
            case BoundMethod():
                return self.call(fn.function, [fn.owner, *args], kwargs, node)
            case Ref() if (method := self.special(fn, "__call__")) is not None:
                return self.call(method, args, kwargs, node)
            case Partial():
                return self.call(fn.function, [*fn.args, *args], fn.kwargs | kwargs, node)
            case functools.partial():
                before = [self.lift(a, "a bound argument") for a in fn.args]
                bound = {k: self.lift(v, k) for k, v in fn.keywords.items()}
                return self.call(fn.func, before + args, bound | kwargs, node)
        if hasattr(type(fn) if not isinstance(fn, types.FunctionType) else fn, "__adcompile_lower__"):
            return fn.__adcompile_lower__(self, args, kwargs, node)
        structural = self.structural(fn)
        if structural is not None:
            return structural(args, kwargs, node)
        entry = library.lookup(fn)
        if entry is not None:
            return self.call_entry(entry, args, kwargs, node)
        return self.call_object(fn, args, kwargs, node)

    def structural(self, fn: Any) -> Callable[..., Any] | None:
        """The handler of a builtin that works on structure, or None."""
        raise NotImplementedError

    def call_entry(self, entry: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        """A call of what the library knows."""
        if kwargs.get("out") is not None:
            return self.call_into(entry, args, kwargs, node)
        if entry.composite is not None:
            args = [None, *args] if entry.draws else args
            return self.call_own(entry.composite, args, kwargs, node, span=self.b.span)
        seen: Seen = {}
        plain_args = [self.plain(a, seen) for a in args]
        plain_kwargs = {k: self.plain(v, seen) for k, v in kwargs.items()}
        result = entry.handler(self.b, plain_args, plain_kwargs)
        if not entry.mutates:
            return self.wrap(result, seen)
        if not isinstance(args[0], ArrayRef):
            raise Unsupported(f"`{entry.name}` changes an array, not {self.describe(args[0])}")
        self.write_all(args[0], result)
        return None

    def call_into(self, entry: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        """A call whose result goes into the array `out`; with `where`, where its flags are set."""
        out = kwargs["out"]
        if not isinstance(out, ArrayRef):
            self.refuse(node, f"`out` must be an array, not {self.describe(out)}")
        rest = {k: v for k, v in kwargs.items() if k != "out"}
        where = rest.pop("where", None) if entry.ufunc else None
        result = self.call_entry(entry, args, rest, node)
        if where is not None:
            result = self.call(np.where, [where, result, out], {}, node)
        self.write_all(out, self.plain(result))
        return out

    def call_object(self, fn: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        """A call of a Python object that is not in the library."""
        if isinstance(fn, type):
            return self.construct(fn, args, kwargs, node)
        if isinstance(fn, types.MethodType):
            owner = self.lift(fn.__self__, type(fn.__self__).__name__)
            return self.call(fn.__func__, [owner, *args], kwargs, node)
        if hasattr(fn, "py_func") or isinstance(fn, types.FunctionType):
            return self.call_own(fn, args, kwargs, node)
        if isinstance(fn, CACHED):
            return self.call_own(fn.__wrapped__, args, kwargs, node)
        method = None if self.made_by(fn) in ELEMENTWISE else vars(type(fn)).get("__call__")
        if isinstance(method, types.FunctionType):
            return self.call_own(method, [fn, *args], kwargs, node)
        return self.refuse_call(fn, node)

    def refuse_call(self, fn: Any, node: Any) -> Any:
        """Refuse a call of something that is not known."""
        text = self.span(node.func).text if isinstance(node, gast.Call) else ""
        place = node.func if isinstance(node, gast.Call) else node
        if is_atom(fn) or fn is None or isinstance(fn, ArrayRef | Ref | tuple | str):
            indexed = isinstance(fn, ArrayRef | Ref | tuple) and isinstance(node, gast.Call) and node.args
            remedy = f"an index stands in brackets: {text}[...]" if indexed else ""
            if isinstance(fn, Ref) and fn.obj.kind == "record":
                remedy = "give its class a method `__call__`"
            return self.refuse(place, f"{self.describe(fn)} cannot be called", help=remedy)
        name = text or getattr(fn, "__name__", type(fn).__name__)
        made_by = self.made_by(fn)
        if made_by in ELEMENTWISE:
            self.refuse(
                place, f"`{name}`, which {made_by} made, is not supported", help="call the function itself, in a loop"
            )
        return self.refuse(place, f"`{name}` is not supported", help="write it in terms of NumPy functions that are")

    @staticmethod
    def made_by(fn: Any) -> str:
        """The package and class of a callable object."""
        return f"{type(fn).__module__.split('.')[0]}.{type(fn).__name__}"

    # -- the user's functions -----------------------------------------------------------------------------------

    def call_own(self, fn: Any, args: list[Any], kwargs: dict[str, Any], node: Any, *, span: Span | None = None) -> Any:
        """A call of a function whose source is read: inlined, unless it calls itself."""
        function = fn if isinstance(fn, Closure) else python_function(fn)
        module = (getattr(function, "__module__", "") or "").split(".")[0]
        if module in FOREIGN and span is None:
            return self.refuse_call(fn, node)
        if self.calls_itself(function):
            return self.call_recursive(function, args, kwargs, node)
        return self.call_inlined(function, args, kwargs, node, span=span)

    def calls_itself(self, function: Any) -> bool:
        """Whether a function may come back to itself."""
        raise NotImplementedError

    def call_recursive(self, function: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        """A call of a function that may come back to itself."""
        raise NotImplementedError

    def call_inlined(
        self, fn: Any, args: list[Any], kwargs: dict[str, Any], node: Any, *, span: Span | None = None
    ) -> Any:
        """The value of a call whose body is lowered in place."""
        name, tree, source, parent, defaults, kw_defaults = self.definition(fn)
        if len(self.calls) > DEEPEST:
            self.refuse(node, f"`{name}` is called too deeply", help="write the recursion as a loop")
        bound = self.bind_arguments(name, tree, args, kwargs, defaults, kw_defaults, node)
        with self.entered(name, tree, source, parent, bound, span) as scope:
            if isinstance(tree, gast.Lambda):
                return self.evaluate(tree.body)
            self.execute(tree.body)
            return self.result(name, scope, tree)

    def definition(self, fn: Any) -> tuple[str, Any, Source, Scope | None, tuple[Any, ...], dict[str, Any]]:
        """Name, tree, source, enclosing scope and defaults of a function or closure."""
        if isinstance(fn, Closure):
            return fn.name, fn.node, fn.scope.source, fn.scope, fn.defaults, fn.kw_defaults
        source = source_of(fn)
        self.recorded.sources[f"{source.name}\n{source.text}"] = None
        defaults = tuple(self.lift(d, f"a default of {source.name}") for d in source.defaults)
        kw_defaults = {k: self.lift(d, k) for k, d in source.kw_defaults.items()}
        return source.name, source.node, source, None, defaults, kw_defaults

    def entered(
        self, name: str, tree: Any, source: Source, parent: Scope | None, bound: dict[str, Any], span: Span | None
    ) -> Entered:
        """The scope of a call, entered and left by `with`."""
        scope = Scope(source, local_names(tree) | {RETURN}, parent)
        span = span or (self.here.span if self.calls and parent is None and self.here.span else None)
        if parent is not None:
            span = next((c.span for c in self.calls if c.scope is parent), None)
        call = Call(scope, self.liveness_of(tree), name, span=span)
        return Entered(self, call, bound)

    def liveness_of(self, tree: Any) -> Liveness:
        """The liveness of a function, analysed once."""
        if tree not in self.analysed:
            self.analysed[tree] = liveness(tree)
        return self.analysed[tree]

    def result(self, name: str, scope: Scope, tree: Any) -> Any:
        """What a function that has been carried out returns."""
        if self.state.dead:
            raise Unreachable
        place = name_span(scope, tree)
        names = self.state.variables[scope]
        value, returned = names[RESULT], names[RETURN]
        if is_const(returned, False) or value is UNSET:
            return None
        if isinstance(value, Missing):
            raise Unsupported(
                f"`{name}` does not return the same type on every path",
                place,
                note=value.note,
                help="return the same type everywhere",
            )
        if not is_const(returned, True) and value is not None:
            raise Unsupported(
                f"`{name}` returns nothing on some paths",
                place,
                help="end it with a `return`, or with a `raise` where there is no result",
            )
        return value

    def bind_arguments(
        self,
        name: str,
        tree: Any,
        args: list[Any],
        kwargs: dict[str, Any],
        defaults: tuple[Any, ...],
        kw_defaults: dict[str, Any],
        node: Any,
    ) -> dict[str, Any]:
        """The parameters of a function with the values of a call's arguments."""
        a = tree.args
        positional = [p.id for p in [*a.posonlyargs, *a.args]]
        bound = dict(zip(positional, args, strict=False))
        extra = args[len(positional) :]
        left = dict(kwargs)
        for p in [*(q.id for q in a.args), *(q.id for q in a.kwonlyargs)]:
            if p in left:
                if p in bound:
                    given = f"its parameters are {', '.join(f'`{q}`' for q in positional)}, in this order"
                    self.refuse(node, f"`{name}` gets two values for `{p}`", help=given)
                bound[p] = left.pop(p)
        for p, default in zip(reversed(positional), reversed(defaults), strict=False):
            bound.setdefault(p, default)
        for p, default in kw_defaults.items():
            bound.setdefault(p, default)
        if a.vararg is not None:
            bound[a.vararg.id] = tuple(extra)
        elif extra:
            many = "1 positional argument" if len(positional) == 1 else f"{len(positional)} positional arguments"
            place = node.args[len(positional)] if isinstance(node, gast.Call) and len(node.args) == len(args) else node
            self.refuse(place, f"`{name}` takes {many}, but {len(args)} are given")
        if a.kwarg is not None:
            bound[a.kwarg.id] = self.new_object("dict", left)
        elif left:
            unknown = next(iter(left))
            keywords = node.keywords if isinstance(node, gast.Call) else []
            place = next((k for k in keywords if k.arg == unknown), node)
            names = ", ".join(f"`{p}`" for p in [*positional, *(q.id for q in a.kwonlyargs)])
            self.refuse(place, f"`{name}` has no parameter `{unknown}`", help=f"its parameters are {names}")
        missing = [p for p in [*positional, *(q.id for q in a.kwonlyargs)] if p not in bound]
        if missing:
            names = ", ".join(f"`{p}`" for p in [*positional, *(q.id for q in a.kwonlyargs)])
            self.refuse(node, f"`{name}` needs a value for `{missing[0]}`", help=f"its parameters are {names}")
        return bound

    # -- objects and methods ------------------------------------------------------------------------------------

    def construct(self, cls: type, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        """An instance of a namedtuple or dataclass."""
        if issubclass(cls, tuple) and hasattr(cls, "_fields"):
            defaults = {k: self.lift(v, k) for k, v in cls._field_defaults.items()}  # type: ignore[attr-defined]
            values = defaults | dict(zip(cls._fields, args, strict=False)) | kwargs
            if len(args) > len(cls._fields) or set(values) != set(cls._fields):
                self.refuse(node, f"`{cls.__name__}` takes the fields {', '.join(cls._fields)}")
            return cls._make(values[f] for f in cls._fields)  # type: ignore[attr-defined]
        if is_enum(cls):
            return self.member_of(cls, args, node)
        if not dataclasses.is_dataclass(cls):
            return self.construct_plain(cls, args, kwargs, node)
        if "__init__" not in vars(cls) or vars(cls)["__init__"].__qualname__.endswith("__init__") is False:
            return self.refuse_call(cls, node)
        fields = [f for f in dataclasses.fields(cls) if f.init]
        values = dict(zip((f.name for f in fields), args, strict=False)) | kwargs
        for f in dataclasses.fields(cls):
            if f.name not in values and f.default is not dataclasses.MISSING:
                values[f.name] = self.lift(f.default, f.name)
            elif f.name not in values and f.default_factory is not dataclasses.MISSING:
                values[f.name] = self.call(f.default_factory, [], {}, node)
            elif f.name not in values:
                self.refuse(node, f"`{cls.__name__}` needs a value for `{f.name}`")
        if len(args) > len(fields) or len(values) > len(dataclasses.fields(cls)):
            self.refuse(node, f"`{cls.__name__}` takes the fields {', '.join(f.name for f in fields)}")
        ref = self.new_object("record", {f.name: values[f.name] for f in dataclasses.fields(cls)}, cls=cls)
        init = getattr(cls, "__post_init__", None)
        if init is not None:
            self.call_own(init, [ref], {}, node)
        return ref

    def member_of(self, cls: Any, args: list[Any], node: Any) -> Any:
        """The member of an enumeration with a value."""
        value = args[0].value if len(args) == 1 and isinstance(args[0], Const) else args[0] if len(args) == 1 else None
        if not isinstance(value, str | int | float) or value not in {m.value for m in cls}:
            self.refuse(node, f"`{cls.__name__}` has no member with this value", help="the value must be known")
        return self.lift(cls(value), cls.__name__)

    def construct_plain(self, cls: type, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        """An instance of a class of the user's: what its `__init__` makes of an empty one."""
        foreign = any(c.__module__.split(".")[0] in FOREIGN for c in cls.__mro__[:-1])
        usual = type(cls) is type and all(getattr(cls, n, None) is getattr(object, n, None) for n in UNUSUAL)
        if foreign or not usual:
            return self.refuse_call(cls, node)
        ref = self.new_object("record", {}, cls=cls)
        with self.holding(ref):
            if (method := self.special(ref, "__init__")) is not None:
                self.call(method, args, kwargs, node)
            elif args or kwargs:
                self.refuse(node, f"`{cls.__name__}` takes no arguments")
        return ref

    def call_method(self, method: BoundMethod, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        """A method of an array, list, dict or namedtuple."""
        owner, name = method.owner, method.name
        if isinstance(owner, Value) and isinstance(owner.type, Stream):
            return self.call_entry(library.of_generator(name), [owner, *args], kwargs, node)
        if isinstance(owner, ArrayRef) or is_scalar(owner):
            return self.call_entry(library.method(name), [owner, *args], kwargs, node)
        if isinstance(owner, tuple):
            return owner._replace(**kwargs)  # type: ignore[attr-defined]
        if owner.obj.kind == "dict":
            return self.dict_method(owner, name, args, kwargs)
        return self.list_method(owner, name, args)

    def dict_method(self, owner: Ref, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """A method of a dict."""
        content = self.content(owner)
        match name:
            case "keys":
                return tuple(self.key_value(k) for k in content)
            case "values":
                return tuple(content.values())
            case "items":
                return tuple((self.key_value(k), v) for k, v in content.items())
            case "get":
                return content.get(static_key(args[0]), args[1] if len(args) > 1 else None)
            case "update":
                self.check_writable(owner)
                self.state.heap[owner.obj] = content | self.content(self.call(dict, args, kwargs, None))
                return None
        return self.new_object("dict", content)

    def list_method(self, owner: Ref, name: str, args: list[Any]) -> Any:
        """A method of a list."""
        content = self.content(owner)
        match name, args:
            case "append", [value]:
                return self.append(owner, value)
            case "extend", [values]:
                return self.extend(owner, values)
            case "pop", ([] | [_]):
                return self.pop(owner, *args)
            case "copy", []:
                if is_atom(content):
                    return self.to_list(owner)
                return self.new_object("list", content)
            case "insert", [position, value] if is_atom(content) or not isinstance(position, Const):
                return self.insert(owner, self.index_integer(position), value)
            case "reverse", [] if is_atom(content):
                self.check_writable(owner)
                return self.splice(owner, self.some_of(owner, None, None, const(-1)))
        if not isinstance(content, tuple):
            raise Unsupported(f"`.{name}` of a list that grows is not supported", help="use an array")
        self.check_writable(owner)
        match name, args:
            case "clear", []:
                self.state.heap[owner.obj] = ()
            case "reverse", []:
                self.state.heap[owner.obj] = content[::-1]
            case "insert", [position, value]:
                items = list(content)
                items.insert(position.value, value)
                self.state.heap[owner.obj] = tuple(items)
            case _:
                raise Unsupported(f"`.{name}` of a list is not supported with these arguments")
        return None

    # -- messages -----------------------------------------------------------------------------------------------

    def print_message(self, node: Any) -> None:
        """A call of `print`: text, and the values of what is known at run time only."""
        if node.keywords:
            self.refuse(node.keywords[0].value, f"`print` with `{node.keywords[0].arg}=` is not supported")
        parts: list[str | None] = []
        operands: list[Any] = []
        for arg in node.args:
            for part in arg.values if isinstance(arg, gast.JoinedStr) else [arg]:
                shown = part.value if isinstance(part, gast.FormattedValue) else part
                value = self.evaluate(shown)
                if isinstance(value, ArrayRef) or is_scalar(value):
                    atom = self.plain(value)
                    parts.append(None)
                    operands.append(const(atom.value) if hasattr(atom, "value") else atom)
                elif isinstance(value, str | None):
                    parts.append(str(value))
                else:
                    self.refuse(shown, f"{self.describe(value)} cannot be printed", help="print its parts")
        self.b.emit("print", *operands, parts=tuple(parts))


class Entered:
    """The scope of a call while its body is carried out."""

    def __init__(self, low: Calls, call: Call, bound: dict[str, Any]) -> None:
        self.low, self.call, self.bound = low, call, bound

    def __enter__(self) -> Scope:
        scope = self.call.scope
        flags = {RETURN: FALSE, BREAK: FALSE, CONTINUE: FALSE, BROKE: FALSE, RESULT: UNSET}
        self.low.state.variables[scope] = {**self.bound, **flags}
        self.low.calls.append(self.call)
        return scope

    def __exit__(self, *_: object) -> None:
        self.low.calls.pop()
        if not self.call.scope.captured:
            self.low.state.variables.pop(self.call.scope, None)


def name_span(scope: Scope, tree: Any) -> Span:
    """The name of a function where it is defined; all of a lambda."""
    whole = span_of(tree, scope.source.file)
    if isinstance(tree, gast.Lambda):
        return whole
    start = whole.column + len("def ")
    return replace(whole, column=start, end_line=whole.line, end_column=start + len(tree.name.encode()))


def local_names(tree: Any) -> frozenset[str]:
    """The names that are variables of a function itself."""
    found = {p.id for p in [*tree.args.posonlyargs, *tree.args.args, *tree.args.kwonlyargs]}
    found |= {p.id for p in (tree.args.vararg, tree.args.kwarg) if p is not None}
    outer: set[str] = set()
    pending = [tree.body] if isinstance(tree, gast.Lambda) else list(tree.body)
    while pending:
        node = pending.pop()
        match node:
            case gast.FunctionDef() | gast.ClassDef():
                found.add(node.name)
                pending += node.decorator_list
                continue
            case gast.Lambda():
                continue
            case gast.Nonlocal():
                outer |= set(node.names)
            case gast.ListComp() | gast.GeneratorExp() | gast.DictComp() | gast.SetComp():
                found |= {n.target.id for n in gast.walk(node) if isinstance(n, gast.NamedExpr)}
                continue
            case gast.Name() if not isinstance(node.ctx, gast.Load):
                found.add(node.id)
            case gast.Import() | gast.ImportFrom():
                found |= {a.asname or a.name.split(".")[0] for a in node.names}
            case gast.MatchAs() | gast.MatchStar() if node.name is not None:
                found.add(node.name)
        pending += list(gast.iter_child_nodes(node))
    return frozenset(found - outer)
