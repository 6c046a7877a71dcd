"""What moves in front of loops and what does not; counters; and the meaning of random programs."""

from __future__ import annotations

from textwrap import dedent, indent

import numpy as np
import pytest
from hypothesis import given, settings
from ir_programs import functions, meaning

import adcompile as ad
from adcompile.ir.nodes import Function
from adcompile.ir.parse import parse
from adcompile.ir.text import text
from adcompile.ir.verify import verify
from adcompile.transforms.motion import move
from adcompile.transforms.prune import prune

pytestmark = pytest.mark.core

HEAD = "function f(x: f64, n: i64, a: f64[:], b: f64[:]):\n"


def written(body: str) -> str:
    source = HEAD + indent(dedent(body).strip("\n"), "    ") + "\n"
    return source.replace("f64", "float64").replace("i64", "int64")


def after(body: str) -> str:
    return text(verify(prune(move(verify(parse(written(body)).main)))))


def test_motion_a_load_within_bounds_moves() -> None:
    assert after("""
        m: i64 = shape a {axis=0}
        s: f64 = for i: i64 in range(0, m, 1) carrying s.1: f64 = 0.0:
            t: f64 = for j: i64 in range(0, n, 1) carrying t.1: f64 = s.1:
                u: f64 = load a, i {index=('i',)}
                v: f64 = mul u, x
                w: f64 = add t.1, v
                yield w
            yield t
        return s
    """) == written("""
        m: i64 = shape a {axis=0}
        s: f64 = for i: i64 in range(0, m, 1) carrying s.1: f64 = 0.0:
            u: f64 = load a, i {index=('i',)}
            v: f64 = mul u, x
            t: f64 = for j: i64 in range(0, n, 1) carrying t.1: f64 = s.1:
                w: f64 = add t.1, v
                yield w
            yield t
        return s
    """)


@pytest.mark.parametrize(
    "load",
    [
        "load b, i {index=('i',)}",  # whose length is another
        "load a, k {index=('i',)}",  # one further
        "load a.1, i {index=('i',)}",  # overwritten in the loop
        "div x, x",  # may fail in Python
    ],
)
def test_motion_what_may_fail_or_change_stays(load: str) -> None:
    body = f"""
        m: i64 = shape a {{axis=0}}
        c: f64[:] = copy a
        s: f64 = for i: i64 in range(0, m, 1) carrying s.1: f64 = 0.0:
            k: i64 = add i, 1
            a.2: f64[:], t: f64 = for j: i64 in range(0, k, 1) carrying a.1: f64[:] = c, t.1: f64 = s.1:
                u: f64 = {load}
                w: f64 = add t.1, u
                a.3: f64[:] = store a.1, w, j {{index=('i',)}}
                yield a.3, w
            yield t
        return s
    """
    body = body.replace("a.2", "d.2").replace("a.1", "d.1").replace("a.3", "d.3")
    fn = parse(written(body)).main
    assert text(move(fn)) == text(fn)


def test_motion_a_counter_is_computed_from_the_index() -> None:
    assert after("""
        r: i64, s: f64 = for i: i64 in range(2, n, 1) carrying r.1: i64 = n, s.1: f64 = 0.0:
            u: f64 = load a, r.1 {index=('i',)}
            t: f64 = add s.1, u
            r.2: i64 = add r.1, 3
            yield r.2, t
        m: f64 = cast r {dtype='float64'}
        p: f64 = add s, m
        return p
    """) == written("""
        s: f64 = for i: i64 in range(2, n, 1) carrying s.1: f64 = 0.0:
            %1: i64 = sub i, 2
            %2: i64 = mul %1, 3
            r: i64 = add n, %2
            u: f64 = load a, r {index=('i',)}
            t: f64 = add s.1, u
            yield t
        %3: i64 = sub n, 2
        %4: i64 = maximum %3, 0
        %5: i64 = mul %4, 3
        r.1: i64 = add n, %5
        m: f64 = cast r.1 {dtype='float64'}
        p: f64 = add s, m
        return p
    """)


@given(functions())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_motion_keeps_the_meaning(fn: Function) -> None:
    assert meaning(verify(move(fn))) == meaning(fn)


def test_motion_leaves_less_to_record() -> None:
    def quadratic(x, packed):
        y = np.empty(len(x))
        total = 0.0
        for _ in range(2):
            r = 0
            for j in range(len(x)):
                y[j] = x[j] * x[j]
            for j in range(len(x)):
                for k in range(len(x)):
                    total += packed[r] * y[j] * y[k]
                    r += 1
        return total

    df = ad.grad(quadratic, (0, 1), jit=False)
    x, packed = np.array([1.0, -2.0, 0.5]), np.arange(9.0)
    assert "reserve" not in ad.dump(df, "kernel", args=(x, packed))
    A = packed.reshape(3, 3)
    x_bar, packed_bar = df(x, packed)
    np.testing.assert_allclose(x_bar, 4 * x * ((A + A.T) @ x**2))
    np.testing.assert_allclose(packed_bar, 2 * np.outer(x**2, x**2).ravel())
