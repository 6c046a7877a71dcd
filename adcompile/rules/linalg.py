"""Differentials of linear algebra.

Sources: M. B. Giles, Collected matrix derivative results for forward and reverse mode algorithmic differentiation
(2008); I. Murray, Differentiation of the Cholesky decomposition (2016); J. Townsend, Differentiating the singular value
decomposition (2016); G. Golub, V. Pereyra, The differentiation of pseudo-inverses (1973); S. Walter, L. Lehmann,
Algorithmic differentiation of linear algebra functions (2010), for `qr`. The gradient with respect to the argument of
`cholesky` and `eigh` is that of the function NumPy computes, which reads the lower triangle only. Eigenvectors and
singular vectors have no derivative where values are equal: it comes out infinite or NaN.
"""

from __future__ import annotations

from adcompile.notation.tables import rule
from adcompile.rules.domains import (
    ARRAY,
    BATCH,
    COMPLEX_SQUARE,
    MATRIX,
    SPD,
    SPREAD,
    SQUARE,
    TALL,
    VECTOR,
)

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
rule("P = pinv(A, rcond)",              "dP = -(P @ dA @ P) + P @ P.T @ dA.T @ complement(A @ P) + complement(P @ A) @ dA.T @ P.T @ P", A=SPREAD)

rule("w, V = eigh(A)",                  "dw = diagonal_of(V.T @ lower_symmetric(dA) @ V); dV = V @ (gaps(w) * (V.T @ lower_symmetric(dA) @ V))", A=SPREAD)
rule("w, V = eig(A)",                   "dw = diagonal_of(solve(V, dA @ V)); dV = unit_columns(V @ (gaps(w) * solve(V, dA @ V)), V)", A=SPREAD)
rule("U, s, Vt = svd(A)",
     "dU = U @ (gaps(s * s) * (U.T @ dA @ Vt.T * row(s) + column(s) * (U.T @ dA @ Vt.T).T)) + (dA @ Vt.T - U @ (U.T @ dA @ Vt.T)) / row(s);"
     "ds = diagonal_of(U.T @ dA @ Vt.T);"
     "dVt = (gaps(s * s) * (column(s) * (U.T @ dA @ Vt.T) + (U.T @ dA @ Vt.T).T * row(s))).T @ Vt + (U.T @ dA - U.T @ dA @ Vt.T @ Vt) / column(s)", A=SPREAD)
rule("Q, R = qr(A)",                    "dQ = solve(R.T, dA.T).T - Q @ upper_part(Q.T @ solve(R.T, dA.T).T); dR = upper_part(Q.T @ solve(R.T, dA.T).T) @ R", A=TALL)

rule("y = fft(x, axis, inverse)",       "dy = fft(dx, axis, inverse)",                          x=ARRAY)
# fmt: on
