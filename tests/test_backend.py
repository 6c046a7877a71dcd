"""Printing: copies exactly where memory is shared, names that never clash, text as one would write it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ir_programs import ARGUMENTS, functions, meaning

import adcompile
from adcompile.backend.emit import emit
from adcompile.backend.own import check_owned, own
from adcompile.backend.printer import annotate, print_tree
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom, Block, Const, Eqn, Function, Undef, Value
from adcompile.ir.types import BOOL, FLOAT, INT, Array, Scalar
from adcompile.ir.verify import verify

VECTOR = Array("float64", 1)
MATRIX = Array("float64", 2)
ONE = const(1)


def function(b: Builder, params: Sequence[Value], results: Sequence[Atom], tree: Any = None) -> Function:
    return Function("f", tuple(params), b.finish(b.frames[0], (), results), tree)


def loop(
    b: Builder,
    stop: Atom,
    inits: Sequence[Atom],
    names: Sequence[str],
    body: Callable[..., Sequence[Atom]],
    types: Sequence[Any] = (),
    **facts: Any,
) -> tuple[Value, ...]:
    """A loop over range(stop) whose body is a Python function of the index and the carried values."""
    params = [Value(t, n) for t, n in zip(types or [i.type for i in inits], names, strict=True)]
    index = Value(INT, "i")
    with b.block() as frame:
        results = body(index, *params)
    bounds = facts.pop("bounds", (const(0), stop, ONE))
    b.comment = facts.pop("comment", "")
    values, trips = b.for_(bounds, inits, b.finish(frame, [index, *params], results), **facts)
    b.comment = ""
    return (*values, trips) if trips is not None else values


def choose(
    b: Builder, cond: Atom, then: Callable[[], Sequence[Atom]], orelse: Callable[[], Sequence[Atom]], names: Any
) -> Any:
    blocks: list[Block] = []
    for branch in (then, orelse):
        with b.block() as frame:
            results = branch()
        blocks.append(b.finish(frame, (), results))
    return b.if_(cond, blocks[0], blocks[1], names)


def store(b: Builder, array: Atom, value: Atom, *index: Atom, name: str = "") -> Any:
    return b.emit("store", array, value, *index, index=("i",) * len(index), name=name)


def add_into(b: Builder, array: Atom, value: Atom, *index: Atom, name: str = "") -> Any:
    return b.emit("accumulate", array, value, *index, index=("i",) * len(index), name=name)


def load(b: Builder, array: Atom, *index: Atom, name: str = "") -> Any:
    return b.emit("load", array, *index, index=("i",) * len(index), name=name)


def text(fn: Function, **options: Any) -> str:
    """The text of a function that needs no copies, without imports."""
    verify(fn)
    check_owned(fn)
    return definition(fn, **options)


def definition(fn: Function, **options: Any) -> str:
    module = emit([fn], **options)
    assert module == emit([fn], **options)
    return module[module.index("def f") :]


def run(fn: Function, *args: Any, nested: bool = False, jit: bool = True) -> Any:
    """What emitted text computes, as plain Python and compiled, which must agree."""
    scope: dict[str, Any] = {}
    exec(emit([fn], nested=nested), scope)
    fresh = [[a.copy() if isinstance(a, np.ndarray) else a for a in args] for _ in range(2)]
    result = scope["f"](*fresh[0])
    for a, b in zip(fresh[0], args, strict=True):
        np.testing.assert_array_equal(a, b)  # the caller's arrays
    if jit:
        compiled = numba.njit(error_model="numpy")(scope["f"])(*fresh[1])
        for a, b in zip(flat(result), flat(compiled), strict=True):
            np.testing.assert_allclose(a, b)
    return result


def flat(result: Any) -> list[Any]:
    return [x for r in result for x in flat(r)] if isinstance(result, tuple) else [result]


def copies(fn: Function) -> list[str]:
    """What `own` inserts, as text."""
    verify(fn, memory=False)
    owned = own(fn)
    verify(owned)
    check_owned(owned)
    before = emit([fn], nested=True).count(".copy()")
    after = [line.strip() for line in emit([owned]).splitlines() if ".copy()" in line or "ascontiguous" in line]
    assert len(after) >= before
    return after


# -- text ---------------------------------------------------------------------------------------------------------


def textbook() -> Function:
    b, x1, x2 = Builder(), Value(FLOAT, "x1"), Value(FLOAT, "x2")
    a1 = b.emit("mul", x1, x2)
    a2 = b.emit("sin", x2)
    return function(b, (x1, x2), [b.emit("add", a1, a2), b.emit("cos", x2)], (0, (1,)))


@pytest.mark.core
def test_text_has_one_operation_a_line_or_is_nested() -> None:
    assert (
        emit([textbook()], header="Two ways to print.")
        == '''"""Two ways to print."""
from math import cos, sin


def f(x1, x2):
    a1 = x1 * x2
    a2 = sin(x2)
    a3 = a1 + a2
    a4 = cos(x2)
    return a3, (a4,)
'''
    )
    assert text(textbook(), nested=True) == "def f(x1, x2):\n    return x1 * x2 + sin(x2), (cos(x2),)\n"
    assert run(textbook(), 2.0, 3.0) == (6.0 + np.sin(3.0), (np.cos(3.0),))


def carried_loop() -> Function:
    """s = s * x[i] + 0.1 / s with a tape, and its reverse."""
    b, x, s_bar0 = Builder(), Value(VECTOR, "x"), Value(FLOAT, "s_bar")
    n = b.emit("shape", x, axis=0, name="n")
    tape0 = b.emit("empty", n, dtype="float64", name="s_tape")

    def forward(i: Value, tape: Value, s: Value) -> Sequence[Atom]:
        b.comment = "s is overwritten and needed in reverse"
        tape = store(b, tape, s, i, name="s_tape")
        b.comment = ""
        product = b.emit("mul", s, load(b, x, i))
        return tape, b.emit("add", product, b.emit("div", const(0.1), s), name="s")

    inits = [tape0, Const(1.0, FLOAT)]
    tape, s = loop(b, n, inits, ["s_tape", "s"], forward, comment="## forward sweep")

    def reverse(i: Value, x_bar: Value, s_bar: Value) -> Sequence[Atom]:
        s = load(b, tape, i, name="s")
        new = b.emit("mul", s_bar, load(b, x, i))
        less = b.emit("div", b.emit("mul", s_bar, const(0.1)), b.emit("mul", s, s))
        new = b.emit("sub", new, less, name="s_bar")  # before s_bar is read for x_bar: the printer swaps them
        return add_into(b, x_bar, b.emit("mul", s_bar, s), i, name="x_bar"), new

    x_bar0 = b.emit("zeros", n, dtype="float64", name="x_bar")
    bounds = (b.emit("sub", n, ONE), const(-1), const(-1))
    comment = "## reverse sweep|this form vectorises"
    x_bar, _ = loop(b, n, [x_bar0, s_bar0], ["x_bar", "s_bar"], reverse, bounds=bounds, comment=comment)
    return function(b, (x, s_bar0), [s, x_bar], (0, (1,)))


def test_text_of_loops_has_tapes_headings_and_comments_in_one_column() -> None:
    assert (
        text(carried_loop(), nested=True)
        == """def f(x, s_bar):
    n = x.shape[0]
    s_tape = np.empty(n)
    # forward sweep
    s = 1.0
    for i in range(n):
        s_tape[i] = s                   # s is overwritten and needed in reverse
        s = s * x[i] + 0.1 / s
    x_bar = np.zeros(n)
    # reverse sweep
    for i in indices(n - 1, -1, -1):    # this form vectorises
        s_1 = s_tape[i]
        x_bar[i] += s_bar * s_1
        s_bar = s_bar * x[i] - s_bar * 0.1 / (s_1 * s_1)
    return s, (x_bar,)
