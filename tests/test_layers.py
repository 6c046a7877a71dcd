"""Imports point down: every import in the package is compared with the rank of its layer."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adcompile import span

pytestmark = pytest.mark.core

#: the layers, the highest first; modules of the package itself stand together, folders of one rank do not
LAYERS = [
    [
        "__init__ __main__ additions api cli comparison composed custom demo embed explain into listing report sparse testing"
    ],
    ["compressed derive dispatch fingerprint guess pipeline store sweeps unit"],
    ["transforms", "backend"],
    ["frontend", "analyses"],
    ["rules"],
    ["notation"],
    ["ir"],
    ["colouring pattern", "errors span switches", "tree", "runtime", "__version__"],
]
RANKS = {name: -rank for rank, groups in enumerate(LAYERS) for group in groups for name in group.split()}

#: what generated code imports: it must stand on its own
ALONE = {"runtime"}

#: modules of one rank that may import each other
TOGETHER = [set(group.split()) for groups in LAYERS for group in groups]

#: programs that derivatives are lowered from, like the user's own: what imports them reads their source
SOURCES = {"composed"}


def layer_of(module: str) -> str:
    """The layer of a dotted module name within the package."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports(source: str, module: str) -> Iterator[tuple[int, str]]:
    """Each import of one of our modules: its line and the module it names, in functions too."""
    package = module.split(".")
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                names = [alias.name for alias in node.names]
            case ast.ImportFrom(module=name, level=0):
                names = [name or ""] if name != "adcompile" else [f"adcompile.{a.name}" for a in node.names]
            case ast.ImportFrom(module=name, level=level):
                base = ".".join(package[: len(package) - level] + ([name] if name else []))
                names = [base] if name else [f"{base}.{a.name}" for a in node.names]
            case _:
                continue
        yield from ((node.lineno, name) for name in names if name.split(".")[0] == "adcompile")


def violations(source: str, module: str) -> list[str]:
    """The imports of a module that do not point down, as lines."""
    mine = layer_of(module)
    found = []
    for line, name in imports(source, module):
        theirs = layer_of(name)
        together = any({mine, theirs} <= group for group in TOGETHER)
        allowed = (
            mine == theirs
            or theirs in SOURCES
            or (mine not in ALONE and (together or RANKS.get(theirs, 99) < RANKS.get(mine, -99)))
        )
        if not allowed:
            text = source.splitlines()[line - 1].strip()
            found.append(f"{module}, line {line}: {text}  ({mine} may not import {theirs})")
    return found


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the package, by its dotted name."""
    folder = Path(span.__file__).parent
    for path in sorted(folder.rglob("*.py")):
        parts = ["adcompile", *path.relative_to(folder).with_suffix("").parts]
        yield ".".join(parts), path


def test_layers_every_import_points_down() -> None:
    found = [line for name, path in modules() for line in violations(path.read_text(encoding="utf-8"), name)]
    assert not found, "\n" + "\n".join(found)


def test_layers_every_module_has_a_rank() -> None:
    assert {layer_of(name) for name, _ in modules()} <= RANKS.keys()


@pytest.mark.parametrize(
    "module, line, allowed",
    [
        ("adcompile.transforms.vjp", "from adcompile.ir.nodes import Eqn", True),
        ("adcompile.transforms.vjp", "from adcompile.transforms.prune import prune", True),
        ("adcompile.transforms.vjp", "from .prune import prune", True),
        ("adcompile.transforms.vjp", "from adcompile.backend.own import own", False),
        ("adcompile.transforms.vjp", "from ..backend import own", False),
        ("adcompile.ir.verify", "import adcompile.frontend.lower", False),
        ("adcompile.ir.verify", "def f():\n    from adcompile import pipeline", False),
        ("adcompile.rules.arithmetic", "import numpy", True),
        ("adcompile.api", "from adcompile.explain import explain", True),
        ("adcompile.pipeline", "from adcompile.api import grad", False),
        ("adcompile.runtime.special", "from adcompile.runtime.tape import grow", True),
        ("adcompile.runtime.special", "from adcompile.span import Span", False),
        ("adcompile.errors", "from adcompile.span import Span", True),
    ],
)
def test_layers_a_wrong_import_is_found(module: str, line: str, allowed: bool) -> None:
    found = violations(line, module)
    assert bool(found) != allowed
    if found:
        assert found[0].startswith(f"{module}, line {line.count(chr(10)) + 1}: {line.splitlines()[-1].strip()}")


#: what `import adcompile` loads of the package, besides modules of its own: what runs kernels, and no part of what makes them
LOADED = {"backend", "ir", "runtime"}


def test_layers_an_import_loads_what_runs_kernels_and_no_more() -> None:
    script = (
        "import sys, numba; before = set(sys.modules)\n"
        "import adcompile\nprint(*(name for name in sys.modules if name not in before))"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert {name.split(".")[0] for name in loaded} <= {"adcompile", "__future__"}
    folders = {name.split(".")[1] for name in loaded if name.count(".") > 1}
    assert folders <= LOADED
    assert len(loaded) < 45
