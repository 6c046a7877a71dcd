"""One equation each, with operands and what NumPy says it is: what `test_spelling` writes out and runs.

Expectations are NumPy's and SciPy's own functions; nothing of the compiler is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import scipy.special as sp

from adcompile.runtime import scipy_special

FLOATS = ("float64", "float32")
SHAPES = ((), (4,), (2, 3), (2, 2, 3))


@dataclass
class Case:
    """An equation: its operands, its static parameters, and its results as a tuple."""

    primitive: str
    operands: tuple[Any, ...]
    params: dict[str, Any]
    expected: tuple[Any, ...]
    #: relative error that the dtype allows
    loose: float = 1.0

    def __str__(self) -> str:
        shown = ", ".join(show(o) for o in self.operands)
        return f"{self.primitive}({shown}; {', '.join(f'{k}={v}' for k, v in self.params.items())})"


@dataclass
class Table:
    """The cases of each primitive."""

    cases: dict[str, list[Case]] = field(default_factory=dict)

    def add(self, name: str, operands: tuple[Any, ...], expected: Any, loose: float = 1.0, **params: Any) -> None:
        """Enter a case; a result that is not a tuple is the only one."""
        results = expected if isinstance(expected, tuple) else (expected,)
        self.cases.setdefault(name, []).append(Case(name, operands, params, results, loose))


def show(operand: Any) -> str:
    """An operand in the name of a case."""
    if isinstance(operand, np.ndarray):
        layout = "" if operand.flags.c_contiguous else ", strided"
        return f"{operand.dtype}{list(operand.shape)}{layout}"
    return f"{type(operand).__name__} {operand}" if not isinstance(operand, list) else f"list of {len(operand)}"


def sample(shape: tuple[int, ...], dtype: str, low: float = 0.3, high: float = 0.9, seed: int = 0) -> Any:
    """Numbers of a shape and dtype; a Python number, or for other dtypes a NumPy scalar, where the shape is ()."""
    rng = np.random.default_rng([seed, *shape])
    if dtype.startswith("complex"):
        values = (rng.uniform(low, high, shape) + 1j * rng.uniform(low, high, shape)).astype(dtype)
    elif dtype == "bool":
        values = rng.uniform(0, 1, shape) > 0.5
    elif dtype.startswith(("int", "uint")):
        values = rng.integers(1, 9, shape).astype(dtype)
    else:
        values = rng.uniform(low, high, shape).astype(dtype)
    if shape:
        return np.asarray(values)
    scalar = np.dtype(dtype).type(values)
    return scalar.item() if dtype in ("float64", "int64", "bool", "complex128") else scalar


def strided(x: np.ndarray) -> np.ndarray:
    """The same numbers with gaps between them."""
    wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
    wide[..., ::2] = x
    return wide[..., ::2]


def layouts(shape: tuple[int, ...], dtype: str, low: float = 0.3, high: float = 0.9, seed: int = 0) -> Iterator[Any]:
    """A sample in C order, and of double-precision matrices one with gaps too."""
    x = sample(shape, dtype, low, high, seed)
    yield x
    if len(shape) == 2 and dtype == "float64":
        yield strided(x)


def kinds(ranks: str = "012") -> Iterator[tuple[str, tuple[int, ...]]]:
    """Dtypes and shapes: every rank in double precision, two of them in single."""
    for k in map(int, ranks):
        yield "float64", SHAPES[k]
    for k in list(map(int, ranks))[:2]:
        yield "float32", SHAPES[k]


UNARY: dict[str, Callable[..., Any]] = {
    "neg": np.negative,
    "abs": np.abs,
    **{n: getattr(np, n) for n in "sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arctanh".split()},
    **{n: getattr(np, n) for n in "exp exp2 expm1 log log2 log10 log1p sqrt cbrt".split()},
    **{n: getattr(np, n) for n in "floor ceil trunc rint sign isnan isinf isfinite".split()},
    "erf": sp.erf,
    "erfc": sp.erfc,
    "gamma": sp.gamma,
    "lgamma": sp.gammaln,
    "digamma": sp.digamma,
    "trigamma": lambda x: sp.polygamma(1, x).astype(x.dtype),
    "tetragamma": lambda x: sp.polygamma(2, x).astype(x.dtype),
    "stop_gradient": lambda x: x,
    "let": lambda x: x,
}
BINARY: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.true_divide,
    "floordiv": np.floor_divide,
    "mod": np.mod,
    "pow": np.power,
    **{n: getattr(np, n) for n in "fmod maximum minimum arctan2 hypot copysign".split()},
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
}
ONE_OPERAND = "erfinv erfcinv ndtri log_ndtr rgamma erfcx dawsn expi exp1 spence ellipk ellipe".split()
TWO_OPERANDS = "jv yv iv ive kv kve zeta stdtr stdtrit gammainc gammaincc gammaincinv gammainccinv".split()
#: with their orders and parameters
OF_DISTRIBUTIONS: dict[str, tuple[float, ...]] = {
    **{f"{family}_{what}": (1.0, 1.5) for family in ("gamma", "mises") for what in ("growth", "share")},
    **{f"beta_{what}": (1.0, 0.0, 1.5, 2.5) for what in ("growth", "share")},
    **{f"noncentral_{what}": (1.0, 1.5, 2.5) for what in ("density", "distribution")},
    **dict.fromkeys(("gamma_path", "mises_path"), (1.5,)),
    **dict.fromkeys(("beta_path", "wald_path", "noncentral_path"), (1.5, 2.5)),
}
COMPLEX = "neg abs sin cos tan exp log sqrt conj real imag sinh cosh tanh".split()
INTEGER = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.true_divide,
    "floordiv": np.floor_divide,
    "mod": np.mod,
    "fmod": np.fmod,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "bit_and": np.bitwise_and,
    "bit_or": np.bitwise_or,
    "bit_xor": np.bitwise_xor,
    "shift_left": np.left_shift,
    "shift_right": np.right_shift,
    "lt": np.less,
    "eq": np.equal,
}


def elementwise(t: Table) -> None:
    for dtype, shape in kinds():
        for name, f in UNARY.items():
            for x in layouts(shape, dtype):
                t.add(name, (x,), f(np.asarray(x))[()], loose=50)
        for name, f in BINARY.items():
            y = sample(shape, dtype, seed=1)
            for x in layouts(shape, dtype):
                t.add(name, (x, y), f(np.asarray(x), np.asarray(y))[()], loose=50)
        x = sample(shape, dtype, 1.2, 3.0)
        t.add("arccosh", (x,), np.arccosh(np.asarray(x))[()])
    for name in ("add", "mul", "maximum", "pow"):
        x, v = sample((2, 3), "float64"), sample((3,), "float64", seed=2)
        for a, b in [(x, v), (v, x), (x, 2.0), (2.0, x), (strided(x), v), (strided(x), 0.5)]:
            t.add(name, (a, b), BINARY[name](a, b))
    bad = np.array([np.nan, 1.0, np.inf, -0.0])
    for name in ("maximum", "minimum"):
        t.add(name, (bad, bad[::-1].copy()), BINARY[name](bad, bad[::-1]))
        for a in bad.tolist():
            for b in bad.tolist():
                t.add(name, (a, b), BINARY[name](a, b))
    for name in ("isnan", "isinf", "isfinite", "sign"):
        t.add(name, (bad,), UNARY[name](bad))
        for a in bad.tolist():
            t.add(name, (a,), UNARY[name](a))


def of_scipy(t: Table) -> None:
    """SciPy's functions: of a vector, and of numbers, in one precision each."""
    x, a, b = sample((3,), "float64", 0.2, 0.8), 1.5, 2.5
    for name in (*ONE_OPERAND, *TWO_OPERANDS, "betainc", "betaincinv"):
        f = getattr(sp, name)
        parameters = (a, b) if name.startswith("betainc") else (a,) if name in TWO_OPERANDS else ()
        t.add(name, (*parameters, x), f(*parameters, x), loose=50)
    for name, parameters in OF_DISTRIBUTIONS.items():
        t.add(name, (*parameters, x), getattr(scipy_special, name)(*parameters, x), loose=50)


