"""Elementary functions in compiled code: their values everywhere, and that loops compute several of them at once."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest

import adcompile as ad
from adcompile.backend.compile import FAST
from adcompile.runtime import elementary
from benchmarks import activations

ONE = "exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh cbrt erf erfc"
TWO = "atan2 hypot pow"
NUMPY = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh"}
NUMPY |= {"atanh": "arctanh", "atan2": "arctan2", "pow": "power"}
vector_only = pytest.mark.skipif(not elementary.LIBRARY, reason="there is no vector library here")

JIT: Callable[..., Any] = numba.njit(error_model="numpy", fastmath=set(FAST))


def edges(dtype: type) -> np.ndarray:
    """Zeros, infinities, NaN, subnormal numbers, and where functions overflow, underflow, or change their formula."""
    about = np.finfo(dtype)
    found = [0.0, np.inf, np.nan, 1.0, 0.5, 2.0, 3.0, about.tiny, about.tiny / 4, about.smallest_subnormal, about.max]
    found += [about.eps, 1 - about.eps, 1 + about.eps, 1e-5, 1e-10, 1e-20, math.pi, math.pi / 2, 100 * math.pi]
    found += [0.55, 0.5500001, 6.0, 9.0, 10.05, 19.0, 19.1, 22.0, 26.5, 28.0, 40.0, 88.7, 88.8, 103.9, 104.1]
    found += [126.0, 127.0, 128.0, 149.0, 150.0, 308.3, 323.0, 709.7, 709.8, 744.0, 745.2, 746.0, 1022.0, 1023.0]
    found += [1024.0, 1074.0, 1075.0, 1e5, 1e10, 1e16, 1e22, 1e30]
    both = np.array([*found, *(-x for x in found)])
    with np.errstate(over="ignore"):
        return both.astype(dtype)


def sample(dtype: type) -> np.ndarray:
    """The edges, and numbers of all sizes."""
    rng = np.random.default_rng(0)
    scales = [rng.normal(size=500) * s for s in (1e-3, 0.1, 1.0, 10.0, 300.0, 1e6)]
    unit = [rng.uniform(-1, 1, 500), 1 + rng.normal(size=500) * 1e-3, -1 + 10 ** -rng.uniform(0, 12, 500)]
    bits = rng.integers(0, 1 << 63, 1000, dtype=np.int64).view(np.float64)
    if dtype is np.float32:
        bits = rng.integers(0, 1 << 31, 1000, dtype=np.int32).view(np.float32)
    return np.concatenate([edges(dtype), *[x.astype(dtype) for x in scales + unit], bits, -bits])


def reference(name: str, *args: np.ndarray) -> np.ndarray:
    """The function to more than the precision of its arguments, where there is more."""
    wider = np.float64 if args[0].dtype == np.float32 else np.longdouble
    with np.errstate(all="ignore"):
        if name in ("erf", "erfc"):
            return np.array([getattr(math, name)(x) for x in args[0].tolist()])
        return getattr(np, NUMPY.get(name, name))(*(a.astype(wider) for a in args))


def check(name: str, found: np.ndarray, wanted: np.ndarray, args: tuple[np.ndarray, ...], ulps: float) -> None:
    """Compare with the reference: NaN, infinity and the sign of zero as they are, the rest in units of the last place."""
    with np.errstate(all="ignore"):
        rounded = wanted.astype(found.dtype)
        error = np.abs(found.astype(wanted.dtype) - wanted) / np.spacing(np.abs(rounded)).astype(wanted.dtype)
    same = (found == rounded) | (np.isnan(found) & np.isnan(rounded))
    # an infinity where the result is half a unit above the largest number, or the other way round
    largest = np.finfo(found.dtype).max
    edge = np.isinf(found) ^ np.isinf(rounded)
    near = edge & (np.minimum(np.abs(found), np.abs(rounded)) > largest * (1 - 1e-6))
    good = same | near | (np.isfinite(found) & np.isfinite(rounded) & (error <= ulps))
    good &= (found != 0) | (rounded != 0) | (np.signbit(found) == np.signbit(rounded))
    assert found.dtype == args[0].dtype
    where = np.flatnonzero(~good)[:5]
    assert not where.size, [(name, *(a[k] for a in args), found[k], rounded[k], error[k]) for k in where]


def looped(name: str, count: int) -> Callable[..., Any]:
    """A compiled loop that calls the function for each number."""
    function = getattr(elementary, name)
    if count == 2:

        def both(x: Any, y: Any, out: Any) -> None:
            for i in range(x.size):
                out[i] = function(x[i], y[i])

        return JIT(both)

    def one(x: Any, out: Any) -> None:
        for i in range(x.size):
            out[i] = function(x[i])

    return JIT(one)


@pytest.mark.parametrize("name", ONE.split())
def test_elementary_values_of_functions_of_one_number(name: str) -> None:
    run = looped(name, 1)
    for dtype in (np.float64, np.float32):
        x = sample(dtype)
        out = np.empty_like(x)
        run(x, out)
        check(name, out, reference(name, x), (x,), 2.5 if name == "tanh" else 4.5)
        if elementary.LIBRARY and name != "tanh":
            symbol = f"_{name}{'f' if dtype is np.float32 else ''}"
            text = run.inspect_asm(run.signatures[-1])
            assert "_ZGV" in text and f"v{symbol}" in text


@pytest.mark.parametrize("name", TWO.split())
def test_elementary_values_of_functions_of_two_numbers(name: str) -> None:
    run = looped(name, 2)
    for dtype in (np.float64, np.float32):
        rng = np.random.default_rng(1)
        ends, points = edges(dtype), sample(dtype)
        rows, columns = (a.ravel() for a in np.meshgrid(ends, ends))
        x = np.concatenate([rows, points, np.abs(points)])
        y = np.concatenate([columns, rng.permutation(points), (5 * rng.normal(size=points.size)).astype(dtype)])
        out = np.empty_like(x)
        run(x, y, out)
        check(name, out, reference(name, x, y), (x, y), 4.5)


def test_elementary_a_result_is_never_above_its_bound() -> None:
    x = np.linspace(-25, 25, 200_001)
    for dtype in (np.float64, np.float32):
        out = np.empty(x.size, dtype)
        looped("tanh", 1)(x.astype(dtype), out)
        assert np.abs(out).max() == 1.0 and np.all(np.diff(out) >= -2 * np.finfo(dtype).eps)


def called(x: Any) -> Any:
    return elementary.exp(x)


def power(x: Any, y: Any) -> Any:
    return elementary.pow(x, y)


def test_elementary_numbers_of_other_types_are_taken_as_doubles() -> None:
    run = JIT(called)
    for x in (2, True, np.int8(2), np.uint32(2), np.float64(2)):
        assert run(x) == math.exp(x)
    assert JIT(power)(2.0, 3) == 8.0
    assert elementary.exp(np.float32(1)).dtype == elementary.erf(np.float32(1)).dtype == np.float32


def test_elementary_arrays_are_taken_by_functions_of_one_operand() -> None:
    run = JIT(called)
    x = np.random.default_rng(0).normal(size=(5, 7))
    for a in (x, x.T, x[::2, ::3], x.astype(np.float32), x[:0], np.arange(6).reshape(2, 3)):
        found = run(a)
        assert found.flags.c_contiguous and found.dtype == np.exp(a).dtype
        np.testing.assert_allclose(found, np.exp(a), rtol=4 * np.finfo(found.dtype).eps)


def test_elementary_complex_numbers_and_arrays_of_two_operands_are_refused_in_compiled_code() -> None:
    with pytest.raises(numba.TypingError):
        JIT(called)(1j)
    with pytest.raises(numba.TypingError):
        JIT(power)(np.ones(2), 2.0)


@vector_only
def test_elementary_a_choice_in_a_loop_is_computed_for_several_numbers() -> None:
    @JIT
    def elu(x: Any) -> Any:
        s = 0.0
        for i in range(x.size):
            s += x[i] if x[i] > 0.0 else elementary.expm1(x[i])
        return s

    x = np.random.default_rng(0).normal(size=1001)
    np.testing.assert_allclose(elu(x), np.where(x > 0, x, np.expm1(x)).sum(), rtol=1e-13)
    assert "_expm1" in elu.inspect_asm(elu.signatures[0]) and "_ZGV" in elu.inspect_asm(elu.signatures[0])


def test_elementary_without_the_library_the_functions_of_c_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elementary, "LIBRARY", "")
    run = looped("exp", 1)
    x = sample(np.float64)
    out = np.empty_like(x)
    run(x, out)
    check("exp", out, reference("exp", x), (x,), 1.0)
    assert "_ZGV" not in run.inspect_asm(run.signatures[0])


def test_elementary_without_fast_mathematics_a_number_is_computed_as_by_itself() -> None:
    def total(x):
        s = 0.0
        for i in range(x.shape[0]):
            s += math.tanh(x[i]) * math.exp(x[i])
        return s

    x = np.random.default_rng(0).normal(size=37)
    gradient = ad.grad(total, fastmath=False)(x)
    assert np.array_equal(gradient, [ad.grad(total, fastmath=False)(x[k : k + 1])[0] for k in range(x.size)])


def test_elementary_kernels_import_what_listings_have_of_math() -> None:
    df = ad.grad(lambda x: math.sin(x) * x**1.5)
    df(2.0)
    assert "from adcompile.runtime.elementary import cos, pow, sin\n" in ad.dump(df, "kernel")
    assert "from math import cos, sin\n" in ad.dump(df, "reverse")
    assert "x ** 1.5" in ad.dump(df, "reverse")


def powers(x: Any, n: int) -> Any:
    fixed = [x**-1, x**-3.0, x**0.5, x**-0.5, x**1.5, x**2.0, x**16, x**17, x**-17]
    return np.array([*fixed, x**n, x**-n, 2.0**x, n**x, x ** (n + 0.5)])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_elementary_powers_are_those_of_numpy(dtype: type) -> None:
    compiled, plain = (ad.jacfwd(powers, jit=jit) for jit in (True, False))
    for x in (1.7, 0.3, -1.3, 0.0, np.inf, np.nan):
        for n in (3, 0, -2):
            found, wanted = compiled(dtype(x), n), plain(dtype(x), n)
            np.testing.assert_allclose(found, wanted, rtol=1e-14 if dtype is np.float64 else 3e-6)


SCRIPT = """
import math
import numba, numpy as np
import adcompile as ad

