"""What listings say of loops and tapes is so: which are fused, what is recorded, how much, and why."""

from __future__ import annotations

import ast
import re

import listings
import numpy as np
import pytest

import adcompile as ad
from adcompile.api import Derivative
from adcompile.dispatch import take_apart
from adcompile.pipeline import make_listing

pytestmark = pytest.mark.core


def filtered(x, steps):
    y = x.copy()
    for _ in range(steps):
        scale = np.sum(y)
        for i in range(1, len(y)):
            y[i] = y[i] * np.sin(y[i - 1] + scale)
    return np.sum(y)


def until_small(x):
    while np.sum(x * x) > 1.0:
        x = 0.5 * np.sin(x)
    return np.sum(x)


def chain(x):
    y = np.zeros(len(x))
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = x[i] / (1.0 + y[i - 1])
    return y[-1]


def neighbours(u, steps):
    v = u.copy()
    for _ in range(steps):
        for i in range(1, len(u) - 1):
            v[i] = u[i - 1] * u[i + 1]
        u, v = v, u
    return np.sum(u)


X = np.linspace(0.5, 1.0, 9)
SHOWN = [(filtered, (X, 3)), (until_small, (X,)), (chain, (X,)), (neighbours, (X, 3)), *listings.SAMPLES.items()]


def kernel(f, args) -> str:
    return ad.dump(ad.value_and_grad(f), "kernel", args=args)


@pytest.mark.parametrize("f, args", SHOWN, ids=lambda x: getattr(x, "__name__", ""))
def test_account_of_each_tape_is_its_size(f, args) -> None:
    text = kernel(f, args)
    lengths = {name: k for k, name in enumerate(sorted(set(re.findall(r"\b[a-zA-Z_]\w*", text))), start=3)}
    scope = {**lengths, "max": max, "min": min}
    total = 0
    for name, made, size in re.findall(r"(\w+) = np\.empty\((.*?)\) +# .*; (.*) bytes$", text, re.MULTILINE):
        shape, _, dtype = made.partition(", np.")
        expected = np.prod(np.atleast_1d(eval(shape, scope))) * np.dtype(dtype or "float64").itemsize
        assert eval(size, scope) == expected, name
        total += expected
    header = re.search(r'^"""Recorded for the reverse sweep: (.*) bytes\."""', text)
    assert eval(header[1], scope) == total if header and "iteration" not in header[1] else total == 0


@pytest.mark.parametrize(
    "f, args, said",
    [
        (filtered, (X, 3), "# np.sin(y[i - 1] + scale): dear to compute again; 8 * "),
        (neighbours, (X, 3), "# u: recorded in place of what is computed from it; 8 * "),
        (until_small, (X,), "an array an iteration of line "),
        (chain, (X,), "reversed: y[i - 1] read back"),
        (neighbours, (X, 3), "nothing recorded; gathered"),
        (listings.carried, listings.SAMPLES[listings.carried], "# s: each iteration replaces it; 8 * x_length bytes"),
        (listings.carried, listings.SAMPLES[listings.carried], "reversed: s from tape; 0.1 / s computed again"),
        (listings.logistic, listings.SAMPLES[listings.logistic], "forward and reverse in one"),
        (listings.layer, listings.SAMPLES[listings.layer], "operations fused, forward and reverse"),
    ],
)
def test_account_says_what_was_done_and_why(f, args, said) -> None:
    assert said in kernel(f, args)


@pytest.mark.parametrize("f, args", SHOWN, ids=lambda x: getattr(x, "__name__", ""))
def test_account_is_not_in_what_is_compiled(f, args) -> None:
    derivative: Derivative = ad.value_and_grad(f)
    described, keywords = take_apart(args, {}).described()
    text = make_listing(derivative, described, keywords)[1].text(nested=True)
    assert "#" not in text
    assert ast.dump(ast.parse(kernel(f, args).partition('"""\n')[2] or kernel(f, args))) == ast.dump(ast.parse(text))


def test_account_says_nothing_of_functions_without_loops() -> None:
    assert "#" not in kernel(listings.textbook, (2.0, 3.0))
    assert '"""' not in kernel(listings.textbook, (2.0, 3.0))
