"""How each primitive is written in Python: one entry each, as text over its operands where that says it all.

Chooses by the types of the operands: numbers take operators and `math`, arrays operators and NumPy, and what Numba lacks
`adcompile.runtime`. Names, statements other than an equation's own, and nesting are `emit`'s.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from adcompile.errors import InternalError
from adcompile.ir.nodes import Eqn
from adcompile.ir.primitives import axes_of
from adcompile.ir.types import Array, Scalar, Type, dtype_of, is_complex, rank

Expr = ast.expr
Exprs = Sequence[ast.expr]

BINARY: dict[str, type[ast.operator]] = {
    "add": ast.Add,
    "sub": ast.Sub,
    "mul": ast.Mult,
    "div": ast.Div,
    "floordiv": ast.FloorDiv,
    "mod": ast.Mod,
    "pow": ast.Pow,
    "bit_and": ast.BitAnd,
    "bit_or": ast.BitOr,
    "bit_xor": ast.BitXor,
    "shift_left": ast.LShift,
    "shift_right": ast.RShift,
}
COMPARE: dict[str, type[ast.cmpop]] = {
    "lt": ast.Lt,
    "le": ast.LtE,
    "gt": ast.Gt,
    "ge": ast.GtE,
    "eq": ast.Eq,
    "ne": ast.NotEq,
}
#: real numbers: the name in `math`
MATH = {
    **{n: n for n in "sin cos tan sinh cosh tanh exp exp2 expm1 log log2 log10 log1p sqrt hypot copysign fmod".split()},
    **{n: n for n in "floor ceil trunc isnan isinf isfinite".split()},
    **{f"arc{n}": f"a{n}" for n in "sin cos tan sinh cosh tanh tan2".split()},
}
RUNTIME = set("erf erfc gamma lgamma digamma trigamma tetragamma sign".split())
LIBRARY = set("inv cholesky det slogdet solve".split())
SCANS = set("cumsum cumprod sort argsort flip recurrence roll take_along".split())
REDUCTIONS = set("sum prod max min any all argmax argmin".split())
#: what a Python number converts by
CONVERT = {"float64": "float", "int64": "int", "bool": "bool", "complex128": "complex"}


def name(identifier: str) -> Expr:
    """A name, dotted or not."""
    first, *rest = identifier.split(".")
    tree: Expr = ast.Name(first, ast.Load())
    for part in rest:
        tree = ast.Attribute(tree, part, ast.Load())
    return tree


def call(function: str, *args: Expr) -> Expr:
    """A call of a dotted name."""
    return ast.Call(name(function), list(args), [])


def method(owner: Expr, function: str, *args: Expr) -> Expr:
    """A call of a method."""
    return ast.Call(ast.Attribute(owner, function, ast.Load()), list(args), [])


def tuple_of(items: Iterable[Expr]) -> Expr:
    return ast.Tuple(list(items), ast.Load())


def literal(value: Any) -> Expr:
    """A static parameter."""
    if isinstance(value, tuple):
        return tuple_of(map(literal, value))
    if isinstance(value, int) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def dtype(dtype_name: str) -> Expr:
    return name({"bool": "np.bool_"}.get(dtype_name, f"np.{dtype_name}"))


def is_array(type_: Type) -> bool:
    return isinstance(type_, Array)


def subscript(array: Expr, index: Sequence[str], parts: Exprs) -> Expr:
    """array[index], from the codes of an index and its run-time parts."""
    rest = iter(parts)
    items: list[Expr] = []
    for code in index:
        if code[0] == "s":
            items.append(ast.Slice(*(next(rest) if present == "1" else None for present in code[1:])))
        else:
            items.append(ast.Constant(None) if code == "n" else next(rest))
    if not items:
        items = [ast.Slice()]
    return ast.Subscript(array, items[0] if len(items) == 1 else tuple_of(items), ast.Load())


def shape_of(dims: Exprs) -> Expr:
    """A shape: `x.shape` where the lengths are all those of one array, in order."""
    owner = shape_owner(dims)
    return ast.Attribute(owner, "shape", ast.Load()) if owner is not None else tuple_of(dims)


def shape_owner(dims: Exprs) -> Expr | None:
    owners = []
    for k, d in enumerate(dims):
        match d:
            case ast.Subscript(ast.Attribute(owner, "shape"), ast.Constant(axis)) if axis == k:
                owners.append(owner)
            case _:
                return None
    return owners[0] if owners and all(ast.dump(o) == ast.dump(owners[0]) for o in owners) else None


def lengths(dims: Exprs) -> Expr:
    """What creates an array of a shape: one number for a vector, else a tuple."""
    return dims[0] if len(dims) == 1 else tuple_of(dims)


# -- pure equations -----------------------------------------------------------------------------------------------


def expression(eqn: Eqn, operands: Exprs) -> Expr:
    """The right-hand side of a pure equation with one result.

    Parameters
    ----------
    eqn : Eqn
    operands : sequence of ast.expr
        What its operands are written as.
    """
    p, x = eqn.primitive, operands
    arrays = any(is_array(o.type) for o in eqn.operands)
    if p in BINARY:
        return ast.BinOp(x[0], BINARY[p](), x[1])
    if p in COMPARE:
        return ast.Compare(x[0], [COMPARE[p]()], [x[1]])
    if p in SPELLINGS:
        return SPELLINGS[p](eqn, x)
    if p in REDUCTIONS:
        return reduction(eqn, x[0])
    if p in SCANS:
        return call(f"rt.{p}", *x, literal(eqn["axis"]))
    if p in LIBRARY:
        return call(f"rt.{p}", *x)
    if p in RUNTIME:
        return call(f"rt.{p}" if arrays or p not in ("erf", "erfc", "gamma", "lgamma") else p, *x)
    complex_numbers = any(is_complex(dtype_of(o.type)) for o in eqn.operands)
    if p in MATH and not arrays and not complex_numbers:
        written = call(MATH[p], *x)
        return call("float", written) if p in ("floor", "ceil", "trunc") and result_is_float(eqn) else written
    return call(f"np.{p}", *x)


def result_is_float(eqn: Eqn) -> bool:
    return np.dtype(dtype_of(eqn.results[0].type)).kind == "f"


def reduction(eqn: Eqn, x: Expr) -> Expr:
    """A reduction: NumPy's own over everything, one axis after the other otherwise."""
    n = rank(eqn.operands[0].type)
    axes = axes_of(eqn["axis"], n)
    if len(axes) == n and n > 1 or eqn["axis"] is None:
        reduced = call(f"np.{eqn.primitive}", x)
    else:
        reduced = x
        for axis in reversed(axes):
            reduced = call(f"rt.{eqn.primitive}_axis", reduced, literal(axis))
    if not eqn["keepdims"]:
        return reduced
    if len(axes) == n:
        return call("np.full", literal((1,) * n), reduced)
    for axis in axes:
        reduced = call("np.expand_dims", reduced, literal(axis))
    return reduced


