"""The one transform that all of `np.fft` is made of; the rest is in `composites/fourier.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from adcompile.frontend.library.arguments import array, static_axis, static_flag
from adcompile.frontend.library.elementwise import as_float
from adcompile.frontend.library.registry import function
from adcompile.ir.build import Builder
from adcompile.ir.types import rank


def transform(x: Any, axis: Any, inverse: Any) -> Any:
    """The Fourier transform along an axis, without a factor in either direction."""
    return np.fft.ifft(x, axis=axis, norm="forward") if inverse else np.fft.fft(x, axis=axis)


@function(f"{__name__}.transform")
def emit_transform(b: Builder, x: Any, axis: Any, inverse: Any) -> Any:
    a = as_float(b, array(b, x))
    return b.emit("fft", a, axis=static_axis(axis, rank(a.type)), inverse=static_flag(inverse, "inverse"))
