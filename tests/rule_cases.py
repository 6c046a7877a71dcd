"""What the generated tests of the rule tables run: for each line, operands that it is for, and small programs of one equation.

Not the claims themselves: those are in `test_rules`, `test_transposes` and `test_simplify`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import pytest
from draws_oracle import quantile

from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom, Block, Const, Eqn, Function, Value
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array, Scalar, Type, is_float, rank
from adcompile.notation.apply import find_rule
from adcompile.notation.parse import Literal, Name, Star
from adcompile.notation.rewriting import AsItIs
from adcompile.notation.tables import TABLES, Domain, Rule, Tables
from adcompile.rules import jvp_of, vjp_of
from adcompile.runtime import scipy_special

Shape = tuple[int, ...]


@dataclass
class Case:
    """One equation: the shapes of its operands, given values for some, its params, and the axis lengths at its end."""

    shapes: tuple[Shape, ...]
    params: dict[str, Any] = field(default_factory=dict)
    dims: tuple[int, ...] = ()
    given: dict[str, Any] = field(default_factory=dict)


REDUCTIONS = [
    Case(((4,),), {"axis": None, "keepdims": False}),
    Case(((4,),), {"axis": 0, "keepdims": True}),
    Case(((2, 3),), {"axis": None, "keepdims": False}),
    Case(((2, 3),), {"axis": None, "keepdims": True}),
    Case(((2, 3),), {"axis": 0, "keepdims": False}),
    Case(((2, 3),), {"axis": -1, "keepdims": False}),
    Case(((2, 3, 2),), {"axis": 1, "keepdims": True}),
    Case(((2, 3, 2),), {"axis": (0, 2), "keepdims": False}),
    Case(((2, 3, 2),), {"axis": (0, -1), "keepdims": True}),
]
SCANS = [Case((s,), {"axis": a}) for s, a in [((4,), 0), ((2, 3), 0), ((2, 3), -1)]]
TRIANGLES = [Case(((3, 3),), {"k": k}) for k in (0, -1, 1)] + [Case(((2, 4),), {"k": 1})]
PRODUCTS = [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((2, 2, 3), (3,)), ((3,), (2, 3, 2))]
STACKED_PRODUCTS = [
    ((2, 2, 3), (2, 3, 4)),
    ((2, 2, 3), (3, 4)),
    ((2, 3), (2, 3, 4)),
    ((2, 1, 2, 3), (3, 3, 2)),
    ((1, 2, 3), (4, 3, 2)),
]

CASES: dict[str, list[Case]] = {
    **dict.fromkeys(("sum", "prod", "max", "min"), REDUCTIONS),
    **dict.fromkeys(("cumsum", "cumprod", "sort", "flip"), SCANS),
    "recurrence": [Case((*c.shapes, *c.shapes), c.params) for c in SCANS],
    "roll": [Case((*c.shapes, ()), c.params, given={"s": k}) for c in SCANS for k in (1, -2)],
    "take_along": [
        Case(((4,), (3,)), {"axis": 0}, given={"i": np.array([2, 2, 0])}),
        Case(((2, 3), (2, 2)), {"axis": 1}, given={"i": np.array([[2, 0], [1, 1]])}),
    ],
    "put_along": [
        Case(((3,), (3,)), {"axis": 0}, (4,), {"i": np.array([2, 2, 0])}),
        Case(((2, 2), (2, 2)), {"axis": 1}, (2, 3), {"i": np.array([[2, 0], [1, 1]])}),
    ],
    "reshape": [Case(((6,),), dims=(2, 3)), Case(((2, 3),), dims=(6,)), Case(((2, 3),), dims=(3, 2))],
    "transpose": [Case(((2, 3),), {"axes": (1, 0)}), Case(((2, 3, 4),), {"axes": (2, 0, 1)})],
    "broadcast_to": [Case((s,), dims=(2, 3)) for s in ((), (3,), (2, 1), (2, 3))],
    "unbroadcast": [Case(((2, 3),), dims=d) for d in ((3,), (2, 1), (1, 1), (2, 3))],
    "tril": TRIANGLES,
    "triu": TRIANGLES,
    "full": [Case(((),), {"dtype": "float64"}, (3,)), Case(((),), {"dtype": "float64"}, (2, 2))],
    "arange": [Case(((), (), ()), {"dtype": "float64"}, given={"a": 0.3, "z": 2.9, "s": 0.7})],
    "copy": [Case(((2, 3),))],
    "contiguous": [Case(((2, 3),))],
    "let": [Case(((),)), Case(((3,),))],
    "cast": [Case(((3,),), {"dtype": "float32"}), Case(((),), {"dtype": "complex128"})],
    "matmul": [Case(s) for s in PRODUCTS + STACKED_PRODUCTS],
    "solve": [Case(((3, 3), (3,))), Case(((3, 3), (3, 2)))],
    **{op: [Case(((3, 3),)), Case(((1, 1),))] for op in ("inv", "det", "slogdet", "cholesky", "eigh", "eig")},
    "svd": [Case(((3, 3),)), Case(((3, 2),)), Case(((2, 3),))],
    "qr": [Case(((3, 3),)), Case(((4, 2),))],
    "pinv": [Case((s,), {"rcond": 1e-15}) for s in ((3, 3), (3, 2), (2, 3))],
    "fft": [
        Case((s,), {"axis": a, "inverse": i}) for s, a, i in [((5,), 0, False), ((2, 3), 0, True), ((2, 4), -1, False)]
    ],
}

#: shapes of one, two and three operands of an elementwise operation
ELEMENTWISE: dict[int, list[tuple[Shape, ...]]] = {
    1: [((),), ((3,),), ((2, 3),)],
    2: [((), ()), ((3,), (3,)), ((2, 3), (3,)), ((3,), (2, 3)), ((), (3,)), ((2, 3), ()), ((2, 1), (1, 3))],
    3: [
        ((), (), ()),
        ((3,), (3,), (3,)),
        ((3,), (), (3,)),
        ((3,), (3,), ()),
        ((), (3,), (2, 3)),
        ((2, 1), (3,), (2, 3)),
    ],
    4: [((), (), (), ()), ((), (3,), (), (3,)), ((3,), (), (3,), (2, 3))],
    5: [((), (), (), (), ()), ((), (), (3,), (), (3,)), ((3,), (), (), (3,), (2, 3))],
}


#: what is drawn, as a function of the parameters: it keeps its probability
FOLLOWED = {
    "gamma_path": lambda now, then, x: quantile("standard_gamma", now, then, x),
    "beta_path": lambda now, then, x: quantile("beta", now, then, x),
    "mises_path": lambda now, then, x: quantile("vonmises", (0.0, *now), (0.0, *then), x),
    "wald_path": lambda now, then, x: quantile("wald", now, then, x),
    "noncentral_path": lambda now, then, x: quantile("noncentral_chisquare", now, then, x),
}


def generator(*key: object) -> np.random.Generator:
    """Random numbers that depend on nothing but the name of a test."""
    return np.random.default_rng(zlib.crc32(repr(key).encode()))


@dataclass
class Sample:
    """A line at one of its cases, with drawn operands; `active` says which of them are differentiated."""

    rule: Rule
    case: Case
    values: list[Any]
    active: tuple[bool, ...]

    def __str__(self) -> str:
        shapes = " ".join("x".join(map(str, s)) or "scalar" for s in self.case.shapes)
        params = " ".join(f"{k}={v}" for k, v in self.case.params.items())
        flags = "".join("01"[a] for a in self.active)
        return " ".join(filter(None, (self.rule.left.text, shapes, params, f"wrt {flags}")))


def samples(rule: Rule, tables: Tables = TABLES) -> Iterator[Sample]:
    """Every case that a line is for, with every choice of what is differentiated."""
    cut = len(rule.pattern.args) - len(PRIMITIVES[rule.pattern.op].params)
    fixed = [a for a in rule.pattern.args[:cut] if not isinstance(a, Star)]
    cases = CASES.get(rule.pattern.op) or [Case(s) for s in ELEMENTWISE[len(fixed)]]
    for case in cases:
        drawn = drawn_apart(rule, fixed, case)
        if drawn is None:
            continue
        repeated = len({str(a) for a in fixed}) < len(fixed)
        if repeated:
            drawn = [drawn[0]] * len(drawn)
        varying = [can_vary(d) and not domain_of(a, rule).fixed for a, d in zip(fixed, drawn, strict=True)]
        for active in product(*((False, True) if v else (False,) for v in varying)):
            sample = Sample(rule, case, drawn, active)
            if any(active) and (all(active) or not repeated) and applies(sample, tables):
                yield sample


def drawn_apart(rule: Rule, args: Sequence[Any], case: Case) -> list[Any] | None:
    """Operands none of whose elements nearly meet, so that differences see no kink; None where the case is not for the line."""
    for attempt in range(100):
        drawn = [draw(a, rule, s, case, attempt) for a, s in zip(args, case.shapes, strict=True)]
        if any(d is None for d in drawn):
            return None
        if not PRIMITIVES[rule.pattern.op].elementwise or args[0] in args[1:]:
            return drawn
        moves = [can_vary(d) and not domain_of(a, rule).fixed for a, d in zip(args, drawn, strict=True)]
        numbers = [np.ravel(d) for d, m in zip(drawn, moves, strict=True) if m]
        if np.all(np.diff(np.sort(np.concatenate([*numbers, np.zeros(0)]))) > 4e-3):
            return drawn
    raise AssertionError(f"no operands that keep apart: {rule.left.text}")


def domain_of(arg: Any, rule: Rule) -> Domain:
    return rule.domains[arg.name] if isinstance(arg, Name) else next(iter(rule.domains.values()))


def draw(arg: Any, rule: Rule, shape: Shape, case: Case, attempt: int) -> Any:
    """A value for an operand; a `Const` where the line asks for a number of the program; None where it is not for the shape."""
    if isinstance(arg, Literal):
        return const(float(arg.value)) if shape == () else None
    domain = rule.domains[arg.name]
    if arg.name in case.given:
        return case.given[arg.name]
    if not domain.ranks[0] <= len(shape) <= domain.ranks[1]:
        return None
    value = domain.draw(generator(rule.left.text, arg.name, shape, attempt), shape)
    if domain.constant:
        return const(float(value)) if shape == () else None
    return value if shape else np.asarray(value)[()]


def can_vary(value: Any) -> bool:
    return not isinstance(value, Const) and is_float(np.asarray(value).dtype.name)


def type_of(value: Any, dtype: str = "") -> Type:
    """The type of an operand; `dtype` in place of its own where it is of floating type."""
    array = np.asarray(value)
    name = dtype if dtype and array.dtype.kind == "f" else array.dtype.name
    return Array(name, array.ndim) if array.ndim else Scalar(name)


def applies(sample: Sample, tables: Tables) -> bool:
    """Whether the line is the one that is taken for its sample."""
    _, eqn = primal_program(sample)
    return find_rule(eqn, sample.active + (False,) * len(sample.case.dims), tables)[0] is sample.rule


# -- programs -------------------------------------------------------------------------------------------------------


def parameters(sample: Sample, dtype: str = "") -> tuple[list[Value], list[Atom]]:
    """The parameters of a sample's program, and its operands; an operand that occurs twice is one parameter."""
    params: dict[int, Value] = {}
    operands: list[Atom] = []
    for k, v in enumerate(sample.values):
        if isinstance(v, Const):
            operands.append(v)
        elif isinstance(v, int):
            operands.append(const(v))
        else:
            operands.append(params.setdefault(id(v), Value(type_of(v, dtype), f"x{k}")))
    return list(params.values()), operands


