"""Leaves SSA: gives every printed value a name, the same one to values that can live in one variable.

The only place where names are chosen. Prints nothing and changes no program.
"""

from __future__ import annotations

import builtins
import keyword
from bisect import insort
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from adcompile.backend.liveness import Lives, Ranges, merged, overlap, without
from adcompile.ir.nodes import Atom, Block, Eqn, For, Function, If, Value, While, blocks_of
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array, List, Scalar, Type
from adcompile.ir.walk import each_node

Related = Mapping[Value, tuple[Value, str]]

UNUSABLE = frozenset(keyword.kwlist) | frozenset(dir(builtins)) | {"np", "numba", "math"}


@dataclass(eq=False)
class Variable:
    """Values that share one variable of the printed program."""

    values: list[Value]
    ranges: Ranges
    hint: str
    primal: tuple[Value, str] | None  # the value after which this one is called, and the suffix
    fixed: bool = False  # a parameter of the function

    @property
    def wish(self) -> str | tuple[Value, str] | None:
        return self.primal or self.hint or None


def names(
    fn: Function,
    lives: Lives,
    *,
    nested: Collection[Value] = (),
    related: Related | None = None,
    taken: Collection[str] = (),
) -> dict[Value, str]:
    """The printed name of every value that is not nested.

    Two values get one name only if they are never alive together, or are versions of the same memory. Parameters
    keep theirs; a value that the user named gets that name, or with a suffix where it is alive already; others are
    called a1, a2, ... as they appear.

    Parameters
    ----------
    fn : Function
    lives : Lives
        Its live ranges, with the same `nested`.
    nested : collection of Value
        Values that are printed inside their use, or not at all.
    related : mapping
        Values that are called after another one, with the suffix: ``x_bar`` after ``x``.
    taken : collection of str
        Names that the program needs for something else.
    """
    namer = Namer(fn, lives, nested, related or {}, taken)
    namer.share_memory()
    namer.share_paths(fn.body)
    return namer.name_all()


def each_definition(fn: Function) -> Iterator[Value]:
    """Every value, in the order of the text."""
    yield from fn.params
    yield from definitions(fn.body)


def definitions(block: Block) -> Iterator[Value]:
    yield from block.params
    for node in block.nodes:
        if isinstance(node, For | While) and node.trips is not None:
            yield node.trips
        for inner in blocks_of(node):
            yield from definitions(inner)
        yield from node.results


def kind(type_: Type) -> Type:
    """What of a type decides whether two values may take turns in a variable."""
    match type_:
        case Scalar():
            return Scalar(type_.dtype)
        case Array():
            return replace(type_, contiguous=True)
        case List(element):
            return List(kind(element))  # type: ignore[arg-type]
    return type_


