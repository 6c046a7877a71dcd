"""Expressions: literals, names, subscripts, attributes, displays and comprehensions.

Operators are in `operators`, calls in `calls`.
"""

from __future__ import annotations

import difflib
import inspect
import types
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from adcompile.errors import ShapeError
from adcompile.frontend import library, prelude
from adcompile.frontend.memory import Seen
from adcompile.frontend.operators import Operators, is_number, is_sequence, slice_parts, static_key
from adcompile.frontend.structure import (
    ArrayRef,
    BoundMethod,
    Closure,
    Generator,
    Ref,
    Scope,
    Super,
    is_enum,
    is_namedtuple,
)
from adcompile.frontend.subset import refuse_syntax
from adcompile.ir.build import const
from adcompile.ir.nodes import Const, Value
from adcompile.ir.types import Stream

METHODS = {
    "list": ("append", "extend", "pop", "copy", "insert", "clear", "reverse", "index", "count"),
    "dict": ("keys", "values", "items", "get", "copy", "update"),
}


class Expressions(Operators):
    """Adds expressions to the lowering."""

    def evaluate(self, node: Any) -> Any:
        """What an expression is worth."""
        handler: Callable[[Any], Any] | None = getattr(self, f"evaluate_{type(node).__name__}", None)
        if handler is None:
            refuse_syntax(node, self.span(node))
        with self.at(node):
            return self.there(handler(node))

    def evaluate_Constant(self, node: Any) -> Any:
        value = node.value
        if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
            self.refuse(node, "this number does not fit into 64 bits", help="write it as a float")
        if isinstance(value, bool | int | float | complex):
            return const(value)
        if value is None or value is Ellipsis or isinstance(value, str):
            return value
        return self.refuse(node, f"{type(value).__name__} literals are not supported")

    def evaluate_Name(self, node: Any) -> Any:
        return self.read_name(node.id)

    def evaluate_NamedExpr(self, node: Any) -> Any:
        value = self.evaluate(node.value)
        if self.here.scope is not self.home():
            self.refuse(node, "`:=` inside a comprehension is not supported", help="write the loop out")
        self.bind(node.target.id, value)
        return value

    # -- subscripts and attributes ------------------------------------------------------------------------------

    def evaluate_Slice(self, node: Any) -> Any:
        parts = (None if part is None else self.evaluate(part) for part in (node.lower, node.upper, node.step))
        return slice(*parts)

    def evaluate_Subscript(self, node: Any) -> Any:
        owner = self.evaluate(node.value)
        with self.at(node.slice):
            subscript = self.evaluate(node.slice)
            if isinstance(owner, ArrayRef):
                self.b.span = self.span(node)  # what is wrong is the index; what is read is the element
                return self.read(owner, subscript)
            return self.item(owner, subscript, node)

    def item(self, owner: Any, subscript: Any, node: Any) -> Any:
        """An element of a tuple, list, dict or string."""
        if isinstance(owner, Ref) and owner.obj.kind == "dict":
            content, key = self.content(owner), static_key(subscript)
            if key not in content:
                raise ShapeError(f"the dict has no key {key!r}")
            return content[key]
        if is_sequence(owner):
            return self.element_at(owner, subscript)
        if isinstance(owner, str) and isinstance(subscript, Const):
            return owner[subscript.value]
        if is_enum(owner):
            if subscript not in owner.__members__:
                raise ShapeError(f"`{owner.__name__}` has no member {subscript!r}")
            return self.lift(owner[subscript], subscript)
        if (method := self.special(owner, "__getitem__")) is not None:
            return self.call(method, [subscript], {}, node)
        if isinstance(owner, type) or type(owner).__module__ == "typing":
            return owner
        if owner is np.r_ or owner is np.c_:
            return self.joined(owner, subscript if isinstance(subscript, tuple) else (subscript,), node)
        return self.refuse(node.value, f"{self.describe(owner)} has no elements")

    def joined(self, owner: Any, parts: tuple[Any, ...], node: Any) -> Any:
        """What stands in the brackets of `np.r_` or `np.c_`, one after the other."""
        if any(isinstance(part, slice | str) for part in parts):
            self.refuse(node, "slices and texts in `np.r_` and `np.c_` are not supported", help="write np.arange(a, b)")
        entry = library.lookup(owner)
        assert entry is not None
        return self.call_entry(entry, list(parts), {}, node)

    def call_entry(self, entry: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        """A call of what the library knows."""
        raise NotImplementedError

    def element_at(self, owner: Any, subscript: Any) -> Any:
        """An element, or for a slice some elements, of a tuple or list."""
        parts = self.parts(owner)
        if isinstance(subscript, slice):
            if parts is None:
                start, stop, step = (None if e is None else self.index_integer(e) for e in slice_parts(subscript))
                return self.some_of(owner, start, stop, step if step is not None else const(1))
            ends = [
                library.static_int(e, "a bound of this slice") if e is not None else None
                for e in slice_parts(subscript)
            ]
            chosen = parts[slice(*ends)]
            return chosen if isinstance(owner, tuple) else self.new_object("list", chosen)
        position = self.index_integer(subscript)
        if parts is None:
            return self.list_element(owner, position)
        if isinstance(position, Const):
            if not -len(parts) <= position.value < len(parts):
                kind = "tuple" if isinstance(owner, tuple) else "list"
                remedy = "" if parts else "the shape of a number is empty: an array was meant here?"
                raise ShapeError(f"index {position.value} is out of range for a {kind} of {len(parts)}", help=remedy)
            return parts[position.value]
        return self.choose_item(parts, position)

    def evaluate_Attribute(self, node: Any) -> Any:
        owner = self.evaluate(node.value)
        found = self.attribute(owner, node.attr)
        if found is NotImplemented:
            if node.attr == "append" and isinstance(owner, ArrayRef):
                remedy = "arrays do not grow: collect the values in a list, or make the array long enough first"
            else:
                names = dir(owner) if inspect.ismodule(owner) else library.attribute_names() if is_number(owner) else []
                close = difflib.get_close_matches(node.attr, names, n=1)
                remedy = f"did you mean `{close[0]}`?" if close and node.attr not in names else ""
            self.refuse(node, f"`.{node.attr}` of {self.describe(owner)} is not supported", help=remedy)
        return found

    def attribute(self, owner: Any, name: str) -> Any:
        """The value of an attribute, or NotImplemented."""
        match owner:
            case Value(type=Stream()):
                return BoundMethod(owner, name) if library.of_generator(name) is not None else NotImplemented
            case ArrayRef() | Value() | Const():
                return self.array_attribute(owner, name)
            case Ref(obj) if obj.kind == "record":
                return self.record_attribute(owner, name)
            case Super():
                found = getattr(super(owner.cls, owner.ref.obj.cls), name, NotImplemented)
                found = prelude.nothing if found is object.__init__ else found
                return found if found is NotImplemented else BoundMethod(owner.ref, name, found)
            case Ref(obj):
                return BoundMethod(owner, name) if name in METHODS[obj.kind] else NotImplemented
            case tuple() if is_namedtuple(owner) and name in owner._fields:  # type: ignore[attr-defined]
                return getattr(owner, name)
            case tuple() if is_namedtuple(owner) and name == "_replace":
                return BoundMethod(owner, name)
            case tuple() if isinstance(getattr(type(owner), name, None), types.FunctionType):
                return BoundMethod(owner, name, getattr(type(owner), name))
            case str() | None | tuple() | Closure() | slice():
                return NotImplemented
        if not hasattr(owner, name):
            return NotImplemented
        found = getattr(owner, name)
        if not isinstance(owner, types.ModuleType | type):
            self.note(f"{type(owner).__name__}.{name}", found)
        elif not callable(found):
            self.note(f"{owner.__name__}.{name}", found)
        return self.lift(found, name)

    def array_attribute(self, owner: Any, name: str) -> Any:
        """An attribute or method of an array or number."""
        handler = library.attribute(name)
        if handler is not None:
            seen: Seen = {}
            return self.wrap(handler(self.b, self.plain(owner, seen)), seen)
        return BoundMethod(owner, name) if library.method(name) is not None else NotImplemented

    def record_attribute(self, owner: Ref, name: str) -> Any:
        """A field, method, property or class variable of a dataclass instance."""
        content = self.content(owner)
        if name in content:
            return content[name]
        found = getattr(owner.obj.cls, name, NotImplemented)
        if isinstance(found, property):
            return self.call(found.fget, [owner], {}, None)
        if isinstance(found, types.FunctionType) and not isinstance(vars(owner.obj.cls).get(name), staticmethod):
            return BoundMethod(owner, name, found)
        return found if found is NotImplemented else self.lift(found, name)

    def special(self, owner: Any, name: str) -> BoundMethod | None:
        """A method such as `__add__` of an instance of the user's class, or None where there is none."""
        if not (isinstance(owner, Ref) and owner.obj.kind == "record"):
            return None
        found = getattr(owner.obj.cls, name, None)
        return BoundMethod(owner, name, found) if isinstance(found, types.FunctionType) else None

    # -- displays -----------------------------------------------------------------------------------------------

    def elements(self, nodes: list[Any]) -> tuple[Any, ...]:
        """The values of the elements of a display, stars unpacked."""
        found: list[Any] = []
        for node in nodes:
            if isinstance(node, gast.Starred):
                found += self.known_items(self.evaluate(node.value), "`*`")
            else:
                found.append(self.evaluate(node))
        return tuple(found)

    def evaluate_Tuple(self, node: Any) -> Any:
        return self.elements(node.elts)

    def evaluate_List(self, node: Any) -> Any:
        return self.new_object("list", self.elements(node.elts))

    def evaluate_Dict(self, node: Any) -> Any:
        content: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                other = self.evaluate(value)
                if not (isinstance(other, Ref) and other.obj.kind == "dict"):
                    self.refuse(value, f"`**` takes a dict, not {self.describe(other)}")
                content |= self.content(other)
            else:
                with self.at(key):
                    content[static_key(self.evaluate(key))] = self.evaluate(value)
        return self.new_object("dict", content)

    def evaluate_JoinedStr(self, node: Any) -> Any:
        parts = [self.evaluate(part) for part in node.values]
        if any(not isinstance(part, str) for part in parts):
            self.refuse(node, "an f-string of values known at run time is supported in messages only")
        return "".join(parts)

    def evaluate_FormattedValue(self, node: Any) -> Any:
        value = self.evaluate(node.value)
        if isinstance(value, Value | ArrayRef | Ref):
            self.refuse(node.value, "an f-string of values known at run time is supported in messages only")
        form = self.evaluate(node.format_spec) if node.format_spec is not None else ""
        return format(value.value if isinstance(value, Const) else value, form)

    def evaluate_Lambda(self, node: Any) -> Any:
        return self.closure("<lambda>", node)

    def closure(self, name: str, node: Any) -> Closure:
        """A nested function with the values of its defaults."""
        scope: Scope | None = self.here.scope
        while scope is not None:
            scope.captured = True
            scope = scope.parent
        defaults = tuple(self.evaluate(d) for d in node.args.defaults)
        pairs = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        kw_defaults = {a.id: self.evaluate(d) for a, d in pairs if d is not None}
        return Closure(name, node, self.here.scope, defaults, kw_defaults)

    def evaluate_GeneratorExp(self, node: Any) -> Any:
        return Generator(node, self.here.scope)

    def evaluate_ListComp(self, node: Any) -> Any:
        return self.to_list(Generator(node, self.here.scope))

    def evaluate_DictComp(self, node: Any) -> Any:
        content: dict[Any, Any] = {}
        pair = gast.Tuple(elts=[node.key, node.value], ctx=gast.Load())
        gast.copy_location(pair, node)
        comprehension = gast.copy_location(gast.GeneratorExp(elt=pair, generators=node.generators), node)
        for key, value in self.known_items(Generator(comprehension, self.here.scope), "a dict"):
            content[static_key(key)] = value
        return self.new_object("dict", content)
