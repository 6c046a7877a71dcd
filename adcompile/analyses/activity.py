"""Which values carry a derivative: those that depend on an input we differentiate, and on which the output depends.

Says nothing about what is recorded (`analyses/demand.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from adcompile.ir.nodes import Atom, Block, Eqn, For, Function, If, Node, Value, While
from adcompile.ir.types import differentiable

IsConstant = Callable[[str], bool]


def varied(fn: Function, wrt: Iterable[Value], is_constant: IsConstant) -> set[Value]:
    """The values that depend, differentiably, on some value of `wrt`."""
    found = {v for v in wrt if differentiable(v.type)}

    def add(values: Iterable[Value], reached: bool) -> None:
        if reached:
            found.update(v for v in values if differentiable(v.type))

    def reached(atoms: Iterable[Atom]) -> bool:
        return any(isinstance(a, Value) and a in found for a in atoms)

    def visit(node: Node) -> None:
        match node:
            case Eqn():
                if not is_constant(node.primitive):
                    add(node.results, reached(node.operands))
            case If():
                block(node.then)
                block(node.orelse)
                for r, a, b in zip(node.results, node.then.results, node.orelse.results, strict=True):
                    add((r,), reached((a, b)))
            case For() | While():
                carried = node.body.params[1:] if isinstance(node, For) else node.body.params
                for p, init in zip(carried, node.inits, strict=True):
                    add((p,), reached((init,)))
                while True:
                    before = len(found)
                    block(node.body)
                    for p, following in zip(carried, node.body.results, strict=False):
                        add((p,), reached((following,)))
                    if len(found) == before:
                        break
                for r, p in zip(node.results, carried, strict=True):
                    add((r,), reached((p,)))

    def block(b: Block) -> None:
        for node in b.nodes:
            visit(node)

    block(fn.body)
    return found


def useful(fn: Function, outputs: Iterable[Atom], is_constant: IsConstant) -> set[Value]:
    """The values on which some value of `outputs` depends, differentiably."""
    found: set[Value] = set()

    def add(atoms: Iterable[Atom]) -> None:
        found.update(a for a in atoms if isinstance(a, Value) and differentiable(a.type))

    def visit(node: Node) -> None:
        match node:
            case Eqn():
                if not is_constant(node.primitive) and any(r in found for r in node.results):
                    add(node.operands)
            case If():
                for r, a, b in zip(node.results, node.then.results, node.orelse.results, strict=True):
                    if r in found:
                        add((a, b))
                block(node.then)
                block(node.orelse)
            case For() | While():
                carried = node.body.params[1:] if isinstance(node, For) else node.body.params
                for r, p in zip(node.results, carried, strict=True):
                    if r in found:
                        add((p,))
                while True:
                    before = len(found)
                    for p, following in zip(carried, node.body.results, strict=False):
                        if p in found:
                            add((following,))
                    block(node.body)
                    if len(found) == before:
                        break
                for p, init in zip(carried, node.inits, strict=True):
                    if p in found:
                        add((init,))

    def block(b: Block) -> None:
        for node in reversed(b.nodes):
            visit(node)

    add(outputs)
    block(fn.body)
    return found


def active(fn: Function, wrt: Iterable[Value], outputs: Iterable[Atom], is_constant: IsConstant) -> set[Value]:
    """The values that carry a derivative from `wrt` to `outputs`."""
    return varied(fn, wrt, is_constant) & useful(fn, outputs, is_constant)
