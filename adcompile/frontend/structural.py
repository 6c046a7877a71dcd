"""Builtins that work on structure: ranges and iterators, lengths, types, and making tuples, lists and dicts.

Builtins on numbers and arrays are in the library.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import itertools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from adcompile.errors import Unsupported
from adcompile.frontend import library, prelude
from adcompile.frontend.emitted import Emitted
from adcompile.frontend.iteration import UNROLLED
from adcompile.frontend.operators import static_key
from adcompile.frontend.structure import (
    ArrayRef,
    BoundMethod,
    Closure,
    Generator,
    Lazy,
    Partial,
    Range,
    Ref,
    Super,
    is_atom,
    is_enum,
    is_scalar,
    remake,
)
from adcompile.ir.build import const
from adcompile.ir.nodes import Atom, Const
from adcompile.ir.types import Scalar

#: builtin -> the plain Python that stands for it where its argument is an iterator
PRELUDE = {sum: prelude.sum_of, any: prelude.any_of, all: prelude.all_of, map: prelude.mapped, filter: prelude.filtered}
#: dtype -> the types that a number of it is an instance of
NUMBERS = {
    "bool": (bool, np.bool_),
    "int64": (int, np.integer, np.int64, np.number, np.generic),
    "float64": (float, np.floating, np.float64, np.number, np.inexact, np.generic),
    "complex128": (complex, np.complexfloating, np.complex128, np.number, np.inexact, np.generic),
    "float32": (np.floating, np.float32, np.number, np.inexact, np.generic),
}


class Structural(Emitted):
    """Adds builtins on structure to the lowering."""

    def structural(self, fn: Any) -> Callable[..., Any] | None:
        """The handler of a builtin that works on structure, or None."""
        try:
            name = HANDLERS.get(fn)
        except TypeError:
            return None
        if name is not None:
            handler: Callable[..., Any] = getattr(self, name)
            return handler
        numba = sys.modules.get("numba")
        if numba is not None and fn is numba.prange:
            return self.call_prange
        if fn in PRELUDE:
            return lambda args, kwargs, node: self.call_prelude(fn, args, kwargs, node)
        return self.emitted(fn)

    def call_prelude(self, fn: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        """A builtin over an iterator; over anything else it is the library's."""
        entry = library.lookup(fn)
        lazy = bool(args) and isinstance(args[0], Generator | Lazy | Range)
        if entry is not None and not lazy and not (args and self.holds_more(args[0])):
            return self.call_entry(entry, args, kwargs, node)
        return self.call_own(PRELUDE[fn], args, kwargs, node, span=self.b.span)

    def holds_more(self, value: Any) -> bool:
        """Whether a sequence holds arrays, so that its sum is one of arrays."""
        content = value if isinstance(value, tuple) else self.content(value) if isinstance(value, Ref) else None
        return isinstance(content, tuple) and any(isinstance(part, ArrayRef) for part in content)

    # -- iterators ----------------------------------------------------------------------------------------------

    def call_range(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Range:
        """``range(stop)``, ``range(start, stop)`` or ``range(start, stop, step)``."""
        if not 1 <= len(args) <= 3 or kwargs:
            self.refuse(node, "`range` takes one, two or three integers")
        atoms = []
        for arg, where in zip(args, node.args, strict=False):
            if not is_scalar(arg) or not arg.type.dtype.startswith(("int", "uint")):
                self.refuse(
                    where, f"`range` takes integers, not {self.describe(arg)}", help="write `int(...)` around it"
                )
            atoms.append(arg)
        start, stop, step = (const(0), atoms[0], const(1)) if len(atoms) == 1 else (*atoms, const(1))[:3]
        if isinstance(step, Const) and step.value == 0:
            self.refuse(node.args[2], "the step of a range must not be zero")
        return Range(start, stop, step)

    def call_prange(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Lazy:
        return Lazy("prange", (self.call_range(args, kwargs, node),))

    def call_enumerate(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Lazy:
        start = kwargs.get("start", args[1] if len(args) > 1 else const(0))
        return Lazy("enumerate", (args[0], start))

    def call_zip(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Lazy:
        return Lazy("zip", tuple(args))

    def call_reversed(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Lazy:
        return Lazy("reversed", tuple(args))

    # -- making structure ---------------------------------------------------------------------------------------

    def call_tuple(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        return self.known_items(args[0], "`tuple`") if args else ()

    def call_list(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        if not args:
            return self.new_object("list", ())
        if isinstance(args[0], tuple):
            return self.new_object("list", tuple(args[0]))
        return self.to_list(args[0])

    def call_dict(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        content: dict[Any, Any] = {}
        if args and isinstance(args[0], Ref) and args[0].obj.kind == "dict":
            content |= self.content(args[0])
        elif args:
            for pair in self.known_items(args[0], "`dict`"):
                key, value = self.known_items(pair, "`dict`")
                content[static_key(key)] = value
        return self.new_object("dict", content | kwargs)

    def call_slice(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> slice:
        return slice(*args)

    def call_replace(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        owner = args[0]
        if not (isinstance(owner, Ref) and owner.obj.kind == "record"):
            self.refuse(node.args[0], f"{self.describe(owner)} is not a dataclass instance")
        return self.new_object("record", {**self.content(owner), **kwargs}, cls=owner.obj.cls)

    def call_copy(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        return self.copied(args[0], deep=False)

    def call_deepcopy(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        return self.copied(args[0], deep=True)

    def copied(self, value: Any, *, deep: bool) -> Any:
        """A copy of an array, or of structure."""
        match value:
            case ArrayRef():
                return self.new_array(self.b.emit("copy", self.materialise(value)))
            case Ref(obj):
                content = self.content(value)
                if is_atom(content):
                    return self.to_list(value)
                parts = content.items() if isinstance(content, dict) else enumerate(content)
                made = {k: self.copied(v, deep=True) if deep else v for k, v in parts}
                return self.new_object(
                    obj.kind, made if isinstance(content, dict) else tuple(made.values()), cls=obj.cls
                )
            case tuple() if deep:
                return remake(value, [self.copied(v, deep=True) for v in value])
        return value

    def call_partial(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Partial:
        return Partial(args[0], tuple(args[1:]), kwargs)

    def call_reduce(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        body = prelude.reduced if len(args) == 3 else prelude.reduced_from_first
        return self.call_own(body, args, kwargs, node, span=self.b.span)

    # -- asking about structure ---------------------------------------------------------------------------------

    def call_len(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        if len(args) == 1 and isinstance(args[0], Range):
            return self.range_length(args[0])
        if len(args) == 1 and isinstance(args[0], Ref) and args[0].obj.kind == "dict":
            return const(len(self.content(args[0])))
        if len(args) == 1 and (isinstance(args[0], str) or is_enum(args[0])):
            return const(len(args[0]))
        if len(args) == 1 and (method := self.special(args[0], "__len__")) is not None:
            return self.call(method, [], {}, node)
        return self.call_entry(library.lookup(len), args, kwargs, node)

    def call_isinstance(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Atom:
        value, classes = args
        wanted = classes if isinstance(classes, tuple) else (classes,)
        if any(not isinstance(c, type) for c in wanted):
            self.refuse(node.args[1], "`isinstance` takes types that are known when the function is compiled")
        return const(any(self.is_instance(value, c) for c in wanted))

    def is_instance(self, value: Any, cls: type) -> bool:
        """Whether what a value stands for would be an instance of a class."""
        match value:
            case ArrayRef():
                return cls in (np.ndarray, object)
            case Ref(obj):
                own = {"list": list, "dict": dict, "record": obj.cls}[obj.kind]
                return own is not None and issubclass(own, cls)
        if is_scalar(value):
            assert isinstance(value.type, Scalar)
            return cls is object or cls in NUMBERS.get(value.type.dtype, ())
        if isinstance(value, Closure | BoundMethod | Generator | Lazy):
            raise Unsupported(f"it is not known whether {self.describe(value)} is an instance of `{cls.__name__}`")
        return isinstance(value, cls)

    def call_callable(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Atom:
        value = args[0]
        structure = is_atom(value) or isinstance(value, ArrayRef | Ref | tuple | str | None)
        return const(isinstance(value, Closure | BoundMethod | Partial) or (not structure and callable(value)))

    def call_getattr(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        found = self.attribute(args[0], static_key(args[1]))
        if found is NotImplemented:
            if len(args) > 2:
                return args[2]
            self.refuse(node, f"`.{args[1]}` of {self.describe(args[0])} is not supported")
        return found

    def call_hasattr(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Atom:
        return const(self.attribute(args[0], static_key(args[1])) is not NotImplemented)

    def call_where(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        """``np.where``: with the condition alone, the places where it holds."""
        if len(args) == 1 and not kwargs:
            return self.call(np.nonzero, args, {}, node)
        return self.call_entry(library.lookup(np.where), args, kwargs, node)

    def call_extreme(self, fn: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        """``max`` or ``min``, by a key as well."""
        key = kwargs.get("key")
        if key is None or len(kwargs) > 1:
            return self.call_entry(library.lookup(fn), args, kwargs, node)
        values = args[0] if len(args) == 1 else tuple(args)
        body = prelude.largest_by if fn is max else prelude.smallest_by
        return self.call_own(body, [values, key], {}, node, span=self.b.span)

    def call_max(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        return self.call_extreme(max, args, kwargs, node)

    def call_min(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        return self.call_extreme(min, args, kwargs, node)

    # -- itertools ----------------------------------------------------------------------------------------------

    def call_selections(self, fn: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> tuple[Any, ...]:
        """Products, combinations and permutations of what is known: all of them, written out."""
        name = f"`itertools.{fn.__name__}`"
        settings = [library.static_int(a, f"an argument of {name}") for a in args if is_scalar(a)]
        named = {k: library.static_int(v, f"`{k}`") for k, v in kwargs.items()}
        columns = [self.known_items(a, name) for a in args if not is_scalar(a)]
        found = tuple(itertools.islice(fn(*columns, *settings, **named), UNROLLED + 1))
        if len(found) > UNROLLED:
            raise Unsupported(f"{name} yields more than {UNROLLED} here", help="write loops within loops")
        return found

    def call_product(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> tuple[Any, ...]:
        return self.call_selections(itertools.product, args, kwargs, node)

    def call_combinations(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> tuple[Any, ...]:
        return self.call_selections(itertools.combinations, args, kwargs, node)

    def call_permutations(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> tuple[Any, ...]:
        return self.call_selections(itertools.permutations, args, kwargs, node)

    def call_pairwise(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        return self.call_own(prelude.pairs, args, kwargs, node, span=self.b.span)

    def call_chain(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        return self.call_own(prelude.chained, args, kwargs, node, span=self.b.span)

    def call_accumulate(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        return self.call_own(prelude.accumulated, args, kwargs, node, span=self.b.span)

    def call_super(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Super:
        """``super()`` in a method."""
        call = self.here
        cell = call.scope.source.cells.get("__class__")
        if args or cell is None or not call.scope.source.node.args.args:
            self.refuse(
                node, "`super` is supported in methods, without arguments", help="name the class: `Base.f(self)`"
            )
        owner = self.read_name(call.scope.source.node.args.args[0].id)
        if not (isinstance(owner, Ref) and owner.obj.kind == "record"):
            self.refuse(
                node, f"`super` of {self.describe(owner)} is not supported", help="name the class: `Base.f(self)`"
            )
        return Super(owner, cell.cell_contents)

    def call_str(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> str:
        value = args[0] if args else ""
        if isinstance(value, Const):
            return str(value.value)
        if not isinstance(value, str | None | type):
            self.refuse(node, "text of values known at run time is supported in messages only")
        return str(value)


#: builtin -> method of `Structural`
HANDLERS: dict[Any, str] = {
    range: "call_range",
    enumerate: "call_enumerate",
    zip: "call_zip",
    reversed: "call_reversed",
    tuple: "call_tuple",
    list: "call_list",
    dict: "call_dict",
    slice: "call_slice",
    len: "call_len",
    isinstance: "call_isinstance",
    callable: "call_callable",
    getattr: "call_getattr",
    hasattr: "call_hasattr",
    str: "call_str",
    super: "call_super",
    max: "call_max",
    min: "call_min",
    np.where: "call_where",
    itertools.product: "call_product",
    itertools.combinations: "call_combinations",
    itertools.permutations: "call_permutations",
    itertools.pairwise: "call_pairwise",
    itertools.chain: "call_chain",
    itertools.accumulate: "call_accumulate",
    dataclasses.replace: "call_replace",
    copy.copy: "call_copy",
    copy.deepcopy: "call_deepcopy",
    functools.reduce: "call_reduce",
    functools.partial: "call_partial",
}
