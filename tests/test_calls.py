"""How a call of a derivative reaches its kernel: which kernel it is, what is checked on the way, and where results go."""

from __future__ import annotations

import math
import sys
from typing import Any

import numba
import numpy as np
import oracles
import pytest

import adcompile as ad
from adcompile import dispatch
from adcompile import runtime as rt

PLAIN = {"jit": False}


def total(x):
    return np.sum(x * x)


def product(x, y):
    s = 0.0
    for i in range(x.shape[0]):
        s += x[i] * y[i]
    return s


def chain(u, v):
    for i in range(1, len(u)):
        u[i] = u[i - 1] * v[i]
    return u @ v


def guarded(x):
    if x[0] < 0:
        raise ValueError("x must not be negative")
    return x[0] * x[1]


def vector(n: int = 4) -> np.ndarray[Any, Any]:
    return np.arange(1.0, n + 1.0)


# -- the second call -----------------------------------------------------------------------------------------------------


@pytest.fixture
def nothing_in_python(monkeypatch):
    """After `start()`, calls that take their arguments apart in Python fail."""

    def refuse(*args):
        raise AssertionError("the arguments were taken apart in Python")

    return lambda: monkeypatch.setattr(dispatch, "take_apart", refuse)


def test_second_calls_take_nothing_apart(nothing_in_python):
    scalars, arrays, both = ad.grad(math.hypot), ad.grad(product, (0, 1)), ad.value_and_grad(product)
    x, y, strided = vector(), vector(), np.arange(8.0)[::2]
    calls = [
        lambda: scalars(3.0, 4.0),
        lambda: scalars(np.float64(3.0), 4.0),
        lambda: arrays(x, y),
        lambda: arrays(x.astype("float32"), y.astype("float32")),
        lambda: arrays(strided, y),
        lambda: both(x, y),
        lambda: ad.jvp(math.hypot, (3.0, 4.0), (1.0, 0.0)),
        lambda: ad.hvp(total, (x,), y),
    ]
    first = [call() for call in calls]
    nothing_in_python()
    for call, expected in zip(calls, first, strict=True):
        oracles.assert_close(call(), expected, 1e-15, "second call")


def test_arrays_around_a_function_are_passed_on_second_calls(nothing_in_python):
    table = np.arange(1000.0)
    slope = ad.grad(lambda x: np.sum(x * table))
    x = np.ones(1000)
    np.testing.assert_array_equal(slope(x), table)
    nothing_in_python()
    np.testing.assert_array_equal(slope(x), table)
    table[0] = 5.0
    np.testing.assert_array_equal(slope(x), table)


def test_each_dtype_rank_and_layout_has_the_kernel_made_for_it():
    slope = ad.grad(total)
    for _ in range(2):
        for x in (vector(), vector().astype("float32"), vector(6).reshape(2, 3), np.arange(8.0)[::2]):
            found = slope(x)
            assert found.dtype == x.dtype
            np.testing.assert_array_equal(found, 2 * x)
    assert len(slope.kernels) == 4
    assert len(slope.entries) == 1


def test_numbers_of_numpy_promote_and_those_of_python_do_not():
    scaled = ad.grad(lambda x, c: np.sum(x * c))
    x = vector().astype("float32")
    for _ in range(2):
        assert scaled(x, 2.0).dtype == np.float32
        assert ad.value_and_grad(lambda x, c: np.sum(x * c))(x, np.float64(2.0))[0].__class__ is float
    assert ad.grad(lambda c, x: np.sum(x * c))(np.float64(2.0), x) == 10.0


def test_what_compiled_code_cannot_tell_apart_is_not_mistaken():
    slope = ad.grad(total)
    x = vector(4).reshape(2, 2)
    for _ in range(2):
        np.testing.assert_array_equal(slope(x), 2 * x)
    with pytest.raises(ad.ADError, match="matrix has no place"):
        slope(x.view(np.matrix))
    with pytest.raises(ad.ADError, match="MaskedArray has no place"):
        slope(np.ma.masked_array(x, x > 1))
    with pytest.raises(ad.ADError, match="dtype float16 has no place"):
        slope(x.astype("float16"))
    with pytest.raises(ad.ADError, match="dtype object has no place"):
        slope(x.astype(object))
    with pytest.raises(ad.ADError, match="has no derivative: it is of type"):
        slope(x.astype(int))
    np.testing.assert_array_equal(slope(np.asfortranarray(x)), 2 * x)
    assert slope(np.array(3.0)) == 6.0
    read_only = x.copy()
    read_only.flags.writeable = False
    np.testing.assert_array_equal(slope(read_only), 2 * x)


def test_an_integer_that_does_not_fit_is_refused_on_every_call():
    slope = ad.grad(lambda x, n: x * n)
    for _ in range(2):
        assert slope(2.0, 3) == 3.0
    with pytest.raises(ad.ADError, match="does not fit into 64 bits"):
        slope(2.0, 10**30)


