"""Comparisons: exact counts and tape sizes, what is checked and recommended, and the table."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass, replace
from math import sin

import numpy as np
import pytest

import adcompile as ad
from adcompile.report import Comparison, Measured, duration, size
from adcompile.transforms.count import KINDS


def product(x1, x2):
    return x1 * x2 + sin(x2)


def pendulum(x, v, n, h):
    for _ in range(n):
        v = v - h * sin(x)
        x = x + h * v
    return x


def root(a, most):
    x = a
    k = 0
    while abs(x * x - a) > 1e-12:
        x = 0.5 * (x + a / x)
        k += 1
        if k == most:
            break
    return x


def layers(A, b, n):
    x = b
    for _ in range(n):
        x = np.tanh(A @ x)
    return x


def tower(x, n):
    if n == 0:
        return x
    s = x
    for _ in range(n):
        s = s + sin(s)
    return s * tower(x, n - 1)


@dataclass
class Line:
    slope: np.ndarray
    offset: float


def on_line(line, x):
    print("noise")  # noqa: T201
    return {"y": line.slope * x + line.offset, "n": 3}


def spiral(x):
    return np.exp(1j * x) * x


def pair(x):
    return x * x, 3.0 * x


@pytest.fixture(scope="module")
def swing():
    return ad.compare(pendulum, 0.5, 0.0, 100, 0.01, argnums=("x", "v"))


def counted(measured):
    return {kind: number for kind, number in measured.operations.items() if number}


@pytest.mark.core
def test_textbook():
    c = ad.compare(product, 2.0, 3.0, argnums=(0, 1))
    assert (c.inputs, c.outputs) == (2, 1)
    assert counted(c.primal) == {"arithmetic": 2, "elementary functions": 1}
    assert c.tapes == () and c.tape_bytes == 0
    assert c.disagreement < 1e-15
    assert c.checked == "all 2 derivatives"
    assert "cos(x2)" in c.reverse.source


def test_operations_are_counted_as_executed(swing):
    assert counted(swing.primal) == {"arithmetic": 400, "elementary functions": 100, "control flow": 100}
    assert swing.forward.operations["elementary functions"] == 200
    assert swing.reverse.operations["control flow"] == 200
    assert tuple(swing.reverse.operations) == KINDS


def test_tapes_are_measured(swing):
    assert [(t.name, t.bytes, t.line) for t in swing.tapes] == [("x_tape", 800, pendulum.__code__.co_firstlineno + 1)]
    assert "x_tape" in swing.reverse.source
    assert swing.reverse.operations["tape traffic"] == 201  # made once, written and read in each iteration
    assert swing.primal.operations["tape traffic"] == swing.forward.operations["tape traffic"] == 0


def test_conditions_count_as_often_as_they_are_evaluated():
    # a condition is a product, a difference, a magnitude and a comparison; an iteration four operations on numbers
    left = ad.compare(root, 2.0, 2)
    assert counted(left.primal) == {"arithmetic": 2 * 3 + 2 * 4, "comparisons and logic": 2 + 2, "control flow": 2}
    ends = ad.compare(root, 2.0, 50)
    assert counted(ends.primal) == {"arithmetic": 6 * 3 + 5 * 4, "comparisons and logic": 6 + 5, "control flow": 5}


def stepped(u0, steps):
    u, v = u0.copy(), u0.copy()
    for _ in range(steps):
        for i in range(1, len(u) - 1):
            v[i] = u[i] - 0.01 * u[i] * (u[i] - u[i - 1])
        u, v = v, u
    return np.sum(u * u)


def allocated(call):
    """The most that a call has allocated at a time, by Python's own tracing; bytes."""
    call()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    call()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak - before


def test_memory_is_what_a_call_allocates():
    u, state = np.linspace(0.0, 0.1, 500), 8 * 500
    c = ad.compare(stepped, u, 40)
    assert c.tape_bytes == 40 * state
    assert 2 * state <= c.primal.memory <= 4 * state
    assert 4 * state <= c.forward.memory <= 8 * state
    assert c.tape_bytes + 2 * state <= c.reverse.memory <= c.tape_bytes + 6 * state
    assert any(line.startswith("memory ") for line in str(c).splitlines())
    slope = ad.value_and_grad(stepped)
    assert allocated(lambda: slope(u, 40)) == pytest.approx(c.reverse.memory, rel=0.1)
    assert allocated(lambda: slope(np.tile(u, 3), 40)) == pytest.approx(3 * c.reverse.memory, rel=0.1)


def test_memory_of_numbers_is_next_to_nothing(swing):
    assert swing.primal.memory < 1000
    assert 800 <= swing.reverse.memory < 2500


def test_growing_tape_has_its_real_size():
    (tape,) = ad.compare(root, 1e9, 50).tapes
    assert tape.bytes == 8 * 64  # fifty numbers; room for sixteen, then twice as many and twice again


