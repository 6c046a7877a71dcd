"""Runs a function of the IR as the Python that the backend prints for it, without Numba.

For the tests of the rule tables, whose programs are single equations and their derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from adcompile.backend.emit import emit
from adcompile.backend.own import own
from adcompile.ir.nodes import Function, Program
from adcompile.ir.verify import verify
from adcompile.transforms.jvp import Derived
from adcompile.transforms.prune import prune
from adcompile.transforms.simplify import simplify


@lru_cache(maxsize=4)
def printed(fn: Function) -> Callable[..., tuple[Any, ...]]:
    """The function after the passes every program goes through, printed and read back."""
    verify(Program({fn.name: fn}, fn.name), memory=False)
    derived = Derived(fn)
    for _ in range(2):
        derived = simplify(derived, keep_names=False)
        derived = Derived(prune(derived.function, {}))
    owned = own(derived.function)
    verify(Program({fn.name: owned}, fn.name))
    module: dict[str, Any] = {}
    exec(emit([owned], nested=True, related={}, header=""), module)
    return module[fn.name]  # type: ignore[no-any-return]


def flat(results: Any) -> tuple[Any, ...]:
    """Nested results one after the other."""
    return tuple(x for r in results for x in flat(r)) if isinstance(results, tuple) else (results,)


def run(fn: Function, args: Sequence[Any]) -> tuple[Any, ...]:
    """The results of a function of numbers and arrays; scalars are NumPy's, which divide by zero without complaint."""
    with np.errstate(all="ignore"):
        return flat(printed(fn)(*(np.asarray(a)[()] for a in args)))
