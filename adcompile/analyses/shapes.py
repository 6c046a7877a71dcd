"""Where the length of each axis of each array comes from: a constant, an integer value, or an axis of another array.

Two axes with the same source have the same length on every run; different sources say nothing.
"""

from __future__ import annotations

from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, If, Node, Undef, Value, While
from adcompile.ir.primitives import PRIMITIVES, axes_of
from adcompile.ir.types import Array, rank

#: a number, an integer value, or an axis of an array that tells no more
Dim = int | Value | tuple[Value, int]
Dims = tuple[Dim, ...]

SAME_SHAPE = set(
    "store accumulate call_into drain copy let cumsum cumprod sort argsort flip roll tril triu inv cholesky fft".split()
)


class Shapes:
    """The sources of all axes of a function's arrays.

    Parameters
    ----------
    fn : Function
        A valid function.
    """

    def __init__(self, fn: Function) -> None:
        self.known: dict[Value, Dims] = {}
        self.integers: dict[Value, Dim] = {}
        self.block(fn.body)

    def dims(self, atom: Atom) -> Dims:
        """One source for each axis of an array; nothing for a scalar."""
        if not isinstance(atom, Value) or not isinstance(atom.type, Array):
            return ()
        return self.known.get(atom) or tuple((atom, k) for k in range(atom.type.rank))

    def source(self, atom: Atom) -> Dim:
        """The source of an integer that is used as a length."""
        if isinstance(atom, Const):
            return int(atom.value)
        assert isinstance(atom, Value)
        return self.integers.get(atom, atom)

    def block(self, block: Block) -> None:
        for node in block.nodes:
            self.node(node)

    def node(self, node: Node) -> None:
        match node:
            case Eqn():
                self.equation(node)
            case If():
                self.block(node.then)
                self.block(node.orelse)
                for r, a, b in zip(node.results, node.then.results, node.orelse.results, strict=True):
                    # a side without a value is never read from: the other tells
                    sides = tuple(self.dims(x) for x in (a, b) if not isinstance(x, Undef))
                    self.put(r, self.joined(r, sides))
            case For() | While():
                self.loop(node)

    def loop(self, node: For | While) -> None:
        """Assume that axes of carried arrays keep their length; go back on it for those that turn out not to."""
        carried = node.body.params[1:] if isinstance(node, For) else node.body.params
        kept = {
            (p, k)
            for p, init in zip(carried, node.inits, strict=True)
            for k in range(rank(p.type))
            if isinstance(p.type, Array) and not isinstance(init, Undef)
        }
        while True:
            for p, init in zip(carried, node.inits, strict=True):
                dims = self.dims(init)
                self.put(p, tuple(d if (p, k) in kept else (p, k) for k, d in enumerate(dims)))
            self.block(node.body)
            after = dict(zip(carried, node.body.results, strict=False))
            changed = {(p, k) for p, k in kept if self.dims(after[p])[k : k + 1] != self.dims(p)[k : k + 1]}
            if not changed:
                break
            kept -= changed
        for r, p in zip(node.results, carried, strict=True):
            self.put(r, tuple(d if (p, k) in kept else (r, k) for k, d in enumerate(self.dims(p))))

    def put(self, value: Value, dims: Dims) -> None:
        if isinstance(value.type, Array) and len(dims) == value.type.rank:
            self.known[value] = dims
        else:
            self.known.pop(value, None)

    def joined(self, result: Value, options: tuple[Dims, ...]) -> Dims:
        """Axis by axis: the common source, else the result's own."""
        return tuple(
            axis[0] if all(d == axis[0] for d in axis) else (result, k)
            for k, axis in enumerate(zip(*options, strict=False))
        )

    def equation(self, eqn: Eqn) -> None:
        if not eqn.results:
            return
        result, operands = eqn.results[0], eqn.operands
        if eqn.primitive == "drain" and all(code[0] in "isn" for code in eqn["index"]):
            self.put(eqn.results[1], self.view_dims(eqn, eqn.results[1]))
        if eqn.primitive == "shape":
            array_dims = self.dims(operands[0])
            if array_dims:
                self.integers[result] = array_dims[eqn["axis"]]
            return
        if not isinstance(result.type, Array):
            return
        dims = self.result_dims(eqn, result, operands)
        if dims is not None:
            self.put(result, dims)

    def result_dims(self, eqn: Eqn, result: Value, operands: tuple[Atom, ...]) -> Dims | None:
        match eqn.primitive:
            case "zeros" | "empty":
                return tuple(self.source(o) for o in operands)
            case "full" | "reshape" | "broadcast_to" | "unbroadcast":
                return tuple(self.source(o) for o in operands[1:])
            case "eye":
                return tuple(self.source(o) for o in operands)
            case "draw":
                return tuple(self.source(o) for o in operands[len(operands) - rank(result.type) :])
            case "array":
                return tuple(eqn["shape"])
            case "transpose":
                source = self.dims(operands[0])
                return tuple(source[a] for a in eqn["axes"])
            case "sum" | "prod" | "max" | "min" | "any" | "all" | "argmax" | "argmin":
                source = self.dims(operands[0])
                reduced = axes_of(eqn["axis"], len(source))
                if eqn["keepdims"]:
                    return tuple(1 if k in reduced else d for k, d in enumerate(source))
                return tuple(d for k, d in enumerate(source) if k not in reduced)
            case "matmul":
                return self.product_dims(operands)
            case "solve":
                return self.dims(operands[1])
            case "lanes_array":
                return (operands[0].type.width,)  # type: ignore[union-attr]
            case "reserve":
                return ((result, 0), *self.dims(operands[0])[1:])
            case "view":
                return self.view_dims(eqn, result)
            case name if name in SAME_SHAPE:
                return self.dims(operands[0])
            case name if PRIMITIVES[name].elementwise:
                full = tuple(self.dims(o) for o in operands if rank(o.type) == rank(result.type))
                lower = [self.dims(o) for o in operands if 0 < rank(o.type) < rank(result.type)]
                if all(d == full[0][len(full[0]) - len(d) :] for d in lower):
                    return self.broadcast(result, full)
        return None

    def broadcast(self, result: Value, options: tuple[Dims, ...]) -> Dims:
        """As `joined`, but an axis of length 1 takes the length of the other."""
        longer = zip(*options, strict=True)
        axes = [[d for d in axis if d != 1] or [1] for axis in longer]
        return tuple(axis[0] if all(d == axis[0] for d in axis) else (result, k) for k, axis in enumerate(axes))

    def product_dims(self, operands: tuple[Atom, ...]) -> Dims | None:
        a, b = self.dims(operands[0]), self.dims(operands[1])
        if len(a) > 2 or len(b) > 2:
            return None
        return a[:-1] + (b[1:] if len(b) == 2 else ())

    def view_dims(self, eqn: Eqn, result: Value) -> Dims:
        source, axis = self.dims(eqn.operands[0]), 0
        dims: list[Dim] = []
        for code in eqn["index"]:
            if code == "n":
                dims.append(1)
                continue
            if code[0] == "s":
                dims.append(source[axis] if code == "s000" else (result, len(dims)))
            axis += 1
        return (*dims, *source[axis:])