def negation(eqn: Eqn, x: Exprs) -> Expr:
    return ast.UnaryOp(ast.USub(), x[0])


def operand(eqn: Eqn, x: Exprs) -> Expr:
    return x[0]


def logical(operator: type[ast.boolop], function: str) -> Callable[[Eqn, Exprs], Expr]:
    def spell(eqn: Eqn, x: Exprs) -> Expr:
        return call(function, *x) if is_array(eqn.results[0].type) else ast.BoolOp(operator(), list(x))

    return spell


def logical_not(eqn: Eqn, x: Exprs) -> Expr:
    if is_array(eqn.results[0].type):
        return call("np.logical_not", x[0])
    return ast.UnaryOp(ast.Not(), x[0])


def logical_xor(eqn: Eqn, x: Exprs) -> Expr:
    if is_array(eqn.results[0].type):
        return call("np.logical_xor", *x)
    return ast.Compare(call("bool", x[0]), [ast.NotEq()], [call("bool", x[1])])


def bit_not(eqn: Eqn, x: Exprs) -> Expr:
    return ast.UnaryOp(ast.Invert(), x[0])


def choice(eqn: Eqn, x: Exprs) -> Expr:
    """where(flag, x, y)."""
    if is_array(eqn.results[0].type):
        return call("np.where", *x)
    return ast.IfExp(x[0], x[1], x[2])


