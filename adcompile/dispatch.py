"""From arguments to the kernel compiled for their types: the way in for every call of a derivative.

A call of numbers and arrays with a kernel at hand goes to it by Numba's own dispatch, with one look-up before. What a
kernel is made of is in `pipeline.py`.
"""

from __future__ import annotations

import inspect
import threading
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numba.core.errors import NumbaError
from numba.core.registry import CPUDispatcher

from adcompile import errors, store, tree
from adcompile.backend.compile import explain_failure
from adcompile.backend.numba_types import DTYPES, typeof
from adcompile.errors import UNLIKE, ADError, InternalError, ShapeError, Unsupported
from adcompile.fingerprint import fingerprint
from adcompile.ir.types import Type
from adcompile.runtime import overlap
from adcompile.span import Span
from adcompile.unit import Options, Unit

#: what compiled code can tell by its class, dtype, rank and layout; arguments of other classes take the longer way
DIRECT = frozenset(
    {float, int, bool, complex, np.ndarray, np.random.Generator, *(np.dtype(name).type for name in DTYPES)}
)


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

    @property
    def direct(self) -> bool:
        """Whether it is compiled, and gives just what users get."""
        return tree.is_plain(self.unit.result) and hasattr(self.run, "overloads")


@dataclass
class Call:
    """The arguments of one call, taken apart: leaves, how they were nested, keywords, and types.

    `given` has the leaves as the caller passed them, where `converted` says that those for the kernel are others.
    """

    leaves: list[Any]
    structures: tuple[tree.Structure, ...]
    names: tuple[str, ...]
    types: tuple[Type, ...]
    given: Sequence[Any] = ()
    converted: bool = False

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
        self.entries: dict[tuple[type, ...], Entry] = {}
        #: the same, as they are called: with captured arrays after the arguments
        self.ways: dict[tuple[type, ...], Callable[..., Any]] = {}
        #: the combinations of types for which arrays of length 1 were repeated
        self.unlike: set[Any] = set()
        self.lock = threading.RLock()
        self.last: Call | None = None
        self.places: dict[tuple[Any, int], Span | None] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        n = len(args)  # the classes of few arguments are told one by one, which takes half the time
        if n == 1:
            (a,) = args
            classes: tuple[type, ...] = (type(a),)
        elif n == 2:
            a, b = args
            classes = type(a), type(b)
        elif n == 4:
            a, b, c, d = args
            classes = type(a), type(b), type(c), type(d)
        else:
            classes = tuple(map(type, args))
        way = self.ways.get(classes)
        if way is None or kwargs:
            return self.call(args, kwargs)
        try:
            return way(*args)
        except Missing:
            failure = None
        except Exception as error:  # noqa: BLE001 - raised below, where no other is being handled
            failure = None if is_unlike(error) else error
        if failure is None:
            return self.call(args, kwargs)
        raise self.blamed(failure, take_apart(args, kwargs)) from None

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
        if call.converted and shares_memory(kernel.unit.apart, [*call.given, *kernel.unit.captured]):
            raise self.shared()
        result = self.run(kernel, call)
        if kernel.direct and not kwargs and not call.converted and DIRECT.issuperset(map(type, args)):
            self.enroll(kernel, args)
        return tree.assemble(kernel.unit.result, result)

    def run(self, kernel: Kernel, call: Call) -> Any:
        """What a kernel gives; where it takes arrays to have one shape that have not, what one gives that does not."""
        try:
            return kernel.run(*call.leaves, *kernel.unit.captured)
        except NumbaError as error:
            raise self.explained(error, kernel, call) from None
        except Exception as error:  # noqa: BLE001 - raised again, with a note
            if not is_unlike(error):
                raise self.blamed(error, call) from None
        return self.run(self.compile(call, alike=False), call)

    def enroll(self, kernel: Kernel, args: Sequence[Any]) -> None:
        """Let the next call with arguments of these types find the kernel without any help of Python's."""
        classes, captured = tuple(map(type, args)), kernel.unit.captured
        with self.lock:
            entry = self.entries.get(classes)
            if entry is None:
                entry = self.entries[classes] = Entry(kernel, captured)
                self.ways[classes] = entry.with_captured if captured else entry
            if list(map(id, captured)) == list(map(id, entry.captured)):
                entry.take(kernel, [*args, *captured])

    def compile(self, call: Call, *, alike: bool = True) -> Kernel:
        """The kernel for a combination of types, made now if it is not there.

        Without `alike`, it is one that takes arrays of all shapes, those of length 1 that have to be repeated too.
        """
        with self.lock:
            kernel = self.kernels.get(call.key)
            if kernel is None or (not alike and UNLIKE in kernel.unit.path.read_text(encoding="utf-8")):
                if not alike:
                    self.unlike.add(call.key)
                    self.entries.clear()  # one of them leads to the kernel that is replaced
                    self.ways.clear()
                unit = self.unit(call)
                kernel = self.kernels[call.key] = Kernel(unit.load(self.options), unit)
            self.last = call
            return kernel

    def options_for(self, call: Call) -> Options:
        """The options that the kernel for a combination of types is made with."""
        return replace(self.options, alike=False) if call.key in self.unlike else self.options

    def unit(self, call: Call) -> Unit:
        """The generated module for a combination of types: from the disk, or made now."""
        key = fingerprint(self, call.key, self.options_for(call)) if self.options.cache else None
        unit = store.load(key) if key else None
        if unit is None:
            from adcompile.pipeline import make_unit  # the compiler, which a process may never need

            unit = make_unit(self, *call.described(), self.options_for(call))
            if key:
                store.save(key, unit)
        return unit

    def explained(self, error: NumbaError, kernel: Kernel, call: Call) -> ADError:
        """What to raise when Numba refuses a kernel."""
        return explain_failure(error, kernel.file, lambda line: self.source_of(call, line))

    def blamed(self, error: Exception, call: Call) -> Exception:
        """What to raise where a kernel has raised: what a failed check means here, or what the user's program raises.

        The latter gets a note with the line of the user's program that raised it; since Python 3.11.
        """
        reason, *facts = error.args or ("",)
        if isinstance(error, ValueError):
            match reason:
                case errors.SHARED:
                    return self.shared()
                case errors.MISFIT:
                    return self.misfit(*facts)
                case errors.BUFFER:
                    return self.unfit(*facts)
        kernel = self.kernels[call.key]
        trace, line = error.__traceback__, 0
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == str(kernel.file):
                line = trace.tb_lineno
            trace = trace.tb_next
        span = self.source_of(call, line) if line else None
        if isinstance(error, ValueError) and reason == errors.BUDGET:
            return errors.too_small(facts[0], facts[1], span)
        if span is not None and hasattr(error, "add_note"):
            error.add_note(span.excerpt())
        return error

    def shared(self) -> Unsupported:
        """What to raise where two arguments must not share memory, and do."""
        name = getattr(self, "__name__", "the function")
        return Unsupported(
            f"two arguments of `{name}` share memory, and the function writes into one of them",
            help="pass a copy of one: x.copy()",
        )

    def misfit(self, argument: int, *lengths: int) -> ShapeError:
        """What to raise where a gradient is not of the shape of its argument: the function itself would have failed."""
        name = getattr(getattr(self, "f", None), "__name__", "the function")
        n = len(lengths) // 2
        return ShapeError(
            f"`{name}` combines arrays whose shapes do not fit together: argument {argument} has shape {lengths[:n]}, "
            f"its gradient {lengths[n:]}",
            help=f"call `{name}` itself with these arguments: the line that fails is shown",
        )

    def unfit(self, *lengths: int) -> ShapeError:
        """What to raise where a buffer is not of the shape of what is to be written there."""
        n = len(lengths) // 2
        return ShapeError(
            f"a buffer in `out` has shape {lengths[n:]}, and the derivative {lengths[:n]}",
            help="pass an array of the derivative's shape and dtype",
        )

    def source_of(self, call: Call, line: int) -> Span | None:
        """The place that a line of a kernel was made from, found once; None where the program is not to be had any more."""
        from adcompile.pipeline import source_of_line

        if (call.key, line) not in self.places:
            try:
                self.places[call.key, line] = source_of_line(self, *call.described(), line, self.options_for(call))
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
    given: list[Any] = []
    structures = tuple(tree.flatten(a, given) for a in (*args, *kwargs.values()))
    leaves = list(map(taken, given))
    converted = any(a is not b for a, b in zip(leaves, given, strict=True))
    return Call(leaves, structures, tuple(kwargs), tuple(map(typeof, leaves)), given, converted)


