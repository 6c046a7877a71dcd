"""The only way to make nodes: infers types, folds constants, shares equal pure equations, and tells shapes.

Does not know Python syntax or calculus.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adcompile.errors import InternalError
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, If, Node, Undef, Value, While
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import (
    BOOL,
    WEAK_COMPLEX,
    WEAK_FLOAT,
    WEAK_INT,
    Array,
    List,
    Scalar,
    Text,
    Type,
    dtype_of,
    promote,
    rank,
)
from adcompile.span import Span


def const(value: Any, type_: Type | None = None) -> Const:
    """A constant; Python's own numbers get weak types unless told otherwise."""
    if type_ is None:
        match value:
            case bool() | np.bool_():
                value, type_ = bool(value), BOOL
            case np.generic():
                value, type_ = value.item(), Scalar(value.dtype.name)
            case int():
                type_ = WEAK_INT
            case float():
                type_ = WEAK_FLOAT
            case complex():
                type_ = WEAK_COMPLEX
            case str():
                type_ = Text()
            case _:
                raise TypeError(f"not a constant: {value!r}")
    return Const(value, type_)


def zero(type_: Type) -> Const:
    """The zero of a scalar type."""
    assert isinstance(type_, Scalar)
    value = {"b": False, "i": 0, "u": 0, "f": 0.0, "c": 0j}[np.dtype(type_.dtype).kind]
    return Const(value, Scalar(type_.dtype))


FOLDABLE: dict[str, Callable[..., Any]] = {
    "neg": lambda x: -x,
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "floordiv": lambda x, y: x // y,
    "mod": lambda x, y: x % y,
    "lt": lambda x, y: x < y,
    "le": lambda x, y: x <= y,
    "gt": lambda x, y: x > y,
    "ge": lambda x, y: x >= y,
    "eq": lambda x, y: x == y,
    "ne": lambda x, y: x != y,
    "logical_not": lambda x: not x,
    "logical_and": lambda x, y: bool(x and y),
    "logical_or": lambda x, y: bool(x or y),
    "maximum": max,
    "minimum": min,
}
#: what is right in float32 too if it is computed in float64 and rounded
EXACT = frozenset({"neg", "add", "sub", "mul"})


@dataclass
class Frame:
    """A block under construction: its nodes so far, and the pure equations that can be shared in it."""

    nodes: list[Node] = field(default_factory=list)
    shared: dict[Any, tuple[Value, ...]] = field(default_factory=dict)


