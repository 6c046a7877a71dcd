"""The verifier: a well-formed program passes, and each check is seen to fire, at the right line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from ir_programs import functions, meaning

from adcompile.errors import InternalError
from adcompile.ir.nodes import Block, Const, Eqn, Function, If, Program, Undef, Value
from adcompile.ir.parse import parse
from adcompile.ir.types import BOOL, FLOAT, INT, WEAK_FLOAT, Array, List, Scalar
from adcompile.ir.verify import assignable, verify
from adcompile.span import Span

pytestmark = pytest.mark.core


def program(source: str) -> Program:
    """A program from its text, with f64 for float64 and i64 for int64."""
    return parse(source.replace("f64", "float64").replace("i64", "int64"))


def refused(source: str) -> tuple[str, str]:
    """The message and the marked line for a program that is not well formed, with types shortened likewise."""
    with pytest.raises(InternalError) as error:
        verify(program(source))
    text = error.value.message.replace("float64", "f64").replace("int64", "i64")
    message, _, listing = text.partition("\n\n")
    marked = [line[1:].strip() for line in listing.splitlines() if line.startswith(">")]
    return message, marked[0] if marked else ""


GOOD = """
function f(a: f64[:], n: i64):
    a.1: f64[:], s: f64 = for i: i64 in range(0, n, 1) carrying a.2: f64[:] = a, s.1: f64 = 0.0 {breaks=True}:
        v: f64 = load a.2, i {index=('i',)}
        a.3: f64[:] = store a.2, s.1, i {index=('i',)}
        c: bool = lt v, 0.0
        a.4: f64[:] = if c:
            a.5: f64[:] = store a.3, 1.0, 0 {index=('i',)}
            yield a.5
        else:
            a.6: f64[:] = accumulate a.3, v, i {index=('i',)}
            yield a.6
        m: i64 = shape a.2 {axis=0}
        s.2: f64 = add s.1, v
        yield a.4, s.2, c
    return a.1, s as (0, 1)
"""


def test_verify_returns_what_it_accepts() -> None:
    good = program(GOOD)
    assert verify(good) is good
    assert verify(good.main) is good.main


# -- definitions ------------------------------------------------------------------------------------------------


def function(*nodes: Eqn | If, results: tuple[Value, ...], params: tuple[Value, ...] = ()) -> Function:
    return Function("f", params, Block((), nodes, results), None if len(results) == 1 else tuple(range(len(results))))


X, Y = Value(FLOAT, "x"), Value(FLOAT, "y")
SIN = Eqn("sin", (X,), (Y,))


@pytest.mark.parametrize(
    "fn, message, line",
    [
        (function(SIN, replace(SIN), params=(X,), results=(Y,)), "y is defined twice", "y: f64 = sin x"),
        (function(SIN, params=(X, X), results=(Y,)), "x is defined twice", ""),
        (function(SIN, results=(Y,)), "x is read before it is defined", "y: f64 = sin x"),
        (function(params=(X,), results=(Y,)), "y is read before it is defined", ""),
        (
            function(If(Const(True, BOOL), Block((), (SIN,), ()), Block((), (), ()), ()), params=(X,), results=(Y,)),
            "y is read outside its block",
            "",
        ),
        (
            replace(function(params=(X,), results=(X,)), body=Block((Y,), (), (X,))),
            "the body of a function takes no",
            "",
        ),
        (replace(function(params=(X,), results=(X,)), tree=(0, 1)), "the tree of results names position 1 of 1", ""),
        (replace(function(params=(X,), results=(X, X)), tree=None), "a bare result is one value, not 2", ""),
        (function(results=(Undef(FLOAT),)), "a function returns a value that is never defined", ""),
        (
            function(Eqn("sin", (Undef(FLOAT),), (Y,)), results=(Y,)),
            "reads a value that is never defined",
            "y: f64 = sin undef:f64",
        ),
    ],
)
def test_verify_definitions(fn: Function, message: str, line: str) -> None:
    with pytest.raises(InternalError) as error:
        verify(fn)
    assert error.value.message.startswith(message)
    rows = error.value.message.replace("float64", "f64").splitlines()
    assert [row[1:].strip() for row in rows if row.startswith(">")] == [line] * bool(line)


def test_verify_error_points_into_source() -> None:
    span = Span("somewhere.py", 3, 4, 3, 9)
    with pytest.raises(InternalError) as error:
        verify(function(replace(SIN, span=span), results=(Y,)))
    assert error.value.span == span


# -- programs ---------------------------------------------------------------------------------------------------


def test_verify_program_names() -> None:
    fn = function(SIN, params=(X,), results=(Y,))
    with pytest.raises(InternalError, match="no function 'g' to enter at"):
        verify(Program({"f": fn}, "g"))
    with pytest.raises(InternalError, match="function 'f' is entered as 'g'"):
        verify(Program({"g": fn}, "g"))


CALL = """
function f(x: f64):
    y: f64 = call x {function='%s', types=(<f64>,)}
    return y
