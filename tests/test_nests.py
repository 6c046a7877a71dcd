"""Operations on whole arrays as loops: the same numbers as without, whatever the shapes, and kernels that read well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import flat

import adcompile as ad
from adcompile import api, switches
from adcompile.analyses.lengths import Lengths, Less, assumed
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import For, Function, Value
from adcompile.ir.types import INT, Array
from adcompile.unit import Options

core = pytest.mark.core

LOOPS = Options(jit=False, nests=True)
GENERAL = Options(jit=False, nests=True, alike=False)
WHOLE = Options(jit=False, nests=False)


def softmax_loss(x, w, b, y):
    z = x @ w + b
    z = z - np.max(z, axis=1, keepdims=True)
    logp = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.sum(y * logp) / x.shape[0]


def standardised(x):
    d = x - np.mean(x, axis=0)
    return np.sum((d / np.sqrt(np.mean(d * d, axis=0) + 1.0)) ** 3)


def every_axis(x):
    a = np.sum(np.sin(x) * x, axis=(0, 2))
    b = np.max(x, axis=1)
    c = np.prod(1.0 + 0.1 * x, axis=2, keepdims=True)
    return np.sum(a * a) + np.sum(b[:, None, :] * c) + np.mean(x, axis=1).sum()


def slices(u):
    v = 2 * u[1:-1, 1:-1] - u[:-2, 1:-1] - u[2:, 1:-1] + u[1:-1, 2:] * u[1:-1, :-2]
    w = v[1:] - v[:-1]
    return np.sum(np.where(w > 0, w * w, -w)) + np.sum(u[0] * u[-1])


def in_place(u, c):
    u = u.copy()
    for _ in range(3):
        u[1:-1] = u[1:-1] + c * (u[2:] - 2 * u[1:-1] + u[:-2])
        u *= 1.0 + 0.1 * np.tanh(u)
    return np.sum(u * u)


def kept_and_carried(x):
    total = np.zeros(x.shape[1])
    rows = []
    for k in range(x.shape[0]):
        row = np.exp(-x[k] * x[k])
        rows.append(row)
        total += row * x[k]
        total = np.maximum(total, 0.1) + 0.5 * total
    return np.sum(total) + np.sum(rows[0])


def distances(x, y):
    d = x[:, None, :] - y[None, :, :]
    return np.sum(np.exp(-np.sum(d * d, axis=2)))


def transposed(x):
    y = np.tanh(x)
    return np.sum((y.T * 2.0 + y.T**2).T * x) + np.sum(y.T @ y)


def added_to_in_two_loops(x, y):
    a = x @ y
    b = np.tanh(np.max(a, axis=1, keepdims=True) * a)
    b[2] = 0.5
    a[1:] += a[1:]
    return np.sum(a * a) + np.sum(b)


def of_scalars(x, a):
    full = np.full(x.shape, a) * np.ones_like(x)
    return np.sum(full * x) + np.sum(full) * a


def staggered(u, c, d):
    flux = c * (u[1:, 1:-1] - u[:-1, 1:-1]) * d[:-1]
    v = u.copy()
    v[1:-1, 1:-1] += flux[1:] - flux[:-1]
    return np.sum(v * v) + np.sum(np.sqrt(1.0 + d * d))


def neighbours(u, w):
    lap = w * u[1:-1, 1:-1] - (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2])
    limited = np.where(lap[1:] * lap[:-1] > 0.0, lap[1:], lap[:-1])
    return np.sum(limited * limited) + np.sum(np.exp(u[0]) * u[1]) + np.sum(lap)


def windows(x, w):
    n, m = w.shape
    out = np.zeros((x.shape[0] - n + 1, x.shape[1] - m + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(np.tanh(x[i : i + n, j : j + m] * w))
            x[i : i + n, j : j + m] += 0.1 * w * out[i, j]
    return np.sum(out * out) + np.sum(x)


def windows_at_the_edges(x, w):
    total = 0.0
    for i in range(-2, x.shape[0] + 2):
        total += np.sum(np.exp(x[i : i + 2]) * 0.5) * (i + 3)
    for i in range(2, x.shape[0] - 1):
        total += np.sum(x[i - 2 : i] * w[:2]) ** 2 + np.sum(x[i - 1 : i + 2] * w) ** 2
    for i in range(x.shape[0] - 1, 1, -1):
        total += np.sum(np.sin(x[i - 2 : i + 1]) * w) ** 3
    return total


PROGRAMS: dict[str, tuple[Callable[..., Any], tuple[tuple[int, ...], ...]]] = {
    "softmax_loss": (softmax_loss, ((4, 3), (3, 5), (5,), (4, 5))),
    "standardised": (standardised, ((5, 3),)),
    "every_axis": (every_axis, ((2, 3, 4),)),
    "slices": (slices, ((6, 5),)),
    "in_place": (in_place, ((7,), (5,))),
    "kept_and_carried": (kept_and_carried, ((3, 4),)),
    "distances": (distances, ((3, 2), (4, 2))),
    "transposed": (transposed, ((3, 4),)),
    "added_to_in_two_loops": (added_to_in_two_loops, ((4, 5), (5, 5))),
    "staggered": (staggered, ((6, 5), (5, 3), (6, 3))),
    "neighbours": (neighbours, ((6, 5), (4, 3))),
    "windows": (windows, ((5, 4), (3, 2))),
    "windows_at_the_edges": (windows_at_the_edges, ((6,), (3,))),
    "of_scalars": (of_scalars, ((2, 3), ())),
}


def sample(shapes: tuple[tuple[int, ...], ...], dtype: str = "float64") -> tuple[Any, ...]:
    rng = np.random.default_rng(3)
    return tuple(rng.standard_normal(s).astype(dtype) if s else 0.7 for s in shapes)


def gradient(f: Callable[..., Any], args: tuple[Any, ...], options: Options) -> tuple[Any, api.ValueAndGrad]:
    """Value and gradient with some options, and the derivative that gave them."""
    derivative = api.ValueAndGrad(f, tuple(range(len(args))), has_aux=False, mode="auto", options=options)
    return derivative(*args), derivative


def assert_same(found: Any, expected: Any, tolerance: float = 1e-12) -> None:
    """Equal numbers, shapes and dtypes."""
    for one, other in zip((found[0], *found[1]), (expected[0], *expected[1]), strict=True):
        assert np.shape(one) == np.shape(other)
        assert np.asarray(one).dtype == np.asarray(other).dtype
    np.testing.assert_allclose(flat(found), flat(expected), rtol=tolerance, atol=tolerance)


@core
@pytest.mark.parametrize("options", [LOOPS, GENERAL], ids=["alike", "general"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_loops_give_what_whole_arrays_give(name: str, options: Options) -> None:
    f, shapes = PROGRAMS[name]
    args = sample(shapes)
    assert_same(gradient(f, args, options)[0], gradient(f, args, WHOLE)[0])


@core
@pytest.mark.parametrize("name", ["softmax_loss", "standardised", "slices"])
def test_single_precision_stays_single(name: str) -> None:
    f, shapes = PROGRAMS[name]
    args = sample(shapes, "float32")
    assert_same(gradient(f, args, LOOPS)[0], gradient(f, args, WHOLE)[0], 1e-4)


@core
@pytest.mark.parametrize("name", ["standardised", "slices", "in_place", "transposed", "neighbours", "windows"])
def test_loops_in_second_derivatives(name: str) -> None:
    f, shapes = PROGRAMS[name]
    args = sample(shapes)
    which = tuple(range(len(args)))
    hvps = [api.HessianVector(f, which, options)(args, args) for options in (LOOPS, WHOLE)]
    np.testing.assert_allclose(flat(hvps[0]), flat(hvps[1]), rtol=1e-10, atol=1e-10)


@core
@pytest.mark.parametrize("name", ["softmax_loss", "every_axis", "slices"])
def test_loops_of_tangents(name: str) -> None:
    f, shapes = PROGRAMS[name]
    args = sample(shapes)
    found, expected = (api.PushForward(f, 0, options)(args, args) for options in (LOOPS, WHOLE))
    np.testing.assert_allclose(flat(found), flat(expected), rtol=1e-12)


@core
def test_views_and_strides_are_read_where_they_lie() -> None:
    base = sample(((8, 9),))[0]
    for x in (base[::2, 1:], base[::-1], base.T, base[1:3]):
        assert_same(gradient(standardised, (x,), LOOPS)[0], gradient(standardised, (x,), WHOLE)[0])


# -- broadcasting -------------------------------------------------------------------------------------------------


def meeting(x, y, z):
    a = np.exp(0.1 * x) * y + z
    b = a - y / (2.0 + np.sin(z)) + x**2
    return np.sum(b * a) + np.sum(np.sum(a, axis=-1) ** 2) + np.sum(x * x)


lengths = st.integers(0, 3)


@st.composite
def meeting_shapes(draw: st.DrawFn) -> list[tuple[int, ...]]:
    """Three shapes that can be broadcast together: of ranks up to 3, with axes of length 1 here and there."""
    whole = draw(st.lists(lengths, min_size=1, max_size=3))
    shapes = []
    for _ in range(3):
        rank = draw(st.integers(1, len(whole)))
        shapes.append(tuple(1 if draw(st.booleans()) and n != 0 else n for n in whole[len(whole) - rank :]))
    return shapes


@core
@settings(max_examples=25, deadline=None)
@given(meeting_shapes(), st.sampled_from([LOOPS, GENERAL]))
def test_whatever_the_shapes(shapes: list[tuple[int, ...]], options: Options) -> None:
    args = sample(tuple(shapes))
    assert_same(gradient(meeting, args, options)[0], gradient(meeting, args, WHOLE)[0])


def test_arrays_taken_to_be_alike_that_are_not_get_another_kernel() -> None:
    def f(x, y):
        return np.sum(x * y + x)

    derivative = ad.value_and_grad(f, (0, 1), cache=False)
    x, y = np.arange(4.0), np.array([2.0])
    for args in ((x, x + 1.0), (x, y), (x, x), (x, y)):
        assert_same(derivative(*args), gradient(f, args, WHOLE)[0])
    assert len(derivative.unlike) == 1


def test_arrays_taken_to_be_shorter_that_are_not_get_another_kernel() -> None:
    def f(u, c):
        return np.sum(c * (u[1:] - u[:-1]) ** 2)

    derivative = ad.value_and_grad(f, (0, 1), cache=False)
    u = np.array([1.0, 4.0, 9.0, 16.0])
    for args in ((u, u[1:]), (u, u[:1]), (u[:2], u[:1]), (u[:1], u[:0]), (u[:1], u[:1]), (u[:2], u)):
        assert_same(derivative(*args), gradient(f, args, WHOLE)[0])
    assert len(derivative.unlike) == 1
    with pytest.raises(ValueError, match="broadcast"):
        derivative(u, u[:2])


def test_arrays_taken_to_be_alike_get_another_kernel_in_compiled_code_at_once() -> None:
    slope = ad.grad(lambda x, y: np.sum(np.exp(x) * y), 1)

    @numba.njit
    def compiled(x, y):
        return 2.0 * slope(x, y)

    x = np.arange(3.0)
    np.testing.assert_allclose(compiled(x, x), 2.0 * np.exp(x))
    np.testing.assert_allclose(compiled(x, x[:1]), [2.0 * np.sum(np.exp(x))])


@core
def test_arrays_that_do_not_fit_are_refused_as_without_loops() -> None:
    for options in (LOOPS, WHOLE):
        with pytest.raises(ValueError, match="could not be broadcast"):
            gradient(lambda x, y: np.sum(np.exp(x) * y), (np.ones(2), np.ones(3)), options)


@core
def test_extremes_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="zero-size array"):
        gradient(lambda x: np.sum(np.max(2.0 * x, axis=1)), (np.ones((2, 0)),), LOOPS)


@core
def test_nan_wins() -> None:
    def f(x):
        return np.sum(np.exp(np.max(2.0 * x, axis=1)))

    x = np.array([[1.0, np.nan, 3.0], [1.0, 2.0, 3.0]])
    found, expected = gradient(f, (x,), LOOPS)[0], gradient(f, (x,), WHOLE)[0]
    np.testing.assert_array_equal(flat(found), flat(expected))


# -- texts --------------------------------------------------------------------------------------------------------


def kernel_of(f: Callable[..., Any], args: tuple[Any, ...]) -> str:
    return ad.dump(ad.value_and_grad(f, tuple(range(len(args)))), "kernel", args=args)


@core
def test_text_of_a_chain_and_its_sum_is_one_loop() -> None:
    def f(x):
        return np.sum(1.0 / (1.0 + x * x))

    lines = [line.partition("#")[0].strip() for line in kernel_of(f, (np.ones(3),)).splitlines()]
    assert lines[lines.index("x_bar = np.empty(x_length)") :] == [
        "x_bar = np.empty(x_length)",
        "a1 = 0.0",
        "for i in range(x_length):",
        "a2 = x[i]",
        "a3 = 1.0 + a2 * a2",
        "a4 = 1.0 / a3",
        "a1 += a4",
        "x_bar[i] = -(a4 / a3) * (2.0 * a2)",
        "return a1, (x_bar,)",
    ]


@core
def test_text_of_rows_shares_the_outer_loop() -> None:
    text = kernel_of(softmax_loss, sample(PROGRAMS["softmax_loss"][1]))
    assert text.count("for i in range") == 1
    assert "rt.unbroadcast" not in text
    assert "rt.broadcast_to" not in text


@core
def test_text_of_additions_to_neighbours_has_a_loop_for_each_row() -> None:
    text = kernel_of(neighbours, sample(PROGRAMS["neighbours"][1]))
    assert "rt.broadcast_to" not in text
    assert "rt.add_to(u_bar[1:-1" not in text
    with switches.without("additions"):
        assert "rt.add_to(u_bar[1:-1" in kernel_of(neighbours, sample(PROGRAMS["neighbours"][1]))


@core
def test_text_of_windows_reads_and_adds_where_they_lie() -> None:
    def correlate(x, w):
        out = np.zeros(x.shape[0] - w.shape[0] + 1)
        for i in range(out.shape[0]):
            out[i] = np.sum(x[i : i + w.shape[0]] * w)
        return np.sum(out * out)

    args = sample(((5,), (3,)))
    assert "rt." not in kernel_of(correlate, args)
    with switches.without("windows"):
        assert "rt.broadcast_to" in kernel_of(correlate, args)


@core
def test_text_of_one_operation_stays_as_it_is() -> None:
    assert "for " not in kernel_of(lambda x: np.sum(x) * 2.0, (np.ones(3),))


@core
def test_text_of_listings_has_no_loops() -> None:
    assert "for " not in ad.dump(lambda x: np.sum(np.exp(x) * x), "reverse", args=(np.ones(3),))


# -- lengths ------------------------------------------------------------------------------------------------------


def lengths_of(emit: Callable[..., Any], *ranks: int) -> tuple[Lengths, Any, list[Value]]:
    """The lengths in a function of arrays, and what it computes."""
    b = Builder()
    params = [Value(Array("float64", r), f"x{k}") for k, r in enumerate(ranks)]
    result = emit(b, *params)
    results = result if isinstance(result, tuple) else (result,)
    fn = Function("f", tuple(params), b.finish(b.frames[0], (), results), tuple(range(len(results))))
    return Lengths(fn, assumed(fn)), result, params


def cut(b: Builder, x: Value, start: int | None, stop: int | None) -> Value:
    """x[start:stop]"""
    parts = [k for k in (start, stop) if k is not None]
    code = f"s{int(start is not None)}{int(stop is not None)}0"
    return b.emit("view", x, *map(const, parts), index=(code,))


@core
def test_lengths_of_slices_are_less_by_what_is_cut_off() -> None:
    def emit(b: Builder, x: Value) -> tuple[Value, ...]:
        return cut(b, x, 1, -1), cut(b, x, None, -2), cut(b, cut(b, x, 1, None), 1, None)

    found, (a, c, d), (x,) = lengths_of(emit, 1)
    assert found.of(a) == found.of(c) == found.of(d) == (Less((x, 0), 2),)


@core
def test_lengths_that_meet_are_assumed_to_be_one() -> None:
    found, z, (x, y) = lengths_of(lambda b, x, y: b.emit("add", x, y), 1, 1)
    assert found.of(x) == found.of(y) == found.of(z)


@core
def test_lengths_of_an_array_that_meets_a_slice_are_assumed_to_be_less() -> None:
    def emit(b: Builder, x: Value, y: Value, z: Value) -> tuple[Value, ...]:
        return b.emit("add", cut(b, x, 2, -2), y), b.emit("mul", cut(b, y, None, -1), cut(b, z, 3, None))

    found, (a, c), (x, y, z) = lengths_of(emit, 1, 1, 1)
    assert found.of(a) == found.of(y)
    whole = next(v for v in (x, y, z) if found.of(v) == ((v, 0),))
    lengths = {v: found.less((whole, 0), by) for v, by in ((x, 0), (y, 4), (z, 2))}
    assert whole is x
    assert [found.of(v)[0] for v in (x, y, z)] == [lengths[x], lengths[y], lengths[z]]
    assert found.of(c) == (Less((x, 0), 5),)


@core
def test_lengths_of_windows_are_known_where_they_lie_within() -> None:
    def between(first: int, last: int) -> Any:
        def emit(b: Builder, x: Value, w: Value) -> Value:
            n = b.emit("shape", w, axis=0)
            end = b.emit("add", b.emit("sub", b.emit("shape", x, axis=0), n), const(last))
            index = Value(INT, "i")
            with b.block() as frame:
                window = b.emit("view", x, index, b.emit("add", index, n), index=("s110",))
            body = b.finish(frame, (index,), ())
            b.append(For(const(first), end, const(1), (), body, ()))
            return window

        found, window, (_, w) = lengths_of(emit, 1, 1)
        return found.of(window) == found.of(w)

    assert between(0, 1)
    assert not between(-1, 1)
    assert not between(0, 2)


@core
def test_lengths_of_a_slice_and_its_whole_are_not_assumed_to_be_one() -> None:
    found, z, (x,) = lengths_of(lambda b, x: b.emit("add", x, cut(b, x, 1, None)), 1)
    assert found.of(z) != found.of(x)
