"""Parallel loops and their derivatives: the same bytes for every number of threads and in every order of the chunks."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
import numpy as np
import pytest
from loop_programs import SIZE, Writer, programs
from numba import prange
from oracles import flat

import adcompile as ad
from adcompile import api
from adcompile.backend.compile import plain_functions
from adcompile.backend.emit import emit
from adcompile.dispatch import take_apart
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Block, For, Function, Value
from adcompile.ir.types import FLOAT, INT
from adcompile.pipeline import make_listing
from adcompile.unit import Options

core = pytest.mark.core
ON_THREADS = Options(parallel=True)
rng = np.random.default_rng(7)


def fused_rows(w, x):
    total = 0.0
    for i in prange(x.shape[0]):
        t = 0.0
        for j in range(w.shape[0]):
            t += w[j] * x[i, j]
        total += np.tanh(t) ** 2
    return total


def rows_in_place(w, x):
    y = x.copy()
    for i in prange(y.shape[0]):
        for _ in range(3):
            for j in range(1, y.shape[1]):
                y[i, j] = np.sin(y[i, j] + w[j] * y[i, j - 1])
    return np.sum(y * y)


def whole_rows(w, x):
    y = np.empty_like(x)
    for i in prange(x.shape[0]):
        y[i] = np.tanh(x[i] * w) * np.sum(x[i] * x[i])
    return np.sum(y * y * y)


def stencil(w, x):
    u = x[:, 0].copy()
    for _ in range(4):
        v = u.copy()
        for i in prange(1, len(u) - 1):
            v[i] = u[i] + 0.1 * w[0] * np.sin(u[i - 1] - 2.0 * u[i] + u[i + 1])
        u = v
    return np.sum(u * u)


def plane(w, x):
    v = x.copy()
    for i in prange(1, x.shape[0] - 1):
        for j in range(1, x.shape[1] - 1):
            v[i, j] = x[i - 1, j] * x[i + 1, j] + w[j] * x[i, j - 1] * x[i, j + 1]
    return np.sum(np.cos(v))


def gathered(w, x):
    order = np.arange(x.shape[0]) * 7 % 5
    out = np.empty(x.shape[0])
    for i in prange(x.shape[0]):
        out[i] = np.exp(-w[order[i]] * x[i, 1])
    return np.sum(out)


def scattered(w, x):
    bins = np.zeros(5)
    for i in prange(x.shape[0]):
        bins[i * 3 % 5] += w[i % 5] * x[i, 0] ** 2
    return np.sum(bins * bins)


def backwards(w, x):
    out = np.zeros(x.shape[0])
    for i in prange(x.shape[0]):
        k = x.shape[0] - 1 - i
        out[k] = w[0] * x[k, 0] * x[i, 1]
        if x[i, 2] > 0.0:
            out[k] += np.sin(x[i, 2])
    return np.sum(out**2)


def nested(w, x):
    out = np.empty_like(x)
    for i in prange(x.shape[0]):
        for j in prange(x.shape[1]):
            out[i, j] = w[j] * np.sin(x[i, j])
    total = 0.0
    for j in range(x.shape[1]):
        for i in prange(x.shape[0]):
            total += out[i, j] ** 2
    return total


def product(w, x):
    p = 1.0
    total = 0.0
    for i in prange(x.shape[0]):
        p *= 1.0 + 0.01 * w[1] * x[i, 0]
        total += x[i, 1] * w[0]
    return p * total


def recurrence(w, x):
    y = x[:, 0].copy()
    for i in prange(1, len(y)):
        y[i] = np.sin(y[i] + w[0] * y[i - 1])
    return np.sum(y)


PROGRAMS = [
    fused_rows,
    rows_in_place,
    whole_rows,
    stencil,
    plane,
    gathered,
    scattered,
    backwards,
    nested,
    product,
    recurrence,
]
ARGUMENTS = rng.uniform(0.5, 1.5, 5), rng.standard_normal((200, 5))


def listing(derivative: Any, args: Any) -> str:
    return make_listing(derivative, *take_apart(args, {}).described(), ON_THREADS)[1].text(nested=True)


def shuffled(text: str, args: Any) -> np.ndarray:
    """What a kernel gives if the iterations of its parallel loops run in random order, one after the other."""
    order = np.random.default_rng(3)

    def at_random(*bounds: int) -> Iterator[int]:
        assert len(bounds) == 1
        return iter(map(int, order.permutation(bounds[0])))

    module = ModuleType("shuffled")
    exec(text.replace("from numba import prange", ""), vars(module))
    vars(module)["prange"] = at_random
    name = f"\n{text}".rpartition("\ndef ")[2].partition("(")[0]
    return flat(plain_functions(module, [name])[name](*args))


def gradients(f: Callable[..., Any]) -> list[Any]:
    """Derivatives in both modes, and a second one."""

    def slope(w, x):
        g, h = ad.grad(f, argnums=(0, 1))(w, x)
        return np.sum(g * g) + np.sum(h[:3] * h[:3])

    def tangent(w, x):
        return ad.jvp(f, (w, x), (w, x))

    return [
        ad.value_and_grad(f, argnums=(0, 1)),
        api.Plain(tangent, 0, Options()),
        ad.grad(slope, argnums=(0, 1)),
    ]


@core
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_chunks_in_any_order_give_the_same(f):
    same_in_any_order(gradients(f)[0])


@pytest.mark.parametrize("f", [stencil, whole_rows, backwards, nested], ids=lambda f: f.__name__)
def test_chunks_of_tangents_and_second_derivatives_in_any_order(f):
    for derivative in gradients(f)[1:]:
        same_in_any_order(derivative)


def same_in_any_order(derivative: Any) -> None:
    args = ARGUMENTS[0], ARGUMENTS[1][:23]
    expected = flat(api.Plain(derivative, 0, Options(jit=False))(*args))
    assert shuffled(listing(derivative, args), args) == pytest.approx(expected, rel=1e-10, abs=1e-12)


def test_random_loops_in_any_order_give_the_same(tmp_path):
    """Most of them are not independent: that must be seen."""
    path = Path(tmp_path) / "random_parallel.py"
    text = programs(range(24)).replace("range(", "prange(")
    path.write_text("from numba import prange\n" + text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("random_parallel", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    parallel = 0
    for seed in range(24):
        f = getattr(module, f"f{seed}")
        x = 0.4 + np.random.default_rng(seed).random((SIZE,) * Writer(seed).rank)
        derivative = ad.value_and_grad(f, cache=False)
        kernel = listing(derivative, (x,))
        parallel += "in prange(" in kernel
        expected = flat(ad.value_and_grad(f, jit=False, cache=False)(x))
        assert shuffled(kernel, (x,)) == pytest.approx(expected, rel=1e-10, abs=1e-12)
    assert parallel > 4


@pytest.mark.parametrize("f", [fused_rows, rows_in_place, plane, gathered], ids=lambda f: f.__name__)
def test_same_bytes_for_every_number_of_threads(f):
    serial = ad.value_and_grad(f, argnums=(0, 1))(*ARGUMENTS)
    derivative = ad.value_and_grad(f, argnums=(0, 1), parallel=True)
    first = flat(derivative(*ARGUMENTS))
    assert first == pytest.approx(flat(serial), rel=1e-11, abs=1e-12)
    before = numba.get_num_threads()
    try:
        for threads in (1, min(2, before)) * 10:
            numba.set_num_threads(threads)
            assert flat(derivative(*ARGUMENTS)).tobytes() == first.tobytes()
    finally:
        numba.set_num_threads(before)


@pytest.mark.parametrize("f", [product, scattered], ids=lambda f: f.__name__)
def test_forward_mode_and_second_order_compiled(f):
    for derive in (ad.jacfwd, ad.hessian):
        serial = derive(f)(*ARGUMENTS)
        assert derive(f, parallel=True)(*ARGUMENTS) == pytest.approx(serial, rel=1e-9, abs=1e-10)


@core
def test_kernel_says_what_runs_in_parallel_and_what_does_not():
    args = ARGUMENTS

    def said(derive, f, argnums):
        return ad.dump(derive(f, argnums=argnums, parallel=True), "kernel", args=args)

    assert ", in parallel, summed in chunks: `total`, `w_bar`\n" in said(ad.value_and_grad, fused_rows, (0, 1))
    assert ", in parallel, every other chunk first\n" in said(ad.grad, plane, 1)
    assert ", on one thread: `p` is handed from one iteration to the next\n" in said(ad.grad, product, 0)
    serial = make_listing(ad.grad(plane), *take_apart(args, {}).described(), Options())[1].text(nested=True)
    assert "prange" not in serial


@core
def test_chunks_do_not_share_the_arrays_that_iterations_make():
    """Running chunks in another order would not tell."""

    def f(x):
        total = 0.0
        for i in prange(x.shape[0]):
            y = np.empty(x.shape[1])
            y[0] = x[i, 0]
            for j in range(1, x.shape[1]):
                y[j] = np.sin(y[j - 1]) * x[i, j]
            total += y[x.shape[1] - 1]
        return total

    text = listing(ad.value_and_grad(f), ARGUMENTS[1:])
    outside = re.split(r"\n    for chunk in prange\(.*\n(?:        .*\n|\n)*", text)
    assert len(outside) > 1
    made = {name for part in outside for name in re.findall(r"^    (\w+) = np\.(?:empty|zeros)", part, re.MULTILINE)}
    written = set(re.findall(r"^        +(\w+)\[(?!chunk\]|i[,\]])", text, re.MULTILINE))
    assert written
    assert not written & made, text


@core
def test_reverse_listing_keeps_prange_only_where_it_holds():
    text = ad.dump(rows_in_place, "reverse", args=ARGUMENTS)
    assert "for i in prange(" in text
    assert re.search(r"- 1, -1, -1\): +# line \d+.*, in parallel, summed in chunks: `w_bar`\n", text)


@core
def test_loop_that_may_raise_runs_in_order():
    def f(x):
        total = 0.0
        for i in prange(len(x)):
            if x[i] < 0.0:
                raise ValueError("negative")
            total += np.sqrt(x[i])
        return total

    text = ad.dump(ad.value_and_grad(f, parallel=True), "kernel", args=(np.ones(3),))
    assert ", on one thread: it may raise or print" in text
    with pytest.raises(ValueError, match="negative"):
        ad.value_and_grad(f, parallel=True)(np.array([1.0, -1.0]))


@core
def test_loop_that_hands_on_a_variable_is_not_printed_as_parallel():
    """Numba would make a sum of it, whatever the program says."""
    b = Builder()
    x, s, k = Value(FLOAT, "x"), Value(FLOAT, "s"), Value(INT, "k")
    with b.block() as frame:
        following = b.emit("sub", b.emit("mul", s, s), x)
    block = Block((k, s), tuple(frame.nodes), (following,))
    (result,), _ = b.for_((const(0), const(4), const(1)), [x], block, parallel=True)
    fn = Function("f", (x,), Block((), tuple(b.frames[0].nodes), (result,)))
    assert isinstance(b.frames[0].nodes[-1], For)
    assert "for k in range(4)" in emit([fn], nested=True)


def test_jit_false_is_the_serial_program():
    for f in PROGRAMS:
        plain = ad.value_and_grad(f, argnums=(0, 1), jit=False)
        parallel = ad.value_and_grad(f, argnums=(0, 1), jit=False, parallel=True)
        args = ARGUMENTS[0], ARGUMENTS[1][:9]
        assert flat(parallel(*args)).tobytes() == flat(plain(*args)).tobytes()
