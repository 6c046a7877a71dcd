"""Random draws inside of derivatives: the same stream as the function itself, and the derivative of the quantile.

Each probe is a call of `np.random`; `r` in place of it is a generator. What differences cannot see, because the draw is accepted or
rejected, is compared with the quantile of a fixed probability, found by Newton's method from SciPy's distribution functions.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Sequence
from typing import Any

import numba
import numpy as np
import pytest
from draws_oracle import Followed, NumPy

import adcompile as ad
from adcompile import api
from adcompile.errors import Unsupported
from adcompile.unit import Options

PLAIN, COMPILED = Options(jit=False, cache=False), Options(cache=False)
S, T = 0.7, 1.3
BOTH = (
    "normal(s, t)",
    "uniform(s, t)",
    "exponential(t)",
    "laplace(s, t)",
    "logistic(s, t)",
    "lognormal(s, t)",
    "rayleigh(t)",
    "weibull(t)",
    "pareto(t)",
    "power(t)",
    "triangular(0.0, s, t)",
    "gamma(t, s)",
    "beta(s, t)",
    "chisquare(t)",
    "standard_gamma(t)",
    "standard_t(t)",
    "f(s, t)",
    "wald(s, t)",
    "noncentral_chisquare(t, s)",
)
OF_MODULE = (*BOTH, "gumbel(s, t)", "vonmises(s, t)")


def define(text: str, numpy: Any = np) -> Callable[..., Any]:
    """The function `f` that a text defines, of a file that Python can read."""
    file = f"<draws {text}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    scope: dict[str, Any] = {"np": numpy}
    exec(compile(text, file, "exec"), scope)
    found: Callable[..., Any] = scope["f"]
    return found


def of(calls: Sequence[str], size: str = "", owner: str = "np.random") -> Callable[..., Any]:
    """A function that makes several draws, one after the other."""
    sized = [f"{owner}.{c[:-1]}{size})" for c in calls]
    parameters = "s, t" if owner == "np.random" else f"s, t, {owner}"
    lines = [f"    x{k} = {c}" for k, c in enumerate(sized)]
    return define(
        "\n".join([f"def f({parameters}):", *lines, f"    return {', '.join(f'x{k}' for k in range(len(calls)))},", ""])
    )


@numba.njit
def seed_compiled(n: Any) -> None:
    np.random.seed(n)


def close(found: Any, expected: Any, rtol: float = 1e-13) -> None:
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-14)


# -- the same numbers as the function itself --------------------------------------------------------------------


@pytest.mark.parametrize("size", ["", ", (2, 3)"])
def test_plain_stream_is_that_of_numpy(size: str) -> None:
    f = of(OF_MODULE, size)
    np.random.seed(5)
    expected = f(S, T)
    np.random.seed(5)
    found, _ = api.PushForward(f, 0, PLAIN)((S, T), (1.0, 0.5))
    close(found, expected)


def test_compiled_stream_is_that_of_numba() -> None:
    for f in (of(OF_MODULE), of(("normal(s, t)", "gamma(t, s)", "f(s, t)"), ", (2, 3)")):
        seed_compiled(5)
        expected = numba.njit(f)(S, T)
        seed_compiled(5)
        found, _ = api.PushForward(f, 0, COMPILED)((S, T), (1.0, 0.5))
        close(found, expected)


@pytest.mark.parametrize("options", [PLAIN, COMPILED])
def test_a_generator_is_drawn_from_as_always(options: Options) -> None:
    f = of(BOTH, owner="r")
    expected = f(S, T, np.random.default_rng(3))
    found, _ = api.PushForward(f, 0, options)((S, T, np.random.default_rng(3)), (1.0, 0.5, None))
    close(found, expected)


@pytest.mark.parametrize("options", [PLAIN, COMPILED])
def test_a_generator_outside_goes_on(options: Options) -> None:
    rng = np.random.default_rng(3)

    def f(x: Any) -> Any:
        return x * rng.normal(x, 1.0)

    df = api.Grad(f, 0, has_aux=False, mode="auto", options=options)
    z = np.random.default_rng(3).standard_normal(2)
    np.testing.assert_allclose([df(2.0), df(2.0)], 4.0 + z, rtol=1e-12)


def of_arrays(a: Any, b: Any) -> Any:
    return np.random.gamma(a, 1.0, (2, 3)) + np.random.beta(a, 2.0) + np.random.normal(a, b) + np.random.wald(2.0, b)


def test_parameters_that_are_arrays() -> None:
    """NumPy draws one after the other; Numba has no such draws."""
    a, b = np.array([0.7, 1.2, 2.5]), np.array([0.4, 0.9, 1.1])
    np.random.seed(2)
    expected = of_arrays(a, b)
    np.random.seed(2)
    found, _ = api.PushForward(of_arrays, 0, PLAIN)((a, b), (np.ones(3), np.ones(3)))
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    seed_compiled(2)
    y, compiled = api.PushForward(of_an_array, 0, COMPILED)((a,), (np.ones(3),))
    assert y.shape == (3,)
    np.random.seed(2)
    _, plain = api.PushForward(of_an_array, 0, PLAIN)((a,), (np.ones(3),))
    np.testing.assert_allclose(compiled, plain, rtol=1e-12)


def of_an_array(a: Any) -> Any:
    return np.random.normal(a, a * a)


def integers(x: Any) -> Any:
    n = np.random.randint(0, 3)
    p = np.random.permutation(x)
    np.random.shuffle(p)
    c = np.random.choice(x, 2)
    d = np.random.choice(x, 2, replace=False)
    counts = np.random.poisson(x[0]) + np.random.binomial(5, x[1]) + np.random.geometric(x[2])
    return x[n] ** 2 + np.sum(p * np.arange(4.0)) + np.sum(c * c) + np.prod(d) + counts * x[3]


@pytest.mark.parametrize("options", [PLAIN, COMPILED])
def test_integers_choose_and_have_no_derivative(options: Options) -> None:
    x = np.array([0.35, 0.84, 0.55, 0.72])

    def seeded(x: Any) -> Any:
        np.random.seed(11)
        return integers(x)

    value, slope = api.ValueAndGrad(seeded, 0, has_aux=False, mode="auto", options=options)(x)
    reference = seeded if not options.jit else numba.njit(define_seeded())
    assert value == pytest.approx(reference(x), rel=1e-13)
    for k in range(4):
        step = 1e-6 * np.eye(4)[k]
        assert slope[k] == pytest.approx((reference(x + step) - reference(x - step)) / 2e-6, rel=1e-7, abs=1e-8)


def define_seeded() -> Callable[..., Any]:
    inner = numba.njit(integers)

    def seeded(x: Any) -> Any:
        np.random.seed(11)
        return inner(x)

    return seeded


# -- the derivative of the quantile ------------------------------------------------------------------------------


@pytest.mark.parametrize("call", OF_MODULE)
def test_derivatives_are_those_of_the_quantile(call: str) -> None:
    """First and second, in both modes, along a direction."""
    text = f"def f(p):\n    s, t = p[0], p[1]\n    return np.random.{call}\n"
    f = define(text)
    point, v = np.array([S, T]), np.array([0.6, -0.8])
    for seed in (1, 2, 3):
        np.random.seed(seed)
        y, slope = api.ValueAndGrad(f, 0, has_aux=False, mode="auto", options=PLAIN)(point)
        np.random.seed(seed)
        _, dot = api.PushForward(f, 0, PLAIN)((point,), (v,))
        np.random.seed(seed)
        bend = api.HessianVector(f, (0,), PLAIN)((point,), (v,))
        np.random.seed(seed)
        followed = Followed(np.random)
        reference = define(text, NumPy(followed))
        assert reference(point) == pytest.approx(y, rel=1e-13)

        def moved(h: float, reference: Any = reference, followed: Any = followed) -> Any:
            followed.again()
            return reference(point + h * v)

        first, second = differences(moved, 5e-3)
        assert dot == pytest.approx(first, rel=1e-7, abs=1e-9)
        assert slope @ v == pytest.approx(dot, rel=1e-11, abs=1e-13)
        assert np.sum(bend * v) == pytest.approx(second, rel=1e-5, abs=1e-6)


def differences(f: Callable[[float], Any], h: float) -> tuple[Any, Any]:
    """First and second derivative at 0, by differences of sixth order."""
    first = sum(w * (f(k * h) - f(-k * h)) for k, w in ((1, 3 / 4), (2, -3 / 20), (3, 1 / 60))) / h
    second = sum(w * (f(k * h) + f(-k * h) - 2.0 * f(0.0)) for k, w in ((1, 3 / 2), (2, -3 / 20), (3, 1 / 90))) / h**2
    return first, second


def simplex(a: Any) -> Any:
    return np.random.dirichlet(a)


def test_a_direction_on_the_simplex() -> None:
    a = np.array([0.7, 1.6, 2.4])
    np.random.seed(4)
    y, dots = api.PushForward(simplex, 0, PLAIN)((a,), (np.array([1.0, 0.0, 0.0]),))
    np.random.seed(4)
    np.testing.assert_allclose(y, np.random.dirichlet(a), rtol=1e-13)
    assert np.sum(dots) == pytest.approx(0.0, abs=1e-14)
    assert dots[0] > 0.0 > max(dots[1:])


def test_expectations_have_the_right_derivative() -> None:
    """The mean of the derivatives is the derivative of the mean, by far more draws than chance could spoil."""
    n = 20000
    f = define(
        f"""def f(a, b):
    return (np.mean(np.random.gamma(a, b, {n})), np.mean(np.random.beta(a, b, {n})), np.mean(np.random.f(a, b + 8.0, {n})),
        np.mean(np.random.wald(a, b, {n})), np.mean(np.random.noncentral_chisquare(a, b, {n})))
