"""`docs/coverage.md` is what is found: every function of the lists stands in it, and a sample is run again."""

from __future__ import annotations

import coverage_probe
import numpy as np
import pytest

from adcompile import api
from adcompile.unit import Options

TABLE = coverage_probe.TABLE.read_text(encoding="utf-8").splitlines()
LISTED = coverage_probe.probes()
#: every eighth function of each list; all of them: python tests/coverage_probe.py --write, and look at the difference
SAMPLE = [name for listed in LISTED.values() for name in list(listed)[3::8]]
EXPRESSIONS = {name: forms for listed in LISTED.values() for name, forms in listed.items()}


def test_every_function_of_the_lists_stands_in_the_table() -> None:
    found = [row.split("`")[1] for row in TABLE if row.startswith("| `")]
    assert found == [name for listed in LISTED.values() for name in listed]


def test_nothing_that_is_not_refused_is_wrong() -> None:
    """What fails does so with an error of its own, never with a derivative that differences do not confirm."""
    assert not [row for row in TABLE if "AssertionError" in row or "InternalError" in row]


def test_few_functions_of_the_lists_are_refused() -> None:
    refused = {"numba": 0.02, "autograd": 0.05}
    for name, share in refused.items():
        heading = next(row for row in TABLE if row.startswith(f"## {coverage_probe.LISTS[name]}"))
        right, total = (int(n) for n in heading.rpartition(": ")[2].split(" of "))
        assert right >= (1.0 - share) * total


@pytest.mark.parametrize("name", SAMPLE)
def test_the_table_tells_the_truth(name: str) -> None:
    row = coverage_probe.Row(name, [coverage_probe.check(e) for e in EXPRESSIONS[name]])
    written = [line for line in TABLE if line.startswith(f"| `{name}` |")]
    assert coverage_probe.line(row) in written


def test_other_points_agree() -> None:
    """A probe at a point that the table was not made at."""
    for expression in (
        "np.linalg.svd(q, full_matrices=False)[0] ** 2",
        "np.fft.irfft(zc, 7)",
        "np.interp(s, np.sort(v), w)",
        "np.c_[v, w]",
        "np.r_[v, w, s]",
    ):
        for seed in (1, 2):
            assert coverage_probe.check(expression, seed=seed).right, expression


@pytest.mark.parametrize("seed", range(1, 9))
def test_probes_hold_in_a_branch_of_a_loop(seed: int) -> None:
    """A probe of each list, at other points and with other weights: value, both modes, second order."""
    rng = np.random.default_rng(seed)
    for listed in LISTED.values():
        right = [n for n in listed if any(row.startswith(f"| `{n}` |") and "yes | yes | yes" in row for row in TABLE)]
        name = right[rng.integers(len(right))]
        outcome = coverage_probe.check(listed[name][0], seed=seed, template="inside")
        assert outcome.right, f"{outcome.expression}: {outcome.error}"


@pytest.mark.parametrize("expression", ["scipy.special.gammainc(2.5, w)", "np.fft.rfft(u)"])
def test_compiled_gradient_is_the_plain_one(expression: str) -> None:
    f, names = coverage_probe.define(expression, "fft" not in expression)
    args = tuple(coverage_probe.samples()[n] for n in names)
    plain, compiled = (
        api.Grad(f, (0,), has_aux=False, mode="auto", options=options)(*args, 0.7)
        for options in (coverage_probe.PLAIN, Options(cache=False))
    )
    np.testing.assert_allclose(compiled[0], plain[0], rtol=1e-10)
