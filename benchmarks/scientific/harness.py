"""Times one kernel, its primal and its derivatives by every tool, in one process, and compares the gradients.

A kernel is a record of functions; what is timed for each tool, and how, is said here once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numba
import numpy as np

import adcompile as ad
from adcompile.backend.compile import FAST
from benchmarks.measure import fastest
from benchmarks.scientific import peers

Function = Callable[..., Any]
Call = Callable[[], Any]
Arguments = tuple[Any, ...]
SIZES = ("S", "M")

#: how far gradients of two tools may be apart, relative to the largest entry
AGREE = 1e-9


@dataclass(frozen=True)
class Kernel:
    """A program that gives a number, and the same in every tool that can express it.

    Attributes
    ----------
    function : callable
        What adcompile differentiates, in the Python that Numba compiles; its result is a number.
    arguments : callable
        From "S" or "M", or "T" for the tiny ones of the tests, to the arguments. Integers among them are known when JAX compiles.
    argnums : tuple of int
        Which arguments are differentiated: arrays of float64, or numbers.
    primal : callable, optional
        The same program for Numba, where Numba refuses what `function` calls.
    adjoint : callable, optional
        Written by hand for Numba, as a person would: from the arguments to the value and the tuple of gradients. It
        calls only what Numba compiles by itself, or compiled functions.
    jax, torch, autograd : callable or dict of them, optional
        The program in another tool, in its best idiom; several by name where it is not plain which that is. They find
        the tools in `peers`.
    tags : frozenset of str
        "loops" where loops with stores in place are what the kernel is about.
    """

    function: Function
    arguments: Callable[[str], Arguments]
    argnums: tuple[int, ...] = (0,)
    primal: Function | None = None
    adjoint: Function | None = None
    jax: Function | Mapping[str, Function] | None = None
    torch: Function | Mapping[str, Function] | None = None
    autograd: Function | Mapping[str, Function] | None = None
    tags: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return self.function.__name__


@dataclass
class Row:
    """What was measured of a kernel: seconds by tool, the primal among them, who failed, and whose gradients differ."""

    kernel: str
    size: str
    cores: str
    seconds: dict[str, float] = field(default_factory=dict)
    compile_seconds: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    differ: list[str] = field(default_factory=list)
    loops: bool = False

    def ratio(self, above: str, below: str) -> float | None:
        """One time as a multiple of another; the least of the forms of a tool counts."""
        times = [least(self.seconds, tool) for tool in (above, below)]
        return times[0] / times[1] if times[0] is not None and times[1] is not None else None

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def least(seconds: Mapping[str, float], tool: str) -> float | None:
    """The least time of a tool's forms: "jax" stands for "jax", "jax scan" and "jax dense"."""
    return min((s for name, s in seconds.items() if name.split()[0] == tool), default=None)


def forms(tool: str, given: Function | Mapping[str, Function] | None) -> dict[str, Function]:
    """The programs of a tool by the name of their column."""
    if given is None:
        return {}
    return {f"{tool} {name}": f for name, f in given.items()} if isinstance(given, Mapping) else {tool: given}


# -- what is called for each tool -------------------------------------------------------------------------------


def primal_call(kernel: Kernel, args: Arguments) -> Call:
    """The program itself under Numba, with the options that its derivative is compiled with."""
    compiled = numba.njit(error_model="numpy", fastmath=set(FAST))(kernel.primal or kernel.function)
    return lambda: compiled(*args)


def adjoint_call(kernel: Kernel, args: Arguments) -> Call:
    """The derivative that was written by hand."""
    compiled = numba.njit(error_model="numpy", fastmath=set(FAST))(kernel.adjoint)
    return lambda: compiled(*args)


def adcompile_call(kernel: Kernel, args: Arguments, *, parallel: bool) -> Call:
    """Our value and gradient."""
    derived = ad.value_and_grad(kernel.function, kernel.argnums, cache=False, parallel=parallel)
    return lambda: derived(*args)


def jax_call(f: Function, argnums: Sequence[int], args: Arguments) -> Call:
    """JAX's value and gradient, compiled, waited for, on arrays of its own."""
    static = [k for k, a in enumerate(args) if isinstance(a, int)]
    derived = peers.jax.jit(peers.jax.value_and_grad(f, argnums), static_argnums=static)
    own = [a if k in static else peers.jnp.asarray(a) for k, a in enumerate(args)]
    return lambda: peers.jax.block_until_ready(derived(*own))