function g(x: %s):
    return x
"""


@pytest.mark.parametrize(
    "callee, parameter, message",
    [
        ("h", "f64", "the program has no function 'h'"),
        ("g", "i64", "number 0 of the operands is f64, of the parameters of g i64"),
        ("g", "f64, y: f64", "the operands are 1, the parameters of g 2"),
    ],
)
def test_verify_calls(callee: str, parameter: str, message: str) -> None:
    verify(program(CALL % ("g", "f64")))
    assert refused(CALL % (callee, parameter))[0] == message


# -- regions ----------------------------------------------------------------------------------------------------

LOOP = """
function f(x: f64, n: i64, a: f64[:], b: f64[:, strided]):
    {}
        {}
        yield {}
    return x
"""


@pytest.mark.parametrize(
    "head, inside, yields, message",
    [
        ("for i: i64 in range(0, x, 1):", "", "", "the stop of the range is no integer but f64"),
        ("for i: f64 in range(0, n, 1):", "", "", "the index is no integer but f64"),
        ("for i: i64 in range(0, n, 1) carrying s: i64 = x:", "", "s", "number 0 of the initial values is f64, of"),
        (
            "s: f64 = for i: i64 in range(0, n, 1) carrying s: f64 = x:",
            "",
            "n",
            "number 0 of what the body yields is i64, of its parameters f64",
        ),
        (
            "s: i64 = for i: i64 in range(0, n, 1) carrying s.1: f64 = x:",
            "",
            "s.1",
            "number 0 of the parameters of the body is f64, of the results i64",
        ),
        (
            "s: f64 = for i: i64 in range(0, n, 1) carrying s.1: f64 = x:",
            "",
            "",
            "what the body yields are 0, its parameters 1",
        ),
        (
            "s: f64[:] = for i: i64 in range(0, n, 1) carrying s.1: f64[:] = b:",
            "",
            "s.1",
            "number 0 of the initial values is f64[:, strided], of",
        ),
        ("for i: i64 in range(0, n, 1) {breaks=True}:", "", "", "a loop that breaks yields no flag"),
        ("for i: i64 in range(0, n, 1) {breaks=True}:", "", "x", "the flag that ends the loop is no flag but f64"),
        ("t: f64 = for i: i64 in range(0, n, 1) {trips=True}:", "", "", "the count of trips is no integer but f64"),
    ],
)
def test_verify_loops(head: str, inside: str, yields: str, message: str) -> None:
    source = LOOP.format(
        head.replace("s: f64 = for", "r: f64 = for").replace("s: i64 = for", "r: i64 = for"), inside, yields
    )
    found, line = refused(source)
    assert found.startswith(message)
    assert "for i:" in line


@pytest.mark.parametrize(
    "cond, init, parameters, message",
    [
        ("x", "x: f64", "w.1: f64", "the condition is no flag but f64"),
        ("c, c", "x: f64", "w.1: f64", "the condition yields one flag"),
        ("c", "x: i64", "w.1: f64", "number 0 of the initial values is f64, of the parameters of the condition i64"),
        ("c", "x: f64", "", "the initial values are 1, the parameters of the body 0"),
    ],
)
def test_verify_while(cond: str, init: str, parameters: str, message: str) -> None:
    start, _, type_ = init.partition(": ")
    result, yields = ("w.2: f64 = ", " w.1") if parameters else ("", "")
    source = f"""
function f(x: f64, c: bool):
    {result}while carrying w: {type_} = {start}:
        yield {cond}
    do {parameters}:
        yield{yields}
    return x
"""
    assert refused(source)[0] == message


@pytest.mark.parametrize(
    "cond, result, then, orelse, message",
    [
        ("x", "f64", "x", "x", "the condition is no flag but f64"),
        ("c", "f64", "x", "n", "number 0 of what the else branch yields is i64, of the results f64"),
        ("c", "f64", "", "x", "what the then branch yields are 0, the results 1"),
        ("c", "f64[:]", "a", "b", "number 0 of what the else branch yields is f64[:, strided], of the results f64[:]"),
    ],
)
def test_verify_choices(cond: str, result: str, then: str, orelse: str, message: str) -> None:
    source = f"""
