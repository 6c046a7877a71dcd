"""What listings call of the run-time library and is not written in the language itself, so that they can be read back.

Each becomes the operation that it was printed for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adcompile.frontend import library
from adcompile.frontend.control import Control
from adcompile.frontend.structure import ArrayRef, Ref
from adcompile.ir.nodes import Atom, Value
from adcompile.ir.primitives import indexed_rank
from adcompile.ir.types import Array, Scalar

RUNTIME = "adcompile.runtime."
SPECIAL = frozenset({"lgamma", "gamma", "erf", "erfc", "digamma", "trigamma", "tetragamma"})


class Emitted(Control):
    """Adds the run-time library to the lowering."""

    def emitted(self, fn: Any) -> Callable[..., Any] | None:
        """The handler of a function of the run-time library, or None where its source is read like any other."""
        name = getattr(fn, "__name__", "")
        if not str(getattr(fn, "__module__", "")).startswith(RUNTIME):
            return None
        if name in SPECIAL:
            return lambda args, _, __: self.b.emit(name, library.number(self.b, self.plain(args[0])))
        handler: Callable[..., Any] | None = getattr(self, f"emitted_{name}", None)
        return handler

    # -- shapes -------------------------------------------------------------------------------------------------

    def emitted_unbroadcast(self, args: list[Any], _: Any, __: Any) -> Any:
        """The array itself where nothing was repeated, so that both may share memory."""
        result = self.new_array(self.b.emit("unbroadcast", self.plain(args[0]), *self.plain(args[1])))
        if isinstance(args[0], ArrayRef):
            self.state.share(result.obj, args[0].obj)
        return result

    def emitted_broadcast_to(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        return self.call(np.broadcast_to, args, kwargs, node)

    def emitted_flip(self, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        return self.new_array(self.b.emit("copy", self.plain(self.call(np.flip, args, kwargs, node))))

    # -- lists --------------------------------------------------------------------------------------------------

    def grown(self, ref: Ref) -> Atom:
        """The content of a list as that of one that grows."""
        content = self.content(ref)
        element = self.element_type(content)
        assert element is not None
        return self.elements_to_list(content, element)

    def emitted_list_zeros(self, args: list[Any], _: Any, __: Any) -> Ref:
        return self.new_object("list", self.b.emit("list_zeros", self.grown(args[0])))

    def emitted_list_add(self, args: list[Any], _: Any, __: Any) -> Ref:
        return self.new_object("list", self.b.emit("list_add", *map(self.grown, args)))

    def emitted_array_of_list(self, args: list[Any], _: Any, __: Any) -> ArrayRef:
        return self.new_array(self.b.emit("list_to_array", self.grown(args[0])))

    # -- indices ------------------------------------------------------------------------------------------------

    def emitted_gather(self, args: list[Any], _: Any, __: Any) -> Any:
        codes, array, *parts = args
        result = self.b.emit("gather", self.plain(array), *map(self.plain, parts), index=tuple(codes.split()))
        return self.new_array(result) if isinstance(result.type, Array) else result

    def emitted_scatter(self, args: list[Any], _: Any, __: Any) -> None:
        self.scatter(args, "store")

    def emitted_scatter_add(self, args: list[Any], _: Any, __: Any) -> None:
        self.scatter(args, "accumulate")

    def scatter(self, args: list[Any], primitive: str) -> None:
        """Write into places that arrays name."""
        text, array, value, *parts = args
        codes, operands = tuple(text.split()), tuple(map(self.plain, parts))
        self.check_writable(array)
        base = self.materialised_type(array)
        atom = self.stored(array, value, base.dtype, indexed_rank(base, tuple(o.type for o in operands), codes))
        self.write_at(array, codes, operands, atom, primitive)

    def emitted_drain(self, args: list[Any], _: Any, node: Any) -> Any:
        text, array, *parts = args
        if array.path:
            self.refuse(node, "elements of a view are taken out", help="take them out of the array itself")
        self.check_writable(array)
        operands = map(self.plain, parts)
        rest, taken = self.b.emit("drain", self.materialise(array), *operands, index=tuple(text.split()))
        self.state.heap[array.obj] = rest
        return taken if isinstance(taken, Value) and isinstance(taken.type, Scalar) else self.new_array(taken)
