"""A generated module on the disk, and the options it is compiled with: all that is needed to run a kernel.

Kept apart from what makes such modules, so that a process that finds its kernels ready loads none of the compiler.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adcompile import tree
from adcompile.backend.compile import compile_module
from adcompile.errors import ShapeError

#: arguments by position or name
Argnums = int | str | tuple[int | str, ...]


@dataclass(frozen=True)
class Options:
    """How a kernel is compiled.

    `fastmath` is False, True, or the set of LLVM's flags; the default lets sums be reordered and keeps the meaning of
    NaN and infinity. `nests` says whether operations on whole arrays become loops; None, where the kernel is compiled.
    `budget` bounds, in bytes, what a reverse sweep records of long loops.
    `alike` lets these loops take arrays that meet to have one shape, the kernel refusing arguments where they have not.
    """

    jit: bool = True
    fastmath: bool | frozenset[str] = frozenset({"reassoc", "contract", "arcp", "nsz"})
    parallel: bool = False
    cache: bool = True
    nests: bool | None = None
    alike: bool = True
    budget: int | None = None


def positions(argnums: Argnums, names: Sequence[str], count: int) -> tuple[int, ...]:
    """The positions that `argnums` means, counted from the front.

    Parameters
    ----------
    argnums : int, str, or tuple of them
        Positions, from the end where negative, or names of parameters.
    names : sequence of str
        The function's parameters.
    count : int
        How many arguments there are.
    """
    found = []
    for entry in argnums if isinstance(argnums, tuple) else (argnums,):
        if isinstance(entry, str):
            if entry not in names:
                known = f"those that can be given by position are {', '.join(names)}" if names else "give its position"
                raise ShapeError(f"there is no parameter `{entry}` that can be differentiated", help=known)
            position = list(names).index(entry)
        else:
            position = entry
        if count <= position < len(names):
            raise ShapeError(f"`{names[position]}` is differentiated, but not given", help="pass a value for it")
        if not -count <= position < count:
            raise ShapeError(
                f"`argnums` names argument {position}, but the function is called with {count}",
                help="positions count from 0",
            )
        found.append(position % count)
    return tuple(found)


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
    apart : tuple of pairs of int
        Positions among the arguments' leaves and `captured` of arrays that must not share memory.
    """

    path: Path
    functions: tuple[str, ...]
    result: tree.Structure
    captured: tuple[Any, ...]
    apart: tuple[tuple[int, int], ...] = ()

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