def taken(leaf: Any) -> Any:
    """A number or array as kernels take it: no array without axes, and none in Fortran's order.

    What is computed from the latter would be in Fortran's order too.
    """
    if isinstance(leaf, np.ndarray):
        if leaf.ndim == 0:
            return leaf[()]
        if leaf.flags.fnc:
            return np.ascontiguousarray(leaf)
    return leaf


def shares_memory(apart: Sequence[tuple[int, int]], arrays: Sequence[Any]) -> bool:
    """Whether two of the arrays share memory that must not. Kernels see to it themselves, but not where they get copies."""
    return any(overlap(arrays[i], arrays[j]) for i, j in apart)


def is_unlike(error: Exception) -> bool:
    """Whether a kernel refuses arguments because it takes arrays to have one shape that have not."""
    return isinstance(error, ValueError) and error.args[:1] == (UNLIKE,)


class Missing(Exception):
    """There is no kernel yet that compiled code could be sent to."""


class Entry(CPUDispatcher):
    """The kernels for arguments of some classes, told apart by dtype, rank and layout: Numba's own dispatch, in C.

    Compiles nothing itself: which kernel there is to be for new types is decided by the `Dispatcher` that asks.
    """

    def __init__(self, kernel: Kernel, captured: tuple[Any, ...]) -> None:
        super().__init__(kernel.run.py_func)  # type: ignore[attr-defined]
        self.captured = captured

    def with_captured(self, *args: Any) -> Any:
        """A call of a kernel that reads arrays around its function."""
        return self(*args, *self.captured)

    def take(self, kernel: Kernel, args: Sequence[Any]) -> None:
        """Enter what a kernel was compiled to for the types of some arguments."""
        run: Any = kernel.run
        types = tuple(map(run.typeof_pyval, args))
        if types not in self.overloads:
            self.add_overload(run.overloads[types])

    def _compile_for_args(self, *args: Any, **kwargs: Any) -> Any:
        """Numba's way of saying that it knows no code for these arguments."""
        raise Missing
