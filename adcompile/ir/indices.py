"""Whether the index codes of an equation fit its operands; `primitives` says what the codes mean.

Knows nothing of the values of indices: what is out of range shows when the program runs.
"""

from __future__ import annotations

import re

from adcompile.ir.primitives import Types, indexed_rank
from adcompile.ir.types import Array, Lanes, Scalar, Type, rank

#: operands that stand between the array and the parts of the index
LEADING = {"store": 2, "accumulate": 2}

ALLOWED = {"load": "i", "view": "isn"}


def check_index(primitive: str, types: Types, index: object) -> str:
    """What is wrong with an index, or ""."""
    leading = LEADING.get(primitive, 1)
    if len(types) < leading or not isinstance(types[0], Array):
        return f"{primitive} takes an array first"
    codes = index if isinstance(index, tuple) else (index,)
    if not isinstance(index, tuple) or not all(re.fullmatch("i|n|a|m|s[01]{3}", str(c)) for c in codes):
        return f"{index!r} is no index"
    if wrong := [c for c in index if c[0] not in ALLOWED.get(primitive, "isnam")]:
        return f"{primitive} does not take the index code {wrong[0]!r}"
    parts = types[leading:]
    expected = [kind for code in index for kind in runtime_parts(code)]
    if len(parts) != len(expected):
        return f"the index {index} has {len(expected)} parts, not {len(parts)}"
    for kind, part in zip(expected, parts, strict=True):
        if not fits(kind, part):
            return f"{part} is no part of the index code {kind!r}"
    return check_ranks(primitive, types, index, parts)


def runtime_parts(code: str) -> list[str]:
    """The kinds of operands that an index code takes."""
    return {"s": ["i"] * code[1:].count("1"), "n": []}.get(code[0], [code[0]])


def fits(kind: str, part: Type) -> bool:
    """Whether an operand can be a part of a kind."""
    match kind, part:
        case ("i", Scalar(dtype)) | ("a", Array(dtype)):
            return dtype.startswith(("int", "uint"))
        case "m", Array(dtype):
            return dtype == "bool"
    return False


def check_ranks(primitive: str, types: Types, index: tuple[str, ...], parts: Types) -> str:
    """Whether an index has as many axes as it may, and what is stored no more than are selected."""
    masks = sum(rank(p) for p in parts if isinstance(p, Array) and p.dtype == "bool")
    taken = masks + sum(code[0] in "isa" for code in index)
    if taken > rank(types[0]) or (primitive == "load" and taken < rank(types[0])):
        return f"the index {index} takes {taken} axes of {types[0]}"
    if primitive in LEADING:
        selected = indexed_rank(types[0], parts, index)
        if not isinstance(types[1], Scalar | Array | Lanes) or rank(types[1]) > selected:
            return f"{types[1]} does not fit into what {index} selects of {types[0]}"
    return ""
