"""Differentials of linear algebra.

Sources: M. B. Giles, Collected matrix derivative results for forward and reverse mode algorithmic differentiation
(2008); I. Murray, Differentiation of the Cholesky decomposition (2016). The gradient with respect to the argument of
`cholesky` is that of the function NumPy computes, which reads the lower triangle only.
"""

from __future__ import annotations

from adcompile.notation.tables import rule
from adcompile.rules.domains import BATCH, COMPLEX_SQUARE, MATRIX, SPD, SQUARE, VECTOR

# fmt: off
rule("z = x @ y",                       "dz = dot(dx, y) + dot(x, dy)",                         x=VECTOR, y=VECTOR)
rule("y = A @ x",                       "dy = mv(dA, x) + mv(A, dx)",                           A=MATRIX, x=VECTOR)
rule("y = x @ A",                       "dy = vm(dx, A) + vm(x, dA)",                           x=VECTOR, A=MATRIX)
rule("C = A @ B",                       "dC = dA @ B + A @ dB",                                 A=MATRIX, B=MATRIX)
rule("C = A @ B",                       "dC = bmm(dA, B) + bmm(A, dB)",                         A=BATCH, B=BATCH)
rule("y = A @ x",                       "dy = bmv(dA, x) + bmv(A, dx)",                         A=BATCH, x=VECTOR)
rule("y = x @ A",                       "dy = bvm(dx, A) + bvm(x, dA)",                         x=VECTOR, A=BATCH)

rule("x = solve(A, b)",                 "dx = solve(A, db - mv(dA, x))",                        A=SQUARE, b=VECTOR)
rule("X = solve(A, B)",                 "dX = solve(A, dB - dA @ X)",                           A=SQUARE, B=MATRIX)
rule("C = inv(A)",                      "dC = -(C @ dA @ C)",                                   A=SQUARE)
rule("y = det(A)",                      "dy = y * sum(dA * inv(A).T, None, False)",             A=SQUARE)
rule("s, y = slogdet(A)",               "ds = s * (1j * imag(sum(dA * inv(A).T, None, False))); dy = real(sum(dA * inv(A).T, None, False))", A=COMPLEX_SQUARE)
rule("s, y = slogdet(A)",               "ds = 0; dy = sum(dA * inv(A).T, None, False)",         A=SQUARE)
rule("L = cholesky(A)",                 "dL = L @ phi(solve(L, solve(L, lower_symmetric(dA)).T))", A=SPD)
# fmt: on
