"""Sparse derivatives as operations on functions being lowered: a sweep of dependencies, and sweeps of columns or rows that share one.

Columns that have no row in common share a forward sweep, rows that have no column in common a reverse sweep; which do is
decided outside (`sparse.py`), by colours. The loop over the colours is in `composed.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adcompile.analyses.draws import require_no_draws
from adcompile.analyses.influence import read_contents
from adcompile.composed import entries, ones_at
from adcompile.derive import chosen_leaves, place, require_derivative
from adcompile.errors import ShapeError
from adcompile.frontend.lower import Closed, Lowering
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom, Value
from adcompile.ir.types import Scalar, Type, differentiable, dtype_of, is_complex, promote, rank
from adcompile.rules.operations import contiguous_reshape
from adcompile.switches import on
from adcompile.transforms.dependencies import dependencies
from adcompile.transforms.directions import WIDTH, OneByOne, side_by_side
from adcompile.transforms.jvp import Derived, jvp
from adcompile.transforms.prune import prune
from adcompile.transforms.simplify import simplify
from adcompile.transforms.vjp import vjp
from adcompile.unit import Argnums, positions


@dataclass(frozen=True)
class Problem:
    """A call whose Jacobian is asked for: the function, lowered by itself, and which of its parameters have columns."""

    closed: Closed
    wrt: list[bool]

    @property
    def columns(self) -> list[Value]:
        """The parameters that have columns."""
        return [p for p, w in zip(self.closed.function.params, self.wrt, strict=True) if w]

    @property
    def rows(self) -> list[Atom]:
        """The results that have rows."""
        return [r for r in self.closed.function.body.results if differentiable(r.type)]


def problem(
    lowering: Lowering, f: Any, args: Sequence[Any], kwargs: dict[str, Any], argnums: Argnums, what: str
) -> Problem:
    """Lower the function, and refuse what has no matrix of real derivatives."""
    closed = lowering.close(f, args, kwargs)
    which = positions(argnums, closed.names, len(closed.leaves_of))
    require_derivative(closed, which)
    require_no_draws(closed.function, lowering.functions, "where its derivatives are zero may depend on them")
    chosen = chosen_leaves(closed, which)
    found = Problem(closed, [w and differentiable(p.type) for p, w in zip(closed.function.params, chosen, strict=True)])
    if not found.rows:
        raise ShapeError(
            f"`{what}` needs a function with floating-point numbers among its results; "
            f"`{closed.function.name}` returns none",
            closed.function.span,
        )
    for atom in (*found.columns, *found.rows):
        if not hasattr(atom.type, "dtype") or is_complex(dtype_of(atom.type)):
            raise ShapeError(
                f"`{what}` is for real numbers and arrays, not for {atom.type}",
                closed.function.span,
                help="take real and imaginary parts as numbers of their own; make an array of a list: np.array(values)",
            )
    return found


def tidy(lowering: Lowering, derived: Derived) -> Derived:
    """A derivative without what its results do not need."""
    derived = simplify(derived, keep_names=lowering.keep_names)
    return Derived(prune(derived.function, lowering.functions), derived.related)


def only(derived: Derived, results: Sequence[Atom]) -> Derived:
    """A derivative with some of its results alone."""
    fn = derived.function
    return Derived(replace(fn, body=replace(fn.body, results=tuple(results)), tree=None), derived.related)


def array_or_number(lowering: Lowering, atom: Atom) -> Any:
    """A result as the program being lowered has it."""
    return lowering.new_array(atom) if rank(atom.type) else atom


def dependency_sweep(lowering: Lowering, what: Problem, args: Any, sets: Any, kwargs: dict[str, Any]) -> Any:
    """The sets of the results for sets of the chosen arguments, and what else they depend on.

    Returns
    -------
    sets, reads, other
        For each number of the results a set; for each leaf of the arguments whether the sets depend on what it holds,
        rather than on its shape; and whether they depend on anything else that may change.
    """
    closed = what.closed
    derived = tidy(lowering, dependencies(closed.function, what.wrt, lowering.functions))
    atoms = place(lowering, derived, [*closed.operands, *map(lowering.plain, sets)])
    contents = read_contents(derived.function)
    read = {a for p, a in zip(closed.function.params, closed.operands, strict=True) if p in contents}
    leaves = lowering.flatten((*args, *kwargs.values()))[1]
    reads = tuple(const(leaf in read) for leaf in leaves)
    return tuple(array_or_number(lowering, a) for a in atoms), reads, const(bool(read - set(leaves)))


@dataclass(frozen=True)
class Group:
    """Called with the first colour of a group of `width`, it gives derivatives along them: a row for each number, a column for each colour."""

    what: Problem
    derived: Derived
    #: for each seed its colours, as an atom of its shape, and its type
    seeds: tuple[tuple[Atom, Type], ...]
    width: int

    def __adcompile_lower__(self, lowering: Lowering, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
        start = lowering.plain(args[0])
        seeds = [self.seed(lowering, colours, type_, start) for colours, type_ in self.seeds]
        atoms = place(lowering, self.derived, [*self.what.closed.operands, *seeds])
        tables = [self.table(lowering, a) for a in atoms]
        joined = tables[0] if len(tables) == 1 else lowering.b.emit("concatenate", *tables, axis=0)
        return lowering.new_array(joined)

    def seed(self, lowering: Lowering, colours: Atom, type_: Type, start: Atom) -> Atom:
        """One where a number has the colour, for each colour of the group; zero elsewhere."""
        b, dims = lowering.b, lowering.b.dims(colours)
        if self.width == 1:
            return b.to_dtype(b.emit("eq", colours, start), dtype_of(type_))
        vector = (
            contiguous_reshape(b, colours, product(b, dims))
            if dims
            else b.emit("full", colours, const(1), dtype="int64")
        )
        width, dtype = const(self.width), np.dtype(dtype_of(type_))
        rows = lowering.call(ones_at, [lowering.new_array(vector), start, width, dtype], {}, None)
        return b.emit("reshape", lowering.plain(rows), *dims, width)  # type: ignore[no-any-return]

    def table(self, lowering: Lowering, dots: Atom) -> Atom:
        """Derivatives with a row for each number and a column for each colour."""
        b = lowering.b
        if self.width == 1 and rank(dots.type) == 0:
            return b.emit("full", dots, const(1), const(1), dtype=dtype_of(dots.type))  # type: ignore[no-any-return]
        dims = b.dims(dots) if self.width == 1 else b.dims(dots)[:-1]
        return contiguous_reshape(b, dots, product(b, dims), const(self.width))


def product(b: Builder, dims: Sequence[Atom]) -> Atom:
    """How many numbers an array of these axis lengths has."""
    size: Atom = const(1)
    for d in dims:
        size = b.emit("mul", size, d)
    return size


def group(lowering: Lowering, what: Problem, colours: Sequence[Atom], mode: str, many: bool) -> Group:
    """The sweeps of a mode: of `many` colours at once, where that is asked for and the function allows it."""
    fn = what.closed.function
    if mode == "forward":
        derived = jvp(fn, what.wrt, lowering.functions)
        derived = only(derived, derived.function.body.results[len(fn.body.results) :])
        types = [p.type for p in what.columns]
    else:
        derived = vjp(fn, what.wrt, lowering.functions, keep_results=False)
        derived = only(derived, derived.function.body.results)
        types = [r.type for r in what.rows]
    derived = tidy(lowering, derived)
    seeds = tuple(zip(colours, types, strict=True))
    if many and on("directions"):
        params = len(derived.function.params)
        is_seed = [k >= params - len(types) for k in range(params)]
        try:
            wide = side_by_side(derived, is_seed, [True] * len(derived.function.body.results))
            return Group(what, wide, seeds, WIDTH)
        except OneByOne:
            pass
    return Group(what, derived, seeds, 1)


def compressed(lowering: Lowering, what: Problem, args: Sequence[Any], mode: str, many: bool, node: Any) -> Any:
    """The values of a sparse matrix, from the colours of its columns or rows and the place of each value.

    `args` are the colours of each seed, how many there are, how many numbers a sweep gives, and for each value the
    number, among those, and the colour.
    """
    colours, *rest = args
    sweeps = group(lowering, what, [lowering.plain(c) for c in colours], mode, many)
    given = what.rows if mode == "forward" else what.columns
    dtype = np.dtype(promote(*(Scalar(dtype_of(a.type)) for a in given)))
    return lowering.call(entries, [sweeps, const(sweeps.width), dtype, *rest], {}, node)
