"""Which values have no value on some path through the program.

Only readers under the same condition ever see such a value; what is done outside must not touch it.
"""

from __future__ import annotations

from adcompile.ir.nodes import Atom, Block, For, Function, If, Undef, Value, While


def undefined_somewhere(fn: Function) -> set[Value]:
    """The results of choices and loops that some path leaves without a value."""
    found: set[Value] = set()

    def open_ended(atom: Atom) -> bool:
        return isinstance(atom, Undef) or (isinstance(atom, Value) and atom in found)

    def block(b: Block) -> None:
        for node in b.nodes:
            match node:
                case If():
                    block(node.then)
                    block(node.orelse)
                    for r, a, c in zip(node.results, node.then.results, node.orelse.results, strict=True):
                        if open_ended(a) or open_ended(c):
                            found.add(r)
                case For() | While():
                    carried = node.body.params[1:] if isinstance(node, For) else node.body.params
                    found.update(p for p, init in zip(carried, node.inits, strict=True) if open_ended(init))
                    block(node.body)
                    for r, p, following in zip(node.results, carried, node.body.results[: len(carried)], strict=True):
                        if open_ended(p) or open_ended(following):
                            found.add(r)

    block(fn.body)
    return found
