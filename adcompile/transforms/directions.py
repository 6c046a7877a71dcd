"""Several directions side by side: a derivative made to carry `width` tangents, or cotangents, where it carried one.

What depends on the seeds gets one more axis, the last. All else, control flow included, runs once for all directions. No
calculus here: what a derivative does to one direction it does to each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from adcompile.analyses.activity import varied
from adcompile.analyses.definedness import undefined_somewhere
from adcompile.analyses.shapes import Shapes
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom, Block, Eqn, For, Function, If, Node, Undef, Value, While
from adcompile.ir.primitives import PRIMITIVES, axes_of
from adcompile.ir.types import Array, List, Scalar, Type, dtype_of, is_complex, rank
from adcompile.ir.walk import each_node, reads
from adcompile.transforms.jvp import Derived

#: how many directions one sweep carries: what one or two registers hold
WIDTH = 8

#: read for shape only
MEASURES = frozenset({"shape", "list_len"})
#: say where they act by codes for leading axes, or by nothing at all: on one more axis at the end they act alike
INDEXED = frozenset("view gather".split())
WRITES = frozenset("store accumulate list_append list_set list_accumulate".split())
ALIKE = frozenset("copy let contiguous drain reserve list_get list_pop list_drain list_zeros".split())
ALONG_AXIS = frozenset("flip roll cumsum".split())
TO_SHAPE = frozenset("reshape broadcast_to unbroadcast".split())


class OneByOne(Exception):
    """A program holds something that is not done for several directions at once."""


class Widener:
    """One function, written anew.

    Parameters
    ----------
    derived : Derived
        A derivative, linear in its seeds.
    seeds, tangents : sequence of bool
        Which parameters are seeds, and which results have all directions even where they do not depend on them.
    """

    def __init__(self, derived: Derived, seeds: Sequence[bool], tangents: Sequence[bool]) -> None:
        self.fn = derived.function
        self.tangents = tangents
        self.seeds = [p for p, s in zip(self.fn.params, seeds, strict=True) if s]
        self.wide = varied(self.fn, self.seeds, MEASURES.__contains__)
        self.open = undefined_somewhere(self.fn)
        self.refuse_lanes()
        self.b = Builder()
        #: what stands for each value with all directions
        self.became: dict[Value, Atom] = {}

    def function(self) -> Function:
        """The function: seeds and what depends on them have one more axis."""
        fn = self.fn
        params = tuple(self.define(p) if p in self.seeds else p for p in fn.params)
        self.nodes(fn.body.nodes)
        pairs = zip(fn.body.results, self.tangents, strict=True)
        results = tuple(self.lift(r) if t else self.read(r) for r, t in pairs)
        body = Block((), tuple(self.b.frames[0].nodes), results)
        return Function(f"{fn.name}_{WIDTH}", params, body, fn.tree, fn.span, fn.doc)

    def refuse_lanes(self) -> None:
        """Refuse a function that carries several directions already: the outer ones come one by one, all in lanes."""
        shapes = Shapes(self.fn)
        for node in each_node(self.fn.body):
            elementwise = isinstance(node, Eqn) and PRIMITIVES[node.primitive].elementwise
            if elementwise and any(r in self.wide and shapes.dims(r) == (WIDTH,) for r in node.results):
                raise OneByOne("it has vectors as long as lanes")

    # -- atoms --------------------------------------------------------------------------------------------------

    def is_wide(self, atom: Atom) -> bool:
        return isinstance(atom, Value) and atom in self.wide

    def define(self, value: Value) -> Value:
        """A fresh value with one more axis in place of another."""
        wide = Value(widened(value.type), value.name, value.span)
        self.became[value] = wide
        return wide

    def read(self, atom: Atom) -> Atom:
        """The atom in the new program; the same for all directions where it does not depend on them."""
        return self.became.get(atom, atom) if isinstance(atom, Value) else atom

    def lift(self, atom: Atom) -> Atom:
        """The atom with all directions, repeated where it does not depend on them."""
        if self.is_wide(atom):
            return self.read(atom)
        b, width = self.b, const(WIDTH)
        match atom.type:
            case _ if isinstance(atom, Undef):
                return Undef(widened(atom.type))
            case Scalar(dtype):
                return b.emit("full", atom, width, dtype=dtype)  # type: ignore[no-any-return]
            case Array(dtype):
                origin = b.origin.get(atom) if isinstance(atom, Value) else None
                if origin is not None and origin.primitive in ("zeros", "empty"):
                    return b.emit(origin.primitive, *origin.operands, width, dtype=dtype)  # type: ignore[no-any-return]
                repeated = b.emit("broadcast_to", self.with_axis(atom), *b.dims(atom), width)
                return b.emit("copy", repeated)  # type: ignore[no-any-return]
            case List():
                return self.lift_list(atom)
        raise OneByOne(f"{atom.type} is the same for all directions")

    def lift_list(self, items: Atom) -> Atom:
        """A list that is the same for all directions, as one that is not: it is empty, or all zero."""
        origin = self.b.origin.get(items) if isinstance(items, Value) else None
        if origin is not None and origin.primitive == "list_zeros":
            (items,) = origin.operands
            inner = self.b.origin.get(items) if isinstance(items, Value) else None
            if isinstance(items.type, List) and isinstance(items.type.element, Scalar):
                rows = self.b.emit("zeros", self.b.emit("list_len", items), const(WIDTH), dtype=dtype_of(items.type))
                return self.b.emit("array_to_list", rows)  # type: ignore[no-any-return]
            origin = inner if inner is not None and not inner.operands else None
        if origin is not None and origin.primitive == "list_new":
            return self.new_list(origin)
        raise OneByOne(f"{items.type} is the same for all directions")

    def with_axis(self, atom: Atom) -> Atom:
        """An array that is the same for all directions, with an axis of length 1 for them."""
        if rank(atom.type) == 0 or self.is_wide(atom):
            return self.read(atom)
        return self.b.emit("view", atom, index=("s000",) * rank(atom.type) + ("n",))  # type: ignore[no-any-return]

    def handed(self, atom: Atom, type_: Type) -> Atom:
        """What is handed on to a wide value of a region."""
        if atom in self.open and (not self.is_wide(atom) or widened(type_) != self.read(atom).type):
            raise OneByOne("a tangent that has no value on some path")
        lifted = self.lift(atom)
        strided = isinstance(lifted.type, Array) and not lifted.type.contiguous
        return self.b.emit("copy", lifted) if strided and widened(type_) != lifted.type else lifted

    # -- nodes --------------------------------------------------------------------------------------------------

    def nodes(self, nodes: Sequence[Node]) -> None:
        """Write the nodes of a block into the block that is open."""
        for node in nodes:
            self.b.span, self.b.comment = node.span, node.comment if isinstance(node, Eqn) else ""
            match node:
                case Eqn():
                    self.equation(node)
                case If():
                    self.choice(node)
                case For() | While():
                    self.loop(node)

    def equation(self, eqn: Eqn) -> None:
        if not any(r in self.wide for r in eqn.results):
            operands = tuple(map(self.read, eqn.operands))
            if any(map(self.is_wide, eqn.operands)) and eqn.primitive not in MEASURES:
                raise OneByOne(f"`{eqn.primitive}` takes a tangent to something that has none")
            self.b.append(Eqn(eqn.primitive, operands, eqn.results, eqn.params, eqn.span, eqn.comment))
        else:
            results = self.widen(eqn)
            for old, new in zip(eqn.results, results, strict=True):
                if old in self.wide:
                    self.became[old] = new

    def widen(self, eqn: Eqn) -> tuple[Atom, ...]:
        """The results of an equation for all directions."""
        handler: Callable[[Eqn], Any] | None = getattr(self, f"widen_{eqn.primitive}", None)
        if handler is not None:
            result = handler(eqn)
        elif PRIMITIVES[eqn.primitive].elementwise:
            result = self.emit(eqn, *map(self.with_axis, eqn.operands))
        elif eqn.primitive in ALIKE | INDEXED:
            self.require_wide(eqn, 0)
            result = self.emit(eqn, *map(self.read, eqn.operands))
        elif eqn.primitive in ALONG_AXIS:
            self.require_wide(eqn, 0)
            result = self.emit(eqn, *map(self.read, eqn.operands), axis=eqn["axis"] % rank(eqn.operands[0].type))
        elif eqn.primitive in TO_SHAPE:
            self.require_wide(eqn, 0)
            source, *dims = map(self.read, eqn.operands)
            result = self.emit(eqn, self.contiguous(source), *dims, const(WIDTH))
        elif eqn.primitive in WRITES:
            result = self.write(eqn)
        else:
            raise OneByOne(f"`{eqn.primitive}` takes one direction at a time")
        return result if isinstance(result, tuple) else (result,)

    def emit(self, eqn: Eqn, *operands: Atom, **params: Any) -> Any:
        """The same operation on other operands."""
        return self.b.emit(eqn.primitive, *operands, **(dict(eqn.params) | params))

    def require_wide(self, eqn: Eqn, position: int) -> None:
        """Refuse an operation some other operand of which depends on the directions."""
        if [k for k, o in enumerate(eqn.operands) if self.is_wide(o)] != [position]:
            raise OneByOne(f"`{eqn.primitive}` depends on the directions in more than one operand")

    def contiguous(self, atom: Atom) -> Atom:
        strided = isinstance(atom.type, Array) and not atom.type.contiguous
        return self.b.emit("contiguous", atom) if strided else atom

    # -- memory -------------------------------------------------------------------------------------------------

    def widen_load(self, eqn: Eqn) -> Atom:
        """A number becomes a row of its own: the memory may be written again before it is read."""
        self.require_wide(eqn, 0)
        return self.b.emit("copy", self.emit_view(eqn))  # type: ignore[no-any-return]

    def emit_view(self, eqn: Eqn) -> Atom:
        return self.b.emit("view", *map(self.read, eqn.operands), index=eqn["index"])  # type: ignore[no-any-return]

    def write(self, eqn: Eqn) -> Any:
        """What is written into an array that has all directions may be the same for all."""
        target, value, *index = eqn.operands
        if eqn.primitive.startswith("list"):
            return self.emit(eqn, self.lift(target), self.fresh(value), *index)
        written = value.type if eqn.primitive == "accumulate" and not eqn["index"] else None
        source = self.lift(value) if isinstance(written, Scalar) else self.with_axis(value)
        return self.emit(eqn, self.lift(target), source, *index)

    def fresh(self, atom: Atom) -> Atom:
        """What is kept by reference where a number was kept: nobody else may write into it."""
        lifted = self.lift(atom)
        return self.b.emit("copy", lifted) if isinstance(atom.type, Scalar) else lifted

    def widen_list_new(self, eqn: Eqn) -> Atom:
        return self.new_list(eqn)

    def new_list(self, eqn: Eqn) -> Atom:
        element = widened(eqn["element"])
        return self.b.emit("list_new", *map(self.fresh, eqn.operands), element=element)  # type: ignore[no-any-return]

    def widen_list_add(self, eqn: Eqn) -> Atom:
        return self.emit(eqn, *map(self.lift, eqn.operands))  # type: ignore[no-any-return]

    def widen_list_to_array(self, eqn: Eqn) -> Atom:
        items = self.read(eqn.operands[0])
        stacked = self.emit(eqn, items)
        if rank(eqn.results[0].type) > 1:
            return stacked  # type: ignore[no-any-return]
        length = self.b.emit("list_len", items)  # of no rows it could not be told how long they are
        return self.b.emit("reshape", stacked, length, const(WIDTH))  # type: ignore[no-any-return]

    def widen_array_to_list(self, eqn: Eqn) -> Atom:
        return self.emit(eqn, self.read(eqn.operands[0]))  # type: ignore[no-any-return]

    # -- shapes -------------------------------------------------------------------------------------------------

    def widen_transpose(self, eqn: Eqn) -> Atom:
        axes, x = eqn["axes"], self.read(eqn.operands[0])
        return x if len(axes) == 1 else self.emit(eqn, x, axes=(*axes, len(axes)))

    def widen_reshape(self, eqn: Eqn) -> Atom:
        source, *dims = map(self.read, eqn.operands)
        if not isinstance(eqn.results[0].type, Array) and rank(source.type) == 1:
            return source
        return self.emit(eqn, self.contiguous(source), *dims, const(WIDTH))  # type: ignore[no-any-return]

    def widen_full(self, eqn: Eqn) -> Atom:
        value, *dims = map(self.read, eqn.operands)
        repeated = self.b.emit("broadcast_to", self.b.to_dtype(value, eqn["dtype"]), *dims, const(WIDTH))
        return self.b.emit("copy", repeated)  # type: ignore[no-any-return]

    def widen_array(self, eqn: Eqn) -> Atom:
        """The rows, written one after another."""
        shape, dtype = eqn["shape"], eqn["dtype"]
        out = self.b.emit("empty", *map(const, shape), const(WIDTH), dtype=dtype)
        for k, operand in enumerate(eqn.operands):
            place: list[Atom] = []
            left = k
            for length in reversed(shape):
                place.insert(0, const(left % length))
                left //= length
            value = self.b.to_dtype(self.read(operand), dtype)
            out = self.b.emit("store", out, value, *place, index=("i",) * len(shape))
        return out  # type: ignore[no-any-return]

    def widen_concatenate(self, eqn: Eqn) -> Atom:
        axis = eqn["axis"] % rank(eqn.results[0].type)
        return self.emit(eqn, *map(self.lift, eqn.operands), axis=axis)  # type: ignore[no-any-return]

    widen_stack = widen_concatenate

    def widen_sum(self, eqn: Eqn) -> Atom:
        axes = axes_of(eqn["axis"], rank(eqn.operands[0].type))
        return self.emit(eqn, self.read(eqn.operands[0]), axis=axes)  # type: ignore[no-any-return]

    # -- linear algebra: the directions are further columns -----------------------------------------------------

    def widen_matmul(self, eqn: Eqn) -> Atom:
        left, right = eqn.operands
        if max(rank(left.type), rank(right.type)) > 2 or (self.is_wide(left) and self.is_wide(right)):
            raise OneByOne("a product of stacks of matrices")
        if self.is_wide(right):
            return self.by_columns(lambda x: self.b.emit("matmul", left, x), right)
        return self.product_from_left(left, right)

    def by_columns(self, apply: Callable[[Atom], Atom], right: Atom) -> Atom:
        """A linear function of the columns of a matrix, of all directions' columns at once."""
        x = self.contiguous(self.read(right))
        if rank(right.type) == 1:
            return apply(x)
        rows, columns, width = self.b.dims(x)
        flat = self.b.emit("reshape", x, rows, self.b.emit("mul", columns, width))
        y = apply(flat)
        return self.b.emit("reshape", y, *self.b.dims(y)[:-1], columns, width)  # type: ignore[no-any-return]

    def product_from_left(self, left: Atom, right: Atom) -> Atom:
        """x @ c for all directions of x: as c.T @ x.T."""
        b, x = self.b, self.read(left)
        turned = b.emit("transpose", right, axes=(1, 0)) if rank(right.type) == 2 else right
        if rank(left.type) == 1:
            return b.emit("matmul", turned, self.contiguous(x))  # type: ignore[no-any-return]
        x = b.emit("contiguous", b.emit("transpose", x, axes=(1, 0, 2)))
        inner, rows, width = b.dims(x)
        flat = b.emit("reshape", x, inner, b.emit("mul", rows, width))
        y = b.emit("matmul", turned, flat)
        y = b.emit("reshape", y, *b.dims(y)[:-1], rows, width)
        return b.emit("transpose", y, axes=(1, 0, 2)) if rank(right.type) == 2 else y  # type: ignore[no-any-return]

    def widen_solve(self, eqn: Eqn) -> Atom:
        matrix, right = eqn.operands
        if self.is_wide(matrix):
            raise OneByOne("an equation whose matrix depends on the directions")
        return self.by_columns(lambda x: self.b.emit("solve", matrix, x), right)

    # -- regions ------------------------------------------------------------------------------------------------

    def choice(self, node: If) -> None:
        moving = [r in self.wide for r in node.results]
        then, orelse = (self.branch(block, node, moving) for block in (node.then, node.orelse))
        results = tuple(self.define(r) if m else r for r, m in zip(node.results, moving, strict=True))
        self.b.append(If(node.cond, then, orelse, results, node.span, node.comment))

    def branch(self, block: Block, node: If, moving: Sequence[bool]) -> Block:
        with self.b.block() as frame:
            self.nodes(block.nodes)
            results = [
                self.handed(a, r.type) if m else self.read(a)
                for a, r, m in zip(block.results, node.results, moving, strict=True)
            ]
        return self.b.finish(frame, (), results)

    def loop(self, node: For | While) -> None:
        lead = 1 if isinstance(node, For) else 0
        carried = node.body.params[lead:]
        moving = [p in self.wide for p in carried]
        if isinstance(node, For) and node.parallel and any(map(self.is_wide, reads(node.body))):
            raise OneByOne("a parallel loop")

        def handed(atoms: Sequence[Atom]) -> list[Atom]:
            wide = zip(atoms, carried, moving, strict=True)
            return [self.handed(a, p.type) if m else self.read(a) for a, p, m in wide]

        inits = tuple(handed(node.inits))
        params = tuple(self.define(p) if m else p for p, m in zip(carried, moving, strict=True))
        with self.b.block() as frame:
            self.nodes(node.body.nodes)
            count = len(carried)
            nexts = (*handed(node.body.results[:count]), *node.body.results[count:])
        body = self.b.finish(frame, (*node.body.params[:lead], *params), nexts)
        results = tuple(self.define(r) if m else r for r, m in zip(node.results, moving, strict=True))
        facts = (node.breaks, node.trips)
        if isinstance(node, For):
            bounds = node.start, node.stop, node.step
            self.b.append(For(*bounds, inits, body, results, *facts, node.parallel, node.span, node.comment))
        else:
            self.b.append(
                While(inits, self.condition(node.cond, moving), body, results, *facts, node.span, node.comment)
            )

    def condition(self, block: Block, moving: Sequence[bool]) -> Block:
        """The condition of a loop, which does not depend on the directions."""
        params = tuple(self.define(p) if m else p for p, m in zip(block.params, moving, strict=True))
        if any(v in self.wide or v in self.became for v in reads(block)):
            raise OneByOne("a condition reads a tangent")
        return Block(params, block.nodes, block.results)