@dataclass
class Namer:
    """Variables of a function as they are merged, then named."""

    fn: Function
    lives: Lives
    nested: Collection[Value]
    related: Related
    taken: Collection[str]
    variables: dict[Value, Variable] = field(default_factory=dict)
    printed: dict[Variable, str] = field(default_factory=dict)
    occupied: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    kinds: dict[str, Type] = field(default_factory=dict)
    hints: set[str] = field(default_factory=set)
    count: int = 0

    def __post_init__(self) -> None:
        for v in each_definition(self.fn):
            self.hints.add(v.name)
            if v not in self.nested and v not in self.variables:
                unread = v not in self.lives.read
                hint = v.name if v.name.strip("_") or unread else ""  # what is read is not called _
                self.variables[v] = Variable([v], self.lives.ranges.get(v, []), hint, self.related.get(v))
        for node in each_node(self.fn.body):
            if isinstance(node, For):
                self.variables[node.body.params[0]].hint = self.variables[node.body.params[0]].hint or "k"
        for p in self.fn.params:
            self.variables[p].fixed = True
            if p.name:
                self.variables[p].primal = None

    # -- merging ------------------------------------------------------------------------------------------------

    def merge(self, a: Variable, b: Variable) -> None:
        """Let two variables be one, called after the first that has a wish."""
        first = a if a.fixed or (not b.fixed and (a.wish or not b.wish)) else b
        if len(a.values) < len(b.values):
            a, b = b, a
        a.hint, a.primal, a.fixed = first.hint, first.primal, first.fixed
        a.ranges = merged([*a.ranges, *b.ranges])
        a.values += b.values
        for v in b.values:
            self.variables[v] = a

    def share_memory(self) -> None:
        """Merge what must be one variable: a version and the next; a carried value in a condition and in the body."""
        for node in each_node(self.fn.body):
            match node:
                case Eqn() if PRIMITIVES[node.primitive].consumes is not None:
                    self.unite(node.operands[PRIMITIVES[node.primitive].consumes or 0], node.results[0])
                case While():
                    for c, p in zip(node.cond.params, node.body.params, strict=True):
                        self.unite(c, p)

    def unite(self, a: Atom, b: Value) -> None:
        first, second = self.variables[a], self.variables[b]  # type: ignore[index]
        if first is not second:
            self.merge(first, second)

    def share_paths(self, block: Block) -> None:
        """Merge values that meet where paths meet, as far as they are not alive together; inner ones first."""
        for node in block.nodes:
            for inner in blocks_of(node):
                self.share_paths(inner)
            match node:
                case If():
                    for k, r in enumerate(node.results):
                        self.share(node.then.results[k], r)
                        self.share(node.orelse.results[k], r)
                case For() | While():
                    params = node.body.params[isinstance(node, For) :]
                    for p, init, end, r in zip(params, node.inits, node.body.results, node.results, strict=False):
                        self.share(p, end)
                        self.share(p, r)
                        # where the bounds are read, the old value and the carried one are still the same
                        self.share(p, init, self.lives.at[node] + 1)

    def share(self, a: Atom, b: Atom, same_at: int | None = None) -> None:
        """Merge two variables if their lives, types and wishes allow it.

        At `same_at` and the position after it, they may be alive together.
        """
        first, second = self.variables.get(a), self.variables.get(b)  # type: ignore[arg-type]
        if first is None or second is None or first is second:
            return
        wishes = {self.wish(first), self.wish(second)} - {None}
        same = kind(first.values[0].type) == kind(second.values[0].type)
        ranges = first.ranges if same_at is None else without(first.ranges, same_at, same_at + 1)
        if same and len(wishes) <= 1 and not overlap(ranges, second.ranges):
            self.merge(first, second)

    def wish(self, variable: Variable) -> object:
        """What a variable would like to be called; values called after one variable wish the same."""
        if variable.primal is None:
            return variable.hint or None
        primal, suffix = variable.primal
        return (self.variables.get(primal, primal), suffix)

    # -- naming -------------------------------------------------------------------------------------------------

    def name_all(self) -> dict[Value, str]:
        """Name variables in the order in which they appear; those called after another one once that has its name."""
        named = [p for p in self.fn.params if p.name]
        for p in named:
            self.claim(self.variables[p], p.name)
        first = [v for v in self.variables if self.variables[v].primal is None]
        for v in (*first, *self.fn.params, *self.variables):
            self.name(self.variables[v])
        return {v: self.printed[variable] for v, variable in self.variables.items()}

    def name(self, variable: Variable) -> str:
        """The name of a variable, chosen when it is first asked for."""
        if variable not in self.printed:
            wish, primal = variable.hint, variable.primal
            variable.primal = None  # should two values be called after each other, one of them gives way
            if primal is not None:
                wish = self.primal_name(primal[0]) + primal[1]
            if variable not in self.printed:
                self.claim(variable, wish)
        return self.printed[variable]

    def primal_name(self, primal: Value) -> str:
        """The name of a value that others are called after; it may not be printed itself."""
        if primal not in self.variables:
            self.variables[primal] = Variable([primal], [], primal.name, self.related.get(primal))
        return self.name(self.variables[primal])

    def claim(self, variable: Variable, wish: str) -> None:
        """Give a variable the first free name that goes back to a wish."""
        for name in self.candidates(wish, variable.fixed):
            if self.free(name, variable):
                self.printed[variable] = name
                self.kinds[name] = kind(variable.values[0].type)
                for r in variable.ranges:
                    insort(self.occupied.setdefault(name, []), r)
                return

    def candidates(self, wish: str, fixed: bool) -> Iterator[str]:
        """Names for a wish, best first; a<k> where there is none."""
        while not wish.isidentifier():
            self.count += 1
            if f"a{self.count}" not in self.hints:
                yield f"a{self.count}"
        if fixed or wish not in UNUSABLE:
            yield wish
        k = 0
        while True:
            k += 1
            yield f"{wish}_{k}"

    def free(self, name: str, variable: Variable) -> bool:
        """Whether a name is no one else's while a variable is alive."""
        if name in self.taken:
            return False
        return name not in self.kinds or (
            self.kinds[name] == kind(variable.values[0].type)
            and not overlap(self.occupied.get(name, []), variable.ranges)
        )
