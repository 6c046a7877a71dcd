"""Random compositions of array functions, each judged by differences, by the other mode, by NumPy and, on request, by JAX.

`python tests/compositions.py 0 500` runs five hundred seeds and prints what fails. A program is
written line by line: each candidate is run by NumPy, and kept if its value is finite and small. Nothing of what adcompile
supports is known here.
"""

from __future__ import annotations

import argparse
import linecache
import re
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import scipy.fft
import scipy.linalg
import scipy.special
import scipy.stats

sys.path.insert(0, str(Path(__file__).parent))

import oracles

from adcompile import api
from adcompile.errors import ADError
from adcompile.unit import Options

SCOPE = {"np": np, "scipy": scipy}
LARGEST, MOST = 30.0, 160
DIFFERENCES, EXACT = 2e-6, 1e-8
PLAIN = Options(jit=False, cache=False)


@dataclass
class Writer:
    """The lines of a program so far, and what NumPy makes of them."""

    rng: np.random.Generator
    values: dict[str, Any]
    lines: list[str] = field(default_factory=list)
    latest: str = ""

    def chance(self, p: float) -> bool:
        return bool(self.rng.random() < p)

    def one(self, *choices: Any) -> Any:
        return choices[int(self.rng.integers(len(choices)))]

    def number(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high + 1))

    def named(self, accept: Callable[[Any], bool]) -> str:
        """A variable that is accepted, the latest one by preference."""
        fit = [n for n, v in self.values.items() if accept(v)]
        if not fit:
            raise Unfit
        if self.latest in fit and self.chance(0.7):
            return self.latest
        return self.one(*fit)

    def real(self, low: int = 0, high: int = 9) -> str:
        """A variable of floating-point numbers whose rank is between two."""
        return self.named(lambda v: np.asarray(v).dtype.kind == "f" and low <= np.ndim(v) <= high)

    def any(self, low: int = 0, high: int = 9) -> str:
        """The same, complex numbers included."""
        return self.named(lambda v: np.asarray(v).dtype.kind in "fc" and low <= np.ndim(v) <= high)

    def shape(self, name: str) -> tuple[int, ...]:
        return np.shape(self.values[name])

    def partner(self, name: str) -> str:
        """Something that broadcasts with a variable."""

        def fits(v: Any) -> bool:
            try:
                shape = np.broadcast_shapes(np.shape(v), self.shape(name))
            except ValueError:
                return False
            return int(np.prod(shape)) <= MOST and np.asarray(v).dtype.kind in "fcib"

        if self.chance(0.15):
            return self.one("0.7", "2", "1.5", "3", "True", "np.pi")
        return self.named(fits)

    def axis(self, name: str) -> int:
        n = len(self.shape(name))
        return self.number(-n, n - 1)

    def axes(self, name: str) -> Any:
        """An axis, several, or None."""
        n = len(self.shape(name))
        if self.chance(0.2):
            return None
        if self.chance(0.6):
            return self.number(-n, n - 1)
        chosen = self.rng.permutation(n)[: self.number(1, n)]
        return tuple(int(k) - n * self.number(0, 1) for k in chosen)


class Unfit(Exception):
    """A form has no operands here."""


FORMS: list[tuple[float, Callable[[Writer], str]]] = []


def form(weight: float = 1.0) -> Callable[[Callable[[Writer], str]], Callable[[Writer], str]]:
    """Register a way to write an expression; an expression with `!!` in it is an array, and a statement that writes into a copy of it, `T`."""

    def add(f: Callable[[Writer], str]) -> Callable[[Writer], str]:
        FORMS.append((weight, f))
        return f

    return add


# -- element by element ---------------------------------------------------------------------------------------------

