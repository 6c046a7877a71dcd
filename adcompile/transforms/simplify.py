"""Constants folded, algebraic rewrites applied and equal computations shared, by emitting a program once more.

What becomes unused is left for `prune`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from adcompile.ir.build import Builder, is_shareable
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, If, Node, Value, While
from adcompile.ir.types import unify
from adcompile.rules import rewrite_eqn
from adcompile.switches import on
from adcompile.transforms.jvp import Derived


class Simplifier:
    """One pass over a function; `became` says what each of its values turned into.

    Parameters
    ----------
    bound : mapping from Value to Atom
        Parameters that are known: they are replaced throughout.
    keep_names : bool
        Whether an equation that only gives a value another name stays, for the reader's sake.
    """

    def __init__(self, bound: Mapping[Value, Atom], *, keep_names: bool = False) -> None:
        self.b = Builder()
        self.became: dict[Value, Atom] = dict(bound)
        self.keep_names = keep_names
        self.rewriting = on("rewriting")

    def read(self, atom: Atom) -> Atom:
        return self.became.get(atom, atom) if isinstance(atom, Value) else atom

    def nodes(self, block: Block) -> None:
        for node in block.nodes:
            self.b.span, self.b.comment = node.span, node.comment if isinstance(node, Eqn) else ""
            match node:
                case Eqn():
                    self.equation(node)
                case If(Const(flag)):
                    chosen = node.then if flag else node.orelse
                    self.nodes(chosen)
                    for r, a in zip(node.results, chosen.results, strict=True):
                        self.became[r] = self.read(a)
                case _:
                    self.b.append(self.region(node))

    def equation(self, eqn: Eqn) -> None:
        operands = tuple(map(self.read, eqn.operands))
        if eqn.primitive == "let" and not self.keep_names:
            self.became[eqn.results[0]] = operands[0]
            return
        if self.rewriting and len(eqn.results) == 1 and is_shareable(eqn.primitive):
            new = self.rewritten(eqn, operands)
            if new is not None and unify(new.type, eqn.results[0].type) is not None:
                self.became[eqn.results[0]] = new
                return
        if operands != eqn.operands:
            eqn = Eqn(eqn.primitive, operands, eqn.results, eqn.params, eqn.span, eqn.comment)
        self.b.append(eqn)

    def rewritten(self, eqn: Eqn, operands: tuple[Atom, ...]) -> Atom | None:
        """What the equation amounts to: a constant, an operand, a simpler equation, or one that is there already."""
        folded = self.b.fold(eqn.primitive, operands, eqn.params)
        if folded is not None:
            return folded
        simpler = rewrite_eqn(self.b, eqn.primitive, operands, dict(eqn.params))
        if simpler is not None:
            return simpler
        for frame in reversed(self.b.frames):
            results = frame.shared.get((eqn.primitive, operands, eqn.params))
            if results is not None:
                return results[0]
        return None

    def inner(self, block: Block) -> Block:
        with self.b.block() as frame:
            self.nodes(block)
            results = tuple(map(self.read, block.results))
        return self.b.finish(frame, block.params, results)

    def region(self, node: Node) -> Node:
        match node:
            case If():
                then, orelse = self.inner(node.then), self.inner(node.orelse)
                return If(self.read(node.cond), then, orelse, node.results, node.span, node.comment)
            case For():
                bounds = self.read(node.start), self.read(node.stop), self.read(node.step)
                inits, body = tuple(map(self.read, node.inits)), self.inner(node.body)
                return replace(node, start=bounds[0], stop=bounds[1], step=bounds[2], inits=inits, body=body)
            case While():
                inits, cond, body = tuple(map(self.read, node.inits)), self.inner(node.cond), self.inner(node.body)
                return While(inits, cond, body, node.results, node.breaks, node.trips, node.span, node.comment)
        return node


def simplify(derived: Derived, bound: Mapping[Value, Atom] | None = None, *, keep_names: bool = False) -> Derived:
    """The same function, simplified, with some parameters bound to what they are known to be.

    Parameters
    ----------
    derived : Derived
        A function and the names of its values.
    bound : mapping from Value to Atom, optional
        Parameters to replace; they are parameters no longer.
    keep_names : bool
        Whether ``a1_bar = a3_bar`` stays in the program.
    """
    fn, bound = derived.function, bound or {}
    simplifier = Simplifier(bound, keep_names=keep_names)
    simplifier.nodes(fn.body)
    results = tuple(map(simplifier.read, fn.body.results))
    body = Block((), tuple(simplifier.b.frames[0].nodes), results)
    params = tuple(p for p in fn.params if p not in bound)
    related: dict[Value, tuple[Value, str]] = {}
    for value, (primal, suffix) in derived.related.items():
        new, base = simplifier.read(value), simplifier.read(primal)
        if isinstance(new, Value) and new is not base:
            related.setdefault(new, (base if isinstance(base, Value) else primal, suffix))
    return Derived(Function(fn.name, params, body, fn.tree, fn.span, fn.doc), related)
