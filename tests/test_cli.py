"""The command line: what it prints, where, in which colours, and with which exit code."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from adcompile.cli import Painter, UsageError, argnums, arguments, load, main, parser

MODEL = '''"""A model."""

from math import sin

import numpy as np

WEIGHTS = np.array([1.0, 2.0])


def f(x1, x2):
    y = x1 * x2 + sin(x2)
    return y


def total(w):
    s = 0.0
    for i in range(len(w)):
        s += w[i] * w[i]
    return s


def fails(x):
    raise ValueError("no luck")


def refused(x):
    with open("file") as file:
        return x


class Scope:
    @staticmethod
    def inner(x):
        return x
'''


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A file with functions, in the current folder."""
    (tmp_path / "model_file.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "model_file", raising=False)
    return "model_file.py"


def run(capsys, *argv: str) -> tuple[int, str, str]:
    """Exit code, output and errors of a command."""
    code = main(argv)
    out, err = capsys.readouterr()
    return code, out, err


# -- commands -----------------------------------------------------------------------------------------------------


def test_dump_prints_python_that_runs(model, capsys):
    for mode in ("ssa", "forward", "reverse", "kernel"):
        code, out, err = run(capsys, "dump", f"{model}:f", "--mode", mode, "--args", "2.0, 3.0")
        assert (code, err) == (0, "")
        compile(out, "listing", "exec")


def test_dump_is_reverse_unless_said(model, capsys):
    _, reverse, _ = run(capsys, "dump", f"{model}:f", "--mode", "reverse", "--args", "2.0, 3.0")
    assert run(capsys, "dump", f"{model}:f", "--args", "2.0, 3.0")[1] == reverse


def test_dump_takes_modules(model, capsys):
    code, out, _ = run(capsys, "dump", "model_file:f", "--args", "2.0, 3.0")
    assert code == 0 and "def f" in out


def test_compare_prints_both_modes(model, capsys):
    code, out, _ = run(capsys, "compare", f"{model}:f", "--args", "2.0, 3.0", "--argnums", "0,1")
    assert code == 0
    assert "forward" in out and "reverse" in out


def test_check_agrees(model, capsys):
    code, out, _ = run(capsys, "check", f"{model}:total", "--args", "WEIGHTS", "--order", "2")
    assert (code, out) == (0, f"agree: derivatives up to order 2 of {model}:total, forward and reverse mode\n")
    assert run(capsys, "check", f"{model}:f", "--args", "2.0, 3.0", "--mode", "forward")[1].endswith(
        "f, forward mode\n"
    )


def test_check_fails_with_1(model, capsys, monkeypatch):
    import adcompile as ad
    from adcompile.errors import GradientError

    def check_grads(*args, **kwargs):
        raise GradientError("the derivative is wrong", help="look again")

    monkeypatch.setattr(ad, "check_grads", check_grads)
    code, out, err = run(capsys, "check", f"{model}:f", "--args", "2.0, 3.0")
    assert (code, out, err) == (1, "", "error: the derivative is wrong\n  = help: look again\n")


def test_demo_runs_the_demonstration(capsys, monkeypatch):
    from adcompile import demo

    monkeypatch.setattr(demo, "run", lambda folder: sys.stdout.write(f"pictures in {folder}\n"))
    assert run(capsys, "demo", "--pictures", "here") == (0, "pictures in here\n", "")


def test_refused_program_is_1_with_its_place(model, capsys):
    code, out, err = run(capsys, "dump", f"{model}:refused", "--args", "2.0")
    assert (code, out) == (1, "")
    assert err.startswith("error: ") and 'with open("file") as file' in err and "^" in err


def test_failing_program_is_1_with_its_place(model, capsys, tmp_path):
    (tmp_path / "broken.py").write_text("x = 1\nraise RuntimeError('at import')\n")
    code, _, err = run(capsys, "dump", "broken.py:f", "--args", "2.0")
    assert code == 1
    assert err == "error: RuntimeError: at import\n --> broken.py:2\n" or "broken.py:2" in err


# -- usage ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "argv, message",
    [
        (["dump", "nowhere.py:f"], "there is no file nowhere.py"),
        (["dump", "nowhere:f"], "there is no module nowhere; a file is named with its .py"),
        (["dump", "model_file.py"], "'model_file.py' is not of the form FILE:FUNCTION"),
        (
            ["dump", "model_file.py:g"],
            "there is no function 'g' in model_file.py; it has f, total, fails, refused, Scope",
        ),
        (["dump", "model_file.py:WEIGHTS"], "'WEIGHTS' in model_file.py is no function but ndarray"),
        (["dump", "model_file.py:f", "--args", "2.0, y"], "--args '2.0, y': NameError: name 'y' is not defined"),
        (["compare", "model_file.py:f"], 'compare runs the function: give its arguments, such as --args "2.0, 3.0"'),
        (["check", "model_file.py:f"], "check runs the function: give its arguments"),
    ],
)
def test_wrong_commands_are_2(model, capsys, argv, message):
    code, out, err = run(capsys, *argv)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}")


