"""Generated modules on the disk: their folder, their compilation, their cache, alone and with other processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import traceback
import warnings
from pathlib import Path

import numpy as np
import pytest

import adcompile as ad
from adcompile.backend import folder as folders
from adcompile.backend.compile import compile_module, explain_failure, module_file
from adcompile.backend.folder import cache_folder, private_folder, read_private, write_atomically
from adcompile.span import Span

TEXT = """from math import log, sin

import numpy as np


def scaled(x, c):
    return c * sin(x)


def f_grad(x, c):
    return scaled(x, c) + log(x)


def f_total(x):
    total = 0.0
    for i in range(x.shape[0]):
        total += f_grad(x[i], 2.0)
    return total
"""
NAMES = ("scaled", "f_grad", "f_total")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ADCOMPILE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def run_in_process(code: str, folder: Path, *flags: str) -> str:
    """What a program prints in a process of its own."""
    root = Path(folders.__file__).parents[2]
    env = {**os.environ, "ADCOMPILE_CACHE_DIR": str(folder), "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, *flags, "-c", textwrap.dedent(code)], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


USE = f"""
import json
from adcompile.backend.compile import compile_module, module_file
TEXT = {TEXT!r}
path = module_file(TEXT, "f_grad")
f = compile_module(path, {NAMES!r})["f_grad"]
value = f(0.5, 2.0)
hits = sum(f.stats.cache_hits.values())
print(json.dumps([value, hits, path.name]))
"""


def test_compile_functions_call_each_other_compiled(folder):
    functions = compile_module(module_file(TEXT, "f_grad"), NAMES)
    x = np.array([0.5, 1.5])
    assert functions["f_total"](x) == pytest.approx(np.sum(2 * np.sin(x) + np.log(x)))
    assert functions["scaled"].signatures, "the callee was not compiled"


def test_compile_plain_runs_the_same_text_on_numpy_numbers(folder):
    f = compile_module(module_file(TEXT, "f_grad"), NAMES, jit=False)["f_grad"]
    assert not hasattr(f, "signatures")
    assert f(0.5, 2.0) == pytest.approx(2 * np.sin(0.5) + np.log(0.5))
    assert np.isnan(f(-1.0, 2.0)), "math.log would raise here"


def test_compile_division_by_zero_is_infinite_in_both(folder):
    text = "def f(x):\n    return 1.0 / x\n"
    for jit in (True, False):
        assert np.isinf(compile_module(module_file(text, "f"), ["f"], jit=jit)["f"](0.0))


def test_compile_file_is_named_by_its_content(folder):
    path = module_file(TEXT, "f_grad")
    assert path.name.startswith("f_grad_") and path.parent == folder and path.read_text() == TEXT
    assert module_file(TEXT, "f_grad") == path
    assert module_file(TEXT + "\n", "f_grad") != path


def test_compile_each_set_of_options_has_a_file_of_its_own(folder):
    """Numba's disk cache would hand out code compiled with other flags."""
    path = module_file(TEXT, "f_grad")
    compile_module(path, NAMES)
    compile_module(path, NAMES, fastmath=False)
    compile_module(path, NAMES, fastmath=True)
    assert len(list(folder.glob("f_grad_*.py"))) == 3


def test_compile_parallel_goes_to_parallel_loops_only(folder):
    text = """import numpy as np
from numba import prange


def f(x):
    y = np.empty(x.shape)
    for i in prange(x.shape[0]):
        y[i] = x[i] * x[i]
    return y


def g(x):
    return x * 2.0
"""
    functions = compile_module(module_file(text, "f"), ["f", "g"], parallel=True)
    assert functions["f"].targetoptions["parallel"] and not functions["g"].targetoptions["parallel"]
    assert functions["f"](np.arange(3.0)).tolist() == [0.0, 1.0, 4.0]
    assert functions["g"](2.0) == 4.0


def test_compile_tracebacks_show_the_generated_line(folder):
    text = "def f(x):\n    if x < 0.0:\n        raise ValueError('negative')  # the user's own\n    return x\n"
    f = compile_module(module_file(text, "f"), ["f"], jit=False)["f"]
    with pytest.raises(ValueError, match="negative") as caught:
        f(-1.0)
    assert "raise ValueError('negative')  # the user's own" in "".join(traceback.format_tb(caught.value.__traceback__))


