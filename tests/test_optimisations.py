"""Every optimisation is one: with any of them left out, or all, or all but one, a derivative is the same."""

from __future__ import annotations

import numpy as np
import programs
import pytest
from oracles import flat

from adcompile import api, pipeline
from adcompile.analyses import fusable
from adcompile.analyses.dependence import Elements
from adcompile.transforms.record import Plan
from adcompile.unit import Options

NAMES = ("fused", "settled", "arrays", *pipeline.OPTIMISATIONS)
CASES = programs.load()[::29]


def leave_out(names: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    if "fused" in names:
        monkeypatch.setattr(fusable, "can_fuse", lambda *_: False)
    if "settled" in names:
        monkeypatch.setattr(Elements, "settled", lambda *_: None)
    if "arrays" in names:
        monkeypatch.setattr(Plan, "read_through", lambda _: [])
        monkeypatch.setattr(Plan, "outer_sources", lambda _: [])
    left = {name: change for name, change in pipeline.OPTIMISATIONS.items() if name not in names}
    monkeypatch.setattr(pipeline, "OPTIMISATIONS", left)


@pytest.mark.parametrize("case", [pytest.param(c, id=c.name) for c in CASES if "array" not in c.tags])
def test_derivatives_do_not_depend_on_optimisations(case: programs.case.Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def derivative() -> tuple[float, np.ndarray]:
        plain = Options(jit=False, cache=False, nests=True)
        call = api.ValueAndGrad(case.function, case.argnums, has_aux=False, mode="auto", options=plain)
        value, gradient = call(*case.sample())
        return value, flat(gradient)

    expected = derivative()
    close = 1e-4 if "float32" in case.tags else 1e-10
    for names in (*({n} for n in NAMES), set(NAMES), *(set(NAMES) - {n} for n in NAMES)):
        with monkeypatch.context() as patch:
            leave_out(names, patch)
            value, gradient = derivative()
        np.testing.assert_allclose(value, expected[0], rtol=close)
        np.testing.assert_allclose(gradient, expected[1], rtol=close, atol=close)
