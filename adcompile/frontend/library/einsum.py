"""`np.einsum` with subscripts known when the function is compiled: sums of products as matrix products.

Operands are taken in pairs from the left. Letters that only one of them has and the result has not are summed at once.
"""

from __future__ import annotations

import string
from typing import Any

from adcompile.errors import ShapeError
from adcompile.frontend.library.arguments import number, static_text
from adcompile.frontend.library.diagonals import diagonal
from adcompile.frontend.library.indexing import at, product
from adcompile.frontend.library.reductions import reduce
from adcompile.frontend.library.registry import function
from adcompile.frontend.library.shapes import permuted, reshaped
from adcompile.ir.build import Builder
from adcompile.ir.nodes import Atom
from adcompile.ir.types import rank


@function("numpy.einsum")
def einsum(b: Builder, subscripts: Any, *operands: Any, optimize: Any = False) -> Any:
    arrays = [number(b, x) for x in operands]
    inputs, output = parse(static_text(subscripts, "subscripts"), [rank(x.type) for x in arrays])
    terms = [simplified(b, x, letters) for x, letters in zip(arrays, inputs, strict=True)]
    x, letters = terms.pop(0)
    while terms:
        y, others = terms.pop(0)
        needed = set(output).union(*(rest for _, rest in terms))
        x, letters = contracted(b, (x, letters), (y, others), needed)
    return arranged(b, *summed(b, x, letters, set(output)), output)


def parse(subscripts: str, ranks: list[int]) -> tuple[list[str], str]:
    """The letters of each operand and of the result; an ellipsis is given letters of its own."""
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    inputs = left.split(",")
    if len(inputs) != len(ranks):
        raise ShapeError(f"the subscripts {subscripts!r} name {len(inputs)} arrays, but there are {len(ranks)}")
    spare = [c for c in string.ascii_uppercase + string.ascii_lowercase if c not in subscripts]
    widths = [n - len(part.replace("...", "")) for part, n in zip(inputs, ranks, strict=True)]
    dots = "".join(spare[: max((w for part, w in zip(inputs, widths, strict=True) if "..." in part), default=0)])
    inputs = [
        part.replace("...", dots[len(dots) - w :]) if w >= 0 else part for part, w in zip(inputs, widths, strict=True)
    ]
    for part, n in zip(inputs, ranks, strict=True):
        if len(part) != n:
            raise ShapeError(f"the subscripts {part!r} do not fit an array with {n} {'axis' if n == 1 else 'axes'}")
    if not arrow:
        everything = "".join(inputs)
        right = dots + "".join(sorted(c for c in set(everything) - set(dots) if everything.count(c) == 1))
    output = right.replace("...", dots)
    if len(set(output)) < len(output) or not set(output) <= set("".join(inputs)):
        raise ShapeError(f"the result {right!r} of {subscripts!r} repeats a letter or has one that no array has")
    return inputs, output


def simplified(b: Builder, x: Atom, letters: str) -> tuple[Atom, str]:
    """An operand in which no letter is repeated: diagonals are taken."""
    for c in dict.fromkeys(letters):
        while letters.count(c) > 1:
            i = letters.index(c)
            j = letters.index(c, i + 1)
            x = diagonal(b, x, 0, i, j)
            letters = letters[:i] + letters[i + 1 : j] + letters[j + 1 :] + c
    return x, letters


def summed(b: Builder, x: Atom, letters: str, needed: set[str]) -> tuple[Atom, str]:
    """An operand summed over the letters that nothing else needs."""
    axes = tuple(k for k, c in enumerate(letters) if c not in needed)
    if axes:
        x = reduce(b, "sum", x, axes)
    return x, "".join(c for c in letters if c in needed)


def arranged(b: Builder, x: Atom, letters: str, order: str) -> Atom:
    """An operand with its axes in another order."""
    return permuted(b, x, [letters.index(c) for c in order])


Term = tuple[Atom, str]


def contracted(b: Builder, left: Term, right: Term, needed: set[str]) -> Term:
    """The product of two operands, summed over the letters they share and nothing else needs."""
    (x, xs), (y, ys) = summed(b, *left, needed | set(right[1])), summed(b, *right, needed | set(left[1]))
    inner = "".join(c for c in xs if c in ys and c not in needed)
    if not inner:
        return multiplied(b, (x, xs), (y, ys))
    batch = "".join(c for c in xs if c in ys and c in needed)
    rows, columns = ("".join(c for c in cs if c not in batch + inner) for cs in (xs, ys))
    lengths = {c: b.dim(x, k) for k, c in enumerate(xs)} | {c: b.dim(y, k) for k, c in enumerate(ys)}
    a = grouped(b, (x, xs), [batch, rows, inner], lengths)
    d = grouped(b, (y, ys), [batch, inner, columns], lengths)
    result = b.emit("matmul", a, d)
    return ungrouped(b, result, [batch, rows, columns], lengths)


def multiplied(b: Builder, left: Term, right: Term) -> Term:
    """The product of two operands without a sum, by broadcasting."""
    (x, xs), (y, ys) = left, right
    letters = xs + "".join(c for c in ys if c not in xs)
    return b.emit("mul", *(spread(b, term, letters) for term in ((x, xs), (y, ys)))), letters


def spread(b: Builder, term: Term, letters: str) -> Atom:
    """An operand with an axis for each letter, those it lacks of length 1."""
    x, own = term
    x = arranged(b, x, own, "".join(c for c in letters if c in own))
    parts = [slice(None) if c in own else None for c in letters]
    while parts and parts[0] is None:
        parts.pop(0)
    return at(b, x, *parts) if None in parts else x


def grouped(b: Builder, term: Term, groups: list[str], lengths: dict[str, Atom]) -> Atom:
    """An operand with one axis for each group of letters; with no batch, empty groups are left out."""
    x, letters = term
    x = arranged(b, x, letters, "".join(groups))
    batch = groups[0]
    kept = groups if batch else [g for g in groups if g]
    if [len(g) for g in kept] == [1] * len(kept):
        return x
    return reshaped(b, x, [product(b, [lengths[c] for c in g]) for g in kept])


def ungrouped(b: Builder, x: Atom, groups: list[str], lengths: dict[str, Atom]) -> Term:
    """The inverse of `grouped`."""
    letters = "".join(groups)
    kept = groups if groups[0] else [g for g in groups if g]
    if [len(g) for g in kept] == [1] * len(kept):
        return x, letters
    return reshaped(b, x, [lengths[c] for c in letters]), letters
