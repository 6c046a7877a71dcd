"""Random well-formed IR for property tests, and an interpreter that says what it means.

The interpreter has value semantics: a store yields a new array. It is the definition the passes are held to.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, If, Node, Program, Value, While
from adcompile.ir.types import FLOAT, INT, WEAK_FLOAT, Array

Variables = dict[str, Atom]

SCALARS = ("x", "y", "z")
ARRAYS = ("a", "b")
LENGTH = 3


class Writer:
    """Writes random statements the way a frontend would: variables are merged and carried by name.

    A careless writer also reads and overwrites arrays that are not the latest version of a variable.
    """

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any], careless: bool) -> None:
        self.draw = draw
        self.careless = careless
        self.b = Builder()
        #: the arrays that can be seen, of any version
        self.seen: list[Atom] = []
        self.budget = 25

    def pick(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def function(self) -> Function:
        params = [Value(FLOAT, n) for n in SCALARS] + [Value(Array("float64", 1), n) for n in ARRAYS]
        variables: Variables = {p.name: p for p in params}
        self.seen += params[len(SCALARS) :]
        self.statements(variables, 0)
        names = self.draw(st.lists(st.sampled_from(SCALARS + ARRAYS), min_size=1, max_size=3, unique=True))
        block = self.b.finish(self.b.frames[0], (), [variables[n] for n in names])
        return Function("f", tuple(params), block, tuple(range(len(names))))

    def statements(self, variables: Variables, depth: int) -> None:
        for _ in range(self.draw(st.integers(1, 5))):
            self.budget -= 1
            if self.budget > 0:
                kinds = ["assign", "assign", "copy", "load", "store", "store", "print"]
                kind = self.pick(*kinds, *(["if", "for", "while"] if depth < 3 else []))
                getattr(self, f"{kind}_statement")(variables, depth)

    def array(self, variables: Variables, name: str) -> Atom:
        """An array to work on."""
        return self.pick(variables[name], *self.seen[-4:]) if self.careless else variables[name]

    def block(self, variables: Variables, depth: int) -> None:
        """Statements of a nested block, whose arrays are seen in it only."""
        before = len(self.seen)
        self.seen += [v for v in variables.values() if isinstance(v.type, Array)]
        self.statements(variables, depth + 1)
        del self.seen[before:]

    def scalar(self, variables: Variables) -> Atom:
        return self.pick(*(variables[n] for n in SCALARS), const(self.pick(0.0, 1.0, 2.5, -1.0)))

    def assign_statement(self, variables: Variables, depth: int) -> None:
        name = self.pick(*SCALARS)
        op = self.pick("add", "sub", "mul", "maximum")
        variables[name] = self.b.emit(op, self.scalar(variables), self.scalar(variables), name=name)
        if isinstance(variables[name], Const):
            variables[name] = Const(float(variables[name].value), FLOAT)

    def copy_statement(self, variables: Variables, depth: int) -> None:
        variables[self.pick(*SCALARS)] = variables[self.pick(*SCALARS)]

    def load_statement(self, variables: Variables, depth: int) -> None:
        name, place = self.pick(*SCALARS), const(self.draw(st.integers(0, LENGTH - 1)))
        array = self.array(variables, self.pick(*ARRAYS))
        variables[name] = self.b.emit("load", array, place, index=("i",), name=name)

    def store_statement(self, variables: Variables, depth: int) -> None:
        name, place = self.pick(*ARRAYS), const(self.draw(st.integers(0, LENGTH - 1)))
        op = self.pick("store", "accumulate")
        array = self.array(variables, name)
        variables[name] = self.b.emit(op, array, self.scalar(variables), place, index=("i",), name=name)
        self.seen.append(variables[name])

    def print_statement(self, variables: Variables, depth: int) -> None:
        if self.pick(True, False, False):
            self.b.emit("print", self.scalar(variables), parts=(None,))

    def if_statement(self, variables: Variables, depth: int) -> None:
        if self.pick(True, True, True, False):
            cond = self.b.emit("lt", self.scalar(variables), self.scalar(variables))
        else:
            cond = const(self.pick(True, False))
        then, orelse = dict(variables), dict(variables)
        blocks = []
        for branch in (then, orelse):
            with self.b.block() as frame:
                self.block(branch, depth)
            blocks.append((frame, branch))
        finished = [self.b.finish(frame, (), list(branch.values())) for frame, branch in blocks]
        results = self.b.if_(cond, finished[0], finished[1], list(variables))
        variables.update(zip(variables, results, strict=True))

    def for_statement(self, variables: Variables, depth: int) -> None:
        index = Value(INT, "i")
        inits = list(variables.values())
        params = [Value(v.type if isinstance(v.type, Array) else FLOAT, n) for n, v in variables.items()]
        breaks = self.pick(False, False, True)
        with self.b.block() as frame:
            inside: Variables = dict(zip(variables, params, strict=True))
            self.block(inside, depth)
            flag = [self.b.emit("lt", self.scalar(inside), self.scalar(inside))] if breaks else []
        body = self.b.finish(frame, [index, *params], [*inside.values(), *flag])
        bounds = (const(0), const(self.draw(st.integers(0, 3))), const(1))
        results, trips = self.b.for_(bounds, inits, body, breaks=breaks, trips=self.pick(True, False))
        variables.update(zip(variables, results, strict=True))
        self.read_trips(variables, trips)

    def while_statement(self, variables: Variables, depth: int) -> None:
        counter = const(0, INT)
        inits = [counter, *variables.values()]
        types = [v.type if isinstance(v.type, Array) else FLOAT for v in variables.values()]
        blocks = []
        for part in ("cond", "body"):
            params = [Value(INT, "k"), *(Value(t, n) for t, n in zip(types, variables, strict=True))]
            inside: Variables = dict(zip(variables, params[1:], strict=True))
            with self.b.block() as frame:
                if part == "cond":
                    below = self.b.emit("lt", params[0], const(2))
                    more = self.b.emit("lt", self.scalar(inside), self.scalar(inside))
                    results: list[Atom] = [self.b.emit("logical_and", below, more)]
                else:
                    self.block(inside, depth)
                    results = [self.b.emit("add", params[0], const(1)), *inside.values()]
            blocks.append(self.b.finish(frame, params, results))
        values, trips = self.b.while_(inits, *blocks, trips=self.pick(True, False))
        variables.update(zip(variables, values[1:], strict=True))
        self.read_trips(variables, trips)

    def read_trips(self, variables: Variables, trips: Value | None) -> None:
        if trips is not None and self.pick(True, False):
            variables["x"] = self.b.emit("cast", trips, dtype="float64")


@st.composite
def functions(draw: Callable[[st.SearchStrategy[Any]], Any], careless: bool = False) -> Function:
    """A random function of three numbers and two arrays of length 3."""
    return Writer(draw, careless).function()


# -- meaning ----------------------------------------------------------------------------------------------------


def overwritten(a: Any, v: Any, k: Any = slice(None)) -> Any:
    a[k] = v
    return a


def added_to(a: Any, v: Any, k: int) -> Any:
    return overwritten(a, a[k] + v, k)


def stored(a: Any, v: Any, k: Any = slice(None)) -> Any:
    new = a.copy()
    new[k] = v
    return new


def accumulated(a: Any, v: Any, k: int) -> Any:
    return stored(a, a[k] + v, k)


MEANING: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "neg": operator.neg,
    "sin": np.sin,
    "lt": operator.lt,
    "maximum": max,
    "logical_and": lambda a, b: a and b,
    "load": lambda a, k: a[k],
    "store": stored,
    "accumulate": accumulated,
    "cast": float,
    "shape": len,
    "zeros": np.zeros,
    "empty": lambda n: np.full(n, np.nan),  # nobody reads it
    "copy": np.copy,
}


#: what writes do in memory
IN_PLACE = {"store": overwritten, "accumulate": added_to}


class Interpreter:
    """Runs a program and notes what it prints."""

    def __init__(self, program: Program, in_place: bool = False) -> None:
        self.program = program
        self.meaning = {**MEANING, **(IN_PLACE if in_place else {})}
        self.printed: list[Any] = []

    def run(self, fn: Function, arguments: list[Any]) -> list[Any]:
        return self.block(fn.body, dict(zip(fn.params, arguments, strict=True)))

    def value(self, atom: Atom, scope: dict[Value, Any]) -> Any:
        match atom:
            case Const():
                return float(atom.value) if atom.type in (FLOAT, WEAK_FLOAT) else atom.value
            case Value():
                return scope[atom]
        return None

    def block(self, block: Block, scope: dict[Value, Any]) -> list[Any]:
        for node in block.nodes:
            self.node(node, scope)
        return [self.value(a, scope) for a in block.results]

    def node(self, node: Node, scope: dict[Value, Any]) -> None:
        match node:
            case Eqn():
                found = self.eqn(node, [self.value(o, scope) for o in node.operands])
            case If():
                found = self.block(node.then if self.value(node.cond, scope) else node.orelse, scope)
            case For() | While():
                found = self.loop(node, scope)
        results = node.results
        if isinstance(node, For | While) and node.trips is not None:
            results = (*results, node.trips)
        scope.update(zip(results, found, strict=False))

    def eqn(self, node: Eqn, operands: list[Any]) -> list[Any]:
        if node.primitive == "print":
            self.printed.append(operands)
            return []
        if node.primitive == "call":
            return self.run(self.program.functions[node["function"]], operands)
        return [self.meaning[node.primitive](*operands)]

    def loop(self, node: For | While, scope: dict[Value, Any]) -> list[Any]:
        state = [self.value(a, scope) for a in node.inits]
        trips = 0
        indices = None
        if isinstance(node, For):
            indices = iter(range(*(self.value(b, scope) for b in (node.start, node.stop, node.step))))
        while True:
            if isinstance(node, While):
                scope.update(zip(node.cond.params, state, strict=True))
                if not self.block(node.cond, scope)[0]:
                    break
            elif (index := next(indices, None)) is None:
                break
            else:
                state = [index, *state]
            trips += 1
            scope.update(zip(node.body.params, state, strict=True))
            state = self.block(node.body, scope)
            if node.breaks and state.pop():
                break
        return [*state, trips]


ARGUMENTS = [0.5, -1.5, 2.0, np.array([1.0, -2.0, 0.25]), np.array([3.0, 0.5, -1.0])]


def meaning(fn: Function, in_place: bool = False) -> tuple[list[Any], list[Any]]:
    """What a function returns for fixed arguments, and what it prints, as comparable text."""
    interpreter = Interpreter(Program(), in_place)
    with np.errstate(all="ignore"):
        results = interpreter.run(fn, [a.copy() if isinstance(a, np.ndarray) else a for a in ARGUMENTS])
    return list(map(repr, results)), list(map(repr, interpreter.printed))
