"""Calls of adjoints and of what they are adjoints of, choices that are made twice, and sums that callees add to."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from ir_programs import meaning
from oracles import flat

import adcompile as ad
from adcompile.ir.nodes import Eqn, If
from adcompile.ir.parse import parse
from adcompile.ir.verify import verify
from adcompile.ir.walk import each_node
from adcompile.transforms.joint import joined
from adcompile.transforms.unread import drop_unread

pytestmark = pytest.mark.core


def minor(a, n, row, used):
    total, sign = 0.0, 1.0
    for j in range(n):
        if not used >> j & 1:
            rest = minor(a, n, row + 1, used | 1 << j) if row + 1 < n else 1.0
            total += sign * a[row * n + j] * rest
            sign = -sign
    return total


def determinant(a, n):
    return minor(a, n, 0, 0)


def twice(a, b, n):
    return minor(a, n, 0, 0) * minor(b, n, 0, 0)


def of_a_copy(a, n):
    return minor(a * 2.0, n, 0, 0) + minor(a, n, 0, 0)


def kernel(f: Callable[..., Any], *args: Any) -> str:
    return ad.dump(f, "kernel", args=args)


def test_a_recursion_runs_once_and_adds_in_place() -> None:
    text = kernel(ad.grad(determinant), np.ones(9), 3)
    callee = text[text.index("def minor_vjp") : text.index("def determinant_grad")]
    assert "def minor(" not in text
    assert "zeros" not in callee and "empty" not in callee
    assert callee.count("if ") == 2


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("f, wrt", [(determinant, 0), (twice, (0, 1)), (of_a_copy, 0)])
def test_gradients_of_recursions(f: Callable[..., Any], wrt: Any, jit: bool) -> None:
    rng = np.random.default_rng(3)
    args = [rng.standard_normal(9) for _ in range(1 + (f is twice))]
    value, got = ad.value_and_grad(f, wrt, jit=jit)(*args, 3)
    assert value == pytest.approx(f(*args, 3), rel=1e-12)
    expected = [np.zeros(9) for _ in args]
    for x, bar in zip(args, expected, strict=True):
        for k in range(9):
            before, step = x[k], 1e-20
            complex_args = [a.astype(complex) for a in args]
            complex_args[[a is x for a in args].index(True)][k] = before + 1j * step
            bar[k] = f(*complex_args, 3).imag / step
    np.testing.assert_allclose(flat(got), flat(tuple(expected)), rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(args[0], np.random.default_rng(3).standard_normal(9))


def test_second_derivatives_of_a_recursion() -> None:
    a = np.random.default_rng(4).standard_normal(9)
    by_forward = ad.hessian(determinant)(a, 3)
    step = 1e-5
    g = ad.grad(determinant)
    columns = [(g(a + e, 3) - g(a - e, 3)) / (2 * step) for e in step * np.eye(9)]
    np.testing.assert_allclose(by_forward, np.array(columns), atol=1e-8)

    def along(x, v):
        return np.sum(ad.grad(lambda y: minor(y, 3, 0, 0))(x) * v)

    v = np.random.default_rng(5).standard_normal(9)
    np.testing.assert_allclose(ad.grad(along)(a, v), by_forward @ v, atol=1e-10)


def test_a_sum_that_is_read_on_the_way_is_not_added_in_place() -> None:
    def nested(x, n):
        if n == 0:
            return np.sum(x * x)
        return nested(x * 1.1, n - 1) * np.sum(np.sin(x))

    x = np.random.default_rng(6).standard_normal(3)
    step = 1e-20
    expected = [nested(x + 1j * step * e, 2).imag / step for e in np.eye(3)]
    np.testing.assert_allclose(ad.grad(nested)(x, 2), expected, rtol=1e-12)


ADDS = "p: f64[:] = accumulate b.1, x, 1 {index=('i',)}; yield p"


def choices(cond: str, between: str, then: str, other: str, results: str) -> str:
    """A function that makes a choice, something of it, and the same choice again."""

    def rows(body: str, depth: int) -> list[str]:
        return ["    " * depth + row for row in body.split("; ")]

    kind = "f64[:]" if "p: f64[:]" in then else "f64"
    lines = ["function f(x: f64, y: f64, z: f64, a: f64[:], b: f64[:]):", *rows(f"c: bool = lt {cond}", 1)]
    lines += ["    u: f64 = if c:", *rows("r: f64 = mul x, x; yield r", 2), "    else:", "        yield x"]
    lines += [*rows(between, 1), f"    v: {kind} = if c:", *rows(then, 2), "    else:", f"        yield {other}"]
    tree = tuple(range(len(results.split(",")) + 1))
    return "\n".join([*lines, f"    return u, {results} as {tree}", ""]).replace("f64", "float64")


@pytest.mark.parametrize("cond", ["x, y", "y, x"])
@pytest.mark.parametrize(
    "between, then, other, results, left",
    [
        pytest.param("w: f64 = mul x, y", "q: f64 = mul u, w; yield q", "w", "v", 1, id="independent"),
        pytest.param("w: f64 = mul u, y", "q: f64 = mul u, w; yield q", "w", "v", 2, id="needed in between"),
        pytest.param("b.1: f64[:] = accumulate b, u, 0 {index=('i',)}", ADDS, "b.1", "v", 1, id="sums"),
        pytest.param(
            "b.1: f64[:] = accumulate b, u, 0 {index=('i',)}; s: f64 = load b.1, 0 {index=('i',)}",
            ADDS,
            "b.1",
            "v, s",
            2,
            id="read on the way",
        ),
        pytest.param("b.1: f64[:] = store b, u, 0 {index=('i',)}", ADDS, "b.1", "v", 2, id="overwritten"),
        pytest.param("b.1: f64[:] = accumulate b, u, 0 {index=('i',)}", ADDS, "b", "v", 2, id="one side only"),
        pytest.param("print x {parts=(None,)}", "q: f64 = mul u, x; yield q", "x", "v", 2, id="printed"),
    ],
)
def test_choices_are_made_once(cond: str, between: str, then: str, other: str, results: str, left: int) -> None:
    fn = verify(parse(choices(cond, between, then, other, results)).main, memory=False)
    done = verify(joined({"f": fn}, {})["f"], memory=False)
    assert sum(isinstance(n, If) for n in done.body.nodes) == left
    assert meaning(done) == meaning(fn)


BOTH_SIDES = """
function f(x: float64, y: float64, z: float64, a: float64[:], b: float64[:]):
    c: bool = lt {}
    u: float64 = if c:
        r: float64 = sin x
        r.1: float64 = mul r, y
        yield r.1
    else:
        r.2: float64 = sin y
        yield r.2
    w: float64 = mul u, y
    v: float64 = if c:
        q: float64 = sin x
        q.1: float64 = mul q, w
        yield q.1
    else:
        q.2: float64 = sin u
        q.3: float64 = sin y
        q.4: float64 = add q.2, q.3
        yield q.4
    return u, v as (0, 1)
