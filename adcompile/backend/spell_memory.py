"""How reading and writing memory, lists, calls and effects are written.

The consumed operand and the first result of what writes share one name, which is the first target.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from adcompile.backend.spell_elementwise import Spell
from adcompile.backend.syntax import (
    Expr,
    Exprs,
    assign,
    call,
    dtype,
    literal,
    method,
    name,
    number,
    size,
    store,
    subscript,
)
from adcompile.ir.nodes import Atom, Const, Eqn
from adcompile.ir.types import Array, Lanes, List, Scalar, Stream, Type, dtype_of, rank

Write = Callable[[Eqn, Exprs, Sequence[str]], list[ast.stmt]]

# -- arrays -----------------------------------------------------------------------------------------------------


def needs_loops(index: Sequence[str]) -> bool:
    """Whether an index has parts that go through the run-time library."""
    return any(code in ("a", "m") for code in index)


def codes(index: Sequence[str]) -> Expr:
    """The codes of an index as a text, for the run-time library."""
    return ast.Constant(" ".join(index))


def selected(eqn: Eqn, x: Exprs) -> Expr:
    """load and view"""
    return subscript(x[0], eqn["index"], x[1:])


def gathered(eqn: Eqn, x: Exprs) -> Expr:
    """One index vector alone is Numba's own; every other mix goes through the run-time library."""
    if eqn["index"] == ("a",) and rank(eqn.operands[0].type) == 1 and rank(eqn.operands[1].type) == 1:
        return subscript(x[0], eqn["index"], x[1:])
    return call("rt.gather", codes(eqn["index"]), *x)


