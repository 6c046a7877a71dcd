"""What users call: arguments, results and structures of every transformation, and their composition."""

from __future__ import annotations

import copy
import dataclasses
import math
import subprocess
import sys
from typing import Any, NamedTuple

import numba
import numpy as np
import pytest

import adcompile as ad

pytestmark = pytest.mark.core
PLAIN = {"jit": False}


class Pair(NamedTuple):
    a: Any
    b: Any


@dataclasses.dataclass
class Params:
    w: np.ndarray
    b: float


def f(x1, x2):
    return x1 * x2 + math.sin(x2)


def norm2(x):
    s = 0.0
    for i in range(x.shape[0]):
        s += x[i] * x[i]
    return s


def squares(x):
    y = np.empty_like(x)
    for i in range(x.shape[0]):
        y[i] = x[i] ** 2 * x[0]
    return y


# -- grad ---------------------------------------------------------------------------------------------------------


def test_grad_is_a_decorator_with_and_without_settings():
    @ad.grad
    def g(x):
        return x * x

    @ad.grad(argnums=1, jit=False)
    def h(x, y):
        return x * y * y

    assert g(3.0) == 6.0
    assert h(2.0, 3.0) == 12.0


@pytest.mark.parametrize(
    "argnums, expected",
    [
        (0, 3.0),
        (1, 2.0 + math.cos(3.0)),
        (-1, 2.0 + math.cos(3.0)),
        ("x2", 2.0 + math.cos(3.0)),
        ((0, 1), (3.0, 2.0 + math.cos(3.0))),
        (("x2", 0), (2.0 + math.cos(3.0), 3.0)),
        ((1,), (2.0 + math.cos(3.0),)),
    ],
)
def test_argnums_are_positions_names_or_tuples_of_them(argnums, expected):
    assert ad.grad(f, argnums, **PLAIN)(2.0, 3.0) == pytest.approx(expected)


def test_forward_mode_gives_the_same_gradient():
    assert ad.grad(f, (0, 1), mode="forward", **PLAIN)(2.0, 3.0) == ad.grad(f, (0, 1), **PLAIN)(2.0, 3.0)


def test_keywords_and_defaults_reach_the_function():
    def g(x, scale=2.0, *, shift=0.0):
        return scale * x * x + shift * x

    assert ad.grad(g, **PLAIN)(3.0) == 12.0
    assert ad.grad(g, **PLAIN)(3.0, scale=1.0) == 6.0
    assert ad.grad(g, **PLAIN)(3.0, shift=1.0) == 13.0
    assert ad.grad(g, "scale", **PLAIN)(3.0, 1.0) == 9.0


def test_value_and_grad_is_the_value_and_the_gradient():
    value, gradient = ad.value_and_grad(norm2)(np.array([1.0, 2.0]))
    assert value == 5.0
    np.testing.assert_array_equal(gradient, [2.0, 4.0])


def test_has_aux_carries_the_rest_along():
    def g(x):
        y = x * x
        return y * x, (y, 7)

    assert ad.grad(g, has_aux=True, **PLAIN)(2.0) == (12.0, (4.0, 7))
    assert ad.value_and_grad(g, has_aux=True, **PLAIN)(2.0) == ((8.0, (4.0, 7)), 12.0)


# -- structures ---------------------------------------------------------------------------------------------------


def check_structure(g, argument, expected):
    found = ad.grad(g, **PLAIN)(argument)
    assert type(found) is type(argument)
    assert found == expected


def test_tuples_come_back_as_tuples():
    check_structure(lambda p: p[0] * p[1][0] * p[1][1], (2.0, (3.0, 4.0)), (12.0, (8.0, 6.0)))


def test_namedtuples_come_back_as_namedtuples():
    check_structure(lambda p: p.a * p.b, Pair(2.0, 3.0), Pair(3.0, 2.0))


def test_dicts_come_back_as_dicts():
    check_structure(lambda p: p["u"] * p["v"], {"u": 2.0, "v": 3.0}, {"u": 3.0, "v": 2.0})


def test_lists_come_back_as_lists():
    check_structure(lambda p: p[0] * p[1], [2.0, 3.0], [3.0, 2.0])


def test_dataclasses_come_back_as_dataclasses():
    def g(p, x):
        return np.sum(p.w * x) * p.b

    found = ad.grad(g, **PLAIN)(Params(np.array([1.0, 2.0]), 3.0), np.array([4.0, 5.0]))
    assert isinstance(found, Params)
    np.testing.assert_array_equal(found.w, [12.0, 15.0])
    assert found.b == 14.0


def test_integers_in_a_structure_have_no_derivative():
    found = ad.grad(lambda p: p["x"] ** p["n"], **PLAIN)({"x": 3.0, "n": 2})
    assert found == {"x": 6.0, "n": None}


