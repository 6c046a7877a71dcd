"""Derivatives inside the user's own compiled functions: ``@njit`` code calls them as it calls any other function.

While such a function is typed, Numba asks for the kernel of the argument types at hand, which is made or found as for a call
from Python; the call then goes to it directly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numba
from numba.core import cgutils, types
from numba.core.errors import NumbaError, TypingError
from numba.core.imputils import lower_constant
from numba.core.typing.typeof import typeof_impl
from numba.extending import NativeValue, models, register_model, unbox

from adcompile import tree
from adcompile.backend.numba_types import from_numba
from adcompile.dispatch import Call, Dispatcher, Kernel
from adcompile.errors import ADError
from adcompile.ir.types import Type


class DerivativeType(types.Callable, types.Opaque):
    """Numba's type of one derivative object."""

    def __init__(self, derivative: Dispatcher) -> None:
        self.derivative = derivative
        self.templates: dict[Any, Any] = {}
        #: what is called for each combination of argument types, kept as long as this type
        self.callees: dict[Any, Any] = {}
        super().__init__(f"adcompile.Derivative({id(derivative):x})")

    def get_call_type(self, context: Any, args: Any, kws: Any) -> Any:
        """The signature of a call, and the kernel behind it."""
        if kws and not (set(kws) == {"out"} and hasattr(self.derivative, "into")):
            raise TypingError("a derivative called in compiled code takes its arguments by position, all but `out`")
        out = kws.get("out")
        if (args, out) not in self.callees:
            found = callee(self.derivative, args) if out is None else writing(self.derivative, args, out)
            self.callees[args, out] = found
        kernel = types.Dispatcher(self.callees[args, out])
        try:
            signature = context.resolve_function_type(kernel, args, kws)
        except NumbaError as error:
            raise TypingError(str(explained(self.derivative, args, error))) from error
        self.templates[signature.args] = kernel.get_impl_key(signature)
        return signature

    def get_call_signatures(self) -> tuple[tuple[Any, ...], bool]:
        return (), True

    def get_impl_key(self, signature: Any) -> Any:
        return self.templates[signature.args]

    @property
    def key(self) -> Any:
        return id(self.derivative)


def callee(derivative: Dispatcher, args: tuple[Any, ...]) -> Any:
    """What is called for some argument types: the kernel, or a function that unpacks and packs for it."""
    types_: list[Type] = []
    try:
        structures = tuple(structure_from_numba(a, types_) for a in args)
        kernel = derivative.compile(Call([], structures, (), tuple(types_)), alike=False)
    except ADError as error:
        raise TypingError(str(error)) from error
    if kernel.unit.captured:
        raise TypingError("a derivative that reads large arrays of enclosing scopes cannot be called in compiled code")
    if not hasattr(kernel.run, "py_func"):
        raise TypingError("a derivative made with jit=False cannot be called in compiled code")
    if kernel.bare and all(s is tree.LEAF for s in structures):
        return kernel.run
    return forwarding(kernel, structures)


def writing(derivative: Any, args: tuple[Any, ...], out: Any) -> Any:
    """What is called with ``out=``: the buffers follow the arguments there, and come first in the kernel."""
    into = derivative.into
    if into.several and not (isinstance(out, types.BaseTuple) and len(out) == into.count):
        raise TypingError("`out` holds one buffer for each of `argnums`")
    buffers = tuple(out) if into.several else (out,)
    names = [f"x{k}" for k in range(len(args))]
    given = [f"out[{k}]" for k in range(into.count)] if into.several else ["out"]
    scope: dict[str, Any] = {"kernel": callee(into, (*buffers, *args))}
    exec(f"def forward({', '.join([*names, 'out'])}):\n    return kernel({', '.join([*given, *names])})\n", scope)
    return numba.njit(scope["forward"])