def other_numbers(t: Table) -> None:
    x = sample((3,), "float64")
    t.add("nextafter", (x, 2.0), np.nextafter(x, 2.0))
    for shape in (SHAPES[0], SHAPES[2]):
        for dtype in ("complex128", "complex64"):
            z, w = sample(shape, dtype), sample(shape, dtype, seed=1)
            for name in COMPLEX:
                f = getattr(np, {"neg": "negative"}.get(name, name))
                for x in layouts(shape, dtype):
                    t.add(name, (x,), np.array(f(x))[()], loose=50)
            for name in ("add", "sub", "mul", "div", "pow"):
                t.add(name, (z, w), BINARY[name](z, w), loose=50)
        for dtype in ("int64", "int32"):
            a, b = sample(shape, dtype), sample(shape, dtype, seed=1)
            for name, f in INTEGER.items():
                if dtype == "int64" or shape:
                    t.add(name, (a, b), f(a, b))
            t.add("neg", (a,), -a)
            t.add("abs", (-a,), abs(a))
            t.add("bit_not", (a,), ~a)
            t.add("sign", (a,), np.sign(a))
        t.add("sin", (sample(shape, "int64"),), np.sin(sample(shape, "int64")))
        p, q = sample(shape, "bool"), sample(shape, "bool", seed=3)
        for name in ("logical_and", "logical_or", "logical_xor"):
            t.add(name, (p, q), getattr(np, name)(p, q))
        t.add("logical_not", (p,), np.logical_not(p))
        for dtype in FLOATS:
            x = sample(shape, dtype)
            t.add("real", (x,), np.array(x)[()])
            t.add("imag", (x,), np.zeros_like(x)[()])
            t.add("conj", (x,), x)
    t.add("pow", (3, 4), 81)
    t.add("pow", (2.5, 3), 2.5**3)
    t.add("pow", (sample((3,), "float64"), 3), sample((3,), "float64") ** 3)
    t.add("mul", (sample((3,), "int32"), 2), sample((3,), "int32") * 2)


