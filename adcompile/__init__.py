"""Compiled derivatives of Python functions with loops, branches and arrays written in place, as source one can read."""

from typing import TYPE_CHECKING, Any

from adcompile import embed
from adcompile.api import grad, hessian, hvp, jacfwd, jacobian, jacrev, jvp, value_and_grad, vjp
from adcompile.custom import checkpoint, custom_jvp, custom_vjp, stop_gradient
from adcompile.errors import ADError, GradientError, InternalError, NoRule, RuleError, ShapeError, Unsupported

if TYPE_CHECKING:
    from adcompile.additions import rule
    from adcompile.comparison import compare
    from adcompile.listing import dump
    from adcompile.sparse import sparse_hessian, sparse_jacobian
    from adcompile.testing import check_grads

__version__ = "0.1.0"

#: what needs the whole compiler, which a program that only runs kernels need not load
LATER = {
    "check_grads": "testing",
    "compare": "comparison",
    "dump": "listing",
    "rule": "additions",
    "sparse_hessian": "sparse",
    "sparse_jacobian": "sparse",
}

__all__ = [
    "ADError",
    "GradientError",
    "InternalError",
    "NoRule",
    "RuleError",
    "ShapeError",
    "Unsupported",
    "check_grads",
    "checkpoint",
    "compare",
    "custom_jvp",
    "custom_vjp",
    "dump",
    "embed",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "rule",
    "sparse_hessian",
    "sparse_jacobian",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]


def __getattr__(name: str) -> Any:
    """Load on first use what is in `LATER`."""
    if name not in LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(f"adcompile.{LATER[name]}"), name)
    return value