def explained(derivative: Dispatcher, args: tuple[Any, ...], error: NumbaError) -> ADError:
    """What to say when Numba refuses a kernel that compiled code calls."""
    types_: list[Type] = []
    call = Call([], tuple(structure_from_numba(a, types_) for a in args), (), tuple(types_))
    return derivative.explained(error, derivative.compile(call), call)


def structure_from_numba(type_: Any, leaves: list[Type]) -> tree.Structure:
    """How a value of Numba's type is nested; the types of its numbers and arrays are appended to a list."""
    if isinstance(type_, types.NoneType):
        return tree.Static(None)
    if not isinstance(type_, types.BaseTuple):
        leaves.append(from_numba(type_))
        return tree.LEAF
    inner: Any = type_
    children = tuple(structure_from_numba(t, leaves) for t in inner.types)
    if isinstance(type_, types.BaseNamedTuple):
        return tree.Node(inner.instance_class, tuple(inner.fields), children)
    return tree.Node(tuple, tuple(range(len(children))), children)


def forwarding(kernel: Kernel, structures: Sequence[tree.Structure]) -> Any:
    """A compiled function that takes and gives structures, and calls the kernel with the numbers and arrays in them."""
    names = [f"x{k}" for k in range(len(structures))]
    leaves = [leaf for name, s in zip(names, structures, strict=True) for leaf in unpacked(s, name)]
    kinds: list[type] = []
    result = packed(kernel.unit.result, "y", kinds)
    head, call = f"def forward({', '.join(names)}):\n", f"    y = kernel({', '.join(leaves)})\n"
    scope: dict[str, Any] = {"kernel": kernel.run}
    scope |= {f"kind{k}": kind for k, kind in enumerate(kinds)}
    exec("".join([head, call, f"    return {result}\n"]), scope)
    return numba.njit(scope["forward"])


def unpacked(structure: tree.Structure, name: str) -> Iterator[str]:
    """The expressions of the leaves of a structure."""
    match structure:
        case tree.Leaf():
            yield name
        case tree.Node(_, _, children):
            for k, child in enumerate(children):
                yield from unpacked(child, f"{name}[{k}]")


def packed(structure: tree.Structure, name: str, kinds: list[type]) -> str:
    """The expression that makes a structure of a kernel's result; the classes that it names are appended to a list."""
    match structure:
        case tree.Leaf():
            return name
        case tree.Static(value) if value is None or isinstance(value, str | bool | int | float):
            return repr(value)
        case tree.Node(kind, _, children) if issubclass(kind, tuple):
            filled = [k for k, child in enumerate(children) if tree.count(child)]
            parts = [
                packed(child, f"{name}[{filled.index(k)}]" if k in filled else "", kinds)
                for k, child in enumerate(children)
            ]
            if kind is tuple:
                return f"({', '.join(parts)}{',' * (len(parts) == 1)})"
            kinds.append(kind)
            return f"kind{len(kinds) - 1}({', '.join(parts)})"
        case tree.Node(kind):
            shown = f"a {kind.__name__}"
        case _:
            shown = repr(structure)
    raise TypingError(
        f"a derivative that gives {shown} cannot be called in compiled code: "
        "there a structure is a tuple or a named tuple, of the argument and of the result"
    )


@typeof_impl.register(Dispatcher)
def typeof_derivative(value: Dispatcher, context: Any) -> DerivativeType:
    found = getattr(value, "numba_type", None)
    if found is None:
        found = value.numba_type = DerivativeType(value)  # type: ignore[attr-defined]
    return found


register_model(DerivativeType)(models.OpaqueModel)


@lower_constant(DerivativeType)
def lower_derivative(context: Any, builder: Any, type_: Any, value: Any) -> Any:
    return context.get_dummy_value()


@unbox(DerivativeType)
def unbox_derivative(type_: Any, obj: Any, c: Any) -> NativeValue:
    return NativeValue(cgutils.get_null_value(c.context.get_value_type(type_)))