def test_results_may_be_nested():
    def g(x):
        return {"double": 2.0 * x, "pair": Pair(x * x, (x, None))}

    y, y_dot = ad.jvp(g, (3.0,), (1.0,))
    assert y == {"double": 6.0, "pair": Pair(9.0, (3.0, None))}
    assert y_dot == {"double": 2.0, "pair": Pair(6.0, (1.0, None))}


# -- jvp, vjp, Jacobians, second order --------------------------------------------------------------------------------


def test_jvp_takes_none_for_what_is_not_differentiated():
    assert ad.jvp(lambda x, n: x**n, (3.0, 2), (1.0, None)) == (9.0, 6.0)
    assert ad.jvp(f, (2.0, 3.0), (1.0, None)) == pytest.approx((f(2.0, 3.0), 3.0))


def test_vjp_gives_a_cotangent_for_each_argument():
    y, pullback = ad.vjp(lambda x, n, flag: x**n if flag else x, 3.0, 2, True)
    assert y == 9.0
    assert pullback(1.0) == (6.0, None, None)
    assert pullback(2.0) == (12.0, None, None)


def test_vjp_of_an_array():
    x = np.array([1.0, 2.0, 3.0])
    y, pullback = ad.vjp(squares, x)
    np.testing.assert_array_equal(y, squares(x))
    (x_bar,) = pullback(np.array([1.0, 0.0, 0.0]))
    np.testing.assert_array_equal(x_bar, [3.0, 0.0, 0.0])


@pytest.mark.parametrize("transform", [ad.jacobian, ad.jacfwd, ad.jacrev])
def test_jacobians_have_the_shape_of_result_and_argument(transform):
    x = np.array([1.0, 2.0, 3.0])
    expected = np.array([[3.0, 0.0, 0.0], [4.0, 4.0, 0.0], [9.0, 0.0, 6.0]])
    np.testing.assert_allclose(transform(squares, **PLAIN)(x), expected)
    np.testing.assert_allclose(transform(norm2, **PLAIN)(x), 2 * x)
    assert transform(lambda t: t * t, **PLAIN)(3.0) == 6.0
    np.testing.assert_allclose(transform(lambda t: t * x, **PLAIN)(3.0), x)
    outer = transform(lambda a: a[:, None] * x[:2], **PLAIN)(x)
    assert outer.shape == (3, 2, 3)


def test_jacobian_of_several_arguments():
    x = np.array([1.0, 2.0])
    by_x, by_t = ad.jacobian(lambda x, t: t * x * x, (0, 1), **PLAIN)(x, 3.0)
    np.testing.assert_allclose(by_x, np.diag(6.0 * x))
    np.testing.assert_allclose(by_t, x * x)


def test_hessian_and_its_products():
    x = np.array([1.0, 2.0, 3.0])

    def g(x):
        return x[0] * x[1] * x[2] + x[0] ** 3

    expected = np.array([[6.0, 3.0, 2.0], [3.0, 0.0, 1.0], [2.0, 1.0, 0.0]])
    np.testing.assert_allclose(ad.hessian(g)(x), expected)
    np.testing.assert_allclose(ad.hvp(g, (x,), np.array([1.0, 0.0, 2.0])), expected @ [1.0, 0.0, 2.0])
    assert ad.hessian(lambda t: t**4, **PLAIN)(2.0) == 48.0


def test_hessian_blocks():
    (aa, ab), (ba, bb) = ad.hessian(lambda a, b: a * a * b + b * b, (0, 1), **PLAIN)(2.0, 3.0)
    assert (aa, ab, ba, bb) == (6.0, 4.0, 4.0, 2.0)
    assert ad.hvp(lambda a, b: a * a * b + b * b, (2.0, 3.0), (1.0, 1.0), (0, 1)) == (10.0, 6.0)


def test_derivatives_nest_to_any_order():
    g = lambda x: math.sin(x) * x  # noqa: E731
    third = ad.grad(ad.grad(ad.grad(g, **PLAIN), **PLAIN), **PLAIN)
    assert third(0.7) == pytest.approx(-3.0 * math.sin(0.7) - 0.7 * math.cos(0.7))
    assert ad.jvp(ad.grad(g), (0.7,), (1.0,))[1] == pytest.approx(2 * math.cos(0.7) - 0.7 * math.sin(0.7))
    assert ad.jacfwd(ad.jacrev(g), **PLAIN)(0.7) == pytest.approx(2 * math.cos(0.7) - 0.7 * math.sin(0.7))


