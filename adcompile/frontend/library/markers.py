"""Functions of our own that composites call: each is one primitive, and plain Python outside of compiled programs."""

from __future__ import annotations

from typing import Any

import numpy as np

from adcompile.errors import ShapeError, Unsupported
from adcompile.frontend.library.arguments import (
    describe,
    dims_of,
    kind,
    number,
    scalar,
    static_axis,
    static_flag,
    static_int,
    static_text,
)
from adcompile.frontend.library.registry import function
from adcompile.ir.build import Builder
from adcompile.ir.types import rank


def stop_gradient(x: Any) -> Any:
    """The value, with derivative zero."""
    return x


def refuse(message: str, help: str = "") -> None:
    """Refuse a program while it is compiled: for uses of a composite that it does not cover."""
    raise NotImplementedError(message)


def erfc(x: Any) -> Any:
    """The complementary error function, of arrays as well."""
    from scipy.special import erfc as scipy_erfc

    return scipy_erfc(x)


def lgamma(x: Any) -> Any:
    """The logarithm of the absolute value of the gamma function, of arrays as well."""
    from scipy.special import gammaln

    return gammaln(np.asarray(x))


def matrix_inv(a: Any) -> Any:
    """The inverse of one matrix."""
    return np.linalg.inv(a)


def matrix_det(a: Any) -> Any:
    """The determinant of one matrix."""
    return np.linalg.det(a)


def matrix_slogdet(a: Any) -> Any:
    """Sign and logarithm of the determinant of one matrix."""
    return np.linalg.slogdet(a)


def matrix_cholesky(a: Any) -> Any:
    """The lower triangular factor of one matrix."""
    return np.linalg.cholesky(a)


def matrix_solve(a: Any, b: Any) -> Any:
    """The solution of one system of equations, for a vector or a matrix."""
    return np.linalg.solve(a, b)


def hurwitz(s: Any, q: Any) -> Any:
    """Hurwitz's zeta function."""
    from scipy.special import zeta

    return zeta(s, q)


def digamma(x: Any) -> Any:
    """SciPy's function."""
    import scipy.special

    return scipy.special.digamma(x)


def jv(v: Any, x: Any) -> Any:
    """SciPy's function."""
    import scipy.special

    return scipy.special.jv(v, x)


def yv(v: Any, x: Any) -> Any:
    """SciPy's function."""
    import scipy.special

    return scipy.special.yv(v, x)


def iv(v: Any, x: Any) -> Any:
    """SciPy's function."""
    import scipy.special

    return scipy.special.iv(v, x)


def ive(v: Any, x: Any) -> Any:
    """SciPy's function."""
    import scipy.special

    return scipy.special.ive(v, x)


def kv(v: Any, x: Any) -> Any:
    """SciPy's function."""
    import scipy.special

    return scipy.special.kv(v, x)


def kve(v: Any, x: Any) -> Any:
    """SciPy's function."""
    import scipy.special

    return scipy.special.kve(v, x)


def betainc(a: Any, b: Any, x: Any) -> Any:
    """SciPy's function."""
    import scipy.special

    return scipy.special.betainc(a, b, x)


def gammainc(a: Any, x: Any) -> Any:
    """SciPy's function."""
    import scipy.special

    return scipy.special.gammainc(a, x)


def gammaincc(a: Any, x: Any) -> Any:
    """SciPy's function."""
    import scipy.special

    return scipy.special.gammaincc(a, x)


def gammaincinv(a: Any, p: Any) -> Any:
    """SciPy's function."""
    import scipy.special

    return scipy.special.gammaincinv(a, p)


def betaincinv(a: Any, b: Any, p: Any) -> Any:
    """SciPy's function."""
    import scipy.special

    return scipy.special.betaincinv(a, b, p)


def ndtri(p: Any) -> Any:
    """SciPy's function."""
    import scipy.special

    return scipy.special.ndtri(p)


def log_ndtr(x: Any) -> Any:
    """SciPy's function."""
    import scipy.special

    return scipy.special.log_ndtr(x)


def stdtr(df: Any, t: Any) -> Any:
    """SciPy's function."""
    import scipy.special

    return scipy.special.stdtr(df, t)


def stdtrit(df: Any, p: Any) -> Any:
    """SciPy's function."""
    import scipy.special

    return scipy.special.stdtrit(df, p)


def gamma_path(a: Any, x: Any) -> Any:
    """What was drawn, as a function of the shape."""
    return x


