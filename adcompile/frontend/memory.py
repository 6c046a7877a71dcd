"""Reading and writing parts of arrays: subscripts, views of views, and stores through them.

Subscripts of lists, tuples and dicts are in `expressions`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

from adcompile.errors import ShapeError, Unsupported
from adcompile.frontend import library
from adcompile.frontend.indices import compose, compose_plain, permute
from adcompile.frontend.names import Names
from adcompile.frontend.structure import ArrayRef, Generator, Lazy, Obj, Range, Ref, Step, is_atom, remake
from adcompile.ir.build import const
from adcompile.ir.nodes import Atom, Const, Value
from adcompile.ir.primitives import PRIMITIVES, indexed_rank
from adcompile.ir.types import Array, List, Scalar, dtype_of, is_complex, is_float, rank

Index = tuple[tuple[str, ...], tuple[Atom, ...]]
#: what a call to the library was given, by the value that stood for it
Seen = dict[Value, ArrayRef | Ref]


class Memory(Names):
    """Adds arrays to the lowering."""

    # -- between references and atoms ---------------------------------------------------------------------------

    def plain(self, value: Any, seen: Seen | None = None) -> Any:
        """A value as the library takes it: atoms for arrays and growing lists, Python's tuples, lists and dicts."""
        match value:
            case ArrayRef():
                atom = self.materialise(value)
                if seen is not None and isinstance(atom, Value):
                    seen.setdefault(atom, value)
                return atom
            case Ref(obj) if obj.kind == "list":
                content = self.content(value)
                if is_atom(content):
                    if seen is not None:
                        seen.setdefault(content, value)
                    return content
                return [self.plain(part, seen) for part in content]
            case Ref(obj) if obj.kind == "dict":
                return {k: self.plain(part, seen) for k, part in self.content(value).items()}
            case tuple():
                return remake(value, [self.plain(part, seen) for part in value])
            case slice():
                return slice(*(self.plain(part, seen) for part in (value.start, value.stop, value.step)))
            case Generator() | Lazy() | Range():
                return self.plain(self.to_list(value), seen)
        return value

    def to_list(self, value: Any) -> Any:
        """The list of what an iterator yields."""
        raise NotImplementedError

    def wrap(self, result: Any, seen: Seen) -> Any:
        """What the library returns as a value: views of what it was given refer to the same objects."""
        match result:
            case Value(type=Array()):
                return self.wrap_array(result, seen)
            case Value(type=List()):
                return seen.get(result) or self.new_object("list", result)
            case tuple():
                return remake(result, [self.wrap(part, seen) for part in result])
            case list():
                return self.new_object("list", tuple(self.wrap(part, seen) for part in result))
            case dict():
                return self.new_object("dict", {k: self.wrap(part, seen) for k, part in result.items()})
            case bool() | int() | float() | complex():
                return const(result)
        return result

    def wrap_array(self, result: Value, seen: Seen) -> ArrayRef:
        """An array that the library returns: through the equations that share memory, back to what it was given."""
        steps: list[Step] = []
        value: Any = result
        while True:
            if value in seen:
                ref = seen[value]
                path = ref.path if isinstance(ref, ArrayRef) else ()
                return ArrayRef(ref.obj, path + tuple(reversed(steps)))
            eqn = self.b.origin.get(value)
            position = PRIMITIVES[eqn.primitive].aliases if eqn else None
            if eqn is None or position is None:
                array = self.new_array(result)
                if eqn is not None and eqn.primitive in ("contiguous", "real", "imag"):
                    # NumPy gives a view where the layout allows it, here it is a copy
                    source: Any = eqn.operands[0]
                    self.state.entangle(array.obj, self.wrap_array(source, seen).obj)
                return array
            steps.append(Step(eqn.primitive, eqn.operands[1:], eqn.params))
            value = eqn.operands[position]

    # -- subscripts ---------------------------------------------------------------------------------------------

    def index(self, ref: ArrayRef, subscript: Any) -> Index:
        """The codes and operands of a subscript of an array."""
        parts = list(subscript) if isinstance(subscript, tuple) else [subscript]
        codes: list[str] = []
        operands: list[Atom] = []
        used = 0
        gap = -1
        n = rank(self.materialised_type(ref))
        for part in parts:
            if part is Ellipsis:
                gap = len(codes)
                continue
            code, atoms = self.index_part(part)
            codes.append(code)
            operands += atoms
            used += rank(atoms[0].type) if code == "m" else code != "n"
        if used > n:
            raise ShapeError(f"this array has {n} {'axis' if n == 1 else 'axes'}, but the index names {used}")
        if gap >= 0:
            codes[gap:gap] = ["s000"] * (n - used)
        return tuple(codes), tuple(operands)

    def materialised_type(self, ref: ArrayRef) -> Array:
        """The type of an array as a reference sees it."""
        type_ = self.type_of(ref)
        assert isinstance(type_, Array)
        return type_

    def index_part(self, part: Any) -> tuple[str, list[Atom]]:
        """The code of one part of a subscript, with its operands."""
        match part:
            case None:
                return "n", []
            case slice():
                ends = [self.index_integer(end) for end in (part.start, part.stop, part.step) if end is not None]
                flags = "".join("0" if end is None else "1" for end in (part.start, part.stop, part.step))
                return "s" + flags, ends
            case Value(type=Scalar()) | Const(type=Scalar()):
                return "i", [self.index_integer(part)]
            case ArrayRef() | Ref() | tuple():
                atom = library.number(self.b, self.plain(part))
                if is_float(dtype_of(atom.type)):
                    raise ShapeError("an index must be an integer or a flag, not an array of floating-point numbers")
                return ("m" if dtype_of(atom.type) == "bool" else "a"), [atom]
        raise ShapeError(f"an index must be an integer, not {self.describe(part)}")

    def index_integer(self, part: Any) -> Atom:
        """A part of a subscript that has to be an integer."""
        if is_atom(part) and isinstance(part.type, Scalar) and part.type.dtype.startswith(("int", "uint")):
            result: Atom = part
            return result
        remedy = "write `int(...)` around it" if is_atom(part) and is_float(dtype_of(part.type)) else ""
        raise ShapeError(f"an index must be an integer, not {self.describe(part)}", help=remedy)

    def read(self, ref: ArrayRef, subscript: Any) -> Any:
        """The value of ``array[subscript]``: a number, a view, or, with index arrays, a new array."""
        codes, operands = self.index(ref, subscript)
        if "a" in codes or "m" in codes:
            result = self.b.emit("gather", self.materialise(ref), *operands, index=codes)
            return self.new_array(result) if isinstance(result.type, Array) else result
        ref, codes, operands = self.shortened(ref, codes, operands)
        base = self.materialise(ref)
        if len(codes) == rank(base.type) and set(codes) == {"i"}:
            return self.b.emit("load", base, *operands, index=codes)
        return ArrayRef(ref.obj, (*ref.path, Step("view", operands, (("index", codes),))))

    def shortened(self, ref: ArrayRef, codes: tuple[str, ...], operands: tuple[Atom, ...]) -> tuple[ArrayRef, Any, Any]:
        """The same place with as few views as can be, so that ``a[i][j]`` is one load."""
        while ref.path and ref.path[-1].primitive == "view":
            last = ref.path[-1]
            joined = compose_plain(dict(last.params)["index"], last.operands, codes, operands)
            if joined is None:
                break
            ref, (codes, operands) = ArrayRef(ref.obj, ref.path[:-1]), joined
        return ref, codes, operands

    # -- writing ------------------------------------------------------------------------------------------------

    def write(self, ref: ArrayRef, subscript: Any, value: Any, primitive: str = "store") -> None:
        """Carry out ``array[subscript] = value`` or, with `accumulate`, ``+= value``."""
        self.check_writable(ref)
        codes, operands = self.index(ref, subscript)
        base = self.materialised_type(ref)
        target = indexed_rank(base, tuple(o.type for o in operands), codes)
        atom = self.stored(ref, value, base.dtype, target)
        self.write_at(ref, codes, operands, atom, primitive)

    def stored(self, ref: ArrayRef, value: Any, dtype: str, target: int) -> Atom:
        """What is written, in the dtype of the array, and in memory of its own."""
        atom = library.number(self.b, self.plain(value))
        if rank(atom.type) > target:
            place = "one number" if target == 0 else f"{target} {'axis' if target == 1 else 'axes'}"
            raise ShapeError(f"{self.describe(value)} does not fit into a place with {place}")
        if is_complex(dtype_of(atom.type)) and not is_complex(dtype):
            raise ShapeError(
                f"a complex number is written into an array of {dtype}", help="store `.real`, or make the array complex"
            )
        if isinstance(value, ArrayRef):
            near = self.state.entangled.get(ref.obj, frozenset()) | {ref.obj}
            if value.obj in near:
                atom = self.b.emit("copy", atom)
        return self.b.to_dtype(atom, dtype)

    def write_at(
        self, ref: ArrayRef, codes: tuple[str, ...], operands: tuple[Atom, ...], atom: Atom, primitive: str
    ) -> None:
        """Write through the views of a reference, from the innermost outwards, into the object itself."""
        path = ref.path
        while path:
            step, path = path[-1], path[:-1]
            outer = ArrayRef(ref.obj, path)
            match step.primitive:
                case "view":
                    base = self.materialise(outer)
                    codes, operands = compose(
                        self.b, base, dict(step.params)["index"], step.operands, codes, operands, self.nonnegative
                    )
                case "transpose":
                    codes, operands, atom = permute(self.b, dict(step.params)["axes"], codes, operands, atom)
                case "reshape":
                    outer_dims = self.b.dims(self.materialise(outer))
                    seen = self.materialise(ArrayRef(ref.obj, (*path, step)))
                    seen = self.b.emit(primitive, seen, atom, *operands, index=codes)
                    atom = self.b.emit("reshape", seen, *outer_dims)
                    if not path:
                        self.state.heap[ref.obj] = atom
                        return
                    codes, operands, primitive = ("s000",) * rank(atom.type), (), "store"
                case _:
                    self.refuse_write(step)
        version = self.state.heap[ref.obj]
        self.state.heap[ref.obj] = self.b.emit(
            primitive, version, atom, *operands, index=codes, name=getattr(version, "name", "")
        )

    def refuse_write(self, step: Step) -> NoReturn:
        """Refuse a store through something that is not a view of an array."""
        what = "an array that is held by a list" if step.primitive == "list_get" else "this view"
        raise Unsupported(
            f"writing into {what} is not supported", help="make a copy with `.copy()`, write into it, and put it back"
        )

    def write_all(self, ref: ArrayRef, content: Atom) -> None:
        """Replace all elements of what a reference sees."""
        self.check_writable(ref)
        if ref.path:
            self.write_at(ref, ("s000",) * rank(content.type), (), content, "store")
        else:
            self.state.heap[ref.obj] = content

    def check_writable(self, ref: ArrayRef | Ref) -> None:
        """Refuse to write into what is outside of the program, or what may be another variable's array."""
        if ref.obj.constant:
            raise Unsupported(
                f"`{ref.obj.constant}` is read from outside the function, and cannot be written into",
                help=f"pass `{ref.obj.constant}` as an argument, or copy it first",
            )
        near = self.state.entangled.get(ref.obj, frozenset())
        if ref.obj.kind != "array":  # two lists may hold one array: to write into the array is another matter
            mine = ref.obj.candidates()
            near = frozenset(o for o in near if o.kind != "array" and not mine.isdisjoint(o.candidates()))
        for other in self.state.heap:
            if other in near and self.reachable(other):
                self.refuse_shared(self.name_of(ref.obj), self.name_of(other), other)

    def refuse_shared(self, name: str, other: str, obj: Obj) -> NoReturn:
        """Refuse to write into what may be the array of another variable as well."""
        if obj.kind == "list":
            raise Unsupported(
                f"writing into `{name}` would change `{other}`",
                note=f"`{other}` holds the array itself, not a copy",
                help=f"put a copy into the list: `{name}.copy()`",
            )
        raise Unsupported(
            f"writing into `{name}` may or may not change `{other}`",
            note=f"on some paths of the program both are the same {'object' if obj.kind == 'record' else obj.kind}",
            help="use `.copy()` where one is assigned to the other",
        )

    def name_of(self, obj: Obj) -> str:
        """What the program calls an object here."""
        for variable, value in self.variables.items():
            for name, part in self.named_parts(variable, value):
                if isinstance(part, ArrayRef | Ref) and part.obj is obj:
                    return name
        return obj.name or "this array"

    def named_parts(self, name: str, value: Any) -> Iterator[tuple[str, Any]]:
        """A value and, of a list, dict or record, its parts, with the text by which a program reads each."""
        yield name, value
        if isinstance(value, Ref):
            match value.obj.kind, self.content(value):
                case "record", dict() as content:
                    yield from ((f"{name}.{key}", part) for key, part in content.items())
                case _, dict() as content:
                    yield from ((f"{name}[{key!r}]", part) for key, part in content.items())
                case _, tuple() as content:
                    yield from ((f"{name}[{k}]", part) for k, part in enumerate(content))
