"""What can be iterated over, and running a body once for each item: as a loop of the program, or unrolled.

The statements `for` and `while` are in `control`.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence as Items
from typing import Any

import gast

from adcompile.errors import ShapeError, Unsupported
from adcompile.frontend import prelude
from adcompile.frontend.carried import Header, Plan
from adcompile.frontend.core import (
    BREAK,
    CONTINUE,
    EXITS,
    FALSE,
    TRUE,
    Call,
    Mixed,
    NeedsUnrolling,
    Unreachable,
    is_const,
)
from adcompile.frontend.memory import Memory
from adcompile.frontend.structure import (
    ArrayRef,
    Generator,
    Lazy,
    Range,
    Ref,
    Scope,
    Sequence,
    Step,
    describe_type,
    is_atom,
    is_enum,
    is_scalar,
)
from adcompile.ir.build import const
from adcompile.ir.nodes import Atom, Const, Value
from adcompile.ir.types import Array, List, Scalar, unify

#: loops of at most this many iterations are unrolled where their index must be known
UNROLLED = 256
#: and up to this many where the type of a value may be known then
UNROLLED_MIXED = 32
#: those of comprehensions always up to this many, so that the length of the list is known
WRITTEN_OUT = 8

Body = Callable[[Any], None]


class Iteration(Memory):
    """Adds iteration to the lowering."""

    # -- sequences ----------------------------------------------------------------------------------------------

    def sequence(self, value: Any) -> Sequence:
        """A value as something to iterate over."""
        match value:
            case ArrayRef():
                return Sequence(lambda: self.b.dim(self.materialise(value), 0), lambda k: self.read(value, k))
            case Range():
                return self.range_sequence(value)
            case Lazy():
                return self.lazy_sequence(value)
            case Generator():
                return self.sequence(self.to_list(value))
            case Ref(obj) if obj.kind == "dict":
                return self.known(tuple(self.key_value(k) for k in self.content(value)))
            case Ref(obj) if obj.kind == "list":
                content = self.content(value)
                if is_atom(content):
                    return Sequence(lambda: self.b.emit("list_len", content), lambda k: self.list_element(value, k))
                return self.known(content)
            case tuple() | str():
                return self.known(tuple(value))
            case type() if is_enum(value):
                return self.known(tuple(self.lift(member, member.name) for member in value))  # type: ignore[attr-defined]
        raise Unsupported(f"{self.describe(value)} cannot be iterated over")

    def key_value(self, key: Any) -> Any:
        """A key of a dict as a value."""
        return key if isinstance(key, str | None) else self.lift(key, "a key")

    def known(self, items: tuple[Any, ...]) -> Sequence:
        """A sequence whose items are known."""
        return Sequence(lambda: const(len(items)), lambda k: self.choose_item(items, k), items)

    def range_sequence(self, r: Range) -> Sequence:
        """The integers of a range."""

        def get(k: Atom) -> Atom:
            step: Atom = self.b.emit("mul", k, r.step) if r.step != const(1) else k
            result: Atom = self.b.emit("add", r.start, step) if r.start != const(0) else step
            if isinstance(step, Value) and k in self.nonnegative and is_const_at_least(r.start, 0):
                self.nonnegative.add(result) if isinstance(result, Value) and is_const_at_least(r.step, 1) else None
            return result

        return Sequence(lambda: self.range_length(r), get, bounds=(r.start, r.stop, r.step))

    def range_length(self, r: Range) -> Atom:
        """How many integers a range has."""
        emit = self.b.emit
        span = emit("sub", r.stop, r.start) if r.start != const(0) else r.stop
        if not isinstance(r.step, Const):
            up = emit("gt", r.step, const(0))
            towards = emit("where", up, emit("sub", r.step, const(1)), emit("add", r.step, const(1)))
            count: Atom = emit("floordiv", emit("add", span, towards), r.step)
        elif r.step.value == 1:
            count = span
        else:
            beyond = r.step.value - 1 if r.step.value > 0 else r.step.value + 1
            count = emit("floordiv", emit("add", span, const(beyond)), r.step)
        result: Atom = emit("maximum", count, const(0))
        return result

    def lazy_sequence(self, lazy: Lazy) -> Sequence:
        """What `enumerate`, `zip`, `reversed` and `prange` yield."""
        if lazy.kind == "prange":
            (r,) = lazy.parts
            inner = self.range_sequence(r)
            return Sequence(inner.measure, inner.get, bounds=inner.bounds, parallel=True)
        if lazy.kind == "enumerate":
            iterable, start = lazy.parts
            inner = self.sequence(iterable)
            items = None
            if inner.items is not None and isinstance(start, Const):
                items = tuple((const(start.value + k), item) for k, item in enumerate(inner.items))
            return Sequence(inner.measure, lambda k: (self.counted_from(start, k), inner.get(k)), items)
        if lazy.kind == "reversed":
            return self.reversed_sequence(lazy.parts[0])
        return self.zip_sequence([self.sequence(part) for part in lazy.parts])

    def counted_from(self, start: Atom, k: Atom) -> Atom:
        """The number that `enumerate` gives to a position."""
        result: Atom = k if start == const(0) else self.b.emit("add", start, k)
        return result

    def reversed_sequence(self, value: Any) -> Sequence:
        """A sequence from its end."""
        inner = self.sequence(value)
        if inner.bounds is not None and isinstance(inner.bounds[2], Const) and abs(inner.bounds[2].value) == 1:
            start, stop, _ = inner.bounds
            back = const(-inner.bounds[2].value)
            add = self.b.emit
            bounds = (add("add", stop, back), add("add", start, back), back)
            return self.range_sequence(Range(*bounds))
        items = inner.items[::-1] if inner.items is not None else None
        last = self.b.emit("sub", inner.length, const(1))
        return Sequence(inner.measure, lambda k: inner.get(self.b.emit("sub", last, k)), items)

    def zip_sequence(self, parts: list[Sequence]) -> Sequence:
        """Several sequences in step, as long as the shortest."""
        if not parts:
            return self.known(())
        length = parts[0].length
        for part in parts[1:]:
            length = length if part.length == length else self.b.emit("minimum", length, part.length)
        items = None
        if any(part.items is not None for part in parts) and isinstance(length, Const):
            columns = [part.items or tuple(part.get(const(k)) for k in range(length.value)) for part in parts]
            items = tuple(zip(*columns, strict=False))
        return Sequence(lambda: length, lambda k: tuple(part.get(k) for part in parts), items)

    def known_items(self, value: Any, what: str) -> tuple[Any, ...]:
        """The items of an iterable whose number is known when the program is compiled."""
        items = self.unrolled(self.sequence(value))
        if items is None:
            raise Unsupported(
                f"{what} needs a sequence whose length is known when the function is compiled, not {self.describe(value)}"
            )
        return items

    def unrolled(self, seq: Sequence, most: int = UNROLLED) -> tuple[Any, ...] | None:
        """All items of a sequence of known length, if there are not too many."""
        if seq.items is not None or most == 0:
            return seq.items
        if seq.bounds is not None and not all(isinstance(end, Const) for end in seq.bounds):
            return None
        length = seq.length
        if isinstance(length, Const) and length.value <= most:
            return tuple(seq.get(const(k)) for k in range(length.value))
        return None

    # -- elements -----------------------------------------------------------------------------------------------

    def list_element(self, ref: Ref, position: Atom) -> Any:
        """An element of a list that grows."""
        content = self.content(ref)
        if isinstance(content.type.element, Array):
            return ArrayRef(ref.obj, (Step("list_get", (position,), ()),))
        return self.b.emit("list_get", content, position)

    def choose_item(self, items: tuple[Any, ...], position: Atom) -> Any:
        """The item at a position known at run time: the items become an array if they are numbers."""
        if isinstance(position, Const):
            return items[position.value]
        if items and all(map(is_scalar, items)):
            type_ = items[0].type
            for item in items[1:]:
                type_ = unify(type_, item.type) if type_ else None
            if type_ is not None:
                atoms = [self.b.to_dtype(item, type_.dtype) for item in items]
                table = self.b.emit("array", *atoms, shape=(len(items),), dtype=type_.dtype)
                return self.b.emit("load", table, position, index=("i",))
        if items and all(type(item) is type(items[0]) is tuple and len(item) == len(items[0]) for item in items):
            return tuple(self.choose_item(column, position) for column in zip(*items, strict=True))
        raise NeedsUnrolling(
            "this index must be known when the function is compiled, because the elements are not plain numbers",
            help="stack them into one array, or loop over them directly",
        )

    # -- running a body -----------------------------------------------------------------------------------------

    def iterate(self, iterable: Any, body: Body, header: Header, plan: Plan) -> Atom:
        """Run a body for each item; returns the flag that says whether it was left by `break`."""
        if isinstance(iterable, Generator):
            self.iterate_generator(iterable, body)
            return FALSE
        seq = self.sequence(iterable)
        items = seq.items if seq.items is not None else self.unrolled(seq, header.written_out)
        if items is not None:
            return self.unroll(items, body, header)
        header.bounds = seq.bounds or (const(0), seq.length, const(1))
        header.parallel = seq.parallel
        header.runs = all(isinstance(e, Const) for e in header.bounds) and seq.length.value > 0  # type: ignore[union-attr]
        if seq.bounds is None:
            header.index = ""
        length = self.content(iterable) if isinstance(iterable, Ref) else None
        try:
            broke = self.loop(header, lambda k: body(k if seq.bounds or k is None else seq.get(k)), plan)
        except NeedsUnrolling as error:
            items = self.unrolled(seq, UNROLLED_MIXED if isinstance(error, Mixed) else UNROLLED)
            if items is None:
                raise
            return self.unroll(items, body, header)
        if isinstance(iterable, Ref) and not is_same_length(length, self.content(iterable)):
            raise Unsupported("a list cannot be changed while it is iterated over", help="iterate over a copy")
        return broke

    def unroll(self, items: Items[Any], body: Body, header: Header) -> Atom:
        """Run a body for each of some known items."""
        self.unroll_from(items, body, header)
        broke = self.flag(BREAK)
        self.set_flag(BREAK, FALSE)
        self.set_flag(CONTINUE, FALSE)
        return broke

    def unroll_from(self, items: Items[Any], body: Body, header: Header) -> None:
        """Run a body for the items from here on, unless it has been left."""
        for k, item in enumerate(items):
            self.set_flag(CONTINUE, FALSE)
            if self.state.dead or is_const(self.pending(), True):
                return
            if not is_const(self.pending(), False):
                live = None if header.head is None or header.after is None else header.head | header.after
                self.unless_pending(lambda rest=items[k:]: self.unroll_from(rest, body, header), live)  # type: ignore[misc]
                return
            body(item)

    def unless_pending(self, rest: Callable[[], None], live: frozenset[str] | None) -> None:
        """Run the rest of a block where no `break`, `continue` or `return` has been met."""
        names = [name for name in EXITS if not is_const(self.flag(name), False)]

        def skip() -> None:
            if len(names) == 1:
                self.set_flag(names[0], TRUE)

        def go_on() -> None:
            for name in names:
                self.set_flag(name, FALSE)
            rest()

        self.choose(self.pending(), skip, go_on, live)

    # -- comprehensions -----------------------------------------------------------------------------------------

    def iterate_generator(self, generator: Generator, body: Body) -> None:
        """Run a body for each value of a generator expression."""
        node = generator.node
        targets = frozenset(n.id for g in node.generators for n in gast.walk(g.target) if isinstance(n, gast.Name))
        outer = self.here
        scope = Scope(generator.scope.source, targets, generator.scope)
        self.state.variables[scope] = {}
        inner = Call(scope, outer.liveness, outer.name, None, outer.targets, outer.span)

        def run(k: int) -> None:
            if k == len(node.generators):
                value = self.evaluate(node.elt)
                self.calls.remove(inner)
                try:
                    body(value)
                finally:
                    self.calls.append(inner)
                return
            part = node.generators[k]
            with self.at(part.iter):
                iterable = self.evaluate(part.iter)
                self.iterate(
                    iterable,
                    lambda item: step(k, item),
                    Header(self.b.span, index=target_name(part.target), written_out=WRITTEN_OUT),
                    Plan(),
                )

        def step(k: int, item: Any) -> None:
            self.assign(node.generators[k].target, item)
            self.filtered(node.generators[k].ifs, lambda: run(k + 1))

        self.calls.append(inner)
        try:
            run(0)
        finally:
            self.calls.remove(inner)
        if not scope.captured:
            self.state.variables.pop(scope, None)

    def filtered(self, conditions: list[Any], body: Callable[[], None]) -> None:
        """Run a body where all conditions hold."""
        if not conditions:
            return body()
        flag = self.condition(conditions[0])
        if isinstance(flag, Const):
            return self.filtered(conditions[1:], body) if flag.value else None
        self.choose(flag, lambda: self.filtered(conditions[1:], body), lambda: None, None)
        if self.state.dead:
            raise Unreachable
        return None

    def condition(self, node: Any) -> Atom:
        """Whether an expression counts as true."""
        raise NotImplementedError

    def assign(self, target: Any, value: Any) -> None:
        """Bind a target."""
        raise NotImplementedError

    def to_list(self, value: Any) -> Any:
        """The list of what an iterator yields."""
        result = self.new_object("list", ())
        with self.holding(result):
            if isinstance(value, Generator):
                self.iterate_generator(value, lambda item: self.append(result, item))
            else:
                self.iterate(value, lambda item: self.append(result, item), Header(self.b.span), Plan())
        return result

    # -- lists --------------------------------------------------------------------------------------------------

    def append(self, ref: Ref, value: Any) -> None:
        """Carry out ``list.append``."""
        self.check_writable(ref)
        content = self.content(ref)
        if isinstance(content, tuple):
            self.state.heap[ref.obj] = (*content, value)
            return
        element = self.common_element(content.type.element, value)
        if element != content.type.element:
            # the list was made for another type: its type grows, and the loop around is lowered again
            content = Value(List(element), ref.obj.name, self.b.span)
        if isinstance(value, ArrayRef):
            self.state.entangle(ref.obj, value.obj)
        self.state.heap[ref.obj] = self.b.emit("list_append", content, self.element(value, element))

    def common_element(self, element: Any, value: Any) -> Any:
        """The type of the elements of a list that takes one more."""
        found = self.element_type((value,))
        common = unify(element, found) if found else None
        if common is None:
            raise ShapeError(f"a list of {describe_type(element)} cannot hold {self.describe(value)} as well")
        return common

    def extend(self, ref: Ref, values: Any) -> None:
        """Carry out ``list.extend``."""
        self.iterate(values, lambda item: self.append(ref, item), Header(self.b.span), Plan())

    def set_item(self, ref: Ref, position: Atom, value: Any) -> None:
        """Carry out ``list[position] = value``."""
        self.check_writable(ref)
        content = self.content(ref)
        if isinstance(content, tuple) and isinstance(position, Const):
            items = list(content)
            if not -len(items) <= position.value < len(items):
                raise ShapeError(f"index {position.value} is out of range for a list of {len(items)}")
            items[position.value] = value
            self.state.heap[ref.obj] = tuple(items)
            return
        element = self.element_type((*content, value)) if isinstance(content, tuple) else content.type.element
        if isinstance(content, tuple):
            if not isinstance(element, Scalar):
                raise NeedsUnrolling(
                    "an element of a list of fixed length is replaced at a position known at run time only",
                    help="use an array",
                )
            content = self.elements_to_list(content, element)
        if self.common_element(element, value) != element:
            raise ShapeError(f"a list of {describe_type(element)} cannot hold {self.describe(value)}")
        if isinstance(value, ArrayRef):
            self.state.entangle(ref.obj, value.obj)
        self.state.heap[ref.obj] = self.b.emit("list_set", content, self.element(value, element), position)

    def pop(self, ref: Ref, position: Any = None) -> Any:
        """Carry out ``list.pop``."""
        self.check_writable(ref)
        content = self.content(ref)
        at_end = position is None or position == const(-1)
        if isinstance(content, tuple):
            k = -1 if at_end else position.value if isinstance(position, Const) else None
            if k is None or not -len(content) <= k < len(content):
                raise Unsupported("this element cannot be popped", help="pop from the end of a list that is not empty")
            items = list(content)
            value = items.pop(k)
            self.state.heap[ref.obj] = tuple(items)
            return value
        if not at_end:
            return self.pop_inside(ref, self.index_integer(position))
        self.state.heap[ref.obj], value = self.b.emit("list_pop", content)
        if not isinstance(value.type, Array):
            return value
        array = self.new_array(value)
        self.state.share(array.obj, ref.obj)
        return array

    def pop_inside(self, ref: Ref, position: Atom) -> Any:
        """Take an element out of a list that grows, and move up those behind it."""
        position = self.from_start(ref, position)
        value = self.list_element(ref, position)
        if isinstance(value, ArrayRef):
            value = self.new_array(self.materialise(value))
            self.state.share(value.obj, ref.obj)
        behind = self.b.emit("add", position, const(1))
        self.splice(ref, self.some_of(ref, None, position, const(1)), self.some_of(ref, behind, None, const(1)))
        return value

    def insert(self, ref: Ref, position: Atom, value: Any) -> None:
        """Carry out ``list.insert`` where the position or the length is known at run time only."""
        self.check_writable(ref)
        content = self.content(ref)
        if isinstance(content, tuple):
            element = self.element_type((*content, value))
            if element is None:
                raise Unsupported("only numbers, or arrays of one type, can be inserted here", help="use an array")
            self.state.heap[ref.obj] = self.elements_to_list(content, element)
        tail = self.some_of(ref, position, None, const(1))
        head = self.some_of(ref, None, position, const(1))
        self.splice(ref, head, self.new_object("list", (value,)), tail)

    def splice(self, ref: Ref, *parts: Ref) -> None:
        """Let a list hold what others hold, one after the other."""
        first, *others = parts
        for part in parts:
            self.state.share(ref.obj, part.obj)
        self.state.heap[ref.obj] = self.content(first)
        for part in others:
            self.extend(ref, part)

    def from_start(self, ref: Ref, position: Atom) -> Atom:
        """A position in a list that grows, counted from its start."""
        if isinstance(position, Const) and position.value >= 0:
            return position
        turned = self.b.emit("add", position, self.b.emit("list_len", self.content(ref)))
        if isinstance(position, Const):
            result: Atom = turned
            return result
        result = self.b.emit("where", self.b.emit("lt", position, const(0)), turned, position)
        return result

    def some_of(self, ref: Ref, start: Atom | None, stop: Atom | None, step: Atom) -> Ref:
        """The elements of a slice of a list that grows, as a new list."""
        content = self.content(ref)
        if isinstance(content.type.element, Scalar):
            array = self.new_array(self.b.emit("list_to_array", content))
            part = self.materialise(self.read(array, slice(start, stop, step)))
            return self.new_object("list", self.b.emit("array_to_list", part))
        result = self.call_own(prelude.some_of, [ref, start, stop, step], {}, None, span=self.b.span)
        assert isinstance(result, Ref)
        self.state.share(result.obj, ref.obj)
        return result

    def call_own(self, fn: Any, args: list[Any], kwargs: dict[str, Any], node: Any, *, span: Any = None) -> Any:
        """The value of a call of a function whose source is read."""
        raise NotImplementedError


def target_name(target: Any) -> str:
    """The name of a loop variable."""
    return target.id if isinstance(target, gast.Name) else ""


def is_const_at_least(atom: Any, low: int) -> bool:
    """Whether an atom is a constant not below a number."""
    return isinstance(atom, Const) and isinstance(atom.type, Scalar) and bool(atom.value >= low)


def is_same_length(before: Any, after: Any) -> bool:
    """Whether a list was not changed: the same tuple, or the same version."""
    return before is after
