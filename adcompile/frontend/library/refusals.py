"""Functions that are known and refused, each with what to do instead."""

from __future__ import annotations

from typing import Any

import numpy as np

from adcompile.errors import Unsupported
from adcompile.frontend.library.registry import FUNCTIONS, Handler, enter
from adcompile.ir.build import Builder


def refusal(message: str, help: str) -> Handler:
    """A handler that refuses every call."""

    def handler(b: Builder, *args: Any, **kwargs: Any) -> Any:
        raise Unsupported(message, help=help)

    return handler


RANDOM = refusal(
    "random numbers of this kind cannot be drawn inside a differentiated function",
    "draw them outside and pass them as an argument; docs/coverage.md lists what can be drawn inside",
)
MAKING = refusal(
    "random generators cannot be made inside a differentiated function",
    "make it outside and pass it as an argument: `rng = np.random.default_rng(0)`",
)
for name in np.random.__all__:
    if f"numpy.random.{name}" not in FUNCTIONS:
        enter(f"numpy.random.{name}", MAKING if name in ("default_rng", "Generator") else RANDOM)
for name in [
    "random",
    "uniform",
    "gauss",
    "normalvariate",
    "expovariate",
    "randint",
    "randrange",
    "choice",
    "choices",
    "shuffle",
    "sample",
    "seed",
]:
    enter(f"random.{name}", RANDOM)

for name in ["vectorize", "apply_along_axis", "apply_over_axes", "frompyfunc", "piecewise"]:
    enter(f"numpy.{name}", refusal(f"`np.{name}` is not supported", "write a loop: it is compiled"))
