"""The tables of derivatives. Importing this package reads all of them and checks every line."""

from adcompile.notation.apply import has_rule, is_constant, jvp_of, vjp_of
from adcompile.notation.check import check_tables
from adcompile.notation.rewriting import rewrite_eqn
from adcompile.rules import (
    arithmetic,
    constants,
    distributions,
    elementwise,
    linalg,
    operations,
    reductions,
    shapes,
    simplify,
    special,
    transposes,
)

check_tables()

__all__ = [
    "arithmetic",
    "constants",
    "distributions",
    "elementwise",
    "has_rule",
    "is_constant",
    "jvp_of",
    "linalg",
    "operations",
    "reductions",
    "rewrite_eqn",
    "shapes",
    "simplify",
    "special",
    "transposes",
    "vjp_of",
]