def test_a_derivative_inside_a_function_that_is_differentiated():
    def g(x, y):
        return x * x * y**3

    def outer(x):
        total = 0.0
        for k in range(3):
            y0 = 0.5 * k
            total += ad.grad(lambda y: g(x, y))(y0) * x  # 3 x**3 y0**2
        return total

    expected = sum(9.0 * 2.0**2 * (0.5 * k) ** 2 for k in range(3))
    assert ad.grad(outer, **PLAIN)(2.0) == pytest.approx(expected)
    assert ad.grad(outer)(2.0) == pytest.approx(expected)


def test_jvp_vjp_and_hvp_inside_a_function():
    def outer(x):
        y, x_dot = ad.jvp(math.exp, (x,), (1.0,))
        _, pullback = ad.vjp(lambda t: t * t * t, x)
        (x_bar,) = pullback(y)
        return x_dot + x_bar + ad.hvp(lambda t: t**3, (x,), 1.0)

    x = 0.3
    assert ad.grad(outer, **PLAIN)(x) == pytest.approx(math.exp(x) * (1 + 3 * x * x + 6 * x) + 6)


# -- rules of the user's ------------------------------------------------------------------------------------------------


def test_stop_gradient_is_a_constant_to_derivatives():
    assert ad.stop_gradient(3.0) == 3.0
    assert ad.grad(lambda x: x * ad.stop_gradient(x), **PLAIN)(3.0) == 3.0
    np.testing.assert_array_equal(
        ad.grad(lambda x: np.sum(x * ad.stop_gradient(x)), **PLAIN)(np.array([1.0, 2.0])), [1.0, 2.0]
    )


def both_modes(g, x):
    return ad.grad(g, **PLAIN)(x), ad.jvp(g, (x,), (1.0,))[1]


def test_a_forward_rule_serves_both_modes():
    @ad.custom_jvp
    def g(x):
        return x * x

    @g.defjvp
    def rule(primals, tangents):
        (x,), (x_dot,) = primals, tangents
        return x * x, 5.0 * x * x_dot

    assert g(3.0) == 9.0
    assert both_modes(lambda x: g(x) * 2.0, 3.0) == (30.0, 30.0)


def test_a_reverse_rule_serves_both_modes():
    @ad.custom_vjp
    def g(x):
        return x * x

    g.defvjp(lambda x: (x * x, x), lambda x, y_bar: (7.0 * x * y_bar,))
    assert both_modes(lambda x: g(x) * 2.0, 3.0) == (42.0, 42.0)
    assert ad.hessian(g, **PLAIN)(3.0) == 7.0


def test_both_rules_may_stand_on_one_function():
    @ad.custom_jvp
    def g(x):
        return x * x

    @g.defjvp
    def rule(primals, tangents):
        return primals[0] ** 2, 5.0 * primals[0] * tangents[0]

    g = ad.custom_vjp(g)
    g.defvjp(lambda x: (x * x, x), lambda x, y_bar: (7.0 * x * y_bar,))
    assert both_modes(g, 3.0) == (21.0, 15.0)


def test_a_rule_without_a_formula_is_refused():
    @ad.custom_vjp
    def g(x):
        return x * x

    with pytest.raises(ad.NoRule, match="a rule of its own, but none is given"):
        ad.grad(g, **PLAIN)(3.0)


def test_a_checkpoint_changes_no_derivative():
    @ad.checkpoint
    def step(x, a):
        return np.tanh(a * x) + x * x

    def g(x, a):
        for _ in range(4):
            x = step(x, a)
        return np.sum(x)

    def plain(x, a):
        for _ in range(4):
            x = np.tanh(a * x) + x * x
        return np.sum(x)

    x, a = np.array([0.1, 0.2]), 0.7
    for found, expected in zip(ad.grad(g, (0, 1))(x, a), ad.grad(plain, (0, 1))(x, a), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-13)
    np.testing.assert_allclose(ad.hessian(g, **PLAIN)(x, a), ad.hessian(plain, **PLAIN)(x, a), rtol=1e-12)


# -- compiled code, copies, and what a derivative says of itself ----------------------------------------------------------


def test_njit_functions_are_taken_through_their_source():
    compiled = numba.njit(norm2)
    np.testing.assert_array_equal(ad.grad(compiled, **PLAIN)(np.array([1.0, 2.0])), [2.0, 4.0])


def test_a_derivative_is_called_in_compiled_code():
    slope = ad.value_and_grad(norm2)

    @numba.njit
    def descend(x, steps):
        for _ in range(steps):
            value, gradient = slope(x)
            x = x - 0.25 * gradient
        return value, x

    value, x = descend(np.array([1.0, 2.0]), 3)
    assert value == 5.0 / 16
    np.testing.assert_array_equal(x, [0.125, 0.25])


