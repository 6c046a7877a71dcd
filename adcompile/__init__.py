"""Compiled derivatives of Python functions with loops, branches and arrays written in place, as source one can read."""

from adcompile.api import grad, hessian, hvp, jacfwd, jacobian, jacrev, jvp, value_and_grad, vjp
from adcompile.custom import checkpoint, custom_jvp, custom_vjp, stop_gradient
from adcompile.errors import ADError, GradientError, InternalError, NoRule, RuleError, ShapeError, Unsupported
from adcompile.listing import dump
from adcompile.testing import check_grads

__version__ = "0.1.0"

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
    "custom_jvp",
    "custom_vjp",
    "dump",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]
