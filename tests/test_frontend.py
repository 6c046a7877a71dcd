"""The frontend: a lowered program gives what the function itself gives, and says where its parts came from."""

from __future__ import annotations

import copy
import dataclasses
import sys
from typing import Any

import frontend_programs
import numpy as np
import pytest

from adcompile import tree
from adcompile.backend.compile import compile_module, module_file
from adcompile.errors import Unsupported
from adcompile.frontend.lower import Lowered, lower
from adcompile.frontend.parse import source_of
from adcompile.ir.nodes import Eqn, For, If, While
from adcompile.ir.types import FLOAT, INT, Array, Scalar, Type
from adcompile.ir.verify import verify
from adcompile.ir.walk import each_node
from adcompile.pipeline import finish

pytestmark = pytest.mark.core

VECTOR, MATRIX = Array("float64", 1), Array("float64", 2)


def type_of(leaf: Any) -> Type:
    """The type of an argument."""
    if isinstance(leaf, np.ndarray):
        return Array(leaf.dtype.name, leaf.ndim, leaf.flags.c_contiguous)
    return Scalar(np.asarray(leaf).dtype.name)


def lowered(f: Any, args: tuple[Any, ...]) -> tuple[Lowered, list[Any]]:
    """A function's program for these arguments, and their leaves."""
    leaves: list[Any] = []
    described = []
    for arg in args:
        own: list[Any] = []
        described.append(tree.build(tree.flatten(arg, own), iter([type_of(leaf) for leaf in own])))
        leaves += own
    return lower(f, described), leaves


def run(program: Lowered, leaves: list[Any]) -> Any:
    """What a lowered program returns when its Python text is run as it is."""
    listing = finish(program.program, program.related)
    names = [fn.name for fn in listing.functions]
    module = module_file(listing.text(nested=False), program.program.entry)
    compiled = compile_module(module, names, jit=False, cache=False)
    return tree.assemble(program.result, compiled[program.program.entry](*leaves, *program.captured))


def assert_same(got: Any, expected: Any) -> None:
    """Compare results part by part; containers must be of one class."""
    if isinstance(expected, tuple | list):
        assert type(got) is type(expected) and len(got) == len(expected)
        for a, b in zip(got, expected, strict=True):
            assert_same(a, b)
    elif isinstance(expected, dict):
        assert list(got) == list(expected)
        for key in expected:
            assert_same(got[key], expected[key])
    elif dataclasses.is_dataclass(expected):
        assert type(got) is type(expected)
        assert_same(vars(got), vars(expected))
    elif isinstance(expected, str | None):
        assert got == expected
    else:
        assert np.shape(got) == np.shape(expected)
        np.testing.assert_allclose(got, expected, rtol=1e-13, atol=0)


def label(case: tuple[Any, ...]) -> str:
    return str(case[0].__name__)


@pytest.mark.parametrize("case", frontend_programs.CASES, ids=label)
def test_a_lowered_program_does_what_the_function_does(case: tuple[Any, ...]) -> None:
    f, *args = case
    program, leaves = lowered(f, tuple(args))
    verify(program.program, memory=False)
    before = copy.deepcopy(leaves)
    try:
        expected = f(*copy.deepcopy(args))
    except Exception as error:  # noqa: BLE001 - it is what the program must raise too
        with pytest.raises(type(error)):
            run(program, leaves)
    else:
        assert_same(run(program, leaves), expected)
    for was, leaf in zip(before, leaves, strict=True):
        np.testing.assert_array_equal(leaf, was)


# -- the shape of programs --------------------------------------------------------------------------------------


def nodes(f: Any, *types: Any) -> list[Any]:
    """All nodes of a function's program."""
    return list(each_node(lower(f, types).program.main.body))


