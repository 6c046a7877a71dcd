"""Sparse patterns found by sweeps of sets, and colours for their columns or rows.

Knows matrices of zeros and ones, not programs: a sweep is any function from sets of the columns to sets of the rows.

Sources: A. R. Curtis, M. J. D. Powell, J. K. Reid, On the estimation of sparse Jacobian matrices (1974); A. Griewank, C. Mitev,
Detecting Jacobian sparsity patterns by Bayesian probing (2002).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
#: sets of 64 columns at most, as the bits of an integer for each column, to the sets of each row
Sweep = Callable[[Ints], Ints]

BITS = 64
#: into how many parts a block of columns is cut at least
PARTS = 4


def find(columns: int, sweep: Sweep) -> tuple[Ints, Ints]:
    """Which columns each row has, found block by block.

    Blocks of neighbouring columns that no row has two of share their bits: each is cut into parts, and the parts of all of them
    are told apart in one sweep, or few. The number of sweeps grows with the logarithm of the number of columns, and with
    the number of colours.

    Parameters
    ----------
    columns : int
        How many there are.
    sweep : callable
        Takes an integer for each column, gives one for each row: the union of those of its columns.

    Returns
    -------
    (indptr, indices)
        The pattern in compressed rows, columns in order.
    """
    first = np.array([0, columns])
    starts: Ints | None = None
    indices = colours = np.zeros(1, np.int64)
    count = 1
    while True:
        longest = int(np.diff(first).max(initial=1))
        parts = min(max(BITS // count, PARTS), longest)
        cut = np.minimum(np.diff(first), parts)
        bit, finer = divide(first, cut, colours * parts)
        words = [sweep(seeds(bit, k)) for k in range(-(-count * parts // BITS))]
        if starts is None:
            starts, indices = np.arange(words[0].size + 1), np.zeros(words[0].size, np.int64)
        children = np.concatenate([[0], np.cumsum(cut)])
        starts, indices = refined(starts, indices, colours * parts, children, np.stack(words))
        if longest <= parts:
            return starts, indices
        first = finer
        colours, count = coloured(starts, indices, *transposed(starts, indices, first.size - 1))


def divide(first: Ints, cut: Ints, base: Ints) -> tuple[Ints, Ints]:
    """The bit of each column, and where the parts begin, if blocks are cut into so many parts with bits from `base` on."""
    children = np.concatenate([[0], np.cumsum(cut)])
    block = np.repeat(np.arange(cut.size), cut)
    part = np.arange(children[-1]) - children[block]
    begins = first[block] + part * (first[block + 1] - first[block]) // cut[block]
    begins = np.append(begins, first[-1])
    return np.repeat(base[block] + part, np.diff(begins)), begins


def seeds(bit: Ints, word: int) -> Ints:
    """The sets of one word: a column's bit where it is in that word."""
    here = bit // BITS == word
    return np.where(here, np.left_shift(np.int64(1), bit % BITS), 0)


@numba.njit(cache=True)
def refined(starts: Any, indices: Any, base: Any, children: Any, words: Any) -> Any:
    """The pattern of the parts, from that of the blocks and the sets of each row."""
    rows = starts.size - 1
    finer = np.zeros(rows + 1, np.int64)
    for fill in range(2):
        found = np.zeros(finer[rows] if fill else 0, np.int64)
        for r in range(rows):
            place = finer[r]
            for e in range(starts[r], starts[r + 1]):
                block = indices[e]
                for part in range(children[block + 1] - children[block]):
                    bit = base[block] + part
                    if (words[bit // 64, r] >> (bit % 64)) & 1:
                        if fill:
                            found[place] = children[block] + part
                        place += 1
            if not fill:
                finer[r + 1] = place
    return finer, found


@numba.njit(cache=True)
def transposed(starts: Any, indices: Any, columns: int) -> Any:
    """The pattern in compressed columns."""
    turned = np.zeros(columns + 1, np.int64)
    for j in indices:
        turned[j + 1] += 1
    for j in range(columns):
        turned[j + 1] += turned[j]
    place = turned[:-1].copy()
    rows = np.zeros(indices.size, np.int64)
    for r in range(starts.size - 1):
        for e in range(starts[r], starts[r + 1]):
            rows[place[indices[e]]] = r
            place[indices[e]] += 1
    return turned, rows


@numba.njit(cache=True)
def coloured(starts: Any, indices: Any, turned: Any, rows: Any) -> Any:
    """Colours for columns, none twice in a row: the first that is free, in the order of the columns; and how many."""
    columns = turned.size - 1
    colours = np.zeros(columns, np.int64)
    taken = np.zeros((starts.size - 1, 1), np.int64)  # by row, the colours of its columns as bits
    count = 0
    for j in range(columns):
        word, bits = -1, -1
        while bits == -1:
            word += 1
            if word == taken.shape[1]:
                wider = np.zeros((taken.shape[0], 2 * taken.shape[1]), np.int64)
                wider[:, : taken.shape[1]] = taken
                taken = wider
            bits = 0
            for e in range(turned[j], turned[j + 1]):
                bits |= taken[rows[e], word]
        free = 0
        while (bits >> free) & 1:
            free += 1
        for e in range(turned[j], turned[j + 1]):
            taken[rows[e], word] |= np.int64(1) << free
        colours[j] = 64 * word + free
        count = max(count, colours[j] + 1)
    return colours, count
