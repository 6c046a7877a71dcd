"""From formulas to equations: tangents, cotangents and simplifications of one equation at a time.

Control flow, memory, accumulation and broadcasting belong to `transforms`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from adcompile.errors import InternalError, NoRule
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Atom, Const, Eqn, Value
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import differentiable, dtype_of, rank
from adcompile.notation.match import Opened, match_all, restricted
from adcompile.notation.parse import Apply, Differential, Formula, Literal, Name, Star
from adcompile.notation.tables import TABLES, Primal, Rule, Tables


@dataclass
class Scope:
    """What the names of a formula stand for where it is turned into equations.

    `names` are operands, results and static parameters; `changes` the tangents of operands, or the cotangent `g`.
    """

    b: Builder
    primal: Primal
    names: dict[str, Any]
    changes: dict[str, Atom]
    tables: Tables

    def evaluate(self, formula: Formula) -> Any:
        """Emit a formula and return its value."""
        match formula:
            case Literal(value):
                return const(value)
            case Differential(of):
                return self.changes[of]
            case Name("g") if "g" in self.changes:
                return self.changes["g"]
            case Name(of):
                return self.read(self.names[of])
            case Apply(op, args):
                return self.operate(op, args)
        raise InternalError(f"not a value: {formula}")

    def read(self, meaning: Any) -> Any:
        """The value of what a name stands for."""
        if isinstance(meaning, tuple):
            return tuple(self.read(m) for m in meaning)
        return self.primal(meaning) if isinstance(meaning, Value) else meaning

    def operate(self, op: str, args: tuple[Formula, ...]) -> Any:
        """Emit an operation on its evaluated operands and static parameters."""
        own = self.tables.operations.get(op)
        params = own.params if own else PRIMITIVES[op].params
        cut = len(args) - len(params)
        operands: list[Any] = []
        for arg in args[:cut]:
            if isinstance(arg, Star):
                operands += self.several(arg.part)
            else:
                operands.append(self.evaluate(arg))
        statics = [self.static(a) for a in args[cut:]]
        if own:
            return own.emit(self.b, *operands, *statics)
        return self.b.emit(op, *operands, **dict(zip(params, statics, strict=True)))

    def several(self, formula: Formula) -> Sequence[Atom]:
        """What a starred part stands for: axis lengths of an array, or the operands that were left."""
        match formula:
            case Apply("dims", (Name(of),)):
                meaning = self.names[of]
                return self.primal.dims(meaning) if isinstance(meaning, Value) else ()
            case Name(of):
                return self.read(self.names[of])  # type: ignore[no-any-return]
        raise InternalError(f"not several values: {formula}")

    def static(self, formula: Formula) -> Any:
        """The static parameter that a formula amounts to."""
        match formula:
            case Literal(value):
                return value
            case Apply("dtype", (Name(of),)):
                return dtype_of(self.names[of].type)
            case Apply(op, args):
                return self.tables.statics[op](*(self.static(a) for a in args))
            case Name(of):
                return self.names[of]
        raise InternalError(f"not static: {formula}")


@dataclass
class Here:
    """The primal of forward mode: the operands and results are at hand."""

    b: Builder
    values: dict[Atom, Atom]

    def __call__(self, atom: Atom) -> Atom:
        return self.values[atom]

    def dims(self, atom: Atom) -> tuple[Atom, ...]:
        return self.b.dims(self.values[atom])


# -- which line is for an equation ----------------------------------------------------------------------------------


def opened_atom(subject: Any) -> Opened:
    """A constant is a literal; everything else is a leaf."""
    return Literal(subject.value) if isinstance(subject, Const) else None


def find_rule(eqn: Eqn, active: Sequence[bool], tables: Tables) -> tuple[Rule, dict[str, Any]]:
    """The first line for an equation's primitive that fits its operands, and what its names stand for."""
    parts = (*eqn.operands, *(v for _, v in eqn.params))
    varying = {id(o) for o, a in zip(eqn.operands, active, strict=True) if a}
    for rule in tables.rules_of.get(eqn.primitive, []):
        names: dict[str, Any] = {}
        if match_all(rule.pattern.args, parts, opened_atom, names) and all(
            domain.accepts(names[x], id(names[x]) in varying) for x, domain in rule.domains.items()
        ):
            names |= zip(rule.results, eqn.results, strict=True)
            return rule, names
    raise NoRule(
        f"no derivative is known for `{eqn.primitive}`" + (" of these operands" if has_rule(eqn.primitive) else ""),
        eqn.span,
        note=f"the operands are {', '.join(str(o.type) for o in eqn.operands)}" if has_rule(eqn.primitive) else "",
        help="give the function that uses it a rule of its own with `custom_jvp` or `custom_vjp`",
    )