def extreme(function: str) -> Callable[[Eqn, Exprs], Expr]:
    """The larger or smaller of two: integers by Python's own, floats so that NaN wins."""

    def spell(eqn: Eqn, x: Exprs) -> Expr:
        if is_array(eqn.results[0].type):
            return call(f"np.{function}", *x)
        if np.dtype(dtype_of(eqn.results[0].type)).kind in "iu":
            return call("max" if function == "maximum" else "min", *x)
        return call(f"rt.{function}", *x)

    return spell


def absolute(eqn: Eqn, x: Exprs) -> Expr:
    return call("np.abs" if is_array(eqn.operands[0].type) else "abs", x[0])


def part(which: str) -> Callable[[Eqn, Exprs], Expr]:
    def spell(eqn: Eqn, x: Exprs) -> Expr:
        if not is_complex(dtype_of(eqn.operands[0].type)):
            return x[0] if which == "real" else ast.BinOp(x[0], ast.Mult(), ast.Constant(0.0))
        if is_array(eqn.results[0].type):
            return call("np.ascontiguousarray", call(f"np.{which}", x[0]))
        return ast.Attribute(x[0], which, ast.Load())

    return spell


def conversion(eqn: Eqn, x: Exprs) -> Expr:
    """cast: complex numbers are never made real silently, the rules take the real part first."""
    target = eqn["dtype"]
    if is_array(eqn.operands[0].type):
        return method(x[0], "astype", dtype(target))
    return call(CONVERT.get(target, f"np.{target}"), x[0])


def cube_root(eqn: Eqn, x: Exprs) -> Expr:
    return call("np.cbrt", x[0])


def power_of_two(eqn: Eqn, x: Exprs) -> Expr:
    return call("np.exp2", x[0])


def rounded(eqn: Eqn, x: Exprs) -> Expr:
    return call("np.rint", x[0])


def length(eqn: Eqn, x: Exprs) -> Expr:
    return ast.Subscript(ast.Attribute(x[0], "shape", ast.Load()), ast.Constant(eqn["axis"]), ast.Load())


def created(function: str) -> Callable[[Eqn, Exprs], Expr]:
    def spell(eqn: Eqn, x: Exprs) -> Expr:
        owner = shape_owner(x)
        size = lengths(x) if owner is None else shape_of(x)
        if eqn["dtype"] == "float64":
            return call(f"np.{function}", size)
        return call(f"np.{function}", size, dtype(eqn["dtype"]))

    return spell


def filled(eqn: Eqn, x: Exprs) -> Expr:
    return call("np.full", shape_of(x[1:]), x[0], dtype(eqn["dtype"]))


def reshaped(eqn: Eqn, x: Exprs) -> Expr:
    source = eqn.operands[0].type
    array = x[0] if isinstance(source, Array) and source.contiguous else call("np.ascontiguousarray", x[0])
    return method(array, "reshape", shape_of(x[1:]) if len(x) > 2 else lengths(x[1:]))


def transposed(eqn: Eqn, x: Exprs) -> Expr:
    n = rank(eqn.operands[0].type)
    if eqn["axes"] == tuple(reversed(range(n))):
        return ast.Attribute(x[0], "T", ast.Load())
    return call("np.transpose", x[0], literal(eqn["axes"]))


def onto_shape(function: str) -> Callable[[Eqn, Exprs], Expr]:
    def spell(eqn: Eqn, x: Exprs) -> Expr:
        if function == "broadcast_to" and not is_array(eqn.operands[0].type):
            return call("np.full", shape_of(x[1:]), x[0])
        return call(f"rt.{function}", x[0], shape_of(x[1:]))

    return spell


