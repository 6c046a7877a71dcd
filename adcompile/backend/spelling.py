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


def expression(eqn: Eqn, operands: Sequence[ast.expr]) -> ast.expr:
    """The right-hand side of a pure equation with one result.

    Parameters
    ----------
    eqn : Eqn
    operands : sequence of ast.expr
        What its operands are written as.
    """
    spell = EXPRESSIONS.get(eqn.primitive)
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


#: modules that emitted code names, and how they are imported
MODULES = {"np": "import numpy as np", "prange": "from numba import prange", "rt": "import adcompile.runtime as rt"}
FROM_MATH = frozenset(spell_elementwise.MATH.values())


def imports(names: Iterable[str]) -> list[str]:
    """The import lines for the free names that emitted code uses, in the order in which linters want them."""
    used = set(names)
    functions = sorted(used & FROM_MATH)
    standard = [f"from math import {', '.join(functions)}"] if functions else []
    others = sorted(line for name, line in MODULES.items() if name in used and name != "rt")
    ours = [MODULES["rt"]] if "rt" in used else []
    groups = [g for g in (standard, others, ours) if g]
    return [line for k, group in enumerate(groups) for line in ([""] if k else []) + group]
