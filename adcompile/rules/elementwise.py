"""Differentials of the elementwise functions of one operand, and of choices between operands.

Where a function has a kink, the comment says which derivative it has there.
"""

from __future__ import annotations

from adcompile.notation.tables import rule
from adcompile.rules.domains import ABOVE_ONE, COMPLEX, FIXED, FLAG, POSITIVE, REAL, UNIT

# fmt: off
rule("y = sin(x)",              "dy = dx * cos(x)",                                     x=REAL)
rule("y = cos(x)",              "dy = -(dx * sin(x))",                                  x=REAL)
rule("y = tan(x)",              "dy = dx * (1.0 + y * y)",                              x=UNIT)
rule("y = arcsin(x)",           "dy = dx / sqrt(1.0 - x * x)",                          x=UNIT)
rule("y = arccos(x)",           "dy = -(dx / sqrt(1.0 - x * x))",                       x=UNIT)
rule("y = arctan(x)",           "dy = dx / (1.0 + x * x)",                              x=REAL)
rule("y = sinh(x)",             "dy = dx * cosh(x)",                                    x=REAL)
rule("y = cosh(x)",             "dy = dx * sinh(x)",                                    x=REAL)
rule("y = tanh(x)",             "dy = dx * (1.0 - y * y)",                              x=REAL)
rule("y = arcsinh(x)",          "dy = dx / sqrt(1.0 + x * x)",                          x=REAL)
rule("y = arccosh(x)",          "dy = dx / (sqrt(x - 1.0) * sqrt(x + 1.0))",            x=ABOVE_ONE)
rule("y = arctanh(x)",          "dy = dx / (1.0 - x * x)",                              x=UNIT)

rule("y = exp(x)",              "dy = dx * y",                                          x=REAL)
rule("y = exp2(x)",             "dy = dx * (y * 0.6931471805599453)",                   x=REAL)      # ln 2
rule("y = expm1(x)",            "dy = dx * exp(x)",                                     x=REAL)
rule("y = log(x)",              "dy = dx / x",                                          x=POSITIVE)
rule("y = log2(x)",             "dy = dx / (x * 0.6931471805599453)",                   x=POSITIVE)
rule("y = log10(x)",            "dy = dx / (x * 2.302585092994046)",                    x=POSITIVE)  # ln 10
rule("y = log1p(x)",            "dy = dx / (1.0 + x)",                                  x=UNIT)
rule("y = sqrt(x)",             "dy = dx / (2.0 * y)",                                  x=POSITIVE)
rule("y = cbrt(x)",             "dy = dx / (3.0 * (y * y))",                            x=REAL)

rule("y = abs(x)",              "dy = real(dx * conj(x)) / nonzero(y)",                 x=COMPLEX)   # at 0: 0
rule("y = abs(x)",              "dy = dx * sign(x)",                                    x=REAL)      # at 0: 0
rule("y = real(x)",             "dy = real(dx)",                                        x=COMPLEX)
rule("y = real(x)",             "dy = dx",                                              x=REAL)
rule("y = imag(x)",             "dy = imag(dx)",                                        x=COMPLEX)
rule("y = imag(x)",             "dy = 0",                                               x=REAL)
rule("y = conj(x)",             "dy = conj(dx)",                                        x=COMPLEX)
rule("y = conj(x)",             "dy = dx",                                              x=REAL)

rule("z = where(c, x, y)",      "dz = where(c, dx, dy)",                                c=FLAG, x=REAL, y=REAL)

# at a tie the operand that is not differentiated wins, else each has half
rule("z = maximum(x, y)",       "dz = where(x > y, dx, 0.0)",                           x=REAL, y=FIXED)
rule("z = maximum(x, y)",       "dz = where(y > x, dy, 0.0)",                           x=FIXED, y=REAL)
rule("z = maximum(x, y)",       "dz = where(x == y, dx * 0.5, where(x > y, dx, 0.0)) + where(x == y, dy * 0.5, where(y > x, dy, 0.0))", x=REAL, y=REAL)
rule("z = minimum(x, y)",       "dz = where(x < y, dx, 0.0)",                           x=REAL, y=FIXED)
rule("z = minimum(x, y)",       "dz = where(y < x, dy, 0.0)",                           x=FIXED, y=REAL)
rule("z = minimum(x, y)",       "dz = where(x == y, dx * 0.5, where(x < y, dx, 0.0)) + where(x == y, dy * 0.5, where(y < x, dy, 0.0))", x=REAL, y=REAL)
rule("z = nextafter(x, y)",       "dz = dx",                                      x=REAL, y=REAL)
# fmt: on