"""
    )
    x = np.linspace(0.5, 1.5, 7)
    value, (gradient,) = run(carried_loop(), x, 1.0, nested=True)
    for k in range(7):
        step = np.zeros(7)
        step[k] = 1e-6
        difference = run(carried_loop(), x + step, 1.0, jit=False)[0] - run(carried_loop(), x - step, 1.0, jit=False)[0]
        assert abs(difference / 2e-6 - gradient[k]) < 1e-7
    assert value == run(carried_loop(), x, 1.0)[0]


def stencil() -> Function:
    b, u0, steps = Builder(), Value(VECTOR, "u0"), Value(INT, "steps")
    n = b.emit("shape", u0, axis=0, name="n")
    start = b.emit("copy", u0, name="u")

    def inner(i: Value, u: Value) -> Sequence[Atom]:
        left = load(b, u, b.emit("sub", i, ONE))
        new = b.emit("add", load(b, u, i), b.emit("mul", const(0.25), left))
        return (store(b, u, new, i, name="u"),)

    def outer(t: Value, u: Value) -> Sequence[Atom]:
        return loop(b, n, [u], ["u"], inner, bounds=(ONE, b.emit("sub", n, ONE), ONE))

    return function(b, (u0, steps), loop(b, steps, [start], ["u"], outer))


def test_text_of_stores_in_place_has_no_copies_and_one_name() -> None:
    assert (
        text(stencil(), nested=True)
        == """def f(u0, steps):
    n = u0.shape[0]
    u = u0.copy()
    for i in range(steps):
        for i_1 in indices(1, n - 1):
            u[i_1] = u[i_1] + 0.25 * u[i_1 - 1]
    return u
