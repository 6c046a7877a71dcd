"""Kernels on the disk: what a second process needs to run one without lowering or compiling anything.

One small file for each kernel, beside the module it names. What is in doubt is made again.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from pathlib import Path
from typing import Any

from adcompile import tree
from adcompile.backend.folder import cache_folder, read_private, write_atomically
from adcompile.unit import Unit


class NotStorable(Exception):
    """A structure that cannot be written down."""


def save(key: str, unit: Unit) -> None:
    """Write a kernel down, unless its results are of a class that another process could not find."""
    if unit.captured:
        return
    try:
        entry = {
            "module": unit.path.name,
            "text": digest(unit.path),
            "functions": unit.functions,
            "result": encode(unit.result),
            "apart": unit.apart,
        }
    except NotStorable:
        return
    write_atomically(cache_folder() / f"{key}.json", json.dumps(entry))


def load(key: str) -> Unit | None:
    """The kernel for a key, or None where there is none, or none that can be trusted."""
    folder = cache_folder()
    text = read_private(folder / f"{key}.json")
    if text is None:
        return None
    try:
        entry = json.loads(text)
        path = folder / entry["module"]
        if digest(path) != entry["text"]:
            return None
        apart = tuple((i, j) for i, j in entry["apart"])
        return Unit(path, tuple(entry["functions"]), decode(entry["result"]), (), apart)
    except (OSError, ValueError, KeyError, TypeError, ImportError, AttributeError):
        return None


def digest(path: Path) -> str | None:
    """What tells the text of a module that can be trusted; None where there is none."""
    text = read_private(path)
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()


def encode(structure: tree.Structure) -> Any:
    """A structure as JSON has it."""
    match structure:
        case tree.Leaf():
            return "*"
        case tree.Static(value) if value is None or isinstance(value, str | bool | int | float):
            return {"static": value}
        case tree.Node(kind, keys, children):
            if "<locals>" in kind.__qualname__ or kind.__module__ == "__main__":
                raise NotStorable
            if not all(isinstance(k, str | int) for k in keys):
                raise NotStorable
            return {
                "kind": [kind.__module__, kind.__qualname__],
                "keys": list(keys),
                "children": [encode(c) for c in children],
            }
    raise NotStorable


def decode(entry: Any) -> tree.Structure:
    """A structure from JSON."""
    if entry == "*":
        return tree.LEAF
    if "static" in entry:
        return tree.Static(entry["static"])
    module, name = entry["kind"]
    kind: Any = importlib.import_module(module)
    for part in name.split("."):
        kind = getattr(kind, part)
    return tree.Node(kind, tuple(entry["keys"]), tuple(decode(c) for c in entry["children"]))
