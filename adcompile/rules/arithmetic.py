"""Differentials of arithmetic: sums, products, quotients, powers and what is made of them.

Broadcasting is not here: it is the same for all, and `transforms` sees to it.
"""

from __future__ import annotations

from adcompile.notation.tables import rule
from adcompile.rules.domains import NUMBER, POSITIVE, REAL

# fmt: off
rule("y = -x",                  "dy = -dx",                                             x=REAL)
rule("z = x + y",               "dz = dx + dy",                                         x=REAL, y=REAL)
rule("z = x - y",               "dz = dx - dy",                                         x=REAL, y=REAL)
rule("z = x * x",               "dz = dx * (2.0 * x)",                                  x=REAL)
rule("z = x * y",               "dz = dx * y + x * dy",                                 x=REAL, y=REAL)
rule("z = x / y",               "dz = dx / y - dy * z / y",                             x=REAL, y=POSITIVE)

rule("z = x ** 0",              "dz = 0",                                               x=REAL)
rule("z = x ** 1",              "dz = dx",                                              x=REAL)
rule("z = x ** 2",              "dz = dx * (2.0 * x)",                                  x=REAL)
rule("z = x ** n",              "dz = dx * (n * x ** (n - 1))",                         x=POSITIVE, n=NUMBER)
rule("z = 0 ** y",              "dz = 0",                                               y=POSITIVE)
rule("z = n ** y",              "dz = dy * (z * log(n))",                               n=NUMBER, y=REAL)
# y * x ** (y - 1) is 0 at y = 0, even where x = 0; z * log(x) is 0 at x = 0
rule("z = x ** y", "dz = dx * (y * x ** where(y == 0, 1, y - 1)) + dy * (z * log(nonzero(x)))", x=POSITIVE, y=REAL)

rule("z = mod(x, y)",           "dz = dx - dy * (x // y)",                              x=REAL, y=POSITIVE)
rule("z = fmod(x, y)",          "dz = dx - dy * trunc(x / y)",                          x=REAL, y=POSITIVE)
rule("z = copysign(x, y)",      "dz = dx * (sign(x) * copysign(1.0, y))",               x=REAL, y=REAL)      # at x = 0: 0
rule("z = hypot(x, y)",         "dz = dx * (x / nonzero(z)) + dy * (y / nonzero(z))",   x=REAL, y=REAL)      # at (0, 0): 0
rule("z = arctan2(y, x)",       "dz = dy * (x / nonzero(x * x + y * y)) - dx * (y / nonzero(x * x + y * y))", x=REAL, y=REAL)
# fmt: on