"""
    )
    np.testing.assert_allclose(run(stencil(), np.arange(4.0), 1), [0.0, 1.0, 2.25, 3.0])


def breaking(flag_in_branch: bool) -> Function:
    """Leaves at the first element above a limit, having doubled the sum."""
    b, x, limit = Builder(), Value(VECTOR, "x"), Value(FLOAT, "limit")
    n = b.emit("shape", x, axis=0)

    def body(i: Value, s: Value) -> Sequence[Atom]:
        above = b.emit("gt", load(b, x, i), limit)
        if not flag_in_branch:
            return b.emit("add", s, load(b, x, i), name="s"), above
        true, false = Const(True, BOOL), Const(False, BOOL)
        return choose(
            b,
            above,
            lambda: (b.emit("mul", s, const(2.0), name="s"), true),
            lambda: (b.emit("add", s, load(b, x, i), name="s"), false),
            ["s", ""],
        )

    s, trips = loop(b, n, [Const(0.0, FLOAT)], ["s"], body, breaks=True, trips=True)
    return function(b, (x, limit), [s, trips], (0, 1))


def test_text_of_breaks_is_as_users_write_them() -> None:
    assert (
        text(breaking(flag_in_branch=True))
        == """def f(x, limit):
    s = 0.0
    trips = 0
    for i in range(x.shape[0]):
        trips += 1
        a1 = x[i]
        if a1 > limit:
            s = s * 2.0
            break
        s += a1
    return s, trips
"""
    )
    assert text(breaking(flag_in_branch=False)).count("        if a1 > limit:\n            break\n") == 1
    x = np.array([1.0, 2.0, 9.0, 4.0])
    assert run(breaking(flag_in_branch=True), x, 5.0) == (6.0, 3)
    assert run(breaking(flag_in_branch=False), x, 5.0) == (12.0, 3)
    assert run(breaking(flag_in_branch=True), x, 10.0) == (16.0, 4)


def test_text_of_a_while_loop_has_its_condition_in_the_first_line() -> None:
    b, x = Builder(), Value(FLOAT, "x")
    blocks = []
    for part in ("cond", "body"):
        p = Value(FLOAT, "x")
        with b.block() as frame:
            if part == "cond":
                result = b.emit("lt", b.emit("mul", p, p), const(100.0))
            else:
                result = b.emit("mul", p, const(3.0), name="x")
        blocks.append(b.finish(frame, [p], [result]))
    results, _ = b.while_([x], *blocks)
    fn = function(b, (x,), results)
    assert text(fn) == "def f(x):\n    while x * x < 100.0:\n        x = x * 3.0\n    return x\n"
    assert run(fn, 2.0) == 18.0


def test_text_of_choices_has_elif_and_no_empty_branch() -> None:
    b, x = Builder(), Value(FLOAT, "x")
    low, high = b.emit("lt", x, const(0.0)), b.emit("gt", x, const(1.0))

    def rest() -> Sequence[Atom]:
        return choose(b, high, lambda: (Const(1.0, FLOAT),), lambda: (x,), ["y"])

    (y,) = choose(b, low, lambda: (Const(0.0, FLOAT),), rest, ["y"])
    (z,) = choose(b, high, lambda: (y,), lambda: (b.emit("neg", y, name="y"),), ["y"])
    fn = function(b, (x,), [z])
    assert (
        text(fn, nested=True)
        == """def f(x):
    a1 = x > 1.0
    if x < 0.0:
        y = 0.0
    elif a1:
        y = 1.0
    else:
        y = x
    if not a1:
        y = -y
    return y
