"""The algebra of formulas: matching them against patterns, dropping differentials, and transposing.

Works on formulas only; `apply` turns them into equations.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from adcompile.ir.primitives import PRIMITIVES
from adcompile.notation.parse import Apply, Differential, Formula, Literal, Name, Star, Text, parts, rebuilt, substitute
from adcompile.notation.tables import Tables, Transpose

#: the linear operands of a transpose line
LINEAR = ("u", "v")
#: operations that act on each element of their linear operands by itself, times a number: their own transposes
POINTWISE = ("add", "sub", "neg", "mul", "div", "where")
#: operations, apart from the elementwise ones, whose result has the shape of what they are linear in
SAME_SHAPE = ("cumsum", "flip", "roll", "tril", "triu", "recurrence", "phi", "lower_symmetric", "solve")

#: what a subject of a match consists of: a literal, or an operation and its parts; None for a leaf
Opened = Literal | tuple[str, tuple[Any, ...]] | None


def match(pattern: Formula, subject: Any, opened: Callable[[Any], Opened], bound: dict[str, Any]) -> bool:
    """Whether a subject has the form of a pattern; `bound` collects what its names stand for.

    Parameters
    ----------
    pattern : Formula
        Names in it match anything, and the same thing wherever they occur; literals match equal numbers.
    subject : object
        A formula, or an atom of a program.
    opened : callable
        What the subject consists of.
    bound : dict
        Names to subjects, extended in place.
    """
    if isinstance(pattern, Name):
        return bool(bound.setdefault(pattern.name, subject) == subject)
    inside = opened(subject)
    if isinstance(pattern, Literal):
        return isinstance(inside, Literal) and same_number(pattern.value, inside.value)
    if not (isinstance(pattern, Apply) and isinstance(inside, tuple) and pattern.op == inside[0]):
        return False
    return match_all(pattern.args, inside[1], opened, bound)


def match_all(
    patterns: tuple[Formula, ...], subjects: tuple[Any, ...], opened: Callable[[Any], Opened], bound: dict[str, Any]
) -> bool:
    """`match` part by part; a starred name takes as many parts as the others leave."""
    starred = [i for i, p in enumerate(patterns) if isinstance(p, Star)]
    if not starred:
        return len(patterns) == len(subjects) and all(
            match(p, s, opened, bound) for p, s in zip(patterns, subjects, strict=True)
        )
    start = starred[0]
    stop = len(subjects) - (len(patterns) - start - 1)
    if stop < start:
        return False
    star = patterns[start]
    assert isinstance(star, Star)
    assert isinstance(star.part, Name)
    taken = subjects[start:stop]
    if bound.setdefault(star.part.name, taken) != taken:
        return False
    patterns = patterns[:start] + patterns[start + 1 :]
    return match_all(patterns, subjects[:start] + subjects[stop:], opened, bound)


def same_number(a: Any, b: Any) -> bool:
    """Whether two literals are equal numbers, or the same flag or None."""
    if isinstance(a, bool) or isinstance(b, bool) or a is None or b is None:
        return a is b
    return bool(a == b)


def opened_formula(formula: Formula) -> Opened:
    """What a formula consists of."""
    match formula:
        case Literal():
            return formula
        case Apply(op, args):
            return op, tuple(a.part if isinstance(a, Star) else a for a in args)
    return None


def varies(formula: Formula) -> bool:
    """Whether there is a differential in the formula."""
    return any(isinstance(p, Differential) for p in parts(formula))


def restricted(formula: Formula, active: Collection[str]) -> Formula | None:
    """A differential with all but the `active` ones zero, or None where nothing is left."""
    match formula:
        case Differential(name):
            return formula if name in active else None
        case Literal():
            return None
        case Apply(op, args, where):
            left = [restricted(a, active) if varies(a) else a for a in args]
            if op in ("add", "sub"):
                a, b = (restricted(x, active) for x in args)
                if b is None:
                    return a
                if a is None:
                    return b if op == "add" else Apply("neg", (b,), where)
                return Apply(op, (a, b), where)
            if all(a is None for a, before in zip(left, args, strict=True) if varies(before)):
                return None
            return Apply(op, tuple(Literal(0.0) if a is None else a for a in left), where)
    raise AssertionError(formula)


def find_transpose(formula: Apply, tables: Tables) -> tuple[Transpose, dict[str, Any]] | None:
    """The line of the transposes that says how an operation is linear, and what its names stand for."""
    for line in tables.transposes_of.get(formula.op, []):
        bound: dict[str, Any] = {}
        if match(line.pattern, formula, opened_formula, bound) and all(
            (name in LINEAR) == any(varies(p) for p in (part if isinstance(part, tuple) else (part,)))
            for name, part in bound.items()
        ):
            return line, bound
    return None


def transposed(formula: Formula, g: Formula, tables: Tables, text: Text) -> Formula:
    """What reverse mode adds to the cotangent of a formula's one operand, where `g` is the formula's own.

    What is pointwise is its own transpose; sums and signs go outwards; the rest is in the table.
    """
    if pointwise(formula):
        return in_front(formula, g)
    match formula:
        case Differential():
            return g
        case Apply("add" | "sub" as op, (a, b)):
            return Apply(op, (transposed(a, g, tables, text), transposed(b, g, tables, text)))
        case Apply("neg", (a,)):
            return Apply("neg", (transposed(a, g, tables, text),))
    line, bound = found_in(formula, tables, text)
    inner = [
        transposed(bound[u], cotangent(right, bound, g, text), tables, text)
        for u, right in zip(LINEAR, line.formulas, strict=False)
    ]
    return inner[0] if len(inner) == 1 else Apply("add", (inner[0], inner[1]))


def pointwise(formula: Formula) -> bool:
    """Whether a differential does no more than multiply each element by a number."""
    match formula:
        case Differential():
            return True
        case Apply(op, args):
            return op in POINTWISE and all(pointwise(a) for a in args if varies(a))
    return False


def in_front(formula: Formula, g: Formula) -> Formula:
    """A pointwise formula of `g` in place of the differential, as the first factor of products."""
    match formula:
        case Differential():
            return g
        case Apply("mul", (c, u), where) if varies(u):
            return Apply("mul", (in_front(u, g), c), where)
        case Apply(op, args, where):
            return Apply(op, tuple(in_front(a, g) for a in args), where)
    return formula


def found_in(formula: Formula, tables: Tables, text: Text) -> tuple[Transpose, dict[str, Any]]:
    """`find_transpose`, refused in the table where there is none."""
    assert isinstance(formula, Apply)
    found = find_transpose(formula, tables)
    if found is None:
        raise text.error(
            f"`{formula.op}` has no transpose for this use, or this is not linear",
            formula.where,
            help="each term has one differential, inside operations that rules/transposes.py lists",
        )
    return found


def cotangent(right: Formula, bound: dict[str, Any], g: Formula, text: Text) -> Formula:
    """A transpose line's formula for what it has matched."""

    def shape_of_names(f: Formula) -> Formula | None:
        if isinstance(f, Apply) and f.op in ("dims", "dtype") and varies(f):
            return Apply(f.op, (shape_source(f.args[0], text),), f.where)
        return None

    names = {name: part for name, part in bound.items() if not isinstance(part, tuple)}
    return rebuilt(substitute(right, {**names, "g": g}), shape_of_names)


def shape_source(formula: Formula, text: Text) -> Name:
    """The operand whose shape a linear formula has."""
    match formula:
        case Differential(name, where):
            return Name(name, where)
        case Apply(op, args) if op in SAME_SHAPE or (op in PRIMITIVES and PRIMITIVES[op].elementwise):
            return shape_source(next(a for a in args if varies(a)), text)
    raise text.error("the shape of this is not the shape of an operand", formula.where)
