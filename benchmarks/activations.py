"""`python -m benchmarks.activations [names]`: value and gradient of the sum of an activation over a vector, on one core.

Each is written twice, as a loop over numbers and as NumPy on arrays, and set against the program itself under Numba and,
where it is installed, against JAX.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numba
import numpy as np

import adcompile as ad
from adcompile.backend.compile import FAST
from benchmarks.measure import best

SIZES = (100_000, 10_000_000)
SQRT_2 = math.sqrt(2.0)
SQRT_2_OVER_PI = math.sqrt(2.0 / math.pi)
ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805  # of selu, from its paper

# -- of one number ----------------------------------------------------------------------------------------------


def relu(x):
    return max(x, 0.0)


def leaky_relu(x):
    return x if x > 0.0 else 0.01 * x


def relu6(x):
    return min(max(x, 0.0), 6.0)


def elu(x):
    return x if x > 0.0 else math.expm1(x)


def selu(x):
    return SCALE * x if x > 0.0 else SCALE * ALPHA * (math.exp(x) - 1.0)


def celu(x):
    return max(x, 0.0) + min(0.0, 2.0 * math.expm1(x / 2.0))


def gelu(x):
    return 0.5 * x * (1.0 + math.erf(x / SQRT_2))


def gelu_tanh(x):
    return 0.5 * x * (1.0 + math.tanh(SQRT_2_OVER_PI * (x + 0.044715 * x**3)))


def sigmoid(x):
    return 1.0 / (1.0 + math.exp(-x))


def silu(x):
    return x / (1.0 + math.exp(-x))


def softplus(x):
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def log_sigmoid(x):
    return min(x, 0.0) - math.log1p(math.exp(-abs(x)))


def mish(x):
    return x * math.tanh(math.log1p(math.exp(x)))


def softsign(x):
    return x / (1.0 + abs(x))


def tanh(x):
    return math.tanh(x)


def tanh_shrink(x):
    return x - math.tanh(x)


def soft_shrink(x):
    if x > 0.5:
        return x - 0.5
    if x < -0.5:
        return x + 0.5
    return 0.0


def hard_tanh(x):
    return min(max(x, -1.0), 1.0)


def hard_sigmoid(x):
    return min(max(x + 3.0, 0.0), 6.0) / 6.0


def hard_swish(x):
    return x * min(max(x + 3.0, 0.0), 6.0) / 6.0


def square_plus(x):
    return 0.5 * (x + math.sqrt(x * x + 4.0))


# -- of arrays --------------------------------------------------------------------------------------------------


def relu_array(x):
    return np.maximum(x, 0.0)


def leaky_relu_array(x):
    return np.where(x > 0.0, x, 0.01 * x)


def relu6_array(x):
    return np.minimum(np.maximum(x, 0.0), 6.0)


def elu_array(x):
    return np.where(x > 0.0, x, np.expm1(x))


def selu_array(x):
    return SCALE * np.where(x > 0.0, x, ALPHA * (np.exp(x) - 1.0))


def celu_array(x):
    return np.maximum(x, 0.0) + np.minimum(0.0, 2.0 * np.expm1(x / 2.0))


def gelu_array(x):
    from scipy.special import erf

    return 0.5 * x * (1.0 + erf(x / SQRT_2))


def gelu_tanh_array(x):
    return 0.5 * x * (1.0 + np.tanh(SQRT_2_OVER_PI * (x + 0.044715 * x**3)))


def sigmoid_array(x):
    return 1.0 / (1.0 + np.exp(-x))


def silu_array(x):
    return x / (1.0 + np.exp(-x))


def softplus_array(x):
    return np.logaddexp(x, 0.0)


def log_sigmoid_array(x):
    return -np.logaddexp(-x, 0.0)


def mish_array(x):
    return x * np.tanh(np.log1p(np.exp(x)))


def softsign_array(x):
    return x / (1.0 + np.abs(x))


def tanh_array(x):
    return np.tanh(x)


def tanh_shrink_array(x):
    return x - np.tanh(x)


def soft_shrink_array(x):
    return np.sign(x) * np.maximum(np.abs(x) - 0.5, 0.0)


def hard_tanh_array(x):
    return np.clip(x, -1.0, 1.0)


def hard_sigmoid_array(x):
    return np.clip(x + 3.0, 0.0, 6.0) / 6.0


def hard_swish_array(x):
    return x * np.clip(x + 3.0, 0.0, 6.0) / 6.0


def square_plus_array(x):
    return 0.5 * (x + np.sqrt(x * x + 4.0))


# -- what is measured -------------------------------------------------------------------------------------------


class Activation(NamedTuple):
    """An activation of a number, the same of an array, and what it is in JAX."""

    number: Callable[[Any], Any]
    array: Callable[[Any], Any]
    jax: Callable[[Any, Any], Any]

    @property
    def name(self) -> str:
        return self.number.__name__


ACTIVATIONS = [
    Activation(relu, relu_array, lambda nn, x: nn.relu(x)),
    Activation(leaky_relu, leaky_relu_array, lambda nn, x: nn.leaky_relu(x)),
    Activation(relu6, relu6_array, lambda nn, x: nn.relu6(x)),
    Activation(elu, elu_array, lambda nn, x: nn.elu(x)),
    Activation(selu, selu_array, lambda nn, x: nn.selu(x)),
    Activation(celu, celu_array, lambda nn, x: nn.celu(x, 2.0)),
    Activation(gelu, gelu_array, lambda nn, x: nn.gelu(x, approximate=False)),
    Activation(gelu_tanh, gelu_tanh_array, lambda nn, x: nn.gelu(x, approximate=True)),
    Activation(sigmoid, sigmoid_array, lambda nn, x: nn.sigmoid(x)),
    Activation(silu, silu_array, lambda nn, x: nn.silu(x)),
    Activation(softplus, softplus_array, lambda nn, x: nn.softplus(x)),
    Activation(log_sigmoid, log_sigmoid_array, lambda nn, x: nn.log_sigmoid(x)),
    Activation(mish, mish_array, lambda nn, x: nn.mish(x)),
    Activation(softsign, softsign_array, lambda nn, x: nn.soft_sign(x)),
    Activation(tanh, tanh_array, lambda nn, x: nn.tanh(x)),
    Activation(tanh_shrink, tanh_shrink_array, lambda nn, x: x - nn.tanh(x)),
    Activation(soft_shrink, soft_shrink_array, lambda nn, x: x - x.clip(-0.5, 0.5)),
    Activation(hard_tanh, hard_tanh_array, lambda nn, x: nn.hard_tanh(x)),
    Activation(hard_sigmoid, hard_sigmoid_array, lambda nn, x: nn.hard_sigmoid(x)),
    Activation(hard_swish, hard_swish_array, lambda nn, x: nn.hard_swish(x)),
    Activation(square_plus, square_plus_array, lambda nn, x: nn.squareplus(x)),
]


def summed_loop(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The sum of a function over a vector, number by number."""

    def total(x):
        s = 0.0
        for i in range(x.shape[0]):
            s += f(x[i])
        return s

    return total