def joined(function: str) -> Callable[[Eqn, Exprs], Expr]:
    def spell(eqn: Eqn, x: Exprs) -> Expr:
        return call(f"rt.{function}", tuple_of(x), literal(eqn["axis"]))

    return spell


def triangle(eqn: Eqn, x: Exprs) -> Expr:
    return call("np.ascontiguousarray", call(f"np.{eqn.primitive}", x[0], literal(eqn["k"])))


def counted(eqn: Eqn, x: Exprs) -> Expr:
    return call("np.arange", x[0], x[1], x[2], dtype(eqn["dtype"]))


def identity(eqn: Eqn, x: Exprs) -> Expr:
    return call("np.eye", x[0], x[1], literal(eqn["k"]), dtype(eqn["dtype"]))


def array(eqn: Eqn, x: Exprs) -> Expr:
    """np.array of numbers, nested as its shape says."""

    def nested(shape: tuple[int, ...], items: Exprs) -> Expr:
        if len(shape) == 1:
            return ast.List(list(items), ast.Load())
        step = len(items) // shape[0]
        return ast.List([nested(shape[1:], items[k * step : (k + 1) * step]) for k in range(shape[0])], ast.Load())

    if not x:
        return call("np.zeros", literal(eqn["shape"]), dtype(eqn["dtype"]))
    kinds = {dtype_of(o.type) for o in eqn.operands}
    items = list(x)
    if kinds != {eqn["dtype"]}:
        convert = CONVERT.get(eqn["dtype"], f"np.{eqn['dtype']}")
        items = [
            i if dtype_of(o.type) == eqn["dtype"] else call(convert, i)
            for i, o in zip(items, eqn.operands, strict=True)
        ]
    made = call("np.array", nested(eqn["shape"], items))
    return made


def copied(eqn: Eqn, x: Exprs) -> Expr:
    source = eqn.operands[0].type
    if not isinstance(source, Array):
        return call("list", x[0])
    return method(x[0], "copy") if source.contiguous else call("rt.contiguous_copy", x[0])


def selected(eqn: Eqn, x: Exprs) -> Expr:
    return subscript(x[0], eqn["index"], x[1:])


def gathered(eqn: Eqn, x: Exprs) -> Expr:
    """One index vector alone is Numba's own; every other mix goes through the run-time library."""
    index = eqn["index"]
    if index == ("a",) and rank(eqn.operands[0].type) == 1 and rank(eqn.operands[1].type) == 1:
        return subscript(x[0], index, x[1:])
    return call("rt.gather", codes(index), x[0], *x[1:])


def codes(index: Sequence[str]) -> Expr:
    return ast.Constant(" ".join(index))


def product(eqn: Eqn, x: Exprs) -> Expr:
    """`@`: vectors and matrices of one floating dtype go to BLAS, which wants them contiguous."""
    a, b = (o.type for o in eqn.operands)
    floats = np.dtype(dtype_of(a)).kind in "fc" and dtype_of(a) == dtype_of(b)
    if rank(a) > 2 or rank(b) > 2 or not floats:
        return call("rt.matmul", *x)
    sides = [
        e if isinstance(t, Array) and t.contiguous else call("np.ascontiguousarray", e)
        for e, t in zip(x, (a, b), strict=True)
    ]
    return ast.BinOp(sides[0], ast.MatMult(), sides[1])


def search(eqn: Eqn, x: Exprs) -> Expr:
    return ast.Call(name("np.searchsorted"), [x[0], x[1]], [ast.keyword("side", ast.Constant(eqn["side"]))])


def placed_along(eqn: Eqn, x: Exprs) -> Expr:
    return call("rt.put_along", x[0], x[1], tuple_of(x[2:]), literal(eqn["axis"]))


def new_list(eqn: Eqn, x: Exprs) -> Expr:
    """A list literal; an empty one is cut from one with an element, which tells Numba its type."""
    if x:
        return ast.List(list(x), ast.Load())
    element = eqn["element"]
    one: Expr = dummy(element)
    return ast.Subscript(ast.List([one], ast.Load()), ast.Slice(None, ast.Constant(0)), ast.Load())