def test_exceptions_of_second_calls_name_the_line():
    slope = ad.grad(guarded)
    x = vector()
    slope(x)
    with pytest.raises(ValueError, match="x must not be negative") as caught:
        slope(-x)
    if sys.version_info >= (3, 11):
        assert 'raise ValueError("x must not be negative")\n' in caught.value.__notes__[0]


# -- checks in compiled code ---------------------------------------------------------------------------------------------


def test_shared_arguments_are_refused_on_every_call():
    slope = ad.grad(chain, (0, 1))
    u = vector()
    for _ in range(2):
        slope(u, u.copy())
    slope(u[::2], u[1::2])  # these interleave, and have no byte in common
    for shared in (u, u[::-1], u[1:], u[::2]):
        with pytest.raises(ad.Unsupported, match="two arguments of `chain_grad` share memory"):
            slope(u, shared)
    a = np.asfortranarray(np.ones((2, 2)))
    with pytest.raises(ad.Unsupported, match="share memory"):
        ad.grad(lambda a, b: chain(a[0], b[1]), **PLAIN)(a, a)


def test_overlap_is_exact():
    found = numba.njit(lambda x, y: rt.overlap(x, y))  # noqa: PLW0108
    a = np.zeros((4, 6))
    flat = a.ravel()
    planes = [a[:, :3], a[:, 3:], a[::2], a[1::2], a[:, ::-1]]
    lines = [a[:, 0], flat[1::3], flat[::-1], flat[:0:2]]
    for views in (planes, lines):
        for x in views:
            for y in views:
                assert found(x, y) == np.shares_memory(x, y)
    assert found(flat, flat)
    assert not found(flat[:3], flat[3:])


MISFITS = [
    (lambda x: x @ np.ones(3), (vector(2),), "argument 0 has shape (2,), its gradient (3,)"),
    (lambda x, A: np.sum(A @ x), (vector(2), np.ones((2, 3))), "argument 0 has shape (2,), its gradient (3,)"),
]


@pytest.mark.parametrize("f, args, message", MISFITS)
@pytest.mark.parametrize("jit", [True, False])
def test_gradients_of_another_shape_are_refused_on_every_call(f, args, message, jit):
    slope = ad.grad(f, jit=jit)
    for _ in range(2):
        with pytest.raises(ad.ShapeError) as caught:
            slope(*args)
        assert message in str(caught.value)


def test_gradients_of_another_shape_are_refused_in_compiled_code():
    slope = ad.grad(lambda x, A: np.sum(A @ x))
    call = numba.njit(lambda x, A: slope(x, A))  # noqa: PLW0108
    np.testing.assert_array_equal(call(np.ones(3), np.ones((2, 3))), [2.0, 2.0, 2.0])
    with pytest.raises(ValueError, match="a gradient has another shape than its argument"):
        call(np.ones(2), np.ones((2, 3)))


def test_tangents_of_another_shape_are_refused_on_every_call():
    for _ in range(2):
        assert ad.jvp(total, (vector(),), (vector(),)) == (30.0, 60.0)
        with pytest.raises(ad.ShapeError, match=r"tangent 0 has shape \(3,\), its primal \(4,\)"):
            ad.jvp(total, (vector(),), (vector(3),))
        with pytest.raises(ad.ShapeError, match=r"the direction has shape \(3,\)"):
            ad.hvp(total, (vector(),), vector(3))


# -- out= ----------------------------------------------------------------------------------------------------------------

INTO = {
    "grad": (ad.grad(total, **PLAIN), (vector(),)),
    "compiled": (ad.grad(total), (vector(),)),
    "loop": (ad.grad(product, (0, 1), **PLAIN), (vector(), vector())),
    "in place": (ad.grad(chain, (1, 0), **PLAIN), (vector(), vector())),
    "copied": (ad.grad(lambda x: np.sum(np.sort(x) * x), **PLAIN), (vector(),)),
    "given twice": (ad.grad(lambda x, y: np.sum(x + y), (0, 1), **PLAIN), (vector(), vector())),
    "zero": (ad.grad(lambda x: 3.0 + 0.0 * x[0], **PLAIN), (vector(),)),
    "jacobian": (ad.jacobian(lambda x: x * x[0], **PLAIN), (vector(),)),
    "hessian": (ad.hessian(lambda x: np.sum(x**3) * x[0], **PLAIN), (vector(),)),
    "dict": (ad.grad(lambda p: np.sum(p["a"] * p["b"]) * p["c"], **PLAIN), ({"a": vector(), "b": vector(), "c": 2.0},)),
    "float32": (ad.grad(total, **PLAIN), (vector().astype("float32"),)),
    "matrix": (ad.grad(lambda A, x: np.sum((A @ x) ** 2), (0, 1)), (np.ones((3, 4)), vector())),
}


def buffers_like(derivative):
    """Buffers full of something, in the structure of a derivative; None for numbers."""
    if isinstance(derivative, np.ndarray):
        return np.full_like(derivative, 7.0)
    if isinstance(derivative, dict):
        return {k: buffers_like(v) for k, v in derivative.items()}
    return tuple(map(buffers_like, derivative)) if isinstance(derivative, tuple) else None