def test_a_derivative_is_an_argument_of_compiled_code():
    @numba.njit
    def apply(g, x):
        return g(x) + 1.0

    assert apply(ad.grad(lambda x: x * x), 3.0) == 7.0


def test_arguments_are_left_alone():
    def g(x, y):
        x[0] = 5.0
        x += y
        y[:] = 1.0
        return np.sum(x * x * y)

    for options in (PLAIN, {}):
        x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
        before = copy.deepcopy((x, y))
        ad.value_and_grad(g, (0, 1), **options)(x, y)
        np.testing.assert_array_equal((x, y), before)


def test_results_share_no_memory_with_arguments():
    x = np.array([1.0, 2.0])
    y, pullback = ad.vjp(lambda x: x, x)
    assert not np.shares_memory(y, x)
    g = np.array([1.0, 1.0])
    (x_bar,) = pullback(g)
    assert not np.shares_memory(x_bar, g)


def test_strided_arguments_are_taken():
    x = np.arange(10.0)[::2]
    np.testing.assert_array_equal(ad.grad(norm2)(x), 2 * x)
    a = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(ad.grad(lambda a: np.sum(a * a))(a), 2 * a)


def test_float32_stays_float32():
    x = np.array([1.0, 2.0], dtype=np.float32)
    for options in (PLAIN, {}):
        _, gradient = ad.value_and_grad(lambda x: np.sum(np.sin(x) * 2.0), **options)(x)
        assert gradient.dtype == np.float32
        np.testing.assert_allclose(gradient, 2 * np.cos(x), rtol=1e-6)


def test_repr_says_what_a_derivative_is():
    d = ad.grad(f, argnums=(0, "x2"), **PLAIN)
    assert repr(d).startswith("<adcompile.grad of f(x1, x2) with respect to x1, x2; not compiled yet>")
    d(2.0, 3.0)
    assert repr(d).endswith("compiled for float64, float64>")


def test_a_gradient_of_nothing_is_zero():
    assert ad.grad(lambda x: 3.0 * 1.0 + 0.0 * x, **PLAIN)(2.0) == 0.0
    np.testing.assert_array_equal(ad.grad(lambda x: 1.0 + x[0] * 0.0, **PLAIN)(np.ones(3)), np.zeros(3))
    assert ad.grad(lambda x, y: y * 2.0, **PLAIN)(2.0, 3.0) == 0.0


def test_large_arrays_of_enclosing_scopes_are_read():
    table = np.arange(1000.0)

    def g(x):
        return x * table[10] + np.sum(table) * 0.0

    assert ad.grad(g)(2.0) == 10.0


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: ad.grad(3.0), "takes a function, not float"),
        (lambda: ad.grad(f, mode="sideways"), "there is no mode 'sideways'"),
        (lambda: ad.grad(f, "z", **PLAIN)(1.0, 2.0), "there is no parameter `z` that can be differentiated"),
        (lambda: ad.grad(f, 5, **PLAIN)(1.0, 2.0), "names argument 5, but the function is called with 2"),
        (lambda: ad.grad(lambda n: n * 2, **PLAIN)(3), "argument 0 (`n`) has no derivative"),
        (lambda: ad.grad(squares, **PLAIN)(np.ones(3)), "needs a function with one real number as its result"),
        (lambda: ad.grad(lambda x: (x, x), **PLAIN)(1.0), "one real number"),
        (lambda: ad.grad(lambda x: x > 0, **PLAIN)(1.0), "needs a real floating-point result"),
        (lambda: ad.jvp(f, (1.0, 2.0), (1.0,)), "2 primals and 1 tangents"),
        (lambda: ad.jvp(norm2, (np.ones(3),), (np.ones(2),)), "tangent 0 has shape"),
        (lambda: ad.dump(f, "backwards"), "there is no listing 'backwards'"),
    ],
)
def test_wrong_calls_are_refused_by_name(make, message):
    with pytest.raises(ad.ADError) as caught:
        make()
    assert message in str(caught.value)


def test_check_grads_passes_what_is_right_and_shows_what_is_wrong():
    ad.check_grads(f, (2.0, 3.0), order=2)
    ad.check_grads(squares, (np.array([1.0, 2.0]),))

    @ad.custom_vjp
    def wrong(x):
        return x * x

    wrong.defvjp(lambda x: (x * x, x), lambda x, y_bar: (2.001 * x * y_bar,))
    with pytest.raises(ad.GradientError, match="forward mode is not that by differences"):
        ad.check_grads(wrong, (3.0,))


def test_importing_does_not_load_the_compiler():
    code = "import sys, adcompile; print([m for m in sys.modules if m.startswith('adcompile.frontend')])"
    found = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