"""
    )
    assert [run(fn, v) for v in (-1.0, 0.5, 2.0)] == [0.0, -0.5, 1.0]


def test_text_of_a_nameless_choice_is_an_expression() -> None:
    b, x = Builder(), Value(FLOAT, "x")
    (y,) = choose(b, b.emit("lt", x, const(0.0)), lambda: (b.emit("neg", x),), lambda: (x,), [""])
    flag, third = b.emit("gt", x, const(1.0)), Const(False, BOOL)
    (both,) = choose(b, flag, lambda: (b.emit("lt", x, const(2.0)),), lambda: (third,), [""])
    fn = function(b, (x,), [y, both], (0, 1))
    expected = "def f(x):\n    return -x if x < 0.0 else x, x > 1.0 and x < 2.0\n"
    assert text(fn, nested=True) == expected
    assert run(fn, 1.5) == (1.5, True)


def test_text_omits_assignments_of_what_is_undefined() -> None:
    b, x = Builder(), Value(FLOAT, "x")

    def refuse() -> Sequence[Atom]:
        b.emit("raise", exception="ValueError", message="negative")
        return (Undef(FLOAT),)

    (y,) = choose(b, b.emit("lt", x, const(0.0)), refuse, lambda: (b.emit("sqrt", x, name="y"),), ["y"])
    fn = function(b, (x,), [y])
    assert (
        text(fn)
        == """def f(x):
    if x < 0.0:
        raise ValueError('negative')
    else:
        y = sqrt(x)
    return y
