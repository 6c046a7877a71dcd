"""Where a sparse matrix may have entries: as an object that can be looked at, with colours for the columns or rows that share a sweep.

Knows matrices, not programs. How patterns are found is in `colouring.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from adcompile.colouring import Ints, coloured, transposed

#: a reverse sweep counts as so many forward sweeps
REVERSE = 2


@dataclass(frozen=True, eq=False, repr=False)
class Pattern:
    """Where a sparse matrix may have entries that are not zero, in compressed rows, and which of them share a sweep.

    Attributes
    ----------
    shape : (int, int)
        Rows: the numbers of the result; columns: those of the chosen arguments.
    indptr, cols : array of int
        The columns of row i are ``cols[indptr[i] : indptr[i + 1]]``, in order.
    mode : {"forward", "reverse"}
        Whether columns share forward sweeps, or rows reverse sweeps.
    colours : array of int
        For each column, or each row, the sweep that it is in: no two columns of a colour have a row in common, or
        no two rows a column.
    """

    shape: tuple[int, int]
    indptr: Ints
    cols: Ints
    mode: str
    colours: Ints

    @property
    def nnz(self) -> int:
        """The number of entries."""
        return int(self.cols.size)

    @property
    def count(self) -> int:
        """The number of colours."""
        return int(self.colours.max(initial=-1)) + 1

    @cached_property
    def rows(self) -> Ints:
        """The row of each entry."""
        return np.repeat(np.arange(self.shape[0]), np.diff(self.indptr))

    @cached_property
    def index(self) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """`cols` and `indptr` in the smallest integers that SciPy uses."""
        return self.small(self.cols), self.small(self.indptr)

    def small(self, numbers: Ints) -> npt.NDArray[Any]:
        """Rows, columns, colours or places of entries in the smallest integers that hold them."""
        return numbers.astype(np.int32 if max(self.nnz, *self.shape) < 1 << 31 else np.int64)

    def todense(self) -> npt.NDArray[np.bool_]:
        """The pattern as an array of flags."""
        dense = np.zeros(self.shape, bool)
        dense[self.rows, self.cols] = True
        return dense

    def tocsr(self) -> Any:
        """The pattern as a sparse array of flags."""
        return self.filled(np.ones(self.nnz, bool))

    def filled(self, values: npt.NDArray[Any]) -> Any:
        """The sparse array with these values; its indices are its own."""
        cols, indptr = self.index
        return csr_array((values, cols.copy(), indptr.copy()), shape=self.shape)

    def picture(self, height: int = 16, width: int = 32) -> str:
        """A few lines of text: a mark where there are entries. Larger matrices are shrunk to fit."""
        m, n = self.shape
        lines, places = min(m, height), min(n, width)
        if not lines or not places:
            return ""
        marks = np.full((lines, places), ".")
        marks[self.rows * lines // m, self.cols * places // n] = "x"
        return "\n".join("  " + " ".join(line) for line in marks)

    def __repr__(self) -> str:
        m, n = self.shape
        what = "columns" if self.mode == "forward" else "rows"
        head = f"<adcompile.Pattern {m} x {n}: {self.nnz} nonzeros, {self.count} colours of {what}>"
        return "\n".join([head, *self.picture().splitlines()])


@dataclass(frozen=True)
class Numbering:
    """The numbers of some arrays, counted through; the arrays in the order in which a kernel takes them."""

    numbers: tuple[Ints, ...]

    @classmethod
    def of_shapes(
        cls, shapes: Sequence[tuple[int, ...]], groups: Sequence[int] = (), order: Sequence[int] = ()
    ) -> Numbering:
        """Arrays of these shapes counted in order, in `groups` that a kernel takes in the order of `order`."""
        ends = np.cumsum([0, *(math.prod(s) for s in shapes)])
        numbers = [np.arange(a, b).reshape(s) for a, b, s in zip(ends, ends[1:], shapes, strict=False)]
        if order:
            cuts = np.cumsum([0, *groups])
            parts = {k: numbers[a:b] for k, a, b in zip(order, cuts, cuts[1:], strict=False)}
            numbers = [each for k in sorted(parts) for each in parts[k]]
        return cls(tuple(numbers))

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(each.size for each in self.numbers)

    def of(self, values: Ints) -> tuple[Any, ...]:
        """What belongs to each number, in arrays as the kernel takes them; Python's integers for numbers that stand alone."""
        return tuple(values[each] if each.ndim else int(values[each]) for each in self.numbers)

    @property
    def turn(self) -> Ints:
        """The place of each number in the kernel's order."""
        places = np.empty(self.count, np.int64)
        places[np.concatenate([each.ravel() for each in self.numbers])] = np.arange(self.count)
        return places


def cheaper(indptr: Ints, cols: Ints, columns: int, mode: str) -> tuple[str, Ints]:
    """The mode that takes less, unless it is given, and the colours for it.

    The longest row is the least number of colours that columns can have, the longest column that of rows: where one of the two
    cannot win, it is not tried.
    """
    turned, rows = transposed(indptr, cols, columns)
    least = {"forward": np.diff(indptr).max(initial=1), "reverse": REVERSE * np.diff(turned).max(initial=1)}
    found: dict[str, Ints] = {}
    cost: dict[str, int] = {}
    for each in sorted(least, key=lambda name: int(least[name])) if mode == "auto" else [mode]:
        if cost and least[each] >= min(cost.values()):
            break
        arguments = (indptr, cols, turned, rows) if each == "forward" else (turned, rows, indptr, cols)
        found[each], count = coloured(*arguments)
        cost[each] = count if each == "forward" else REVERSE * count
    best = min(cost, key=lambda name: cost[name])
    return best, found[best]