class Builder:
    """Appends nodes to a stack of blocks.

    `span` and `comment` are stamped on every equation made while they are set.
    """

    def __init__(self) -> None:
        self.frames: list[Frame] = [Frame()]
        self.span: Span | None = None
        self.comment: str = ""
        #: where each value comes from, for shapes
        self.origin: dict[Value, Eqn] = {}
        #: results of choices that are zero on one side: the condition, and the other side
        self.choices: dict[Atom, tuple[Atom, bool]] = {}

    @contextmanager
    def remark(self, comment: str) -> Iterator[None]:
        """Give what is emitted inside a comment."""
        before, self.comment = self.comment, comment
        try:
            yield
        finally:
            self.comment = before

    # -- equations ----------------------------------------------------------------------------------------------

    def emit(self, primitive: str, *operands: Atom, name: str = "", **params: Any) -> Any:
        """Append an equation and return its result: an atom, or a tuple of them where there are several or none."""
        about = PRIMITIVES[primitive]
        key_params = tuple((p, params.pop(p)) for p in about.params)
        if params:
            raise InternalError(f"{primitive} has no parameter {next(iter(params))}", self.span)
        folded = self.fold(primitive, operands, key_params)
        if folded is not None:
            return folded
        operands = self.coerce(primitive, operands)
        key = (primitive, operands, key_params)
        if is_shareable(primitive):
            for frame in reversed(self.frames):
                if key in frame.shared:
                    results = frame.shared[key]
                    return results[0] if len(results) == 1 else results
        types = tuple(o.type for o in operands)
        results = tuple(Value(t, name, self.span) for t in about.infer(types, dict(key_params)))
        eqn = Eqn(primitive, operands, results, key_params, self.span, self.comment)
        self.append(eqn)
        return results[0] if len(results) == 1 else results

    def append(self, node: Node) -> None:
        """Append a finished node as it stands; a pure equation can be shared from here on."""
        self.frames[-1].nodes.append(node)
        if isinstance(node, Eqn):
            for r in node.results:
                self.origin[r] = node
            if is_shareable(node.primitive):
                self.frames[-1].shared.setdefault((node.primitive, node.operands, node.params), node.results)

    def fold(self, primitive: str, operands: tuple[Atom, ...], params: tuple[tuple[str, Any], ...]) -> Atom | None:
        """The constant an equation amounts to, if it does."""
        if primitive == "shape":
            return self.known_dim(operands[0], dict(params)["axis"])
        if primitive == "cast" and operands[0].type == Scalar(dict(params)["dtype"]):
            return operands[0]
        if primitive in FOLDABLE and all(isinstance(o, Const) for o in operands):
            values = [o.value for o in operands if isinstance(o, Const)]
            if primitive in EXACT and {o.type for o in operands} == {Scalar("float32")}:
                with np.errstate(over="ignore"):
                    value = np.float32(FOLDABLE[primitive](*values)).item()
                return Const(value, Scalar("float32")) if math.isfinite(value) else None
            if all(isinstance(v, bool | int | float) for v in values) and all(
                not isinstance(o.type, Scalar) or o.type.weak or o.type.dtype in ("bool", "int64", "float64")
                for o in operands
            ):
                try:
                    value = FOLDABLE[primitive](*values)
                except (ArithmeticError, ValueError):
                    return None
                if isinstance(value, int | float) and math.isfinite(value):
                    types = tuple(o.type for o in operands)
                    return Const(value, PRIMITIVES[primitive].infer(types, dict(params))[0])
        return None

    def coerce(self, primitive: str, operands: tuple[Atom, ...]) -> tuple[Atom, ...]:
        """Write out the conversions that NumPy makes and that compiled code would make differently.

        Compiled code takes float32 with any integer or Python number to float64; NumPy keeps float32.
        """
        if not (PRIMITIVES[primitive].elementwise or primitive in ("matmul", "concatenate", "stack")):
            return operands
        if primitive in ("cast", "stop_gradient") or any(not hasattr(o.type, "dtype") for o in operands):
            return operands
        start = 1 if primitive == "where" else 0
        numbers = operands[start:]
        dtype = promote(*(o.type for o in numbers))
        if dtype not in ("float32", "complex64") and primitive not in ("concatenate", "stack", "matmul"):
            return operands
        return operands[:start] + tuple(self.to_dtype(o, dtype) for o in numbers)

    def to_dtype(self, atom: Atom, dtype: str) -> Atom:
        """The atom in another dtype; constants are converted where they stand."""
        if dtype_of(atom.type) == dtype:
            if isinstance(atom, Const):
                return Const(atom.value, Scalar(dtype))
            return atom
        if isinstance(atom, Const):
            return Const(np.dtype(dtype).type(atom.value).item(), Scalar(dtype))
        result: Atom = self.emit("cast", atom, dtype=dtype)
        return result

    # -- blocks -------------------------------------------------------------------------------------------------

    @contextmanager
    def block(self) -> Iterator[Frame]:
        """Collect what is emitted inside into a frame of its own."""
        frame = Frame()
        self.frames.append(frame)
        try:
            yield frame
        finally:
            self.frames.pop()

    def finish(self, frame: Frame, params: Sequence[Value], results: Sequence[Atom]) -> Block:
        """The block a frame has become."""
        return Block(tuple(params), tuple(frame.nodes), tuple(results))

    def if_(self, cond: Atom, then: Block, orelse: Block, names: Sequence[str] = ()) -> tuple[Value, ...]:
        """Append a choice; its results have the types of the defined side."""
        types = [b.type if isinstance(a, Undef) else a.type for a, b in zip(then.results, orelse.results, strict=True)]
        names = names or [""] * len(types)
        results = tuple(Value(t, n, self.span) for t, n in zip(types, names, strict=True))
        self.append(If(cond, then, orelse, results, self.span, self.comment))
        return results

    def for_(
        self,
        bounds: tuple[Atom, Atom, Atom],
        inits: Sequence[Atom],
        body: Block,
        *,
        breaks: bool = False,
        trips: bool = False,
        parallel: bool = False,
    ) -> tuple[tuple[Value, ...], Value | None]:
        """Append a counted loop; results take types and names from the carried parameters."""
        results = tuple(Value(p.type, p.name, p.span) for p in body.params[1:])
        count = Value(Scalar("int64"), "trips", self.span) if trips else None
        self.append(For(*bounds, tuple(inits), body, results, breaks, count, parallel, self.span, self.comment))
        return results, count

    def while_(
        self, inits: Sequence[Atom], cond: Block, body: Block, *, breaks: bool = False, trips: bool = False
    ) -> tuple[tuple[Value, ...], Value | None]:
        """Append a loop with a condition; results take types and names from the carried parameters."""
        results = tuple(Value(p.type, p.name, p.span) for p in body.params)
        count = Value(Scalar("int64"), "trips", self.span) if trips else None
        self.append(While(tuple(inits), cond, body, results, breaks, count, self.span, self.comment))
        return results, count

    # -- shapes -------------------------------------------------------------------------------------------------

    def dim(self, array: Atom, axis: int) -> Atom:
        """The length of an axis: what the array was made with where that is known, else read off it."""
        result: Atom = self.emit("shape", array, axis=axis)
        return result

    def dims(self, array: Atom) -> tuple[Atom, ...]:
        """The lengths of all axes; nothing for a scalar."""
        return tuple(self.dim(array, k) for k in range(rank(array.type)))

    def known_dim(self, array: Atom, axis: int) -> Atom | None:
        """The length of an axis by following the array to where it was made, or None.

        The walk ends at parameters and wherever a length depends on more than one operand.
        """
        if not isinstance(array, Value) or array not in self.origin:
            return None
        eqn = self.origin[array]
        match eqn.primitive:
            case "zeros" | "empty":
                return eqn.operands[axis]
            case "full" | "reshape" | "broadcast_to" | "unbroadcast":
                return eqn.operands[1 + axis]
            case "draw":
                return eqn.operands[axis - rank(array.type)]
            case "array":
                return const(eqn["shape"][axis])
            case "lanes_array":
                return const(eqn.operands[0].type.width)  # type: ignore[union-attr]
            case (
                "store"
                | "accumulate"
                | "drain"
                | "copy"
                | "contiguous"
                | "cumsum"
                | "cumprod"
                | "sort"
                | "flip"
                | "roll"
            ):
                return self.dim(eqn.operands[0], axis) if array is eqn.results[0] else None
            case "transpose":
                return self.dim(eqn.operands[0], eqn["axes"][axis])
            case "matmul" if all(rank(o.type) <= 2 for o in eqn.operands):
                rows, columns = eqn.operands
                return self.dim(rows, 0) if axis == 0 and rank(rows.type) == 2 else self.dim(columns, 1)
            case _ if PRIMITIVES[eqn.primitive].elementwise:
                arrays = list(dict.fromkeys(o for o in eqn.operands if isinstance(o.type, Array)))
                if len(arrays) == 1:
                    return self.dim(arrays[0], axis)
        return None

    def zeros_like(self, like: Atom, dtype: str | None = None, name: str = "") -> Atom:
        """A fresh zero of an atom's shape: a constant for scalars."""
        match like.type:
            case Scalar(d):
                return zero(Scalar(dtype or d))
            case Array(d):
                result: Atom = self.emit("zeros", *self.dims(like), dtype=dtype or d, name=name)
                return result
            case List():
                result = self.emit("list_zeros", like, name=name)
                return result
        raise InternalError(f"there is no zero of {like.type}", self.span)


#: pure, but each must be an object of its own, because it may be written into
FRESH = {
    *("zeros", "empty", "full", "copy", "let", "array", "arange", "eye"),
    *("list_new", "list_zeros", "list_add", "array_to_list", "lanes_array"),
}


def is_shareable(primitive: str) -> bool:
    """Whether two equal equations of a primitive may be one."""
    about = PRIMITIVES[primitive]
    return about.consumes is None and not about.effect and primitive not in FRESH