def torch_call(f: Function, argnums: Sequence[int], args: Arguments) -> Call:
    """PyTorch's value and gradient, on tensors of its own."""

    def own(k: int, a: Any) -> Any:
        if k in argnums:
            return peers.torch.tensor(a, dtype=peers.torch.float64, requires_grad=True)
        return peers.torch.tensor(a) if isinstance(a, np.ndarray) else a

    tensors = [own(k, a) for k, a in enumerate(args)]
    chosen = [tensors[k] for k in argnums]

    def call() -> Any:
        value = f(*tensors)
        return value, peers.torch.autograd.grad(value, chosen)

    return call


def autograd_call(f: Function, argnums: Sequence[int], args: Arguments) -> Call:
    """autograd's value and gradient."""
    derived = peers.autograd.value_and_grad(f, argnum=tuple(argnums))
    return lambda: derived(*args)


def calls(kernel: Kernel, args: Arguments, cores: str, *, compile_torch: bool) -> dict[str, Call]:
    """Everything that is timed, by tool."""
    found = {"primal": primal_call(kernel, args), "adcompile": adcompile_call(kernel, args, parallel=False)}
    if cores == "all":
        found["adcompile parallel"] = adcompile_call(kernel, args, parallel=True)
    if kernel.adjoint:
        found["hand"] = adjoint_call(kernel, args)
    for tool, there, given, make in (
        ("jax", peers.jax, kernel.jax, jax_call),
        ("torch", peers.torch, kernel.torch, torch_call),
        ("autograd", peers.autograd, kernel.autograd, autograd_call),
    ):
        for name, f in forms(tool, given).items() if there is not None else ():
            found[name] = make(f, kernel.argnums, args)
    if "torch" in found and compile_torch:
        found["torch compiled"] = torch_call(peers.torch.compile(kernel.torch), kernel.argnums, args)
    return found


# -- measuring --------------------------------------------------------------------------------------------------


def numbers(result: Any) -> list[np.ndarray]:
    """A value and its gradients as arrays of NumPy."""
    value, gradients = result
    detached = (g.detach().numpy() if hasattr(g, "detach") else g for g in (value, *gradients))
    return [np.asarray(g) for g in detached]


def disagreement(result: Any, wanted: Any) -> float:
    """How far two results are apart, relative to the largest entry of each array."""
    apart = 0.0
    for got, want in zip(numbers(result), numbers(wanted), strict=True):
        if got.shape != want.shape:
            return math.inf
        scale = max(float(np.max(np.abs(want), initial=0.0)), 1e-300)
        difference = float(np.max(np.abs(got - want), initial=0.0)) / scale
        apart = max(apart, difference if math.isfinite(difference) else math.inf)
    return apart


def measure(kernel: Kernel, size: str, cores: str, *, compile_torch: bool = False) -> Row:
    """Time a kernel by every tool at hand, in turns."""
    row = Row(kernel.name, size, cores, loops="loops" in kernel.tags)
    results: dict[str, Any] = {}
    timed: dict[str, Call] = {}
    for name, call in calls(kernel, kernel.arguments(size), cores, compile_torch=compile_torch).items():
        try:
            row.compile_seconds[name], results[name] = first(call)
            timed[name] = call
        except Exception as error:  # noqa: BLE001, PERF203 - a peer that cannot is left out, and the table says so
            row.failed.append(f"{name}: {type(error).__name__}: {str(error).strip().splitlines()[0]}")
    wanted = results.get("adcompile")
    for name, result in results.items() if wanted is not None else ():
        apart = disagreement((result, ()), (wanted[0], ())) if name == "primal" else disagreement(result, wanted)
        if apart > AGREE:
            row.differ.append(f"{name} differs from adcompile by {apart:.1e} of the largest entry")
    del results, wanted
    row.seconds = fastest(timed)
    return row


def first(call: Call) -> tuple[float, Any]:
    """Seconds until the first call is back, compilation included, and what it gives."""
    kept: list[Any] = []
    seconds = fastest({"": lambda: kept.append(call())}, rounds=1, least=0.0)[""]
    return seconds, kept[0]
