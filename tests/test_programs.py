"""Each program of `programs/` in every mode, backend and order, against differences and against itself."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import numpy as np
import oracles
import programs
import pytest
from oracles import assert_close, direction, flat, unflat
from programs.case import Case

import adcompile as ad
from adcompile import api
from adcompile.unit import Options

CASES = programs.load()
EXACT, DIFFERENCES, SINGLE = 1e-10, 2e-6, 5e-4
PLAIN = Options(jit=False)
COMPILED = Options()


def each(*tags: str, without: tuple[str, ...] = (), quick: str = "core") -> pytest.MarkDecorator:
    """Parametrise over the programs that have all of `tags` and none of `without`; `quick` ones are core tests."""
    cases = [c for c in CASES if c.tags.issuperset(tags) and c.tags.isdisjoint(without)]
    return pytest.mark.parametrize(
        "case", [pytest.param(c, id=c.name, marks=[pytest.mark.core] if quick in c.tags else []) for c in cases]
    )


ROUGH = ("array", "float32", "first")  # without a second derivative that differences could confirm


def tolerance(case: Case, of_double: float) -> float:
    return SINGLE if "float32" in case.tags else of_double


def chosen(case: Case, args: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(args[k] for k in case.argnums)


def step(case: Case) -> tuple[np.ndarray, tuple[Any, ...]]:
    """A direction in the space of the differentiated arguments, as a vector and in their structure."""
    wrt = chosen(case, case.sample())
    v = direction(flat(wrt).size)
    return v, unflat(wrt, v, precise=False)


@cache
def differences(case: Case) -> np.ndarray:
    return oracles.jacobian(case.function, case.sample(), case.argnums)


@cache
def reverse(case: Case, options: Options) -> api.Derivative:
    """The gradient with its value; for a result that is an array, the Jacobian by reverse sweeps."""
    if "array" in case.tags:
        return api.Jacobian(case.function, case.argnums, "jacrev", options)
    return api.ValueAndGrad(case.function, case.argnums, has_aux=False, mode="auto", options=options)


def derivative(case: Case, options: Options) -> tuple[Any, np.ndarray]:
    """The value, where the derivative comes with it, and all derivatives, shape (outputs, inputs)."""
    found = reverse(case, options)(*case.sample())
    if "array" not in case.tags:
        return found[0], flat(found[1])[None, :]
    outputs = flat(oracles.call(case.function, case.sample())).size
    return None, np.concatenate([np.reshape(block, (outputs, -1)) for block in found], axis=1)


def check_first_order(case: Case, options: Options) -> None:
    value, found = derivative(case, options)
    if value is not None:
        expected = oracles.call(case.function, case.sample())
        assert_close(value, expected, tolerance(case, 1e-12), "value")
    assert_close(found, differences(case), tolerance(case, DIFFERENCES), "reverse against differences")


@each()
def test_gradient_agrees_with_differences(case: Case) -> None:
    check_first_order(case, PLAIN)


@each(quick="compiled")
def test_compiled_gradient_agrees_with_differences(case: Case) -> None:
    check_first_order(case, COMPILED)


@each()
def test_arguments_do_not_change(case: Case) -> None:
    args = case.sample()
    before = copy.deepcopy(args)
    reverse(case, PLAIN)(*args)
    for found, expected in zip(oracles.leaves(args), oracles.leaves(before), strict=True):
        if isinstance(found, np.ndarray):
            np.testing.assert_array_equal(found, expected)


@each()
def test_forward_agrees_with_reverse(case: Case) -> None:
    args = case.sample()
    v, tangent = step(case)
    tangents: list[Any] = [None] * len(args)
    for k, part in zip(case.argnums, tangent, strict=True):
        tangents[k] = part
    y, y_dot = api.PushForward(case.function, 0, PLAIN)(args, tuple(tangents))
    _, rows = derivative(case, PLAIN)
    scale = float(np.max(np.linalg.norm(rows, axis=1)) * np.linalg.norm(v))
    assert_close(y, oracles.call(case.function, case.sample()), tolerance(case, 1e-12), "value")
    assert_close(y_dot, rows @ v, tolerance(case, EXACT), "forward against reverse", scale)


def hessian_vector(case: Case, options: Options) -> np.ndarray:
    args = case.sample()
    _, tangent = step(case)
    return flat(api.HessianVector(case.function, case.argnums, options)(args, tangent))


def check_second_order(case: Case, options: Options) -> None:
    gradient = ad.grad(case.function, case.argnums, jit=False)
    v, _ = step(case)
    expected = oracles.directional(gradient, case.sample(), case.argnums, v, step=2e-4)
    scale = float(np.max(np.abs(flat(gradient(*case.sample()))), initial=0.0))
    assert_close(hessian_vector(case, options), expected, DIFFERENCES, "second order against differences", scale)


@each(without=ROUGH)
def test_forward_over_reverse_agrees_with_differences(case: Case) -> None:
    check_second_order(case, PLAIN)


@each("core", without=ROUGH, quick="compiled")
def test_compiled_forward_over_reverse_agrees_with_differences(case: Case) -> None:
    check_second_order(case, COMPILED)


@each(without=ROUGH)
def test_reverse_over_reverse_agrees_with_forward_over_reverse(case: Case) -> None:
    args = case.sample()
    _, tangent = step(case)
    gradient = ad.grad(case.function, case.argnums, jit=False)
    found = api.PullBack(gradient, 0, PLAIN)(args, tangent)
    expected = hessian_vector(case, PLAIN)
    scale = float(np.max(np.abs(expected), initial=0.0))
    assert_close([found[k] for k in case.argnums], expected, EXACT * 10, "reverse over reverse", scale)