def beta_path(a: Any, b: Any, x: Any) -> Any:
    """What was drawn, as a function of the shapes."""
    return x


def mises_path(kappa: Any, x: Any) -> Any:
    """What was drawn around zero, as a function of the concentration."""
    return x


def wald_path(mean: Any, scale: Any, x: Any) -> Any:
    """What was drawn, as a function of the parameters."""
    return x


def noncentral_path(df: Any, nonc: Any, x: Any) -> Any:
    """What was drawn, as a function of the parameters."""
    return x


def draw(rng: Any, family: Any, size: Any, *parameters: Any) -> Any:
    """Draws from a generator, or from NumPy's own stream; no size: one number."""
    return getattr(rng or np.random, family)(*parameters, size)


def seed_stream(seed: Any) -> None:
    """NumPy's own stream starts anew."""
    np.random.seed(seed)  # noqa: NPY002 - that is what it stands for


def argpartition(a: Any, kth: Any, axis: Any) -> Any:
    """The places of the elements, those before the `kth` not larger, those after it not smaller."""
    return np.argpartition(a, kth, axis=axis)


def read_only(x: Any) -> Any:
    """The array, where NumPy would give a view that is not followed: it may not be written into."""
    return x


def plain_repeat(a: Any, repeats: Any, axis: Any) -> Any:
    """Each element as often."""
    return np.repeat(a, repeats, axis)


def plain_diff(a: Any, n: Any, axis: Any) -> Any:
    """Differences along an axis."""
    return np.diff(a, n, axis)


def plain_pad(array: Any, pad_width: Any, mode: Any, constant_values: Any) -> Any:
    """An array with a frame of a constant, or of elements of its own."""
    return np.pad(array, pad_width, mode)


@function(f"{__name__}.argpartition")
def emit_argpartition(b: Builder, a: Any, kth: Any, axis: Any) -> Any:
    x = number(b, a)
    return b.emit("argpartition", x, kth=static_int(kth, "kth"), axis=static_axis(axis, rank(x.type)))


@function(f"{__name__}.read_only")
def emit_read_only(b: Builder, x: Any) -> Any:
    return b.emit("contiguous", number(b, x))


@function(f"{__name__}.stop_gradient")
def emit_stop_gradient(b: Builder, x: Any) -> Any:
    return b.emit("stop_gradient", number(b, x))


@function(f"{__name__}.refuse")
def emit_refuse(b: Builder, message: Any, help: Any = "") -> Any:
    raise Unsupported(static_text(message, "message"), help=static_text(help, "help"))


@function(f"{__name__}.erfc")
def emit_erfc(b: Builder, x: Any) -> Any:
    return b.emit("erfc", number(b, x))


@function(f"{__name__}.lgamma")
def emit_lgamma(b: Builder, x: Any) -> Any:
    return b.emit("lgamma", number(b, x))


#: the draws that are integers, with the sorts of their parameters
INTEGERS = {
    "randint": "ii",
    "integers": "ii",
    "poisson": "f",
    "binomial": "if",
    "geometric": "f",
    "permutation": "",
    "choice": "i",
}


@function(f"{__name__}.draw")
def emit_draw(b: Builder, rng: Any, family: Any, size: Any, *parameters: Any) -> Any:
    name = static_text(family, "family")
    sorts = INTEGERS.get(name, "f" * len(parameters))
    given = [scalar(b, p, name) for p in parameters[: len(sorts)]]
    for p, sort in zip(given, sorts, strict=True):
        if sort == "i" and kind(p) not in "iu":
            raise ShapeError(f"`{name}` takes an integer here, not {describe(p)}")
    operands = [b.to_dtype(p, "float64") if sort == "f" else p for p, sort in zip(given, sorts, strict=True)]
    settings = tuple(static_flag(p, "replace") for p in parameters[len(sorts) :]) if size is not None else ()
    dims = [] if size is None else dims_of(b, size)
    return b.emit(
        "draw",
        *([] if rng is None else [rng]),
        *operands,
        *dims,
        family=name,
        given=len(operands),
        dtype="int64" if name in INTEGERS else "float64",
        settings=settings,
    )


@function(f"{__name__}.seed_stream")
def emit_seed(b: Builder, seed: Any) -> Any:
    number_ = scalar(b, seed, "seed")
    if kind(number_) not in "iu":
        raise ShapeError(f"`np.random.seed` takes an integer, not {describe(seed)}")
    b.emit("seed", number_)
