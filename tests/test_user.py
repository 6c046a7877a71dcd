"""What a user meets who types the wrong thing, or the right thing in an unusual place: sessions, threads, caches, compiled code."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import functools
import linecache
import math
import os
import shutil
import subprocess
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
import pytest

import adcompile as ad
from adcompile.backend import spelling

PLAIN = {"jit": False}


class Pair(NamedTuple):
    a: Any
    b: Any


def f(x, y):
    return x * y + math.sin(y)


def total(x):
    return np.sum(x * x)


def squares(x):
    return x * x


def raised(call) -> str:
    with pytest.raises(ad.ADError) as caught:
        call()
    return str(caught.value)


# -- calls ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: ad.grad(f, **PLAIN)(2, 3.0), "argument 0 (`x`) has no derivative: it is of type int64"),
        (lambda: ad.grad(f, **PLAIN)(True, 3.0), "argument 0 (`x`) has no derivative: it is of type bool"),
        (lambda: ad.grad(total, **PLAIN)([]), "argument 0 (`x`) has no derivative: it is empty"),
        (lambda: ad.grad(f, **PLAIN)(2.0), "`f` needs a value for `y`\n  = help: its parameters are `x`, `y`"),
        (lambda: ad.grad(f, **PLAIN)(1.0, 2.0, 3.0), "`f` takes 2 positional arguments, but 3 are given"),
        (lambda: ad.grad(f, **PLAIN)(1.0, y=2.0, z=3.0), "`f` has no parameter `z`"),
        (lambda: ad.grad(f, **PLAIN)(1.0, 2.0, x=3.0), "`f` gets two values for `x`"),
        (lambda: ad.grad(f, **PLAIN)("a", 3.0), "`*` takes numbers and arrays, not a string"),
        (lambda: ad.grad(f, **PLAIN)(None, 3.0), "`*` takes numbers and arrays, not None"),
        (lambda: ad.grad(total, **PLAIN)(np.array([1.0, None])), "an array of dtype object has no place"),
        (lambda: ad.grad(total, **PLAIN)(np.ones(3, np.float16)), "an array of dtype float16 has no place"),
        (lambda: ad.grad(total, **PLAIN)(np.ones(3, np.longdouble)), "has no place in a derivative"),
        (lambda: ad.grad(f, **PLAIN)(1.0, 10**30), "does not fit into 64 bits"),
        (lambda: ad.grad(total, **PLAIN)(np.longdouble(1.0)), "has no place in a derivative"),
        (lambda: ad.grad(total, **PLAIN)(np.ma.masked_array([1.0], [True])), "a MaskedArray has no place"),
        (lambda: ad.grad(total, **PLAIN)(1j * np.ones(3)), "`grad` needs a real floating-point result"),
        (lambda: ad.grad(f, [0, 1]), "`argnums` names arguments by position or name, not by [0, 1]"),
        (lambda: ad.grad(f, True), "not by True"),
        (lambda: ad.grad(lambda x, k=2.0: x * k, "k", **PLAIN)(2.0), "`k` is differentiated, but not given"),
        (lambda: ad.grad(lambda x, *, k: x * k, "k", **PLAIN)(2.0, k=1.0), "there is no parameter `k` that can be"),
        (lambda: ad.grad(f, fastmath={"fats"}), "there is no floating-point flag 'fats'"),
        (lambda: ad.hessian(squares, **PLAIN)(np.ones(2)), "`hessian` needs a function with one real number"),
        (lambda: ad.jacobian(lambda x: (x, x), **PLAIN)(np.ones(2)), "a number or an array, not a tuple of 2"),
        (lambda: ad.jacobian(lambda p: p[0], **PLAIN)((1.0, 2.0)), "argument 0 is a tuple of 2"),
        (lambda: ad.jacobian(lambda x: x * 1.0, **PLAIN)(2), "argument 0 is of type int64"),
        (lambda: ad.grad(lambda x: x, has_aux=True, **PLAIN)(2.0), "must return a pair"),
        (lambda: ad.grad(np.vectorize(math.sin), **PLAIN)(2.0), "which numpy.vectorize made, is not supported"),
        (lambda: ad.check_grads(f, 2.0), "the arguments are a sequence"),
        (lambda: ad.check_grads(f, (2, 3)), "no argument holds a floating-point number"),
    ],
)
def test_wrong_calls_name_what_is_wrong(call, message):
    assert message in raised(call)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: ad.jvp(f, (2, 3.0), (1.0, 0.0)), "argument 0 has no tangent: it is of type int64"),
        (lambda: ad.jvp(lambda p: p[0], ((np.ones(2), 1.0),), ((np.ones(3), 1.0),)), "tangent 0 has shape (3,)"),
        (lambda: ad.vjp(squares, np.ones(3))[1](np.ones(2)), "the cotangent has shape (2,), the result (3,)"),
        (lambda: ad.hvp(total, (np.ones(2),), np.ones(3)), "the direction has shape (3,), what it belongs to (2,)"),
        (lambda: ad.hvp(total, np.ones(2), np.ones(2)), "primals are a sequence"),
        (lambda: ad.hvp(f, (2.0, 3.0), (1.0,), (0, 1)), "must be nested like what it belongs to"),
        (
            lambda: ad.grad(lambda x: x @ np.ones(3), **PLAIN)(np.ones(2)),
            "argument 0 has shape (2,), its gradient (3,)",
        ),
    ],
)
def test_shapes_that_do_not_fit_are_never_taken_for_numbers(call, message):
    assert message in raised(call)


def test_a_refusal_shows_no_frames_of_ours():
    with pytest.raises(ad.ADError) as caught:
        ad.grad(lambda x: undefined_name(x) + x)(2.0)  # noqa: F821
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert names[1:] in (["__call__", "call"], ["__call__", "call", "call"])


def test_zero_rank_arrays_and_flags_are_taken():
    assert ad.grad(f, **PLAIN)(np.array(2.0), np.array(3.0)) == 3.0
    assert ad.grad(lambda x, how: x * x if how == "square" else x, **PLAIN)(2.0, "square") == 4.0
    assert ad.grad(lambda x, *, how="linear": x * x if how == "square" else x, **PLAIN)(2.0, how="square") == 4.0


# -- where functions come from ----------------------------------------------------------------------------------------


def test_lambdas_on_one_line_are_told_apart():
    pair = (lambda x: x * x, lambda x: x * x * x) if sys.version_info >= (3, 11) else (squares, lambda x: x**3)
    assert [ad.grad(g)(3.0) for g in pair] == [6.0, 27.0]


def test_functions_of_cells_are_read_anew_when_redefined():
    found = []
    for body in ("x * x", "x * x * x"):
        text = f"def cell(x):\n    return {body}\n"
        linecache.cache["<cell 1>"] = (len(text), None, text.splitlines(keepends=True), "<cell 1>")
        space: dict[str, Any] = {}
        exec(compile(text, "<cell 1>", "exec"), space)
        found.append(ad.grad(space["cell"])(3.0))
    assert found == [6.0, 27.0]


def test_functions_without_source_are_refused():
    space: dict[str, Any] = {}
    exec("def unknown(x):\n    return x", space)
    assert "the source of `unknown` cannot be found" in raised(lambda: ad.grad(space["unknown"])(3.0))

    async def later(x):
        return x

    assert "`later` is a coroutine" in raised(lambda: ad.grad(later)(3.0))


class Model:
    factor = 2.0

    def __init__(self) -> None:
        self.w = 3.0

    def loss(self, x):
        return self.w * self.factor * x * x

    def __call__(self, x):
        return self.w * x

    @ad.grad(argnums=1, jit=False)
    def slope(self, x):
        return self.w * x * x


def test_methods_callables_and_wrappers_are_taken():
    model = Model()
    assert ad.grad(model.loss, **PLAIN)(2.0) == 24.0
    assert ad.grad(model, **PLAIN)(2.0) == 3.0
    assert model.slope(2.0) == 12.0
    assert ad.grad(functools.partial(f, 3.0), **PLAIN)(0.0) == 4.0
    assert ad.grad(functools.cache(squares), **PLAIN)(2.0) == 4.0
    assert ad.grad(numba.njit(squares), **PLAIN)(2.0) == 4.0


def test_a_derivative_made_once_keeps_what_it_read():
    k = 2.0

    def scaled(x):
        return k * x

    slope = ad.grad(scaled, **PLAIN)
    assert slope(1.0) == 2.0
    k = 5.0
    assert slope(1.0) == 2.0
    assert ad.grad(scaled, **PLAIN)(1.0) == 5.0


def test_one_shot_forms_see_variables_as_they_are_now():
    k = 2.0

    def scaled(x):
        return k * x

    assert ad.jvp(scaled, (1.0,), (1.0,)) == (2.0, 2.0)
    k = 5.0
    assert ad.jvp(scaled, (1.0,), (1.0,)) == (5.0, 5.0)


class Settings:
    power = 2


def test_attributes_of_classes_tell_kernels_on_the_disk_apart():
    def powered(x):
        return x**Settings.power

    before, Settings.power = ad.grad(powered)(3.0), 3
    after, Settings.power = ad.grad(powered)(3.0), 2
    assert (before, after) == (6.0, 27.0)


rate = 2.0


class Scaled:
    def __init__(self, x):
        self.x = x

    def __mul__(self, other):
        return rate * self.x * other


def test_what_special_methods_read_tells_kernels_on_the_disk_apart(monkeypatch):
    def product(x):
        return Scaled(x) * x

    before = ad.grad(product)(3.0)
    monkeypatch.setattr(sys.modules[__name__], "rate", 5.0)
    assert (before, ad.grad(product)(3.0)) == (12.0, 30.0)


def test_objects_are_not_handed_back():
    assert "an instance of `Scaled` cannot be returned" in raised(lambda: ad.vjp(Scaled, 2.0))


# -- what runs ----------------------------------------------------------------------------------------------------------


def noisy(x):
    for k in range(2):
        print("step", k, x)  # noqa: T201 - what is tested
        x = x * 1.5
    return x


@pytest.mark.parametrize("jit", [True, False])
def test_print_prints_once(jit, capfd):
    assert ad.grad(noisy, jit=jit)(2.0) == 2.25
    assert capfd.readouterr().out == "step 0 2.0\nstep 1 3.0\n"


def guarded(x):
    if x < 0:
        raise ValueError("x must not be negative")
    assert x < 10, "too large"
    return x * x


@pytest.mark.parametrize("jit", [True, False])
def test_exceptions_are_those_of_the_function_at_its_line(jit):
    slope = ad.grad(guarded, jit=jit)
    for _ in range(2):
        with pytest.raises(ValueError, match="x must not be negative") as caught:
            slope(-1.0)
        if sys.version_info >= (3, 11):
            assert 'raise ValueError("x must not be negative")\n' in caught.value.__notes__[0]
    with pytest.raises(AssertionError, match="too large"):
        slope(11.0)
    assert slope(2.0) == 4.0


def test_a_failure_of_numba_is_shown_at_the_users_line(monkeypatch):
    def broken(eqn, operands):
        return ast.Call(ast.Name("str", ast.Load()), [operands[0]], [])

    monkeypatch.setitem(spelling.EXPRESSIONS, "sqrt", broken)

    def wave(x):
        y = x * 2.0
        for _ in range(3):
            y += math.sqrt(y)
        return y

    for options in ({}, {"fastmath": False}):
        with pytest.raises(ad.InternalError) as caught:
            ad.grad(wave, cache=False, **options)(2.0)
        message = str(caught.value)
        assert message.startswith("Numba does not compile the derivative: ")
        assert "y += math.sqrt(y)" in message and "^^^" in message
        assert "the generated line is `" in message and "Traceback" not in message


# -- derivatives in compiled code -------------------------------------------------------------------------------------------


def test_compiled_code_passes_and_gets_structures():
    slope = ad.value_and_grad(lambda p, x: p[0] * x * x + p[1][0] * x + p[1][1])
    assert numba.njit(lambda x: slope((x, (2.0, 3.0)), 4.0))(1.0) == (27.0, (16.0, (4.0, 1.0)))
    mixed = ad.grad(lambda p: p[0] ** p[1] if p[2] else p[0])
    assert numba.njit(lambda x, n, flag: mixed((x, n, flag)))(2.0, 3, True) == (12.0, None, None)
    optional = ad.grad(lambda x, k: x * x if k is None else x * k)
    assert numba.njit(lambda x: optional(x, None))(1.0) == 2.0


def test_compiled_code_passes_and_gets_namedtuples():
    slope = ad.grad(lambda p, x: np.sum(p.a * x) * p.b)

    @numba.njit
    def train(p, x):
        for _ in range(2):
            g = slope(p, x)
            p = Pair(p.a - 0.1 * g.a, p.b - 0.1 * g.b)
        return p

    x = np.ones(2)
    p = Pair(np.ones(2), 3.0)
    found = train(p, x)
    for _ in range(2):
        g = slope(p, x)
        p = Pair(p.a - 0.1 * g.a, p.b - 0.1 * g.b)
    assert type(found) is Pair
    np.testing.assert_allclose(found.a, p.a)
    assert found.b == pytest.approx(p.b)
    aux = ad.grad(lambda x: (x * x, Pair(x, None)), has_aux=True)
    assert numba.njit(lambda x: aux(x + 0.5))(1.0) == (3.0, Pair(1.5, None))


@dataclasses.dataclass
class Weights:
    w: float


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda d: lambda x: d(x=x), "takes its arguments by position"),
        (lambda d: lambda x: d(1), "argument 0 (`x`) has no derivative: it is of type int64"),
        (lambda d: lambda x: d("a"), "unicode_type cannot be an argument of a derivative"),
        (lambda d: lambda x: d([x, x]), "cannot be an argument of a derivative"),
        (lambda d: lambda x: d(x, x), "takes 1 positional argument, but 2 are given"),
    ],
)
def test_compiled_code_is_told_what_is_wrong(make, message):
    d = ad.grad(squares)
    with pytest.raises(numba.TypingError) as caught:
        numba.njit(make(d))(1.0)
    assert message in str(caught.value)


def test_compiled_code_cannot_get_dicts_and_dataclasses():
    for aux in (lambda x: (x * x, {"x": x}), lambda x: (x * x, Weights(x))):
        d = ad.grad(aux, has_aux=True)
        with pytest.raises(numba.TypingError, match="there a structure is a tuple or a named tuple"):
            numba.njit(lambda x, d=d: d(x))(1.0)


# -- threads, processes and the cache folder ----------------------------------------------------------------------------------


def test_threads_may_call_a_fresh_derivative_at_once():
    fresh, found = ad.grad(lambda x: np.sum(np.sin(x) * x)), []

    def run():
        found.append(float(np.sum(fresh(np.arange(3.0)))))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and len(set(found)) == 1
    assert len(fresh.kernels) == 1


PROGRAM = """
import adcompile as ad
def f(x):
    return x * x * x
