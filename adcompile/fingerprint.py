"""What a compiled kernel depends on, as one text: the sources and constants that a function can see.

Found without lowering anything, so that another process can tell in a moment whether a kernel on the disk is still the
right one. Where something cannot be pinned down, there is no fingerprint, and nothing is kept.
"""

from __future__ import annotations

import dataclasses
import dis
import functools
import hashlib
import inspect
import platform
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np

from adcompile.runtime.elementary import LIBRARY
from adcompile.switches import left_out

#: packages whose functions are known by their version, or that have no say in a result
LIBRARIES = {"numpy", "numba", "scipy", "math", "cmath", "builtins", "operator", "functools", "itertools", "adcompile"}
#: what a name says all about
NAMED = types.ModuleType | type | np.dtype | np.ufunc | types.BuiltinFunctionType
#: what makes a field of a class with slots, or of a namedtuple
MEMBER = types.MemberDescriptorType | type(vars(NamedTuple("Point", [("x", int)]))["x"])
SMALL = 1 << 20  # bytes of an array that are worth hashing


class Unknown(Exception):
    """Something whose meaning cannot be pinned down."""


def package_of(obj: Any) -> str:
    return str(getattr(obj, "__module__", None) or getattr(obj, "__name__", "")).split(".")[0]


class Reader:
    """Walks what a callable can see, each thing once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.seen: dict[int, Any] = {}

    def value(self, x: Any, where: str) -> None:
        """Note a constant, or walk into a function."""
        if id(x) in self.seen:
            return
        if isinstance(x, np.ndarray):
            if x.dtype.hasobject or x.nbytes > SMALL:
                raise Unknown
            self.lines.append(f"{where}: {x.dtype} {x.shape} {hashlib.sha256(x.tobytes()).hexdigest()}")
        elif x is None or isinstance(x, bool | int | float | complex | str | bytes | np.generic | type(...)):
            self.lines.append(f"{where}: {type(x).__name__} {x!r}")
        elif isinstance(x, tuple | list):
            self.lines.append(f"{where}: {type(x).__qualname__} of {len(x)}")
            for k, item in enumerate(x):
                self.value(item, f"{where}[{k}]")
        elif isinstance(x, dict):
            for k, item in x.items():
                self.value(item, f"{where}[{k!r}]")
        elif not isinstance(x, NAMED) and callable(identity := getattr(x, "identity", None)):
            self.seen[id(x)] = x
            self.value(identity(), f"{where}.identity")
        elif isinstance(x, functools.partial):
            self.value((x.func, x.args, x.keywords), f"{where}.partial")
        elif isinstance(x, NAMED) or (package_of(x) in LIBRARIES and is_named(x)):
            self.known(x, where)
        else:
            self.walk(x, where)

    def known(self, x: Any, where: str) -> None:
        """Note something that its name tells, given the versions of the libraries; of a class of the user's, the source."""
        if isinstance(x, type) and package_of(x) not in LIBRARIES:
            self.class_(x, where)
            return
        name = getattr(x, "__qualname__", None) or getattr(x, "__name__", None) or repr(x)
        self.lines.append(f"{where}: {package_of(x)} {name}")

    def class_(self, x: type, where: str) -> None:
        """Note a class of the user's: its source, and what its attributes are by now."""
        self.seen[id(x)] = x
        self.lines.append(f"{where}: {inspect.getsource(x)}")
        for base in x.__mro__[1:]:
            if package_of(base) not in LIBRARIES:
                self.value(base, f"{where} base {base.__qualname__}")
        for name, attribute in vars(x).items():
            special = name.startswith("__") and not is_written(attribute)
            if not (special or isinstance(attribute, types.GetSetDescriptorType | MEMBER)):
                behind = getattr(attribute, "__func__", None) or getattr(attribute, "fget", None) or attribute
                self.value(behind, f"{where}.{name}")

    def walk(self, x: Any, where: str) -> None:
        """Note the source of a function, and all that it reads."""
        self.seen[id(x)] = x
        if dataclasses.is_dataclass(x):
            self.value(type(x), f"{where}.class")
            for f in dataclasses.fields(x):
                self.value(getattr(x, f.name), f"{where}.{f.name}")
            return
        fn = inspect.unwrap(getattr(x, "py_func", x))
        if isinstance(fn, types.MethodType) or not isinstance(fn, types.FunctionType):
            raise Unknown
        code = fn.__code__
        self.lines.append(
            f"{where}: {code.co_filename}:{fn.__qualname__}\n{inspect.getsource(fn)}\n{instructions(code)}"
        )
        for k, default in enumerate((*(fn.__defaults__ or ()), *(fn.__kwdefaults__ or {}).values())):
            self.value(default, f"{where} default {k}")
        for name, cell in zip(code.co_freevars, fn.__closure__ or (), strict=True):
            self.value(cell.cell_contents, f"{where} {name}")
        for name, meaning in self.globals_of(fn, code):
            self.value(meaning, f"{where} {name}")

    def globals_of(self, fn: types.FunctionType, code: types.CodeType) -> Iterator[tuple[str, Any]]:
        """The global names that a function reads, and what it may read off modules of the user's."""
        for name in code.co_names:
            if name in fn.__globals__:
                meaning = fn.__globals__[name]
                yield name, meaning
                yield from self.attributes_of(name, meaning, code, {id(meaning)})
        for instruction in dis.get_instructions(code):
            if instruction.opname == "IMPORT_NAME" and instruction.argval.split(".")[0] not in LIBRARIES:
                raise Unknown
        for inner in code.co_consts:
            if isinstance(inner, types.CodeType):
                yield from self.globals_of(fn, inner)

    def attributes_of(
        self, name: str, meaning: Any, code: types.CodeType, entered: set[int]
    ) -> Iterator[tuple[str, Any]]:
        """What a function may read off a module of the user's, and off modules inside it."""
        if isinstance(meaning, types.ModuleType) and package_of(meaning) not in LIBRARIES:
            for n in code.co_names:
                inner = getattr(meaning, n, None)
                if hasattr(meaning, n) and id(inner) not in entered:
                    entered.add(id(inner))
                    yield f"{name}.{n}", inner
                    yield from self.attributes_of(f"{name}.{n}", inner, code, entered)