def dummy(element: Type) -> Expr:
    if isinstance(element, Array):
        return call("np.zeros", literal((0,) * element.rank) if element.rank > 1 else ast.Constant(0), dtype(element.dtype))
    plain = {"float64": 0.0, "int64": 0, "bool": False, "complex128": 0j}
    dtype_name = dtype_of(element)
    return ast.Constant(plain[dtype_name]) if dtype_name in plain else ast.Call(dtype(dtype_name), [ast.Constant(0)], [])


def element(eqn: Eqn, x: Exprs) -> Expr:
    return ast.Subscript(x[0], x[1], ast.Load())


def list_array(eqn: Eqn, x: Exprs) -> Expr:
    source = eqn.results[0].type
    return call("rt.array_of_list", x[0], ast.Constant(rank(source) - 1), dtype(dtype_of(source)))


def runtime(function: str) -> Callable[[Eqn, Exprs], Expr]:
    def spell(eqn: Eqn, x: Exprs) -> Expr:
        return call(f"rt.{function}", *x)

    return spell


def plain(function: str) -> Callable[[Eqn, Exprs], Expr]:
    def spell(eqn: Eqn, x: Exprs) -> Expr:
        return call(function, *x)

    return spell


SPELLINGS: dict[str, Callable[[Eqn, Exprs], Expr]] = {
    "neg": negation,
    "let": operand,
    "stop_gradient": operand,
    "logical_and": logical(ast.And, "np.logical_and"),
    "logical_or": logical(ast.Or, "np.logical_or"),
    "logical_not": logical_not,
    "logical_xor": logical_xor,
    "bit_not": bit_not,
    "where": choice,
    "maximum": extreme("maximum"),
    "minimum": extreme("minimum"),
    "abs": absolute,
    "real": part("real"),
    "imag": part("imag"),
    "cast": conversion,
    "cbrt": cube_root,
    "exp2": power_of_two,
    "rint": rounded,
    "shape": length,
    "zeros": created("zeros"),
    "empty": created("empty"),
    "full": filled,
    "reshape": reshaped,
    "transpose": transposed,
    "broadcast_to": onto_shape("broadcast_to"),
    "unbroadcast": onto_shape("unbroadcast"),
    "concatenate": joined("concatenate"),
    "stack": joined("stack"),
    "tril": triangle,
    "triu": triangle,
    "arange": counted,
    "eye": identity,
    "array": array,
    "copy": copied,
    "contiguous": plain("np.ascontiguousarray"),
    "load": selected,
    "view": selected,
    "gather": gathered,
    "matmul": product,
    "searchsorted": search,
    "put_along": placed_along,
    "list_new": new_list,
    "list_get": element,
    "list_len": plain("len"),
    "list_zeros": runtime("list_zeros"),
    "list_add": runtime("list_add"),
    "list_to_array": list_array,
    "array_to_list": runtime("list_of_array"),
}


# -- writes and effects -------------------------------------------------------------------------------------------


