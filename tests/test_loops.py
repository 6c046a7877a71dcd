"""Reverse mode on random loops that write in place: elements read back from where they still are, sums, stencils."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from itertools import product
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loop_programs import SIZE, Writer, programs

import adcompile as ad
from adcompile import api
from adcompile.analyses.linear import Linear, feasible
from adcompile.switches import without
from adcompile.unit import Options

PLAIN = range(40)
COMPILED = range(40, 44)


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    path = Path(tmp_path_factory.mktemp("loops")) / "random_loops.py"
    path.write_text(programs(range(COMPILED.stop)), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("random_loops", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def point(seed: int) -> np.ndarray:
    shape = (SIZE,) * Writer(seed).rank
    return 0.4 + np.random.default_rng(seed).random(shape)


def check(module: ModuleType, seed: int, *, jit: bool) -> None:
    f, x = getattr(module, f"f{seed}"), point(seed)
    v = np.random.default_rng(seed + 1).standard_normal(x.shape)
    value, gradient = ad.value_and_grad(f, jit=jit, cache=False)(x)
    forward, slope = ad.jvp(f, (x,), (v,))
    assert value == pytest.approx(f(x), rel=1e-12)
    assert forward == pytest.approx(value, rel=1e-12)
    assert np.sum(gradient * v) == pytest.approx(slope, rel=1e-9, abs=1e-10)


@pytest.mark.core
@pytest.mark.parametrize("seed", PLAIN)
def test_reverse_agrees_with_forward(module: ModuleType, seed: int) -> None:
    check(module, seed, jit=False)


@pytest.mark.parametrize("seed", COMPILED)
def test_compiled_reverse_agrees_with_forward(module: ModuleType, seed: int) -> None:
    check(module, seed, jit=True)


def update(u, v):
    w = v.copy()
    for _ in range(3):
        for i in range(1, u.shape[0] - 1):
            w[i] = w[i] - 0.5 * (u[i + 1] - u[i])
    return np.sum(w * w)


def substitution(L, b):
    x = np.zeros(b.shape[0])
    for i in range(b.shape[0]):
        x[i] = b[i]
        for j in range(i):
            x[i] -= L[i, j] * x[j]
        x[i] /= L[i, i]
    return np.sum(x * x)


def test_what_is_taken_out_and_put_back_stays() -> None:
    text = ad.dump(ad.grad(update, argnums=(0, 1)), "kernel", args=(np.ones(9), np.ones(9)))
    assert "w_bar[i] = 0.0" not in text
    assert "w_bar[i] +=" not in text


def test_an_element_is_in_a_number_while_it_is_worked_on() -> None:
    text = ad.dump(ad.value_and_grad(substitution), "kernel", args=(np.eye(4), np.ones(4)))
    assert text.count("x[i] =") == 1
    assert text.count("x_bar[i] =") == 2  # once after the loop that fills it, and zero in the end
    assert "x_bar[i] +=" not in text


def wide(u, v, k):
    w = u * v
    for i in range(2, u.shape[0] - 1):
        w[i] += u[i - 2] * v[i] + 0.5 * u[i + 1] - u[i] * u[i]
    for i in range(u.shape[0] - 3, 0, -1):
        v[i] = w[i - 1] * 0.3 + w[i + 2] * w[i] + k * w[i + 1]
    return np.sum(v * w)


def folded(u, v, k):
    for i in range(u.shape[0] - 1):
        v[i] = u[i - 1] * u[i] + k * u[i + 1]  # the first neighbour of the first is the last
    return np.sum(v * v)


def rows(u, v, k):
    a = np.outer(u, v)
    b = a * a
    for i in range(1, u.shape[0] - 1):
        for j in range(1, v.shape[0] - 1):
            b[i, j] = a[i, j - 1] * a[i, j + 1] - k * a[i - 1, j] + a[i + 1, j] * a[i, j]
    return np.sum(b * b)


@pytest.mark.parametrize("f", [wide, folded, rows])
def test_gathered_neighbours_are_all_added(f: Callable[..., float]) -> None:
    plain = Options(jit=False, cache=False)
    for n in (2, 3, 4, 5, 6, 9):
        u, v = np.random.default_rng(n).random((2, n))
        found = api.Grad(f, (0, 1, 2), has_aux=False, mode="auto", options=plain)(u, v, 0.7)
        with without("scatters"):
            wanted = api.Grad(f, (0, 1, 2), has_aux=False, mode="auto", options=plain)(u, v, 0.7)
        for a, b in zip(found, wanted, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)
    text = ad.dump(ad.grad(f, argnums=(0, 1)), "kernel", args=(u, v, 0.7))
    assert (">= " in text) == (f is not folded)  # enough iterations for a gather


def recursion(r):
    y = np.zeros(r.shape[0])
    y[0] = -r[0]
    for k in range(1, r.shape[0]):
        a = r[k]
        for i in range(k):
            a += r[k - i - 1] * y[i] * y[k - i - 1]
        z = y.copy()
        for i in range(k):
            y[i] = z[i] + 0.1 * a * z[k - i - 1] * z[i]
        y[k] = -a
    return np.sum(y * y)


def totals(u, v):
    s = 0.0
    for i in range(1, u.shape[0] - 1):
        s += u[i] * v[i]
        v[i] = u[i - 1] * v[i] + s * u[i + 1]
    return s * np.sum(v)


@pytest.mark.parametrize("f, args", [(recursion, 1), (totals, 2)])
def test_sums_and_prefixes_are_as_without_optimisations(f: Callable[..., float], args: int) -> None:
    plain = Options(jit=False, cache=False)
    for n in (2, 3, 5, 12):
        point = np.random.default_rng(n).random((args, n))
        gradient = api.Grad(f, tuple(range(args)), has_aux=False, mode="auto", options=plain)
        found = gradient(*point)
        with without("all"):
            wanted = api.Grad(f, tuple(range(args)), has_aux=False, mode="auto", options=plain)(*point)
        np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-13)


def test_a_row_is_recorded_in_place_of_elements_of_its_beginning() -> None:
    text = ad.dump(ad.grad(recursion), "kernel", args=(np.ones(5),))
    assert "rt.reserve" not in text


forms = st.builds(
    Linear,
    st.dictionaries(st.sampled_from("abc"), st.integers(-3, 3).filter(bool), max_size=3),
    st.integers(-4, 4),
)


@given(st.lists(forms, max_size=5), st.lists(forms, max_size=2))
@settings(max_examples=200, deadline=None)
def test_what_has_a_solution_is_not_called_infeasible(rows: list[Linear], zero: list[Linear]) -> None:
    def at(form: Linear, point: dict[str, int]) -> int:
        return form.constant + sum(f * point[str(s)] for s, f in form.terms.items())

    for numbers in product(range(-4, 5), repeat=3):
        point = dict(zip("abc", numbers, strict=True))
        if all(at(r, point) >= 0 for r in rows) and all(at(z, point) == 0 for z in zero):
            assert feasible(rows, zero)
            return


def test_what_has_no_solution_is_found_out() -> None:
    a, b = Linear({"a": 1}), Linear({"b": 1})
    assert not feasible([a - b - 1, b - a])  # a > b and b >= a
    assert not feasible([], [a * 2 - b * 2 + 1])  # an odd difference of even numbers
    assert not feasible([a * 3 - 1, Linear({}, 2) - a * 3])  # 1 <= 3 a <= 2
    assert feasible([a - b, b - a])