SMOOTH = """
np.sin(X) np.cos(X) np.tanh(X) np.exp(-X*X) np.exp(0.1*X) np.arctan(X) np.arcsinh(X) np.sinh(0.2*X) np.cosh(0.2*X) np.expm1(0.1*X) -X X*X X**2 X**3
np.square(X) np.reciprocal(2.0+X*X) 1/(1.5+X*X) np.log(1.1+X*X) np.log1p(X*X) np.log2(1.3+X*X) np.log10(1.3+X*X) np.sqrt(0.5+X*X) np.power(2.0,0.1*X)
np.sinc(X) np.tan(0.2*X) np.exp2(0.2*X) (1.2+X*X)**-0.5 (1.2+X*X)**0.3 np.positive(X) np.negative(X) np.conj(X) 3-X 2*X X/3 +X
np.arcsin(0.9*np.sin(X)) np.arccos(0.9*np.cos(X)) np.arctanh(0.8*np.tanh(X)) np.arccosh(1.5+X*X) np.cbrt(1.0+X*X) np.deg2rad(X) np.radians(X) np.rad2deg(0.01*X)
scipy.special.expit(X) scipy.special.erf(X) scipy.special.erfc(X) scipy.special.gammaln(1.2+X*X) scipy.special.logit(0.3+0.5*np.sin(X)**2) scipy.special.digamma(1.2+X*X)
scipy.special.ndtr(X) scipy.special.log_ndtr(X) scipy.special.entr(1.1+X*X) scipy.special.j0(X) scipy.special.i0e(X) scipy.special.erfinv(0.8*np.tanh(X))
scipy.special.log_expit(X) np.i0(0.3*X) scipy.special.xlogy(X,1.2+X*X) scipy.stats.norm.logpdf(X) scipy.stats.norm.cdf(X,0.3,1.5) scipy.stats.norm.pdf(X)
scipy.stats.t.logpdf(X,3.5) scipy.special.rgamma(1.5+X*X) scipy.special.dawsn(X) np.nan_to_num(X) np.real(X) np.imag(X) X.real X.conj() X.copy() np.array(X) np.asarray(X) np.float64(1.5)*X
""".split()
KINKED = """
np.abs(X) abs(X) np.fabs(X) np.maximum(X,0.1) np.minimum(0.2,X) np.clip(X,-0.7,0.8) np.clip(X,None,0.5) np.where(X>0.1,X,0.1*X) np.where(X>0,np.sin(X),X*X) np.sign(X)*X np.heaviside(X,0.5)*X
np.fmax(X,0.3) np.mod(X,0.7) np.fmod(X,0.7) X%1.3 X//0.5*X np.trunc(X)*X np.floor(X)*X np.ceil(X)+X np.rint(X)*X np.copysign(1.3,X)*X np.remainder(X,0.9) np.modf(X)[0]
np.select([X>0.5,X>0.0],[X*X,2*X],0.3) np.where((X>-1)&(X<1),X,np.cos(X)) (X>0)*X X*(X<0.3) np.logical_and(X>0,X<1)*X np.isfinite(X)*X
np.where(X>0.2,np.log(np.where(X>0.2,X,1.0)),0.0) np.nan_to_num(np.where(X>0,X,np.nan)) np.round(X,1)*X scipy.special.huber(0.5,X)
""".split()
BINARY = """
X+Y X-Y X*Y X/(1.5+Y*Y) np.add(X,Y) np.subtract(X,Y) np.multiply(X,Y) np.divide(X,2.0+Y*Y) np.hypot(X,1.0+Y*Y) np.arctan2(X,1.5+Y*Y) (1.1+X*X)**Y np.power(1.1+X*X,0.3*Y)
np.logaddexp(X,Y) np.logaddexp2(X,Y) np.maximum(X,Y) np.minimum(X,Y) np.where(X>Y,X,Y*Y) np.where(Y>0,X,0.3) np.fmin(X,Y) np.fmax(X,Y) np.mod(X,1.3+Y*Y) np.copysign(X,Y)
np.true_divide(X,3.0+Y*Y) X@Y np.float_power(1.1+X*X,0.2*Y) (X>Y)*X (X>Y)*1.0+X-Y np.clip(X,Y-1,Y+1) X**Y Y-X Y/(2.0+X*X) scipy.special.xlogy(X,1.2+Y*Y) scipy.special.xlog1py(X,Y*Y)
scipy.special.beta(1.1+X*X,1.3+Y*Y) scipy.special.betaln(1.1+X*X,1.3+Y*Y) scipy.stats.norm.logpdf(X,Y,1.3) np.heaviside(X,Y) np.ldexp(X,2) np.nextafter(X,Y)
""".split()
NOT_COMPLEX = ("erf", "ndtr", "logaddexp", "hypot", "arctan2", ">", "<")


@form(6.0)
def smooth(w: Writer) -> str:
    return w.one(*SMOOTH).replace("X", w.any())


@form(4.0)
def kinked(w: Writer) -> str:
    return w.one(*KINKED).replace("X", w.real())


@form(7.0)
def binary(w: Writer) -> str:
    x = w.any()
    y = w.partner(x)
    if w.chance(0.3):
        x, y = y, x
    return w.one(*BINARY).replace("X", x).replace("Y", y)


@form(2.0)
def ufunc_method(w: Writer) -> str:
    x, y = w.real(1, 3), w.real(0, 2)
    u = w.one("add", "multiply", "maximum", "minimum", "logaddexp", "hypot", "subtract", "fmax")
    how = w.one("reduce", "reduce", "accumulate", "outer")
    if how == "outer":
        return f"np.{u}.outer({x}, {y})"
    if how == "accumulate":
        return f"np.{u}.accumulate({x}, axis={w.number(0, len(w.shape(x)) - 1)})"
    axis = w.axes(x) if u in {"add", "multiply", "maximum", "minimum"} else w.axis(x)
    return f"np.{u}.reduce({x}, axis={axis}{w.one('', ', keepdims=True')})"


# -- reductions -----------------------------------------------------------------------------------------------------


@form(6.0)
def reduction(w: Writer) -> str:
    name = w.one(
        *"sum mean prod max min var std ptp median nansum nanmean nanmax nanmin nanprod nanvar nanstd nanmedian".split()
    )
    x = w.any(1) if name in {"sum", "mean", "prod"} else w.real(1)
    options = [f"axis={w.axes(x)}", *(["keepdims=True"] if w.chance(0.3) else [])]
    if name in {"var", "std"} and w.chance(0.3):
        options.append("ddof=1")
    if name in {"sum", "mean", "prod", "max", "min", "var", "std"} and w.chance(0.3):
        return f"{x}.{name}({', '.join(options)})"
    if name in {"sum", "mean", "prod"} and w.chance(0.15):
        options.append(f"where={w.real()} > 0.1" if w.chance(0.3) else f"where={x} > 0.1")
    return f"np.{name}({x}, {', '.join(options)})"