print(ad.grad(f)(2.0))
"""


def outputs(program, folder, count: int) -> list[tuple[str, str]]:
    """What processes print that run a program at the same time with a cache folder."""
    root = str(Path(__file__).parents[1])
    environment = {**os.environ, "ADCOMPILE_CACHE_DIR": str(folder), "PYTHONPATH": root}
    command = [sys.executable, "-W", "error", str(program)]
    with contextlib.ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            )
            for _ in range(count)
        ]
        return [process.communicate() for process in processes]


def test_processes_may_start_at_once_and_trust_no_broken_file(tmp_path):
    program, folder = tmp_path / "program.py", tmp_path / "cache"
    program.write_text(PROGRAM)
    assert outputs(program, folder, 2) == [("12.0\n", "")] * 2
    for kind, text in (("*.json", "[]"), ("*.py", "garbage(")):
        for path in folder.glob(kind):
            path.write_text(text)
        assert outputs(program, folder, 1) == [("12.0\n", "")]


def test_a_cache_that_is_removed_is_made_again(tmp_path, monkeypatch):
    monkeypatch.setenv("ADCOMPILE_CACHE_DIR", str(tmp_path / "cache"))
    assert ad.grad(lambda x: x**3)(2.0) == 12.0
    shutil.rmtree(tmp_path / "cache")
    assert ad.grad(lambda x: x**4)(1.0) == 4.0