def pairs(derivative, out):
    """The arrays of a derivative beside the buffers."""
    if isinstance(derivative, np.ndarray):
        yield derivative, out
    elif isinstance(derivative, dict | tuple):
        keys = derivative if isinstance(derivative, dict) else range(len(derivative))
        for k in keys:
            yield from pairs(derivative[k], out[k])


@pytest.mark.parametrize("derivative, args", INTO.values(), ids=INTO)
def test_out_is_where_the_derivative_goes(derivative, args):
    expected = derivative(*args)
    out = buffers_like(expected)
    for _ in range(2):
        found = derivative(*args, out=out)
        assert list(pairs(found, out)), "nothing was compared"
        assert all(a is b for a, b in pairs(found, out))
        for a, b in pairs(expected, out):
            np.testing.assert_array_equal(a, b)


def test_out_takes_the_gradient_beside_the_value():
    slope, out = ad.value_and_grad(total), np.empty(4)
    value, gradient = slope(vector(), out=out)
    assert value == 30.0
    assert gradient is out
    np.testing.assert_array_equal(out, 2 * vector())
    both = ad.value_and_grad(lambda x: (np.sum(x), {"n": x, "m": 2.0 * x}), has_aux=True, **PLAIN)
    (value, aux), gradient = both(vector(), out=out)
    assert gradient is out
    np.testing.assert_array_equal(aux["m"], 2 * vector())
    np.testing.assert_array_equal(out, np.ones(4))


def test_out_is_accumulated_into_from_the_start():
    slope = ad.grad(product, **PLAIN)
    slope(vector(), vector(), out=vector())
    (kernel,) = slope.into.kernels.values()
    text = kernel.file.read_text()
    assert "np.zeros" not in text
    assert "np.empty" not in text
    assert "return" in text


def test_out_none_leaves_a_result_to_the_kernel():
    slope, out = ad.grad(product, (0, 1), **PLAIN), np.empty(4)
    x_bar, y_bar = slope(vector(), 2 * vector(), out=(None, out))
    assert y_bar is out
    np.testing.assert_array_equal(x_bar, 2 * vector())


def test_out_is_an_argument_of_functions_that_have_one():
    assert ad.grad(lambda x, out: x * out, **PLAIN)(2.0, out=3.0) == 3.0


def test_out_in_compiled_code():
    both, slopes = ad.value_and_grad(total), ad.grad(product, (0, 1))

    @numba.njit
    def descend(x, steps):
        g = np.empty_like(x)
        for _ in range(steps):
            value, _ = both(x, out=g)
            x = x - 0.25 * g
        return value, x

    value, x = descend(np.array([1.0, 2.0]), 3)
    assert value == 5.0 / 16
    np.testing.assert_array_equal(x, [0.125, 0.25])
    out = np.empty(4), np.empty(4)
    numba.njit(lambda x, y, out: slopes(x, y, out=out))(vector(), 2 * vector(), out)
    np.testing.assert_array_equal(out, (2 * vector(), vector()))
    with pytest.raises(numba.TypingError, match="one buffer for each of `argnums`"):
        numba.njit(lambda x: slopes(x, x, out=x))(vector())
    with pytest.raises(ValueError, match="share memory"):
        numba.njit(lambda x: both(x, out=x))(vector())
    with pytest.raises(ValueError, match="the buffer for a derivative has another shape"):
        numba.njit(lambda x: both(x, out=np.empty(3)))(vector())


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda d, x: d(x, x, out=np.empty(5)), "a buffer in `out` has shape (5,), and the derivative (4,)"),
        (lambda d, x: d(x, x, out=np.empty((4, 1))), "`out` is float64[:, :], and the derivative float64[:]"),
        (lambda d, x: d(x, x, out=np.empty(4, "float32")), "`out` is float32[:], and the derivative float64[:]"),
        (lambda d, x: d(x, x, out=x), "two arrays given to `product_grad` share memory"),
        (lambda d, x: d(x, np.ones(4), out=x[:]), "two arrays given to `product_grad` share memory"),
        (lambda d, x: d(x, x, out=np.empty(8)[::2]), "a buffer in `out` has gaps or another order than C's"),
        (lambda d, x: d(x, x, out=np.broadcast_to(1.0, 4)), "a buffer in `out` is read-only"),
        (lambda d, x: d(x, x, out=[0.0] * 4), "`out` takes arrays to write into, not float"),
        (lambda d, x: ad.grad(product, (0, 1), **PLAIN)(x, x, out=np.empty(4)), "one buffer for each of `argnums`"),
        (lambda d, x: ad.grad(math.sin, **PLAIN)(2.0, out=np.empty(1)), "the derivative is a number"),
    ],
)
@pytest.mark.parametrize("jit", [True, False])
def test_out_that_does_not_fit_is_refused(call, message, jit):
    derivative = ad.grad(product, jit=jit)
    for _ in range(2):
        with pytest.raises(ad.ADError) as caught:
            call(derivative, vector())
        assert message in str(caught.value)
