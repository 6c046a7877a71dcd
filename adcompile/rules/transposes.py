"""The transpose of each linear operation: all that reverse mode is told.

`u`, `v` are the linear operands, `g` is the cotangent, other names are coefficients. Sums, differences and signs
need no line: they are what linear means. The convention for complex numbers is the plain transpose, without
conjugation: a cotangent g of y = c * u is g * c, and the change of the output is the real part of g * dy.
"""

from __future__ import annotations

from adcompile.notation.tables import transpose

# fmt: off
transpose("u * c",                          "g * c")
transpose("c * u",                          "g * c")
transpose("u / c",                          "g / c")
transpose("where(c, u, 0.0)",               "where(c, g, 0.0)")
transpose("where(c, 0.0, u)",               "where(c, 0.0, g)")
transpose("where(c, u, v)",                 "where(c, g, 0.0)", "where(c, 0.0, g)")
transpose("real(u)",                        "real_part(g)")
transpose("real_part(u)",                   "real_part(g)")
transpose("imag(u)",                        "real_part(g) * -1j")
transpose("conj(u)",                        "conj(g)")
transpose("cast(u, dtype)",                 "g")

transpose("sum(u, axis, keepdims)",         "expand(g, *dims(u), axis, keepdims)")
transpose("expand(u, *n, axis, keepdims)",  "sum(g, axis, keepdims)")
transpose("cumsum(u, axis)",                "flip(cumsum(flip(g, axis), axis), axis)")
transpose("recurrence(c, u, axis)",         "flip(recurrence(roll(flip(c, axis), 1, axis), flip(g, axis), axis), axis)")
transpose("take_along(u, i, axis)",         "put_along(g, i, *dims(u), axis)")
transpose("put_along(u, i, *n, axis)",      "take_along(g, i, axis)")

transpose("contiguous_reshape(u, *n)",      "contiguous_reshape(g, *dims(u))")
transpose("transpose(u, axes)",             "transpose(g, inverse(axes))")
transpose("broadcast_to(u, *n)",            "unrepeated(g, *dims(u))")
transpose("unrepeated(u, *n)",              "broadcast_to(g, *dims(u))")
transpose("unbroadcast(u, *n)",             "broadcast_to(g, *dims(u))")
transpose("flip(u, axis)",                  "flip(g, axis)")
transpose("roll(u, s, axis)",               "roll(g, -s, axis)")
transpose("tril(u, k)",                     "tril(g, k)")
transpose("triu(u, k)",                     "triu(g, k)")
transpose("full(u, *n, dtype)",             "sum(g, None, False)")

transpose("mT(u)",                          "g.T")
transpose("column(u)",                      "sum(g, -1, False)")
transpose("row(u)",                         "sum(g, -2, False)")
transpose("outer(u, c)",                    "mv(g, c)")
transpose("outer(c, u)",                    "vm(c, g)")
transpose("dot(u, c)",                      "g * c")
transpose("dot(c, u)",                      "g * c")
transpose("mv(u, c)",                       "outer(g, c)")
transpose("mv(c, u)",                       "mv(c.T, g)")
transpose("vm(u, c)",                       "mv(c, g)")
transpose("vm(c, u)",                       "outer(c, g)")
transpose("u @ c",                          "g @ c.T")
transpose("c @ u",                          "c.T @ g")
transpose("bmm(u, c)",                      "unbroadcast(bmm(g, c.T), *dims(u))")
transpose("bmm(c, u)",                      "unbroadcast(bmm(c.T, g), *dims(u))")
transpose("bmv(u, c)",                      "column(g) * c")
transpose("bmv(c, u)",                      "unbroadcast(sum(column(g) * c, -2, False), *dims(u))")
transpose("bvm(u, c)",                      "unbroadcast(sum(row(g) * c, -1, False), *dims(u))")
transpose("bvm(c, u)",                      "row(g) * column(c)")
transpose("solve(c, u)",                    "solve(c.T, g)")
transpose("phi(u)",                         "phi(g)")
transpose("lower_symmetric(u)",             "lower_folded(g)")
transpose("lower_folded(u)",                "lower_symmetric(g)")
transpose("upper_part(u)",                  "upper_spread(g)")
transpose("upper_spread(u)",                "upper_part(g)")
transpose("diagonal_of(u)",                 "diagonal_matrix(g)")
transpose("diagonal_matrix(u)",             "diagonal_of(g)")
transpose("unit_columns(u, c)",             "unit_columns(g, c)")
transpose("fft(u, axis, inverse)",          "fft(g, axis, inverse)")
# fmt: on
