"""How each primitive is written in Python, by the types of its operands.

The entries are in `spell_elementwise`, `spell_arrays` and `spell_memory`. Names, and what is nested in what, are `emit`'s.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from adcompile.backend import spell_arrays, spell_elementwise, spell_memory
from adcompile.errors import InternalError
from adcompile.ir.nodes import Eqn

EXPRESSIONS = {**spell_elementwise.SPELLINGS, **spell_arrays.SPELLINGS, **spell_memory.SPELLINGS}
STATEMENTS = spell_memory.STATEMENTS


def expression(eqn: Eqn, operands: Sequence[ast.expr], *, kernel: bool = False) -> ast.expr:
    """The right-hand side of a pure equation with one result.

    Parameters
    ----------
    eqn : Eqn
    operands : sequence of ast.expr
        What its operands are written as.
    kernel : bool
        For Numba, not for a reader: elementary functions of real numbers are those of `adcompile.runtime.elementary`.
    """
    spell = EXPRESSIONS.get(eqn.primitive)
    if kernel and spell_elementwise.is_elementary(eqn):
        spell = spell_elementwise.ELEMENTARY[eqn.primitive]
    if spell is None:
        raise InternalError(f"there is no way to write `{eqn.primitive}`", eqn.span)
    return spell(eqn, operands)


def statements(eqn: Eqn, operands: Sequence[ast.expr], targets: Sequence[str]) -> list[ast.stmt]:
    """The statements of an equation that writes, has an effect, or has several results.

    Parameters
    ----------
    eqn : Eqn
    operands : sequence of ast.expr
        What its operands are written as.
    targets : sequence of str
        The names of its results; the first is also that of the operand it writes into.
    """
    write = STATEMENTS.get(eqn.primitive)
    if write is None:
        raise InternalError(f"there is no way to write `{eqn.primitive}` as a statement", eqn.span)
    return write(eqn, operands, targets)


def added(name: str) -> spell_elementwise.Spell:
    """How a function of the user's own is written, which goes by a name of `adcompile.runtime.added`."""

    def spell(eqn: Eqn, operands: Sequence[ast.expr]) -> ast.expr:
        return spell_elementwise.in_dtype_of_result(f"added.{name}", eqn, operands)

    return spell


#: modules that emitted code names, and how they are imported
MODULES = {
    "np": "import numpy as np",
    "prange": "from numba import prange",
    "rt": "import adcompile.runtime as rt",
    "sp": "import adcompile.runtime.scipy_special as sp",
    "added": "import adcompile.runtime.added as added",
}
OURS = ("rt", "sp", "added")
COUNTING = frozenset({"countdown", "indices"})
FROM_MATH = frozenset(spell_elementwise.MATH.values())
FROM_ELEMENTARY = frozenset(spell_elementwise.IN_C.values())


def imports(names: Iterable[str], *, kernel: bool = False) -> list[str]:
    """The import lines for the free names that emitted code uses, in the order in which linters want them."""
    used = set(names)
    elementary = sorted(used & FROM_ELEMENTARY) if kernel else []
    functions = sorted((used & FROM_MATH).difference(elementary))
    standard = [f"from math import {', '.join(functions)}"] if functions else []
    others = sorted(line for name, line in MODULES.items() if name in used and name not in OURS)
    ours = [MODULES[name] for name in OURS if name in used]
    if counting := sorted(used & COUNTING):
        ours.append(f"from adcompile.runtime.counting import {', '.join(counting)}")
    if elementary:
        ours.append(f"from adcompile.runtime.elementary import {', '.join(elementary)}")
    groups = [g for g in (standard, others, ours) if g]
    return [line for k, group in enumerate(groups) for line in ([""] if k else []) + group]
