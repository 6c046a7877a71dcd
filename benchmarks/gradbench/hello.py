"""GradBench's `hello`: the square of a number."""

from __future__ import annotations

import adcompile as ad
from benchmarks.gradbench.evals import Eval, Function, compiled


@compiled
def square(x):
    return x * x


EVAL = Eval(
    {
        "square": Function(square, lambda x: (float(x),), float),
        "double": Function(ad.grad(square), lambda x: (float(x),), float),
    },
    lambda name: [1.0],
    {"one": lambda rng: 3.0},
    ("double",),
    "square",
)
