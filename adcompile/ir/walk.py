"""Walks over programs: what is read where, and rebuilding with other atoms or fresh values.

Decides nothing; every pass that needs to go through nested blocks goes through here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import overload

from adcompile.ir.nodes import (
    Atom,
    Block,
    Eqn,
    For,
    Function,
    If,
    Node,
    Value,
    While,
    blocks_of,
    operands_of,
    results_of,
)

# -- reading ----------------------------------------------------------------------------------------------------


def each_node(block: Block) -> Iterator[Node]:
    """Every node of a block and of the blocks nested in it, a node before what it owns."""
    for node in block.nodes:
        yield node
        for inner in blocks_of(node):
            yield from each_node(inner)


def each_block(block: Block) -> Iterator[Block]:
    """A block and every block nested in it, outer ones first."""
    yield block
    for node in block.nodes:
        for inner in blocks_of(node):
            yield from each_block(inner)


def reads(block: Block) -> Iterator[Value]:
    """Every value read in a block, nested blocks and results included, in the order of the text, with repeats."""
    for node in block.nodes:
        yield from (a for a in operands_of(node) if isinstance(a, Value))
        for inner in blocks_of(node):
            yield from reads(inner)
    yield from (a for a in block.results if isinstance(a, Value))


def definitions(block: Block) -> Iterator[Value]:
    """Every value defined in a block: its parameters, results of its nodes, and the same of nested blocks."""
    for inner in each_block(block):
        yield from inner.params
        for node in inner.nodes:
            yield from results_of(node)


def read_at_once(node: Node) -> tuple[Atom, ...]:
    """The atoms that must have a value for a node to run: not those it only hands on."""
    match node:
        case Eqn():
            return node.operands
        case If():
            return (node.cond,)
        case For():
            return (node.start, node.stop, node.step, *(node.body.results[-1:] if node.breaks else ()))
        case While():
            return (*node.cond.results, *(node.body.results[-1:] if node.breaks else ()))


def uses(fn: Function) -> Counter[Value]:
    """How often each value of a function is read; 0 for those that never are."""
    return Counter(reads(fn.body))


def free_values(block: Block) -> tuple[Value, ...]:
    """The values of enclosing blocks that a block reads, each once, in order of first use."""
    inside = set(definitions(block))
    return tuple(dict.fromkeys(v for v in reads(block) if v not in inside))


# -- rebuilding -------------------------------------------------------------------------------------------------


def rebuild(
    node: Node,
    read: Callable[[Atom], Atom],
    define: Callable[[Value], Value],
    inner: Callable[[Block], Block],
) -> Node:
    """A node with other operands, results and blocks: first what it reads, then its blocks, then what it defines."""
    match node:
        case Eqn():
            operands = tuple(map(read, node.operands))
            return Eqn(node.primitive, operands, tuple(map(define, node.results)), node.params, node.span, node.comment)
        case If():
            cond, then, orelse = read(node.cond), inner(node.then), inner(node.orelse)
            return If(cond, then, orelse, tuple(map(define, node.results)), node.span, node.comment)
        case For():
            start, stop, step = read(node.start), read(node.stop), read(node.step)
            inits, body = tuple(map(read, node.inits)), inner(node.body)
            results, trips = tuple(map(define, node.results)), node.trips and define(node.trips)
            facts = (node.breaks, trips, node.parallel, node.span, node.comment)
            return For(start, stop, step, inits, body, results, *facts)
        case While():
            inits, test, body = tuple(map(read, node.inits)), inner(node.cond), inner(node.body)
            results, trips = tuple(map(define, node.results)), node.trips and define(node.trips)
            return While(inits, test, body, results, node.breaks, trips, node.span, node.comment)


def map_blocks(node: Node, change: Callable[[Block], Block]) -> Node:
    """A node with each block it owns changed, and all else as it was."""
    return rebuild(node, same_atom, same_value, change) if blocks_of(node) else node


def same_atom(atom: Atom) -> Atom:
    """The atom itself."""
    return atom


def same_value(value: Value) -> Value:
    """The value itself."""
    return value


@overload
def substitute(where: Block, mapping: Mapping[Value, Atom]) -> Block: ...
@overload
def substitute(where: Node, mapping: Mapping[Value, Atom]) -> Node: ...
def substitute(where: Block | Node, mapping: Mapping[Value, Atom]) -> Block | Node:
    """A node or block that reads other atoms; what it defines stays. Replacements are not replaced in turn."""

    def read(atom: Atom) -> Atom:
        return mapping.get(atom, atom) if isinstance(atom, Value) else atom

    def inner(block: Block) -> Block:
        nodes = tuple(rebuild(n, read, same_value, inner) for n in block.nodes)
        return Block(block.params, nodes, tuple(map(read, block.results)))

    return inner(where) if isinstance(where, Block) else rebuild(where, read, same_value, inner)


def silent(block: Block) -> Block:
    """A block without what it prints."""
    kept = (n for n in block.nodes if not (isinstance(n, Eqn) and n.primitive == "print"))
    return replace(block, nodes=tuple(map_blocks(n, silent) for n in kept))


def clone(block: Block, mapping: Mapping[Value, Atom]) -> tuple[Block, dict[Value, Atom]]:
    """A copy of a block in which everything it defines is fresh, and what became of each value.

    Values in `mapping` are replaced by what they map to. A parameter of the block that is in it is no
    parameter of the copy, so that the nodes of a copy with all parameters mapped can be spliced in anywhere.
    """
    became: dict[Value, Atom] = dict(mapping)

    def read(atom: Atom) -> Atom:
        return became.get(atom, atom) if isinstance(atom, Value) else atom

    def define(value: Value) -> Value:
        became[value] = copy = Value(value.type, value.name, value.span)
        return copy

    def inner(block: Block) -> Block:
        params = tuple(define(p) for p in block.params if p not in mapping)
        nodes = tuple(rebuild(n, read, define, inner) for n in block.nodes)
        return Block(params, nodes, tuple(map(read, block.results)))

    return inner(block), became


def inline(fn: Function, operands: Sequence[Atom]) -> Block:
    """A fresh copy of a function's body, without parameters, applied to operands."""
    copy, _ = clone(fn.body, dict(zip(fn.params, operands, strict=True)))
    return copy
