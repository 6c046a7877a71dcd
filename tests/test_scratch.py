"""Arrays of iterations are made once: where that is right, and that nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from ir_programs import meaning

import adcompile as ad
from adcompile.backend.own import own
from adcompile.backend.scratch import made_once
from adcompile.ir.nodes import Eqn, For, Function, While
from adcompile.ir.parse import parse
from adcompile.ir.verify import verify
from adcompile.ir.walk import each_node
from adcompile.switches import without

pytestmark = pytest.mark.core


def made_in_loops(fn: Function) -> int:
    """How many arrays are made in loops."""
    loops = [n for n in each_node(fn.body) if isinstance(n, For | While)]
    inside = {n for loop in loops for n in each_node(loop.body)}
    return sum(isinstance(n, Eqn) and n.primitive in ("empty", "zeros") for n in inside)


HEAD = "function f(x: f64, y: f64, z: f64, a: f64[:], b: f64[:]):\n    n: i64 = shape a {axis=0}\n"
SUM = "s.1: f64 = load v.1, 1 {index=('i',)}\n        t.1: f64 = add t, s.1"


def program(body: str) -> Function:
    return verify(parse((HEAD + body).replace("f64", "float64").replace("i64", "int64")).main, memory=False)


@pytest.mark.parametrize("make, left", [("empty n", 0), ("zeros n", 0), ("zeros m", 1), ("zeros k", 1)])
def test_an_array_of_an_iteration_is_made_once(make: str, left: int) -> None:
    fn = program(f"""
    m: i64 = sub n, 1
    r: f64 = for i: i64 in range(0, 3, 1) carrying t: f64 = x:
        k: i64 = shape b {{axis=0}}
        v: f64[:] = {make} {{dtype='float64'}}
        v.1: f64[:] = store v, t, 1 {{index=('i',)}}
        {SUM}
        yield t.1
    return r
""")
    done = verify(made_once(own(fn), {}))
    assert made_in_loops(done) == left
    assert meaning(done, in_place=True) == meaning(fn)


HANDED_ON = """
    r: f64[:], q: f64 = for i: i64 in range(0, 3, 1) carrying w: f64[:] = a, t: f64 = x:
        v: f64[:] = zeros n {dtype='float64'}
        v.1: f64[:] = store v, t, 1 {index=('i',)}
        u: f64 = load w, 1 {index=('i',)}
        yield v.1, u
    return r, q as (0, 1)
"""
KEPT_INSIDE = """
    r: f64 = for i: i64 in range(0, 3, 1) carrying t: f64 = x:
        v: f64[:] = zeros n {dtype='float64'}
        c: bool = lt t, y
        s: f64 = if c:
            v.1: f64[:] = store v, t, 1 {index=('i',)}
            s.1: f64 = load v.1, 1 {index=('i',)}
            yield s.1
        else:
            yield y
        yield s
    return r
"""
TWO_LOOPS = """
    r: f64 = for i: i64 in range(0, 3, 1) carrying t: f64 = x:
        q: f64 = for j: i64 in range(0, 2, 1) carrying p: f64 = t:
            v: f64[:] = zeros n {dtype='float64'}
            v.1: f64[:] = accumulate v, p, 1 {index=('i',)}
            s: f64 = load v.1, 1 {index=('i',)}
            p.1: f64 = add s, y
            yield p.1
        yield q
    return r
"""


@pytest.mark.parametrize("body, left", [(HANDED_ON, 1), (KEPT_INSIDE, 1), (TWO_LOOPS, 0)])
def test_what_an_iteration_hands_on_stays(body: str, left: int) -> None:
    fn = program(body)
    done = verify(made_once(own(fn), {}), memory=False)
    assert made_in_loops(done) == left
    assert meaning(done, in_place=True) == meaning(fn)


def stages(x, steps):
    y = np.zeros_like(x)
    for k in range(steps):
        u = np.empty_like(y)
        u[0] = x[0] * (k + 1)
        for i in range(1, len(y)):
            u[i] = np.sin(x[i] * y[i - 1])
        w = np.zeros(len(x))
        for i in range(len(x)):
            w[i] += u[i] * y[i]
            if w[i] > 0.1:
                w[0] += 0.5 * u[i]
        y = y + 0.3 * u + w * w
    return np.sum(y * y)


def nearest(c, x):
    total = 0.0
    for i in range(len(x)):
        least = np.inf
        for k in range(len(c)):
            difference = c[k] - x[i]
            least = min(least, difference * difference)
        total += least
    return total


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("f, rest", [(stages, (4,)), (nearest, (np.linspace(0.0, 1.0, 9),))])
def test_derivatives_are_the_same(f: Callable[..., Any], rest: tuple[Any, ...], jit: bool) -> None:
    x = np.linspace(0.1, 0.9, 4)
    direction = np.array([0.3, -0.2, 0.5, 0.1])
    with without("scratch"):
        expected = ad.grad(f, jit=jit)(x, *rest), ad.hvp(f, (x, *rest), direction)
    found = ad.grad(f, jit=jit)(x, *rest), ad.hvp(f, (x, *rest), direction)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-13)


def test_the_kernel_makes_it_before_the_loop() -> None:
    text = ad.dump(ad.grad(nearest), "kernel", args=(np.ones(4), np.ones(9)))
    loop = text[text.index("for i in range") :]
    assert "np.empty" not in loop
    assert loop != text
