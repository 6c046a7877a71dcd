"""Functions written in plain Python and NumPy, which are inlined like the user's own code.

Each takes the arguments of the function it stands for. Conditions on what is known when a program is compiled
(`None`, ranks, flags) cost nothing there. They are chosen so that also their derivatives are right at the edges.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adcompile.frontend.library.composites import (
    arrays,
    decompositions,
    densities,
    draws,
    editing,
    elementwise,
    fourier,
    linalg,
    polynomials,
    reductions,
    signals,
    special,
    ufuncs,
)
from adcompile.frontend.library.registry import composite, drawing

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
    reductions.nanquantile: "numpy.nanquantile",
    reductions.nanpercentile: "numpy.nanpercentile",
    reductions.nanmedian: "numpy.nanmedian",
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
    arrays.pad: "numpy.pad",
    arrays.matvec: "numpy.matvec",
    arrays.vecmat: "numpy.vecmat",
    arrays.cumulative_sum: "numpy.cumulative_sum",
    arrays.cumulative_prod: "numpy.cumulative_prod",
    arrays.diff: "numpy.diff",
}
LINALG: Table = {
    linalg.norm: "numpy.linalg.norm scipy.linalg.norm",
    linalg.vector_norm: "numpy.linalg.vector_norm",
    linalg.kron: "numpy.kron",
    linalg.cross: "numpy.cross numpy.linalg.cross",
    linalg.cov: "numpy.cov",
    linalg.corrcoef: "numpy.corrcoef",
}
DECOMPOSITIONS: Table = {
    decompositions.svd: "numpy.linalg.svd",
    decompositions.scipy_svd: "scipy.linalg.svd",
    decompositions.svdvals: "numpy.linalg.svdvals scipy.linalg.svdvals",
    decompositions.qr: "numpy.linalg.qr",
    decompositions.scipy_qr: "scipy.linalg.qr",
    decompositions.lstsq: "numpy.linalg.lstsq",
    decompositions.scipy_lstsq: "scipy.linalg.lstsq",
    decompositions.scipy_pinv: "scipy.linalg.pinv",
    decompositions.matrix_rank: "numpy.linalg.matrix_rank",
    decompositions.cond: "numpy.linalg.cond",
    decompositions.matrix_norm: "numpy.linalg.matrix_norm",
    decompositions.solve_triangular: "scipy.linalg.solve_triangular",
    decompositions.scipy_cholesky: "scipy.linalg.cholesky",
    decompositions.cho_factor: "scipy.linalg.cho_factor",
    decompositions.cho_solve: "scipy.linalg.cho_solve",
    decompositions.scipy_solve: "scipy.linalg.solve",
    decompositions.solve_banded: "scipy.linalg.solve_banded",
    decompositions.solve_sylvester: "scipy.linalg.solve_sylvester",
    decompositions.solve_continuous_lyapunov: "scipy.linalg.solve_continuous_lyapunov",
    decompositions.solve_discrete_lyapunov: "scipy.linalg.solve_discrete_lyapunov",
    decompositions.expm: "scipy.linalg.expm",
    decompositions.tensorsolve: "numpy.linalg.tensorsolve",
    decompositions.tensorinv: "numpy.linalg.tensorinv",
    decompositions.inv: "numpy.linalg.inv scipy.linalg.inv",
    decompositions.det: "numpy.linalg.det scipy.linalg.det",
    decompositions.slogdet: "numpy.linalg.slogdet",
    decompositions.cholesky: "numpy.linalg.cholesky",
    decompositions.solve: "numpy.linalg.solve",
}
FOURIER: Table = {
    getattr(fourier, name): f"numpy.fft.{name} scipy.fft.{name}"
    for name in (
        "fft",
        "ifft",
        "rfft",
        "irfft",
        "hfft",
        "ihfft",
        "fft2",
        "ifft2",
        "rfft2",
        "irfft2",
        "fftn",
        "ifftn",
        "rfftn",
        "irfftn",
        "fftshift",
        "ifftshift",
        "fftfreq",
        "rfftfreq",
    )
}
#: `norm_logpdf` is the method `logpdf` of `scipy.stats.norm`
DENSITIES: Table = {
    written: f"scipy.stats.{name[: name.rindex('_')]}.{name[name.rindex('_') + 1 :]}"
    for name, written in vars(densities).items()
    if name.endswith(densities.METHODS)
}
EDITING: Table = {
    editing.in_a_row: "numpy.r_",
    editing.in_columns: "numpy.c_",
    editing.frexp: "numpy.frexp",
    editing.math_frexp: "math.frexp",
    editing.compress_method: "",
    editing.sliding_window_view: "numpy.lib.stride_tricks.sliding_window_view",
    editing.as_strided: "numpy.lib.stride_tricks.as_strided",
    **{
        getattr(editing, name): f"numpy.{name}"
        for name in "delete insert resize trim_zeros unique union1d unwrap partition compress choose block real_if_close".split()
    },
}
POLYNOMIALS: Table = {
    **{
        getattr(polynomials, f"polynomial_{name}"): f"numpy.polynomial.polynomial.{name}"
        for name in "polyadd polysub polymul polydiv polyint polyder polyvander polyfromroots".split()
    },
    **{
        getattr(polynomials, name): f"numpy.{name}"
        for name in "polyadd polysub polymul polydiv polyder polyint poly polyfit".split()
    },
    polynomials.polynomial: "numpy.polynomial.polynomial.Polynomial",
    polynomials.chebval: "numpy.polynomial.chebyshev.chebval",
    polynomials.legval: "numpy.polynomial.legendre.legval",
    polynomials.hermval: "numpy.polynomial.hermite.hermval",
    polynomials.lagval: "numpy.polynomial.laguerre.lagval",
}
SIGNALS: Table = {
    signals.convolve: "numpy.convolve",
    signals.correlate: "numpy.correlate",
    signals.interp: "numpy.interp",
    signals.polyval: "numpy.polyval",
    signals.signal_convolve: "scipy.signal.convolve",
    signals.signal_correlate: "scipy.signal.correlate",
    signals.convolve2d: "scipy.signal.convolve2d",
    signals.fftconvolve: "scipy.signal.fftconvolve scipy.signal.oaconvolve",
    signals.cumulative_trapezoid: "scipy.integrate.cumulative_trapezoid",
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
    special.i0: "scipy.special.i0 numpy.i0",
    special.kaiser: "numpy.kaiser",
    **{
        getattr(special, name): f"scipy.special.{name}"
        for name in (
            "gammasgn pseudo_huber multigammaln polygamma boxcox boxcox1p inv_boxcox poch binom exprel cosm1 sindg cosdg "
            "tandg betaincc j0 j1 y0 y1 yn i1 i0e i1e k0 k1 k0e k1e spherical_jn"
        ).split()
    },
}
UFUNCS: Table = {
    **{
        getattr(ufuncs, f"{name}_{method}"): f"numpy.{name}.{method}"
        for method, names in {
            "reduce": "subtract divide hypot logaddexp fmax fmin",
            "accumulate": "subtract maximum minimum logaddexp",
            "outer": "logaddexp logaddexp2 fmax fmin",
            "reduceat": "add",
            "at": "multiply divide maximum minimum",
        }.items()
        for name in names.split()
    },
    **{
        getattr(ufuncs, name): f"numpy.{name}" for name in "copyto putmask place put nanargmax nanargmin repeat".split()
    },
}
METHODS: Table = {
    reductions.var: "var",
    reductions.std: "std",
    arrays.nonzero: "nonzero",
    ufuncs.repeat: "repeat",
    editing.compress_method: "compress",
}

TABLES: tuple[Table, ...] = (
    ELEMENTWISE,
    REDUCTIONS,
    ARRAYS,
    LINALG,
    DECOMPOSITIONS,
    DENSITIES,
    EDITING,
    FOURIER,
    POLYNOMIALS,
    SIGNALS,
    SPECIAL,
    UFUNCS,
)

for name in draws.BOTH.split():
    drawing(getattr(draws, name), name)
for name in draws.OF_MODULE.split():
    drawing(getattr(draws, name), name, of_generator=False)
drawing(draws.random, "random_sample ranf sample", of_generator=False)
drawing(draws.integers, draws.OF_GENERATOR, of_module=False)

for table in TABLES:
    for written, names in table.items():
        composite(written, names, METHODS.get(written, ""))
