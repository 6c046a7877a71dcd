"""Every optimisation is one: with any of them left out, or any two, or all, or all but one, a derivative is the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import listings
import numpy as np
import programs
import pytest
from oracles import flat
from programs.case import Case

import adcompile as ad
from adcompile import api, pipeline
from adcompile.dispatch import take_apart
from adcompile.errors import ShapeError
from adcompile.fingerprint import fingerprint
from adcompile.switches import OF_KERNELS, OPTIMISATIONS, left_out, without
from adcompile.unit import Options

PLAIN = Options(jit=False, cache=False, nests=True)
RECURSIVE = ("determinant_without_copies", "recursive_paths", "recursive_chain")
CASES = [case for k, case in enumerate(programs.load()) if k % 4 == 0 or case.name in RECURSIVE]
SETS = [
    *({name} for name in OF_KERNELS),
    set(OF_KERNELS),
    *(set(OF_KERNELS) - {name} for name in OF_KERNELS),
    *(set(pair) for pair in combinations(OF_KERNELS, 2)),
]


def derivative(case: Case) -> np.ndarray:
    """The value and the gradient, or the Jacobian, of a program; of every third program the Hessian times a vector."""
    args = case.sample()
    if "array" in case.tags:
        return flat(api.Jacobian(case.function, case.argnums, "jacobian", PLAIN)(*args))
    if case.tags.isdisjoint({"float32", "first"}) and len(case.name) % 3 == 0:
        direction = tuple(args[k] for k in case.argnums)
        return flat(api.HessianVector(case.function, case.argnums, PLAIN)(args, direction))
    return flat(api.ValueAndGrad(case.function, case.argnums, has_aux=False, mode="auto", options=PLAIN)(*args))


def shared_out() -> Iterator[Any]:
    """Each case with its share of the sets, so that each set meets programs from all over the files."""
    for k, case in enumerate(CASES):
        mine = [names for j, names in enumerate(SETS) for r in range(2) if (j * 2 + r) * 17 % len(CASES) == k]
        yield pytest.param(case, mine, id=case.name)


@pytest.mark.parametrize("case, sets", list(shared_out()))
def test_optimisations_do_not_change_a_derivative(case: Case, sets: list[set[str]]) -> None:
    expected = derivative(case)
    close = 1e-4 if "float32" in case.tags else 1e-9
    for names in sets:
        with without(*names):
            found = derivative(case)
        np.testing.assert_allclose(found, expected, rtol=close, atol=close, err_msg=f"without {sorted(names)}")


# -- each has an effect, without which the tests above would say nothing ----------------------------------------------


def smoothed(u, steps):
    for _ in range(steps):
        scale = 2.0 * u.shape[0] + 1.0
        for i in range(1, u.shape[0] - 1):
            u[i] = u[i] * u[i + 1] / scale + 0.0 * u[i - 1]
    return u[1]


def distances(X, Y, w):
    total = 0.0
    for i in range(X.shape[0]):
        best = -1.0
        for j in range(Y.shape[0]):
            s = 0.0
            for d in range(X.shape[1]):
                s += (X[i, d] - Y[j, d]) ** 2
            best = max(best, s)
        total += w[0] * best
    return total


def products(A, b):
    y = np.zeros(A.shape[0])
    for i in range(A.shape[0]):
        s = 0.0
        for j in range(A.shape[1]):
            s += A[i, j] * b[j]
        y[i] = s * s
    return y


def diffused(u, steps):
    v = u.copy()
    for _ in range(steps):
        for i in range(1, len(u) - 1):
            v[i] = u[i - 1] * u[i + 1]
        u, v = v, u
    return np.sum(u)


def chain(x):
    y = np.zeros(len(x))
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = x[i] / (1.0 + y[i - 1])
    return y[-1]


def powers(x, n):
    y = np.exp(x * x) + x
    for _ in range(n):
        scale = np.sum(y)
        for i in range(len(x)):
            y[i] = y[i] * np.sin(y[i] + scale)
    return np.sum(y)


def minor(a, row, used):
    total = 0.0
    for j in range(len(a)):
        if not used >> j & 1:
            total += a[row, j] * (minor(a, row + 1, used | 1 << j) if row + 1 < len(a) else 1.0)
    return total


def permanent(a):
    return minor(a, 0, 0)


def squares(x, n):
    return x[0] if n == 0 else squares(x, n - 1) ** 2 + x[n]


def curved(U):
    L = 4.0 * U[1:-1, 1:-1] - U[:-2, 1:-1] - U[2:, 1:-1] - U[1:-1, :-2] - U[1:-1, 2:]
    return np.sum(L * L)


def windowed(x, w):
    total = 0.0
    for i in range(len(x) - len(w) + 1):
        total += np.sum(x[i : i + len(w)] * w) ** 2
    return total


STENCIL, ROWS = np.linspace(0.5, 1.0, 9), np.linspace(0.1, 1.0, 12).reshape(4, 3)
SHOWN: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (api.ValueAndGrad(smoothed, 0, has_aux=False, mode="auto", options=PLAIN), (STENCIL, 3)),
    (api.ValueAndGrad(distances, (0, 2), has_aux=False, mode="auto", options=PLAIN), (ROWS, ROWS, STENCIL)),
    (api.Jacobian(products, 1, "jacfwd", PLAIN), (ROWS, ROWS[0])),
    (api.ValueAndGrad(diffused, 0, has_aux=False, mode="auto", options=PLAIN), (STENCIL, 3)),
    (api.ValueAndGrad(chain, 0, has_aux=False, mode="auto", options=PLAIN), (STENCIL,)),
    (api.ValueAndGrad(powers, 0, has_aux=False, mode="auto", options=PLAIN), (STENCIL, 3)),
    (api.Grad(squares, 0, has_aux=False, mode="auto", options=PLAIN), (STENCIL, 3)),
    (api.ValueAndGrad(permanent, 0, has_aux=False, mode="auto", options=PLAIN), (np.eye(3),)),
    (api.Grad(curved, 0, has_aux=False, mode="auto", options=PLAIN), (ROWS @ ROWS.T,)),
    (api.Grad(windowed, 0, has_aux=False, mode="auto", options=PLAIN), (STENCIL, ROWS[0])),
    *(
        (api.ValueAndGrad(f, 0, has_aux=False, mode="auto", options=PLAIN), args)
        for f, args in listings.SAMPLES.items()
    ),
]


def texts() -> Iterator[str]:
    """What some derivatives are compiled from, one of them into memory of the caller's."""
    into = api.Grad(smoothed, 0, has_aux=False, mode="auto", options=PLAIN).into
    for call, args in [*SHOWN, (into, (np.zeros(9), STENCIL, 3))]:
        described, keywords = take_apart(args, {}).described()
        yield pipeline.make_listing(call, described, keywords, PLAIN)[1].text(nested=True)


