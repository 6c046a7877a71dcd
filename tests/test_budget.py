"""Reverse mode within a budget: the same derivatives as with tapes, as few iterations run again as can be, bounded memory."""

from __future__ import annotations

import importlib.util
import math
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
from loop_programs import SIZE, Writer, programs
from oracles import flat

import adcompile as ad
from adcompile.comparison import peak_memory
from adcompile.runtime import advance

core = pytest.mark.core
rng = np.random.default_rng(3)
U = rng.standard_normal(9)


def heat(u, c, steps):
    u = u.copy()
    for _ in range(steps):
        for i in range(1, len(u) - 1):
            u[i] = u[i] + c * np.sin(u[i - 1] - 2.0 * u[i] + u[i + 1])
    return np.sum(u * u)


def whole_arrays(u, c, steps):
    for k in range(steps, 0, -2):
        u = u + c * k * np.roll(u, 1) * np.tanh(u)
    return np.sum(u)


def swapped(u, c, steps):
    a, b = u.copy(), 2.0 * u
    for _ in range(steps):
        for i in range(len(u)):
            b[i] = np.sin(a[i] + c * b[i - 1])
        a, b = b, a
    return np.sum(a * b)


def numbers(u, c, steps):
    x, y, flag, count = u[0], u[1], True, 0
    total = 0.0
    for k in range(2, steps + 2):
        x, y = x + c * (y - x * x), y - c * x * y
        if flag:
            x = np.sin(x) * u[k % 9]
            count += 1
        flag = not flag and y > -5.0
        total += x * y * count
    return total


def trajectory(u, c, steps):
    """The path is only written: no state."""
    path = np.zeros((steps, len(u)))
    x = u.copy()
    for k in range(steps):
        x = x + c * np.sin(x) * x[0]
        path[k] = x
    return np.sum(path**2)


def until(u, c, tol):
    x = np.abs(u) + 1.0
    n = 0
    while np.sum(np.abs(x * x - 2.0)) > tol:
        x = x - c * (x * x - 2.0) / (2.0 * x)
        n += 1
    return np.sum(x) * n


def left_early(u, c, steps):
    x = u.copy()
    for k in range(steps):
        x = x + c * np.cos(x)
        if np.sum(x) > 12.0:
            break
        if k > 1000:
            return np.sum(x)
    return np.sum(x * x)


def returned_early(u, c, steps):
    x = u.copy()
    for k in range(1, steps, 3):
        x = x * (1.0 + c * np.sin(k * x))
        if k > 20:
            return np.sum(x)
    return np.sum(x * x)