@pytest.mark.parametrize(
    "argv", [[], ["frob"], ["dump"], ["dump", "a.py:f", "--mode", "sideways"], ["explain", "a.py:f"]]
)
def test_wrong_options_are_2(capsys, argv):
    with pytest.raises(SystemExit) as left:
        main(argv)
    assert left.value.code == 2
    assert "usage: adcompile" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["", "demo", "dump", "compare", "check", "explain"])
def test_help_has_an_example(capsys, command):
    with pytest.raises(SystemExit) as left:
        main([*([command] if command else []), "--help"])
    assert left.value.code == 0
    assert f"  adcompile {command or 'demo'}" in capsys.readouterr().out


def test_help_tells_the_exit_codes():
    assert "exit codes:" in parser().format_help()


def test_load_finds_what_is_inside_classes(model):
    f, module = load(f"{model}:Scope.inner")
    assert f(3.0) == 3.0
    assert module.WEIGHTS[1] == 2.0


def test_load_passes_on_errors_of_imports_inside(model, tmp_path):
    (tmp_path / "importer.py").write_text("import does_not_exist\n")
    with pytest.raises(ModuleNotFoundError, match="does_not_exist"):
        load("importer:f")


def test_arguments_are_python(model):
    _, module = load(f"{model}:f")
    assert arguments(None, module) is None
    assert arguments("", module) == ()
    assert arguments("2.0, (1, 2)", module) == (2.0, (1, 2))
    assert arguments("math.pi, WEIGHTS * 2", module)[1].tolist() == [2.0, 4.0]
    assert isinstance(arguments("np.ones(3)", module)[0], np.ndarray)
    with pytest.raises(UsageError, match="SyntaxError"):
        arguments("2.0 3.0", module)


def test_argnums_are_positions_or_names():
    assert argnums("1") == 1
    assert argnums("w") == "w"
    assert argnums("0,w") == (0, "w")
    assert argnums("-1,") == (-1,)


# -- painting -----------------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self):
        return True


def painted(monkeypatch, stream: io.StringIO, **environment: str) -> str:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    Painter(stream).listing("def f(x):  # a comment\n    return x")
    return stream.getvalue()


def test_colours_on_a_terminal_only(monkeypatch):
    plain = "def f(x):  # a comment\n    return x\n"
    assert painted(monkeypatch, io.StringIO()) == plain
    assert painted(monkeypatch, Terminal(), NO_COLOR="1") == plain
    assert painted(monkeypatch, Terminal(), TERM="dumb") == plain
    coloured = painted(monkeypatch, Terminal())
    assert coloured == ("\033[1mdef\033[0m f(x):  \033[2m# a comment\033[0m\n    \033[1mreturn\033[0m x\n")


def test_installed_command_ends_quietly_when_its_reader_leaves(model):
    command = [sys.executable, "-m", "adcompile", "dump", f"{model}:f", "--args", "2.0, 3.0"]
    root = Path(__file__).parents[1]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(root)}
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0