def emit_equation(b: Builder, sample: Sample, operands: Sequence[Atom]) -> Eqn:
    params = sample.case.params
    dims = [const(d) for d in sample.case.dims]
    b.emit(sample.rule.pattern.op, *operands, *dims, **params)
    eqn = b.frames[0].nodes[-1]
    assert isinstance(eqn, Eqn) and eqn.primitive == sample.rule.pattern.op
    return eqn


def finished(b: Builder, name: str, params: Sequence[Value], results: Sequence[Atom]) -> Function:
    return Function(
        name, tuple(params), Block((), tuple(b.frames[0].nodes), tuple(results)), tuple(range(len(results)))
    )


def primal_program(sample: Sample, dtype: str = "") -> tuple[Function, Eqn]:
    """The operation alone."""
    b = Builder()
    params, operands = parameters(sample, dtype)
    eqn = emit_equation(b, sample, operands)
    return finished(b, "primal", params, eqn.results), eqn


def jvp_program(sample: Sample, dtype: str = "", tables: Tables = TABLES) -> Function:
    """The operation's tangents, brought to the shape of its results; its parameters, then the tangents of the active ones."""
    b = Builder()
    params, operands = parameters(sample, dtype)
    eqn = emit_equation(b, sample, operands)
    dots = {
        o: Value(o.type, f"{o.name}_dot")
        for o, a in zip(operands, sample.active, strict=False)
        if a and isinstance(o, Value)
    }
    tangents = [dots.get(o) if a else None for o, a in zip(operands, sample.active, strict=True)]
    tangents += [None] * len(sample.case.dims)
    out = jvp_of(b, eqn, eqn.operands, eqn.results, tangents, tables)
    results = []
    for r, t in zip(eqn.results, out, strict=True):
        dot = b.zeros_like(r) if t is None else t
        results.append(dot if rank(r.type) == 0 else b.emit("broadcast_to", b.to_dtype(dot, r.type.dtype), *b.dims(r)))
    return finished(b, "tangents", [*params, *dots.values()], results)


