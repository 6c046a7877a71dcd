"""The optimisations by name, and which of them are left out: a derivative is as right without any of them.

`ADCOMPILE_WITHOUT=fused,sums` leaves out those two in a whole process, `ADCOMPILE_WITHOUT=all` every one; `without` does so in
a piece of a program, for what is compiled there. That is for tests, for measuring what each brings, and for finding out
whether one is to blame. What a kernel was made without is part of its fingerprint.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from adcompile.errors import ShapeError

OPTIMISATIONS: dict[str, str] = {
    "motion": "what each iteration computes alike is computed before the loop",
    "rewriting": "algebraic identities are used, constants folded, equal computations shared",
    "fused": "iterations that share nothing but sums are reversed where they run",
    "again": "cheap operations are computed again in the reverse sweep instead of recorded",
    "settled": "numbers that an array still holds after all loops are read from there instead of recorded",
    "sources": "an array that loops read whole, or a number of an outer loop, is recorded in place of what is computed from it",
    "sized": "tapes whose size is known before the loops are made at once instead of growing",
    "directions": "forward sweeps take several directions at once",
    "lanes": "vectors of a few numbers are kept in registers",
    "joint": "choices with one condition are made once, or share what both compute; a call and that of its adjoint are one",
    "adding": "functions add to an array of their caller's instead of to zeros that the caller adds",
    "unread": "results of functions that no caller reads are left out",
    "sums": "sums into an element that a loop does not move are kept in a number",
    "elements": "an element that a block reads and writes more than once is kept in a number",
    "scatters": "loops that add to neighbouring elements become one loop for each neighbour",
    "skip": "loops that would only add multiples of zero are not run",
    "nests": "operations on whole arrays become loops over their elements",
    "additions": "several additions to parts of one array share a loop over their rows",
    "windows": "slices such as `x[i : i + n]` in a loop are proved to be n long",
    "alike": "arrays that meet are taken to have one shape; for others a kernel of its own is made",
    "buffers": "a derivative that goes into memory of the caller's is computed there",
    "scratch": "arrays that do not outlive an iteration are made once, before the loop",
    "counting": "loops count in a way from which LLVM can tell that indices are in bounds",
    "vectors": "elementary functions are computed for several numbers at once",
}
#: those that decide what kernels look like; vector functions are of the library that these stand on
OF_KERNELS = tuple(name for name in OPTIMISATIONS if name != "vectors")

LEFT_OUT: ContextVar[frozenset[str] | None] = ContextVar("LEFT_OUT", default=None)


def known(names: Iterable[str], choice: Sequence[str], where: str) -> frozenset[str]:
    """The optimisations that some names mean; `all` means every one of the choice."""
    found = frozenset(names)
    if unknown := found.difference(choice, ["all"]):
        raise ShapeError(
            f"{where} leaves out {min(unknown)!r}, which there is not",
            help=f"write some of {', '.join(choice)}, or all",
        )
    return frozenset(choice) if "all" in found else found


@functools.cache
def of_process() -> frozenset[str]:
    """What the environment leaves out; read once."""
    names = (name.strip() for name in os.environ.get("ADCOMPILE_WITHOUT", "").split(","))
    return known(filter(None, names), tuple(OPTIMISATIONS), "ADCOMPILE_WITHOUT")


def left_out() -> frozenset[str]:
    """The optimisations that are left out here."""
    found = LEFT_OUT.get()
    return of_process() if found is None else found


def on(name: str) -> bool:
    """Whether an optimisation is made here."""
    assert name in OF_KERNELS, name
    return name not in left_out()


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Leave out these optimisations, and no others, of what is compiled inside."""
    token = LEFT_OUT.set(known(names, OF_KERNELS, "`without`"))
    try:
        yield
    finally:
        LEFT_OUT.reset(token)
