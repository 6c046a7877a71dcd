"""Listings read back: what is printed, run-time library included, is differentiated again like a program of the user's."""

from __future__ import annotations

import linecache
from typing import Any

import numpy as np
import pytest
from oracles import assert_close, direction

import adcompile as ad

pytestmark = pytest.mark.core


def repeated(x):
    return np.sum((np.ones((2, 6)) * x) ** 3) + np.sum(x[:1] * x) ** 2


def gathered(x):
    y = x[np.array([0, 2, 2, 5])] ** 2
    y[np.array([1, 1, 3])] += x[:3] * y[0]
    return np.sum(y**2)


def stored(x):
    y = np.zeros(6)
    y[np.array([4, 0, 4])] = x[:3] ** 2
    y[x > 0.9] *= 3.0
    return np.sum(y * y * x)


def listed(x):
    values = []
    for v in x:
        values.append(v * v)  # noqa: PERF401 - a list that grows
    return np.sum(np.array(values) ** 2) * values[0] + sum(values)


def turned(x):
    return np.sum(np.cumsum(x**2)[::-1] * x) + np.sum(np.roll(x**2, 1) * x)


@pytest.mark.parametrize("f", [repeated, gathered, stored, listed, turned])
def test_an_adjoint_that_was_printed_has_a_derivative(f):
    x = np.array([0.5, 1.5, 0.7, 2.0, 1.1, 0.9])
    text, name = ad.dump(f, "reverse", args=(x,)), f"<listing of {f.__name__}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space: dict[str, Any] = {}
    exec(compile(text, name, "exec"), space)
    adjoint, v = space[f"{f.__name__}_vjp"], direction(6)
    (value, (bar,)), (_, (bar_dot,)) = ad.jvp(adjoint, (x.copy(), 1.0), (v, 0.0))
    assert_close(value, f(x.copy()), 1e-12)
    assert_close(bar, ad.grad(f)(x), 1e-12)
    assert_close(bar_dot, ad.hvp(f, (x,), v), 1e-10)