"""
    )
    assert run(fn, 4.0) == 2.0


def test_text_keeps_kinds_of_numbers() -> None:
    b, x = Builder(), Value(Scalar("float32"), "x")
    power = b.emit("pow", Value(FLOAT, "p"), const(-2.0))
    numbers = [const(-0.0), const(float("inf")), const(float("-inf")), Const(2.5, Scalar("float32")), Const(3, FLOAT)]
    fn = function(b, (x, power and b.frames[0].nodes[0].operands[0]), [power, *numbers], tuple(range(6)))
    expected = "return 1.0 / p ** 2, -0.0, np.inf, -np.inf, np.float32(2.5), 3.0\n"
    assert text(fn, nested=True).endswith(expected)


# -- copies -------------------------------------------------------------------------------------------------------


def test_copies_are_made_of_what_the_caller_owns_or_is_read_later() -> None:
    b, x = Builder(), Value(VECTOR, "x")
    y = store(b, x, const(1.0), const(0), name="y")
    z = store(b, y, const(2.0), const(1), name="z")
    fn = function(b, (x,), [y, z], (0, 1))
    assert copies(fn) == ["y = x.copy()", "z = y.copy()"]
    first, second = run(own(fn), np.zeros(2))
    assert list(first) == [1.0, 0.0]
    assert list(second) == [1.0, 2.0]


def test_copies_are_not_made_because_a_shape_is_read_later() -> None:
    b, n = Builder(), Value(INT, "n")
    y = b.emit("zeros", n, dtype="float64", name="y")
    z = store(b, y, const(1.0), const(0), name="y")
    b.origin.clear()
    assert copies(function(b, (n,), [z, b.emit("shape", y, axis=0)], (0, 1))) == []


def test_copies_leave_loops_where_the_start_is_shared() -> None:
    b, n = Builder(), Value(INT, "n")
    u = b.emit("zeros", n, dtype="float64", name="u")

    def inner(i: Value, v: Value) -> Sequence[Atom]:
        return (add_into(b, v, load(b, v, const(0)), i, name="v"),)

    def outer(t: Value, v: Value) -> Sequence[Atom]:
        return loop(b, n, [v], ["v"], inner)

    (v,) = loop(b, n, [u], ["v"], outer)
    fn = function(b, (n,), [u, v], (0, 1))
    assert copies(fn) == ["v = u.copy()"]
    assert emit([own(fn)]).index(".copy()") < emit([own(fn)]).index("for ")


def swapping() -> Function:
    b, x, n = Builder(), Value(VECTOR, "x"), Value(INT, "n")
    u0, v0 = b.emit("copy", x, name="u"), b.emit("zeros", b.dim(x, 0), dtype="float64", name="v")

    def body(i: Value, u: Value, v: Value) -> Sequence[Atom]:
        last = load(b, u, const(-1))
        return store(b, v, b.emit("add", load(b, u, const(0)), last), const(0), name="v"), u

    u, v = loop(b, n, [u0, v0], ["u", "v"], body)
    return function(b, (x, n), [u, v], (0, 1))


def test_copies_are_not_made_of_buffers_that_swap() -> None:
    assert copies(swapping()) == ["u = x.copy()"]
    assert "        u, v = v, u\n" in text(swapping())
    u, v = run(swapping(), np.array([1.0, 2.0]), 3)
    assert (list(u), list(v)) == ([5.0, 0.0], [3.0, 2.0])


def test_copies_are_made_where_one_buffer_enters_a_loop_twice() -> None:
    b, n = Builder(), Value(INT, "n")
    zero = b.emit("zeros", n, dtype="float64", name="u")

    def body(i: Value, u: Value, v: Value) -> Sequence[Atom]:
        return store(b, u, load(b, v, i), i, name="u"), store(b, v, const(1.0), i, name="v")

    fn = function(b, (n,), loop(b, n, [zero, zero], ["u", "v"], body), (0, 1))
    assert len(copies(fn)) == 1
    u, v = run(own(fn), 3)
    assert (list(u), list(v)) == ([0.0] * 3, [1.0] * 3)


def test_copies_are_made_of_a_stale_view_and_not_of_all_it_looks_at() -> None:
    b, n = Builder(), Value(INT, "n")
    a = b.emit("zeros", n, n, dtype="float64", name="a")
    row = b.emit("view", a, const(0), index=("i",), name="row")
    a = store(b, a, const(1.0), const(0), const(0), name="a")
    fn = function(b, (n,), [a, b.emit("sum", row, axis=None, keepdims=False)], (0, 1))
    assert len(copies(fn)) == 1
    assert "    row = a[0].copy()\n" in emit([own(fn)], nested=True)
    assert run(own(fn), 2)[1] == 0.0


def test_copies_are_made_of_what_a_write_reads_while_it_writes() -> None:
    for primitive, needed in (("store", 0), ("accumulate", 1)):
        b, n = Builder(), Value(INT, "n")
        u = b.emit("arange", const(0), n, ONE, dtype="float64", name="u")
        head = b.emit("view", u, const(-1), index=("s010",))
        fn = function(b, (n,), [b.emit(primitive, u, head, ONE, index=("s100",), name="u")])
        assert len(copies(fn)) == needed
        assert list(run(own(fn), 4, nested=True)) == (
            [0.0, 0.0, 1.0, 2.0] if primitive == "store" else [0.0, 1.0, 3.0, 5.0]
        )


def test_copies_are_made_of_results_that_belong_to_someone_else() -> None:
    b, x = Builder(), Value(VECTOR, "x")
    y = b.emit("neg", x)
    _, second, third = run(own(function(b, (x,), [x, y, y], (0, 1, 2))), np.ones(2))
    assert not np.shares_memory(second, third)


def test_copies_make_what_meets_contiguous() -> None:
    b, x, flag = Builder(), Value(Array("float64", 2, contiguous=False), "x"), Value(BOOL, "flag")
    turned = b.emit("transpose", x, axes=(1, 0))
    (y,) = choose(b, flag, lambda: (turned,), lambda: (b.emit("neg", x),), ["y"])
    row = b.emit("view", y, const(0), index=("i",))
    owned = own(function(b, (x, flag), [b.emit("neg", row)]))
    verify(owned)
    check_owned(owned)
    (view,) = [n for n in owned.body.nodes if isinstance(n, Eqn) and n.primitive == "view"]
    assert view.operands[0].type == MATRIX
    assert view.results[0].type == VECTOR
    assert list(run(owned, np.arange(4.0).reshape(2, 2)[:, ::-1], True)) == [-1.0, -3.0]


def test_an_array_that_each_iteration_overwrites_afresh_is_copied_in_the_loop() -> None:
    b, n = Builder(), Value(INT, "n")
    u = b.emit("zeros", n, dtype="float64", name="u")

    def body(i: Value, s: Value) -> Sequence[Atom]:
        changed = store(b, u, const(1.0), i)
        return (b.emit("add", s, b.emit("sum", changed, axis=None, keepdims=False)),)

    fn = function(b, (n,), loop(b, n, [Const(0.0, FLOAT)], ["s"], body))
    owned = own(fn)
    verify(owned)
    check_owned(owned)
    assert run(owned, 4) == 4.0


@pytest.mark.core
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
@given(functions(careless=True), st.booleans())
def test_copies_and_names_keep_the_meaning_of_any_program(fn: Function, nested: bool) -> None:
    owned = own(fn)
    verify(owned)
    check_owned(owned)
    results, printed = meaning(fn)
    lines: list[Any] = []
    scope: dict[str, Any] = {"print": lambda *parts: lines.append(list(parts))}
    exec(emit([owned], nested=nested), scope)
    args = [a.copy() if isinstance(a, np.ndarray) else a for a in ARGUMENTS]
    with np.errstate(all="ignore"):
        got = scope["f"](*args)
    for value, shown in zip(got, results, strict=True):
        np.testing.assert_array_equal(value, value_of(shown))
    assert len(lines) == len(printed)
    for mine, given_one in zip(args, ARGUMENTS, strict=True):
        np.testing.assert_array_equal(mine, given_one)


def value_of(shown: str) -> Any:
    return eval(shown, {"array": np.array, "nan": np.nan, "inf": np.inf, "np": np})


# -- names --------------------------------------------------------------------------------------------------------


def test_names_are_kept_apart_while_both_values_live() -> None:
    b, x = Builder(), Value(FLOAT, "x")
    y = b.emit("mul", x, x, name="x")
    z = b.emit("sin", y, name="len")
    fn = function(b, (x,), [x, y, z], (0, 1, 2))
    assert text(fn) == "def f(x):\n    x_1 = x * x\n    len_1 = sin(x_1)\n    return x, x_1, len_1\n"


def test_names_of_parameters_stay_unless_the_text_needs_them() -> None:
    b, sin, gamma, a1 = Builder(), Value(FLOAT, "sin"), Value(FLOAT, "gamma"), Value(FLOAT, "a1")
    fn = function(b, (sin, gamma, a1), [b.emit("add", b.emit("sin", sin), b.emit("mul", gamma, a1))])
    assert (
        text(fn)
        == """def f(sin_1, gamma, a1):
    a2 = sin(sin_1)
    a3 = gamma * a1
    a4 = a2 + a3
    return a4
