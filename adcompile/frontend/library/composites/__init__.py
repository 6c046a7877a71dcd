"""Functions written in plain Python and NumPy, which are inlined like the user's own code.

Each takes the arguments of the function it stands for. Conditions on what is known when a program is compiled
(`None`, ranks, flags) cost nothing there. They are chosen so that also their derivatives are right at the edges.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adcompile.frontend.library.composites import arrays, elementwise, linalg, reductions, signals, special
from adcompile.frontend.library.registry import composite

#: function -> the names it stands for
Table = dict[Callable[..., Any], str]

ELEMENTWISE: Table = {
    elementwise.fmax: "numpy.fmax",
    elementwise.fmin: "numpy.fmin",
    elementwise.heaviside: "numpy.heaviside",
    elementwise.logaddexp: "numpy.logaddexp",
    elementwise.logaddexp2: "numpy.logaddexp2",
    elementwise.sinc: "numpy.sinc",
    elementwise.isclose: "numpy.isclose",
    elementwise.allclose: "numpy.allclose",
    elementwise.math_isclose: "math.isclose",
    elementwise.array_equal: "numpy.array_equal",
    elementwise.remainder: "math.remainder",
    elementwise.signbit: "numpy.signbit",
    elementwise.isposinf: "numpy.isposinf",
    elementwise.isneginf: "numpy.isneginf",
    elementwise.iscomplex: "numpy.iscomplex",
    elementwise.isreal: "numpy.isreal",
}
REDUCTIONS: Table = {
    reductions.var: "numpy.var",
    reductions.std: "numpy.std",
    reductions.median: "numpy.median",
    reductions.quantile: "numpy.quantile",
    reductions.percentile: "numpy.percentile",
    reductions.average: "numpy.average",
    reductions.trapezoid: "numpy.trapezoid numpy.trapz scipy.integrate.trapezoid",
    reductions.nansum: "numpy.nansum",
    reductions.nanprod: "numpy.nanprod",
    reductions.nanmean: "numpy.nanmean",
    reductions.nanvar: "numpy.nanvar",
    reductions.nanstd: "numpy.nanstd",
    reductions.nanmax: "numpy.nanmax",
    reductions.nanmin: "numpy.nanmin",
    reductions.nancumsum: "numpy.nancumsum",
    reductions.nancumprod: "numpy.nancumprod",
}
ARRAYS: Table = {
    arrays.linspace: "numpy.linspace",
    arrays.logspace: "numpy.logspace",
    arrays.geomspace: "numpy.geomspace",
    arrays.vander: "numpy.vander",
    arrays.flatnonzero: "numpy.flatnonzero",
    arrays.nonzero: "numpy.nonzero",
    arrays.argwhere: "numpy.argwhere",
    arrays.bincount: "numpy.bincount",
    arrays.ediff1d: "numpy.ediff1d",
    arrays.extract: "numpy.extract",
    arrays.gradient: "numpy.gradient",
}
LINALG: Table = {
    linalg.norm: "numpy.linalg.norm scipy.linalg.norm",
    linalg.vector_norm: "numpy.linalg.vector_norm",
    linalg.kron: "numpy.kron",
    linalg.cross: "numpy.cross numpy.linalg.cross",
    linalg.cov: "numpy.cov",
    linalg.corrcoef: "numpy.corrcoef",
}
SIGNALS: Table = {
    signals.convolve: "numpy.convolve",
    signals.correlate: "numpy.correlate",
    signals.interp: "numpy.interp",
    signals.polyval: "numpy.polyval",
    signals.polynomial_polyval: "numpy.polynomial.polynomial.polyval",
}
SPECIAL: Table = {
    special.expit: "scipy.special.expit",
    special.log_expit: "scipy.special.log_expit",
    special.logit: "scipy.special.logit",
    special.logsumexp: "scipy.special.logsumexp",
    special.softmax: "scipy.special.softmax",
    special.log_softmax: "scipy.special.log_softmax",
    special.xlogy: "scipy.special.xlogy",
    special.xlog1py: "scipy.special.xlog1py",
    special.entr: "scipy.special.entr",
    special.rel_entr: "scipy.special.rel_entr",
    special.kl_div: "scipy.special.kl_div",
    special.ndtr: "scipy.special.ndtr",
    special.beta: "scipy.special.beta",
    special.betaln: "scipy.special.betaln",
    special.huber: "scipy.special.huber",
    special.softplus: "scipy.special.softplus",
    special.exp10: "scipy.special.exp10",
    special.rgamma: "scipy.special.rgamma",
}
METHODS: Table = {reductions.var: "var", reductions.std: "std", arrays.nonzero: "nonzero"}

TABLES: tuple[Table, ...] = (ELEMENTWISE, REDUCTIONS, ARRAYS, LINALG, SIGNALS, SPECIAL)

for table in TABLES:
    for written, names in table.items():
        composite(written, names, METHODS.get(written, ""))
