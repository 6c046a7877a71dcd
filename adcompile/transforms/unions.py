"""Sets of inputs as the bits of int64, and unions of them along axes, in lists and in loops, made of primitives.

What a set stands for, and which operation takes a union of what, is in `dependencies.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adcompile.ir.build import Frame, const, zero
from adcompile.ir.nodes import Atom, Value
from adcompile.ir.primitives import axes_of
from adcompile.ir.types import INT, Array, List, Scalar, Type, rank
from adcompile.rules.operations import contiguous_reshape, with_reduced_axes
from adcompile.transforms.jvp import Forward


class Unions(Forward):
    """Forward mode with sets in place of tangents."""

    def dot_type(self, type_: Type) -> Type:
        """The type of the sets of a value: an integer for each number."""
        if isinstance(type_, List):
            element = self.dot_type(type_.element)
            assert isinstance(element, Scalar | Array)
            return List(element)
        return Array("int64", type_.rank) if isinstance(type_, Array) else INT

    def zero_dot(self, like: Atom) -> Atom:
        """Empty sets for every number of a value."""
        if not isinstance(like.type, List):
            return self.b.zeros_like(like, "int64")
        return self.mapped_list(like.type, self.b.emit("list_len", like), lambda k: self.zero_dot(self.item(like, k)))

    def union(self, *sets: Atom | None) -> Atom | None:
        """The union of some sets, arrays of them element by element; None where there are none."""
        found: Atom | None = None
        for each in sets:
            if each is not None:
                found = each if found is None else self.b.emit("bit_or", found, each)
        return found

    def repeat(self, length: Atom, init: Atom, step: Callable[[Value, Value], Atom], start: int = 0) -> Atom:
        """What is left after step(k, carried) for each k below a length."""
        k, carried = Value(INT, "k"), Value(init.type)
        with self.b.block() as frame:
            following = step(k, carried)
        body = self.b.finish(frame, (k, carried), (following,))
        return self.b.for_((const(start, INT), length, const(1, INT)), [init], body)[0][0]

    def over(self, sets: Atom, axis: int | tuple[int, ...] | None = None, *, keepdims: bool = False) -> Atom:
        """The union of sets along axes: by default of all there are."""
        n = rank(sets.type)
        axes = axes_of(axis, n)
        if len(axes) == n:
            united = self.over_all(sets)
            return self.b.emit("full", united, *[const(1)] * n, dtype="int64") if keepdims and n else united
        united = sets
        for k in reversed(axes):
            united = self.over_axis(united, k)
        return with_reduced_axes(self.b, united, n, axis, keepdims=False) if keepdims else united

    def over_all(self, sets: Atom) -> Atom:
        """The union of all sets of an array, or of a list of numbers or arrays."""
        if isinstance(sets.type, Scalar):
            return sets
        if isinstance(sets.type, List):
            return self.repeat(
                self.b.emit("list_len", sets),
                zero(INT),
                lambda k, united: self.b.emit("bit_or", united, self.over_all(self.item(sets, k))),
            )
        vector = contiguous_reshape(self.b, sets, self.size(sets))
        return self.repeat(self.b.dim(vector, 0), zero(INT), lambda k, united: self.joined(united, vector, k))

    def joined(self, united: Atom, vector: Atom, k: Atom) -> Atom:
        """A set, with one of a vector's."""
        result: Atom = self.b.emit("bit_or", united, self.b.emit("load", vector, k, index=("i",)))
        return result

    def over_axis(self, sets: Atom, axis: int) -> Atom:
        """The union along one axis of several."""
        dims = self.b.dims(sets)
        index = ("s000",) * axis + ("i",)
        none: Atom = self.b.emit("zeros", *dims[:axis], *dims[axis + 1 :], dtype="int64")
        return self.repeat(
            dims[axis],
            none,
            lambda k, united: self.b.emit("bit_or", united, self.b.emit("view", sets, k, index=index)),
        )

    def running(self, sets: Atom, axis: int) -> Atom:
        """The union of each set with those before it along an axis."""
        n = rank(sets.type)
        axis %= n
        index = ("s000",) * axis + ("i",)
        read = "load" if n == 1 else "view"

        def step(k: Value, united: Value) -> Atom:
            before = self.b.emit("sub", k, const(1, INT))
            both = self.b.emit("bit_or", *(self.b.emit(read, united, j, index=index) for j in (before, k)))
            result: Atom = self.b.emit("store", united, both, k, index=index)
            return result

        return self.repeat(self.b.dim(sets, axis), self.b.emit("copy", sets), step, start=1)

    def spread(self, sets: Atom | None, value: Value) -> Atom | None:
        """Sets repeated to the shape of a value."""
        if sets is None or not isinstance(value.type, Array) or self.b.dims(sets) == self.b.dims(value):
            return sets
        return self.b.emit("broadcast_to", sets, *self.b.dims(value))  # type: ignore[no-any-return]

    def size(self, array: Atom) -> Atom:
        """The number of elements."""
        dims = self.b.dims(array)
        size = dims[0]
        for d in dims[1:]:
            size = self.b.emit("mul", size, d)
        return size

    def item(self, sequence: Atom, k: Atom) -> Atom:
        result: Atom = self.b.emit("list_get", sequence, k)
        return result

    def mapped_list(self, type_: List, length: Atom, element: Callable[[Value], Atom]) -> Atom:
        """A list of sets, one for each k below a length."""
        kind = self.dot_type(type_)
        assert isinstance(kind, List)
        empty: Atom = self.b.emit("list_new", element=kind.element)
        return self.repeat(length, empty, lambda k, made: self.b.emit("list_append", made, element(k)))

    # -- places that may not be there -----------------------------------------------------------------------------

    def inside(self, array: Atom, place: Sequence[Atom]) -> Atom:
        """Whether there is an element at a place of an array."""
        found: Atom | None = None
        for k, n in zip(place, self.b.dims(array), strict=True):
            low = self.b.emit("ge", k, self.b.emit("neg", n))
            here = self.b.emit("logical_and", low, self.b.emit("lt", k, n))
            found = here if found is None else self.b.emit("logical_and", found, here)
        assert found is not None
        return found

    def if_inside(self, array: Atom, place: Sequence[Atom], then: Callable[[], Atom], orelse: Atom) -> Value:
        """What `then` emits, where there is an element at a place of an array."""
        cond = self.inside(array, place)
        with self.b.block() as frame:
            result = then()
        empty = self.b.finish(Frame(), (), (orelse,))
        return self.b.if_(cond, self.b.finish(frame, (), (result,)), empty)[0]