def test_compile_a_refusal_of_numba_is_shown_at_its_line(folder):
    text = "def f(x):\n    y = x + 1\n    return y.nothing\n"
    path = module_file(text, "f")
    f = compile_module(path, ["f"])["f"]
    with pytest.raises(Exception) as caught:  # noqa: PT011
        f(1.0)
    shown = str(explain_failure(caught.value, path, lambda line: Span(str(path), line - 1, 4, line - 1, 13)))
    assert shown.startswith("Numba does not compile the derivative: Unknown attribute 'nothing'")
    assert "2|     y = x + 1" in shown and "jit=False" in shown
    assert f"= note: the generated line is `return y.nothing`, {path}:3" in shown


# -- the folder -------------------------------------------------------------------------------------------------


def test_folder_is_private(folder):
    path = module_file(TEXT, "f_grad")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o022 == 0


def test_folder_that_others_can_write_into_is_not_used(tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    with pytest.warns(UserWarning, match="others can write into it"):
        used = private_folder(str(shared))
    assert used != shared and used.stat().st_mode & 0o777 == 0o700
    assert not list(shared.iterdir())


def test_folder_that_cannot_be_made_is_replaced(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.warns(UserWarning, match="generated modules go to"):
        assert private_folder(str(tmp_path / "file" / "cache")).is_dir()


def test_folder_a_file_that_others_can_write_is_replaced(folder):
    path = module_file(TEXT, "f_grad")
    path.write_text("raise SystemExit('not ours')\n")
    path.chmod(0o666)
    assert read_private(path) is None
    assert module_file(TEXT, "f_grad") == path
    assert path.read_text() == TEXT and path.stat().st_mode & 0o022 == 0


def test_folder_a_file_with_other_content_is_rewritten(folder):
    path = module_file(TEXT, "f_grad")
    path.write_text(TEXT[:40])
    module_file(TEXT, "f_grad")
    assert path.read_text() == TEXT


def test_folder_a_failed_write_leaves_nothing(folder, monkeypatch):
    def refuse(*_):
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(cache_folder() / "x.py", "text")
    assert not list(cache_folder().iterdir())


def test_folder_variable_chooses_it(folder):
    assert cache_folder() == folder


# -- other processes --------------------------------------------------------------------------------------------


def test_processes_the_second_compiles_nothing(tmp_path):
    first = json.loads(run_in_process(USE, tmp_path))
    second = json.loads(run_in_process(USE, tmp_path))
    assert (first[1], second[1]) == (0, 1)
    assert first[0] == second[0] and first[2] == second[2]


def test_processes_the_second_runs_a_recursion_called_with_constants(tmp_path):
    tmp_path.joinpath("recursive.py").write_text(
        textwrap.dedent("""
            def chosen(x, n, used):
                total = 0.0
                for k in range(n):
                    if not used >> k & 1:
                        total += x * (chosen(x, n, used | 1 << k) if used == 0 else 1.0)
                return total

            def f(x, n):
                return chosen(x, n, 0)
            """)
    )
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import adcompile as ad; from recursive import f; print(ad.grad(f)(0.5, 3))"
    assert [run_in_process(code, tmp_path / "cache") for _ in range(2)] == ["6.0", "6.0"]


def test_processes_may_write_at_once(tmp_path):
    env = {**os.environ, "ADCOMPILE_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(Path(folders.__file__).parents[2])}
    started = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", USE], env=env, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    results = [json.loads(p.communicate()[0]) for p in started]
    assert all(p.returncode == 0 for p in started)
    assert len({(r[0], r[2]) for r in results}) == 1
    assert not list(tmp_path.glob(".*tmp"))


def test_processes_no_warnings(tmp_path):
    assert json.loads(run_in_process(USE, tmp_path, "-W", "error"))[1] == 0


def test_compile_does_not_warn(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile_module(module_file(TEXT, "f_grad"), NAMES)["f_total"](np.ones(2))


def test_keeping_memory_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    from adcompile.backend.heap import keep_memory

    monkeypatch.setenv("ADCOMPILE_KEEP_MEMORY", "0")
    assert keep_memory.__wrapped__() is False
    monkeypatch.delenv("ADCOMPILE_KEEP_MEMORY")
    monkeypatch.setattr("sys.platform", "darwin")
    assert keep_memory.__wrapped__() is False


def test_compile_lambdas_of_a_library_are_told_apart() -> None:
    once, twice = (lambda x: x * x), (lambda x: 2.0 * x * x)
    once.__module__ = twice.__module__ = "adcompile.made"
    assert ad.grad(once)(3.0) == 6.0
    assert ad.grad(twice)(3.0) == 12.0