function f(x: f64, n: i64, c: bool, a: f64[:], b: f64[:, strided]):
    r: {result} = if {cond}:
        yield {then}
    else:
        yield {orelse}
    return x
"""
    found, line = refused(source)
    assert found == message
    assert line == f"r: {result} = if {cond}:"


def test_verify_branches_take_no_parameters() -> None:
    branch, empty = Block((X,), (), ()), Block((), (), ())
    with pytest.raises(InternalError, match="the then branch takes no parameters"):
        verify(function(If(Const(True, BOOL), branch, empty, ()), results=(Const(1.0, FLOAT),)))


def test_verify_counted_loop_needs_an_index() -> None:
    (loop,) = program(
        "function f(x: f64):\n    for i: i64 in range(0, 3, 1):\n        yield\n    return x"
    ).main.body.nodes
    with pytest.raises(InternalError, match="takes no index"):
        verify(function(replace(loop, body=Block((), (), ())), params=(X,), results=(X,)))


def test_assignable_ignores_weakness_and_forgets_contiguity() -> None:
    assert assignable(WEAK_FLOAT, FLOAT) and assignable(FLOAT, WEAK_FLOAT)
    assert not assignable(INT, FLOAT)
    assert assignable(Array("float64", 1), Array("float64", 1, False))
    assert not assignable(Array("float64", 1, False), Array("float64", 1))
    assert not assignable(Array("float64", 1), Array("float64", 2))
    assert assignable(List(FLOAT), List(WEAK_FLOAT)) and not assignable(List(FLOAT), FLOAT)
    assert not assignable(Scalar("float32"), FLOAT)


# -- equations --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line, message",
    [
        ("y: f64 = sine x", "there is no primitive 'sine'"),
        ("y: f64 = sum a", "sum takes the parameters ('axis', 'keepdims'), not ()"),
        (
            "y: f64 = sum a {keepdims=False, axis=None}",
            "sum takes the parameters ('axis', 'keepdims'), not ('keepdims', 'axis')",
        ),
        ("y: i64 = mul x, x", "mul yields f64, not i64"),
        ("y: f64, z: f64 = mul x, x", "mul yields f64, not f64, f64"),
        ("y: f64 = sin", "sin does not take nothing: "),
        ("y: f64 = load x, n {index=('i',)}", "load takes an array first"),
        ("y: f64 = load a, n {index=('i', 'i')}", "the index ('i', 'i') has 2 parts, not 1"),
        ("y: f64 = load a, n, n {index=('i', 'i')}", "the index ('i', 'i') takes 2 axes of f64[:]"),
        ("y: f64 = load m, n {index=('i',)}", "the index ('i',) takes 1 axes of f64[:, :]"),
        ("y: f64 = load a, x {index=('i',)}", "f64 is no part of the index code 'i'"),
        ("y: f64[:] = load a {index=('s000',)}", "load does not take the index code 's000'"),
        ("y: f64[:] = view a, k {index=('a',)}", "view does not take the index code 'a'"),
        ("y: f64[:] = gather a, k {index=('m',)}", "i64[:] is no part of the index code 'm'"),
        ("y: f64[:] = gather a, k {index=('slice',)}", "('slice',) is no index"),
        ("y: f64[:] = gather a, k {index='a'}", "'a' is no index"),
        ("y: f64[:] = view a, n, n {index=('s001',)}", "the index ('s001',) has 1 parts, not 2"),
        ("y: f64[:] = store a, a, n {index=('i',)}", "f64[:] does not fit into what ('i',) selects of f64[:]"),
        ("y: f64 = call x {function='f', types=(<i64>,)}", "call yields i64, not f64"),
    ],
)
def test_verify_equations(line: str, message: str) -> None:
    source = f"""
function f(x: f64, n: i64, a: f64[:], m: f64[:, :], k: i64[:]):
    {line}
    return x
