"""The other tools, or None where one is not installed: kernels name them without importing them."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

#: what limits each library to one thread; set before any of them is imported
ONE_THREAD = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"),
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}


def found(name: str) -> ModuleType | None:
    """A module, where it is installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


jax: Any = found("jax")
jnp: Any = found("jax.numpy")
lax: Any = found("jax.lax")
torch: Any = found("torch")
autograd: Any = found("autograd")
anp: Any = found("autograd.numpy")

if jax is not None:
    jax.config.update("jax_enable_x64", True)


def missing() -> list[str]:
    """A line for each tool that is not here."""
    tools = {"JAX": jax, "PyTorch": torch, "autograd": autograd}
    return [f"{name} is not installed: left out" for name, module in tools.items() if module is None]