def write_store(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    array = name(targets[0])
    if needs_loops(eqn["index"]):
        return [ast.Expr(call("rt.scatter", codes(eqn["index"]), array, *x[1:]))]
    place = subscript(array, eqn["index"], x[2:])
    if isinstance(eqn.operands[1].type, Array | Lanes) and all(code == "i" for code in eqn["index"]):
        return [ast.Expr(call("rt.set_to", place, x[1]))]
    return [assign(place, x[1])]


def write_accumulate(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    """A view is added to through the run-time library: Numba would also copy it onto itself, and compiles long at it."""
    array, index = name(targets[0]), eqn["index"]
    if needs_loops(index):
        return [ast.Expr(call("rt.scatter_add", codes(index), array, *x[1:]))]
    if not index:
        return [ast.AugAssign(store(targets[0]), ast.Add(), x[1])]
    place = subscript(array, index, x[2:])
    if all(code == "i" for code in index) and len(index) == rank(eqn.operands[0].type):
        return [ast.AugAssign(place, ast.Add(), x[1])]
    return [ast.Expr(call("rt.add_to", place, x[1]))]


def write_drain(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    array, taken = name(targets[0]), store(targets[1])
    if needs_loops(eqn["index"]):
        return [assign(taken, call("rt.drain", codes(eqn["index"]), array, *x[1:]))]
    place = subscript(array, eqn["index"], x[1:])
    value = place if isinstance(eqn.results[1].type, Scalar) else method(place, "copy")
    return [assign(taken, value), assign(place, ast.Constant(0.0))]


def write_reserve(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    return [assign(store(targets[0]), call("rt.reserve", *x))]


# -- lanes ------------------------------------------------------------------------------------------------------


def in_lanes(eqn: Eqn, x: Exprs) -> Expr:
    """lanes"""
    made = dtype_of(eqn.results[0].type)
    narrow = isinstance(eqn.operands[0].type, Scalar) and made != "float64"
    return call("rt.lanes", x[0], literal(eqn["width"]), *([dtype(made)] if narrow else []))


# -- lists ------------------------------------------------------------------------------------------------------


def new_list(eqn: Eqn, x: Exprs) -> Expr:
    """A list; an empty one is cut from one with an element, which tells Numba its type."""
    if x:
        return ast.List(list(x), ast.Load())
    return example(List(eqn["element"]))


def example(type_: Type) -> Expr:
    """Some value of a type, as small as can be."""
    if isinstance(type_, List):
        return ast.Subscript(
            ast.List([example(type_.element)], ast.Load()), ast.Slice(None, ast.Constant(0)), ast.Load()
        )
    if isinstance(type_, Array):
        return call("np.zeros", literal((0,) * type_.rank), dtype(type_.dtype))
    return number(0, dtype_of(type_))


def at(items: Expr, position: Expr) -> Expr:
    return ast.Subscript(items, position, ast.Load())


def list_of_array(eqn: Eqn, x: Exprs) -> Expr:
    """array_to_list"""
    return call("rt.list_of_array", x[0])


def array_of_list(eqn: Eqn, x: Exprs) -> Expr:
    """list_to_array"""
    made = eqn.results[0].type
    return call("rt.array_of_list", x[0], literal(rank(made) - 1), dtype(dtype_of(made)))


def write_append(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    return [ast.Expr(method(name(targets[0]), "append", x[1]))]


def write_pop(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    return [assign(store(targets[1]), method(name(targets[0]), "pop"))]


def write_set(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    return [assign(at(name(targets[0]), x[2]), x[1])]


def write_list_accumulate(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    place = at(name(targets[0]), x[2])
    return [assign(place, ast.BinOp(place, ast.Add(), x[1]))]


def write_list_drain(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    """What was there is handed on as it is; a new zero of its shape takes its place."""
    items = eqn.operands[0].type
    assert isinstance(items, List)
    place, taken = at(name(targets[0]), x[1]), name(targets[1])
    zero = call("np.zeros_like", taken) if isinstance(items.element, Array) else example(items.element)
    return [assign(store(targets[1]), place), assign(place, zero)]


# -- calls and effects ------------------------------------------------------------------------------------------


def results(targets: Sequence[str]) -> Expr:
    """What several results are assigned to, or one."""
    if len(targets) == 1:
        return store(targets[0])
    return ast.Tuple([store(t) for t in targets], ast.Store())


def write_several(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    """A function of the run-time library that has several results."""
    return [assign(results(targets), call(f"rt.{eqn.primitive}", *x))]


def typed(operand: Atom, x: Expr) -> Expr:
    """An operand of a call; a constant that counts is no literal, for which Numba would compile a function once more.

    A function that calls itself and has such a second form crashes when Numba loads it from the disk.
    """
    if isinstance(operand, Const) and isinstance(operand.type, Scalar) and operand.type.dtype in ("int64", "bool"):
        return call("np.int64" if operand.type.dtype == "int64" else "np.bool_", x)
    return x


def write_call(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    made = call(eqn["function"], *map(typed, eqn.operands, x))
    return [assign(results(targets), made) if targets else ast.Expr(made)]


def write_call_into(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    """A call of a function that writes into its first argument, and does not hand it back."""
    return write_call(eqn, x, targets[1:])


def write_draw(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    """A method of the generator, or NumPy's function; how many comes after the parameters."""
    own = isinstance(eqn.operands[0].type if x else None, Stream)
    owner, parameters = (x[0], x[1:]) if own else (ast.parse("np.random", mode="eval").body, x)
    dims = parameters[eqn["given"] :]
    how_many = [size(dims)] if dims else []
    drawn = method(owner, eqn["family"], *parameters[: eqn["given"]], *how_many, *map(ast.Constant, eqn["settings"]))
    return [assign(store(targets[0]), drawn)]


def write_seed(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    return [ast.Expr(call("np.random.seed", x[0]))]


def write_print(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    rest = iter(x)
    return [ast.Expr(call("print", *(next(rest) if p is None else ast.Constant(p) for p in eqn["parts"])))]


def write_raise(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    message = [ast.Constant(eqn["message"])] if eqn["message"] else []
    return [ast.Raise(call(eqn["exception"], *message, *x))]


def write_assert(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    return [ast.Assert(x[0], ast.Constant(eqn["message"]) if eqn["message"] else None)]


SPELLINGS: dict[str, Spell] = {
    "load": selected,
    "view": selected,
    "gather": gathered,
    "lanes": in_lanes,
    "lanes_array": lambda eqn, x: call("rt.lanes_array", x[0]),
    "lanes_sum": lambda eqn, x: call("rt.lanes_sum", x[0]),
    "overlap": lambda eqn, x: call("rt.overlap", *x),
    "advance": lambda eqn, x: call("rt.advance", *x),
    "list_new": new_list,
    "list_get": lambda eqn, x: at(x[0], x[1]),
    "list_len": lambda eqn, x: call("len", x[0]),
    "list_zeros": lambda eqn, x: call("rt.list_zeros", x[0]),
    "list_add": lambda eqn, x: call("rt.list_add", *x),
    "list_to_array": array_of_list,
    "array_to_list": list_of_array,
}

STATEMENTS: dict[str, Write] = {
    "store": write_store,
    "accumulate": write_accumulate,
    "drain": write_drain,
    "reserve": write_reserve,
    "list_append": write_append,
    "list_pop": write_pop,
    "list_set": write_set,
    "list_accumulate": write_list_accumulate,
    "list_drain": write_list_drain,
    **dict.fromkeys("slogdet eigh eig svd qr".split(), write_several),
    "call": write_call,
    "call_into": write_call_into,
    "draw": write_draw,
    "seed": write_seed,
    "print": write_print,
    "raise": write_raise,
    "assert": write_assert,
}