@form(2.0)
def other_reduction(w: Writer) -> str:
    x = w.real(1)
    a, axes = w.axis(x), w.axes(x)
    return w.one(
        f"scipy.special.logsumexp({x}, axis={axes}{w.one('', ', keepdims=True')})",
        f"scipy.special.softmax({x}, axis={axes})",
        f"scipy.special.log_softmax({x}, axis={a})",
        f"np.linalg.norm({x}, axis={a})",
        f"np.linalg.norm({x}, ord={w.one(1, 2, 3, 'np.inf', '-np.inf')}, axis={a}, keepdims=True)",
        f"np.linalg.norm({x})",
        f"np.quantile({x}, {w.one(0.3, 0.5, 0.0, 1.0)}, axis={axes})",
        f"np.percentile({x}, {w.one(25, 50.0, 90)}, axis={a}, keepdims=True)",
        f"np.average({x}, axis={a}, weights=1.5 + np.arange({w.shape(x)[a]}))",
        f"np.average({x}, axis={a}, weights=1.5 + np.sin({x}))",
        f"np.trapezoid({x}, axis={a})",
        f"np.trapezoid({x}, dx=0.3, axis={a})",
        f"np.count_nonzero({x} > 0.3) * {x}",
        f"np.amax({x}, axis={a})", f"np.argmax({x}, axis={a}) * 0.5 + np.max({x}, axis={a})",
        f"np.any({x} > 0.4, axis={axes}) * np.sum({x})",
        f"np.linalg.vector_norm({x}, axis={a})",
    )  # fmt: skip


@form(2.5)
def scan(w: Writer) -> str:
    x = w.any(1)
    a = w.axis(x)
    return w.one(
        f"np.cumsum({x}, axis={a})", f"np.cumprod({x}, axis={a})", f"np.diff({x}, axis={a})", f"np.diff({x}, n=2, axis={a})",
        f"np.cumsum({x})", f"np.cumprod({x})", f"np.gradient({x}, axis={a})", f"np.gradient({x}, 0.5, axis={a})", f"{x}.cumsum({a})",
        f"np.nancumsum({x}, axis={a})", f"np.cumulative_sum({x}, axis={a})", f"np.cumulative_prod({x}, axis={a}, include_initial=True)",
        f"np.ediff1d({x})", f"np.diff({x}, axis={a}, prepend=0.3)", f"np.unwrap({x}, axis={a})", f"scipy.integrate.cumulative_trapezoid({x}, axis={a})",
    )  # fmt: skip


@form(2.0)
def sorting(w: Writer) -> str:
    x = w.real(1)
    a = w.axis(x)
    k = w.number(0, max(w.shape(x)[a] - 1, 0))
    return w.one(
        f"np.sort({x}, axis={a})", f"np.sort({x}, axis=None)", f"np.take_along_axis({x}, np.argsort({x}, axis={a}), axis={a})",
        f"np.partition({x}, {k}, axis={a})", f"np.take_along_axis({x}, np.expand_dims(np.argmax({x}, axis={a}), {a}), axis={a})",
        f"np.sort({x}.ravel())[::-1]", f"{x}.ravel()[np.argsort({x}.ravel())]", f"np.unique({x})", f"np.flip(np.sort({x}, {a}), {a})",
    )  # fmt: skip


# -- shapes ---------------------------------------------------------------------------------------------------------