"""
    found, marked = refused(source)
    assert found.startswith(message)
    assert marked == line


# -- consumption ------------------------------------------------------------------------------------------------

STORE = "{}: f64[:] = store {}, x, 0 {{index=('i',)}}"


def memory_program(body: str, results: str = "x") -> str:
    """A program over an array, with `A <- B` for a store into B that makes A."""
    rows = []
    for row in body.strip("\n").splitlines():
        indent, line = row[: len(row) - len(row.lstrip())], row.strip()
        new, arrow, old = line.partition(" <- ")
        rows.append(f"    {indent}" + (STORE.format(new, old) if arrow else line))
    body = "\n".join(rows)
    tree = " as (0, 1)" if "," in results else ""
    return f"function f(a: f64[:], b: f64[:], l: list(f64), x: f64, n: i64, c: bool):\n{body}\n    return {results}{tree}\n"


LOAD = "y: f64 = load {}, 0 {{index=('i',)}}"

WRONG = {
    "read after": ("a.1 <- a\n" + LOAD.format("a"), "x", "the contents of a are", LOAD.format("a")),
    "consumed twice": ("a.1 <- a\na.2 <- a", "x", "the contents of a are", STORE.format("a.2", "a")),
    "view read after": (
        "v: f64[:] = view a {index=('s000',)}\na.1 <- a\n" + LOAD.format("v"),
        "x",
        "the contents of v are",
        LOAD.format("v"),
    ),
    "base read after view": (
        "v: f64[:] = view a {index=('s000',)}\nv.1 <- v\n" + LOAD.format("a"),
        "x",
        "the contents of a are",
        LOAD.format("a"),
    ),
    "returned after": ("a.1 <- a", "a, x", "the contents of a are", ""),
    "in a loop": (
        "for i: i64 in range(0, n, 1):\n    a.1 <- a\n    yield",
        "x",
        "a is read in a loop that overwrites it",
        STORE.format("a.1", "a"),
    ),
    "init read in loop": (
        "a.1: f64[:] = for i: i64 in range(0, n, 1) carrying a.2: f64[:] = a:\n"
        "    y: f64 = load a, 0 {index=('i',)}\n    a.3 <- a.2\n    yield a.3",
        "x",
        "a is read in a loop that overwrites it",
        LOAD.format("a"),
    ),
    "init read after loop": (
        "a.1: f64[:] = for i: i64 in range(0, n, 1) carrying a.2: f64[:] = a:\n    a.3 <- a.2\n    yield a.3\n"
        + LOAD.format("a"),
        "x",
        "the contents of a are",
        LOAD.format("a"),
    ),
    "loop of no trips": (
        "r: f64[:] = for i: i64 in range(0, n, 1) carrying p: f64[:] = a:\n"
        "    q: f64[:] = copy p\n    yield q\nr.1 <- r\n" + LOAD.format("a"),
        "x",
        "the contents of a are",
        LOAD.format("a"),
    ),
    "second iteration writes a": (
        "p: f64[:] = for i: i64 in range(0, n, 1) carrying p.1: f64[:] = b:\n    p.2 <- p.1\n    yield a",
        "x",
        "a is read in a loop that overwrites it",
        "p: f64[:] = for i: i64 in range(0, n, 1) carrying p.1: f64[:] = b:",
    ),
    "carried twice": (
        "p: f64[:], q: f64[:] = for i: i64 in range(0, n, 1) carrying p.1: f64[:] = a, q.1: f64[:] = a:\n"
        "    p.2 <- p.1\n    y: f64 = load q.1, 0 {index=('i',)}\n    yield p.2, b",
        "x",
        "the contents of q are",
        LOAD.format("q.1"),
    ),
    "brought together": (
        "p: f64[:], q: f64[:] = for i: i64 in range(0, n, 1) carrying p.1: f64[:] = a, q.1: f64[:] = b:\n"
        "    p.2 <- p.1\n    y: f64 = load q.1, 0 {index=('i',)}\n    yield p.2, p.2",
        "x",
        "the contents of q are",
        LOAD.format("q.1"),
    ),
    "after one branch": (
        "r: f64[:] = if c:\n    a.1 <- a\n    yield a.1\nelse:\n    yield b\n" + LOAD.format("a"),
        "x",
        "the contents of a are",
        LOAD.format("a"),
    ),
    "either of two": (
        "r: f64[:] = if c:\n    yield a\nelse:\n    yield b\nr.1 <- r\n" + LOAD.format("b"),
        "x",
        "the contents of b are",
        LOAD.format("b"),
    ),
    "other branch in next iteration": (
        "p: f64[:] = for i: i64 in range(0, n, 1) carrying p.1: f64[:] = a:\n"
        "    r: f64[:] = if c:\n        p.2 <- p.1\n        yield p.2\n    else:\n        yield b\n    yield r",
        "x",
        "b is read in a loop that overwrites it",
        "r: f64[:] = if c:",
    ),
    "condition consumes": (
        "p: f64[:] = while carrying p.1: f64[:] = a:\n    p.2 <- p.1\n    yield c\ndo p.3: f64[:]:\n    yield p.3",
        "x",
        "the contents of p are",
        "p: f64[:] = while carrying p.1: f64[:] = a:",
    ),
    "length of a longer list": (
        "l.1: list(f64) = list_append l, x\nk: i64 = list_len l",
        "x",
        "the length of l is",
        "k: i64 = list_len l",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_verify_consumption(case: str) -> None:
    body, results, message, line = WRONG[case]
    source = memory_program(body, results)
    found, marked = refused(source)
    assert found.startswith(message.removesuffix(" are").removesuffix(" is"))
    assert marked == line
    verify(program(source), memory=False)


RIGHT = {
    "shape after": "a.1 <- a\nm: i64 = shape a {axis=0}",
    "shape of a view after": "v: f64[:] = view a {index=('s000',)}\na.1 <- a\nm: i64 = shape v {axis=0}",
    "both branches": "r: f64[:] = if c:\n    a.1 <- a\n    yield a.1\nelse:\n    a.2 <- a\n    yield a.2\nr.1 <- r",
    "written through a view": (
        "v: f64[:] = view a {index=('s000',)}\nv.1 <- v\n"
        "a.1: f64[:] = view v.1 {index=('s000',)}\na.2 <- a.1\n" + LOAD.format("a.2")
    ),
    "swapped": (
        "p: f64[:], q: f64[:] = for i: i64 in range(0, n, 1) carrying p.1: f64[:] = a, q.1: f64[:] = b:\n"
        "    q.2 <- q.1\n    z: f64 = load p.1, 0 {index=('i',)}\n    yield q.2, p.1\np.2 <- p\nq.3 <- q\n"
        + LOAD.format("p.2")
    ),
    "swapped in a branch": (
        "p: f64[:], q: f64[:] = if c:\n    yield a, b\nelse:\n    yield b, a\np.1 <- p\nq.1 <- q\n" + LOAD.format("p.1")
    ),
    "swapped with new memory": (
        "t: f64[:] = copy a\np: f64[:], q: f64[:] = if c:\n    u: f64[:] = copy a\n    yield a, u\n"
        "else:\n    u.1: f64[:] = copy a\n    yield u.1, a\np.1 <- p\nq.1 <- q\n" + LOAD.format("p.1")
    ),
    "own memory in a loop": (
        "for i: i64 in range(0, n, 1):\n    t: f64[:] = zeros n {dtype='f64'}\n    t.1 <- t\n"
        "    y: f64 = load a, 0 {index=('i',)}\n    yield"
    ),
    "loops in turn": (
        "p: f64[:] = for i: i64 in range(0, n, 1) carrying p.1: f64[:] = a:\n    p.2 <- p.1\n    yield p.2\n"
        "q: f64[:] = for j: i64 in range(0, n, 1) carrying q.1: f64[:] = p:\n    q.2 <- q.1\n    yield q.2\nq.3 <- q"
    ),
    "nested loops": (
        "p: f64[:] = for i: i64 in range(0, n, 1) carrying p.1: f64[:] = a:\n"
        "    q: f64[:] = for j: i64 in range(0, n, 1) carrying q.1: f64[:] = p.1:\n"
        "        q.2 <- q.1\n        yield q.2\n    yield q\np.2 <- p"
    ),
    "stored into itself": "v: f64[:] = view a {index=('s000',)}\na.1: f64[:] = store a, v {index=('s000',)}",
    "element after append": (
        "y: f64 = list_get l, 0\nl.1: list(f64) = list_append l, x\nz: f64 = add y, x\n"
        "l.2: list(f64) = list_set l.1, x, 0\nk: i64 = list_len l.1"
    ),
}


@pytest.mark.parametrize("case", RIGHT)
def test_verify_accepts(case: str) -> None:
    verify(program(memory_program(RIGHT[case])))


@given(functions(careless=True))
@settings(max_examples=400, deadline=None, derandomize=True)
def test_verified_programs_can_run_in_place(fn: Function) -> None:
    verify(fn, memory=False)
    try:
        verify(fn)
    except InternalError:
        return
    assert meaning(fn, in_place=True) == meaning(fn)


@given(functions())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_programs_that_keep_to_the_latest_version_are_accepted(fn: Function) -> None:
    verify(fn)
