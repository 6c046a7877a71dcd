"""From the text of a module to callable functions: a real file, an import, and Numba.

The file makes tracebacks, debuggers and Numba's disk cache work. Nothing here knows what the module computes.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import inspect
import linecache
import math
import re
import sys
import types
from collections.abc import Callable, Iterable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba.core.errors import NumbaError

from adcompile import runtime
from adcompile.backend.folder import cache_folder, read_private, write_atomically
from adcompile.backend.heap import keep_memory
from adcompile.errors import InternalError
from adcompile.runtime import elementary
from adcompile.span import Span

GENERATED = "adcompile_generated_"  # starts the names of generated modules
FAST = frozenset({"reassoc", "contract", "arcp", "nsz"})
Functions = dict[str, Callable[..., Any]]

# -- files ------------------------------------------------------------------------------------------------------


@functools.cache
def toolchain() -> str:
    """What compiled code depends on besides its text: the versions of what compiles it, and the run-time library."""
    sources = [path.read_bytes() for path in sorted(Path(runtime.__file__).parent.glob("*.py"))]
    library = hashlib.sha256(b"".join(sources)).hexdigest()
    return f"{numba.__version__} {np.__version__} {sys.version} {library} {elementary.LIBRARY}"


def module_file(text: str, name: str, options: str = "") -> Path:
    """The file that holds a module's text, written if it is not there.

    Its name tells the content, and what compiles it: Numba's disk cache tells neither its own options nor changes of
    what is called from one file in another.

    Parameters
    ----------
    text : str
    name : str
        How the file's name starts.
    options : str
        What besides the text has a say in compiled code.
    """
    digest = hashlib.sha256(f"{toolchain()}\0{options}\0{text}".encode()).hexdigest()[:20]
    path = cache_folder() / f"{name}_{digest}.py"
    if read_private(path) != text:
        write_atomically(path, text)
    return path


def load(path: Path, variant: str) -> types.ModuleType:
    """Import a generated file as a fresh module; `variant` keeps differently compiled copies apart."""
    name = f"{GENERATED}{variant}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


class Finder:
    """Finds generated modules by name: Numba asks for them as it loads, in another process, a user's function that calls a derivative.

    One that is gone is found empty: compiled code has in it what it calls.
    """

    @staticmethod
    def find_spec(name: str, *_: object) -> ModuleSpec | None:
        """What Python's import asks."""
        if not name.startswith(GENERATED):
            return None
        file = cache_folder() / f"{name.removeprefix(GENERATED).partition('_')[2]}.py"
        known = importlib.util.spec_from_file_location(name, file) if read_private(file) is not None else None
        return known or ModuleSpec(name, None, is_package=True)


sys.meta_path.append(Finder)


#: what Numba may run in parallel: the loops that say so, not whole arrays, whose sums would depend on the number of threads
PRANGE_ONLY = {
    "prange": True,
    **dict.fromkeys(("comprehension", "reduction", "inplace_binop", "setitem", "numpy", "stencil", "fusion"), False),
}

# -- functions --------------------------------------------------------------------------------------------------


def compile_module(
    path: Path,
    functions: Iterable[str],
    *,
    jit: bool = True,
    fastmath: bool | frozenset[str] = FAST,
    parallel: bool = False,
    cache: bool = True,
) -> Functions:
    """The functions of a generated module, ready to be called.

    Parameters
    ----------
    path : Path
        A file made by `module_file`.
    functions : iterable of str
        The names of its functions.
    jit : bool
        Whether Numba compiles them, when they are first called; otherwise they run as they stand, on NumPy's numbers.
    fastmath, parallel, cache
        Numba's options. `parallel` goes to the functions that have parallel loops.
    """
    if not jit:
        return plain_functions(load(path, "plain"), functions)
    keep_memory()
    flags = sorted(fastmath) if isinstance(fastmath, frozenset) else [str(fastmath)]
    if fastmath != FAST or parallel:
        text = read_private(path)
        if text is None:
            raise InternalError(f"the generated module {path} is gone, or others can write into it")
        path = module_file(text, path.stem.rpartition("_")[0], " ".join([*flags, str(parallel)]))
    module = load(path, "compiled")
    for name in functions:
        function = getattr(module, name)
        in_parallel = parallel and "prange(" in inspect.getsource(function)
        decorate = numba.njit(  # type: ignore[call-overload]
            error_model="numpy",
            fastmath=fastmath if isinstance(fastmath, bool) else set(fastmath),
            parallel=PRANGE_ONLY if in_parallel else False,
            cache=cache,
        )
        setattr(module, name, decorate(function))
    return {name: getattr(module, name) for name in functions}


def plain_functions(module: types.ModuleType, functions: Iterable[str]) -> Functions:
    """The functions of a module as they stand, with the arithmetic of compiled code: no exceptions, but inf and NaN."""
    from adcompile.backend.spell_elementwise import MATH

    for numpy_name, of_math in MATH.items():
        if getattr(module, of_math, None) is getattr(math, of_math):
            setattr(module, of_math, getattr(np, numpy_name))
    return {name: on_numpy_numbers(getattr(module, name)) for name in functions}


def on_numpy_numbers(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with NumPy's numbers in place of Python's floats, and without its warnings."""
    kinds: dict[type, Callable[[Any], Any]] = {float: np.float64, complex: np.complex128}

    @functools.wraps(function)
    def run(*args: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(*(kinds[type(a)](a) if type(a) in kinds else a for a in args))

    return run


def explain_failure(error: NumbaError, path: Path, source_of: Callable[[int], Span | None]) -> InternalError:
    """What to raise when Numba refuses a program that should have compiled: its reason, at the line of the user's.

    Parameters
    ----------
    error : NumbaError
    path : Path
        The generated file that was compiled.
    source_of : callable
        From a line of that file to the place that it was made from.
    """
    text = str(error)
    reasons = [row.strip() for row in text.splitlines() if row.strip() and not row.startswith("Failed in")]
    if len(reasons) > 1 and reasons[0].endswith(":"):
        reasons[0] = f"{reasons[0]} {reasons[1].removeprefix('>>> ')}"
    places = re.findall(rf'File "[^"]*{re.escape(path.stem)}[^"]*", line (\d+)', text)
    span, note = None, ""
    if places:
        line = int(places[-1])
        span = source_of(line)
        note = f"the generated line is `{linecache.getline(str(path), line).strip()}`, {path}:{line}"
    return InternalError(
        f"Numba does not compile the derivative: {reasons[0] if reasons else type(error).__name__}",
        span,
        note=note,
        help="call it with jit=False, and report the function and this message",
    )