"""


@pytest.mark.parametrize("cond", ["x, y", "y, x"])
def test_what_two_choices_compute_is_computed_once(cond: str) -> None:
    fn = verify(parse(BOTH_SIDES.format(cond)).main)
    done = verify(joined({"f": fn}, {})["f"])
    assert sum(isinstance(n, Eqn) and n.primitive == "sin" for n in each_node(done.body)) == 3
    assert meaning(done) == meaning(fn)
    assert joined({"f": done}, {})["f"] is done


def turned(x):
    if x > 0.0:
        c, s = math.cos(x), math.sin(x)
    else:
        c, s = 1.0, x
    return c * s / (1.0 + c * c)


def test_a_kernel_asks_for_sine_and_cosine_once() -> None:
    text = kernel(ad.grad(turned), 0.5)
    assert text.count("sin(") == text.count("cos(") == 1
    for x in (0.5, -0.5):
        step = 1e-6
        expected = (turned(x + step) - turned(x - step)) / (2 * step)
        assert ad.grad(turned)(x) == pytest.approx(expected, rel=1e-8)


def test_unread_results_go() -> None:
    program = parse(
        """
entry f
function g(x: f64):
    y: f64 = sin x
    z: f64 = cos x
    return y, z as (0, 1)
function f(x: f64):
    a: f64, b: f64 = call x {function='g', types=(<f64>, <f64>)}
    return b
""".replace("f64", "float64")
    )
    done = drop_unread(program.functions, "f")
    assert len(done["g"].body.results) == 1
    assert drop_unread(done, "f")["g"] is done["g"]