def positions(rule: Rule, eqn: Eqn) -> dict[str, int]:
    """Where each operand of a rule stands among the operands of an equation."""
    result: dict[str, int] = {}
    for k, arg in enumerate(rule.pattern.args[: len(eqn.operands)]):
        if isinstance(arg, Name):
            result.setdefault(arg.name, k)
    return result


def is_constant(primitive: str) -> bool:
    """Whether a primitive's derivative is zero."""
    return primitive in TABLES.constant_names


def has_rule(primitive: str) -> bool:
    """Whether the tables have a derivative for a primitive."""
    return is_constant(primitive) or primitive in TABLES.rules_of or primitive in TABLES.structural_of


# -- the two modes --------------------------------------------------------------------------------------------------


def jvp_of(
    b: Builder,
    eqn: Eqn,
    primals: Sequence[Atom],
    results: Sequence[Atom],
    tangents: Sequence[Atom | None],
    tables: Tables = TABLES,
) -> tuple[Atom | None, ...]:
    """Emit the tangents of an equation's results.

    Parameters
    ----------
    b : Builder
        Where to emit.
    eqn : Eqn
        A pure operation.
    primals, results : sequence of Atom
        Its operands and results in the program that is built.
    tangents : sequence of Atom or None
        One for each operand, of its operand's shape; None for zero.

    Returns
    -------
    tuple of Atom or None
        One for each result; None for zero. It may have the smaller shape of an operand that broadcasts.
    """
    active = [t is not None for t in tangents]
    if is_constant(eqn.primitive) or not any(active):
        return (None,) * len(eqn.results)
    if eqn.primitive in tables.structural_of:
        return (tables.structural_of[eqn.primitive].jvp(b, eqn, primals, tangents),)
    rule, names = find_rule(eqn, active, tables)
    changes = {x: t for x, k in positions(rule, eqn).items() if (t := tangents[k]) is not None}
    values = dict(zip((*eqn.operands, *eqn.results), (*primals, *results), strict=True))
    masks, changes = unmasked(b, eqn, changes, rule.differentials)
    scope = Scope(b, Here(b, values), names, changes, tables)
    dots: list[Atom | None] = []
    for formula, result in zip(rule.differentials, eqn.results, strict=True):
        one = restricted(formula, changes) if differentiable(result.type) else None
        dots.append(None if one is None else remasked(b, scope.evaluate(one), masks))
    return tuple(dots)


def vjp_of(
    b: Builder,
    eqn: Eqn,
    primal: Primal,
    cotangents: Sequence[Atom | None],
    wanted: Sequence[bool],
    tables: Tables = TABLES,
) -> tuple[Atom | None, ...]:
    """Emit what an equation adds to the cotangents of its operands.

    Parameters
    ----------
    b : Builder
        Where to emit.
    eqn : Eqn
        A pure operation.
    primal : Primal
        Gives the values of operands and results; asked only for those that the transposed formula reads.
    cotangents : sequence of Atom or None
        One for each result; None for zero.
    wanted : sequence of bool
        Which operands are differentiated.

    Returns
    -------
    tuple of Atom or None
        One for each operand; None where it is zero or not wanted. Of elementwise operations it has the shape of the
        result, which may be larger than the operand's.
    """
    given = [(k, g) for k, g in enumerate(cotangents) if g is not None]
    bars: list[Atom | None] = [None] * len(eqn.operands)
    if is_constant(eqn.primitive) or not given or not any(wanted):
        return tuple(bars)
    if eqn.primitive in tables.structural_of:
        return tables.structural_of[eqn.primitive].transpose(b, eqn, primal, given[0][1], wanted)
    rule, names = find_rule(eqn, wanted, tables)
    for x, k in positions(rule, eqn).items():
        if not wanted[k]:
            continue
        for result, g in given:
            if x in rule.adjoints[result]:
                bar = contribution(b, eqn, rule.adjoints[result][x], primal, names, g, tables)
                before = bars[k]
                bars[k] = bar if before is None else b.emit("add", before, bar)
    return tuple(bars)


def contribution(
    b: Builder, eqn: Eqn, formula: Formula, primal: Primal, names: dict[str, Any], g: Atom, tables: Tables
) -> Atom:
    """A transposed formula, emitted."""
    if not isinstance(formula, Apply):
        return g
    masks, changes = unmasked(b, eqn, {"g": g}, [formula])
    return remasked(b, Scope(b, primal, names, changes, tables).evaluate(formula), masks)


# -- masks ----------------------------------------------------------------------------------------------------------
# A tangent or cotangent under a mask, where(c, g, 0), meets the coefficients of elementwise operations before its mask.
# So what a masked operation divides by, where its value was not taken, cannot make 0 / 0 of the zeros of the mask.


@dataclass(frozen=True)
class Flagged:
    """Zero where a flag is not on its chosen side."""

    flag: Atom
    chosen: bool

    def emit(self, b: Builder) -> Flagged:
        return self


