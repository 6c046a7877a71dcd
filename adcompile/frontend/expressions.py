"""Expressions: operators, comparisons, conditions, subscripts, attributes, displays and comprehensions.

Calls are in `calls`, and what can be iterated over in `iteration`.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, NoReturn

import gast
import numpy as np

from adcompile.errors import ShapeError, Unsupported
from adcompile.frontend import library
from adcompile.frontend.core import Unreachable
from adcompile.frontend.iteration import Iteration
from adcompile.frontend.memory import Seen
from adcompile.frontend.structure import (
    ArrayRef,
    BoundMethod,
    Closure,
    Generator,
    Missing,
    Ref,
    Scope,
    is_atom,
    is_namedtuple,
    is_scalar,
    same,
)
from adcompile.frontend.subset import refuse_syntax
from adcompile.ir.build import const
from adcompile.ir.nodes import Atom, Const, Eqn, Value
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Scalar

OPERATORS = {
    "Add": lambda x, y: x + y,
    "Mult": lambda x, y: x * y,
    "Mod": lambda x, y: x % y,
}
#: operations that may be carried out even where Python would not get to them
SAFE = {
    "neg", "abs", "add", "sub", "mul", "maximum", "minimum", "lt", "le", "gt", "ge", "eq", "ne", "logical_and",
    "logical_or", "logical_not", "isnan", "isinf", "isfinite", "shape", "list_len", "cast", "bit_and", "bit_or",
}  # fmt: skip
METHODS = {
    "list": ("append", "extend", "pop", "copy", "insert", "clear", "reverse", "index", "count"),
    "dict": ("keys", "values", "items", "get", "copy"),
}


class Expressions(Iteration):
    """Adds expressions to the lowering."""

    def evaluate(self, node: Any) -> Any:
        """What an expression is worth."""
        handler: Callable[[Any], Any] | None = getattr(self, f"evaluate_{type(node).__name__}", None)
        if handler is None:
            refuse_syntax(node, self.span(node))
        with self.at(node):
            return handler(node)

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

    # -- operators ----------------------------------------------------------------------------------------------

    def evaluate_BinOp(self, node: Any) -> Any:
        x, y = self.evaluate(node.left), self.evaluate(node.right)
        return self.binary(type(node.op).__name__, x, y)

    def binary(self, op: str, x: Any, y: Any) -> Any:
        """The value of ``x op y``."""
        if isinstance(x, str) and isinstance(y, str) and op == "Add":
            return x + y
        if is_sequence(x) or is_sequence(y):
            return self.sequence_operator(op, x, y)
        seen: Seen = {}
        return self.wrap(library.binary(self.b, op, self.plain(x, seen), self.plain(y, seen)), {})

    def sequence_operator(self, op: str, x: Any, y: Any) -> Any:
        """Concatenation and repetition of tuples and lists."""
        if op == "Mult" and is_scalar(x):
            x, y = y, x
        if op == "Add" and is_sequence(x) and is_sequence(y) and type(x) is type(y):
            a, b = self.parts(x), self.parts(y)
            if a is not None and b is not None:
                return self.like(x, a + b)
            ref = self.new_object("list", self.content(x))
            with self.holding(ref):
                self.extend(ref, y)
            return ref
        if op == "Mult" and is_sequence(x) and is_scalar(y):
            return self.repeat(x, y)
        seen: Seen = {}
        return self.wrap(library.binary(self.b, op, self.plain(x, seen), self.plain(y, seen)), {})

    def repeat(self, x: Any, count: Atom) -> Any:
        """A sequence several times over."""
        parts = self.parts(x)
        if parts is not None and isinstance(count, Const):
            return self.like(x, parts * count.value)
        if parts is None or len(parts) != 1 or not is_scalar(parts[0]) or isinstance(x, tuple):
            raise Unsupported(
                "only a list of one number can be repeated a number of times known at run time",
                help="use `np.full` or `np.zeros`",
            )
        dtype = parts[0].type.dtype
        return self.new_object("list", self.b.emit("array_to_list", self.b.emit("full", parts[0], count, dtype=dtype)))

    def parts(self, x: Any) -> tuple[Any, ...] | None:
        """What a tuple or list holds, or None for a list that grows."""
        content = tuple(x) if isinstance(x, tuple) else self.content(x)
        return content if isinstance(content, tuple) else None

    def like(self, x: Any, parts: tuple[Any, ...]) -> Any:
        """A tuple or list of parts, whichever `x` is."""
        return parts if isinstance(x, tuple) else self.new_object("list", parts)

    def evaluate_UnaryOp(self, node: Any) -> Any:
        op = type(node.op).__name__
        if op == "Not":
            return self.condition(node)
        x = self.evaluate(node.operand)
        if op == "USub" and isinstance(x, Const) and isinstance(x.value, int | float | complex):
            return Const(-x.value, const(1).type if is_flag(x) else x.type)
        return self.wrap(library.unary(self.b, op, self.plain(x)), {})

    def truth(self, x: Any) -> Atom:
        """Whether a value counts as true, as Python decides it."""
        match x:
            case Const():
                return const(bool(x.value))
            case Value(type=Scalar(dtype)):
                result: Atom = x if dtype == "bool" else self.b.emit("ne", x, const(0))
                return result
            case ArrayRef():
                raise ShapeError(
                    "the truth of an array is ambiguous", help="use `np.any(x)` or `np.all(x)`, or compare one element"
                )
            case None:
                return const(False)
            case str() | tuple():
                return const(bool(x))
            case Ref(obj) if obj.kind in ("list", "dict"):
                content = self.content(x)
                if is_atom(content):
                    result = self.b.emit("gt", self.b.emit("list_len", content), const(0))
                    return result
                return const(bool(content))
        return const(True)

    def evaluate_Compare(self, node: Any) -> Any:
        """A chain of comparisons; each operand is evaluated once, and none after the first that is false."""
        return self.compare_from(node, self.evaluate(node.left), 0)

    def compare_from(self, node: Any, left: Any, k: int) -> Any:
        right = self.evaluate(node.comparators[k])
        flag = self.compare(node.ops[k], left, right)
        if k == len(node.ops) - 1:
            return flag
        return self.short_circuit(flag, lambda: self.compare_from(node, right, k + 1), stop=False)

    def compare(self, op: Any, x: Any, y: Any) -> Any:
        """The value of one comparison."""
        match op:
            case gast.Is() | gast.IsNot():
                return const(self.identical(x, y) == isinstance(op, gast.Is))
            case gast.In() | gast.NotIn():
                found = self.member(x, y)
                return found if isinstance(op, gast.In) else self.b.emit("logical_not", found)
        name = type(op).__name__
        if name in ("Eq", "NotEq") and not (is_number(x) and is_number(y)):
            flag = self.equal(x, y)
            if flag is not None:
                return flag if name == "Eq" else self.b.emit("logical_not", flag)
        return self.wrap(library.compare(self.b, name, self.plain(x), self.plain(y)), {})

    def identical(self, x: Any, y: Any) -> bool:
        """Whether two values are one object, where that can be told."""
        if x is None or y is None:
            return x is y
        if isinstance(x, Const) and isinstance(y, Const) and is_flag(x) and is_flag(y):
            return bool(x.value == y.value)
        if isinstance(x, Value | Const) or isinstance(y, Value | Const):
            raise Unsupported("`is` compares objects, not numbers", help="use `==`")
        return same(x, y)

    def equal(self, x: Any, y: Any) -> Atom | None:
        """``x == y`` for structure; None where it is a comparison of numbers or arrays."""
        if isinstance(x, tuple) and isinstance(y, tuple):
            if len(x) != len(y):
                return const(False)
            flag: Atom = const(True)
            for p, q in zip(x, y, strict=True):
                flag = self.b.emit("logical_and", flag, self.truth(self.compare(gast.Eq(), p, q)))
            return flag
        if is_number(x) or is_number(y) or isinstance(x, Ref) or isinstance(y, Ref):
            static = isinstance(x, str | None) or isinstance(y, str | None)
            return const(False) if static else None
        return const(bool(x == y) if isinstance(x, str | type | np.dtype) else same(x, y))

    def member(self, x: Any, y: Any) -> Atom:
        """``x in y``."""
        if isinstance(y, str) and isinstance(x, str):
            return const(x in y)
        if isinstance(y, Ref) and y.obj.kind == "dict":
            return const(static_key(x) in self.content(y))
        flag: Atom = const(False)
        for item in self.known_items(y, "`in`"):
            flag = self.b.emit("logical_or", flag, self.truth(self.compare(gast.Eq(), x, item)))
        return flag

    # -- conditions ---------------------------------------------------------------------------------------------

    def condition(self, node: Any) -> Atom:
        """Whether an expression counts as true."""
        with self.at(node):
            match node:
                case gast.BoolOp():
                    result: Atom = self.condition_from(node, 0)
                    return result
                case gast.UnaryOp(op=gast.Not()):
                    result = self.b.emit("logical_not", self.condition(node.operand))
                    return result
            return self.truth(self.evaluate(node))

    def refuse_elementwise(self, node: Any, k: int) -> NoReturn:
        """Refuse an array as an operand of `and` or `or`."""
        word, sign = ("and", "&") if isinstance(node.op, gast.And) else ("or", "|")
        self.refuse(
            node.values[k],
            f"`{word}` does not work on arrays element by element",
            help=f"use `{sign}` with each side in parentheses",
        )

    def condition_from(self, node: Any, k: int) -> Any:
        """The part of ``and`` or ``or`` from an operand on, as a flag."""
        flag = self.condition(node.values[k])
        if k == len(node.values) - 1:
            return flag
        return self.short_circuit(flag, lambda: self.condition_from(node, k + 1), stop=isinstance(node.op, gast.Or))

    def evaluate_BoolOp(self, node: Any) -> Any:
        return self.bool_from(node, 0)

    def bool_from(self, node: Any, k: int) -> Any:
        value = self.evaluate(node.values[k])
        if isinstance(value, ArrayRef):
            self.refuse_elementwise(node, k)
        if k == len(node.values) - 1:
            return value
        return self.short_circuit(value, lambda: self.bool_from(node, k + 1), stop=isinstance(node.op, gast.Or))

    def short_circuit(self, first: Any, rest: Callable[[], Any], *, stop: bool) -> Any:
        """``first and rest()``, or with `stop` true ``first or rest()``: the rest only where the first does not decide."""
        flag = self.truth(first)
        if isinstance(flag, Const):
            return first if flag.value == stop else rest()
        held: list[Any] = []
        path = self.branch(lambda: held.append(rest()))
        (second,) = held or (None,)
        flags = is_flag(first) and is_flag(second)
        if flags and not path.state.dead and all(is_safe(n) for n in path.frame.nodes) and self.unchanged(path.state):
            for n in path.frame.nodes:
                self.b.append(n)
            return self.b.emit("logical_or" if stop else "logical_and", flag, self.truth(second))
        kept = self.branch(lambda: None)
        kept.state.variables[self.here.scope]["<value>"] = const(stop) if is_flag(first) else first
        path.state.variables[self.here.scope]["<value>"] = second
        ours, theirs = (kept, path) if stop else (path, kept)
        self.join(flag, ours, theirs, None)
        return self.take("<value>")

    def unchanged(self, after: Any) -> bool:
        """Whether a path has changed nothing but its own new objects."""
        before = self.state
        return all(same(v, after.heap[o]) for o, v in before.heap.items()) and all(
            all(k in after.variables[s] and same(v, after.variables[s][k]) for k, v in names.items())
            and len(after.variables[s]) == len(names)
            for s, names in before.variables.items()
        )

    def take(self, name: str) -> Any:
        """The value of a pseudo-variable that is needed once."""
        if self.state.dead:
            raise Unreachable
        value = self.variables.pop(name, None)
        if isinstance(value, Missing):
            message = value.message.replace(f"`{name}`", "this value")
            raise Unsupported(message, note=value.note, help=value.help)
        return value

    def evaluate_IfExp(self, node: Any) -> Any:
        flag = self.condition(node.test)
        if isinstance(flag, Const):
            return self.evaluate(node.body if flag.value else node.orelse)

        def side(branch: Any) -> Callable[[], None]:
            def run() -> None:
                self.variables["<value>"] = self.evaluate(branch)

            return run

        self.choose(flag, side(node.body), side(node.orelse), None)
        return self.take("<value>")

    # -- subscripts and attributes ------------------------------------------------------------------------------

    def evaluate_Slice(self, node: Any) -> Any:
        parts = (None if part is None else self.evaluate(part) for part in (node.lower, node.upper, node.step))
        return slice(*parts)

    def evaluate_Subscript(self, node: Any) -> Any:
        owner = self.evaluate(node.value)
        with self.at(node.slice):
            subscript = self.evaluate(node.slice)
            if isinstance(owner, ArrayRef):
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
        if isinstance(owner, type) or type(owner).__module__ == "typing":
            return owner
        return self.refuse(node.value, f"{self.describe(owner)} has no elements")

    def element_at(self, owner: Any, subscript: Any) -> Any:
        """An element, or for a slice some elements, of a tuple or list."""
        parts = self.parts(owner)
        if isinstance(subscript, slice):
            if parts is None:
                raise Unsupported(
                    "a list that grows cannot be sliced", help="make it an array first: `np.array(x)[i:j]`"
                )
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
                raise ShapeError(f"index {position.value} is out of range for a {kind} of {len(parts)}")
            return parts[position.value]
        return self.choose_item(parts, position)

    def evaluate_Attribute(self, node: Any) -> Any:
        owner = self.evaluate(node.value)
        found = self.attribute(owner, node.attr)
        if found is NotImplemented:
            self.refuse(node, f"`.{node.attr}` of {self.describe(owner)} is not supported")
        return found

    def attribute(self, owner: Any, name: str) -> Any:
        """The value of an attribute, or NotImplemented."""
        match owner:
            case ArrayRef() | Value() | Const():
                return self.array_attribute(owner, name)
            case Ref(obj) if obj.kind == "record":
                return self.record_attribute(owner, name)
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


def is_sequence(x: Any) -> bool:
    """Whether a value is a tuple or a list."""
    return isinstance(x, tuple) or (isinstance(x, Ref) and x.obj.kind == "list")


def is_number(x: Any) -> bool:
    """Whether a value is a number or an array."""
    return isinstance(x, ArrayRef) or is_scalar(x)


def is_flag(x: Any) -> bool:
    """Whether a value is a flag."""
    return isinstance(x, Value | Const) and isinstance(x.type, Scalar) and x.type.dtype == "bool"


def is_safe(node: Any) -> bool:
    """Whether an operation does no harm where Python would not have come to it."""
    return (
        isinstance(node, Eqn)
        and node.primitive in SAFE
        and all(isinstance(r.type, Scalar) for r in node.results)
        and not PRIMITIVES[node.primitive].effect
    )


def slice_parts(s: slice) -> tuple[Any, Any, Any]:
    """Start, stop and step."""
    return s.start, s.stop, s.step


def static_key(x: Any) -> Any:
    """A key of a dict, which has to be known when the program is compiled."""
    if isinstance(x, Value | ArrayRef | Ref):
        raise Unsupported(
            "a key of a dict must be known when the function is compiled",
            help="use strings or numbers written in the program",
        )
    if isinstance(x, tuple):
        return tuple(map(static_key, x))
    return x.value if isinstance(x, Const) else x
