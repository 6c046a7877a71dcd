"""Arrays that are one: what is written through one name and read through another is refused where it cannot be followed.

What can be followed is in `programs/memory.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest

import adcompile as ad
from adcompile.errors import ADError

TABLE = np.linspace(0.0, 1.0, 300)


def chain(u, v):  # type: ignore[no-untyped-def]
    for i in range(1, len(u)):
        u[i] = u[i - 1] * v[i]
    return u @ v


def product(u, v):  # type: ignore[no-untyped-def]
    return u @ v


def scaled_table(x):  # type: ignore[no-untyped-def]
    x[0] = x[1] ** 2
    return (x * TABLE).sum()


def vector(n: int = 4) -> np.ndarray[Any, Any]:
    return np.arange(1.0, n + 1.0)


def pair(*, same: bool) -> tuple[Any, Any]:
    u = vector()
    return u, u if same else u.copy()


CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "grad": ad.grad(chain, (0, 1), jit=False),
    "keywords": lambda u, v: ad.grad(chain, jit=False)(u=u, v=v),
    "tuple": lambda u, v: ad.grad(lambda p: chain(*p), jit=False)((u, v)),
    "hessian": ad.hessian(chain, (0, 1), jit=False),
    "jacobian": ad.jacobian(chain, jit=False),
    "nested": ad.grad(lambda a, b: ad.grad(chain)(a, b).sum(), jit=False),
    "views": lambda u, v: ad.grad(chain, jit=False)(u[:3], v[1:]),
}


@pytest.mark.core
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_one_array_given_twice_is_refused_where_it_is_written(call: Callable[..., Any]) -> None:
    call(*pair(same=False))
    with pytest.raises(ADError, match="share memory"):
        call(*pair(same=True))


@pytest.mark.core
def test_one_array_given_twice_is_fine_where_nothing_is_written() -> None:
    u = vector()
    u_bar, v_bar = ad.grad(product, (0, 1), jit=False)(u, u)
    np.testing.assert_array_equal(u_bar, u)
    np.testing.assert_array_equal(v_bar, u)


@pytest.mark.core
def test_parts_of_one_array_that_do_not_overlap_are_fine() -> None:
    u = vector()
    u_bar, _ = ad.grad(chain, (0, 1), jit=False)(u[:2], u[2:])
    np.testing.assert_allclose(u_bar, [3.0 + 4.0 * 4.0, 0.0])


@pytest.mark.core
def test_a_tangent_may_be_the_primal_itself() -> None:
    u, v = pair(same=False)
    _, expected = ad.jvp(chain, (u, v), (u.copy(), v.copy()))
    assert ad.jvp(chain, (u, v), (u, v))[1] == expected


@pytest.mark.core
def test_a_captured_array_given_as_an_argument_is_refused() -> None:
    slope = ad.grad(scaled_table, jit=False)
    slope(TABLE.copy())
    with pytest.raises(ADError, match="share memory"):
        slope(TABLE)


def test_the_check_survives_the_disk() -> None:
    u = vector()
    ad.grad(chain, jit=False)(u, u.copy())
    with pytest.raises(ADError, match="share memory"):
        ad.grad(chain, jit=False)(u, u)


def doubled(n, u, v):  # type: ignore[no-untyped-def]
    if n == 0:
        return u @ v
    u[0] *= 2.0
    return doubled(n - 1, u, v)


def same_to_recursion(x):  # type: ignore[no-untyped-def]
    z = x.copy()
    return doubled(2, z, z)


def counted(n, u):  # type: ignore[no-untyped-def]
    if n == 0:
        return u
    u[0] += 1.0
    return counted(n - 1, u)


def result_of_recursion_is_its_argument(x):  # type: ignore[no-untyped-def]
    z = x.copy()
    y = counted(2, z)
    y[1] = 3.0 * y[0]
    return z[1]


def recursion_around_its_argument(x):  # type: ignore[no-untyped-def]
    z = x.copy()

    def go(n, u):  # type: ignore[no-untyped-def]
        if n == 0:
            return 0.0
        u[0] = z[0] * u[0]
        return go(n - 1, u) + z[0]

    return go(2, z)


def recursion_changes_a_dict(x):  # type: ignore[no-untyped-def]
    state = {"s": x[1]}

    def go(n, d):  # type: ignore[no-untyped-def]
        if n == 0:
            return 0.0
        d["s"] = d["s"] * 2.0
        return go(n - 1, d)

    go(3, state)
    return state["s"]


def recursion_appends_around_it(x):  # type: ignore[no-untyped-def]
    found = []

    def go(n):  # type: ignore[no-untyped-def]
        if n == 0:
            return 0.0
        found.append(x[n - 1])
        return go(n - 1)

    go(3)
    return found[0] + found[1]


def derived_function_reads_its_argument_around(x):  # type: ignore[no-untyped-def]
    def h(y):  # type: ignore[no-untyped-def]
        y[0] = 3.0 * y[1]
        return x[0] * y.sum()

    return ad.grad(h)(x).sum()


def same_to_a_derivative(x):  # type: ignore[no-untyped-def]
    return ad.grad(chain)(x, x).sum()


@ad.checkpoint
def advanced(u, c):  # type: ignore[no-untyped-def]
    u[1:] += c * u[:-1]
    return u


def result_of_a_checkpoint_is_its_argument(x):  # type: ignore[no-untyped-def]
    u = x.copy()
    v = advanced(u, 0.3)
    v[0] = 5.0
    return u @ u


@ad.custom_jvp
def first_product(u):  # type: ignore[no-untyped-def]
    u[0] = u[0] * u[1]
    return u[0]


@first_product.defjvp
def first_product_rule(primals, tangents):  # type: ignore[no-untyped-def]
    (u,), (u_dot,) = primals, tangents
    return u[0] * u[1], u_dot[0] * u[1] + u[0] * u_dot[1]


def rule_of_a_function_that_writes(x):  # type: ignore[no-untyped-def]
    u = x.copy()
    return first_product(u) * u[0]


REFUSED = [
    (same_to_recursion, "writes into `z`"),
    (result_of_recursion_is_its_argument, "may or may not change"),
    (recursion_around_its_argument, "writes into `z`"),
    (recursion_changes_a_dict, "changes a dict of its caller"),
    (recursion_appends_around_it, "changes the list `found`"),
    (derived_function_reads_its_argument_around, "writes into `x`"),
    (same_to_a_derivative, "writes into `x`"),
    (result_of_a_checkpoint_is_its_argument, "may or may not change"),
    (rule_of_a_function_that_writes, "writes into its arguments"),
]


@pytest.mark.core
@pytest.mark.parametrize("f, message", REFUSED, ids=lambda p: getattr(p, "__name__", ""))
def test_what_cannot_be_followed_is_refused(f: Callable[..., Any], message: str) -> None:
    with pytest.raises(ADError, match=message) as caught:
        ad.grad(f, jit=False)(vector())
    assert caught.value.span is not None and caught.value.help


def overwritten(x):  # type: ignore[no-untyped-def]
    x[0] = x[0] * x[1]
    x *= x
    return x


@pytest.mark.core
@pytest.mark.parametrize("jacobian", [ad.jacfwd, ad.jacrev, ad.jacobian])
def test_a_jacobian_of_what_overwrites_its_argument_is_taken_where_it_was_asked_for(jacobian: Any) -> None:
    found = jacobian(overwritten, jit=False)(np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(found, [[8.0, 4.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 6.0]])


def test_shared_arguments_are_refused_in_compiled_code_too() -> None:
    def shift(x, y):
        x[0] = 2.0
        return x[0] * y[0] * y[1]

    slope = ad.grad(shift, 1)

    @numba.njit
    def call(x, y):
        return slope(x, y)

    x = np.array([1.0, 3.0, 5.0, 7.0])
    np.testing.assert_array_equal(call(x[:2], x[2:]), [14.0, 10.0])
    for shared in (x[:2], x[1:3]):
        with pytest.raises(ValueError, match="share memory"):
            call(x[:2], shared)
