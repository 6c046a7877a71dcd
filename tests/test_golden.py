"""Emitted listings, kept as files that are reviewed like any other source; ``pytest --regold`` writes them anew."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import oracles
import pytest
from listings import SAMPLES

import adcompile as ad
from adcompile.listing import MODES

FOLDER = Path(__file__).parent / "golden"
CASES = [pytest.param(f, mode, id=f"{f.__name__}-{mode}") for f in SAMPLES for mode in MODES]


def derivative(f):
    """The gradient with respect to everything that has one."""
    args = SAMPLES[f]
    return ad.value_and_grad(f, tuple(k for k, a in enumerate(args) if not isinstance(a, int)), jit=False)


def listing(f, mode):
    return ad.dump(derivative(f), mode, args=SAMPLES[f])


def run(text, name):
    scope = {}
    exec(compile(text, f"<{name}>", "exec"), scope)
    return scope[name]


@pytest.mark.core
@pytest.mark.parametrize("f, mode", CASES)
def test_listings_are_as_reviewed(f, mode, request):
    path = FOLDER / f"{f.__name__}.{mode}.py"
    text = listing(f, mode)
    if request.config.getoption("--regold"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.core
@pytest.mark.parametrize("f", SAMPLES, ids=lambda f: f.__name__)
def test_listings_run_and_give_the_same_numbers(f):
    args, name = SAMPLES[f], f.__name__
    value, gradient = derivative(f)(*args)
    assert run(listing(f, "ssa"), name)(*args) == pytest.approx(f(*args))
    found, bars = run(listing(f, "reverse"), f"{name}_vjp")(*args, 1.0)
    assert found == pytest.approx(value)
    oracles.assert_close(bars, gradient, 1e-12, "reverse listing")
    moving = [a for a in args if not isinstance(a, int)]
    tangents = [np.ones_like(a) if isinstance(a, np.ndarray) else 1.0 for a in moving]
    found, dot = run(listing(f, "forward"), f"{name}_jvp")(*args, *tangents)
    assert dot == pytest.approx(sum(np.sum(g) for g in gradient))
    found, bars = run(listing(f, "kernel"), f"{name}_value_and_grad")(*args)
    oracles.assert_close((found, bars), (value, gradient), 1e-12, "kernel listing")


def test_two_runs_emit_the_same_bytes():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from listings import SAMPLES\nimport adcompile as ad\n"
        "for f, args in SAMPLES.items():\n"
        "    for mode in ('ssa', 'forward', 'reverse', 'kernel'): print(ad.dump(f, mode, args=args))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code, str(FOLDER.parent)],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_types_that_nobody_gave_are_guessed():
    for f in SAMPLES:
        if f.__name__ != "layer":  # whose operands of `@` could be of any rank
            assert "def " in ad.dump(f, "reverse")


def test_a_wrong_guess_says_what_was_guessed():
    def column(x, w):
        return np.sum((x @ w)[:, 0])

    with pytest.raises(
        ad.ADError, match=r"(?s)were guessed: float64\[:, :\], float64\[:\].*ad.dump\(f, 'forward', args="
    ):
        ad.dump(column, "forward")