df = ad.grad(lambda x: math.tanh(x) * math.exp(-x) + math.log(x))

@numba.njit(cache=True)
def fill(x, out):
    for i in range(x.size):
        out[i] = df(x[i])

x = np.linspace(0.5, 2.0, 100)
out = np.empty_like(x)
fill(x, out)
t = np.tanh(x)
np.testing.assert_allclose(out, (1 - t * t - t) * np.exp(-x) + 1 / x, rtol=1e-13, atol=1e-13)
total = ad.grad(lambda x: np.sum(np.exp(x)))(x)
np.testing.assert_allclose(total, np.exp(x), rtol=1e-14)
print(sum(fill.stats.cache_hits.values()), "_ZGV" in str(fill.inspect_asm()))
"""


def test_elementary_another_process_finds_compiled_code_that_calls_the_library(tmp_path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    vector = str(bool(elementary.LIBRARY))

    def run(**more: str) -> list[str]:
        environment = {**os.environ, "ADCOMPILE_CACHE_DIR": str(tmp_path / "cache"), **more}
        command = [sys.executable, str(tmp_path / "script.py")]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()

    assert run() == ["0", vector]
    assert run()[0] == "1"
    # code that was compiled with the library runs where new code is to do without
    assert run(ADCOMPILE_WITHOUT="vectors")[0] == "1"
    # what is called may be gone from the folder: it is in the compiled code
    assert run(ADCOMPILE_CACHE_DIR=str(tmp_path / "other"))[0] == "1"


@pytest.mark.skipif(sys.platform != "linux", reason="the processor is named as on Linux")
def test_elementary_code_for_other_processors(tmp_path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    environment = {**os.environ, "ADCOMPILE_CACHE_DIR": str(tmp_path), "ADCOMPILE_WITHOUT": "vectors"}
    environment |= {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
    command = [sys.executable, str(tmp_path / "script.py")]
    result = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert result.stdout.split() == ["0", "False"]


@pytest.mark.parametrize("activation", activations.ACTIVATIONS, ids=lambda a: a.name)
def test_elementary_activations_have_one_gradient_as_loops_and_as_arrays(activation: activations.Activation) -> None:
    x = np.random.default_rng(0).normal(size=40) * 3
    as_loop = ad.value_and_grad(activations.summed_loop(activation.number), jit=False)(x)
    as_array = ad.value_and_grad(activations.summed_array(activation.array), jit=False)(x)
    activations.check(activation.name, as_array, as_loop)
    near = [activation.number(np.float64(v + d)) for v in x for d in (1e-6, -1e-6)]
    np.testing.assert_allclose(as_loop[1], (np.array(near[::2]) - near[1::2]) / 2e-6, rtol=1e-6, atol=1e-8)