def test_optimisations_each_changes_a_kernel() -> None:
    everything = list(texts())
    for name in OF_KERNELS:
        with without(name):
            assert any(a != b for a, b in zip(texts(), everything, strict=True)), name


@pytest.mark.parametrize(
    "name", [name for name in OF_KERNELS if name in "lanes sums elements scatters nests alike counting".split()]
)
def test_optimisations_do_not_change_compiled_derivatives(name: str) -> None:
    def compiled() -> list[np.ndarray]:
        options = Options(cache=False)
        jacobian = api.Jacobian(products, 1, "jacfwd", options)(ROWS, ROWS[0])
        gradient = api.Grad(diffused, 0, has_aux=False, mode="auto", options=options)(STENCIL, 3)
        return [jacobian, gradient]

    expected = [
        api.Jacobian(products, 1, "jacfwd", PLAIN)(ROWS, ROWS[0]),
        api.Grad(diffused, 0, has_aux=False, mode="auto", options=PLAIN)(STENCIL, 3),
    ]
    with without(name):
        found = compiled()
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


# -- how they are switched --------------------------------------------------------------------------------------------


@pytest.mark.core
def test_optimisations_are_switched_by_name() -> None:
    assert left_out() == frozenset()
    with without("fused", "sums"):
        assert left_out() == {"fused", "sums"}
        with without():
            assert left_out() == frozenset()
    with without("all"):
        assert left_out() == set(OPTIMISATIONS) - {"vectors"}
    with pytest.raises(ShapeError, match="'fuse', which there is not"), without("fuse"):
        pass


@pytest.mark.core
def test_optimisations_are_part_of_the_fingerprint() -> None:
    call = take_apart((ROWS, ROWS[0]), {}).key
    whole = fingerprint(ad.grad(products), call, PLAIN)
    with without("fused"):
        assert fingerprint(ad.grad(products), call, PLAIN) not in (whole, None)
    assert fingerprint(ad.grad(products), call, PLAIN) == whole


@pytest.mark.parametrize(
    "setting, printed",
    [("", "[]"), ("sums, fused", "['fused', 'sums']"), ("all", str(sorted(OPTIMISATIONS))), ("fuse", "'fuse'")],
)
def test_optimisations_can_be_left_out_by_the_environment(setting: str, printed: str) -> None:
    script = "from adcompile.switches import left_out; print(sorted(left_out()))"
    environment = {**os.environ, "ADCOMPILE_WITHOUT": setting}
    found = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert printed in (found.stderr if setting == "fuse" else found.stdout)
