"""SciPy's special functions inside compiled code, through the C functions that SciPy publishes.

What Numba or C have anyway is in `special`. Emitted modules import this one only where they use it, since it loads
SciPy; the addresses are made known under names of their own, so that compiled code can be kept on the disk.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm
import numpy as np
import scipy.special
from numba import vectorize
from numba.core import types
from numba.extending import get_cython_function_address
from scipy.special import cython_special

from adcompile.runtime import shape_parameters as shape
from adcompile.runtime.template import elementwise


def in_c(name: str, operands: int) -> Any:
    """SciPy's function of that many doubles, as compiled code calls it."""
    wanted = f'"double ({"double, " * operands}int __pyx_skip_dispatch)"'
    published = re.compile(rf"(__pyx_fuse_[0-9_]+)?{name}")
    capsules = cython_special.__pyx_capi__.items()
    (found,) = (n for n, capsule in capsules if published.fullmatch(n) and wanted in str(capsule))
    symbol = f"adcompile_scipy_{name}"
    llvm.add_symbol(symbol, get_cython_function_address("scipy.special.cython_special", found))
    return types.ExternalFunction(symbol, types.float64(*[types.float64] * operands, types.int32))


def of_scipy(name: str, operands: int) -> Callable[..., Any]:
    """SciPy's function of numbers."""
    c, no_dispatch = in_c(name, operands), np.int32(0)
    choices: dict[int, Callable[..., Any]] = {
        1: lambda x: c(x, no_dispatch),
        2: lambda x, y: c(x, y, no_dispatch),
        3: lambda x, y, z: c(x, y, z, no_dispatch),
    }
    return choices[operands]


def special(name: str, operands: int, scalar: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """A function of numbers and arrays of one dtype, which broadcast and whose dtype is kept."""
    compiled = vectorize(scalar or of_scipy(name, operands))
    # SciPy has no loops of ours: those are compiled for doubles, once
    whole = getattr(scipy.special, name, lambda *args: compiled(*(np.asarray(a, np.float64) for a in args)))

    def plain(*args: Any) -> Any:
        arrays = [a.dtype for a in args if isinstance(a, np.ndarray | np.generic)]
        dtype = np.result_type(*arrays) if arrays else np.dtype(np.float64)
        value = whole(*args)
        return value.astype(dtype) if isinstance(value, np.ndarray) else dtype.type(value)

    made = elementwise(plain, compiled, operands)
    made.__name__ = made.__qualname__ = name
    made.__doc__ = f"SciPy's `{name}`." if scalar is None else f"`{name}` of `shape_parameters`."
    return made


erfinv = special("erfinv", 1)
erfcinv = special("erfcinv", 1)
ndtri = special("ndtri", 1)
log_ndtr = special("log_ndtr", 1)
rgamma = special("rgamma", 1)
erfcx = special("erfcx", 1)
dawsn = special("dawsn", 1)
expi = special("expi", 1)
exp1 = special("exp1", 1)
spence = special("spence", 1)
ellipk = special("ellipk", 1)
ellipe = special("ellipe", 1)
jv = special("jv", 2)
yv = special("yv", 2)
iv = special("iv", 2)
ive = special("ive", 2)
kv = special("kv", 2)
kve = special("kve", 2)
gammainc = special("gammainc", 2)
gammaincc = special("gammaincc", 2)
gammaincinv = special("gammaincinv", 2)
gammainccinv = special("gammainccinv", 2)
betainc = special("betainc", 3)
betaincinv = special("betaincinv", 3)
stdtr = special("stdtr", 2)
stdtrit = special("stdtrit", 2)
zeta = special("zeta", 2, shape.zeta_scalar)
gamma_growth = special("gamma_growth", 3, shape.gamma_growth_scalar)
gamma_share = special("gamma_share", 3, shape.gamma_share_scalar)
beta_growth = special("beta_growth", 5, shape.beta_growth_scalar)
beta_share = special("beta_share", 5, shape.beta_share_scalar)
mises_growth = special("mises_growth", 3, shape.mises_growth_scalar)
mises_share = special("mises_share", 3, shape.mises_share_scalar)
noncentral_density = special("noncentral_density", 4, shape.noncentral_density_scalar)
noncentral_distribution = special("noncentral_distribution", 4, shape.noncentral_distribution_scalar)
gamma_path = special("gamma_path", 2, lambda a, x: x)
beta_path = special("beta_path", 3, lambda a, b, x: x)
mises_path = special("mises_path", 2, lambda k, x: x)
wald_path = special("wald_path", 3, lambda m, scale, x: x)
noncentral_path = special("noncentral_path", 3, lambda k, nonc, x: x)