@dataclass(frozen=True)
class Reduced:
    """Zero where all that was summed to one element is under a mask."""

    mask: Mask
    sum: Eqn

    def emit(self, b: Builder) -> Flagged:
        inner = self.mask.emit(b)
        flag = inner.flag if inner.chosen else b.emit("logical_not", inner.flag)
        if rank(flag.type) == 0:
            return Flagged(flag, True)
        operands = list(self.sum.operands)
        k = 1 if self.sum.primitive == "accumulate" else 0
        operands[k] = b.emit("cast", b.emit("broadcast_to", flag, *b.dims(operands[k])), dtype="int64")
        if k:
            operands[0] = b.zeros_like(operands[0], "int64")
        number = b.emit(self.sum.primitive, *operands, **dict(self.sum.params))
        return Flagged(b.emit("ne", number, const(0)), True)


@dataclass(frozen=True)
class Either:
    """Zero where both of two sums of masks say so."""

    sides: tuple[Masks, Masks]

    def emit(self, b: Builder) -> Flagged:
        both = []
        for masks in self.sides:
            flags = [m.emit(b) for m in masks]
            on = [f.flag if f.chosen else b.emit("logical_not", f.flag) for f in flags]
            both.append(reduce(lambda some, other: b.emit("logical_and", some, other), on))
        return Flagged(b.emit("logical_or", *both), True)


Mask = Flagged | Reduced | Either
#: what a change is under, the outermost first
Masks = tuple[Mask, ...]


def unmasked(
    b: Builder, eqn: Eqn, changes: dict[str, Atom], formulas: Sequence[Formula]
) -> tuple[Masks, dict[str, Atom]]:
    """The masks that changes have in common, and the changes without them.

    Those that have to be computed are looked for where a formula divides.
    """
    if not PRIMITIVES[eqn.primitive].elementwise or eqn.primitive == "where":
        return (), changes
    dividing = any(map(divides, formulas))
    found = {name: masked(b, g, dividing) for name, g in changes.items()}
    masks = {masks for masks, _ in found.values()}
    if len(masks) != 1:
        return (), changes
    return masks.pop(), {name: inner for name, (_, inner) in found.items()}


def divides(formula: Formula) -> bool:
    """Whether a formula has a pole: a divisor that may be zero, or a power of an operand."""
    match formula:
        case Apply("div", (_, Apply("nonzero"))):
            return False
        case Apply("div", (_, divisor)) if not isinstance(divisor, Literal):
            return True
        case Apply("pow"):
            return True
        case Apply(_, args):
            return any(map(divides, args))
    return False


def whole(b: Builder, eqn: Eqn) -> bool:
    """Whether an addition to zeros fills them, with other axes of length 1."""
    zeros = b.origin.get(eqn.operands[0]) if isinstance(eqn.operands[0], Value) else None
    return zeros is not None and zeros.primitive == "zeros" and {*eqn["index"]} == {"s000", "n"}


def remasked(b: Builder, dot: Atom, masks: Masks) -> Atom:
    """A change under its masks again."""
    for mask in reversed(masks):
        under = mask.emit(b)
        dot = b.emit("where", under.flag, *((dot, const(0.0)) if under.chosen else (const(0.0), dot)))
    return dot


def masked(b: Builder, g: Atom, dividing: bool) -> tuple[Masks, Atom]:
    """The masks that an atom is under, and what is under them."""
    if dividing and g in b.choices:
        return (Flagged(*b.choices[g]),), g
    eqn = b.origin.get(g) if isinstance(g, Value) else None
    if eqn is None:
        return (), g
    match eqn.primitive:
        case "where":
            flag, x, y = eqn.operands
            for inner, other, chosen in ((x, y, True), (y, x, False)):
                if isinstance(other, Const) and other.value == 0:
                    masks, inmost = masked(b, inner, dividing)
                    return (Flagged(flag, chosen), *masks), inmost
        case "let" | "copy":
            masks, inner = masked(b, eqn.operands[0], dividing)
            return (masks, inner) if masks else ((), g)
        case "add" | "sub" | "accumulate" if not dict(eqn.params).get("index"):
            first, second = (masked(b, o, dividing)[0] for o in eqn.operands)
            if first == second:
                return first, g
            return ((Either((first, second)),) if dividing and first and second else ()), g
        case "unbroadcast":
            return tuple(Reduced(m, eqn) for m in masked(b, eqn.operands[0], dividing)[0]), g
        case "sum" if dividing:
            return tuple(Reduced(m, eqn) for m in masked(b, eqn.operands[0], dividing)[0]), g
        case "accumulate" if dividing and whole(b, eqn):
            return tuple(Reduced(m, eqn) for m in masked(b, eqn.operands[1], dividing)[0]), g
        case "full" | "broadcast_to" if dividing:
            masks, _ = masked(b, eqn.operands[0], dividing)
            return tuple(m for m in masks if isinstance(m, Flagged) and rank(m.flag.type) == 0), g
    return (), g
