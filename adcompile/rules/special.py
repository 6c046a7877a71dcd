"""Differentials of the special functions.

`tetragamma` ends the chain from `lgamma`: there is no line for it, so that a fourth derivative is refused.
"""

from __future__ import annotations

from adcompile.notation.tables import rule
from adcompile.rules.domains import POSITIVE, REAL

# fmt: off
rule("y = erf(x)",              "dy = dx * (1.1283791670955126 * exp(-(x * x)))",       x=REAL)      # 2 / sqrt(pi)
rule("y = erfc(x)",             "dy = -(dx * (1.1283791670955126 * exp(-(x * x))))",    x=REAL)
rule("y = gamma(x)",            "dy = dx * (y * digamma(x))",                           x=POSITIVE)
rule("y = lgamma(x)",           "dy = dx * digamma(x)",                                 x=POSITIVE)
rule("y = digamma(x)",          "dy = dx * trigamma(x)",                                x=POSITIVE)
rule("y = trigamma(x)",         "dy = dx * tetragamma(x)",                              x=POSITIVE)
# fmt: on
