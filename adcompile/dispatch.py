"""From arguments to the kernel compiled for their types: the way in for every call of a derivative.

A call of numbers and arrays with a kernel at hand does nothing but look it up and run it. What a kernel is made of is
in `pipeline.py`.
"""

from __future__ import annotations

import inspect
import threading
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numba.core.errors import NumbaError

from adcompile import store, tree
from adcompile.backend.compile import explain_failure
from adcompile.backend.numba_types import typeof
from adcompile.errors import ADError, InternalError, Unsupported
from adcompile.fingerprint import fingerprint
from adcompile.ir.types import Type
from adcompile.span import Span
from adcompile.unit import Options, Unit

#: the classes of numbers whose type is known from their class alone
PLAIN = frozenset({float, int, bool, complex})


@dataclass
class Kernel:
    """A compiled function for one combination of argument types, and how its results are nested.

    Attributes
    ----------
    run : callable
        Takes the leaves of the arguments, then the captured arrays.
    unit : Unit
        What it was compiled from.
    """

    run: Callable[..., Any]
    unit: Unit

    @property
    def file(self) -> Path:
        """The generated file that it was compiled from."""
        return Path(inspect.unwrap(getattr(self.run, "py_func", self.run)).__code__.co_filename)

    @property
    def bare(self) -> bool:
        """Whether compiled code takes and gives just what users do."""
        return not self.unit.captured and tree.is_plain(self.unit.result)


@dataclass
class Call:
    """The arguments of one call, taken apart: leaves, how they were nested, keywords, and types.

    `given` has the leaves as the caller passed them, where those for the kernel are copies.
    """

    leaves: list[Any]
    structures: tuple[tree.Structure, ...]
    names: tuple[str, ...]
    types: tuple[Type, ...]
    given: Sequence[Any] = ()

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells this combination of types from others."""
        return self.structures, self.names, self.types

    def described(self) -> tuple[list[Any], dict[str, Any]]:
        """The arguments with types in place of numbers and arrays."""
        types = iter(self.types)
        parts = [tree.build(s, types) for s in self.structures]
        n = len(parts) - len(self.names)
        return parts[:n], dict(zip(self.names, parts[n:], strict=True))


class Dispatcher:
    """Something callable that is compiled for the types of its arguments when it first meets them.

    Subclasses say what a call means in a program, by ``__adcompile_lower__``.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.kernels: dict[Any, Kernel] = {}
        self.by_class: dict[tuple[type, ...], Callable[..., Any]] = {}
        self.lock = threading.RLock()
        self.last: Call | None = None
        self.places: dict[tuple[Any, int], Span | None] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not kwargs:
            run = self.by_class.get(tuple(map(type, args)))
            if run is not None:
                try:
                    return run(*args)
                except Exception as error:
                    call = take_apart(args, kwargs)
                    self.say_where(error, self.kernels[call.key], call)
                    raise
        return self.call(args, kwargs)

    def call(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Find or make the kernel for these arguments, and run it."""
        call = take_apart(args, kwargs)
        kernel = self.kernels.get(call.key)
        if kernel is None:
            try:
                kernel = self.compile(call)
            except InternalError:
                raise
            except ADError as error:  # our own frames say nothing to users
                raise error.with_traceback(None) from None
            if kernel.bare and not kwargs and PLAIN.issuperset(map(type, args)):
                self.by_class[tuple(map(type, args))] = kernel.run
        if kernel.unit.apart:
            check_apart(kernel.unit.apart, [*call.given, *kernel.unit.captured], self)
        try:
            result = kernel.run(*call.leaves, *kernel.unit.captured)
        except NumbaError as error:
            raise self.explained(error, kernel, call) from None
        except Exception as error:
            self.say_where(error, kernel, call)
            raise
        return tree.assemble(kernel.unit.result, result)

    def compile(self, call: Call) -> Kernel:
        """The kernel for a combination of types, made now if it is not there."""
        with self.lock:
            kernel = self.kernels.get(call.key)
            if kernel is None:
                unit = self.unit(call)
                kernel = self.kernels[call.key] = Kernel(unit.load(self.options), unit)
            self.last = call
            return kernel

    def unit(self, call: Call) -> Unit:
        """The generated module for a combination of types: from the disk, or made now."""
        key = fingerprint(self, call.key, self.options) if self.options.cache else None
        unit = store.load(key) if key else None
        if unit is None:
            from adcompile.pipeline import make_unit  # the compiler, which a process may never need

            unit = make_unit(self, *call.described())
            if key:
                store.save(key, unit)
        return unit

    def explained(self, error: NumbaError, kernel: Kernel, call: Call) -> ADError:
        """What to raise when Numba refuses a kernel."""
        return explain_failure(error, kernel.file, lambda line: self.source_of(call, line))

    def say_where(self, error: Exception, kernel: Kernel, call: Call) -> None:
        """Note on an exception raised by a kernel the line of the user's program that raised it; since Python 3.11."""
        trace, line = error.__traceback__, 0
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == str(kernel.file):
                line = trace.tb_lineno
            trace = trace.tb_next
        span = self.source_of(call, line) if line else None
        if span is not None and hasattr(error, "add_note"):
            error.add_note(span.excerpt())

    def source_of(self, call: Call, line: int) -> Span | None:
        """The place that a line of a kernel was made from, found once; None where the program is not to be had any more."""
        from adcompile.pipeline import source_of_line

        if (call.key, line) not in self.places:
            try:
                self.places[call.key, line] = source_of_line(self, *call.described(), line)
            except (ADError, OSError):
                return None
        return self.places[call.key, line]

    def __get__(self, owner: Any, cls: type | None = None) -> Any:
        """As functions do, a derivative that is an attribute of a class gets the instance as its first argument."""
        return self if owner is None else types.MethodType(self, owner)

    def compiled_for(self) -> str:
        """Which types there are kernels for, in words."""
        if not self.kernels:
            return "not compiled yet"
        return "compiled for " + "; ".join(", ".join(map(str, k[2])) or "no arguments" for k in self.kernels)


def take_apart(args: Sequence[Any], kwargs: dict[str, Any]) -> Call:
    """The leaves of all arguments, how they were nested, and their types."""
    leaves: list[Any] = []
    structures = tuple(tree.flatten(a, leaves) for a in (*args, *kwargs.values()))
    given = tuple(leaves)
    for k, leaf in enumerate(leaves):
        if isinstance(leaf, np.ndarray) and leaf.ndim == 0:
            leaves[k] = leaf[()]
        elif (
            isinstance(leaf, np.ndarray) and leaf.flags.fnc
        ):  # what is computed from it would be in Fortran's order too
            leaves[k] = np.ascontiguousarray(leaf)
    return Call(leaves, structures, tuple(kwargs), tuple(map(typeof, leaves)), given)


def check_apart(apart: Sequence[tuple[int, int]], arrays: Sequence[Any], callee: Any) -> None:
    """Refuse arguments that share memory where the function writes into one of them."""
    for i, j in apart:
        if np.shares_memory(arrays[i], arrays[j]):
            name = getattr(callee, "__name__", "the function")
            raise Unsupported(
                f"two arguments of `{name}` share memory, and the function writes into one of them",
                help="pass a copy of one: x.copy()",
            )
