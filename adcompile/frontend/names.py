"""From names to what they are worth: local variables, those of enclosing functions, globals and builtins.

What is read from outside the program is a constant of it, and is noted, because a cached derivative depends on it.
"""

from __future__ import annotations

import builtins
import dataclasses
import functools
import hashlib
import types
from typing import Any

import numpy as np

from adcompile.errors import Unsupported
from adcompile.frontend.core import christen
from adcompile.frontend.loops import Loops
from adcompile.frontend.structure import ArrayRef, Obj, Ref, Scope, is_namedtuple, is_record
from adcompile.ir.build import const
from adcompile.ir.nodes import Const, Eqn, Value
from adcompile.ir.types import Array, Scalar, Stream

#: arrays of enclosing scopes up to this many elements are written out; longer ones become parameters
WRITTEN_OUT = 64


class Names(Loops):
    """Adds the reading of names to the lowering."""

    def read_name(self, name: str) -> Any:
        """What a name is worth here."""
        scope: Scope | None = self.here.scope
        while scope is not None:
            if name in scope.locals:
                return self.read_local(scope, name)
            if scope.parent is None:
                return self.read_outside(scope, name)
            scope = scope.parent
        raise Unsupported(f"`{name}` is not defined")

    def read_local(self, scope: Scope, name: str) -> Any:
        """A variable of a call in progress, or of one that a closure remembers."""
        value = self.state.variables[scope].get(name)
        if value is None and name not in self.state.variables[scope]:
            raise Unsupported(
                f"`{name}` has no value here",
                note="no assignment to it comes before this place on every path",
                help=f"assign `{name}` first",
            )
        return self.there(value)

    def read_outside(self, scope: Scope, name: str) -> Any:
        """A variable of an enclosing Python function, a global, or a builtin."""
        source = scope.source
        if name in source.cells:
            try:
                found = source.cells[name].cell_contents
            except ValueError:
                raise Unsupported(
                    f"`{name}` has no value here", note="the enclosing function has not assigned it yet"
                ) from None
        elif name in source.globals:
            found = source.globals[name]
        elif hasattr(builtins, name):
            return self.lift(getattr(builtins, name), name)
        else:
            raise Unsupported(f"`{name}` is not defined", help="define or import it outside of the function")
        self.note(name, found)
        return self.lift(found, name)

    def note(self, name: str, found: Any) -> None:
        """Remember that the program depends on a value from outside."""
        if not isinstance(found, types.ModuleType):
            self.recorded.constants[name] = fingerprint(found)

    def lift(self, found: Any, name: str) -> Any:
        """What a Python object from outside is worth: numbers and arrays are constants, the rest is structure."""
        match found:
            case bool() | int() | float() | complex() | np.bool_() | np.number():
                if isinstance(found, int) and not isinstance(found, bool) and not -(2**63) <= found < 2**63:
                    raise Unsupported(f"`{name}` does not fit into 64 bits")
                return const(found)
            case np.ndarray() | list() | dict() | np.random.Generator():
                return self.lift_once(found, name)
            case tuple() if is_namedtuple(found):
                return type(found)._make(self.lift(v, f"{name}.{k}") for k, v in zip(found._fields, found, strict=True))  # type: ignore[attr-defined]
            case tuple():
                return tuple(self.lift(v, f"{name}[{k}]") for k, v in enumerate(found))
        if is_record(found):
            return self.lift_once(found, name)
        return found

    def lift_once(self, found: Any, name: str) -> Any:
        """An object from outside that has an identity."""
        if id(found) not in self.lifted:
            self.lifted[id(found)] = (found, self.lift_object(found, name))
        return self.lifted[id(found)][1]

    def lift_object(self, found: Any, name: str) -> Any:
        """A list, dict, dataclass instance or array from outside, which may be read but not changed."""
        content: Any
        match found:
            case np.ndarray():
                return self.lift_array(found, name)
            case np.random.Generator():
                stream = Value(Stream(), name if name.isidentifier() else "", self.b.span)
                self.captured.append((found, stream))
                return stream
            case list():
                kind, content = "list", tuple(self.lift(v, f"{name}[{k}]") for k, v in enumerate(found))
            case dict():
                kind, content = "dict", {k: self.lift(v, f"{name}[{k!r}]") for k, v in found.items()}
            case _:
                kind, content = (
                    "record",
                    {f.name: self.lift(getattr(found, f.name), f"{name}.{f.name}") for f in dataclasses.fields(found)},
                )
        obj = Obj(kind, name, self.b.span, type(found) if kind == "record" else None, constant=name)
        self.state.constants[obj] = content
        return Ref(obj)

    def lift_array(self, found: np.ndarray[Any, Any], name: str) -> Any:
        """An array from outside: written out if it is small, else a parameter that is passed at each call."""
        if found.dtype.kind not in "biufc":
            raise Unsupported(f"`{name}` is an array of {found.dtype}", help="use an array of numbers")
        if found.ndim == 0:
            return const(found[()])
        type_ = Array(found.dtype.name, found.ndim)
        value = Value(type_, name if name.isidentifier() else "", self.b.span)
        if found.size <= WRITTEN_OUT:
            element = Scalar(found.dtype.name)
            atoms = tuple(Const(x.item(), element) for x in found.ravel())
            params = (("shape", found.shape), ("dtype", found.dtype.name))
            eqn = Eqn("array", atoms, (value,), params, self.b.span)
            self.written.append(eqn)
            self.b.origin[value] = eqn
        else:
            self.captured.append((found, value))
        obj = Obj("array", name, self.b.span, constant=name)
        self.state.constants[obj] = value
        return ArrayRef(obj)

    def bind(self, name: str, value: Any) -> None:
        """Assign to a local variable."""
        if isinstance(value, ArrayRef) and not value.path and value.obj in self.state.heap:
            value.obj.name = value.obj.name or name
            christen(self.state.heap[value.obj], name)
        elif isinstance(value, Ref):
            value.obj.name = value.obj.name or name
        else:
            christen(value, name)
        self.state.variables[self.scope_of(name)][name] = value

    def scope_of(self, name: str) -> Scope:
        """The scope that an assignment changes: this one, or that of an enclosing function where `nonlocal` says so."""
        scope = self.here.scope
        while name not in scope.locals and not name.startswith("<") and scope.parent is not None:
            scope = scope.parent
        return scope if name in scope.locals else self.here.scope


def fingerprint(found: Any) -> str:
    """A text that changes when a value from outside does."""
    match found:
        case bool() | int() | float() | complex() | str() | None | np.number():
            return f"{type(found).__name__} {found!r}"
        case np.ndarray():
            digest = hashlib.sha256(np.ascontiguousarray(found).tobytes()).hexdigest()
            return f"array {found.dtype.str} {found.shape} {digest}"
        case tuple() | list():
            return f"{type(found).__name__}({', '.join(map(fingerprint, found))})"
        case dict():
            return f"dict({', '.join(f'{k!r}: {fingerprint(v)}' for k, v in found.items())})"
        case functools.partial():
            return f"partial({fingerprint(found.func)}, {fingerprint(found.args)}, {fingerprint(found.keywords)})"
    if is_record(found):
        fields = {f.name: getattr(found, f.name) for f in dataclasses.fields(found)}
        return f"{type(found).__qualname__} {fingerprint(fields)}"
    named = found if hasattr(found, "__qualname__") else type(found)
    return f"{getattr(named, '__module__', '')}.{getattr(named, '__qualname__', type(named).__name__)}"