def summed(b: Builder, bar: Atom, operand: Atom) -> Atom:
    """A contribution summed over the axes along which its operand was repeated."""
    if rank(operand.type):
        result: Atom = b.emit("unbroadcast", bar, *b.dims(operand)) if rank(bar.type) else bar
    else:
        result = b.emit("sum", bar, axis=None, keepdims=False) if rank(bar.type) else bar
    return result


def vjp_program(sample: Sample, dtype: str = "", tables: Tables = TABLES) -> Function:
    """The cotangents of the active operands, from the parameters and the cotangents of the results."""
    b = Builder()
    params, operands = parameters(sample, dtype)
    eqn = emit_equation(b, sample, operands)
    bars = [Value(r.type, f"y{k}_bar") for k, r in enumerate(eqn.results)]
    wanted = (*sample.active, *(False for _ in sample.case.dims))
    out = vjp_of(b, eqn, AsItIs(b), bars, wanted, tables)
    results: dict[Atom, Atom] = {}
    for operand, want, bar in zip(eqn.operands, wanted, out, strict=True):
        assert want or bar is None
        if not want:
            continue
        part = b.zeros_like(operand) if bar is None else summed(b, bar, operand)
        results[operand] = b.emit("add", results[operand], part) if operand in results else part
    return finished(b, "cotangents", [*params, *bars], list(results.values()))