def test_a_break_at_the_end_of_a_body_needs_no_choice() -> None:
    def f(x, n):  # type: ignore[no-untyped-def]
        for _ in range(n):
            x = x * 0.5
            if x < 1.0:
                break
        return x

    found = nodes(f, FLOAT, INT)
    assert not any(isinstance(n, If) for n in found)
    (loop,) = (n for n in found if isinstance(n, For))
    assert loop.breaks


def test_a_constant_condition_leaves_one_branch() -> None:
    def f(x, mode="sine"):  # type: ignore[no-untyped-def]
        return np.sin(x) if mode == "sine" else np.cos(x)

    assert [n.primitive for n in nodes(f, FLOAT)] == ["sin"]


def test_a_row_of_a_row_is_one_load() -> None:
    def f(a, i, j):  # type: ignore[no-untyped-def]
        row = a[i]
        return row[j]

    assert [n.primitive for n in nodes(f, MATRIX, INT, INT)] == ["load"]


def test_a_loop_carries_only_what_changes() -> None:
    def f(x, n):  # type: ignore[no-untyped-def]
        total = 0.0
        scale = 2.0
        for i in range(n):
            part = scale * x[i]
            total += part
        return total

    (loop,) = (n for n in nodes(f, VECTOR, INT) if isinstance(n, For))
    assert [p.name for p in loop.body.params] == ["i", "total"]


def test_swapped_buffers_are_carried_without_a_copy() -> None:
    def f(u, v, n):  # type: ignore[no-untyped-def]
        for _ in range(n):
            v[0] = u[1]
            u, v = v, u
        return u

    found = nodes(f, VECTOR, VECTOR, INT)
    assert not any(isinstance(n, Eqn) and n.primitive == "copy" for n in found)


def test_a_pure_condition_stays_the_condition_of_its_loop() -> None:
    def f(x):  # type: ignore[no-untyped-def]
        while x > 1.0:
            x = x / 2.0
        return x

    (loop,) = (n for n in nodes(f, FLOAT) if isinstance(n, While))
    assert not loop.breaks and [n.primitive for n in loop.cond.nodes] == ["gt"]


def test_values_keep_the_names_and_places_of_the_user() -> None:
    def f(x):  # type: ignore[no-untyped-def]
        speed = x * 2.0
        return speed + 1.0

    first = lower(f, [FLOAT]).program.main.body.nodes[0]
    assert isinstance(first, Eqn)
    (speed,) = first.results
    assert speed.name == "speed"
    assert first.span is not None and first.span.text == "x * 2.0"


def test_large_arrays_of_enclosing_scope_become_parameters() -> None:
    table = np.linspace(0.0, 1.0, 200)

    def f(x):  # type: ignore[no-untyped-def]
        return (table * x).sum()

    program = lower(f, [FLOAT])
    assert len(program.program.main.params) == 2 and program.captured[0] is table


def test_what_was_read_is_noted() -> None:
    factor = 3.0

    def g(x):  # type: ignore[no-untyped-def]
        return factor * x

    def f(x):  # type: ignore[no-untyped-def]
        return g(x) + 1.0

    notes = lower(f, [FLOAT]).dependencies
    assert any("return factor * x" in note for note in notes)
    assert "factor = float 3.0" in notes


# -- finding the source -----------------------------------------------------------------------------------------


def test_lambdas_on_one_line_are_told_apart() -> None:
    pair = (lambda x: x + 1.0, lambda x: x * 3.0)  # fmt: skip
    if sys.version_info >= (3, 11):
        assert [n.primitive for f in pair for n in nodes(f, FLOAT)] == ["add", "mul"]
    else:  # Python 3.10 does not say in which column code stands
        with pytest.raises(Unsupported, match="source of `<lambda>` cannot be found"):
            nodes(pair[0], FLOAT)


def test_functions_without_source_are_refused() -> None:
    namespace: dict[str, Any] = {}
    exec("def g(x): return x", namespace)
    with pytest.raises(Unsupported, match="source of `g` cannot be found"):
        source_of(namespace["g"])
