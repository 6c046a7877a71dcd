"""Loops that only add multiples of a cotangent that may be zero: which are skipped, and that nothing is lost."""

from __future__ import annotations

from textwrap import dedent, indent

import numpy as np
import pytest
from hypothesis import given, settings
from ir_programs import functions, meaning

import adcompile as ad
from adcompile.ir.nodes import Function
from adcompile.ir.parse import parse
from adcompile.ir.text import text
from adcompile.ir.verify import verify
from adcompile.transforms.jvp import Derived
from adcompile.transforms.skip import skip

pytestmark = pytest.mark.core

HEAD = "function f(x: f64, n: i64, c: bool, a: f64[:]):\n"
LOOP = """
    b: f64[:] = copy a
    z: f64 = where c, x, {zero}
    d: f64[:] = for i: i64 in range(0, n, 1) carrying d.1: f64[:] = b:
        u: f64 = load a, i {{index=('i',)}}
        {line}
        d.2: f64[:] = {write} {{index=('i',)}}
        yield d.2
    return d
"""


def skipped(fn: Function) -> Function:
    return verify(skip(Derived(fn)).function, memory=False)


def is_skipped(**parts: str) -> bool:
    source = HEAD + indent(dedent(LOOP.format(**parts)).strip("\n"), "    ") + "\n"
    fn = verify(parse(source.replace("f64", "float64").replace("i64", "int64")).main)
    return "if " in text(skipped(fn))


@pytest.mark.parametrize("line", ["v: f64 = mul z, u", "v: f64 = div z, u", "v: f64 = neg z", "v: f64 = sub z, 0.0"])
def test_skip_multiples(line: str) -> None:
    assert is_skipped(zero="0.0", line=line, write="accumulate d.1, v, i")


@pytest.mark.parametrize(
    "parts",
    [
        {"zero": "1.0"},  # never known to be zero
        {"line": "v: f64 = add z, u"},  # something else besides
        {"line": "v: f64 = div u, z"},  # no multiple
        {"line": "v: f64 = exp z"},  # neither
        {"line": "v: f64 = mul z, u\n        print u {{parts=(None,)}}".replace("{{", "{").replace("}}", "}")},
        {"write": "store d.1, v, i"},  # what was there is gone
    ],
)
def test_skip_nothing_else(parts: dict[str, str]) -> None:
    assert not is_skipped(**{"zero": "0.0", "line": "v: f64 = mul z, u", "write": "accumulate d.1, v, i", **parts})


@given(functions())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_skip_keeps_the_meaning(fn: Function) -> None:
    assert meaning(skipped(fn)) == meaning(fn)


def nearest_by_minimum(centroids, points):
    total = 0.0
    for i in range(points.shape[0]):
        nearest = np.inf
        for c in range(centroids.shape[0]):
            distance = 0.0
            for j in range(points.shape[1]):
                distance += (points[i, j] - centroids[c, j]) ** 2
            nearest = min(nearest, distance)
        total += nearest
    return total


def nearest_by_choice(centroids, points):
    total = 0.0
    for i in range(points.shape[0]):
        nearest = np.inf
        for c in range(centroids.shape[0]):
            distance = 0.0
            for j in range(points.shape[1]):
                distance += (points[i, j] - centroids[c, j]) ** 2
            if distance < nearest:  # noqa: PLR1730
                nearest = distance
        total += nearest
    return total


@pytest.mark.parametrize("f", [nearest_by_minimum, nearest_by_choice])
def test_skip_what_is_not_nearest(f) -> None:
    rng = np.random.default_rng(0)
    points = rng.standard_normal((12, 2))
    centroids = points[:3] + 0.1
    nearest = np.argmin(np.sum((points[:, None] - centroids) ** 2, axis=2), axis=1)
    expected = [2 * np.sum(centroids[c] - points[nearest == c], axis=0) for c in range(3)]
    gradient = ad.grad(f, jit=False)
    assert ad.dump(gradient, "kernel", args=(centroids, points)).count("!= 0.0") == 2
    np.testing.assert_allclose(gradient(centroids, points), expected)
    hessian = ad.hessian(f, jit=False)(centroids, points).reshape(6, 6)
    np.testing.assert_allclose(hessian, np.diag(np.repeat(2.0 * np.bincount(nearest, minlength=3), 2)))


def test_skip_is_not_differentiated() -> None:
    def f(x, w):
        total = 0.0
        for _ in range(2):
            largest = 0.0
            for j in range(3):
                s = 0.0
                for k in range(2):
                    s += w[j, k] * x[k] * x[k]
                largest = max(largest, s)
            total += largest * largest
        return total

    w = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 0.5]])
    x = np.array([1.0, 2.0])
    s = w[0] @ x**2
    hessian = 2 * (8 * np.outer(w[0] * x, w[0] * x) + 4 * s * np.diag(w[0]))
    np.testing.assert_allclose(ad.hessian(f, jit=False)(x, w), hessian)
    np.testing.assert_allclose(ad.jacrev(ad.grad(f), jit=False)(x, w), hessian)
