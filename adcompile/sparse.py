"""Sparse Jacobians and Hessians: what users call, and when a pattern is found anew.

A pattern is found by sweeps of the function's dependency program, coloured, and kept with the shapes of the arguments and the content
of those it depends on. The values come from sweeps that several columns or rows share. How sweeps are made is in
`compressed.py`, what a pattern is in `pattern.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from adcompile import tree
from adcompile.api import Derivative, FastMath, Grad, check_mode, lowers, options_of
from adcompile.backend.numba_types import typeof
from adcompile.colouring import Ints, find
from adcompile.dispatch import Call, take_apart
from adcompile.errors import ShapeError, Unsupported
from adcompile.ir.types import differentiable
from adcompile.pattern import Numbering, Pattern, cheaper
from adcompile.unit import Argnums, Options, positions

#: how many patterns are kept for one combination of types and shapes, and for how many of these
KEPT, SHAPES = 4, 16
#: from this many colours on sweeps take several at once
MANY = 3
#: for each leaf of the arguments whether the pattern depends on its content, and whether on anything else that may change
Reads = tuple[tuple[bool, ...], bool]


class Sets(Derivative):
    """The kernel that carries sets of inputs through a function."""

    def __init__(self, f: Any, argnums: Argnums, what: str, options: Options) -> None:
        self.what = what
        super().__init__(f, argnums, replace(options, parallel=False))  # Numba adds up in parallel, it does not unite

    def __adcompile_lower__(self, lowering: Any, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
        from adcompile import compressed

        primals, sets = args
        problem = compressed.problem(lowering, self.f, primals, kwargs, self.argnums, self.what)
        return compressed.dependency_sweep(lowering, problem, primals, sets, kwargs)


class Entries(Derivative):
    """The kernel that gives the nonzeros of a Jacobian from colours and places."""

    def __init__(self, f: Any, argnums: Argnums, mode: str, many: bool, options: Options) -> None:
        self.what = f"sparse_{mode}"
        self.mode = mode
        self.many = many
        super().__init__(f, argnums, options)

    def identity(self) -> tuple[Any, ...]:
        return (*super().identity(), self.many)

    def __adcompile_lower__(self, lowering: Any, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
        from adcompile import compressed

        primals, *rest = args
        problem = compressed.problem(lowering, self.f, primals, kwargs, self.argnums, self.what)
        return compressed.compressed(lowering, problem, rest, self.mode, self.many, node)


@dataclass
class Known:
    """A pattern, and the content of the arguments that it depends on."""

    contents: list[npt.NDArray[Any]]
    pattern: Pattern
    #: the colours of each seed, of its shape
    seeds: tuple[Any, ...]
    #: how many numbers a sweep gives, and for each entry of the pattern its place among those, and its colour
    size: int
    places: tuple[npt.NDArray[Any], ...]


class SparseJacobian:
    """A function that gives a sparse Jacobian. Made by `sparse_jacobian` and `sparse_hessian`, not directly."""

    def __init__(self, f: Any, argnums: Argnums, what: str, mode: str, options: Options) -> None:
        check_mode(mode)
        self.mode = mode
        self.argnums = argnums
        self.sets = Sets(f, argnums, what, options)
        self.entries: dict[tuple[str, bool], Entries] = {}
        #: by types, what the pattern depends on
        self.reads: dict[Any, Reads] = {}
        self.known: dict[Any, list[Known]] = {}
        self.__wrapped__ = f
        self.__name__ = f"{getattr(f, '__name__', 'f')}_{what}"
        self.__doc__ = getattr(f, "__doc__", None)

    def __repr__(self) -> str:
        return repr(self.sets)

    def __adcompile_lower__(self, lowering: Any, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
        refuse_inside(lowering, args, kwargs, node)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        given = self.by_position(args, kwargs)
        known = self.find(given, kwargs)
        pattern = known.pattern
        sweeps = self.kernel(pattern)
        values = sweeps(given, known.seeds, pattern.count, known.size, *known.places, **kwargs)
        return pattern.filled(values)

    def pattern(self, *args: Any, **kwargs: Any) -> Pattern:
        """Where the matrix may have entries that are not zero, for these arguments.

        Parameters
        ----------
        *args, **kwargs
            As for the function itself.

        Returns
        -------
        Pattern
            Every entry that is not zero is in it; some that are zero may be.
        """
        return self.find(self.by_position(args, kwargs), kwargs).pattern

    def by_position(self, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments, with those given by name among them as far as that goes; the others stay in `kwargs`."""
        given = list(args)
        for name in positional(self.sets.f)[len(given) :]:
            if name not in kwargs:
                break
            given.append(kwargs.pop(name))
        return tuple(given)

    def kernel(self, pattern: Pattern) -> Entries:
        """The kernel for the sweeps of a pattern."""
        key = pattern.mode, pattern.count >= MANY
        if key not in self.entries:
            self.entries[key] = Entries(self.sets.f, self.argnums, *key, self.sets.options)
        return self.entries[key]

    # -- the pattern --------------------------------------------------------------------------------------------

    def find(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Known:
        """The pattern for these arguments: a known one if all that it depends on is the same, else a new one."""
        call = take_apart(args, kwargs)
        shapes = call.key, tuple(map(np.shape, call.leaves))
        candidates = self.known.get(shapes, [])
        if candidates:
            contents = self.contents(call)
            for known in candidates:
                if len(contents) == len(known.contents) and all(map(is_same, contents, known.contents)):
                    return known
        known = self.found(args, kwargs, call)
        self.known[shapes] = [known, *candidates[: KEPT - 1]]
        if len(self.known) > SHAPES:
            del self.known[next(iter(self.known))]
        return known

    def contents(self, call: Call) -> list[npt.NDArray[Any]]:
        """The content of all that the pattern depends on: of arguments, and of arrays around the function."""
        reads, other = self.reads[call.key]
        leaves = [leaf for leaf, read in zip(call.leaves, reads, strict=True) if read or other]
        around = [a for kernel in self.sets.kernels.values() for a in kernel.unit.captured] if other else []
        return [np.asarray(each) for each in (*leaves, *around)]

    def found(self, args: tuple[Any, ...], kwargs: dict[str, Any], call: Call) -> Known:
        """The pattern for these arguments, found by sweeps of sets and coloured."""
        columns = self.columns(args)
        shapes: list[tuple[int, ...]] = []

        def sweep(words: Ints) -> Ints:
            sets, self.reads[call.key], shapes[:] = self.sweep(args, kwargs, columns.of(words))
            return sets

        indptr, cols = find(columns.count, sweep)
        shape = indptr.size - 1, columns.count
        pattern = Pattern(shape, indptr, cols, *cheaper(indptr, cols, columns.count, self.mode))
        contents = [a.copy() for a in self.contents(call)]
        if pattern.mode == "forward":
            seeds = columns.of(pattern.colours)
            places = pattern.rows, pattern.colours[cols]
            return Known(contents, pattern, seeds, shape[0], tuple(map(pattern.small, places)))
        seeds = Numbering.of_shapes(shapes).of(pattern.colours)
        places = columns.turn[cols], pattern.colours[pattern.rows]
        return Known(contents, pattern, seeds, shape[1], tuple(map(pattern.small, places)))

    def columns(self, args: tuple[Any, ...]) -> Numbering:
        """The column of each number of the chosen arguments."""
        which = positions(self.argnums, positional(self.sets.f), len(args))
        if len(set(which)) < len(which):
            raise ShapeError(f"`argnums` names an argument twice: {self.argnums!r}")
        shapes = {k: [np.shape(leaf) for leaf in leaves_of(args[k]) if differentiable(typeof(leaf))] for k in which}
        return Numbering.of_shapes([s for k in which for s in shapes[k]], [len(shapes[k]) for k in which], which)

    def sweep(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], sets: tuple[Any, ...]
    ) -> tuple[Ints, Reads, list[tuple[int, ...]]]:
        """One run of the dependency program: the sets of all numbers of the result, what they depend on, and shapes."""
        found, reads, other = self.sets(args, sets, **kwargs)
        flat = np.concatenate([np.ravel(each) for each in found]).astype(np.int64, copy=False)
        return flat, (reads, other), [np.shape(each) for each in found]


