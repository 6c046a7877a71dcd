"""Differentials of distributions by their shape parameters, and of random draws by the parameters they were drawn with.

`growth` is a derivative of a density by its parameters, `share` that of the distribution function, both over the density; the orders
come first. `path` is the last operand, a number that was drawn, as the quantile of a fixed probability: if P(y; a) stays, then

    dy = -(dP/da / p) da.

Sources: M. Figurnov, S. Mohamed and A. Mnih, Implicit reparameterization gradients, 2018; NIST Digital Library of Mathematical
Functions, 8.2 and 8.17; for Wald's distribution R. Chhikara and J. L. Folks, The inverse Gaussian distribution, 1989, 2.5; for the
noncentral chi-square distribution N. L. Johnson, S. Kotz and N. Balakrishnan, Continuous univariate distributions 2, 1995, 29.3.
"""

from __future__ import annotations

from adcompile.notation.tables import rule
from adcompile.rules.domains import ANGLE, DRAWN, DRAWN_PART, OPEN, POSITIVE, WHOLE_ORDER

# fmt: off
rule("y = gamma_growth(n, a, x)",   "dy = da * (gamma_growth(n + 1.0, a, x) - y * gamma_growth(1.0, a, x)) + dx * (n / x * gamma_growth(n - 1.0, a, x))", n=WHOLE_ORDER, a=POSITIVE, x=POSITIVE)
rule("y = gamma_share(n, a, x)",    "dy = da * (gamma_share(n + 1.0, a, x) - y * gamma_growth(1.0, a, x)) + dx * (gamma_growth(n, a, x) - y * ((a - 1.0) / x - 1.0))", n=WHOLE_ORDER, a=POSITIVE, x=POSITIVE)
rule("y = gamma_path(a, x)",        "dy = -(da * gamma_share(1.0, a, y))",                  a=POSITIVE, x=DRAWN)

rule("y = beta_growth(m, n, a, b, x)", "dy = da * (beta_growth(m + 1.0, n, a, b, x) - y * beta_growth(1.0, 0.0, a, b, x)) + db * (beta_growth(m, n + 1.0, a, b, x) - y * beta_growth(0.0, 1.0, a, b, x)) + dx * (m / x * beta_growth(m - 1.0, n, a, b, x) - n / (1.0 - x) * beta_growth(m, n - 1.0, a, b, x))", m=WHOLE_ORDER, n=WHOLE_ORDER, a=POSITIVE, b=POSITIVE, x=OPEN)
rule("y = beta_share(m, n, a, b, x)",  "dy = da * (beta_share(m + 1.0, n, a, b, x) - y * beta_growth(1.0, 0.0, a, b, x)) + db * (beta_share(m, n + 1.0, a, b, x) - y * beta_growth(0.0, 1.0, a, b, x)) + dx * (beta_growth(m, n, a, b, x) - y * ((a - 1.0) / x - (b - 1.0) / (1.0 - x)))", m=WHOLE_ORDER, n=WHOLE_ORDER, a=POSITIVE, b=POSITIVE, x=OPEN)
rule("y = beta_path(a, b, x)",      "dy = -(da * beta_share(1.0, 0.0, a, b, y)) - db * beta_share(0.0, 1.0, a, b, y)", a=POSITIVE, b=POSITIVE, x=DRAWN_PART)

rule("y = mises_growth(n, k, x)",   "dy = dk * (mises_growth(n + 1.0, k, x) - y * mises_growth(1.0, k, x)) - dx * (n * sin(x) * mises_growth(n - 1.0, k, x))", n=WHOLE_ORDER, k=POSITIVE, x=ANGLE)
rule("y = mises_share(n, k, x)",    "dy = dk * (mises_share(n + 1.0, k, x) - y * mises_growth(1.0, k, x)) + dx * (mises_growth(n, k, x) + y * (k * sin(x)))", n=WHOLE_ORDER, k=POSITIVE, x=ANGLE)
rule("y = mises_path(k, x)",        "dy = -(dk * mises_share(1.0, k, y))",                  k=POSITIVE, x=DRAWN)

rule("y = noncentral_density(n, k, l, x)", "dy = dk * noncentral_density(n + 1.0, k, l, x) + dl * (0.5 * (noncentral_density(n, k + 2.0, l, x) - y)) + dx * (0.5 * (noncentral_density(n, k - 2.0, l, x) - y))", n=WHOLE_ORDER, k=POSITIVE, l=POSITIVE, x=POSITIVE)
rule("y = noncentral_distribution(n, k, l, x)", "dy = dk * noncentral_distribution(n + 1.0, k, l, x) - dl * noncentral_density(n, k + 2.0, l, x) + dx * noncentral_density(n, k, l, x)", n=WHOLE_ORDER, k=POSITIVE, l=POSITIVE, x=POSITIVE)
rule("y = noncentral_path(k, l, x)", "dy = (dl * noncentral_density(0.0, k + 2.0, l, y) - dk * noncentral_distribution(1.0, k, l, y)) / noncentral_density(0.0, k, l, y)", k=POSITIVE, l=POSITIVE, x=DRAWN)

rule("y = wald_path(m, l, x)",      "dy = dl * (y / l - 2.0 / m * wald_tail(m, l, y)) + dm * (2.0 * l / (m * m) * wald_tail(m, l, y))", m=POSITIVE, l=POSITIVE, x=DRAWN)
# fmt: on