def is_written(attribute: Any) -> bool:
    """Whether a special method is one that the user wrote: those of data classes are generated from the fields."""
    return isinstance(attribute, types.FunctionType) and attribute.__code__.co_filename != "<string>"


def is_named(x: Any) -> bool:
    """Whether a function is what its module has under its name: others, such as lambdas, have no name of their own."""
    if not isinstance(x, types.FunctionType):
        return False
    found: Any = sys.modules.get(x.__module__)
    for name in x.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is x


def instructions(code: types.CodeType) -> str:
    """What tells a function from others on the same line: its instructions, and their columns where Python has them."""
    columns = list(positions()) if (positions := getattr(code, "co_positions", None)) else []
    return f"{code.co_code.hex()} {columns}"


def fingerprint(owner: Callable[..., Any], call: Any, options: Any) -> str | None:
    """A digest of all that a kernel depends on, or None where that cannot be told.

    Parameters
    ----------
    owner : callable
        A derivative; its `identity` says what it is of.
    call : hashable
        The structures and types of the arguments.
    options : object
        With a telling `repr`.
    """
    reader = Reader()
    try:
        reader.value(owner, "kernel")
    except (Unknown, OSError, TypeError, ValueError):
        return None
    versions = (compiler_stamp(), numba.__version__, np.__version__, sys.version_info[:3], platform.machine(), LIBRARY)
    text = "\n".join([repr(versions), repr(call), stable(options), repr(sorted(left_out())), *reader.lines])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@functools.cache
def compiler_stamp() -> str:
    """What tells this compiler from others: its version, and the sizes and times of its files."""
    from adcompile import __version__

    folder = Path(__file__).parent
    files = sorted(path for path in folder.rglob("*.py"))
    stamps = [f"{path.relative_to(folder)} {(s := path.stat()).st_size} {s.st_mtime_ns}" for path in files]
    return __version__ + hashlib.sha256("\n".join(stamps).encode()).hexdigest()


def stable(options: Any) -> str:
    """The options as a text that does not depend on the order of sets."""
    parts = (getattr(options, f.name) for f in dataclasses.fields(options))
    return repr([sorted(p) if isinstance(p, frozenset) else p for p in parts])