def choices_and_casts(t: Table) -> None:
    for dtype, shape in kinds():
        c = sample(shape, "bool")
        for x in layouts(shape, dtype):
            y = sample(shape, dtype, seed=1)
            t.add("where", (c, x, y), np.where(c, x, y)[()])
    x, v = sample((2, 3), "float64"), sample((3,), "float64")
    t.add("where", (x > 0.5, x, 0.0), np.where(x > 0.5, x, 0.0))
    t.add("where", (x > 0.5, x, v), np.where(x > 0.5, x, v))
    t.add("where", (x > 0.5, 1.0, 0.0), np.where(x > 0.5, 1.0, 0.0))
    t.add("where", (v > 0.5, x, 0.0), np.where(v > 0.5, x, 0.0))
    t.add("where", (True, x, strided(x)), x)
    t.add("where", (x > 0.5, strided(x), strided(x)), x)
    pairs = [
        ("float64", "float32"),
        ("float32", "float64"),
        ("int64", "float64"),
        ("int64", "float32"),
        ("float64", "int64"),
        ("bool", "float64"),
        ("bool", "int64"),
        ("float64", "bool"),
        ("float64", "complex128"),
        ("complex128", "complex64"),
        ("int32", "int64"),
    ]
    for source, target in pairs:
        for shape in (SHAPES[0], SHAPES[2]):
            for x in layouts(shape, source):
                t.add("cast", (x,), np.asarray(x).astype(target)[()], dtype=target)