def summed_array(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The sum of a function of the whole vector."""

    def total(x):
        return np.sum(f(x))

    return total


Measured = dict[str, Callable[[Any], Any]]


def programs(activation: Activation) -> Measured:
    """What is timed: the primal under Numba, both derivatives, and JAX's where it is installed."""
    compiled = numba.njit(error_model="numpy", fastmath=set(FAST))
    found: Measured = {
        "numba": compiled(summed_loop(compiled(activation.number))),
        "loop": ad.value_and_grad(summed_loop(activation.number)),
        "array": ad.value_and_grad(summed_array(activation.array)),
    }
    derived = with_jax(activation)
    return {**found, "jax": derived} if derived else found


def with_jax(activation: Activation) -> Callable[[Any], Any] | None:
    """JAX's derivative, compiled, waited for; None where JAX is not installed."""
    try:
        import jax
    except ImportError:
        return None
    jax.config.update("jax_enable_x64", True)
    derived = jax.jit(jax.value_and_grad(lambda x: activation.jax(jax.nn, x).sum()))
    return lambda x: jax.block_until_ready(derived(x))


def argument(name: str, x: Any) -> Any:
    """The vector as a tool wants it: JAX has arrays of its own, which it need not copy."""
    if name != "jax":
        return x
    import jax

    return jax.numpy.asarray(x)


def check(name: str, result: Sequence[Any], wanted: Sequence[Any]) -> None:
    """Compare a value and gradient with those of another tool."""
    np.testing.assert_allclose(result[0], wanted[0], rtol=1e-9, err_msg=name)
    np.testing.assert_allclose(result[1], wanted[1], rtol=1e-9, atol=1e-12, err_msg=name)


def on_one_core() -> None:
    """Keep this process, and JAX in it, to one core; before JAX is imported."""
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def main(names: list[str]) -> int:
    """Measure the activations named, or all, and print a line for each and each size."""
    chosen = [a for a in ACTIVATIONS if not names or a.name in names]
    if not chosen:
        print("no such activation; there are", ", ".join(a.name for a in ACTIVATIONS), file=sys.stderr)
        return 2
    on_one_core()
    rng = np.random.default_rng(0)
    print("value and gradient of the sum, nanoseconds an element on one core; `numba` is the value alone")
    header = ""
    for activation in chosen:
        tools = programs(activation)
        if not header:
            header = f"{'':14}{'size':>10}" + "".join(f"{t:>9}" for t in tools)
            print(header)
        for size in SIZES:
            x = rng.standard_normal(size)
            results = {t: f(argument(t, x)) for t, f in tools.items() if t != "numba"}
            for t, result in results.items():
                check(f"{activation.name}, {t}", result, results["loop"])
            times = {t: best(f, (argument(t, x),)) / size * 1e9 for t, f in tools.items()}
            print(f"{activation.name:14}{size:10}" + "".join(f"{t:9.2f}" for t in times.values()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