"""
    )
    seed_compiled(1)
    a, b = 2.1, 1.4
    _, by_a = api.PushForward(f, 0, COMPILED)((a, b), (1.0, 0.0))
    _, by_b = api.PushForward(f, 0, COMPILED)((a, b), (0.0, 1.0))
    np.testing.assert_allclose(by_a, [b, b / (a + b) ** 2, 0.0, 1.0, 1.0], atol=0.05)
    np.testing.assert_allclose(by_b, [a, -a / (a + b) ** 2, -2.0 / (b + 6.0) ** 2, 0.0, 1.0], atol=0.05)


# -- programs ----------------------------------------------------------------------------------------------------


def walk(p: Any, steps: Any) -> Any:
    """Draws in a loop, in branches, in a condition, and one that is not needed."""
    np.random.seed(7)
    x, path = p[0], np.zeros(steps)
    for k in range(steps):
        np.random.normal(0.0, 1.0)
        e = np.random.normal(p[1] * x, 0.3 + p[1] ** 2)
        if e > 0.2:  # noqa: SIM108
            x = np.sin(x) + e * np.random.exponential(p[2])
        else:
            x = x * np.exp(-e) + np.random.uniform(p[0], p[2])
        path[k] = x * x
    tries = 0.0
    while np.random.random() < 0.6:
        tries = tries * 0.5 + np.random.laplace(p[1], p[2])
    return np.sum(path) + tries * x


@pytest.mark.parametrize("options", [PLAIN, COMPILED])
def test_programs_record_what_they_draw(options: Options) -> None:
    """Nothing is drawn again in the reverse sweep, or under a second derivative."""
    p, v = np.array([0.4, 0.6, 0.9]), np.array([0.3, -0.5, 0.8])
    y, dot = api.PushForward(walk, 0, options)((p, 6), (v, None))
    slope = api.Grad(walk, 0, has_aux=False, mode="auto", options=options)(p, 6)
    bend = api.HessianVector(walk, 0, options)((p, 6), v)
    hessian = api.Hessian(walk, 0, options)(p, 6)
    reference = walk if not options.jit else numba.njit(walk)
    assert y == pytest.approx(reference(p, 6), rel=1e-13)
    first, _ = differences(lambda h: reference(p + h * v, 6), 1e-3)
    assert dot == pytest.approx(first, rel=1e-8)
    assert slope @ v == pytest.approx(dot, rel=1e-12)
    np.testing.assert_allclose(bend, hessian @ v, rtol=1e-10)


def one_number() -> Any:
    return np.random.random()


@pytest.mark.parametrize("options", [PLAIN, COMPILED])
def test_what_is_not_needed_is_drawn_all_the_same(options: Options) -> None:
    """The stream after a gradient is the one after the function."""

    def f(x: Any) -> Any:
        for _ in range(3):
            np.random.gamma(x, 1.0)
        return x * x + np.random.normal(0.0, 1.0) * 0.0 + np.random.random()

    seed = seed_compiled if options.jit else np.random.seed
    draw = numba.njit(one_number) if options.jit else np.random.random
    run = numba.njit(f) if options.jit else f
    seed(9)
    run(1.5)
    expected = draw()
    seed(9)
    assert api.Grad(f, 0, has_aux=False, mode="auto", options=options)(1.5) == pytest.approx(3.0)
    assert draw() == expected


def test_eight_directions_share_their_draws() -> None:
    def f(x: Any) -> Any:
        np.random.seed(3)
        y = np.zeros(12)
        for k in range(12):
            y[k] = x[k] * np.random.gamma(2.0 + x[k], 1.0) + np.random.normal(x[(k + 1) % 12], 1.0)
        return y

    x = np.linspace(0.2, 1.0, 12)
    forward = api.Jacobian(f, 0, "jacfwd", COMPILED)(x)
    reverse = api.Jacobian(f, 0, "jacrev", COMPILED)(x)
    np.testing.assert_allclose(forward, reverse, rtol=1e-10, atol=1e-13)


# -- refusals ----------------------------------------------------------------------------------------------------


def noisy(x: Any) -> Any:
    return x * np.random.normal(x, 1.0)


def test_what_would_draw_again_is_refused() -> None:
    x = np.ones(3)
    for call in (
        lambda: ad.jacobian(noisy)(x),
        lambda: ad.hessian(lambda x: np.sum(noisy(x)))(x),
        lambda: ad.vjp(noisy, x)[1](x),
        lambda: ad.sparse_jacobian(noisy)(x),
        lambda: ad.grad(lambda x: np.sum(ad.checkpoint(noisy)(x)))(x),
        lambda: ad.check_grads(noisy, (x,)),
        lambda: ad.compare(noisy, x),
    ):
        with pytest.raises(Unsupported, match="draws random numbers") as caught:
            call()
        assert caught.value.span is not None


def falling(x: Any, n: Any) -> Any:
    return x if n == 0 else falling(x * np.random.normal(1.0, 0.1), n - 1)


def test_recursion_that_draws_has_forward_mode_only() -> None:
    assert ad.jvp(falling, (2.0, 3), (1.0, None))[1] > 0.0
    with pytest.raises(Unsupported, match="draws random numbers"):
        ad.grad(falling)(2.0, 3)


def test_differences_cannot_check_what_is_rejected() -> None:
    def seeded(x: Any) -> Any:
        np.random.seed(1)
        return np.random.normal(x, x * x)

    def rejecting(x: Any) -> Any:
        np.random.seed(1)
        return np.random.gamma(x)

    ad.check_grads(seeded, (1.3,), order=2)
    with pytest.raises(Unsupported, match="`standard_gamma`, which differences cannot check"):
        ad.check_grads(rejecting, (1.3,))


@pytest.mark.parametrize(
    "expression, message",
    [
        ("np.random.default_rng(0).normal()", "random generators cannot be made"),
        ("np.random.multinomial(3, [0.5, 0.5])[0] * x", "of this kind"),
        ("np.random.choice(3, p=[0.1, 0.2, 0.7]) * x", "`choice` with probabilities"),
    ],
)
def test_other_draws_are_refused(expression: str, message: str) -> None:
    with pytest.raises(Unsupported, match=message):
        ad.grad(define(f"def f(x):\n    return {expression}\n"))(2.0)
