"""The text form: reads well, and reads back as what was printed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from ir_programs import functions

from adcompile.errors import InternalError
from adcompile.ir.nodes import Block, Const, Eqn, Function, Program, Undef, Value
from adcompile.ir.parse import parse
from adcompile.ir.text import text
from adcompile.ir.types import BOOL, FLOAT, INT, WEAK_COMPLEX, WEAK_FLOAT, WEAK_INT, Array, List, Scalar, Text
from adcompile.ir.verify import verify
from adcompile.span import Span

pytestmark = pytest.mark.core

EVERYTHING = """\
entry main

function helper(x: float64):
    return x

function main(x: float64, n: int64, c: bool, a: float64[:, :, strided], l: list(float32[:]), w: weak float64):
    %1: float64 = call x {function='helper', types=(<float64>,)}
    s: float64, k: int64 = for i: int64 in range(0, n, 1) carrying s.1: float64 = 0.0 {breaks=True, trips=True, parallel=True}:
        v: float64 = load a, i, 0 {index=('i', 'i')}
        %2: float64[:, strided] = view a, i {index=('i', 's000')}  # row i: 'all' of it
        s.2: float64 = sum %2 {axis=None, keepdims=False}
        yield s.2, c
    for j: int64 in range(n, 0, -1):
        print j, 'done' {parts=('j =', None)}
        yield
    t: float64 = while carrying t.1: float64 = undef:float64:  # until it is small
        yield False
    do t.2: float64:
        yield t.2
    while:
        yield c
    do:
        yield
    m: list(float32[:]) = list_new {element=<float32[:]>}
    r: float64, u: weak float64 = if c:
        yield s, w
    else:
        raise {exception='ValueError', message='it\\'s "odd"\\n'}
        yield 1.0:float64, #nan
    return r, k, %1 as (0, (1, 2))
"""


def test_text_of_everything_is_stable() -> None:
    assert text(parse(EVERYTHING)) == EVERYTHING


def test_text_entry_is_first_unless_said() -> None:
    program = parse(EVERYTHING.partition("\n\n")[2])
    assert program.entry == "helper"
    assert parse(EVERYTHING).entry == "main"
    assert parse(EVERYTHING).main.name == "main"


@given(functions())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_text_round_trip(fn: Function) -> None:
    once = text(verify(fn))
    again = verify(parse(once))
    assert text(again) == once
    assert text(again.main) == once


CONSTANTS = [
    (Const(2, WEAK_INT), "2"),
    (Const(-2, INT), "-2:int64"),
    (Const(2.0, WEAK_FLOAT), "2.0"),
    (Const(-0.0, FLOAT), "-0.0:float64"),
    (Const(1e-300, WEAK_FLOAT), "1e-300"),
    (Const(0.5, Scalar("float32")), "0.5:float32"),
    (Const(float("inf"), WEAK_FLOAT), "#inf"),
    (Const(float("-inf"), FLOAT), "#-inf:float64"),
    (Const(float("nan"), FLOAT), "#nan:float64"),
    (Const(complex(-0.0, float("inf")), WEAK_COMPLEX), "#complex(-0.0, #inf)"),
    (Const(True, BOOL), "True"),
    (Const(1, WEAK_FLOAT), "1:weak float64"),
    (Const("it's", Text()), '"it\'s"'),
    (Undef(Array("float64", 2)), "undef:float64[:, :]"),
    (Undef(List(Array("float32", 1, False))), "undef:list(float32[:, strided])"),
]


@pytest.mark.parametrize("atom, expected", CONSTANTS)
def test_text_constants(atom: Const | Undef, expected: str) -> None:
    fn = Function("f", (), Block((), (), (atom,)))
    assert text(fn) == f"function f():\n    return {expected}\n"
    (back,) = parse(text(fn)).main.body.results
    assert back == atom


def test_text_names() -> None:
    values = [Value(FLOAT, name) for name in ("x", "x", "", "", "x.1", "lambda", "1st", "é")]
    fn = Function("<lambda>", tuple(values), Block((), (), (values[0],)))
    printed = text(fn)
    names = (
        "x: float64, x.1: float64, %1: float64, %2: float64, x_1: float64, lambda_: float64, _1st: float64, é: float64"
    )
    assert printed == f"function '<lambda>'({names}):\n    return x\n"
    assert text(parse(printed)) == printed


def test_text_spans_and_marks() -> None:
    x, y = Value(FLOAT, "x"), Value(FLOAT, "y")
    eqn = Eqn("sin", (x,), (y,), (), Span("f.py", 3, 8, 3, 14), "the sine")
    fn = Function("f", (x,), Block((), (eqn,), (y,)))
    line = "y: float64 = sin x  @ 3:8  # the sine"
    printed = text(fn, spans=True, mark=eqn)
    assert printed.splitlines()[1] == f">   {line}"
    spans = text(Program({"f": fn}, "f"), spans=True)
    assert spans.splitlines()[1] == f"    {line}"
    assert text(parse(spans)) == text(fn)


@pytest.mark.parametrize(
    "line, message",
    [
        ("y: float64 = sin ?", "line 2: cannot read ' ?'"),
        ("y: float64 = sin z", "line 2: z is not defined"),
        ("x: float64 = sin x", "line 2: x is defined twice"),
        ("y: float64 sin x", "line 2: expected '=', found 'sin'"),
        ("y: float64 = sin x)", "line 2: cannot read ')' here"),
        ("y: float64 = 3", "line 2: expected a name, found '3'"),
        ("y: float64 = sum x {axis=all}", "line 2: 'all' is no constant"),
    ],
)
def test_parse_errors(line: str, message: str) -> None:
    with pytest.raises(InternalError) as error:
        parse(f"function f(x: float64):\n    {line}\n    return x\n")
    assert error.value.message == message


def test_parse_needs_an_end() -> None:
    with pytest.raises(InternalError, match="the block does not end with 'return'"):
        parse("function f(x: float64):\n    y: float64 = sin x\n")