def two_loops(u, c, steps):
    x = u.copy()
    for _ in range(steps):
        x = np.sin(x) + c
    for _ in range(steps // 2):
        x = x * x * c + u
    return np.sum(x)


def in_a_branch(u, c, steps):
    x = u.copy()
    if c > 0.0:
        scale = 2.0 * c
        for _ in range(steps):
            x = np.sin(x) * scale
    else:
        x = x * x
    return np.sum(x)


def no_iterations(u, c, steps):
    x = u.copy()
    for _ in range(steps - 100):
        x = np.sin(x) * c
    return np.sum(x)


PROGRAMS = [
    (heat, 13),
    (whole_arrays, 27),
    (swapped, 13),
    (numbers, 31),
    (trajectory, 12),
    (until, 1e-4),
    (left_early, 40),
    (returned_early, 40),
    (two_loops, 11),
    (in_a_branch, 13),
    (no_iterations, 5),
]


@core
@pytest.mark.parametrize("f, steps", PROGRAMS, ids=lambda f: getattr(f, "__name__", ""))
def test_same_derivative_for_every_budget(f, steps):
    expected = flat(ad.value_and_grad(f, argnums=(0, 1), jit=False)(U, 0.1, steps))
    for budget in (1_000, 1_700, 100_000):
        derivative = ad.value_and_grad(f, argnums=(0, 1), budget=budget, jit=False, cache=False)
        assert flat(derivative(U, 0.1, steps)) == pytest.approx(expected, rel=1e-10, abs=1e-12)
        text = ad.dump(derivative, "reverse")
        assert "_kept" in text


@pytest.mark.parametrize("k", [0, 2, 3, 5, 7])
def test_compiled(k):
    f, steps = PROGRAMS[k]
    expected = flat(ad.value_and_grad(f, argnums=(0, 1), jit=False)(U, 0.1, steps))
    derivative = ad.value_and_grad(f, argnums=(0, 1), budget=1_200)
    assert flat(derivative(U, 0.1, steps)) == pytest.approx(expected, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("k", [1, 2, 3, 5, 6])
def test_derivative_of_a_derivative_within_a_budget(k):
    f, steps = PROGRAMS[k]

    def bounded(u, c):
        return ad.grad(f, budget=1_500)(u, c, steps)[2]

    def taped(u, c):
        return ad.grad(f)(u, c, steps)[2]

    expected = ad.grad(taped, argnums=(0, 1), jit=False)(U, 0.1)
    assert flat(ad.grad(bounded, argnums=(0, 1), jit=False)(U, 0.1)) == pytest.approx(flat(expected), rel=1e-9)
    again = ad.grad(bounded, argnums=(0, 1), budget=50_000, jit=False)
    assert flat(again(U, 0.1)) == pytest.approx(flat(expected), rel=1e-9)
    assert ad.jacfwd(bounded, argnums=1, jit=False)(U, 0.1) == pytest.approx(expected[1], rel=1e-9)


@core
def test_pullback_within_a_budget():
    y, pullback = ad.vjp(trajectory, U, 0.1, 12, budget=1_000)
    expected = ad.grad(trajectory, argnums=(0, 1))(U, 0.1, 12)
    assert y == pytest.approx(trajectory(U, 0.1, 12), rel=1e-12)
    assert flat(pullback(1.0)[:2]) == pytest.approx(flat(expected), rel=1e-10)


@core
def test_what_is_printed_is_printed_once(capsys):
    def f(x, steps):
        for k in range(steps):
            print("step", k)  # noqa: T201
            x = math.sin(x)
        return x

    ad.grad(f, budget=32, jit=False, cache=False)(1.0, 6)
    assert capsys.readouterr().out.split() == [w for k in range(6) for w in ("step", str(k))]


WRAPPED = """

def g{seed}(x, steps):
    y, total = x.copy(), 0.0
    for k in range({loop}):
        value = f{seed}(y)
        total += value
        y = y * (1.0 + 0.02 * np.tanh(value * x)) + 0.01 * k
        if total > {most}:
            {leave}
    return total + np.sum(y)
"""


def test_random_loops_in_a_loop_within_a_budget(tmp_path):
    seeds = range(8)
    text = "import numpy as np\n" + programs(seeds)
    for seed in seeds:
        loop = ("steps", "steps, 0, -1", "1, 2 * steps, 2")[seed % 3]
        leave = ("break", "pass", "return total * y[0].sum()", "continue")[seed % 4]
        text += WRAPPED.format(seed=seed, loop=loop, leave=leave, most=(20.0, 1e9)[seed % 2])
    path = Path(tmp_path) / "random_budget.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("random_budget", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kept = 0
    for seed in seeds:
        f, x = getattr(module, f"g{seed}"), 0.4 + np.random.default_rng(seed).random((SIZE,) * Writer(seed).rank)
        expected = ad.value_and_grad(f, jit=False, cache=False)(x, 9)
        derivative = ad.value_and_grad(f, budget=9_000, jit=False, cache=False)
        assert flat(derivative(x, 9)) == pytest.approx(flat(expected), rel=1e-9, abs=1e-12), seed
        kept += "_kept" in ad.dump(derivative, "kernel")
    assert kept > 4


# -- how often iterations run ---------------------------------------------------------------------------------------


@cache
def least(steps, snapshots):
    """The fewest iterations that have to run, beside those that are reversed; by trying all places."""
    if steps <= 1:
        return 0
    if snapshots == 1:
        return steps * (steps - 1) // 2
    return min(m + least(m, snapshots) + least(steps - m, snapshots - 1) for m in range(1, steps))


@cache
def taken(steps, snapshots):
    """How many the schedule runs."""
    if steps <= 1:
        return 0
    m = advance(steps, snapshots)
    return m + taken(m, snapshots) + taken(steps - m, snapshots - 1) if snapshots > 1 else least(steps, 1)


def binomial(steps, snapshots):
    """The formula of Griewank and Walther."""
    repeats = 0
    while math.comb(snapshots + repeats, snapshots) < steps:
        repeats += 1
    return repeats * steps - math.comb(snapshots + repeats, snapshots + 1)


@core
def test_schedule_is_the_best_there_is():
    for steps in range(1, 70):
        for snapshots in range(1, 8):
            assert taken(steps, snapshots) == least(steps, snapshots) == binomial(steps, snapshots)


def last_kept(steps, snapshots):
    """Where the forward sweep keeps the last state."""
    at, held = 0, 1
    while held < snapshots:
        at, held = at + advance(steps - at, snapshots - held + 1), held + 1
    return at


@pytest.mark.parametrize("snapshots", [1, 2, 3, 6])
def test_iterations_run_as_often_as_the_formula_says(snapshots):
    def f(x, steps):
        for _ in range(steps):
            x = x + 0.1 * math.exp(-x)
        return x

    steps, state = 40, 16
    derivative = ad.grad(f, budget=snapshots * state)
    counted = ad.compare(derivative, 0.5, steps).reverse.operations["elementary functions"]
    again = binomial(steps, snapshots) - last_kept(steps, snapshots)
    assert counted == steps + again + steps
    assert ad.compare(ad.grad(f), 0.5, steps).reverse.operations["elementary functions"] == steps


@core
def test_unknown_number_of_iterations_is_reversed_without_much_ado():
    """Each iteration a few times, not once for each that comes after it."""
    calls = []

    def f(x, tol):
        while x > tol:
            x = x - 0.01 * math.sqrt(x)
        return x

    steps = 0
    x = 1.0
    while x > 1e-2:
        x, steps = x - 0.01 * math.sqrt(x), steps + 1
    calls.append(steps)
    counted = ad.compare(ad.grad(f, budget=20 * 16), 1.0, 1e-2).reverse.operations["elementary functions"]
    assert counted < 6 * calls[0]


# -- memory ---------------------------------------------------------------------------------------------------------


def test_memory_is_bounded():
    u = rng.standard_normal(100)
    for budget in (20_000, 60_000):
        derivative = ad.grad(heat, budget=budget)
        derivative(u, 0.1, 3)
        assert peak_memory(partial(derivative, u, 0.1), [2_000]) < budget + 6 * u.nbytes
    taped = ad.grad(heat)
    taped(u, 0.1, 3)
    assert peak_memory(partial(taped, u, 0.1), [2_000]) > 1_000_000


@core
def test_budget_that_holds_no_state_is_refused_with_the_least_that_does():
    derivative = ad.grad(heat, budget=90, jit=False)
    with pytest.raises(ad.ShapeError, match="does not hold the state of this loop once") as refused:
        derivative(U, 0.1, 5)
    least_budget = int(refused.value.help.split()[3].replace(",", ""))
    assert "for _ in range(steps)" in str(refused.value)
    assert np.all(np.isfinite(ad.grad(heat, budget=least_budget, jit=False)(U, 0.1, 5)))
    with pytest.raises(ad.ShapeError, match=f"least {least_budget:,} bytes"):
        ad.grad(heat, budget=least_budget - 1, jit=False)(U, 0.1, 5)


@core
def test_budget_known_to_be_too_small_is_refused_before_anything_runs():
    with pytest.raises(ad.ShapeError, match="give at least"):
        ad.grad(numbers, budget=8)(U, 0.1, 5)


@core
def test_state_that_changes_its_shape_is_refused():
    def f(u):
        while len(u) > 2:
            u = np.sin(u[1:] * u[:-1])
        return np.sum(u)

    with pytest.raises(ad.Unsupported, match="states of fixed size, and `u`"):
        ad.grad(f, budget=1_000, jit=False)(U)


@core
def test_loop_without_a_tape_keeps_nothing():
    def f(u, steps):
        for _ in range(steps):
            u = 2.0 * u + np.roll(u, 1)
        return np.sum(u)

    derivative = ad.grad(f, budget=1_000, jit=False)
    derivative(U, 3)
    assert "_kept" not in ad.dump(derivative, "reverse")


@core
def test_listing_says_what_is_kept_and_why():
    text = ad.dump(ad.grad(heat, budget=1_000), "reverse", args=(U, 0.1, 3))
    assert "keeps `u` of some iterations, in at most 1,000 bytes: a tape would grow with each" in text
    assert "each from the last state that was kept before it" in text


@core
@pytest.mark.parametrize("budget", ["1 MB", True, 0])
def test_budget_is_a_number_of_bytes(budget):
    with pytest.raises(ad.ShapeError, match="a number of bytes"):
        ad.grad(heat, budget=budget)
