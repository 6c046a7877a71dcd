"""Lets a function that sums into an array of its own, which its callers add to theirs, add to theirs at once.

An adjoint that calls itself would make zeros in each call, and add as many elements on the way back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from adcompile.analyses.fusable import is_sum, read_by
from adcompile.analyses.lengths import Lengths
from adcompile.analyses.shapes import Shapes
from adcompile.analyses.trail import Trail
from adcompile.ir.build import Builder
from adcompile.ir.nodes import Atom, Block, Eqn, Function, Node, Value
from adcompile.ir.types import Array
from adcompile.ir.walk import each_block, map_blocks, uses

Functions = Mapping[str, Function]


def add_in_place(functions: Functions, entry: str) -> dict[str, Function]:
    """The functions, those that can with an array to add to as their first parameter and first result."""
    found = dict(functions)
    for name, fn in functions.items():
        sums = () if name == entry else own_sums(fn)
        sum_of = next((s for s in sums if called_in_sums(fn, s, found)), None)
        if sum_of is not None:
            found = {n: with_calls_into(other, fn, sum_of) for n, other in found.items()}
            found[name] = adding(found[name], sum_of)
    return found


class Sum:
    """An array that a function makes with zeros, and gives back after only adding to it.

    Attributes
    ----------
    maker : Eqn
        The equation that makes it.
    result : int
        Its position among the function's results.
    lengths : list of (int, int)
        For each axis, the parameter, by position, and the axis of that, whose length it has.
    """

    def __init__(self, maker: Eqn, result: int, lengths: Sequence[tuple[int, int]]) -> None:
        self.maker = maker
        self.result = result
        self.lengths = lengths


def own_sums(fn: Function) -> Iterator[Sum]:
    """The results of a function that are such sums."""
    trail, shapes, counts = Trail(fn), Shapes(fn), uses(fn)
    for k, result in enumerate(fn.body.results):
        maker = trail.start(result) if isinstance(result.type, Array) else None
        if not (isinstance(maker, Eqn) and maker.primitive == "zeros" and maker in fn.body.nodes):
            continue
        lengths = [length_of_parameter(fn, shapes, d) for d in maker.operands]
        known = [found for found in lengths if found is not None]
        if len(known) == len(lengths) and counts[maker.results[0]] == 1 and is_sum(fn.body, maker.results[0], result):
            yield Sum(maker, k, known)


def length_of_parameter(fn: Function, shapes: Shapes, dim: Atom) -> tuple[int, int] | None:
    """The parameter and the axis whose length an integer is."""
    source = shapes.integers.get(dim) if isinstance(dim, Value) else None
    if isinstance(source, tuple) and source[0] in fn.params:
        return fn.params.index(source[0]), source[1]
    return None


def called_in_sums(fn: Function, sum_of: Sum, functions: Functions) -> bool:
    """Whether some call of a function adds the sum to another of the same shape, and every call in the function itself."""
    adders = [adder for caller in functions.values() for adder in adders_in(caller, fn, sum_of).values()]
    return any(adders) and all(adders_in(fn, fn, sum_of).values())


def adders_in(caller: Function, fn: Function, sum_of: Sum) -> dict[Eqn, Eqn | None]:
    """The calls of a function in another, each with the equation that adds the sum to an array, if there is one."""
    found: dict[Eqn, Eqn | None] = {}
    lengths, counts = Lengths(caller), uses(caller)
    for block in each_block(caller.body):
        for k, node in enumerate(block.nodes):
            if isinstance(node, Eqn) and node.primitive == "call" and node["function"] == fn.name:
                adder = next((n for n in block.nodes[k + 1 :] if not set(node.results).isdisjoint(read_by(n))), None)
                fits = counts[node.results[sum_of.result]] == 1 and adds(adder, node, sum_of, lengths)
                found[node] = adder if fits and isinstance(adder, Eqn) else None
    return found


def adds(node: Node | None, call: Eqn, sum_of: Sum, lengths: Lengths) -> bool:
    """Whether a node adds the sum that a call yields to an array of its shape."""
    if not isinstance(node, Eqn) or node.primitive != "accumulate" or node["index"] != ():
        return False
    array, value = node.operands
    same = tuple(lengths.of(call.operands[p])[axis] for p, axis in sum_of.lengths)
    return value is call.results[sum_of.result] and array.type == value.type and lengths.of(array) == same


def with_calls_into(caller: Function, fn: Function, sum_of: Sum) -> Function:
    """A function that calls another one with the array to add to: its own where it adds the sum, else zeros."""
    adders = adders_in(caller, fn, sum_of)
    calls = {adder: call for call, adder in adders.items() if adder is not None}
    if not adders:
        return caller

    def changed(node: Node) -> list[Node]:
        if isinstance(node, Eqn) and node in calls:
            return [into(calls[node], sum_of, node.operands[0], node.results[0])]
        if not isinstance(node, Eqn) or node not in adders:
            return [map_blocks(node, inside)]
        return into_zeros(node, sum_of) if adders[node] is None else []

    def inside(block: Block) -> Block:
        return replace(block, nodes=tuple(n for node in block.nodes for n in changed(node)))

    return replace(caller, body=inside(caller.body))


def into(call: Eqn, sum_of: Sum, array: Atom, result: Value) -> Eqn:
    """A call that adds to an array."""
    others = tuple(r for k, r in enumerate(call.results) if k != sum_of.result)
    results = (result, *others)
    params = (("function", call["function"]), ("types", tuple(r.type for r in results)))
    return Eqn("call_into", (array, *call.operands), results, params, call.span, call.comment)


def into_zeros(call: Eqn, sum_of: Sum) -> list[Node]:
    """A call that adds to zeros, which has the value of the call as it was."""
    b = Builder()
    value = call.results[sum_of.result]
    dims = [b.emit("shape", call.operands[p], axis=axis) for p, axis in sum_of.lengths]
    zeros = b.emit("zeros", *dims, dtype=value.type.dtype, name=value.name)  # type: ignore[union-attr]
    return [*b.frames[0].nodes, into(call, sum_of, zeros, value)]


def adding(fn: Function, sum_of: Sum) -> Function:
    """The function itself with the array to add to as its first parameter, and first among its results."""
    (array,) = sum_of.maker.results
    nodes = tuple(n for n in fn.body.nodes if n is not sum_of.maker)
    others = tuple(r for k, r in enumerate(fn.body.results) if k != sum_of.result)
    results = (fn.body.results[sum_of.result], *others)
    tree = None if len(results) == 1 else tuple(range(len(results)))
    return replace(fn, params=(array, *fn.params), body=Block((), nodes, results), tree=tree)
