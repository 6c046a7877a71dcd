"""Sparse Jacobians and Hessians: the patterns, the colours, the values, and when a pattern is found anew."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import oracles
import programs
import pytest
from oracles import flat, unflat
from programs.case import Case
from scipy.sparse import csr_array, random_array

import adcompile as ad
from adcompile import api
from adcompile.colouring import coloured, find, transposed
from adcompile.sparse import SparseJacobian
from adcompile.unit import Options

PLAIN = Options(jit=False)
CASES = programs.load()


def jacobian(f: Callable[..., Any], argnums: Any = 0, **options: Any) -> SparseJacobian:
    return ad.sparse_jacobian(f, argnums, jit=False, **options)


def marks(*rows: str) -> np.ndarray:
    """The flags of a picture."""
    return np.array([[c == "x" for c in row.split()] for row in rows])


def dense(case: Case, args: tuple[Any, ...]) -> np.ndarray:
    """The Jacobian of a program, by other sweeps than those under test."""
    if "array" not in case.tags:
        return flat(ad.grad(case.function, case.argnums, jit=False)(*args))[None, :]
    blocks = api.Jacobian(case.function, case.argnums, "jacrev", PLAIN)(*args)
    rows = flat(oracles.call(case.function, args)).size
    return np.concatenate([np.reshape(b, (rows, -1)) for b in blocks], axis=1)


def assert_same(found: Any, expected: np.ndarray, tolerance: float = 1e-9) -> None:
    scale = max(1.0, np.max(np.abs(expected), initial=0.0))
    np.testing.assert_allclose(found.toarray(), expected, rtol=0, atol=tolerance * scale)


# -- patterns of matrices -----------------------------------------------------------------------------------------


def sweeping(matrix: np.ndarray) -> tuple[Callable[[np.ndarray], np.ndarray], list[int]]:
    """The sweep of a matrix of flags, and a list that counts its calls."""
    calls: list[int] = []
    rows, cols = np.nonzero(matrix)

    def sweep(words: np.ndarray) -> np.ndarray:
        calls.append(1)
        sets = np.zeros(matrix.shape[0], np.int64)
        np.bitwise_or.at(sets, rows, words[cols])
        return sets

    return sweep, calls


@pytest.mark.parametrize(
    "shape, density", [((40, 30), 0.1), ((7, 1000), 0.02), ((300, 300), 0.3), ((5, 64), 1.0), ((3, 1), 1.0)]
)
def test_pattern_of_a_matrix_is_found(shape: tuple[int, int], density: float) -> None:
    matrix = random_array(shape, density=density, rng=np.random.default_rng(0)).toarray() != 0
    sweep, _ = sweeping(matrix)
    indptr, indices = find(shape[1], sweep)
    expected = csr_array(matrix)
    np.testing.assert_array_equal(indptr, expected.indptr)
    np.testing.assert_array_equal(indices, expected.indices)


def test_pattern_takes_few_sweeps() -> None:
    n = 3000
    matrix = np.eye(n, dtype=bool) | np.eye(n, k=1, dtype=bool) | np.eye(n, k=-7, dtype=bool)
    sweep, calls = sweeping(matrix)
    find(n, sweep)
    assert len(calls) <= 6


def test_pattern_of_nothing() -> None:
    indptr, indices = find(0, lambda words: np.zeros(4, np.int64))
    assert indptr.tolist() == [0, 0, 0, 0, 0]
    assert not indices.size


def test_colours_are_apart() -> None:
    matrix = csr_array(random_array((200, 150), density=0.05, rng=np.random.default_rng(1)) != 0)
    starts, indices = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64)
    colours, count = coloured(starts, indices, *transposed(starts, indices, 150))
    assert count == colours.max() + 1
    for row in range(200):
        of_row = colours[indices[starts[row] : starts[row + 1]]]
        assert len(set(of_row)) == len(of_row)


# -- patterns of programs -----------------------------------------------------------------------------------------


def relu_layer(x: Any) -> Any:
    return np.maximum(x, 0.0)


def dense_layer(W: Any, x: Any) -> Any:
    return np.tanh(W @ x)


def stencil(u: Any) -> Any:
    out = np.zeros(len(u))
    for i in range(1, len(u) - 1):
        out[i] = u[i - 1] * u[i + 1]
    return out


def cumulated(x: Any) -> Any:
    return np.cumsum(x * x)


def scattered(x: Any, places: Any) -> Any:
    out = np.zeros(3)
    np.add.at(out, places, x)
    return out


def grown(x: Any) -> Any:
    values = [x[0]]
    for k in range(1, len(x)):
        values.append(values[k - 1] if k == 2 else x[k] * x[k])
    return np.array(values)


def halves(x: Any) -> Any:
    return np.concatenate((x[2:] ** 2, x[:2]))


def power(x: Any, n: int) -> Any:
    return x if n == 0 else power(x, n - 1) * x[0]


@ad.custom_jvp
def opaque(x: Any) -> Any:
    return np.sin(x)


@opaque.defjvp
def opaque_jvp(primals: Any, tangents: Any) -> Any:
    return np.sin(primals[0]), np.cos(primals[0]) * tangents[0]


PATTERNS = {
    "elementwise": (relu_layer, 0, (np.array([-1.0, 0.5, 2.0]),), ["x . .", ". x .", ". . x"]),
    "dense layer": (dense_layer, 0, (np.zeros((2, 3)), np.ones(3)), ["x x x . . .", ". . . x x x"]),
    "of zeros": (lambda x: x**2 * x[::-1], 0, (np.zeros(3),), ["x . x", ". x .", "x . x"]),
    "that cancel": (lambda x: x[0] * x - x[0] * x, 0, (np.ones(2),), ["x .", "x x"]),
    "loop": (stencil, 0, (np.ones(4),), [". . . .", "x . x .", ". x . x", ". . . ."]),
    "scan": (cumulated, 0, (np.ones(3),), ["x . .", "x x .", "x x x"]),
    "sums": (lambda A: A.sum(axis=0), 0, (np.ones((2, 3)),), ["x . . x . .", ". x . . x .", ". . x . . x"]),
    "rows of matrices": (lambda A: A @ np.ones((2, 1)), 0, (np.ones((2, 2)),), ["x x . .", ". . x x"]),
    "solve": (lambda b: np.linalg.solve(np.eye(2), b), 0, (np.ones((2, 2)),), ["x . x .", ". x . x", "x . x .", ". x . x"]),
    "scatter": (scattered, 0, (np.ones(4), np.array([2, 0, 2, -3])), [". x . x", ". . . .", "x . x ."]),
    "gather": (lambda x: x[np.array([1, 1, 0])], 0, (np.ones(2),), [". x", ". x", "x ."]),
    "mask": (lambda x: x[np.array([True, False, True])], 0, (np.ones(3),), ["x . .", ". . x"]),
    "list": (grown, 0, (np.ones(4),), ["x . . .", ". x . .", ". x . .", ". . . x"]),
    "slices": (halves, 0, (np.ones(4),), [". . x .", ". . . x", "x . . .", ". x . ."]),
    "broadcast": (lambda x, b: x * b, (0, 1), (np.ones((2, 2)), np.ones((2, 1))), ["x . . . x .", ". x . . x .", ". . x . . x", ". . . x . x"]),
    "recursion": (power, 0, (np.ones(2), 2), ["x .", "x x"]),
    "rule of one's own": (opaque, 0, (np.ones(2),), ["x x", "x x"]),
    "constant": (np.floor, 0, (np.full(2, 0.5),), [". .", ". ."]),
    "where": (lambda x, y: np.where(x > 0.0, x, y), (0, 1), (np.ones(2), np.ones(2)), ["x . x .", ". x . x"]),
    "sort": (np.sort, 0, (np.array([3.0, 1.0, 2.0]),), [". x .", ". . x", "x . ."]),
    "number": (lambda x: x * x, 0, (2.0,), ["x"]),
}  # fmt: skip


@pytest.mark.core
@pytest.mark.parametrize("name", PATTERNS)
def test_pattern(name: str) -> None:
    f, argnums, args, expected = PATTERNS[name]
    found = jacobian(f, argnums)
    np.testing.assert_array_equal(found.pattern(*args).todense(), marks(*expected))
    which = argnums if isinstance(argnums, tuple) else (argnums,)
    assert_same(found(*args), oracles.jacobian(f, args, which), 1e-6)


HESSIANS = {
    "diagonal": (lambda x: np.sum(np.exp(x)), (np.ones(3),), ["x . .", ". x .", ". . x"]),
    "linear": (lambda x: np.sum(3.0 * x), (np.ones(2),), [". .", ". ."]),
    "chain": (lambda x: np.sum(x[1:] * x[:-1]), (np.zeros(3),), [". x .", "x . x", ". x ."]),
    "loop": (lambda x: sum((x[i] - x[i - 1]) ** 2 for i in range(1, len(x))), (np.zeros(3),), ["x x .", "x x x", ". x x"]),
    "repeated": (lambda x: np.sum(x[np.array([0, 1, 0])] ** 3), (np.zeros(2),), ["x .", ". x"]),
}  # fmt: skip


@pytest.mark.core
@pytest.mark.parametrize("name", HESSIANS)
def test_pattern_of_a_hessian(name: str) -> None:
    f, args, expected = HESSIANS[name]
    found = ad.sparse_hessian(f, jit=False)
    np.testing.assert_array_equal(found.pattern(*args).todense(), marks(*expected))
    assert_same(found(*args), oracles.jacobian(ad.grad(f, jit=False), args, (0,)), 1e-6)


@pytest.mark.parametrize("case", [c for c in CASES if "array" in c.tags], ids=lambda c: c.name)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_jacobians_of_programs(case: Case, mode: str) -> None:
    found = SparseJacobian(case.function, case.argnums, "sparse_jacobian", mode, PLAIN)
    tolerance = 1e-3 if "float32" in case.tags else 1e-9
    assert_same(found(*case.sample()), dense(case, case.sample()), tolerance)
    other = list(case.sample())
    wrt = tuple(other[k] for k in case.argnums)
    changed = unflat(wrt, flat(wrt) * (1.0 + 0.3 * np.sin(np.arange(flat(wrt).size))), precise=False)
    for k, part in zip(case.argnums, changed, strict=True):
        other[k] = part
    assert_same(found(*other), dense(case, tuple(other)), tolerance)


ROUGH = {"array", "float32", "first"}


@pytest.mark.parametrize("case", [c for c in CASES if "core" in c.tags and not ROUGH & c.tags], ids=lambda c: c.name)
def test_hessians_of_programs(case: Case) -> None:
    found = ad.sparse_hessian(case.function, case.argnums, jit=False)(*case.sample())
    v = oracles.direction(found.shape[1])
    wrt = tuple(case.sample()[k] for k in case.argnums)
    product = api.HessianVector(case.function, case.argnums, PLAIN)(case.sample(), unflat(wrt, v, precise=False))
    expected = flat(product)
    scale = max(1.0, np.max(np.abs(expected), initial=0.0))
    np.testing.assert_allclose(found @ v, expected, rtol=0, atol=1e-8 * scale)


# -- what a pattern depends on ------------------------------------------------------------------------------------


def counted(found: SparseJacobian) -> list[int]:
    """A list that grows with each sweep of sets."""
    sweeps: list[int] = []
    run = found.sweep

    def sweep(*args: Any) -> Any:
        sweeps.append(1)
        return run(*args)

    found.sweep = sweep  # type: ignore[method-assign]
    return sweeps


def branching(x: Any, y: Any) -> Any:
    out = np.zeros(len(x))
    for i in range(len(x)):
        if x[i] > 0.0:
            out[i] = x[i] * y[0]
        elif x[i] < -10.0:
            raise ValueError("too cold")
        else:
            out[i] = y[1]
            if y[2] > 0.0 and i > 0:
                out[i - 1] += x[i] ** 2
    return out


def test_branches_on_floats_are_united() -> None:
    found = jacobian(branching, (0, 1))
    sweeps = counted(found)
    for x, y in [((1.0, 2.0), (1.0, 1.0, 1.0)), ((-1.0, -2.0), (1.0, 2.0, 1.0)), ((1.0, -1.0), (0.0, 0.0, -1.0))]:
        args = np.array(x), np.array(y)
        assert_same(found(*args), oracles.jacobian(branching, args, (0, 1)), 1e-6)
    assert len(sweeps) == 1
    with pytest.raises(ValueError, match="too cold"):
        found(np.array([-20.0, 1.0]), np.ones(3))


def with_loops_in_sides(x: Any) -> Any:
    out = np.zeros(4)
    for i in range(4):
        if x[i] > 0.0:
            t = np.zeros(2)
            for j in range(2):
                t[j] = x[j] * x[i]
            out[i] = t[0] + t[1]
        else:
            for j in range(i):
                out[j] += x[i]
    return out


def swapping(x: Any) -> Any:
    a, b = np.zeros(3), np.ones(3)
    p, q = x[0], x[1]
    for i in range(3):
        if x[i] > x[i + 1]:
            a[i] = p * x[i]
            p, q = q, p
        else:
            b[i] = a[i - 1] * q
            a[i] = b[i]
    return np.concatenate((a * b, np.array([p, q])))


def overwriting(x: Any) -> Any:
    y = x.copy()
    for i in range(1, 4):
        if y[i - 1] > 0.5:
            y[i] = y[i - 1]
        if y[i] < 0.0:
            y[i] = x[0]
        y[0] = y[i] if x[3] > 0.0 else x[i]
    return y


def whole_arrays(x: Any) -> Any:
    h = x[:2] * x[2:]
    if h[0] > h[1]:
        h *= 2.0
    else:
        h += x[:2]
    return h


def looking_around(x: Any) -> Any:
    out = np.zeros(4)
    for i in range(4):
        if x[i] > 0.0 and i + 1 < 4:
            out[i] = x[i + 1]
        elif i > 0 and x[i - 1] < 0.3:
            out[i - 1] = x[i] ** 2
            out[i] = out[i - 1]
    return out


def counting(x: Any) -> Any:
    n, y = 0, np.zeros(6)
    for i in range(4):
        if x[i] > 0.0:
            y[n] = x[i] * x[n]
            n += 1
    return y


def leaving(x: Any) -> Any:
    out = np.zeros(4)
    for i in range(4):
        if x[i] < -1.0:
            continue
        if x[i] > 1.5:
            break
        out[i] = x[i] * x[0]
    return out


@pytest.mark.parametrize(
    "f, decided",
    [
        (with_loops_in_sides, False),
        (swapping, False),
        (overwriting, False),
        (whole_arrays, False),
        (looking_around, False),
        (counting, True),
        (leaving, True),
    ],
)
def test_branches_at_many_points(f: Callable[..., Any], decided: bool) -> None:
    found = jacobian(f)
    full = ad.jacrev(f, jit=False)
    curved = ad.sparse_hessian(lambda x: np.sum(f(x) ** 2), jit=False)
    full_curved = ad.hessian(lambda x: np.sum(f(x) ** 2), jit=False)
    sweeps = counted(found)
    rng = np.random.default_rng(0)
    for _ in range(12):
        x = 1.3 * rng.standard_normal(4)
        assert_same(found(x), np.asarray(full(x)))
        assert_same(curved(x), np.asarray(full_curved(x)))
    assert (len(sweeps) > 1) == decided


def test_elements_of_a_side_not_taken_may_not_be_there() -> None:
    def f(x: Any, s: Any) -> Any:
        if s > 0.0:
            return x[5] * x[0]
        return x[0] + s

    found = jacobian(f)
    assert_same(found(np.array([2.0]), -1.0), np.array([[1.0]]))
    assert_same(found(np.arange(6.0), 1.0), np.array([[5.0, 0.0, 0.0, 0.0, 0.0, 0.0]]))


def test_sides_of_different_shapes_are_decided() -> None:
    def f(x: Any) -> Any:
        y = x[1:] if x[0] > 0.0 else x * x
        return y[:2] * 2.0

    found = jacobian(f)
    for first in (1.0, -1.0):
        x = np.array([first, 2.0, 3.0])
        assert_same(found(x), oracles.jacobian(f, (x,), (0,)), 1e-6)
    np.testing.assert_array_equal(found.pattern(np.array([1.0, 2.0, 3.0])).todense(), marks(". x .", ". . x"))


def test_loops_that_floats_decide_are_followed_anew() -> None:
    def f(x: Any) -> Any:
        y, k = x.copy(), 0
        while k < len(x) - 1 and x[k] > 0.0:
            y[k] = y[k] * y[k + 1]
            k += 1
        return y

    found = jacobian(f)
    sweeps = counted(found)
    for x in ([1.0, 2.0, 3.0], [-1.0, 2.0, 3.0], [1.0, -2.0, 3.0], [1.0, -2.0, 3.0]):
        assert_same(found(np.array(x)), oracles.jacobian(f, (np.array(x),), (0,)), 1e-6)
    assert len(sweeps) == 3


def test_pattern_is_kept_until_integers_or_shapes_change() -> None:
    def f(x: Any, places: Any, n: int) -> Any:
        out = np.zeros(n)
        for i in range(len(places)):
            out[i % n] += x[places[i]] ** 2
        return out

    found = jacobian(f)
    sweeps = counted(found)
    places = np.array([0, 2, 1])
    x = np.arange(1.0, 4.0)
    for change in (lambda: None, lambda: x.__imul__(2.0), lambda: places.__setitem__(0, 1)):
        change()
        assert_same(found(x, places, 2), oracles.jacobian(f, (x, places, 2), (0,)), 1e-6)
    assert len(sweeps) == 2
    found(x, places, 3)
    assert len(sweeps) == 3
    found(np.ones(5), places, 3)
    assert len(sweeps) == 4
    found(x, places, 2)
    assert len(sweeps) == 4


def test_arrays_around_a_function_may_change() -> None:
    places = np.arange(2000) % 3

    def f(x: Any) -> Any:
        return x[places]

    found = jacobian(f)
    np.testing.assert_array_equal(found.pattern(np.ones(3)).cols, places)
    places[:] = 1
    np.testing.assert_array_equal(found.pattern(np.ones(3)).cols, places)
    assert_same(found(np.ones(3)), np.eye(3)[places])


def test_lengths_of_computed_arrays_are_no_content() -> None:
    def f(x: Any, y: Any) -> Any:
        z = x * y
        out = np.zeros_like(z)
        for i in range(len(z)):
            out[i] = z[i] ** 2
        return out

    found = jacobian(f, (0, 1))
    sweeps = counted(found)
    for scale in (1.0, 2.0):
        found(scale * np.ones(3), scale * np.ones(3))
    assert len(sweeps) == 1


def rows_of(A: Any, k: int, mask: Any) -> Any:
    return A[k] * len(A[mask])


def until(x: Any, tolerance: float) -> Any:
    y = x.copy()
    while np.sum(y) > tolerance:
        y = y * 0.5
    return y


def as_long_as(x: Any, y: Any, n: int) -> Any:
    z = np.zeros(n)
    z[: len(y)] = np.exp(y)
    total = 0.0
    for k in range(len(z)):
        total += z[k] * x[k]
    return total


def listed(x: Any, n: int) -> Any:
    values = [x[0]]
    for k in range(n):
        values.append(values[k] * x[1])
    return values[-1] * len(values)


def turned(x: Any, order: Any) -> Any:
    return np.sort(x)[order[0]] if len(order) > 1 else x[order[0]]


@pytest.mark.parametrize(
    "f, args, reads",
    [
        (rows_of, (np.ones((3, 2)), 1, np.array([True, False, True])), (False, True, False)),
        (until, (np.ones(3), 1.0), (False, False)),
        (as_long_as, (np.ones(4), np.ones(2), 4), (False, False, True)),
        (listed, (np.ones(2), 3), (False, True)),
        (turned, (np.array([2.0, 1.0, 3.0]), np.array([1, 0])), (True, True)),
        (turned, (np.array([2.0, 1.0, 3.0]), np.array([1])), (True, True)),
    ],
)
def test_what_a_pattern_reads(f: Callable[..., Any], args: tuple[Any, ...], reads: tuple[bool, ...]) -> None:
    found = jacobian(f)
    assert_same(found(*args), oracles.jacobian(f, args, (0,)), 1e-6)
    assert list(found.reads.values()) == [(reads, False)]


# -- the interface ------------------------------------------------------------------------------------------------


@dataclass
class Model:
    weights: Any
    bias: float
    size: int


class Pair(NamedTuple):
    sums: Any
    count: int
    rest: Any


def layered(model: Model, x: Any) -> Pair:
    y = model.weights @ x + model.bias
    return Pair(y, model.size, x[0])


def test_structures_are_counted_through() -> None:
    model = Model(np.ones((2, 2)), 0.5, 3)
    found = jacobian(layered, ("x", "model"))(model, np.array([2.0, 3.0]))
    expected = np.array(
        [[1.0, 1.0, 2.0, 3.0, 0.0, 0.0, 1.0], [1.0, 1.0, 0.0, 0.0, 2.0, 3.0, 1.0], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
    )
    assert_same(found, expected)
    found = jacobian(layered, ("x", "model"), mode="reverse")(model=model, x=np.array([2.0, 3.0]))
    assert_same(found, expected)


def test_arguments_by_keyword() -> None:
    def f(x: Any, *, power: int, scale: Any) -> Any:
        return scale * x**power

    found = jacobian(f)
    assert_same(found(np.array([1.0, 2.0]), scale=np.array([1.0, 3.0]), power=2), np.diag([2.0, 12.0]))


def test_the_cheaper_mode_is_chosen() -> None:
    def row_and_diagonal(x: Any) -> Any:
        return np.concatenate((np.array([np.sum(x**2)]), x**3))

    n = 40
    found = jacobian(row_and_diagonal)
    pattern = found.pattern(np.ones(n))
    assert (pattern.mode, pattern.count) == ("reverse", 2)
    assert_same(found(np.arange(n) * 0.1), oracles.jacobian(row_and_diagonal, (np.arange(n) * 0.1,), (0,)), 1e-6)
    turned = jacobian(lambda x: x[1:] ** 2 * x[0])
    pattern = turned.pattern(np.ones(n))
    assert (pattern.mode, pattern.count) == ("forward", 2)


def test_pattern_can_be_looked_at() -> None:
    pattern = jacobian(stencil).pattern(np.ones(4))
    assert repr(pattern).splitlines() == [
        "<adcompile.Pattern 4 x 4: 4 nonzeros, 2 colours of columns>",
        "  . . . .",
        "  x . x .",
        "  . x . x",
        "  . . . .",
    ]
    assert pattern.shape == (4, 4)
    assert pattern.nnz == 4
    assert pattern.rows.tolist() == [1, 1, 2, 2]
    assert pattern.cols.tolist() == [0, 2, 1, 3]
    assert pattern.indptr.tolist() == [0, 0, 2, 4, 4]
    assert pattern.colours.tolist() == [0, 0, 1, 1]
    assert pattern.tocsr().toarray().tolist() == pattern.todense().tolist()
    large = jacobian(lambda x: x * x).pattern(np.ones(1000))
    assert len(repr(large).splitlines()) == 17
    assert large.picture(2, 2) == "  x .\n  . x"


def test_result_is_the_callers() -> None:
    found = jacobian(stencil)
    first = found(np.zeros(4))
    first.eliminate_zeros()
    first.indices[:] = 0
    assert_same(found(np.ones(4)), oracles.jacobian(stencil, (np.ones(4),), (0,)), 1e-6)


def test_single_precision_stays() -> None:
    found = jacobian(lambda x: np.sin(x[1:]) * x[:-1])(np.ones(4, np.float32))
    assert found.dtype == np.float32


def test_shown_and_decorating() -> None:
    @ad.sparse_jacobian(argnums=1, jit=False)
    def f(a: Any, x: Any) -> Any:
        return a * x

    assert_same(f(3.0, np.ones(2)), 3.0 * np.eye(2))
    assert "sparse_jacobian" in repr(f)
    assert f.__name__ == "f_sparse_jacobian"

    @ad.sparse_hessian
    def g(x: Any) -> Any:
        return math.sin(x)

    assert "sparse_hessian" in repr(g)


@pytest.mark.parametrize(
    "make, args, message",
    [
        (lambda: jacobian(lambda x: x * 1j), (np.ones(2),), "real numbers and arrays, not for complex128"),
        (lambda: jacobian(len), (np.ones(2),), "floating-point numbers among its results"),
        (lambda: jacobian(lambda x: x * 2.0), (np.arange(3),), "has no derivative"),
        (lambda: jacobian(lambda x, y: x * y, (0, 0)), (1.0, 2.0), "twice"),
        (lambda: jacobian(lambda x: x, mode="sideways"), (1.0,), "no mode 'sideways'"),
        (lambda: ad.sparse_hessian(lambda x: x, jit=False), (np.ones(2),), "one real number"),
        (lambda: ad.sparse_jacobian(3), (), "`sparse_jacobian` takes a function"),
    ],
)
def test_refusals(make: Callable[[], Any], args: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ad.ShapeError, match=message):
        make()(*args)


# -- compiled -----------------------------------------------------------------------------------------------------


def observed(cameras: Any, points: Any, weights: Any, seen: Any) -> Any:
    errors = np.empty((len(weights), 2))
    for i in range(len(weights)):
        camera, point = cameras[seen[i, 0]], points[seen[i, 1]]
        square = camera[0] * camera[0]
        turn = math.sin(math.sqrt(square)) if square != 0.0 else camera[0]
        errors[i, 0] = weights[i] * (turn * point[0] + camera[1])
        errors[i, 1] = weights[i] * (turn * point[1] - camera[2])
    return errors


def test_compiled_observations() -> None:
    n, m, p = 7, 300, 600
    rng = np.random.default_rng(0)
    args = rng.standard_normal((n, 3)), rng.standard_normal((m, 2)), rng.standard_normal(p)
    seen = np.stack([rng.integers(0, n, p), rng.integers(0, m, p)], axis=1)
    found = ad.sparse_jacobian(observed, (0, 1, 2))
    sweeps = counted(found)
    matrix = found(*args, seen)
    assert matrix.shape == (2 * p, 3 * n + 2 * m + p)
    assert matrix.nnz == 2 * p * 4
    assert found.pattern(*args, seen).count <= 6
    assert len(sweeps) < 8
    tangents = tuple(rng.standard_normal(a.shape) for a in args)
    expected = ad.jvp(observed, (*args, seen), (*tangents, None))[1].ravel()
    np.testing.assert_allclose(matrix @ flat(tangents), expected, atol=1e-12)


def test_compiled_hessian() -> None:
    def energy(x: Any) -> Any:
        total = 0.0
        for i in range(1, len(x)):
            total += 100.0 * (x[i] - x[i - 1] ** 2) ** 2 + (1.0 - x[i - 1]) ** 2
        return total

    found = ad.sparse_hessian(energy)
    x = np.linspace(-1.0, 1.0, 200)
    matrix = found(x)
    assert matrix.nnz == 3 * 200 - 2
    assert found.pattern(x).count == 3
    assert_same(matrix, np.asarray(ad.hessian(energy, jit=False)(x)))