def reductions(t: Table) -> None:
    axes: dict[int, list[Any]] = {1: [None, 0, -1], 2: [None, 0, 1, -1, (0, 1)], 3: [None, 0, 1, 2, (0, 2), (-1, 1)]}
    for dtype, shape in [*kinds("123"), ("int64", (2, 3)), ("bool", (2, 3))]:
        for x, axis, keepdims in product(layouts(shape, dtype, -1.0, 1.0), axes[len(shape)], (False, True)):
            if keepdims and isinstance(axis, int) and axis > 0:
                continue
            for name in ("sum", "prod", "max", "min", "any", "all"):
                if dtype != "bool" or name not in ("max", "min", "prod"):
                    value = getattr(np, name)(x, axis=axis, keepdims=keepdims)
                    t.add(name, (x,), value, loose=10, axis=axis, keepdims=keepdims)
            if not isinstance(axis, tuple) and dtype != "bool":
                for name in ("argmax", "argmin"):
                    value = getattr(np, name)(x, axis=axis, keepdims=keepdims)
                    t.add(name, (x,), value, axis=axis, keepdims=keepdims)
    x = np.array([[1.0, np.nan, 3.0], [4.0, 2.0, 4.0]])
    for name in ("max", "min", "argmax", "argmin"):
        for axis in (None, 0, 1):
            t.add(name, (x,), getattr(np, name)(x, axis=axis), axis=axis, keepdims=False)
    empty = np.zeros((2, 0))
    for name in ("sum", "prod", "any", "all"):
        for axis in (None, 0, 1):
            t.add(name, (empty,), getattr(np, name)(empty, axis=axis), axis=axis, keepdims=False)
    z = sample((2, 3), "complex128")
    for axis in (None, 0):
        t.add("sum", (z,), z.sum(axis=axis), axis=axis, keepdims=False)
        t.add("prod", (z,), z.prod(axis=axis), axis=axis, keepdims=False)


def scans(t: Table) -> None:
    for dtype, shape in kinds("123"):
        for x, axis in product(layouts(shape, dtype), range(-1, len(shape))):
            for name in ("cumsum", "cumprod", "sort", "argsort", "flip"):
                t.add(name, (x,), getattr(np, name)(x, axis=axis), loose=10, axis=axis)
            for shift in (1, -5):
                t.add("roll", (x, shift), np.roll(x, shift, axis=axis), axis=axis)
            order = np.argsort(x, axis=axis)
            t.add("take_along", (x, order), np.take_along_axis(x, order, axis), axis=axis)
            back = np.zeros(shape, dtype)
            np.put_along_axis(back, order, x, axis)
            t.add("put_along", (x, order, *shape), back, axis=axis)
            a, c = np.moveaxis(x, axis, 0), np.moveaxis(x * 0.5, axis, 0)
            s = np.zeros_like(c)
            for k in range(len(c)):
                s[k] = c[k] + (a[k] * s[k - 1] if k else 0)
            result = np.ascontiguousarray(np.moveaxis(s, 0, axis))
            t.add("recurrence", (x, x * np.dtype(dtype).type(0.5)), result, axis=axis)
    v = np.array([3.0, 1.0])
    t.add("put_along", (v, np.array([1, 1]), 3), np.array([0.0, 4.0, 0.0]), axis=0)
    a = np.sort(sample((6,), "float64"))
    for side in ("left", "right"):
        t.add("searchsorted", (a, a[3]), int(np.searchsorted(a, a[3], side=side)), side=side)
        t.add("searchsorted", (a, a[1:4]), np.searchsorted(a, a[1:4], side=side), side=side)
        wide = a.reshape(2, 3)
        t.add("searchsorted", (a, wide), np.searchsorted(a, wide, side=side), side=side)


