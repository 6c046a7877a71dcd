"""From the text of a module to callable functions: a real file, an import, and Numba.

The file makes tracebacks, debuggers and Numba's disk cache work. Nothing here knows what the module computes.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import types
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numba
from numba.core.errors import NumbaError

from adcompile.backend.folder import cache_folder, read_private, write_atomically
from adcompile.errors import InternalError

FAST = frozenset({"reassoc", "contract", "arcp", "nsz"})


def module_file(text: str, name: str, folder: Path | None = None) -> Path:
    """The file that holds a module's text, written if it is not there; its name tells the content."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:20]
    path = (folder or cache_folder()) / f"{name}_{digest}.py"
    if read_private(path) != text:
        write_atomically(path, text)
    return path


def load(path: Path, variant: str) -> types.ModuleType:
    """Import a generated file as a fresh module; `variant` keeps differently compiled copies apart."""
    name = f"adcompile_generated.{path.stem}.{variant}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def compile_module(
    path: Path,
    functions: Iterable[str],
    *,
    jit: bool = True,
    fastmath: bool | frozenset[str] = FAST,
    parallel: bool = False,
    cache: bool = True,
) -> dict[str, Callable[..., Any]]:
    """The functions of a generated module, ready to be called.

    Parameters
    ----------
    path : Path
        A file made by `module_file`.
    functions : iterable of str
        The names of its functions, callees first.
    jit : bool
        Whether Numba compiles them, when they are first called; otherwise they run as they stand.
    fastmath, parallel, cache
        Numba's options.
    """
    variant = "_".join(["jit" if jit else "plain", *(sorted(fastmath) if isinstance(fastmath, frozenset) else ())])
    module = load(path, f"{variant}_{fastmath if isinstance(fastmath, bool) else 'flags'}_{parallel}")
    if jit:
        decorate = numba.njit(
            error_model="numpy",
            fastmath=set(fastmath) if isinstance(fastmath, frozenset) else fastmath,
            parallel=parallel,
            cache=cache,
        )
        for name in functions:
            setattr(module, name, decorate(getattr(module, name)))
    return {name: getattr(module, name) for name in functions}


def explain_failure(error: NumbaError, path: Path) -> InternalError:
    """What to raise when Numba refuses a program that should have compiled."""
    first = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return InternalError(
        f"Numba could not compile the generated module: {first}",
        note=f"the module is {path}",
        help="run it with jit=False, and report this with the function",
    )
