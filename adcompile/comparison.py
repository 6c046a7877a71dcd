"""Compares forward with reverse mode for one function at one point: operations, tapes, times, agreement.

How the numbers are shown is in `report.py`; counting itself is a pass, in `transforms/count.py`.
"""

from __future__ import annotations

import inspect
import timeit
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import Any

import numba
import numpy as np

from adcompile import tree
from adcompile.analyses.draws import require_repeatable
from adcompile.api import Derivative, Grad
from adcompile.backend.compile import compile_module, module_file
from adcompile.backend.emit import each_writer
from adcompile.backend.own import own
from adcompile.dispatch import take_apart
from adcompile.errors import ShapeError
from adcompile.frontend.lower import lower
from adcompile.ir.nodes import Function, Program, Value
from adcompile.ir.types import differentiable
from adcompile.ir.verify import verify
from adcompile.ir.walk import silent
from adcompile.listing import name_of
from adcompile.pipeline import Listing, finish
from adcompile.report import Comparison, Measured, Tape
from adcompile.transforms.count import count
from adcompile.transforms.jvp import Derived, jvp
from adcompile.transforms.vjp import vjp
from adcompile.unit import Argnums, Options, positions

Vector = np.ndarray[Any, Any]
Derive = Callable[[Function, Sequence[bool], dict[str, Function]], Derived]

#: how long each kernel is timed, and for how long a batch of calls runs at least; seconds
TIMING, BATCH = 0.15, 0.005

#: the modes are compared derivative by derivative up to this many, and this many seconds
ALL_DERIVATIVES, CHECKING = 1_000_000, 0.5

#: beyond, they are compared along this many pairs of random directions
DIRECTIONS = 8


def compare(f: Callable[..., Any], *args: Any, argnums: Argnums = 0) -> Comparison:
    """Compile a function in forward and in reverse mode, and compare the two at a point.

    Parameters
    ----------
    f : callable
        A function of numbers, arrays and structures of them; or a derivative made from one, which means that
        function, with the derivative's own `argnums` unless others than 0 are given.
    *args
        The point. The function runs there many times; what it prints is left out.
    argnums : int, str, or tuple of them
        Which arguments to differentiate with respect to: positions, names, or a mix.

    Returns
    -------
    Comparison
        Prints as a table; its attributes hold the numbers, in seconds and bytes.

    Raises
    ------
    ADError
        If the function is outside of the language, or if the chosen arguments or the result hold no floating-point
        number.

    Notes
    -----
    Operations are counted, and tapes and memory measured, while the kernels run, so all are exact. Times are the shortest
    of many calls from Python; they depend on the machine and on what else it does.

    Source
    ------
    A. Griewank, A. Walther, *Evaluating Derivatives*, 2nd ed., SIAM 2008, chapters 3 and 4.

    Examples
    --------
    >>> from math import sin
    >>> c = compare(lambda x1, x2: x1 * x2 + sin(x2), 2.0, 3.0, argnums=(0, 1))
    >>> c.inputs, c.outputs
    (2, 1)
    >>> c.primal.operations["arithmetic"], c.primal.operations["elementary functions"]
    (2, 1)
    """
    problem = Problem.pose(f, args, argnums)
    primal = Kernel(problem, lambda fn, wrt, functions: Derived(fn))
    forward, reverse = Kernel(problem, jvp), Kernel(problem, partial(vjp, budget=problem.options.budget))
    results = primal.count(problem.point)
    outputs = Coordinates([y for y, moves in zip(results, problem.moving_results, strict=True) if moves])
    if not outputs.size:
        raise ShapeError(
            f"`{problem.name}` returns no floating-point number", help="return a float, or an array of floats"
        )
    sweeps = Sweeps(problem, outputs, forward, reverse)
    along, across = np.ones(problem.inputs.size), np.ones(outputs.size)
    forward.count(sweeps.with_tangents(along))
    reverse.count(sweeps.with_cotangents(across))
    measured = (
        primal.measured(problem.point),
        forward.measured(sweeps.with_tangents(along)),
        reverse.measured(sweeps.with_cotangents(across)),
    )
    largest, relative, what = sweeps.agreement(measured[1].run_time, measured[2].run_time)
    n, m = problem.inputs.size, outputs.size
    tapes = tuple(reverse.tapes())
    return Comparison(problem.signature, problem.chosen, n, m, *measured, tapes, largest, relative, what)


# -- the function and the point -------------------------------------------------------------------------------------