def shapes(t: Table) -> None:
    for dtype in FLOATS[:1]:
        v, x, y = sample((4,), dtype), sample((2, 3), dtype), sample((2, 2, 3), dtype)
        for k in range(3):
            t.add("shape", (y,), y.shape[k], axis=k)
        t.add("reshape", (x, 6), x.reshape(6))
        t.add("reshape", (x, 3, 2), x.reshape(3, 2))
        t.add("reshape", (y, 1, 12), y.reshape(1, 12))
        t.add("reshape", (v, 2, 1, 2), v.reshape(2, 1, 2))
        t.add("reshape", (sample((1, 1), dtype),), sample((1, 1), dtype)[0, 0])
        t.add("reshape", (x[0, 0], 1, 1), x[:1, :1])
        for a in layouts((2, 3), dtype):
            t.add("transpose", (a,), a.T, axes=(1, 0))
            t.add("copy", (a,), a.copy())
            t.add("contiguous", (a,), a.copy())
            t.add("unbroadcast", (a, 3), a.sum(axis=0))
            t.add("unbroadcast", (a, 2, 1), a.sum(axis=1, keepdims=True))
            t.add("unbroadcast", (a, 1, 1), a.sum(keepdims=True))
            t.add("unbroadcast", (a, 1), a.sum(keepdims=True)[0])
            t.add("unbroadcast", (a, 2, 3), a)
            t.add("unbroadcast", (a,), a.sum())
            t.add("broadcast_to", (a, 2, 3), a)
            t.add("broadcast_to", (a, 4, 2, 3), np.broadcast_to(a, (4, 2, 3)))
            for k in (-1, 0, 1):
                t.add("tril", (a,), np.tril(a, k), k=k)
                t.add("triu", (a,), np.triu(a, k), k=k)
            for axis in (0, 1, -1):
                t.add("concatenate", (a, a), np.concatenate((a, a), axis), axis=axis)
                t.add("stack", (a, a), np.stack((a, a), axis), axis=axis)
        t.add("copy", (v,), v)
        t.add("tril", (y,), np.tril(y, 1), k=1)
        t.add("triu", (y,), np.triu(y), k=0)
        t.add("transpose", (v,), v, axes=(0,))
        t.add("transpose", (y,), y.transpose(0, 2, 1), axes=(0, 2, 1))
        t.add("transpose", (y,), y.T, axes=(2, 1, 0))
        t.add("broadcast_to", (v[:1], 3), np.broadcast_to(v[:1], 3))
        t.add("broadcast_to", (v, 2, 4), np.broadcast_to(v, (2, 4)))
        t.add("broadcast_to", (x[:, :1].copy(), 2, 3), np.broadcast_to(x[:, :1], (2, 3)))
        t.add("broadcast_to", (v[0], 2, 3), np.full((2, 3), v[0]))
        t.add("unbroadcast", (y, 1, 3), y.sum(axis=(0, 1))[None])
        t.add("unbroadcast", (v[0],), v[0])
        t.add("concatenate", (v, v[:1], v), np.concatenate((v, v[:1], v)), axis=0)
        t.add("concatenate", (v,), v, axis=0)
        t.add("stack", (v, v), np.stack((v, v)), axis=0)


def creation(t: Table) -> None:
    for dtype in (*FLOATS, "int64", "bool", "complex128"):
        t.add("zeros", (3,), np.zeros(3, dtype), dtype=dtype)
        t.add("zeros", (3, 2), np.zeros((3, 2), dtype), dtype=dtype)
        t.add("full", (sample((), dtype), 3), np.full(3, sample((), dtype), dtype), dtype=dtype)
        t.add("full", (sample((), dtype), 2, 2), np.full((2, 2), sample((), dtype), dtype), dtype=dtype)
        items = tuple(sample((), dtype, seed=k) for k in range(6))
        for shape in ((6,), (2, 3), (3, 2, 1)):
            t.add("array", items, np.array(items, dtype).reshape(shape), shape=shape, dtype=dtype)
        t.add("array", (), np.zeros((0,), dtype), shape=(0,), dtype=dtype)
    t.add("full", (1, 3), np.full(3, 1.0), dtype="float64")
    t.add("array", (1, 2.5), np.array([1, 2.5]), shape=(2,), dtype="float64")
    t.add("array", (1.0, 2.5), np.array([1, 2.5], np.float32), shape=(2,), dtype="float32")
    for dtype in (*FLOATS, "int64"):
        t.add("arange", (2, 9, 3), np.arange(2, 9, 3, dtype), dtype=dtype)
        t.add("arange", (0, 4, 1), np.arange(4, dtype=dtype), dtype=dtype)
        t.add("eye", (3, 3), np.eye(3, dtype=dtype), k=0, dtype=dtype)
        t.add("eye", (2, 3), np.eye(2, 3, 1, dtype), k=1, dtype=dtype)
    t.add("arange", (0.5, 2.0, 0.25), np.arange(0.5, 2.0, 0.25), dtype="float64")