def positional(f: Any) -> tuple[str, ...]:
    """The names of the parameters that a callable takes by position, as far as they are known."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return ()
    return tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))


def leaves_of(value: Any) -> list[Any]:
    """The numbers and arrays of a value."""
    leaves: list[Any] = []
    tree.flatten(value, leaves)
    return [leaf[()] if isinstance(leaf, np.ndarray) and leaf.ndim == 0 else leaf for leaf in leaves]


def is_same(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> bool:
    """Whether two arrays of one type hold the same, bit for bit."""
    if a.shape != b.shape:
        return False
    if a.dtype.kind == "f":
        a, b = a.view(f"u{a.itemsize}"), b.view(f"u{b.itemsize}")
    return a.tobytes() == b.tobytes() if a.dtype.kind == "c" else np.array_equal(a, b)


def sparse_jacobian(
    f: Callable[..., Any] | None = None,
    argnums: Argnums = 0,
    *,
    mode: str = "auto",
    jit: bool = True,
    fastmath: FastMath | None = None,
    parallel: bool = False,
    cache: bool = True,
) -> Any:
    """Make the function that gives the Jacobian as a sparse matrix, by sweeps that several columns or rows share.

    Where the matrix may have entries is found from the program at the first call, and again when the shapes of the arguments change, or the
    content of those it depends on: integers, indices, and what decides loops and branches.

    Parameters
    ----------
    f : callable
        A function of numbers, arrays and structures of them, with real numbers, arrays or structures as its result.
    argnums : int, str, or tuple of them
        Which arguments to differentiate with respect to.
    mode : {"auto", "forward", "reverse"}
        Whether columns share forward sweeps, or rows reverse sweeps; by default whichever is cheaper.
    jit, fastmath, parallel, cache
        As in `grad`.

    Returns
    -------
    SparseJacobian
        ``J(*args)`` gives a ``scipy.sparse.csr_array``. It has a row for each floating-point number of the result and a
        column for each one of the chosen arguments, side by side in the order of `argnums`; arrays are taken row by row.
        ``J.pattern(*args)`` gives the `Pattern`. Unit: result per argument.

    Raises
    ------
    ShapeError
        If a result or a chosen argument is complex, or there is none of floating type.

    Source
    ------
    A. R. Curtis, M. J. D. Powell, J. K. Reid, On the estimation of sparse Jacobian matrices, IMA Journal of Applied Mathematics 13 (1974).
    A. Griewank, A. Walther, *Evaluating Derivatives*, 2nd ed., SIAM 2008, chapters 7 and 8.

    Examples
    --------
    >>> import numpy as np
    >>> J = sparse_jacobian(lambda x: x[1:] * x[:-1])
    >>> x = np.array([1.0, 2.0, 3.0, 4.0])
    >>> J(x).toarray()
    array([[2., 1., 0., 0.],
           [0., 3., 2., 0.],
           [0., 0., 4., 3.]])
    >>> J.pattern(x)
    <adcompile.Pattern 3 x 4: 6 nonzeros, 2 colours of columns>
      x x . .
      . x x .
      . . x x
    """
    options = options_of(jit, fastmath, parallel, cache)
    if f is None:
        return lambda g: SparseJacobian(g, argnums, "sparse_jacobian", mode, options)
    return SparseJacobian(f, argnums, "sparse_jacobian", mode, options)


def sparse_hessian(
    f: Callable[..., Any] | None = None,
    argnums: Argnums = 0,
    *,
    jit: bool = True,
    fastmath: FastMath | None = None,
    parallel: bool = False,
    cache: bool = True,
) -> Any:
    """Make the function that gives the matrix of second derivatives as a sparse matrix: the sparse Jacobian of the gradient.

    Parameters
    ----------
    f : callable
        A function with one real number as its result.
    argnums : int, str, or tuple of them
        Which arguments to differentiate with respect to.
    jit, fastmath, parallel, cache
        As in `grad`.

    Returns
    -------
    SparseJacobian
        ``H(*args)`` gives a square ``scipy.sparse.csr_array`` with a row and a column for each floating-point number of the chosen
        arguments, in the order of `argnums`; ``H.pattern(*args)`` gives the `Pattern`. Unit: result per argument squared.

    Source
    ------
    A. Griewank, A. Walther, *Evaluating Derivatives*, 2nd ed., SIAM 2008, chapters 7 and 8.

    Examples
    --------
    >>> import numpy as np
    >>> H = sparse_hessian(lambda x: np.sum(x[1:] * x[:-1] ** 2))
    >>> H(np.array([1.0, 2.0, 3.0])).toarray()
    array([[4., 2., 0.],
           [2., 6., 4.],
           [0., 4., 0.]])
    """
    options = options_of(jit, fastmath, parallel, cache)

    def transform(g: Callable[..., Any]) -> SparseJacobian:
        slope = Grad(g, argnums, False, "auto", options)
        return SparseJacobian(slope, argnums, "sparse_hessian", "forward", options)

    return transform if f is None else transform(f)


def refuse_inside(lowering: Any, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> None:
    """A pattern is found while a program runs, so that no compiled program can hold the matrix."""
    raise Unsupported(
        "a sparse derivative cannot be part of a function that is compiled",
        help="call it outside; here, write ad.jacobian or ad.hessian",
    )


for function in (sparse_jacobian, sparse_hessian):
    lowers(function)(refuse_inside)