@dataclass
class Problem:
    """A function lowered for its arguments, and what it is differentiated with respect to.

    Attributes
    ----------
    entry, functions : Function, dict of Function
        The function, and those it calls.
    signature, chosen : str
        The function with its parameters, and those of them that were chosen.
    point : list
        What the entry is called with.
    wrt : list of bool
        Which of these are differentiated.
    """

    entry: Function
    functions: dict[str, Function]
    related: dict[Value, tuple[Value, str]]
    options: Options
    signature: str
    chosen: str
    point: list[Any]
    wrt: list[bool]
    lowering_time: float

    @classmethod
    def pose(cls, f: Any, args: Sequence[Any], argnums: Argnums) -> Problem:
        """Lower the function for the types of its arguments."""
        options, first_only = Options(), isinstance(f, Grad) and f.has_aux
        if isinstance(f, Derivative):
            f, argnums, options = f.f, f.argnums if argnums == 0 else argnums, f.options
        names = parameters(f)
        which = positions(argnums, names, len(args))
        call = take_apart(args, {})
        start = perf_counter()
        lowered = lower(f, call.described()[0], name=name_of(f))
        require_repeatable(lowered.program.main, lowered.program.functions, "is run many times")
        lowering_time = perf_counter() - start
        functions = {name: replace(fn, body=silent(fn.body)) for name, fn in lowered.program.functions.items()}
        entry = functions.pop(lowered.program.entry)
        if first_only:
            entry = replace(entry, body=replace(entry.body, results=entry.body.results[:1]))
        owners = [k for k, s in enumerate(call.structures) for _ in range(tree.count(s))]
        wrt = [k < len(owners) and owners[k] in which and differentiable(p.type) for k, p in enumerate(entry.params)]
        signature = f"{entry.name}({', '.join(names)})"
        chosen = ", ".join(names[k] if k < len(names) else f"argument {k}" for k in which)
        if not any(wrt):
            raise ShapeError(
                f"there is no floating-point number to differentiate `{signature}` with respect to in {chosen}",
                entry.span,
                help="pass floating-point numbers (2.0, not 2; an array of float64), or choose others by `argnums`",
            )
        point = [*call.leaves, *lowered.captured]
        return cls(entry, functions, lowered.related, options, signature, chosen, point, wrt, lowering_time)

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def inputs(self) -> Coordinates:
        """What is differentiated with respect to."""
        return Coordinates([x for x, w in zip(self.point, self.wrt, strict=True) if w])

    @property
    def moving_results(self) -> list[bool]:
        """Which results can carry a derivative."""
        return [differentiable(r.type) for r in self.entry.body.results]


def parameters(f: Any) -> tuple[str, ...]:
    """The names of a callable's parameters, as far as they are known."""
    try:
        return tuple(inspect.signature(f).parameters)
    except (TypeError, ValueError):
        return ()


# -- kernels --------------------------------------------------------------------------------------------------------


class Kernel:
    """The function or a derivative of it as one compiled function, of leaves, with a flat tuple of results.

    Attributes
    ----------
    operations : dict of str to int
        What `count` has found.
    bytes : dict of Value to int
        The size of each tape; likewise.
    run : callable
        Compiled by `measured`.
    """

    def __init__(self, problem: Problem, derive: Derive) -> None:
        start = perf_counter()
        functions = dict(problem.functions)
        derived = derive(problem.entry, problem.wrt, functions)
        fn = derived.function
        functions[fn.name] = replace(fn, tree=tuple(range(len(fn.body.results))))
        self.options = problem.options
        self.listing = finish(Program(functions, fn.name), {**problem.related, **derived.related})
        self.text = self.listing.text(nested=True)
        self.run = self.loaded(self.listing, self.text)
        self.preparation_time = problem.lowering_time + perf_counter() - start
        self.operations: dict[str, int] = {}
        self.bytes: dict[Value, int] = {}

    def loaded(self, listing: Listing, text: str) -> Callable[..., Any]:
        """The entry of a module, compiled when it is first called."""
        names = [fn.name for fn in listing.functions]
        path = module_file(text, names[-1])
        fastmath, parallel = self.options.fastmath, self.options.parallel
        return compile_module(path, names, fastmath=fastmath, parallel=parallel, cache=False)[names[-1]]

    def count(self, args: Sequence[Any]) -> tuple[Any, ...]:
        """Run once with counters and note what they say; returns the results."""
        entry = self.listing.functions[-1].name
        program, tally = count(Program({fn.name: fn for fn in self.listing.functions}, entry), self.listing.related)
        owned = verify(Program({name: own(fn) for name, fn in program.functions.items()}, entry))
        listing = Listing(list(owned.functions.values()), self.listing.related)
        run = self.loaded(listing, listing.text(nested=True))
        *results, counts = run(*args)
        self.operations, self.bytes = tally.operations(counts), tally.bytes(counts)
        return tuple(results)

    def measured(self, args: Sequence[Any]) -> Measured:
        """Compile the kernel and time it.

        To be called after `count`, whose compilation is the one that waits for Numba to get ready.
        """
        start = perf_counter()
        self.run.compile(tuple(map(numba.typeof, args)))  # type: ignore[attr-defined]
        compile_time = self.preparation_time + perf_counter() - start
        run_time, memory = shortest_time(self.run, args), peak_memory(self.run, args)
        return Measured(self.text, self.operations, compile_time, run_time, memory)

    def tapes(self) -> Iterator[Tape]:
        """The tapes, as the listing calls them and in its order."""
        names: dict[Value, str] = {}
        for writer in each_writer(self.listing.functions, nested=True, related=self.listing.related):
            names.update(writer.names)
        for tape, size in self.bytes.items():
            recorded, _ = self.listing.related[tape]
            span = recorded.span
            yield Tape(names.get(tape, ""), span.line if span else 0, span.source_line.strip() if span else "", size)


