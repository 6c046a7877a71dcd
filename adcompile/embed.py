"""Derivatives inside the user's own compiled functions: ``@njit`` code calls them as it calls any other function.

While such a function is typed, Numba asks for the kernel of the argument types at hand, which is made or found as for a call
from Python; the call then goes to it directly.
"""

from __future__ import annotations

from typing import Any

from numba.core import cgutils, types
from numba.core.errors import TypingError
from numba.core.imputils import lower_constant
from numba.core.typing.typeof import typeof_impl
from numba.extending import NativeValue, models, register_model, unbox

from adcompile import tree
from adcompile.backend.numba_types import from_numba
from adcompile.dispatch import Call, Dispatcher
from adcompile.errors import ADError


class DerivativeType(types.Callable, types.Opaque):
    """Numba's type of one derivative object."""

    def __init__(self, derivative: Dispatcher) -> None:
        self.derivative = derivative
        self.templates: dict[Any, Any] = {}
        super().__init__(f"adcompile.Derivative({id(derivative):x})")

    def get_call_type(self, context: Any, args: Any, kws: Any) -> Any:
        """The signature of a call, and the kernel behind it."""
        if kws:
            raise TypingError("a derivative called in compiled code takes its arguments by position")
        kernel = kernel_type(self.derivative, args)
        signature = context.resolve_function_type(kernel, args, {})
        self.templates[signature.args] = kernel.get_impl_key(signature)
        return signature

    def get_call_signatures(self) -> tuple[tuple[Any, ...], bool]:
        return (), True

    def get_impl_key(self, signature: Any) -> Any:
        return self.templates[signature.args]

    @property
    def key(self) -> Any:
        return id(self.derivative)


def kernel_type(derivative: Dispatcher, args: tuple[Any, ...]) -> Any:
    """Numba's type of the compiled kernel for some argument types."""
    try:
        described = tuple(from_numba(a) for a in args)
        call = Call([], (tree.LEAF,) * len(args), (), described)
        kernel = derivative.compile(call)
    except ADError as error:
        raise TypingError(str(error)) from error
    if kernel.unit.captured:
        raise TypingError("a derivative that reads large arrays of enclosing scopes cannot be called in compiled code")
    if not hasattr(kernel.run, "py_func"):
        raise TypingError("a derivative made with jit=False cannot be called in compiled code")
    return types.Dispatcher(kernel.run)


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