def subscript(w: Writer, n: int) -> str:
    """Any mix of slices, integers, new axes and an ellipsis."""
    parts = []
    for length in n * [0]:
        del length
        parts.append(
            w.one(":", ":", "::-1", "::2", "1:", ":-1", "::-2", "-1", "0", "-1:", "0:1", "2::-1", "None, :", ":, None")
        )
    if n > 1 and w.chance(0.3):
        parts = [*parts[: n // 2], "...", *parts[n // 2 + 1 :]]
    return ", ".join(parts[: w.number(1, len(parts))])


@form(5.0)
def view(w: Writer) -> str:
    x = w.any(1)
    return f"{x}[{subscript(w, len(w.shape(x)))}]"


@form(4.0)
def moved(w: Writer) -> str:
    x = w.any(1)
    n = len(w.shape(x))
    a, b = w.axis(x), w.axis(x)
    order = tuple(int(k) for k in w.rng.permutation(n))
    size = int(np.prod(w.shape(x)))
    return w.one(
        f"{x}.T", f"np.transpose({x}, {order})", f"{x}.transpose({order})", f"np.swapaxes({x}, {a}, {b})", f"np.moveaxis({x}, {a}, {b})", f"{x}.ravel()", f"{x}.flatten()",
        f"np.ravel({x}, 'F')", f"{x}.reshape({order and tuple(w.shape(x)[k] for k in order)})", f"{x}.reshape(-1)", f"np.reshape({x}, (-1, {w.shape(x)[-1]}))", f"np.rollaxis({x}, {a})",
        f"np.reshape({x}, (1, {size}, 1))", f"np.expand_dims({x}, {w.number(-n - 1, n)})", f"np.flip({x}, {w.axes(x)})", f"np.roll({x}, {w.number(-3, 3)}, axis={w.one(None, a)})",
        f"np.squeeze({x})", f"np.tile({x}, {w.number(1, 3)})", f"np.tile({x}, (2, 1))", f"np.repeat({x}, 2, axis={a})", f"np.repeat({x}, 2)", f"np.rot90({x})", f"np.fliplr({x})",
        f"np.flipud({x})", f"np.atleast_2d({x})", f"np.atleast_3d({x})", f"np.broadcast_to({x}, {(2, *w.shape(x))})", f"np.asfortranarray({x})", f"np.ascontiguousarray({x})",
        f"np.reshape({x}, -1, order='F')", f"{x}.squeeze()", f"np.resize({x}, (2, 3))", f"{x}.swapaxes({a}, {b})", f"np.roll({x}, (1, -1), axis=({a}, {b}))", f"np.permute_dims({x}, {order})",
    )  # fmt: skip


@form(2.5)
def joined(w: Writer) -> str:
    x = w.any(1)
    shape = w.shape(x)
    y = w.named(lambda v: np.shape(v) == shape and np.asarray(v).dtype.kind in "fcib")
    a = w.axis(x)
    return w.one(
        f"np.concatenate([{x}, {y}], axis={a})", f"np.concatenate(({x}, {y}, {x}))", f"np.stack([{x}, {y}], axis={w.one(0, -1, a)})", f"np.hstack(({x}, {y}))", f"np.vstack([{x}, {y}])",
        f"np.dstack([{x}, {y}])", f"np.column_stack(({x}, {y}))", f"np.append({x}, {y})", f"np.append({x}, {y}, axis={a})", f"np.concatenate([2 * q for q in ({x}, {y})], axis={a})",
        f"np.block([{x}, {y}])", f"np.block([[{x}, {y}], [{y}, {x}]])", f"np.stack([{x} * j for j in range(3)])", f"np.array([{x}, {y}])", f"np.array([[{x}, {y}], [{y}, {x}]])",
        f"np.concatenate(np.split({x}, 1, axis={a})[::-1])", f"np.concatenate([{x}, {y}], axis=None)", f"np.array_split({x}, 2, axis={a})[0]", f"np.r_[{x}, {y}]", f"np.c_[{x}, {y}]",
        f"np.concatenate([{x}[..., :1], {y}[..., 1:]], axis=-1)", f"np.meshgrid({x}, {y})[0]", f"np.meshgrid({x}, {y}, indexing='ij')[1]", f"np.insert({x}, 1, {y}.ravel()[0], axis={a})",
        f"np.delete({x}, 0, axis={a})", f"np.kron({x}, {y})", f"np.broadcast_arrays({x}, {y}[..., :1])[1]",
    )  # fmt: skip


@form(2.0)
def padded(w: Writer) -> str:
    x = w.real(1)
    n = len(w.shape(x))
    widths = tuple((w.number(0, 2), w.number(0, 2)) for _ in range(n))
    mode = w.one("constant", "edge", "reflect", "symmetric", "wrap", "linear_ramp", "maximum", "mean")
    return f"np.pad({x}, {w.one(widths, 1, (1, 2))}, mode={mode!r})"


@form(3.5)
def gathered(w: Writer) -> str:
    x = w.any(1)
    shape = w.shape(x)
    length, last = shape[0], shape[-1]
    some = [w.number(-length, length - 1) for _ in range(w.number(1, 4))] if length else []
    lasts = [w.number(-last, last - 1) for _ in some] if last else []
    mask = [w.chance(0.6) for _ in range(length)]
    return w.one(
        f"{x}[np.array({some})]", f"{x}[{some}]", f"{x}[..., np.array({lasts})]", f"{x}[np.array({mask})]", f"{x}[{x} > 0.1]", f"np.take({x}, {some}, axis=0)", f"np.take({x}, np.array({lasts}), axis=-1)",
        f"{x}[np.array({some}), ..., np.array({lasts})]", f"{x}[:, np.array({some})]", f"np.compress({mask}, {x}, axis=0)", f"{x}[np.abs({x}) < 0.8]", f"np.extract({x} > 0, {x})", f"{x}.take({some})",
        f"{x}[np.array([{some}])]", f"{x}[::-1][np.array({some})]", f"{x}.T[np.array({lasts})]", f"{x}[np.array({some}), 0]", f"{x}[np.nonzero({x} > 0)]", f"{x}[None, np.array({some})]", f"{x}[np.array({some})][:, ::-1]",
        f"{x}[np.ix_({some}, {some})]", f"{x}[np.array({mask}), ::-1]", f"{x}[{some[0] if some else 0}]", f"np.where({x}[np.array({some})] > 0, 1.5, {x}[np.array({some})])",
        f"np.choose([0, 1, 0], [{x}, 2 * {x}])", f"{x}[np.where({x} > 0.2)]", f"{x}[np.array({mask})][..., None]", "np.put_along_axis", f"{x}.flat[{w.number(0, 2)}]",
    )  # fmt: skip


# -- linear algebra -------------------------------------------------------------------------------------------------


@form(3.0)
def product(w: Writer) -> str:
    x = w.any(1)
    y = w.named(
        lambda v: (
            np.ndim(v) >= 1
            and np.shape(v)[0 if np.ndim(v) == 1 else -2] == w.shape(x)[-1]
            and np.asarray(v).dtype.kind in "fcib"
        )
    )
    return w.one(
        f"{x} @ {y}",
        f"np.matmul({x}, {y})",
        f"np.dot({x}, {y})",
        f"{x}.dot({y})",
        f"np.tensordot({x}, {y}, 1)",
        f"0.5 * {x} @ {y}",
    )


@form(3.5)
def einsum(w: Writer) -> str:
    x = w.any(1)
    n = len(w.shape(x))
    letters = "ijklmn"[:n]
    out = "".join(str(c) for c in w.rng.permutation(list(letters))[: w.number(0, n)])
    y = w.any(1, 4)
    sizes = dict(zip(letters, w.shape(x), strict=True))
    other = ""
    for length in w.shape(y):
        fit = [c for c, s in sizes.items() if s == length and c not in other]
        other += w.one(*fit) if fit and w.chance(0.7) else next(c for c in "pqrstuv" if c not in other)
    both = "".join(str(c) for c in w.rng.permutation(sorted(set(letters + other)))[: w.number(0, 3)])
    return w.one(
        f"np.einsum('{letters}->{out}', {x})", f"np.einsum('{letters},{other}->{both}', {x}, {y})", f"np.einsum('{letters},{other}->{both}', {x}, {y}, optimize=True)",
        f"np.einsum('...i,...i', {x}, {x})", f"np.einsum('...i->...', {x})", f"np.einsum('ij,kj', {x}, {x})", f"np.einsum('ii->i', {x})", f"np.einsum('{letters},{letters}->{out}', {x}, {x})",
        f"np.einsum('...ij,...kj->...ik', {x}, {x})", f"np.einsum('i...,j...->ij...', {x}, {x})", f"np.einsum('ij,jk,kl->il', {x}, {x}.T, {x})",
    )  # fmt: skip


@form(2.5)
def bilinear(w: Writer) -> str:
    x = w.any(1)
    y = w.any(1)
    a = w.axis(x)
    return w.one(
        f"np.inner({x}, {x})", f"np.inner({x}, {y})", f"np.outer({x}, {y})", f"np.tensordot({x}, {x}, axes=([{a}], [{a}]))", f"np.tensordot({x}, {y}, 0)", f"np.vdot({x}, {x})", f"np.cross({x}, {y})",
        f"np.cross({x}, {x}[::-1])", f"np.convolve({x}, {y})", f"np.convolve({x}, {y}, 'same')", f"np.correlate({x}, {y}, 'full')", f"np.trace({x})", f"np.trace({x}, 1, axis1=0, axis2=-1)", f"np.diagonal({x})",
        f"np.diagonal({x}, -1, axis1=-1, axis2=0)", f"np.diag({x})", f"np.diag({x}, 1)", f"np.tril({x})", f"np.triu({x}, 1)", f"np.vander({x}, 3)", f"np.polyval({x}, {y})", f"np.vecdot({x}, {x}, axis={a})",
        f"np.linalg.multi_dot([{x}, {x}.T, {x}])", f"np.polyval([1.0, 0.3, -0.2], {x})", f"np.cov({x})", f"np.matvec({x}, {y})", f"np.linalg.matrix_transpose({x})", f"np.tensordot({x}, {x}, axes={min(2, len(w.shape(x)))})",
        f"np.apply_along_axis(lambda r: r * np.sum(r), {a}, {x})", f"np.interp({x}, np.array([-1.0, 0.0, 1.2]), np.array([0.3, -0.5, 0.8]))", f"np.interp({x}, np.arange({w.shape(y)[0]}) - 1.0, {y})",
        f"np.diagflat({x})", f"np.bincount(np.arange({w.shape(x)[0]}) % 3, weights={x})", f"np.linspace({x}, {x} + 1, 3)", f"np.full_like({x}, np.sum({y}))", f"np.full((2, 2), {x}.mean())",
    )  # fmt: skip


@form(2.0)
def decomposition(w: Writer) -> str:
    x = w.any(2, 3)
    shape = w.shape(x)
    if shape[-1] != shape[-2]:
        raise Unfit
    m = f"({x} + 5.0 * np.eye({shape[-1]}))"
    s = f"({x} @ np.swapaxes({x}, -1, -2) + np.diag(1.0 + np.arange({shape[-1]})))"
    return w.one(
        f"np.linalg.inv{m}", f"np.linalg.det({m} / 5)", f"np.linalg.slogdet({m})[1]", f"np.linalg.solve({m}, {x})", f"np.linalg.cholesky({s})", f"np.linalg.eigvalsh({s})", f"np.linalg.matrix_power({x}, 3)",
        f"np.linalg.svd({x}, compute_uv=False)", f"np.linalg.pinv({m})", f"np.linalg.qr({m})[1]", f"scipy.linalg.expm(0.3 * {x})", f"scipy.linalg.solve_triangular({m}, {x}, lower=True)", f"np.linalg.norm({x}, axis=(-2, -1))",
        f"np.linalg.lstsq({m}, {x})[0]", f"np.linalg.norm({m}, 'nuc')", f"scipy.linalg.sqrtm({s})", f"np.linalg.eigh({s})[1] ** 2", f"scipy.linalg.cho_solve(scipy.linalg.cho_factor({s}), {x})", f"np.linalg.cond({m})",
        f"np.linalg.solve({m}, {x}[..., 0])", f"np.linalg.tensorsolve({m}, {x}[0])", f"scipy.linalg.lu_solve(scipy.linalg.lu_factor({m}), {x})", f"np.linalg.matrix_power({m}, -2)",
    )  # fmt: skip


@form(2.0)
def complexes(w: Writer) -> str:
    x = w.any(1)
    a = w.axis(x)
    return w.one(
        f"np.fft.fft({x}, axis={a})", f"np.fft.ifft({x}, axis={a})", f"np.fft.rfft({x}, axis={a})", f"np.fft.irfft({x}, axis={a})", f"np.fft.fft2({x})", f"np.fft.fftn({x})", f"np.fft.fft({x}, n=4, axis={a})", f"np.fft.irfft({x}, n=5)",
        f"np.fft.rfft({x}, norm='ortho', axis={a})", f"np.fft.fftshift({x}, axes={a})", f"np.fft.ihfft({x})", f"np.fft.hfft({x})", f"{x} + 0.5j * {x}", f"{x} * np.exp(1j * {x})", f"np.real({x} * (1.0 + 2.0j))",
        f"np.abs({x} + 1.2j)", f"np.angle({x} + 1.2j)", f"np.abs({x})", f"{x}.imag + {x}.real", f"np.conj({x}) * {x}", f"np.fft.irfft2({x})", f"np.fft.rfftn({x})", f"scipy.fft.dct({x}, axis={a})", f"np.exp(0.2 * {x})", f"np.real({x})",
        f"np.abs({x}) ** 2", f"np.angle({x} + 3.0)", f"np.log({x} + 4.0)", f"np.sqrt({x} + 4.0)", f"({x} + 4.0) ** (0.3 + 0.2j)", f"1.0 / ({x} + 4.0)", f"np.tanh(0.3 * {x})",
    )  # fmt: skip


# -- writing in place -----------------------------------------------------------------------------------------------


@form(3.5)
def written(w: Writer) -> str:
    x = w.any(1)
    y = w.partner(x)
    sub = subscript(w, len(w.shape(x)))
    n = w.shape(x)[0]
    some = [w.number(0, max(n - 1, 0)) for _ in range(2)]
    return f"{x}!!" + w.one(
        f"T[{sub}] = 0.5", f"T[{sub}] *= 0.3", f"T[{sub}] += T[{sub}] * T[{sub}]", f"T[{sub}] = T[{sub}] * 2", f"T += {y}", f"T *= {y}", f"T -= 0.3 * {y}", f"T /= 1.5 + {y} * {y}", "T **= 2", f"T[...] = {y}", "T[T > 0.1] = 0.3",
        "T[T > 0.1] *= 2.0", f"T[{sub}] = {x}[{sub}] * 0.7", f"T[np.array({some})] = 0.4", f"T[np.array({some})] += 0.3", f"np.add.at(T, np.array({some}), 0.3 * T[0])", f"np.multiply(T, {y}, out=T)", "np.sin(T, out=T)",
        "np.exp(-T * T, out=T, where=T > 0.1)", "T.sort()", "T.fill(0.7)", "T[0] = T[-1] * T[-1]", "T[::-1] = T.copy()", f"np.add(T, {y}, out=T, where=T > 0)", "np.fill_diagonal(T, 0.3)", f"np.copyto(T, {y}, where=T > 0.2)",
        "T.ravel()[0] = 0.3", "T.T[0] *= 2.0", f"T[{some[0]}] += np.sum(T)", "np.put(T, [0], 0.7)", "np.putmask(T, T > 0, 0.2 * T)", "T.flat[0] = 0.2", "T[0], T[-1] = T[-1].copy(), T[0].copy()", "np.clip(T, -0.5, 0.5, out=T)",
        f"np.multiply.at(T, np.array({some}), 0.5 + 0.1 * T[0])", "np.cumsum(T, axis=0, out=T)", "T.reshape(-1)[::2] *= T.reshape(-1)[::2]", "np.put_along_axis(T, np.argmax(T, axis=0, keepdims=True), 0.1, 0)", "T[T < 0] = -T[T < 0]",
    )  # fmt: skip


# -- programs -------------------------------------------------------------------------------------------------------


def argument(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """An array of one of several layouts, or a number."""
    if not shape:
        return float(rng.uniform(-1.5, 1.5))
    layout = int(rng.integers(5))
    wide = rng.uniform(-1.5, 1.5, tuple(2 * n for n in shape))
    if layout == 0:
        return np.asfortranarray(wide[tuple(slice(n) for n in shape)])
    if layout == 1:
        return wide[tuple(slice(None, None, 2) for _ in shape)]
    if layout == 2:
        return wide[tuple(slice(n - 1, None, -1) if n else slice(0) for n in shape)]
    return np.ascontiguousarray(wide[tuple(slice(n) for n in shape)])


def shapes(rng: np.random.Generator) -> list[tuple[int, ...]]:
    """Shapes of arguments that partly fit together."""
    lengths = [1, 2, 3, 3, 3, 4, 0] if rng.random() < 0.08 else [1, 2, 3, 3, 3, 4]
    rank = int(rng.choice([0, 1, 2, 2, 3, 4, 5], p=[0.06, 0.24, 0.2, 0.2, 0.15, 0.1, 0.05]))
    base = tuple(int(rng.choice(lengths)) for _ in range(rank))
    if rng.random() < 0.3 and rank:
        base = (base[0],) * min(rank, 2) + base[2:]
    result = [base]
    for _ in range(int(rng.integers(1, 3))):
        other = list(base[int(rng.integers(len(base) + 1)) :])
        if other and rng.random() < 0.3:
            other[int(rng.integers(len(other)))] = 1
        result.append(tuple(other) if rng.random() < 0.8 else (3,))
    return result


@dataclass
class Program:
    """A function and its arguments, of which those at `wrt` are differentiated."""

    seed: int
    placement: str
    source: str
    function: Callable[..., Any]
    args: tuple[Any, ...]
    wrt: tuple[int, ...]


def extend(w: Writer, name: str) -> bool:
    """Add one line that NumPy can run, or one that copies an array and one that writes into the copy."""
    weights = np.array([weight for weight, _ in FORMS])
    for _ in range(60):
        write = FORMS[int(w.rng.choice(len(FORMS), p=weights / weights.sum()))][1]
        scope = {**SCOPE, **{k: np.copy(v) if isinstance(v, np.ndarray) else v for k, v in w.values.items()}}
        try:
            operand, mark, statement = write(w).partition("!!")
            lines = [f"{name} = {operand}.copy()", re.sub(r"(?<![.\w])T\b", name, statement)]
            lines = lines if mark else [f"{name} = {operand}"]
            for line in lines:
                exec(line, scope)
        except Exception:  # noqa: BLE001 - NumPy refuses it, or it has no operands here: another one
            continue
        array = np.asarray(scope[name])
        small = array.size <= MOST and array.ndim <= 6 and array.dtype.kind in "fc"
        if small and np.all(np.abs(array) <= LARGEST):
            w.lines += lines
            w.values[name] = scope[name]
            w.latest = name
            return True
    return False


def is_real(value: Any) -> bool:
    return np.asarray(value).dtype.kind == "f"


def weighed(y: str, real: bool, k: str = "k") -> str:
    """One number of `y`, not linear in it."""
    if real:
        return f"np.sum({k} * ({y} + 0.3 * {y} * {y}))"
    parts = f"{k} * np.real({y}) + 0.3 * np.real({y}) ** 2", f"({k} - 0.4) * np.imag({y}) - 0.2 * np.imag({y}) ** 2"
    return f"np.sum({parts[0]}) + np.sum({parts[1]})"


def body(rng: np.random.Generator, values: dict[str, Any], prefix: str, depth: int) -> tuple[list[str], str, Any]:
    """Lines, the name of their result, and its value."""
    w = Writer(rng, dict(values))
    w.latest = next(iter(values))
    for k in range(depth):
        if not extend(w, f"{prefix}{k}"):
            break
    return w.lines, w.latest, w.values[w.latest]


def operands(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    """The arguments of a program, and how many of them are differentiated: maybe besides integers, complex numbers or flags."""
    values = {f"a{j}": argument(rng, s) for j, s in enumerate(shapes(rng))}
    n = len(values)
    shape = np.shape(values["a0"])
    if rng.random() < 0.07:
        values["b0"] = (rng.uniform(-1, 1, shape) + 1j * rng.uniform(-1, 1, shape))[()]
    elif rng.random() < 0.2:
        values["b0"] = rng.integers(0, 3, shape)
    if rng.random() < 0.2:
        values["m0"] = rng.uniform(-1, 1, shape) > 0
    return {k: v.item() if isinstance(v, np.generic) else v for k, v in values.items()}, n


def straight(rng: np.random.Generator, values: dict[str, Any], lines: list[str], y: str) -> list[str]:
    return [*lines, f"return {weighed(y, is_real(values[y]))}"]


def loop(rng: np.random.Generator, values: dict[str, Any], lines: list[str], y: str) -> list[str]:
    inner = [*lines, f"total += (1.0 - 0.1 * it) * {weighed(y, is_real(values[y]))}", "a0 = 0.9 * a0"]
    return ["total = 0.0", "for it in range(3):", *indented(inner), "return total"]


def carried(rng: np.random.Generator, values: dict[str, Any], lines: list[str], y: str) -> list[str]:
    inner = [*lines, f"total = {weighed(y, is_real(values[y]))}", "a0 = a0 * (0.9 + 0.1 * np.tanh(total))"]
    return ["total = 0.0", "for _ in range(3):", *indented(inner), "return total"]


def branch(rng: np.random.Generator, values: dict[str, Any], lines: list[str], y: str) -> list[str]:
    inputs = {k: v for k, v in values.items() if not k.startswith("v")}
    others, z, other = body(rng, inputs, "u", int(rng.integers(2, 5)))
    return [
        "if np.sum(a0) > 0.1:",
        *indented([*lines, f"r = {weighed(y, is_real(values[y]))}"]),
        "else:",
        *indented([*others, f"r = {weighed(z, is_real(other), '0.7')}"]),
        "return r * (1.0 + 0.1 * r)",
    ]


def store(rng: np.random.Generator, values: dict[str, Any], lines: list[str], y: str) -> list[str]:
    real = is_real(values[y])
    inner = [
        *lines,
        f"box[it] = {y} * (1.0 + it)",
        "if it > 0:",
        f"    box[it] += 0.1 * box[it - 1] * {y}",
        "a0 = 0.9 * a0",
    ]
    return [
        f"box = np.zeros({(3, *np.shape(values[y]))}, dtype={'float' if real else 'complex'})",
        "for it in range(3):",
        *indented(inner),
        f"return {weighed('box', real)}",
    ]


PLACEMENTS = (straight, straight, loop, carried, branch, store)


def generate(seed: int) -> Program | None:
    """A program, or None if what was drawn has no finite value."""
    rng = np.random.default_rng([seed, 2026])
    inputs, n = operands(rng)
    place = PLACEMENTS[int(rng.integers(len(PLACEMENTS)))]
    lines, y, value = body(rng, inputs, "v", int(rng.integers(3, 9)))
    text = place(rng, {**inputs, y: value}, lines, y)
    k = np.cos(0.5 + 1.7 * np.arange(np.size(value))).reshape(np.shape(value))[()]
    return define(seed, place.__name__, text, {**inputs, "k": k}, tuple(range(n)))


def indented(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]


def define(seed: int, placement: str, text: list[str], values: dict[str, Any], wrt: tuple[int, ...]) -> Program | None:
    head = [
        *(
            f"import {m}"
            for m in ("scipy.special", "scipy.linalg", "scipy.stats", "scipy.fft", "scipy.integrate")
            if any(m in t for t in text)
        )
    ]
    source = "\n".join([*head, f"def program({', '.join(values)}):", *indented(text)]) + "\n"
    file = f"<composition {seed} {placement}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    scope: dict[str, Any] = {"np": np}
    exec(compile(source, file, "exec"), scope)
    made = Program(seed, placement, source, scope["program"], tuple(values.values()), wrt)
    try:
        y = oracles.call(made.function, made.args)
    except Exception:  # noqa: BLE001 - values moved in the loop, or NumPy refuses the other placement
        return None
    if np.ndim(y) or np.asarray(y).dtype.kind != "f" or not np.isfinite(y) or abs(y) > 1e4:
        return None
    return made


# -- judgement ------------------------------------------------------------------------------------------------------


def stable(f: Callable[[np.ndarray], np.ndarray], x: np.ndarray, u: np.ndarray) -> np.ndarray | None:
    """A derivative by differences, or None where two steps do not agree: at a kink, or where the numbers are too large."""
    a, b = oracles.along(f, x, u, 1e-3), oracles.along(f, x, u, 2.3e-4)
    size = max(1.0, float(np.max(np.abs(a), initial=0.0)))
    if not np.all(np.isfinite(a)) or np.max(np.abs(a - b), initial=0.0) > DIFFERENCES * size / 4:
        return None
    return a


def judge(p: Program, options: Options) -> None:
    """Raise what is wrong with the derivatives of a program; at kinks one mode is judged by the other alone."""
    chosen = tuple(p.args[j] for j in p.wrt)
    x, u = oracles.flat(chosen), oracles.direction(oracles.flat(chosen).size)
    tangent = oracles.unflat(chosen, u)
    rest = (None,) * (len(p.args) - len(p.wrt))

    def at(z: np.ndarray) -> np.ndarray:
        return oracles.flat(oracles.call(p.function, oracles.replaced(p.args, p.wrt, z)))

    value = oracles.call(p.function, p.args)
    found, y_dot = api.PushForward(p.function, 0, options)(p.args, (*tangent, *rest))
    oracles.assert_close(found, value, 1e-10 if options.jit else 1e-11, "value")
    gradient = api.Grad(p.function, p.wrt, has_aux=False, mode="auto", options=options)
    g = gradient(*p.args)
    for part, a in zip(g, chosen, strict=True):
        assert np.shape(part) == np.shape(a), f"shape of gradient {np.shape(part)} of {np.shape(a)}"
    slope = oracles.flat(g)
    if not np.all(np.isfinite(slope)) or not np.isfinite(y_dot):
        expected = stable(at, x, u)
        assert expected is None, f"not finite: {slope} {y_dot} expected {expected}"
        return
    scale = float(np.abs(slope) @ np.abs(u)) if x.size else 0.0
    oracles.assert_close(slope @ u, y_dot, EXACT, "reverse against forward", scale)
    expected = stable(at, x, u)
    if expected is None:
        return
    oracles.assert_close(y_dot, expected, DIFFERENCES, "forward against differences", scale * 0.1)
    product = api.HessianVector(p.function, p.wrt, options)(p.args, tangent)
    bend = stable(lambda z: oracles.flat(gradient(*oracles.replaced(p.args, p.wrt, z))), x, u)
    if bend is None:
        return
    oracles.assert_close(product, bend, 5 * DIFFERENCES, "second order", scale * 0.1)


def against_jax(p: Program) -> bool:
    """Whether JAX knows the program; what it gives is compared."""
    import jax
    import jax.scipy.linalg
    import jax.scipy.special
    import jax.scipy.stats

    jax.config.update("jax_enable_x64", True)
    scope = {"np": jax.numpy, "scipy": jax.scipy}
    exec("\n".join(line for line in p.source.splitlines() if not line.startswith("import ")), scope)
    try:
        theirs = oracles.flat(jax.grad(scope["program"], p.wrt)(*p.args))
    except Exception:  # noqa: BLE001 - JAX lacks a function, or writing in place
        return False
    ours = oracles.flat(api.Grad(p.function, p.wrt, has_aux=False, mode="auto", options=PLAIN)(*p.args))
    if np.all(np.isfinite(theirs)):
        oracles.assert_close(ours, theirs, 1e-7, "JAX")
    return True


def judged(p: Program, options: Options, *, jax: bool = False) -> tuple[str, str]:
    """Whether a program is "right", "refused" or "wrong", and what is to be said of it."""
    try:
        judge(p, options)
        if jax:
            against_jax(p)
    except ADError as error:
        if error.span is not None:
            return "refused", f"seed {p.seed}, {p.placement}: {str(error).splitlines()[0]}"
        return "wrong", f"seed {p.seed}, {p.placement}: a refusal without a place: {error}\n{p.source}"
    except Exception as error:  # noqa: BLE001 - whatever it is, the program is shown
        return "wrong", f"seed {p.seed}, {p.placement}: {type(error).__name__} {error}\n{p.source}"
    return "right", ""


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("start", type=int)
    parser.add_argument("stop", type=int)
    parser.add_argument("--jit", action="store_true", help="compile")
    parser.add_argument("--jax", action="store_true", help="compare with JAX where it has the functions")
    chosen = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    counts: dict[str, int] = {}
    for seed in range(chosen.start, chosen.stop):
        p = generate(seed)
        if p is None:
            continue
        verdict, text = judged(p, Options(jit=chosen.jit, cache=False), jax=chosen.jax)
        counts[verdict] = counts.get(verdict, 0) + 1
        if text:
            print(text, flush=True)  # noqa: T201 - a script
    print(counts)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