"""
    )


def test_names_follow_the_value_they_are_related_to() -> None:
    b, x = Builder(), Value(FLOAT, "x")
    a1, a2 = b.emit("sin", x), b.emit("cos", x)
    bar, dot = b.emit("mul", a2, const(2.0)), b.emit("mul", a1, const(3.0))
    related = {bar: (a2, "_bar"), dot: (bar, "_dot")}
    assert (
        text(function(b, (x,), [bar, dot], (0, 1)), related=related)
        == """def f(x):
    a1 = sin(x)
    a2 = cos(x)
    a2_bar = a2 * 2.0
    a2_bar_dot = a1 * 3.0
    return a2_bar, a2_bar_dot
"""
    )


def test_names_of_carried_values_move_at_once() -> None:
    b, n = Builder(), Value(INT, "n")

    def body(i: Value, a: Value, c: Value) -> Sequence[Atom]:
        return c, b.emit("add", a, c, name="b")

    a, _ = loop(b, n, [Const(0, INT), Const(1, INT)], ["a", "b"], body)
    fn = function(b, (n,), [a])
    assert "        a, b = b, a + b\n" in text(fn)
    assert run(fn, 10) == 55


def test_names_change_after_the_last_reader_of_the_old_value() -> None:
    """The trap `s_bar = x * s_bar; x_bar += s * s_bar`, which must read the old `s_bar`."""
    b, x, s, s_bar, x_bar = Builder(), *(Value(FLOAT, n) for n in ("x", "s", "s_bar", "x_bar"))
    new = b.emit("mul", x, s_bar, name="s_bar")
    total = b.emit("add", x_bar, b.emit("mul", s, s_bar), name="x_bar")
    fn = function(b, (x, s, s_bar, x_bar), [new, total], (0, 1))
    assert (
        text(fn, nested=True)
        == """def f(x, s, s_bar, x_bar):
    x_bar += s * s_bar
    s_bar = x * s_bar
    return s_bar, x_bar