def statements(eqn: Eqn, operands: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    """The statements of an equation that writes, has an effect, or has several results.

    Parameters
    ----------
    eqn : Eqn
    operands : sequence of ast.expr
        What its operands are written as.
    targets : sequence of str
        The names of its results; the first is also that of the operand it writes into.
    """
    spell = STATEMENTS.get(eqn.primitive)
    if spell is None:
        raise InternalError(f"there is no way to write `{eqn.primitive}`", eqn.span)
    return spell(eqn, operands, targets)


def load(identifier: str) -> Expr:
    return ast.Name(identifier, ast.Load())


def store(identifier: str) -> Expr:
    return ast.Name(identifier, ast.Store())


def assign(target: Expr, value: Expr) -> ast.stmt:
    return ast.Assign([target], value)


def is_fancy(index: Sequence[str]) -> bool:
    return any(code in ("a", "m") for code in index)


def write_store(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    if is_fancy(eqn["index"]):
        return [ast.Expr(call("rt.scatter", codes(eqn["index"]), load(targets[0]), x[1], *x[2:]))]
    return [assign(subscript(load(targets[0]), eqn["index"], x[2:]), x[1])]


def write_accumulate(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    if is_fancy(eqn["index"]):
        return [ast.Expr(call("rt.scatter_add", codes(eqn["index"]), load(targets[0]), x[1], *x[2:]))]
    if not eqn["index"]:
        return [ast.AugAssign(store(targets[0]), ast.Add(), x[1])]
    return [ast.AugAssign(subscript(load(targets[0]), eqn["index"], x[2:]), ast.Add(), x[1])]


def write_drain(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    taken = store(targets[1])
    if is_fancy(eqn["index"]):
        return [assign(taken, call("rt.drain", codes(eqn["index"]), load(targets[0]), *x[1:]))]
    place = subscript(load(targets[0]), eqn["index"], x[1:])
    value = place if isinstance(eqn.results[1].type, Scalar) else method(place, "copy")
    zero: Expr = ast.Constant(0.0)
    return [assign(taken, value), assign(place, zero)]


def write_reserve(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    return [assign(store(targets[0]), call("rt.reserve", *x))]


def write_append(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    return [ast.Expr(method(load(targets[0]), "append", x[1]))]


def write_pop(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    return [assign(store(targets[1]), method(load(targets[0]), "pop"))]


def item(targets: Sequence[str], k: Expr) -> Expr:
    return ast.Subscript(load(targets[0]), k, ast.Load())


def write_set(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    return [assign(item(targets, x[2]), x[1])]


def write_list_accumulate(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    return [assign(item(targets, x[2]), ast.BinOp(item(targets, x[2]), ast.Add(), x[1]))]


def write_list_drain(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    taken = item(targets, x[1])
    return [
        assign(store(targets[1]), taken),
        assign(taken, ast.BinOp(load(targets[1]), ast.Mult(), ast.Constant(0))),
    ]


def write_pair(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    left = ast.Tuple([store(t) for t in targets], ast.Store())
    return [assign(left, call(f"rt.{eqn.primitive}", *x))]


def write_call(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    made = call(eqn["function"], *x)
    if not targets:
        return [ast.Expr(made)]
    left = store(targets[0]) if len(targets) == 1 else ast.Tuple([store(t) for t in targets], ast.Store())
    return [assign(left, made)]


def write_print(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    rest = iter(x)
    return [ast.Expr(call("print", *(next(rest) if p is None else ast.Constant(p) for p in eqn["parts"])))]


def write_raise(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    message = [ast.Constant(eqn["message"])] if eqn["message"] else []
    return [ast.Raise(call(eqn["exception"], *message))]


def write_assert(eqn: Eqn, x: Exprs, targets: Sequence[str]) -> list[ast.stmt]:
    return [ast.Assert(x[0], ast.Constant(eqn["message"]) if eqn["message"] else None)]


STATEMENTS: dict[str, Callable[[Eqn, Exprs, Sequence[str]], list[ast.stmt]]] = {
    "store": write_store,
    "accumulate": write_accumulate,
    "drain": write_drain,
    "reserve": write_reserve,
    "list_append": write_append,
    "list_pop": write_pop,
    "list_set": write_set,
    "list_accumulate": write_list_accumulate,
    "list_drain": write_list_drain,
    "slogdet": write_pair,
    "call": write_call,
    "print": write_print,
    "raise": write_raise,
    "assert": write_assert,
}

# -- imports --------------------------------------------------------------------------------------------------------

FROM_MATH = {*MATH.values(), "erf", "erfc", "gamma", "lgamma"}


def imports(names: Iterable[str]) -> list[str]:
    """The import lines for the free names that emitted code uses, in the order in which linters want them."""
    used = set(names)
    lines = []
    math_names = sorted(used & FROM_MATH)
    if math_names:
        lines.append(f"from math import {', '.join(math_names)}")
    third = []
    if "np" in used:
        third.append("import numpy as np")
    if "prange" in used:
        third.append("from numba import prange")
    if "rt" in used:
        third.append("import adcompile.runtime as rt")
    return [*lines, *([""] if lines and third else []), *third]