# -- numbers --------------------------------------------------------------------------------------------------------


def arguments(sample: Sample, dtype: str = "") -> list[Any]:
    """The drawn operands that are parameters, each once."""
    distinct = {id(v): v for v in sample.values if not isinstance(v, Const | int)}
    return [as_dtype(v, dtype) for v in distinct.values()]


def directions(sample: Sample, dtype: str = "") -> list[Any]:
    """A random change of each active operand; of an operand that occurs twice, one."""
    rng = generator("direction", str(sample))
    distinct = {id(v): v for v, a in zip(sample.values, sample.active, strict=True) if a}
    return [as_dtype(like(rng, v), dtype) for v in distinct.values()]


def like(rng: np.random.Generator, value: Any) -> Any:
    """Random numbers of a value's shape and dtype."""
    array = np.asarray(value)
    drawn = rng.uniform(-1.0, 1.0, array.shape)
    if array.dtype.kind == "c":
        drawn = drawn + 1j * rng.uniform(-1.0, 1.0, array.shape)
    return drawn.astype(array.dtype)[()]


def as_dtype(value: Any, dtype: str) -> Any:
    return np.asarray(value).astype(dtype)[()] if dtype and np.asarray(value).dtype.kind == "f" else value


def inner(a: Sequence[Any], b: Sequence[Any]) -> float:
    """The change of the output that cotangents and tangents make together."""
    return float(sum(np.real(np.sum(np.asarray(x) * np.asarray(y))) for x, y in zip(a, b, strict=True)))


@contextmanager
def moving(sample: Sample) -> Iterator[None]:
    """What was drawn follows the parameters, as the line says; in programs it is a number that stays."""
    name, (*before, x) = sample.rule.pattern.op, sample.values
    with pytest.MonkeyPatch.context() as patch:
        if name in FOLLOWED:
            patch.setattr(scipy_special, name, lambda *args: FOLLOWED[name](args[:-1], before, x))
        yield


def moved(x: Any, h: float, change: Any) -> Any:
    """An argument after a step; flags and integers stay."""
    return x + h * change if np.asarray(x).dtype.kind in "fc" else x


def difference(
    f: Callable[..., Sequence[Any]], args: Sequence[Any], changes: Sequence[Any], h: float = 5e-4
) -> list[Any]:
    """The directional derivative of each result by central differences of sixth order."""
    total: list[Any] = []
    for k, weight in ((1, 3 / 4), (2, -3 / 20), (3, 1 / 60)):
        ahead = f(*(moved(x, k * h, d) for x, d in zip(args, changes, strict=True)))
        behind = f(*(moved(x, -k * h, d) for x, d in zip(args, changes, strict=True)))
        terms = [weight * (np.asarray(a) - np.asarray(z)) / h for a, z in zip(ahead, behind, strict=True)]
        total = terms if not total else [t + s for t, s in zip(total, terms, strict=True)]
    return total
