"""A generated module on the disk, and the options it is compiled with: all that is needed to run a kernel.

Kept apart from what makes such modules, so that a process that finds its kernels ready loads none of the compiler.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adcompile import tree
from adcompile.backend.compile import compile_module

#: arguments by position or name
Argnums = int | str | tuple[int | str, ...]


@dataclass(frozen=True)
class Options:
    """How a kernel is compiled.

    `fastmath` is False, True, or the set of LLVM's flags; the default lets sums be reordered and keeps the meaning of
    NaN and infinity.
    """

    jit: bool = True
    fastmath: bool | frozenset[str] = frozenset({"reassoc", "contract", "arcp", "nsz"})
    parallel: bool = False
    cache: bool = True


@dataclass
class Unit:
    """A generated module and what is needed to call its entry.

    Attributes
    ----------
    path : Path
        The file of the module.
    functions : tuple of str
        Its functions, callees first; the last is the entry.
    result : tree.Structure
        How the results are nested.
    captured : tuple of array
        What the entry takes after the arguments.
    """

    path: Path
    functions: tuple[str, ...]
    result: tree.Structure
    captured: tuple[Any, ...]

    def load(self, options: Options) -> Callable[..., Any]:
        """The entry, ready to be called."""
        compiled = compile_module(
            self.path,
            self.functions,
            jit=options.jit,
            fastmath=options.fastmath,
            parallel=options.parallel,
            cache=options.cache,
        )
        return compiled[self.functions[-1]]
