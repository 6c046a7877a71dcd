"""Explanations: what they say of a variable, that their places exist, and that looking on changes nothing."""

from __future__ import annotations

import re
import sys
from math import sin, tanh
from pathlib import Path

import numpy as np
import pytest

import adcompile
from adcompile.cli import main
from adcompile.errors import ShapeError
from adcompile.explain import explain, makers


def gate(x, w):
    s = tanh(x * w)
    y = s * x + sin(w)
    return y


def repeat(x, n):
    s = 0.0
    for _ in range(n):
        s = sin(s * x) + x
    return s


def scale(x, w):
    y = np.zeros(len(x))
    for i in range(len(x)):
        y[i] = x[i] * w
        if y[i] > 1.0:
            w = w * y[i]
    return np.sum(y * x)


def nested(pair, factor):
    return pair[0] * pair[1] * factor


FIRST = gate.__code__.co_firstlineno


def told(f, name, **options) -> list[tuple[str, str]]:
    return [
        (row.label, re.sub(r"line (\d+)", lambda m: f"+{int(m[1]) - FIRST}", row.text))
        for row in explain(f, name, **options).rows
    ]


def test_explain_a_parameter():
    assert told(gate, "x") == [
        ("value", "parameter  (float64, active)"),
        ("read by", "+1  x * w  rule: dz = dx * y + x * dy"),
        ("read by", "+2  s * x  rule: dz = dx * y + x * dy"),
        ("tangent", "s_dot = (x_dot * w + x * w_dot) * (1.0 - s * s)"),
        ("tangent", "y_dot = s_dot * x + s * x_dot + w_dot * cos(w)"),
        ("cotangent", "x_bar = y_bar * s"),
        ("cotangent", "x_bar = x_bar + s_bar * (1.0 - s * s) * w"),
        ("recorded", "read by: s_bar = y_bar * x"),
        ("recorded", "read by: w_bar = w_bar + s_bar * (1.0 - s * s) * x"),
    ]


def test_explain_only_what_is_differentiated():
    assert told(gate, "x", argnums="w")[0] == ("value", "parameter  (float64, inactive: no derivative goes through it)")
    assert not [row for row in told(gate, "x", argnums=1) if row[0] in ("tangent", "cotangent")]
    assert ("cotangent", "x_bar = y_bar * s") in told(gate, "x", argnums=(0,))


def test_explain_takes_names_whole():
    def two(x, x_scale):
        return x * x_scale

    assert [row for row in told(two, "x_scale", argnums="x") if row[0] == "cotangent"] == []
    assert ("cotangent", "x_bar = result_bar * x_scale") in told(two, "x", argnums="x")


def test_explain_a_tape():
    rows = told(repeat, "s")
    assert ("recorded", "on a tape: s_tape[_] = s") in rows or ("recorded", "on a tape: s_tape[i] = s") in rows
    assert ("cotangent", "s_bar = s_bar * cos(s * x) * x") in rows


def test_explain_what_decides():
    rows = told(repeat, "n")
    assert rows[0] == ("value", "parameter  (int64, inactive: no derivative goes through it)")
    assert rows[1][1].endswith("range(n)  decides what runs: no derivative")
    assert rows[2] == ("recorded", "not needed: no adjoint reads it")


def test_explain_memory():
    rows = told(scale, "y", args=(np.ones(3), 2.0))
    assert ("tangent", "y_dot[i] = x_dot[i] * w + x[i] * w_dot") in rows
    assert ("cotangent", "y_bar[i] = 0.0") in rows
    assert [text.split("  ")[-1].strip() for label, text in rows if label == "read by"] == [
        "memory, calls and lists: store",
        "memory, calls and lists: load",
        "rule: dz = dx * y + x * dy",
    ]


def test_explain_structures():
    rows = told(nested, "factor", args=((2.0, 3.0), 4.0))
    assert rows[0] == ("value", "parameter  (float64, active)")


def test_explain_derivatives_mean_their_function():
    assert str(explain(adcompile.grad(gate), "x")) == str(explain(gate, "x"))


def test_explain_places_exist_and_are_of_the_right_kind():
    root = Path(adcompile.__file__).parents[1]
    kinds = {"value": "test_explain.py", "read by": "rules", "tangent": "transforms", "cotangent": "transforms"}
    for row in explain(gate, "s").rows:
        file, _, line = row.place.rpartition(":")
        path = Path(file) if Path(file).is_file() else root / file
        assert 0 < int(line) <= len(path.read_text(encoding="utf-8").splitlines())
        assert kinds.get(row.label, "transforms") in file


def test_explain_is_the_same_each_time():
    assert str(explain(scale, "w", args=(np.ones(3), 2.0))) == str(explain(scale, "w", args=(np.ones(3), 2.0)))


def test_explain_cuts_long_lines():
    def long(x):
        y = sin(sin(sin(x * x * x * x) * x) + sin(sin(x * x * x) * x) + sin(x * x * x * x * x * x * x * x * x))
        return y

    assert all(len(row.text) <= 140 for row in explain(long, "x").rows)
    assert any(row.text.endswith(" ...") for row in explain(long, "x").rows)


def test_explain_unknown_variable():
    with pytest.raises(ShapeError) as error:
        explain(gate, "q")
    assert error.value.message == "`gate` has no variable `q`"
    assert error.value.help == "its variables are x, w, s, y"


def test_makers_leave_no_trace():
    def look(*_):
        return None

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        with makers():
            assert sys.getprofile() is not look
        assert sys.getprofile() is look
    finally:
        sys.setprofile(before)


def test_explain_on_the_command_line(capsys):
    assert main(["explain", f"{__file__}:gate", "x", "--args", "1.0, 2.0"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0] == "x in gate"
    assert out == f"{explain(gate, 'x', args=(1.0, 2.0))}\n"
    assert main(["explain", f"{__file__}:gate", "q"]) == 1
    assert "has no variable `q`" in capsys.readouterr().err
