"""Functions of our own that composites call: each is one primitive, and plain Python outside of compiled programs."""

from __future__ import annotations

from typing import Any

import numpy as np

from adcompile.errors import Unsupported
from adcompile.frontend.library.arguments import number, static_text
from adcompile.frontend.library.registry import function
from adcompile.ir.build import Builder


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