def widened(type_: Type) -> Type:
    """The type of a value with one more axis, or of a list of such."""
    match type_:
        case Scalar(dtype) | Array(dtype) if is_complex(dtype):
            raise OneByOne("complex numbers")
        case Scalar(dtype):
            return Array(dtype, 1)
        case Array(dtype, n, contiguous):
            return Array(dtype, n + 1, contiguous)
        case List(element):
            return List(widened(element))  # type: ignore[arg-type]
    raise OneByOne(f"{type_} has no directions")


def side_by_side(derived: Derived, seeds: Sequence[bool], tangents: Sequence[bool]) -> Derived:
    """A derivative for `WIDTH` directions at once.

    Parameters
    ----------
    derived : Derived
        A function that is linear in its seeds, such as `jvp` and `vjp` make.
    seeds : sequence of bool
        Which of its parameters are seeds.
    tangents : sequence of bool
        Which of its results are tangents or cotangents.

    Returns
    -------
    Derived
        Seeds and tangents have one more axis, the last, with an entry for each direction.

    Raises
    ------
    OneByOne
        If something in the function has no such form.
    """
    widener = Widener(derived, seeds, tangents)
    function = widener.function()
    related: dict[Value, tuple[Value, str]] = {}
    for value, (primal, suffix) in derived.related.items():
        new, base = widener.read(value), widener.read(primal)
        if isinstance(new, Value) and isinstance(base, Value):
            related.setdefault(new, (base, suffix))
    return Derived(function, related)
