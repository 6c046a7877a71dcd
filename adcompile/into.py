"""Derivatives that are written into arrays of the caller's: what a call with ``out=`` goes to.

How a result comes to be computed there is in `backend/buffers.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from adcompile import tree
from adcompile.dispatch import Dispatcher
from adcompile.errors import ShapeError, Unsupported


class Into(Dispatcher):
    """What a derivative called with ``out=`` is: of the buffers, then of the arguments."""

    def __init__(self, derivative: Any) -> None:
        super().__init__(derivative.options)
        self.derivative = derivative
        self.f = derivative.f
        self.several = isinstance(derivative.argnums, tuple)
        self.count = len(derivative.argnums) if isinstance(derivative.argnums, tuple) else 1
        self.__name__ = derivative.__name__
        self.__doc__ = derivative.__doc__
        names = parameter_names(self.f)
        buffers = [f"out_{k}" for k in range(self.count)] if self.several else ["out"]
        while not set(buffers).isdisjoint(names):
            buffers = [f"{name}_" for name in buffers]
        in_order = (inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in (*buffers, *names))
        self.__signature__ = inspect.Signature(list(in_order))

    def identity(self) -> tuple[Any, ...]:
        return ("out", self.derivative)

    def __call__(self, out: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        if not self.several:
            return super().__call__(out, *args, **kwargs)
        if not isinstance(out, tuple | list) or len(out) != self.count:
            raise ShapeError("`out` holds one buffer for each of `argnums`", help="give None where there is to be none")
        return super().__call__(*out, *args, **kwargs)

    def call(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        for buffer in buffers_in(args[: self.count]):
            check_buffer(buffer)
        return super().call(args, kwargs)

    def __adcompile_lower__(self, lowering: Any, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
        from adcompile import derive

        out, rest = tuple(args[: self.count]), args[self.count :]
        result = self.derivative.__adcompile_lower__(lowering, rest, kwargs, node)
        before, found = self.derivative.derivative_in(result)
        derive.write_into(lowering, found, before, out if self.several else out[0], [*args, *kwargs.values()])
        return result

    def shared(self) -> Unsupported:
        return Unsupported(
            f"two arrays given to `{self.__name__}` share memory: one in `out` and another, or two arguments of which the "
            "function writes into one",
            help="pass a buffer of its own: np.empty_like(x)",
        )


def buffers_in(out: Any) -> list[Any]:
    """The buffers in a structure of them."""
    leaves: list[Any] = []
    inner = tree.children_of(out)
    if inner is None:
        return [] if out is None else [out]
    for part in inner[1]:
        leaves += buffers_in(part)
    return leaves


def check_buffer(buffer: Any) -> None:
    """Refuse what a kernel cannot write into as it stands."""
    if not isinstance(buffer, np.ndarray) or buffer.ndim == 0:
        raise ShapeError(f"`out` takes arrays to write into, not {type(buffer).__name__}", help="pass np.empty_like(x)")
    if not (buffer.flags.c_contiguous and buffer.flags.writeable):
        what = "has gaps or another order than C's" if buffer.flags.writeable else "is read-only"
        raise ShapeError(f"a buffer in `out` {what}", help="pass an array of its own: np.empty_like(x)")


def parameter_names(f: Any) -> tuple[str, ...]:
    """The names of the parameters of a callable, as far as they are known."""
    try:
        return tuple(inspect.signature(f).parameters)
    except (TypeError, ValueError):
        return ()