def linear_algebra(t: Table) -> None:
    pairs = [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((2, 2, 3), (3,)), ((3,), (2, 3, 2))]
    pairs += [((2, 2, 3), (2, 3, 4)), ((2, 2, 3), (3, 4)), ((2, 3), (2, 3, 4)), ((2, 1, 2, 3), (3, 3, 2))]
    pairs += [((1, 2, 3), (4, 3, 2)), ((2, 0), (0, 3)), ((0,), (0,))]
    for dtype in (*FLOATS, "int64", "complex128"):
        for left, right in pairs if dtype == "float64" else pairs[1:8:3]:
            b = sample(right, dtype, seed=1)
            for a in layouts(left, dtype):
                t.add("matmul", (a, b), np.matmul(a, b), loose=10)
            if len(right) > 1 and dtype == "float64":
                t.add("matmul", (sample(left, dtype), strided(b)), np.matmul(sample(left, dtype), b), loose=10)
    for dtype in FLOATS:
        m = sample((3, 3), dtype)
        spd = m @ m.T + 3 * np.eye(3, dtype=dtype)
        b = sample((3, 2), dtype, seed=1)
        for a in (spd, strided(spd)) if dtype == "float64" else (spd,):
            t.add("solve", (a, b[:, 0].copy()), np.linalg.solve(a, b[:, 0]), loose=100)
            t.add("solve", (a, b[:, 0]), np.linalg.solve(a, b[:, 0]), loose=100)
            t.add("solve", (a, b), np.linalg.solve(a, b), loose=100)
            t.add("inv", (a,), np.linalg.inv(a), loose=100)
            t.add("cholesky", (a,), np.linalg.cholesky(a), loose=100)
            t.add("det", (a,), np.linalg.det(a), loose=100)
            t.add("slogdet", (a,), tuple(np.linalg.slogdet(a)), loose=100)
        if dtype == "float32":
            continue
        batch = np.stack((spd, spd + np.eye(3, dtype=dtype)))
        t.add("inv", (batch,), np.linalg.inv(batch), loose=100)
        t.add("cholesky", (batch,), np.linalg.cholesky(batch), loose=100)
        t.add("eigh", (spd,), tuple(np.linalg.eigh(spd)), loose=100)
        t.add("eig", (spd,), tuple(np.linalg.eig(spd)), loose=100)
        t.add("svd", (b,), tuple(np.linalg.svd(b, full_matrices=False)), loose=100)
        t.add("qr", (b,), tuple(np.linalg.qr(b)), loose=100)
        t.add("pinv", (b,), np.linalg.pinv(b), loose=100, rcond=None)
        t.add("fft", (b,), np.fft.fft(b, axis=0), loose=100, axis=0, inverse=False)
        t.add("argpartition", (b[:, 0],), np.argsort(b[:, 0]), kth=1, axis=0)
        rows = np.stack((b, b))
        t.add("solve", (batch, rows), np.linalg.solve(batch, rows), loose=100)


