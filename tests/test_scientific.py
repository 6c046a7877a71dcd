"""The kernels of `benchmarks/scientific` measure one program each: every form of it gives the same derivative."""

from __future__ import annotations

import numpy as np
import pytest

import adcompile as ad
from benchmarks.scientific import harness, peers, report
from benchmarks.scientific.kernels import KERNELS

pytestmark = pytest.mark.filterwarnings("ignore::numba.core.errors.NumbaPerformanceWarning")


def directions(kernel: harness.Kernel, args: harness.Arguments) -> dict[int, np.ndarray]:
    rng = np.random.default_rng(7)
    return {k: rng.standard_normal(np.shape(args[k])) for k in kernel.argnums}


def along(kernel: harness.Kernel, args: harness.Arguments, gradients: harness.Arguments) -> float:
    chosen = directions(kernel, args).values()
    return sum(float(np.sum(g * v)) for g, v in zip(gradients, chosen, strict=True))


def slope(kernel: harness.Kernel, args: harness.Arguments) -> float:
    chosen = directions(kernel, args)
    ends = ([a + h * chosen[k] if k in chosen else a for k, a in enumerate(args)] for h in (1e-6, -1e-6))
    up, down = (kernel.function(*moved) for moved in ends)
    return (up - down) / 2e-6


@pytest.mark.parametrize("kernel", [pytest.param(k, id=k.name) for k in KERNELS])
def test_every_form_of_a_kernel_is_one_program(kernel: harness.Kernel) -> None:
    args = kernel.arguments("T")
    ours = ad.value_and_grad(kernel.function, kernel.argnums, jit=False)(*args)
    np.testing.assert_allclose(along(kernel, args, ours[1]), slope(kernel, args), rtol=1e-6)
    if kernel.primal:
        np.testing.assert_allclose(kernel.primal(*args), ours[0], rtol=1e-12)
    if kernel.adjoint:
        assert harness.disagreement(kernel.adjoint(*args), ours) < 1e-12
    for tool, there, given, make in (
        ("jax", peers.jax, kernel.jax, harness.jax_call),
        ("torch", peers.torch, kernel.torch, harness.torch_call),
        ("autograd", peers.autograd, kernel.autograd, harness.autograd_call),
    ):
        for f in harness.forms(tool, given).values() if there is not None else ():
            assert harness.disagreement(make(f, kernel.argnums, args)(), ours) < harness.AGREE


def test_a_different_gradient_is_noticed() -> None:
    assert harness.disagreement((1.0, (np.ones(3),)), (1.0, (np.ones(3),))) == 0.0
    assert harness.disagreement((1.0, (np.ones(3),)), (1.0, (np.array([1.0, 1.0, 1.1]),))) > harness.AGREE
    assert harness.disagreement((1.0, (np.full(3, np.nan),)), (1.0, (np.ones(3),))) == np.inf
    assert harness.disagreement((1.0, (np.ones(2),)), (1.0, (np.ones(3),))) == np.inf


def test_tables_and_plots_are_written(tmp_path: report.Path) -> None:
    rows = [
        harness.Row("one", "S", "1", {"primal": 1.0, "adcompile": 2.0, "jax scan": 8.0, "jax dense": 4.0}),
        harness.Row("two", "S", "1", {"primal": 1.0, "adcompile": 8.0}, differ=["hand differs"], loops=True),
    ]
    for row in rows:
        row.compile_seconds = dict(row.seconds)
    lines = report.table(rows)
    assert lines[1][-5:] == ["2.00", "", "2.00", "", ""]
    assert lines[3][-5:] == ["4.00", "", "2.00", "", ""]
    page, times, *_ = report.write(rows, tmp_path)
    assert "two: hand differs" in page.read_text()
    assert "one,jax dense,4000,4e+03" in times.read_text()