def shortest_time(run: Callable[..., Any], args: Sequence[Any]) -> float:
    """The shortest time a call took, from batches of calls; seconds."""
    timer = timeit.Timer(partial(run, *args))
    once = timer.timeit(1)
    calls = max(1, int(BATCH / min(once, timer.timeit(1) or once)))
    shortest, spent = once, once
    while spent < TIMING:
        elapsed = timer.timeit(calls)
        shortest, spent = min(shortest, elapsed / calls), spent + elapsed
    return shortest


def peak_memory(run: Callable[..., Any], args: Sequence[Any]) -> int:
    """The most that one call has allocated at a time; bytes.

    Numba allocates arrays through Python's allocator, so that Python's own tracing sees them.
    """
    was_tracing = tracemalloc.is_tracing()
    tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        run(*args)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        if not was_tracing:
            tracemalloc.stop()
    return peak - before


# -- agreement ------------------------------------------------------------------------------------------------------


class Coordinates:
    """Some numbers, arrays and lists as one vector of real numbers, and back.

    The product of a complex cotangent with a tangent is the real part of their plain product, so that the vector of a
    cotangent (`dual`) holds the opposite of each imaginary part.
    """

    def __init__(self, values: Sequence[Any]) -> None:
        self.leaves: list[Any] = []
        self.structures = [tree.flatten(v, self.leaves) for v in values]
        self.size = self.vector(values).size

    def vector(self, values: Sequence[Any], *, dual: bool = False) -> Vector:
        """The vector of values that are nested and shaped like these."""
        leaves: list[Any] = []
        for value in values:
            tree.flatten(value, leaves)
        parts = [np.ravel(np.conj(x) if dual else x) for x in leaves]
        return np.concatenate([np.zeros(0), *(p.view(p.real.dtype) for p in parts)])

    def values(self, vector: Vector, *, dual: bool = False) -> list[Any]:
        """Values nested and shaped like these."""
        rest, leaves = vector, []
        for like in map(np.asarray, self.leaves):
            count = like.size * (2 if like.dtype.kind == "c" else 1)
            part, rest = rest[:count], rest[count:]
            value = part.astype(like.real.dtype).view(like.dtype).reshape(like.shape)
            leaves.append((np.conj(value) if dual else value)[()])
        found = iter(leaves)
        return [tree.build(s, found) for s in self.structures]


class Sweeps:
    """Both modes as products with the Jacobian: forward J v, reverse J^T w."""

    def __init__(self, problem: Problem, outputs: Coordinates, forward: Kernel, reverse: Kernel) -> None:
        self.point, self.results = problem.point, len(problem.moving_results)
        self.inputs, self.outputs = problem.inputs, outputs
        self.forward, self.reverse = forward, reverse

    def with_tangents(self, v: Vector) -> list[Any]:
        """The arguments of the forward kernel for a direction."""
        return [*self.point, *self.inputs.values(v)]

    def with_cotangents(self, w: Vector) -> list[Any]:
        """The arguments of the reverse kernel for weights of the outputs."""
        return [*self.point, *self.outputs.values(w, dual=True)]

    def push(self, v: Vector) -> Vector:
        return self.outputs.vector(self.forward.run(*self.with_tangents(v))[self.results :])

    def pull(self, w: Vector) -> Vector:
        return self.inputs.vector(self.reverse.run(*self.with_cotangents(w))[self.results :], dual=True)

    def agreement(self, forward_time: float, reverse_time: float) -> tuple[float, float, str]:
        """The largest disagreement, the same relative to the largest derivative, and what was compared."""
        n, m = self.inputs.size, self.outputs.size
        if n * m <= ALL_DERIVATIVES and n * forward_time + m * reverse_time <= CHECKING:
            return self.over_all()
        return self.along_directions()

    def over_all(self) -> tuple[float, float, str]:
        """Every derivative by both modes."""
        n, m = self.inputs.size, self.outputs.size
        by_columns = np.array([self.push(e) for e in np.eye(n)]).T
        by_rows = np.array([self.pull(e) for e in np.eye(m)])
        largest = float(np.max(np.abs(by_columns - by_rows)))
        scale = float(np.max(np.abs(by_columns)))
        what = f"all {n * m:,} derivatives" if n * m > 1 else "the one derivative"
        return largest, largest / scale if largest else 0.0, what

    def along_directions(self) -> tuple[float, float, str]:
        """Products of both modes' answers with random unit vectors: w (J v) against (J^T w) v."""
        rng = np.random.default_rng(0)
        largest = scale = 0.0
        for _ in range(DIRECTIONS):
            v, w = (x / np.linalg.norm(x) for x in map(rng.standard_normal, (self.inputs.size, self.outputs.size)))
            y_dot, x_bar = self.push(v), self.pull(w)
            largest = max(largest, abs(float(w @ y_dot) - float(x_bar @ v)))
            scale = max(scale, float(np.abs(w) @ np.abs(y_dot)), float(np.abs(x_bar) @ np.abs(v)))
        return largest, largest / scale if largest else 0.0, f"{DIRECTIONS} pairs of random directions"