"""
    )
    assert run(fn, 2.0, 3.0, 5.0, 7.0, nested=True) == (10.0, 22.0)


def test_names_never_make_an_array_sum_a_write() -> None:
    b, x, y = Builder(), Value(VECTOR, "x"), Value(VECTOR, "y")
    fn = function(b, (x, y), [b.emit("add", x, y, name="x")])
    assert text(fn) == "def f(x, y):\n    x = x + y\n    return x\n"
    run(fn, np.ones(2), np.ones(2))


def test_names_of_loads_are_not_carried_past_a_store() -> None:
    b, n = Builder(), Value(INT, "n")
    u = b.emit("zeros", n, dtype="float64", name="u")
    first = load(b, u, const(0))
    u = store(b, u, const(1.0), const(0), name="u")
    fn = function(b, (n,), [b.emit("add", first, load(b, u, const(0)))])
    assert "a1 = u[0]\n    u[0] = 1.0\n    return a1 + u[0]" in text(fn, nested=True)
    assert run(fn, 2, nested=True) == 1.0


# -- syntax -------------------------------------------------------------------------------------------------------

EXPRESSIONS = """
-x ** 2 | (-x) ** 2 | x ** -2 | (x ** y) ** z | x ** y ** z | a - (b - c) | a - b - c | a / (b * c) | -(a + b) * c
not (a and b) | (a or b) and c | a or b and c | not a == b | (a < b) == c | a < b < c | (a, b)[0] | x[i, 1:3] | x[(1,)]
x[::2, None, ...] | x[a:b:c] | f(*a, k=1, **d) | (lambda x: x)(1) | (a if b else c) if d else e | a if b else c if d else e
1 .real | (1).real | 1.5.real | (-1).real | {'a': 1, **b} | {1, 2} | [*a, b] | () | (a,) | [i for i in (a if b else c) if d or e]
x @ y @ z | x @ (y @ z) | ~a & b | a << b + c | (a << b) + c | -1j | 1e300 * 1e10 | 'it\\'s' | b'x' | await_ | (yield_ := 3)
a.b.c(d)[e].f | not a | - - a | +a | a is not b | a not in b | (not a) in b | f((a, b)) | f(a, (b, c)) | (a + b).c
"""


def test_syntax_of_expressions_survives_printing() -> None:
    for source in EXPRESSIONS.replace("\n", "|").split("|"):
        if source.strip():
            tree = ast.parse(source.strip(), mode="eval").body
            assert ast.dump(ast.parse(print_tree(tree), mode="eval").body) == ast.dump(tree), source
    assert (
        print_tree(ast.parse("(x*y + x)*y - x**(-2)*(1.0/(a*b))").body[0])
        == "(x * y + x) * y - x ** -2 * (1.0 / (a * b))"
    )


def test_syntax_of_our_own_functions_survives_printing() -> None:
    kinds = (ast.FunctionDef, ast.Match, ast.ClassDef, ast.Lambda, ast.JoinedStr)
    count = 0
    for path in sorted(Path(adcompile.__file__).parent.glob("backend/*.py")):
        for tree in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(tree, ast.stmt) and not any(isinstance(t, kinds) for t in ast.walk(tree)):
                assert ast.dump(ast.parse(print_tree(tree)).body[0]) == ast.dump(tree)
                count += 1
    assert count > 500


def test_syntax_comments_of_long_lines_do_not_push_others() -> None:
    tree = ast.parse(f"def f():\n    a = 1\n    b = {' + '.join(['c'] * 20)}\n    return a")
    annotate(tree.body[0].body[0], "one", "first")
    annotate(tree.body[0].body[1], "long")
    annotate(tree.body[0].body[2], "end")
    lines = print_tree(tree).splitlines()
    assert lines[1] == "    # first"
    assert [line.index("#") for line in lines[2:]] == [36, len(lines[3]) - 6, 36]
