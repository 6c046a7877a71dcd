"""Simplifications: exact for every number, NaN and infinity included, up to the sign of a zero.

Folding of constants is `ir.build`'s.
"""

from __future__ import annotations

from adcompile.notation.tables import rewrite, static

# fmt: off
rewrite("x * 1",                            "x")
rewrite("1 * x",                            "x")
rewrite("x * -1",                           "-x")
rewrite("-1 * x",                           "-x")
rewrite("x / 1",                            "x")
rewrite("x / -1",                           "-x")
rewrite("x ** 1",                           "x")
rewrite("x + 0",                            "x")
rewrite("0 + x",                            "x")
rewrite("x - 0",                            "x")
rewrite("0 - x",                            "-x")
rewrite("x + -y",                           "x - y")
rewrite("-x + y",                           "y - x")
rewrite("x - -y",                           "x + y")
rewrite("--x",                              "x")
rewrite("where(True, x, y)",                "x")
rewrite("where(False, x, y)",               "y")
rewrite("where(c, x, x)",                   "x")
rewrite("where(c, x, 0) + where(c, y, 0)",  "where(c, x + y, 0)")
rewrite("real(x)",                          "x")
rewrite("transpose(transpose(x, p), q)",    "permuted(x, composed(p, q))")
rewrite("reshape(reshape(x, *p), *q)",      "reshape(x, *q)")
rewrite("broadcast_to(x, *n) * y",          "x * y",            shapes={"y": "n"})
rewrite("y * broadcast_to(x, *n)",          "y * x",            shapes={"y": "n"})
rewrite("broadcast_to(x, *n) / y",          "x / y",            shapes={"y": "n"})
rewrite("broadcast_to(x, *n) + y",          "x + y",            shapes={"y": "n"})
rewrite("y + broadcast_to(x, *n)",          "y + x",            shapes={"y": "n"})
rewrite("where(c, broadcast_to(x, *n), 0)", "where(c, x, 0)",   shapes={"c": "n"})
rewrite("where(c, 0, broadcast_to(x, *n))", "where(c, 0, x)",   shapes={"c": "n"})
rewrite("-broadcast_to(x, *n)",             "broadcast_to(-x, *n)")
# fmt: on


@static
def composed(p: tuple[int, ...], q: tuple[int, ...]) -> tuple[int, ...]:
    """One permutation of axes after another."""
    return tuple(p[k] for k in q)