def indices(t: Table) -> None:
    for dtype in FLOATS:
        for shape in SHAPES[1:3]:
            for x in layouts(shape, dtype):
                at = (1, -1, 0)[: len(shape)]
                t.add("load", (x, *at), x[at], index=("i",) * len(shape))
    x, y = sample((4, 3), "float64"), sample((2, 3, 4), "float64")
    v = sample((6,), "float64")
    t.add("view", (v, 1, 5), v[1:5], index=("s110",))
    t.add("view", (v, 2), v[::2], index=("s001",))
    t.add("view", (v, -1), v[::-1], index=("s001",))
    t.add("view", (v,), v[:, None], index=("s000", "n"))
    t.add("view", (v,), v[None], index=("n",))
    t.add("view", (x, 1), x[1], index=("i",))
    t.add("view", (x, -1), x[:, -1], index=("s000", "i"))
    t.add("view", (x, 1, 3, 1), x[1:3, 1:], index=("s110", "s100"))
    t.add("view", (y, 0), y[0, :, None], index=("i", "s000", "n"))
    i, j = np.array([2, 0, 2, -1]), np.array([1, 1, 2, 0])
    grid = np.array([[0, 1], [3, 0]])
    mask, mask2 = np.array([True, False, True, True]), x > 0.6
    fancy: list[tuple[np.ndarray, tuple[str, ...], tuple[Any, ...], Any]] = [
        (v, ("a",), (i,), i),
        (v, ("a",), (grid,), grid),
        (v, ("m",), (v > 0.5,), v > 0.5),
        (x, ("a",), (i,), i),
        (x, ("a",), (grid,), grid),
        (x, ("s000", "a"), (j,), (slice(None), j)),
        (x, ("a", "a"), (i, j), (i, j)),
        (x, ("a", "a"), (i[:, None], j), (i[:, None], j)),
        (x, ("a", "i"), (i, 1), (i, 1)),
        (x, ("i", "a"), (1, j), (1, j)),
        (x, ("m",), (mask,), mask),
        (x, ("m",), (mask2,), mask2),
        (x, ("m", "i"), (mask, 2), (mask, 2)),
        (x, ("m", "s010"), (mask, 2), (mask, slice(None, 2))),
        (x, ("s001", "a"), (-1, j), (slice(None, None, -1), j)),
        (x, ("n", "a"), (i,), (None, i)),
        (y, ("a", "s000", "a"), (i % 2, j), (i % 2, slice(None), j)),
        (y, ("i", "s100", "a"), (1, 1, j), (1, slice(1, None), j)),
        (y, ("s000", "a"), (j,), (slice(None), j)),
    ]
    for k, (base, codes, parts, index) in enumerate(fancy):
        found = base[index]
        t.add("gather", (base, *parts), np.array(found, order="C"), index=codes)
        writes(t, base, codes, parts, index, found, every_value=k in (3, 6, 16))
    basic: list[tuple[np.ndarray, tuple[str, ...], tuple[Any, ...], Any]] = [
        (v, ("i",), (2,), 2),
        (v, ("s110",), (1, 4), slice(1, 4)),
        (v, ("s001",), (-2,), slice(None, None, -2)),
        (v, (), (), slice(None)),
        (x, (), (), slice(None)),
        (x, ("i", "i"), (1, -1), (1, -1)),
        (x, ("i",), (1,), 1),
        (x, ("s000", "i"), (1,), (slice(None), 1)),
        (x, ("s101", "s010"), (1, 2, 2), (slice(1, None, 2), slice(None, 2))),
        (x, ("n", "i"), (1,), (None, 1)),
        (y, ("i", "s000", "i"), (1, 2), (1, slice(None), 2)),
        (strided(x), ("s000", "i"), (1,), (slice(None), 1)),
    ]
    for k, (base, codes, parts, index) in enumerate(basic):
        writes(t, base, codes, parts, index, base[index], every_value=k in (1, 4, 8))
    for n in (3, 6, 7, 20):
        t.add("reserve", (v, n), np.concatenate((v, np.full(max(n - 6, 0), np.nan))))
    t.add("reserve", (x, 9), np.concatenate((x, np.full((5, 3), np.nan))))


def writes(
    t: Table,
    base: np.ndarray,
    codes: tuple[str, ...],
    parts: tuple[Any, ...],
    index: Any,
    found: Any,
    *,
    every_value: bool,
) -> None:
    """The three writes at one index, of an array that fits, and of a number and of an array that is repeated."""
    fits = np.arange(1.0, np.size(found) + 1).reshape(np.shape(found))[()]
    values = [fits, 0.5] if every_value else [fits]
    if every_value and np.ndim(found) > 1:
        values.append(np.arange(1.0, np.shape(found)[-1] + 1))
    for value in values:
        operand = float(value) if np.ndim(value) == 0 else value
        stored = np.array(base)
        stored[index] = value
        t.add("store", (base, operand, *parts), stored, index=codes)
        added = np.array(base)
        np.add.at(added, index, np.broadcast_to(value, np.shape(found)))
        t.add("accumulate", (base, operand, *parts), added, index=codes)
    left = np.array(base)
    places = np.arange(base.size).reshape(base.shape)[index]
    taken = np.zeros(np.shape(found))
    for k in reversed(range(np.size(found))):
        place = np.unravel_index(np.ravel(places)[k], base.shape)
        taken.flat[k] = left[place]
        left[place] = 0.0
    t.add("drain", (base, *parts), (left, taken[()]), index=codes)


ALL = (
    elementwise,
    of_scipy,
    other_numbers,
    choices_and_casts,
    reductions,
    scans,
    shapes,
    creation,
    linear_algebra,
    indices,
)


def table() -> dict[str, list[Case]]:
    """Every case, by primitive."""
    t = Table()
    with np.errstate(all="ignore"):
        for part in ALL:
            part(t)
    return t.cases
