"""Drops the results of functions that none of their calls reads: adjoints hand back values that few callers want."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from adcompile.ir.nodes import Block, Eqn, Function, Node
from adcompile.ir.primitives import CALLS
from adcompile.ir.walk import each_node, map_blocks, uses

Kept = dict[str, list[int]]


def drop_unread(functions: Mapping[str, Function], entry: str) -> dict[str, Function]:
    """The functions, each but the entry with those results only that some call of it reads."""
    read: dict[str, set[int]] = {name: set() for name in functions}
    for fn in functions.values():
        counts = uses(fn)
        for node in each_node(fn.body):
            if isinstance(node, Eqn) and node.primitive in CALLS:
                read[node["function"]] |= {k for k, r in enumerate(node.results) if counts[r]}
    kept = {n: sorted(read[n]) for n, fn in functions.items() if n != entry and len(read[n]) < len(fn.body.results)}
    if not kept:
        return dict(functions)
    return {name: narrowed(fn, kept.get(name), kept) for name, fn in functions.items()}


def narrowed(fn: Function, mine: list[int] | None, kept: Kept) -> Function:
    """A function with some of its results, whose calls expect some of the results of what they call."""

    def visit(node: Node) -> Node:
        node = map_blocks(node, inside)
        if not (isinstance(node, Eqn) and node.primitive in CALLS and node["function"] in kept):
            return node
        results = tuple(node.results[k] for k in kept[node["function"]])
        params = (("function", node["function"]), ("types", tuple(r.type for r in results)))
        return replace(node, results=results, params=params)

    def inside(block: Block) -> Block:
        return replace(block, nodes=tuple(map(visit, block.nodes)))

    body = inside(fn.body)
    if mine is None:
        return replace(fn, body=body)
    body = replace(body, results=tuple(body.results[k] for k in mine))
    return replace(fn, body=body, tree=None if len(mine) == 1 else tuple(range(len(mine))))
