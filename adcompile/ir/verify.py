"""Checks that a program is well formed: definitions, types, regions, primitives, calls, and (`memory`) consumption.

Runs after every pass. Trusts nobody and repairs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NoReturn, TypeVar

from adcompile.errors import ADError, InternalError
from adcompile.ir.indices import check_index
from adcompile.ir.memory import check_consumption
from adcompile.ir.nodes import (
    Atom,
    Block,
    Const,
    Eqn,
    For,
    Function,
    If,
    Node,
    Program,
    Undef,
    Value,
    While,
    blocks_of,
    operands_of,
    results_of,
)
from adcompile.ir.primitives import CALLS, PRIMITIVES
from adcompile.ir.text import text
from adcompile.ir.types import Array, List, Scalar, Type
from adcompile.ir.walk import read_at_once

P = TypeVar("P", Program, Function)


def verify(program: P, *, memory: bool = True) -> P:
    """The same program or function, once it has been found well formed.

    Parameters
    ----------
    program : Program or Function
        Calls are checked only in a program: a function alone does not know its callees.
    memory : bool
        Whether each version of an array must be out of use when it is overwritten. Derivative programs need not
        keep to that before `own` has inserted copies.

    Raises
    ------
    InternalError
        Showing the text of the function with the wrong line marked.
    """
    if isinstance(program, Function):
        Verifier(program, None).run(memory)
        return program
    if program.entry not in program.functions:
        raise InternalError(f"the program has no function {program.entry!r} to enter at")
    for name, fn in program.functions.items():
        if name != fn.name:
            raise InternalError(f"function {fn.name!r} is entered as {name!r}", fn.span)
        Verifier(fn, program.functions).run(memory)
    return program


def assignable(source: Type, target: Type) -> bool:
    """Whether a value of one type may stand where another was declared.

    Weakness does not count: it decides how numbers promote, not how they are stored. A contiguous array may
    stand for a strided one, but not the other way round.
    """
    match source, target:
        case Scalar(), Scalar():
            return source.dtype == target.dtype
        case Array(), Array():
            same = source.dtype == target.dtype and source.rank == target.rank
            return same and (source.contiguous or not target.contiguous)
        case List(), List():
            return assignable(source.element, target.element)
    return source == target


def alike(a: Type, b: Type) -> bool:
    """Whether two types differ in weakness and layout at most."""
    match a, b:
        case Array(), Array():
            return a.dtype == b.dtype and a.rank == b.rank
        case List(), List():
            return alike(a.element, b.element)
    return assignable(a, b)


class Malformed(Exception):
    """What is wrong, before it is known where."""


class Verifier:
    """One walk through a function, with the values visible so far."""

    def __init__(self, fn: Function, functions: Mapping[str, Function] | None) -> None:
        self.fn = fn
        self.functions = functions
        self.visible: set[Value] = set()
        self.defined: set[Value] = set()
        self.current: Node | None = None

    def run(self, memory: bool) -> None:
        """Check everything; a failure is shown in the text of the function."""
        try:
            self.function()
            if memory:
                check_consumption(self.fn, self.at)
        except Malformed as wrong:
            listing = text(self.fn, mark=self.current)
            raise InternalError(f"{wrong}\n\n{listing}", getattr(self.current, "span", self.fn.span)) from None

    def at(self, node: Node | None, message: str) -> NoReturn:
        """Fail at a node, or in the results of the function."""
        self.current = node
        raise Malformed(message)

    # -- structure ----------------------------------------------------------------------------------------------

    def function(self) -> None:
        """Check the body and that the tree of results fits them."""
        expect(not self.fn.body.params, "the body of a function takes no parameters: they are the function's")
        self.define(self.fn.params)
        self.block(self.fn.body, None)
        for atom in self.fn.body.results:
            expect(not isinstance(atom, Undef), "a function returns a value that is never defined")
        count = len(self.fn.body.results)
        if self.fn.tree is None:
            expect(count == 1, f"a bare result is one value, not {count}")
        for position in positions(self.fn.tree):
            expect(0 <= position < count, f"the tree of results names position {position} of {count}")

    def block(self, block: Block, owner: Node | None) -> None:
        """Check a block; what it defines is visible in it only."""
        mine: list[Value] = []
        self.define(block.params)
        mine += block.params
        for node in block.nodes:
            self.node(node)
            self.current = node
            self.define(results_of(node))
            mine += results_of(node)
        self.current = owner
        for atom in block.results:
            self.read(atom)
        self.visible.difference_update(mine)

    def define(self, values: Iterable[Value]) -> None:
        """Make values visible that nobody has defined before."""
        for value in values:
            expect(value not in self.defined, f"{value.name or 'a value'} is defined twice")
            self.defined.add(value)
            self.visible.add(value)

    def read(self, atom: Atom) -> None:
        """Check that an atom is visible."""
        if isinstance(atom, Value) and atom not in self.visible:
            where = "outside its block" if atom in self.defined else "before it is defined"
            expect(False, f"{atom.name or 'a value'} is read {where}")

    def node(self, node: Node) -> None:
        """Check what a node reads, its blocks, and its types."""
        self.current = node
        for atom in operands_of(node):
            self.read(atom)
        for block in blocks_of(node):
            self.block(block, node)
        for atom in read_at_once(node):
            expect(not isinstance(atom, Undef), "reads a value that is never defined")
        match node:
            case Eqn():
                self.eqn(node)
            case If():
                self.choice(node)
            case For() | While():
                self.loop(node)

    # -- regions ------------------------------------------------------------------------------------------------

    def choice(self, node: If) -> None:
        """Check the types of a choice."""
        flag(node.cond, "the condition")
        for name, block in (("then", node.then), ("else", node.orelse)):
            expect(not block.params, f"the {name} branch takes no parameters")
            same_types(block.results, node.results, f"what the {name} branch yields", "the results")

    def loop(self, node: For | While) -> None:
        """Check the types of a loop."""
        params = node.body.params
        if isinstance(node, For):
            for name, bound in (("start", node.start), ("stop", node.stop), ("step", node.step)):
                integer(bound, f"the {name} of the range")
            expect(bool(params), "the body of a counted loop takes no index")
            integer(params[0], "the index")
            params = params[1:]
        else:
            expect(len(node.cond.results) == 1, "the condition yields one flag")
            flag(node.cond.results[0], "the condition")
            same_types(node.inits, node.cond.params, "the initial values", "the parameters of the condition")
        same_types(node.inits, params, "the initial values", "the parameters of the body")
        nexts = node.body.results
        if node.breaks:
            expect(bool(nexts), "a loop that breaks yields no flag")
            flag(nexts[-1], "the flag that ends the loop")
            nexts = nexts[:-1]
        same_types(nexts, params, "what the body yields", "its parameters")
        same_types(params, node.results, "the parameters of the body", "the results")
        if node.trips is not None:
            integer(node.trips, "the count of trips")

    # -- equations ----------------------------------------------------------------------------------------------

    def eqn(self, node: Eqn) -> None:
        """Check an equation against what is known of its primitive."""
        expect(node.primitive in PRIMITIVES, f"there is no primitive {node.primitive!r}")
        about = PRIMITIVES[node.primitive]
        given = tuple(name for name, _ in node.params)
        expect(given == about.params, f"{node.primitive} takes the parameters {about.params}, not {given}")
        types = tuple(o.type for o in node.operands)
        params = dict(node.params)
        if "index" in params:
            wrong = check_index(node.primitive, types, params["index"])
            expect(not wrong, wrong)
        try:
            inferred = about.infer(types, params)
        except (ADError, AssertionError, AttributeError, IndexError, TypeError, ValueError) as error:
            raise Malformed(f"{node.primitive} does not take {listed(types)}: {error}") from None
        results = tuple(r.type for r in node.results)
        agree = len(inferred) == len(results) and all(map(alike, inferred, results))
        expect(agree, f"{node.primitive} yields {listed(inferred)}, not {listed(results)}")
        if node.primitive in CALLS and self.functions is not None:
            self.call(node, self.functions)

    def call(self, node: Eqn, functions: Mapping[str, Function]) -> None:
        """Check a call against the function that it calls."""
        callee = functions.get(node["function"])
        if callee is None:
            raise Malformed(f"the program has no function {node['function']!r}")
        same_types(node.operands, callee.params, "the operands", f"the parameters of {callee.name}")
        same_types(callee.body.results, node.results, f"what {callee.name} returns", "the results")


def expect(holds: bool, message: str) -> None:
    """Fail with a message unless something holds."""
    if not holds:
        raise Malformed(message)


def flag(atom: Atom, what: str) -> None:
    """Expect a scalar flag."""
    expect(assignable(atom.type, Scalar("bool")), f"{what} is no flag but {atom.type}")


def integer(atom: Atom, what: str) -> None:
    """Expect an integer scalar."""
    ok = isinstance(atom.type, Scalar) and atom.type.dtype.startswith(("int", "uint"))
    expect(ok, f"{what} is no integer but {atom.type}")


def same_types(sources: tuple[Atom, ...], targets: tuple[Atom, ...], source: str, target: str) -> None:
    """Expect as many of one as of the other, each assignable."""
    expect(len(sources) == len(targets), f"{source} are {len(sources)}, {target} {len(targets)}")
    for k, (a, b) in enumerate(zip(sources, targets, strict=True)):
        fits = alike(a.type, b.type) if isinstance(a, Const | Undef) else assignable(a.type, b.type)
        expect(fits, f"number {k} of {source} is {a.type}, of {target} {b.type}")


def listed(types: Iterable[Type]) -> str:
    """Types, for a message."""
    return ", ".join(map(str, types)) or "nothing"


def positions(tree: object) -> Iterable[int]:
    """The positions that a tree of results names."""
    if isinstance(tree, tuple):
        for branch in tree:
            yield from positions(branch)
    elif isinstance(tree, int):
        yield tree
