"""Differentials of reductions, scans and sorting.

`recurrence(a, c)` is s[k] = a[k] * s[k - 1] + c[k] along an axis, from 0: what products of prefixes differentiate to.
"""

from __future__ import annotations

from adcompile.notation.tables import rule
from adcompile.rules.domains import ARRAY, INTEGER

# fmt: off
rule("y = sum(x, axis, keepdims)",      "dy = sum(dx, axis, keepdims)",                                 x=ARRAY)
rule("y = prod(x, axis, keepdims)",     "dy = sum(dx * others(x, axis), axis, keepdims)",               x=ARRAY)
# at a tie: equal parts
rule("y = max(x, axis, keepdims)",      "dy = sum(dx * extremal(x, y, axis, keepdims), axis, keepdims)", x=ARRAY)
rule("y = min(x, axis, keepdims)",      "dy = sum(dx * extremal(x, y, axis, keepdims), axis, keepdims)", x=ARRAY)

rule("y = cumsum(x, axis)",             "dy = cumsum(dx, axis)",                                        x=ARRAY)
rule("y = cumprod(x, axis)",            "dy = recurrence(x, dx * before(y, 1.0, axis), axis)",          x=ARRAY)
rule("s = recurrence(a, c, axis)",      "ds = recurrence(a, dc + da * before(s, 0.0, axis), axis)",     a=ARRAY, c=ARRAY)

rule("y = sort(x, axis)",               "dy = take_along(dx, argsort(x, axis), axis)",                  x=ARRAY)
rule("y = take_along(x, i, axis)",      "dy = take_along(dx, i, axis)",                                 x=ARRAY, i=INTEGER)
rule("y = put_along(x, i, *n, axis)",   "dy = put_along(dx, i, *n, axis)",                              x=ARRAY, i=INTEGER)
# fmt: on
