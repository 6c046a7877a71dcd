"""The program: values, equations, and the three regions If, For and While, all frozen.

Structured SSA. A value is defined once, before its uses, and is visible in the regions nested in its block.
Arrays are values too: an operation that writes into one *consumes* the version it is given and yields the
next version, which lives in the same memory (`primitives.Primitive.consumes`). Nothing is hung on nodes; facts
about them live in tables keyed by value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from adcompile.ir.types import Type
from adcompile.span import Span


@dataclass(frozen=True, eq=False, slots=True)
class Value:
    """A value, known by identity. `name` is what the user called it, or what a transform would like it called."""

    type: Type
    name: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Const:
    """A number, flag or string that stands in the program."""

    value: Any
    type: Type

    def __eq__(self, other: object) -> bool:
        # 0.0, -0.0, 0 and False are different constants
        return isinstance(other, Const) and self.type == other.type and repr(self.value) == repr(other.value)

    def __hash__(self) -> int:
        return hash((repr(self.value), self.type))


@dataclass(frozen=True, slots=True)
class Undef:
    """No value: the result of a branch that is never read on that path. Printed as no assignment at all."""

    type: Type


Atom = Value | Const | Undef


@dataclass(frozen=True, eq=False, slots=True)
class Eqn:
    """One operation: results = primitive(operands; params). Params are static, hashable, in a fixed order."""

    primitive: str
    operands: tuple[Atom, ...]
    results: tuple[Value, ...]
    params: tuple[tuple[str, Any], ...] = ()
    span: Span | None = None
    #: what the operation is for, in derivative programs: a comment for the listing, or ""
    comment: str = ""

    def __getitem__(self, param: str) -> Any:
        return dict(self.params)[param]


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """Parameters, nodes in order, and the atoms it hands back to the node that owns it."""

    params: tuple[Value, ...]
    nodes: tuple[Node, ...]
    results: tuple[Atom, ...]


@dataclass(frozen=True, eq=False, slots=True)
class If:
    """A choice of two blocks without parameters, each yielding one atom for every result."""

    cond: Atom
    then: Block
    orelse: Block
    results: tuple[Value, ...]
    span: Span | None = None
    comment: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class For:
    """A counted loop over range(start, stop, step); its bounds are read once, before it starts.

    `body.params` is (index, *carried); `body.results` is (*next,) or, where the loop `breaks`, (*next, stop_flag):
    a true flag ends the loop after this iteration. `trips`, where present, is one more result: how many
    iterations were begun.
    """

    start: Atom
    stop: Atom
    step: Atom
    inits: tuple[Atom, ...]
    body: Block
    results: tuple[Value, ...]
    breaks: bool = False
    trips: Value | None = None
    parallel: bool = False
    span: Span | None = None
    comment: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class While:
    """A loop that runs as long as `cond`, a block over the carried values that yields one flag.

    `body.params` is (*carried,); `body.results`, `breaks` and `trips` are as in `For`.
    """

    inits: tuple[Atom, ...]
    cond: Block
    body: Block
    results: tuple[Value, ...]
    breaks: bool = False
    trips: Value | None = None
    span: Span | None = None
    comment: str = ""


Node = Eqn | If | For | While


@dataclass(frozen=True, eq=False, slots=True)
class Function:
    """A function: parameters, body, and how results are nested when it returns.

    `body.params` is empty; `body.results` is the flat tuple of results. `tree` is None for one bare result, or a
    nested tuple of positions into the results, such as ``(0, (1, 2))``.
    """

    name: str
    params: tuple[Value, ...]
    body: Block
    tree: Any = None
    span: Span | None = None
    doc: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Program:
    """Functions by name, in the order in which they are printed; `entry` is the one that was asked for.

    The others are callees that are not inlined: recursive ones, checkpoints, and functions with rules of their own.
    """

    functions: dict[str, Function] = field(default_factory=dict)
    entry: str = ""

    @property
    def main(self) -> Function:
        """The function that was asked for."""
        return self.functions[self.entry]


def results_of(node: Node) -> tuple[Value, ...]:
    """Everything a node defines in its block."""
    extra = (node.trips,) if isinstance(node, For | While) and node.trips is not None else ()
    return node.results + extra


def blocks_of(node: Node) -> tuple[Block, ...]:
    """The blocks a node owns, in the order in which they run."""
    match node:
        case If():
            return (node.then, node.orelse)
        case For():
            return (node.body,)
        case While():
            return (node.cond, node.body)
    return ()


def operands_of(node: Node) -> tuple[Atom, ...]:
    """What a node itself reads from its block; not what its blocks read."""
    match node:
        case Eqn():
            return node.operands
        case If():
            return (node.cond,)
        case For():
            return (node.start, node.stop, node.step, *node.inits)
        case While():
            return node.inits
