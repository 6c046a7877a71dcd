"""Walks and rebuilding: counts, free values, substitution, and copies that share nothing with the original."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from ir_programs import functions, meaning

from adcompile.ir.build import const
from adcompile.ir.nodes import Block, For, Function, results_of
from adcompile.ir.parse import parse
from adcompile.ir.text import text
from adcompile.ir.verify import verify
from adcompile.ir.walk import clone, definitions, each_block, each_node, free_values, inline, substitute, uses

pytestmark = pytest.mark.core

PROGRAM = """
function f(x: float64, y: float64, n: int64):
    s: float64, k: int64 = for i: int64 in range(0, n, 1) carrying s.1: float64 = y {trips=True}:
        c: bool = lt s.1, x
        t: float64 = if c:
            u: float64 = mul x, s.1
            yield u
        else:
            yield y
        yield t
    return s
"""


def main() -> tuple[Function, For]:
    fn = parse(PROGRAM).main
    (loop,) = fn.body.nodes
    assert isinstance(loop, For)
    return fn, loop


def test_nodes_and_blocks_come_in_the_order_of_the_text() -> None:
    fn, _ = main()
    assert [r.name for node in each_node(fn.body) for r in results_of(node)] == ["s", "k", "c", "t", "u"]
    assert [len(block.nodes) for block in each_block(fn.body)] == [1, 2, 1, 0]
    assert [v.name for v in definitions(fn.body)] == ["s", "k", "i", "s", "c", "t", "u"]


def test_uses_counts_reads() -> None:
    fn, loop = main()
    count = uses(fn)
    assert [count[p] for p in fn.params] == [2, 2, 1]
    assert [count[p] for p in loop.body.params] == [0, 2]
    assert count[loop.results[0]] == 1


def test_free_values_in_order_of_first_use() -> None:
    fn, loop = main()
    assert [v.name for v in free_values(loop.body)] == ["x", "y"]
    assert free_values(fn.body) == (fn.params[2], fn.params[1], fn.params[0])


def test_substitute_changes_reads_everywhere_and_only_once() -> None:
    fn, loop = main()
    x, y, _ = fn.params
    body = substitute(loop.body, {x: y, y: const(3.0)})
    changed = text(Function("f", fn.params, Block((), (substitute(loop, {x: y, y: const(3.0)}),), fn.body.results)))
    assert free_values(body) == (y,)
    assert "carrying s.1: float64 = 3.0" in changed and "mul y, s.1" in changed and "yield 3.0" in changed


def test_clone_is_fresh_and_drops_mapped_parameters() -> None:
    _, loop = main()
    index, _ = loop.body.params
    copy, became = clone(loop.body, {index: const(1)})
    assert [p.name for p in copy.params] == ["s"]
    assert not set(definitions(copy)) & set(definitions(loop.body))
    assert became[loop.body.nodes[0].results[0]] is copy.nodes[0].results[0]
    assert free_values(copy) == free_values(loop.body)


@given(functions())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_inline_means_the_same(fn: Function) -> None:
    params, _ = clone(Block(fn.params, (), ()), {})
    body = inline(fn, params.params)
    again = verify(Function(fn.name, params.params, body, fn.tree))
    assert text(again) == text(fn)
    assert meaning(again) == meaning(fn)
    assert not set(definitions(body)) & set(definitions(fn.body))
