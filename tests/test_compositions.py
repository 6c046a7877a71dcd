"""A few random compositions of array functions in each run of the tests; `python tests/compositions.py` runs many."""

from __future__ import annotations

import os
import warnings

import numpy as np
import pytest
from compositions import PLAIN, generate, judged

from adcompile.unit import Options

#: how many seeds to run; where more are asked for, one in eight is compiled as well
SEEDS = int(os.environ.get("ADCOMPILE_COMPOSITIONS", "16"))
COMPILED = range(0, SEEDS, 8) if SEEDS > 16 else ()


@pytest.mark.parametrize(
    "seed, options", [*((s, PLAIN) for s in range(SEEDS)), *((s, Options(cache=False)) for s in COMPILED)]
)
def test_random_compositions_are_right_or_refused(seed, options):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        program = generate(seed)
        if program is not None:
            verdict, text = judged(program, options)
            assert verdict in {"right", "refused"}, text


def test_the_generator_finds_something_to_judge():
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        programs = [p for seed in range(SEEDS) if (p := generate(seed)) is not None]
    assert len(programs) > SEEDS // 2
    assert {p.placement for p in programs} >= {"straight", "loop", "carried", "branch", "store"}
