"""Wrong rules are caught: by the checks at load with their place, and by the generated tests where the calculus is wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rule_cases import Sample, samples
from test_rules import agrees_with_differences, agrees_with_forward

from adcompile.errors import RuleError
from adcompile.notation.check import check_tables
from adcompile.notation.tables import TABLES, Rule, Tables, constant, rewrite, rule, transpose
from adcompile.rules.domains import POSITIVE, REAL, SQUARE

pytestmark = pytest.mark.core


def with_rule(enter: Callable[[Tables], None]) -> Tables:
    """The tables with lines of their own for rules, but all transposes and operations."""
    tables = Tables(transposes_of=TABLES.transposes_of, operations=TABLES.operations, statics=TABLES.statics)
    enter(tables)
    check_tables(tables)
    return tables


Claim = Callable[[Sample, Tables], None]


def fails(claim: Claim, sample: Sample, tables: Tables) -> bool:
    try:
        claim(sample, tables)
    except AssertionError:
        return True
    return False


def caught(claim: Claim, tables: Tables) -> bool:
    """Whether a claim of the generated tests fails for some sample of the one rule."""
    return any(fails(claim, sample, tables) for sample in samples(tables.rules[0], tables))


def test_right_rule_is_not_caught() -> None:
    tables = with_rule(lambda t: rule("y = cos(x)", "dy = -(dx * sin(x))", x=REAL, tables=t))
    assert not caught(agrees_with_differences, tables)
    assert not caught(agrees_with_forward, tables)


WRONG_RULES = {
    "sign": lambda t: rule("y = cos(x)", "dy = dx * sin(x)", x=REAL, tables=t),
    "factor": lambda t: rule("y = sqrt(x)", "dy = 1.001 * dx / (2.0 * y)", x=POSITIVE, tables=t),
    "lost term": lambda t: rule("z = x * y", "dz = dx * y", x=REAL, y=REAL, tables=t),
    "swapped": lambda t: rule("z = x / y", "dz = dy / y - dx * x / (y * y)", x=REAL, y=POSITIVE, tables=t),
    "transposed": lambda t: rule("C = inv(A)", "dC = -(C.T @ dA @ C)", A=SQUARE, tables=t),
}


@pytest.mark.parametrize("name", WRONG_RULES)
def test_wrong_rule_disagrees_with_differences(name: str) -> None:
    tables = with_rule(WRONG_RULES[name])
    assert caught(agrees_with_differences, tables)


WRONG_TRANSPOSES = {
    "sign": lambda t: transpose("sum(u, axis, keepdims)", "-expand(g, *dims(u), axis, keepdims)", tables=t),
    "factor": lambda t: transpose("sum(u, axis, keepdims)", "expand(g, *dims(u), axis, keepdims) * 1.001", tables=t),
}


@pytest.mark.parametrize("name", WRONG_TRANSPOSES)
def test_wrong_transpose_disagrees_with_forward(name: str) -> None:
    others = {op: lines for op, lines in TABLES.transposes_of.items() if op != "sum"}
    tables = Tables(transposes_of=others, operations=TABLES.operations, statics=TABLES.statics)
    WRONG_TRANSPOSES[name](tables)
    line = next(r for r in TABLES.rules if r.pattern.op == "sum")
    tables.rules.append(Rule(line.left, line.right, line.domains))
    check_tables(tables)
    assert caught(agrees_with_forward, tables)


# fmt: off
REFUSED: dict[str, tuple[Callable[[Tables], None], str, str]] = {
    "product of differentials": (
        lambda t: rule("z = x * y", "dz = dx * dy", x=REAL, y=REAL, tables=t),
        "`mul` has no transpose for this use, or this is not linear", "dx * dy"),
    "division by a differential": (
        lambda t: rule("y = log(x)", "dy = x / dx", x=POSITIVE, tables=t),
        "`div` has no transpose for this use, or this is not linear", "x / dx"),
    "function of a differential": (
        lambda t: rule("y = sin(x)", "dy = cos(dx)", x=REAL, tables=t),
        "`cos` has no transpose for this use, or this is not linear", "cos(dx)"),
    "term without differential": (
        lambda t: rule("y = sin(x)", "dy = dx * cos(x) + x", x=REAL, tables=t),
        "this term has no differential", "x"),
    "no differential": (
        lambda t: rule("y = sin(x)", "dy = cos(x)", x=REAL, tables=t),
        "`cos` has no transpose for this use, or this is not linear", "cos(x)"),
    "unknown name": (
        lambda t: rule("y = sin(x)", "dy = dx * cos(w)", x=REAL, tables=t),
        "`w` is neither an operand, a result nor a parameter", "w"),
    "unknown operation": (
        lambda t: rule("y = sin(x)", "dy = dx * cosine(x)", x=REAL, tables=t),
        "there is no operation `cosine`", "cosine(x)"),
    "unknown primitive": (
        lambda t: rule("y = sine(x)", "dy = dx", x=REAL, tables=t),
        "there is no primitive `sine`", "sine"),
    "unknown constant": (
        lambda t: constant("floor ceiling", tables=t),
        "there is no primitive `ceiling`", "ceiling"),
    "constant with a rule": (
        lambda t: (constant("floor", tables=t), rule("y = floor(x)", "dy = dx", x=REAL, tables=t)),
        "`floor` has a derivative of zero by a line of its own", "y = floor(x)"),
    "wrong differential": (
        lambda t: rule("y = sin(x)", "dz = dx * cos(x)", x=REAL, tables=t),
        "the differentials to give are dy, in this order", "dz = dx * cos(x)"),
    "missing domain": (
        lambda t: rule("z = x * y", "dz = dx * y + x * dy", x=REAL, tables=t),
        "each operand needs a domain: x, y", "x * y"),
    "missing parameters": (
        lambda t: rule("y = sum(x)", "dy = sum(dx, None, False)", x=REAL, tables=t),
        "`sum` ends with its parameters axis, keepdims", "sum(x)"),
    "not a formula": (
        lambda t: rule("y = sin(x)", "dy = dx *", x=REAL, tables=t),
        "this is not an equation: invalid syntax", "dy = dx *"),
    "not an equation": (
        lambda t: rule("sin(x)", "dy = dx", x=REAL, tables=t),
        "a rule is written `y = ...`", "sin(x)"),
    "shape that nobody knows": (
        lambda t: rule("y = sum(x, axis, keepdims)", "dy = sum(dx @ x, axis, keepdims)", x=REAL, tables=t),
        "the shape of this is not the shape of an operand", "dx @ x"),
    "attribute": (
        lambda t: rule("y = sin(x)", "dy = dx.real", x=REAL, tables=t),
        "formulas have no such construct", "dx.real"),
    "one transpose for two": (
        lambda t: transpose("maximum(u, v)", "g", tables=t),
        "give one transpose for each of the linear operands `u`, `v`", "maximum(u, v)"),
    "transpose that is not linear": (
        lambda t: transpose("conj(u)", "g * g", tables=t),
        "`mul` has no transpose for this use, or this is not linear", "g * g"),
    "rewrite that needs more": (
        lambda t: rewrite("x * 1", "x + y", tables=t),
        "`y` is neither an operand, a result nor a parameter", "y"),
}
# fmt: on


@pytest.mark.parametrize("name", REFUSED)
def test_refused_at_load_with_its_place(name: str) -> None:
    enter, message, text = REFUSED[name]
    with pytest.raises(RuleError) as refused:
        with_rule(enter)
    error = refused.value
    assert error.message == message
    assert error.span is not None
    assert error.span.file == __file__
    assert error.span.text == text
    assert f"| {error.span.source_line}" in error.render()


def test_order_of_lines_does_not_matter() -> None:
    tables = Tables(operations=TABLES.operations, statics=TABLES.statics)
    rule("y = flip(x, axis)", "dy = flip(dx, axis)", x=REAL, tables=tables)
    transpose("flip(u, axis)", "flip(g, axis)", tables=tables)
    check_tables(tables)
    assert tables.rules_of["flip"]
