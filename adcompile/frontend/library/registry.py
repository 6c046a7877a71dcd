"""Which Python objects the library knows, and how a call to one is bound to its handler.

Objects are named as ``"module.attribute"`` and resolved when a module is first met, so that nothing is imported for the
sake of the table. What the handlers emit is not here.
"""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from adcompile.errors import Unsupported
from adcompile.ir.build import Builder

Handler = Callable[..., Any]


@dataclass(frozen=True)
class Entry:
    """What a call to a known function becomes.

    Exactly one of `emit` and `composite` is there. A composite is a plain Python function that takes the same
    arguments and is inlined like the user's own code. An entry that `mutates` returns the new content of its first argument.
    One that `draws` is a composite that takes a random generator first, here None, which stands for NumPy's own stream.
    """

    name: str
    emit: Handler | None = field(default=None, compare=False)
    composite: Callable[..., Any] | None = None
    mutates: bool = False
    draws: bool = False

    @property
    def ufunc(self) -> bool:
        """Whether it is a ufunc of NumPy's."""
        return isinstance(getattr(np, self.name.removeprefix("np."), None), np.ufunc)

    @cached_property
    def signature(self) -> inspect.Signature:
        """The arguments the handler takes, after the builder."""
        assert self.emit is not None
        whole = inspect.signature(self.emit)
        return whole.replace(parameters=list(whole.parameters.values())[1:])

    def handler(self, b: Builder, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Emit the call; refuses arguments that the handler does not take."""
        assert self.emit is not None
        if self.ufunc and kwargs.get("where") is not None:
            raise Unsupported(
                f"`{self.name}` with `where=` and without `out=` is not supported",
                note="where the flag is not set, there would be no value",
                help="use np.where, or pass an array as `out=`",
            )
        # a handler writes `b_` for an argument `b`, because `b` is the builder
        names = self.signature.parameters
        kwargs = {k + "_" if k + "_" in names else k: v for k, v in kwargs.items() if k != "out"}
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise Unsupported(f"`{self.name}` is not supported with these arguments: {error}") from None
        return self.emit(b, *bound.args, **bound.kwargs)


#: dotted name -> entry
FUNCTIONS: dict[str, Entry] = {}
#: name of an array method -> entry, with the array as first argument
METHODS: dict[str, Entry] = {}
#: name of a method of random generators -> entry, with the generator as first argument
GENERATOR: dict[str, Entry] = {}
#: name of an array attribute -> handler(b, x)
ATTRIBUTES: dict[str, Handler] = {}

#: id of a resolved object -> (the object, kept alive so that its id stays its own; its entry)
resolved: dict[int, tuple[Any, Entry]] = {}
#: modules whose names have been resolved
resolved_modules: set[str] = set()


def short(name: str) -> str:
    """A dotted name as users write it."""
    return name.replace("numpy.", "np.", 1).removeprefix("builtins.")


def enter(names: str, emit: Handler, *, methods: str = "", mutates: bool = False) -> None:
    """Enter one handler under several dotted names and method names."""
    for name in names.split():
        FUNCTIONS[name] = Entry(short(name), emit, mutates=mutates)
    for name in methods.split():
        METHODS[name] = Entry(f".{name}", emit, mutates=mutates)


def function(names: str, *, methods: str = "", mutates: bool = False) -> Callable[[Handler], Handler]:
    """Enter the decorated handler, ``handler(b, *args, **kwargs)``, under dotted names and method names."""

    def decorate(emit: Handler) -> Handler:
        enter(names, emit, methods=methods, mutates=mutates)
        return emit

    return decorate


def method(names: str, *, mutates: bool = False) -> Callable[[Handler], Handler]:
    """Enter the decorated handler for array methods only."""
    return function("", methods=names, mutates=mutates)


def attribute(names: str) -> Callable[[Handler], Handler]:
    """Enter the decorated handler for array attributes."""

    def decorate(emit: Handler) -> Handler:
        ATTRIBUTES.update(dict.fromkeys(names.split(), emit))
        return emit

    return decorate


def drawing(function: Callable[..., Any], names: str, *, of_module: bool = True, of_generator: bool = True) -> None:
    """Enter a composite that takes a random generator first, as a function of `numpy.random` and as a generator's method."""
    for name in names.split():
        if of_module:
            FUNCTIONS[f"numpy.random.{name}"] = Entry(f"np.random.{name}", composite=function, draws=True)
        if of_generator:
            GENERATOR[name] = Entry(f".{name}", composite=function)


def composite(function: Callable[..., Any], names: str, methods: str = "") -> None:
    """Enter a plain Python function that is inlined where the named functions are called."""
    for name in names.split():
        FUNCTIONS[name] = Entry(short(name), composite=function)
    for name in methods.split():
        METHODS[name] = Entry(f".{name}", composite=function)


def lookup(obj: Any) -> Entry | None:
    """The entry of a callable Python object, or None. Only its identity is looked at, never its equality."""
    entry = by_identity(obj) or bound_method(obj)
    if entry is None and resolve_modules():
        entry = by_identity(obj)
    return entry


def by_identity(obj: Any) -> Entry | None:
    """The entry of this very object."""
    found = resolved.get(id(obj))
    return found[1] if found else None


def bound_method(obj: Any) -> Entry | None:
    """The entry of a method of a ufunc, such as ``np.add.at``, or of a random generator that is not followed."""
    owner = obj.__self__ if isinstance(obj, types.BuiltinFunctionType | types.MethodType) else None
    if isinstance(owner, np.ufunc):
        return FUNCTIONS.get(f"numpy.{owner.__name__}.{obj.__name__}")
    if isinstance(owner, np.random.RandomState):
        return FUNCTIONS["numpy.random.RandomState"]
    if type(owner).__module__.startswith("scipy.stats."):
        name = type(owner).__name__.removesuffix("_gen")
        if getattr(sys.modules["scipy.stats"], name, None) is owner:
            return FUNCTIONS.get(f"scipy.stats.{name}.{obj.__name__}")
    return None


def resolve_modules() -> bool:
    """Find the objects behind the names of all modules that are loaded; whether there were new ones."""
    modules = {name.rpartition(".")[0] for name in FUNCTIONS}
    new = [m for m in sorted(modules - resolved_modules) if m in sys.modules]
    for name, entry in FUNCTIONS.items():
        module, _, attr = name.rpartition(".")
        if module in new and hasattr(sys.modules[module], attr):
            obj = getattr(sys.modules[module], attr)
            resolved.setdefault(id(obj), (obj, entry))
    resolved_modules.update(new)
    return bool(new)
