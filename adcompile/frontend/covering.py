"""The least description of what a loop carries at one place that covers what is there before it and after an iteration.

Types grow (an integer becomes a float), arrays that differ become one carried array, and what cannot be carried becomes an error
that is raised where it is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adcompile.frontend.carried import Carried, CarriedArray, CarriedObject, Header, Location
from adcompile.frontend.merge import Merging, describe_in, meeting_type, shape_of_path
from adcompile.frontend.structure import ArrayRef, Missing, Obj, Ref, State, Step, describe_type, remake, same
from adcompile.ir.nodes import Const, Value
from adcompile.ir.types import Array, List, Scalar, Type, unify


@dataclass
class Cover:
    """One place where a loop changes something, with what is there at the end of an iteration."""

    low: Merging
    entry: State
    end: State
    location: Location
    after: Any
    header: Header
    #: how the part in hand is read off what is at the place
    part: str = ""

    @property
    def name(self) -> str:
        """What the program calls the place."""
        return self.location.name if isinstance(self.location, Obj) else self.location[1]

    def of(self, spec: Any) -> Any:
        """The spec that covers what is there now as well."""
        if isinstance(self.location, Obj):
            return self.content(self.location.kind, spec, self.after)
        return self.value(spec, self.after)

    def content(self, kind: str, spec: Any, value: Any) -> Any:
        """The spec that covers what another object of a kind holds as well."""
        return self.list_content(spec, value) if kind == "list" else self.value(spec, value)

    def value(self, spec: Any, value: Any) -> Any:
        """The spec that covers another value as well."""
        match spec, value:
            case Missing(), _:
                return spec
            case _, Missing():
                return value
            case ((Carried() | Value() | Const()), (Value() | Const())):
                if same(spec, value):
                    return spec
                type_ = meeting_type(spec.type, value.type)
                return Carried(type_, self.name, self.low.b.span) if type_ else self.conflict(spec, value)
            case ((CarriedArray() | ArrayRef()), ArrayRef()):
                return self.array(spec, value)
            case ((CarriedObject() | Ref()), Ref()) if self.alike(spec.obj, value.obj):
                return self.object(spec, value)
            case tuple(), tuple() if type(spec) is type(value) and len(spec) == len(value):
                return remake(
                    spec, [self.inner(f"[{k}]", p, q) for k, (p, q) in enumerate(zip(spec, value, strict=True))]
                )
            case dict(), dict() if list(spec) == list(value):
                return {k: self.inner(self.key(k), spec[k], value[k]) for k in spec}
        return spec if same(spec, value) else self.conflict(spec, value)

    def inner(self, part: str, spec: Any, value: Any) -> Any:
        """The spec of a part."""
        self.part, whole = self.part + part, self.part
        result = self.value(spec, value)
        self.part = whole
        return result

    def key(self, key: Any) -> str:
        """How an entry of a dict or a field of a record is read."""
        is_dict = isinstance(self.location, Obj) and self.location.kind == "dict"
        return f"[{key!r}]" if is_dict or not isinstance(key, str) else f".{key}"

    def array(self, spec: CarriedArray | ArrayRef, value: ArrayRef) -> Any:
        """The spec of an array variable: the same views of one array with other indices, or another array each time."""
        if isinstance(spec, ArrayRef):
            if same(spec, value):
                return spec
            if spec.obj is value.obj and shape_of_path(spec) == shape_of_path(value):
                steps = []
                for p, q in zip(spec.path, value.path, strict=True):
                    operands = tuple(self.value(x, y) for x, y in zip(p.operands, q.operands, strict=True))
                    steps.append(Step(p.primitive, operands, p.params))
                return ArrayRef(spec.obj, tuple(steps))
        ours = spec.type if isinstance(spec, CarriedArray) else self.low.type_in(spec, self.entry)
        theirs = self.low.type_in(value, self.end)
        type_ = meeting_type(ours, theirs) if ours and theirs else None
        if type_ is None:
            return self.conflict(spec, value)
        obj = spec.obj if isinstance(spec, CarriedArray) else Obj("array", self.name, self.low.b.span)
        return CarriedArray(type_, obj)

    @staticmethod
    def alike(a: Obj, b: Obj) -> bool:
        """Whether two objects can be worth one variable."""
        return a.kind == b.kind and a.cls is b.cls

    def object(self, spec: CarriedObject | Ref, value: Ref) -> Any:
        """The spec of a variable for a list, dict or record: the same one, or another one each time."""
        if same(spec, value):
            return spec
        if isinstance(spec, CarriedObject):
            obj, before = spec.obj, spec.content
        else:
            constant = spec.obj.constant or value.obj.constant
            obj = Obj(spec.obj.kind, self.name, self.low.b.span, spec.obj.cls, constant, {spec.obj})
            before = self.entry.content(spec.obj)
        obj.one_of.add(value.obj)
        content = self.content(obj.kind, before, self.end.content(value.obj))
        return self.conflict(spec, value) if isinstance(content, Missing) else CarriedObject(obj, content)

    def list_content(self, spec: Any, value: Any) -> Any:
        """The content of a list: where its length changes it becomes a list that grows."""
        if isinstance(spec, tuple) and isinstance(value, tuple) and len(spec) == len(value):
            return self.value(spec, value)
        if isinstance(spec, Missing) or isinstance(value, Missing):
            return spec if isinstance(spec, Missing) else value
        types = [self.element(s) for s in (spec, value) if s != ()]
        element = types[0] if types else None
        for other in types[1:]:
            element = unify(element, other) if element and other else None
        if not isinstance(element, Scalar | Array):
            return Missing(
                f"`{self.name or 'this list'}` cannot grow in a loop",
                f"{self.header.place} appends to it, and it would hold more than numbers or arrays of one type",
                "append numbers, or arrays of one dtype and number of axes",
                mixed=True,
            )
        return Carried(List(element), self.name, self.low.b.span)

    def element(self, content: Any) -> Type | None:
        """What a list holds, carried or not."""
        if isinstance(content, Carried):
            assert isinstance(content.type, List)
            return content.type.element
        with self.low.on(self.low.b.frames[-1], self.end):
            return self.low.element_type(content)

    def conflict(self, spec: Any, value: Any) -> Missing:
        """What cannot be carried, because its type changes."""
        name = f"`{self.name}{self.part}`"
        type_ = getattr(spec, "type", None)
        before = describe_type(type_) if type_ is not None else describe_in(spec, self.entry, self.low)
        after = describe_in(value, self.end, self.low)
        return Missing(
            f"{name} has no single type here",
            f"it is {before} before {self.header.place}, and {after} after an iteration",
            f"give {name} the same type before the loop",
            mixed=True,
        )
