"""Operators, comparisons and conditions: on numbers and arrays, and on tuples, lists and strings.

An operand of `and`, `or` or a chain that is not always evaluated becomes a branch of an `If`, unless it is harmless.
"""

from __future__ import annotations

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
    Missing,
    Ref,
    is_atom,
    is_scalar,
    same,
)
from adcompile.ir.build import const
from adcompile.ir.nodes import Atom, Const, Eqn, Value
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Scalar, is_float

#: operations that may be carried out even where Python would not get to them
SAFE = {
    "neg", "abs", "add", "sub", "mul", "maximum", "minimum", "lt", "le", "gt", "ge", "eq", "ne", "logical_and",
    "logical_or", "logical_not", "isnan", "isinf", "isfinite", "shape", "list_len", "cast", "bit_and", "bit_or",
}  # fmt: skip

#: operator -> what the method that stands for it is called, and how it is written
OPERATORS = {
    "Add": "add", "Sub": "sub", "Mult": "mul", "Div": "truediv", "FloorDiv": "floordiv", "Mod": "mod", "Pow": "pow",
    "MatMult": "matmul", "BitOr": "or", "BitAnd": "and", "BitXor": "xor", "LShift": "lshift", "RShift": "rshift",
}  # fmt: skip
COMPARISONS = {"Lt": "__lt__", "LtE": "__le__", "Gt": "__gt__", "GtE": "__ge__"}
UNARY = {"USub": "__neg__", "UAdd": "__pos__", "Invert": "__invert__"}


class Operators(Iteration):
    """Adds operators to the lowering."""

    def evaluate_BinOp(self, node: Any) -> Any:
        x, y = self.evaluate(node.left), self.evaluate(node.right)
        return self.binary(type(node.op).__name__, x, y)

    def binary(self, op: str, x: Any, y: Any) -> Any:
        """The value of ``x op y``."""
        if isinstance(x, str) and isinstance(y, str) and op == "Add":
            return x + y
        if is_sequence(x) or is_sequence(y):
            return self.sequence_operator(op, x, y)
        if isinstance(x, Ref) or isinstance(y, Ref):
            return self.object_operator(op, x, y)
        seen: Seen = {}
        return self.wrap(library.binary(self.b, op, self.plain(x, seen), self.plain(y, seen)), {})

    def object_operator(self, op: str, x: Any, y: Any) -> Any:
        """An operator on dicts, or on instances of classes that say what it does."""
        if op == "BitOr" and all(isinstance(v, Ref) and v.obj.kind == "dict" for v in (x, y)):
            return self.new_object("dict", self.content(x) | self.content(y))
        name = OPERATORS[op]
        for owner, other, method in ((x, y, f"__{name}__"), (y, x, f"__r{name}__")):
            if (found := self.special(owner, method)) is not None:
                return self.call(found, [other], {}, None)
        listed = x if isinstance(x, Ref) else y
        raise Unsupported(
            f"`{library.SYMBOLS[op]}` takes numbers and arrays, not {self.describe(listed)}",
            help=f"give its class a method `__{name}__`" if listed.obj.kind == "record" else "",
        )

    def special(self, owner: Any, name: str) -> Any:
        """A method such as `__add__` of an instance of the user's class, or None where there is none."""
        raise NotImplementedError

    def call(self, fn: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        """The value of a call."""
        raise NotImplementedError

    def sequence_operator(self, op: str, x: Any, y: Any) -> Any:
        """Concatenation and repetition of tuples and lists."""
        if op == "Mult" and is_scalar(x):
            x, y = y, x
        if op == "Add" and is_sequence(x) and is_sequence(y) and type(x) is type(y):
            a, b = self.parts(x), self.parts(y)
            if a is not None and b is not None:
                return self.like(x, a + b)
            ref = self.new_object("list", self.content(x))
            if a is None:
                self.state.share(ref.obj, x.obj)
            with self.holding(ref):
                self.extend(ref, y)
            return ref
        if op == "Mult" and is_sequence(x) and is_scalar(y) and not is_float(y.type.dtype):
            return self.repeat(x, y)
        if is_sequence(x) != is_sequence(y) and (is_scalar(x) or is_scalar(y)):
            listed = x if is_sequence(x) else y
            raise Unsupported(
                f"there is no arithmetic of {self.describe(listed)} and a number",
                help="make it an array: `np.array(x)`",
            )
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
        if (method := self.special(x, UNARY[op])) is not None:
            return self.call(method, [], {}, node)
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
        if (method := self.special(x, COMPARISONS.get(name, ""))) is not None:
            return self.call(method, [y], {}, None)
        return self.wrap(library.compare(self.b, name, self.plain(x), self.plain(y)), {})

    def identical(self, x: Any, y: Any) -> bool:
        """Whether two values are one object, where that can be told."""
        if x is None or y is None:
            return x is y
        if isinstance(x, Const) and isinstance(y, Const) and is_flag(x) and is_flag(y):
            return bool(x.value == y.value)
        if isinstance(x, Value | Const) or isinstance(y, Value | Const):
            raise Unsupported("`is` compares objects, not numbers", help="use `==`")
        objects = isinstance(x, ArrayRef | Ref) and isinstance(y, ArrayRef | Ref)
        if objects and y.obj in self.state.entangled.get(x.obj, frozenset()):
            raise Unsupported("whether these are one object is known at run time only", help="compare their values")
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
        message = value.message.replace(f"`{name}`", "this value") if isinstance(value, Missing) else ""
        return self.there(value, message)

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
