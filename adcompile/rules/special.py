"""Differentials of the special functions.

`tetragamma` ends the chain from `lgamma`: there is no line for it, so that a fourth derivative is refused. Orders marked as
ORDER are not differentiated: where they are, it is refused. `gamma_share` and its kin are in `distributions`.

Source: NIST Digital Library of Mathematical Functions, 6.2, 7.2, 8.2, 8.17, 10.6, 10.29, 19.4, 25.11, 25.12.
"""

from __future__ import annotations

from adcompile.notation.tables import rule
from adcompile.rules.domains import ABOVE_ONE_ORDER, OPEN, ORDER, POSITIVE, REAL

# fmt: off
rule("y = erf(x)",              "dy = dx * (1.1283791670955126 * exp(-(x * x)))",       x=REAL)      # 2 / sqrt(pi)
rule("y = erfc(x)",             "dy = -(dx * (1.1283791670955126 * exp(-(x * x))))",    x=REAL)
rule("y = gamma(x)",            "dy = dx * (y * digamma(x))",                           x=POSITIVE)
rule("y = lgamma(x)",           "dy = dx * digamma(x)",                                 x=POSITIVE)
rule("y = digamma(x)",          "dy = dx * trigamma(x)",                                x=POSITIVE)
rule("y = trigamma(x)",         "dy = dx * tetragamma(x)",                              x=POSITIVE)

rule("y = rgamma(x)",           "dy = -(dx * (y * digamma(x)))",                        x=POSITIVE)
rule("y = erfcx(x)",            "dy = dx * (2.0 * x * y - 1.1283791670955126)",         x=REAL)
rule("y = dawsn(x)",            "dy = dx * (1.0 - 2.0 * x * y)",                        x=REAL)
rule("y = erfinv(x)",           "dy = dx * (0.886226925452758 * exp(y * y))",           x=OPEN)      # sqrt(pi) / 2
rule("y = erfcinv(x)",          "dy = -(dx * (0.886226925452758 * exp(y * y)))",        x=OPEN)
rule("y = ndtri(x)",            "dy = dx * (2.5066282746310002 * exp(0.5 * y * y))",    x=OPEN)      # sqrt(2 * pi)
rule("y = log_ndtr(x)",         "dy = dx * (0.3989422804014327 * exp(-(0.5 * x * x) - y))", x=REAL)
rule("y = expi(x)",             "dy = dx * (exp(x) / x)",                               x=REAL)
rule("y = exp1(x)",             "dy = -(dx * (exp(-x) / x))",                           x=POSITIVE)
rule("y = spence(x)",           "dy = dx * (log(x) / (1.0 - x))",                       x=OPEN)
rule("y = ellipk(x)",           "dy = dx * ((ellipe(x) / (1.0 - x) - y) / (2.0 * x))",  x=OPEN)
rule("y = ellipe(x)",           "dy = dx * ((y - ellipk(x)) / (2.0 * x))",              x=OPEN)
rule("y = zeta(s, x)",          "dy = -(dx * (s * zeta(s + 1.0, x)))",                  s=ABOVE_ONE_ORDER, x=POSITIVE)

rule("y = jv(n, x)",            "dy = dx * (0.5 * (jv(n - 1.0, x) - jv(n + 1.0, x)))",  n=ORDER, x=POSITIVE)
rule("y = yv(n, x)",            "dy = dx * (0.5 * (yv(n - 1.0, x) - yv(n + 1.0, x)))",  n=ORDER, x=POSITIVE)
rule("y = iv(n, x)",            "dy = dx * (0.5 * (iv(n - 1.0, x) + iv(n + 1.0, x)))",  n=ORDER, x=POSITIVE)
rule("y = kv(n, x)",            "dy = -(dx * (0.5 * (kv(n - 1.0, x) + kv(n + 1.0, x))))", n=ORDER, x=POSITIVE)
rule("y = ive(n, x)",           "dy = dx * (0.5 * (ive(n - 1.0, x) + ive(n + 1.0, x)) - sign(x) * y)", n=ORDER, x=POSITIVE)
rule("y = kve(n, x)",           "dy = dx * (y - 0.5 * (kve(n - 1.0, x) + kve(n + 1.0, x)))", n=ORDER, x=POSITIVE)

rule("y = stdtr(n, x)",         "dy = dx * exp(lgamma(0.5 * n + 0.5) - lgamma(0.5 * n) - 0.5 * log(3.141592653589793 * n) - (0.5 * n + 0.5) * log1p(x * x / n))", n=ORDER, x=REAL)
rule("y = stdtrit(n, x)",       "dy = dx * exp(lgamma(0.5 * n) - lgamma(0.5 * n + 0.5) + 0.5 * log(3.141592653589793 * n) + (0.5 * n + 0.5) * log1p(y * y / n))", n=ORDER, x=OPEN)
rule("y = gammainc(a, x)",      "dy = exp(xlogy(a - 1.0, x) - x - lgamma(a)) * (dx + da * gamma_share(1.0, a, x))", a=POSITIVE, x=POSITIVE)
rule("y = gammaincc(a, x)",     "dy = -(exp(xlogy(a - 1.0, x) - x - lgamma(a)) * (dx + da * gamma_share(1.0, a, x)))", a=POSITIVE, x=POSITIVE)
rule("y = gammaincinv(a, x)",   "dy = dx * exp(y + lgamma(a) - xlogy(a - 1.0, y)) - da * gamma_share(1.0, a, y)", a=POSITIVE, x=OPEN)
rule("y = gammainccinv(a, x)",  "dy = -(dx * exp(y + lgamma(a) - xlogy(a - 1.0, y))) - da * gamma_share(1.0, a, y)", a=POSITIVE, x=OPEN)
rule("y = betainc(a, b, x)",    "dy = exp(xlogy(a - 1.0, x) + xlogy(b - 1.0, 1.0 - x) + lgamma(a + b) - lgamma(a) - lgamma(b)) * (dx + da * beta_share(1.0, 0.0, a, b, x) + db * beta_share(0.0, 1.0, a, b, x))", a=POSITIVE, b=POSITIVE, x=OPEN)
rule("y = betaincinv(a, b, x)", "dy = dx * exp(lgamma(a) + lgamma(b) - lgamma(a + b) - xlogy(a - 1.0, y) - xlogy(b - 1.0, 1.0 - y)) - da * beta_share(1.0, 0.0, a, b, y) - db * beta_share(0.0, 1.0, a, b, y)", a=POSITIVE, b=POSITIVE, x=OPEN)
# fmt: on