def test_tape_of_arrays():
    c = ad.compare(layers, np.eye(4), np.ones(4), 5, argnums="A")
    assert (c.inputs, c.outputs) == (16, 4)
    assert c.tape_bytes == sum(t.bytes for t in c.tapes) and c.tape_bytes % (5 * 4 * 8) == 0 < c.tape_bytes
    assert counted(c.primal)["linear algebra"] == 5
    assert c.checked == "all 64 derivatives"


def test_called_functions_count():
    c = ad.compare(tower, 1.1, 3)
    assert c.primal.operations["calls"] == 4
    assert c.primal.operations["elementary functions"] == 3 + 2 + 1
    (tape,) = c.tapes
    assert tape.bytes == 3 * 8  # the largest of those of the four calls


def test_structures_and_prints(capfd):
    c = ad.compare(on_line, Line(np.arange(3.0), 0.5), np.ones(3), argnums=(0, 1))
    assert (c.inputs, c.outputs) == (7, 3)
    assert "noise" not in capfd.readouterr().out


@pytest.mark.parametrize("x", [np.array([0.3, 0.4]), np.array([0.3 + 1j, 0.4])])
def test_complex_numbers_are_two(x):
    c = ad.compare(spiral, x)
    assert (c.inputs, c.outputs) == (x.view(float).size, 4)
    assert c.relative_disagreement < 1e-14


def test_float32():
    c = ad.compare(lambda x: np.sum(x * x), np.ones(3, np.float32))
    assert c.disagreement == 0.0


def test_many_derivatives_are_compared_along_directions():
    c = ad.compare(lambda x: np.sin(x) * x, np.linspace(0.0, 1.0, 2000))
    assert c.checked == "8 pairs of random directions"
    assert c.relative_disagreement < 1e-14


def test_derivatives_bring_their_argnums():
    assert ad.compare(ad.grad(product, (0, 1)), 2.0, 3.0).wrt == "x1, x2"
    assert ad.compare(ad.grad(product, (0, 1)), 2.0, 3.0, argnums=1).wrt == "x2"
    assert ad.compare(ad.grad(pair, has_aux=True), 2.0).outputs == 1


def test_arrays_of_the_caller_stay():
    x = np.ones(3)

    def doubled(x):
        x[0] = 2.0 * x[1]
        return x

    ad.compare(doubled, x)
    assert np.array_equal(x, np.ones(3))


@pytest.mark.parametrize(
    "f, args, message",
    [
        (product, (2, 3), "there is no floating-point number to differentiate `product(x1, x2)` with respect to in x1"),
        (lambda x: x > 1.0, (2.0,), "returns no floating-point number"),
    ],
)
def test_nothing_to_differentiate(f, args, message):
    with pytest.raises(ad.ShapeError) as error:
        ad.compare(f, *args)
    assert message in str(error.value)


# -- what follows from the numbers, and how they are shown ----------------------------------------------------------


def measured(seconds):
    return Measured("x = 1\n\ny = 2\n", dict.fromkeys(KINDS, 0), 0.5, seconds)


GIVEN = Comparison(
    "f(x)",
    "x",
    6,
    1,
    measured(1e-6),
    measured(2e-6),
    measured(5e-6),
    (),
    disagreement=0.0,
    relative_disagreement=0.0,
    checked="all",
)


def test_crossover_and_recommendation():
    assert GIVEN.crossover == 3
    assert GIVEN.recommended == "reverse"
    assert GIVEN.reason == "1 sweep, 5.00 µs; forward mode takes 2.4 times as long (6 sweeps, 12.0 µs)."
    few = replace(GIVEN, inputs=2)
    assert few.recommended == "forward"
    assert few.reason == "2 sweeps, 4.00 µs; reverse mode takes 1.3 times as long (1 sweep, 5.00 µs)."


def test_what_the_clock_does_not_tell_apart():
    one = replace(GIVEN, inputs=1, forward=measured(5e-6), reverse=measured(4.9e-6))
    assert one.recommended == "forward" and "keeps no tape" in one.reason
    two = replace(GIVEN, inputs=2, forward=measured(2.45e-6))
    assert two.recommended == "reverse" and "no longer with more inputs" in two.reason


def test_table_is_aligned(swing):
    lines = str(swing).splitlines()
    assert lines[0] == "pendulum(x, v, n, h) with respect to x, v: 2 inputs, 1 output"
    table = lines[2 : lines.index("", 2)]
    assert table[0].split() == ["primal", "forward", "reverse"]
    assert len(set(map(len, table))) == 1
    assert any(line.startswith("x_tape") and "800 B" in line for line in lines)
    assert repr(swing) == str(swing)


@pytest.mark.parametrize(
    "seconds, text",
    [
        (1.36e-7, "136 ns"),
        (9.997e-7, "1.00 µs"),
        (1.21e-5, "12.1 µs"),
        (2.5, "2.50 s"),
        (75e-3, "75.0 ms"),
        (2e4, "20,000 s"),
    ],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_sizes():
    assert [size(n) for n in (0, 999, 1000, 13_120, 2_500_000)] == ["0 B", "999 B", "1.00 kB", "13.1 kB", "2.50 MB"]
