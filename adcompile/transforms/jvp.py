"""Forward mode: the program that carries a tangent along with every value that varies.

Walks control flow and memory; the formulas are in `rules/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from adcompile.analyses.activity import varied
from adcompile.errors import InternalError
from adcompile.ir.build import Builder, zero
from adcompile.ir.nodes import Atom, Block, Eqn, For, Function, If, Node, Undef, Value, While
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array, List, Scalar, Type, differentiable, dtype_of, fresh, rank
from adcompile.rules import is_constant, jvp_of
from adcompile.transforms.calls import Functions, flat, forward_rule, has_rules

#: linear in the first operand, with the others as they are
LINEAR_READS = set(
    "copy let load view gather reserve drain list_get list_pop list_drain list_to_array array_to_list".split()
)
#: linear in the first two operands together, with the others as they are
LINEAR_WRITES = set("store accumulate list_append list_set list_accumulate".split())


@dataclass
class Derived:
    """A derivative function, and what its values are tangents or cotangents of, for their names."""

    function: Function
    related: dict[Value, tuple[Value, str]] = field(default_factory=dict)


def same_variable(value: Value, related: dict[Value, tuple[Value, str]]) -> Value:
    """Another value that is called like a value in the text; `related` learns it."""
    other = Value(value.type, value.name, value.span)
    if value in related:
        related[other] = related[value]
    return other


class Forward:
    """One function's forward mode.

    Parameters
    ----------
    fn : Function
        The primal.
    wrt : sequence of bool
        Which parameters carry a tangent; those that cannot are taken as inactive.
    functions : dict
        The functions that `call` names; their tangent functions are added to it.
    """

    def __init__(self, fn: Function, wrt: Sequence[bool], functions: Functions) -> None:
        self.fn = fn
        self.wrt = tuple(p for p, w in zip(fn.params, wrt, strict=True) if w and differentiable(p.type))
        self.functions = functions
        self.varied = varied(fn, self.wrt, is_constant)
        self.b = Builder()
        self.tangents: dict[Value, Atom] = {}
        self.related: dict[Value, tuple[Value, str]] = {}

    def run(self, name: str) -> Derived:
        """The tangent function: parameters, then their tangents, to results, then their tangents."""
        fn = self.fn
        dots = tuple(self.dot_param(p) for p in self.wrt)
        self.nodes(fn.body.nodes)
        results = fn.body.results
        result_dots = tuple(self.instantiate(r) for r in results if differentiable(r.type))
        body = Block((), tuple(self.b.frames[0].nodes), (*results, *result_dots))
        n, m = len(results), len(result_dots)
        first = fn.tree if fn.tree is not None else 0
        second = n if m == 1 and fn.tree is None else tuple(range(n, n + m))
        function = Function(name, (*fn.params, *dots), body, (first, second), fn.span)
        return Derived(function, self.related)

    # -- tangents of atoms --------------------------------------------------------------------------------------

    def dot_param(self, value: Value) -> Value:
        """A parameter that holds the tangent of another."""
        dot = Value(self.dot_type(value.type), f"{value.name}_dot" if value.name else "", value.span)
        self.put(value, dot)
        return dot

    def put(self, value: Value, dot: Atom) -> None:
        self.tangents[value] = dot
        if isinstance(dot, Value):
            self.related.setdefault(dot, (value, "_dot"))

    def get(self, atom: Atom) -> Atom | None:
        """The tangent of an atom, or None where it is zero."""
        return self.tangents.get(atom) if isinstance(atom, Value) else None

    def instantiate(self, atom: Atom) -> Atom:
        """The tangent of an atom, with a zero written out."""
        dot = self.get(atom)
        if dot is not None:
            strided = isinstance(dot.type, Array) and not dot.type.contiguous
            return self.b.emit("copy", dot) if strided else dot
        if isinstance(atom, Undef):
            return Undef(self.dot_type(atom.type))
        return self.zero_dot(atom)

    def dot_type(self, type_: Type) -> Type:
        """The type of the tangent of a value, where it has memory of its own."""
        return fresh(unweak(type_))

    def zero_dot(self, like: Atom) -> Atom:
        """The tangent zero of an atom."""
        return self.b.zeros_like(like)

    def fit(self, value: Value, dot: Atom) -> Atom:
        """A tangent brought to its value's dtype and shape."""
        if isinstance(value.type, List):
            return dot
        dot = self.b.to_dtype(dot, dtype_of(self.dot_type(value.type)))
        if isinstance(value.type, Array) and self.b.dims(dot) != self.b.dims(value):
            if rank(dot.type) == value.type.rank and not needs_broadcast(self.b.origin.get(value)):
                return dot
            return self.b.emit("broadcast_to", dot, *self.b.dims(value))  # type: ignore[no-any-return]
        return dot

    # -- nodes --------------------------------------------------------------------------------------------------

    def nodes(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            self.b.span = node.span
            match node:
                case Eqn():
                    with self.b.remark(node.comment):
                        self.equation(node)
                case If():
                    self.choice(node)
                case For() | While():
                    self.loop(node)

    def equation(self, eqn: Eqn) -> None:
        """Keep an equation and emit the tangents of its results.

        The tangent of a write comes first: it may need the length of what is about to change.
        """
        if not any(r in self.varied for r in eqn.results):
            self.b.append(eqn)
        elif eqn.primitive == "call":
            self.call(eqn)
        elif PRIMITIVES[eqn.primitive].consumes is not None:
            dots = self.write(eqn)
            self.b.append(eqn)
            self.put_all(eqn, dots)
        else:
            self.b.append(eqn)
            dots = self.read(eqn)
            self.put_all(eqn, dots)

    def put_all(self, eqn: Eqn, dots: Sequence[Atom | None]) -> None:
        for result, dot in zip(eqn.results, dots, strict=True):
            if dot is not None and result in self.varied:
                self.put(result, self.fit(result, dot))

    def again(self, eqn: Eqn, *operands: Atom) -> tuple[Atom, ...]:
        """The same operation on other operands."""
        result = self.b.emit(eqn.primitive, *operands, **dict(eqn.params))
        return result if isinstance(result, tuple) else (result,)

    def read(self, eqn: Eqn) -> Sequence[Atom | None]:
        dots = [self.get(o) for o in eqn.operands]
        if eqn.primitive == "list_new":
            return self.again(eqn, *(self.instantiate(o) for o in eqn.operands))
        if eqn.primitive == "list_add":
            return self.again(eqn, *(self.instantiate(o) for o in eqn.operands))
        if eqn.primitive in LINEAR_READS:
            return [None] if dots[0] is None else self.again(eqn, dots[0], *eqn.operands[1:])
        return jvp_of(self.b, eqn, eqn.operands, eqn.results, dots)

    def write(self, eqn: Eqn) -> Sequence[Atom | None]:
        target, *rest = eqn.operands
        if eqn.primitive in LINEAR_READS:
            dot = self.get(target)
            return [None] * len(eqn.results) if dot is None else self.again(eqn, dot, *rest)
        if eqn.primitive not in LINEAR_WRITES:
            raise InternalError(f"no tangent is known for writing by `{eqn.primitive}`", eqn.span)
        value, *index = rest
        if self.get(target) is None and self.get(value) is None:
            return [None]
        value_dot = self.get(value)
        if value_dot is None and eqn.primitive in ("accumulate", "list_accumulate"):
            return [self.get(target)]
        if value_dot is None:
            element = value.type
            value_dot = (
                self.b.zeros_like(value)
                if isinstance(element, Array) and eqn.primitive != "store"
                else zero(Scalar(dtype_of(target.type)))
            )
        return self.again(eqn, self.instantiate(target), value_dot, *index)

    def call(self, eqn: Eqn) -> None:
        """Replace a call by one of the callee's tangent function."""
        callee = self.functions[eqn["function"]]
        if has_rules(callee.name, self.functions):
            from adcompile.transforms.vjp import vjp  # each mode can be derived from the other's rule

            name = forward_rule(callee, self.functions, vjp)
            dots = tuple(self.instantiate(o) for o in eqn.operands if differentiable(o.type))
        else:
            wrt = tuple(self.get(o) is not None for o in eqn.operands)
            name = jvp_function(callee, wrt, self.functions)
            dots = tuple(self.instantiate(o) for o in eqn.operands if self.get(o) is not None)
        moving = [r for r in eqn.results if differentiable(r.type)]
        dot_results = tuple(Value(self.dot_type(r.type), "", eqn.span) for r in moving)
        results = (*eqn.results, *dot_results)
        params = (("function", name), ("types", tuple(r.type for r in results)))
        self.b.append(Eqn("call", (*eqn.operands, *dots), results, params, eqn.span))
        for r, dot in zip(moving, dot_results, strict=True):
            self.put(r, dot)

    def choice(self, node: If) -> None:
        moving = [r in self.varied for r in node.results]
        then, orelse = self.branch(node.then, moving), self.branch(node.orelse, moving)
        dots = []
        for r, m in zip(node.results, moving, strict=True):
            if m:
                dot = Value(self.dot_type(r.type), "", r.span)
                dots.append(dot)
                self.put(r, dot)
        self.b.append(If(node.cond, then, orelse, (*node.results, *dots), node.span, node.comment))

    def branch(self, block: Block, moving: Sequence[bool]) -> Block:
        with self.b.block() as frame:
            self.nodes(block.nodes)
            dots = [self.instantiate(a) for a, m in zip(block.results, moving, strict=True) if m]
        return self.b.finish(frame, block.params, (*block.results, *dots))

    def loop(self, node: For | While) -> None:
        lead = 1 if isinstance(node, For) else 0
        carried = node.body.params[lead:]
        moving = [p in self.varied for p in carried]
        init_dots = [self.instantiate(i) for i, m in zip(node.inits, moving, strict=True) if m]
        dots = [self.dot_param(p) for p, m in zip(carried, moving, strict=True) if m]
        nexts, flags = node.body.results[: len(carried)], node.body.results[len(carried) :]
        with self.b.block() as frame:
            self.nodes(node.body.nodes)
            next_dots = [self.instantiate(a) for a, m in zip(nexts, moving, strict=True) if m]
        body = self.b.finish(frame, (*node.body.params, *dots), (*nexts, *next_dots, *flags))
        result_dots = []
        for r, m in zip(node.results, moving, strict=True):
            if m:
                result_dots.append(Value(self.dot_type(r.type), "", r.span))
                self.put(r, result_dots[-1])
        inits, results = (*node.inits, *init_dots), (*node.results, *result_dots)
        if isinstance(node, For):
            loop: Node = replace(node, inits=inits, body=body, results=results)
        else:
            unused = tuple(Value(d.type, d.name) for d in dots)
            cond = Block((*node.cond.params, *unused), node.cond.nodes, node.cond.results)
            loop = replace(node, inits=inits, cond=cond, body=body, results=results)
        self.b.append(loop)


def unweak(type_: Type) -> Type:
    """The type of a tangent of a value: of the same dtype, and known for good."""
    return Scalar(type_.dtype) if isinstance(type_, Scalar) else type_


def needs_broadcast(eqn: Eqn | None) -> bool:
    """Whether a tangent of the right rank may still lack the result's shape: some operand was repeated."""
    if eqn is None or not PRIMITIVES[eqn.primitive].elementwise:
        return False
    return len({o for o in eqn.operands if isinstance(o.type, Array)}) > 1


def jvp(fn: Function, wrt: Sequence[bool], functions: Functions, name: str = "") -> Derived:
    """The tangent function of `fn`: ``(*params, *param_dots) -> (*results, *result_dots)``.

    Parameters
    ----------
    fn : Function
        The primal.
    wrt : sequence of bool
        Which parameters carry a tangent. Parameters that cannot (integers, flags) have none in any case.
    functions : dict
        The program's functions; the tangent functions of callees are added.
    name : str, optional
        The new function's name; `<name>_jvp` where left out.

    Returns
    -------
    Derived
        Every result of floating type has a tangent, written out even where it is zero.
    """
    return Forward(fn, wrt, functions).run(name or f"{fn.name}_jvp")


def jvp_function(callee: Function, wrt: Sequence[bool], functions: Functions) -> str:
    """The name of a callee's tangent function in the program, made on first use."""
    name = f"{callee.name}_jvp" + ("" if all(wrt) else "_" + "".join("01"[w] for w in wrt))
    if name not in functions:
        functions[name] = callee  # stands in while the callee calls itself
        functions[name] = flat(jvp(callee, wrt, functions, name).function)
    return name
