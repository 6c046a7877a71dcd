"""The second phase of loading: every line of the tables is read, checked, and refused at its own place if it is wrong.

Whether a differential is the *right* one is for the generated tests.
"""

from __future__ import annotations

from collections.abc import Collection

from adcompile.ir.primitives import PRIMITIVES
from adcompile.notation.match import LINEAR, found_in, restricted, transposed, varies
from adcompile.notation.parse import (
    Apply,
    Differential,
    Formula,
    Literal,
    Name,
    Star,
    Text,
    parse,
    parse_equations,
    parts,
    rebuilt,
)
from adcompile.notation.tables import TABLES, Rewrite, Rule, Structural, Tables, Transpose

#: operations of formulas that stand for axis lengths or a dtype, not for values
FACTS = ("dims", "dtype")


def check_tables(tables: Tables = TABLES) -> None:
    """Read and check every line that has been entered.

    Raises
    ------
    RuleError
        At the first line that is wrong.
    """
    for line in tables.constants:
        for name in line.names.text.split():
            known_primitive(name, line.names)
            tables.constant_names.add(name)
    for structural in tables.structurals:
        check_structural(structural, tables)
    for entry in tables.transposes:
        check_transpose(entry, tables)
    for entry in tables.transposes:
        check_linear_in_cotangent(entry, tables)
    for rule in tables.rules:
        check_rule(rule, tables)
    for simpler in tables.rewrites:
        check_rewrite(simpler, tables)


def known_primitive(name: str, text: Text) -> None:
    if name not in PRIMITIVES:
        start = text.text.find(name)
        raise text.error(f"there is no primitive `{name}`", (start, start + len(name)))


def check_structural(line: Structural, tables: Tables) -> None:
    known_primitive(line.name.text, line.name)
    refuse_constant(line.name.text, line.name, tables)
    tables.structural_of[line.name.text] = line


def refuse_constant(name: str, text: Text, tables: Tables) -> None:
    if name in tables.constant_names:
        raise text.error(f"`{name}` has a derivative of zero by a line of its own", help="delete one of the two lines")


def check_rule(rule: Rule, tables: Tables) -> None:
    """Read a rule, check its two sides, and transpose it for each operand."""
    ((rule.results, pattern),) = parse_equations(rule.left)
    rule.pattern = check_pattern(pattern, rule.left)
    known_primitive(rule.pattern.op, rule.left)
    refuse_constant(rule.pattern.op, rule.left, tables)
    operands = check_operands(rule)
    changes = {f"d{n}" for n in operands}
    given: dict[str, Formula] = {}
    for names, right in parse_equations(rule.right):
        given[names[0]] = rebuilt(
            right, lambda f: Differential(f.name[1:], f.where) if isinstance(f, Name) and f.name in changes else None
        )
    if list(given) != [f"d{r}" for r in rule.results]:
        raise rule.right.error(
            f"the differentials to give are {', '.join(f'd{r}' for r in rule.results)}, in this order"
        )
    params = set(PRIMITIVES[rule.pattern.op].params)
    known = {*operands, *rule.results, *params, *names_in(rule.pattern)}
    for formula in given.values():
        check_names(formula, known, rule.right, tables)
        if not is_zero(formula):
            check_linear(formula, rule.right, tables)
    rule.differentials = tuple(given.values())
    rule.adjoints = tuple(adjoints(f, rule.right, tables) for f in rule.differentials)
    tables.rules_of.setdefault(rule.pattern.op, []).append(rule)


def adjoints(differential: Formula, text: Text, tables: Tables) -> dict[str, Formula]:
    """A differential transposed, for each operand that it has."""
    result = {}
    for name in dict.fromkeys(p.name for p in parts(differential) if isinstance(p, Differential)):
        one = restricted(differential, {name})
        assert one is not None
        result[name] = transposed(one, Name("g"), tables, text)
    return result


def check_pattern(pattern: Formula, text: Text) -> Apply:
    if not isinstance(pattern, Apply):
        raise text.error("this is to be an operation", pattern.where)
    return pattern


def names_in(formula: Formula) -> list[str]:
    return list(dict.fromkeys(p.name for p in parts(formula) if isinstance(p, Name)))


def check_operands(rule: Rule) -> list[str]:
    """The names of a rule's operands; its static parameters stand last, under their own names."""
    params = PRIMITIVES[rule.pattern.op].params
    cut = len(rule.pattern.args) - len(params)
    if tuple(str(a) for a in rule.pattern.args[cut:]) != params:
        raise rule.left.error(f"`{rule.pattern.op}` ends with its parameters {', '.join(params)}", rule.pattern.where)
    operands: list[str] = []
    for arg in rule.pattern.args[:cut]:
        operands += [n for n in names_in(arg) if n not in operands and not isinstance(arg, Star)]
    if set(operands) != set(rule.domains):
        raise rule.left.error(f"each operand needs a domain: {', '.join(operands)}", rule.pattern.where)
    return operands


def is_zero(formula: Formula) -> bool:
    return isinstance(formula, Literal) and formula.value == 0


def check_names(formula: Formula, names: Collection[str], text: Text, tables: Tables) -> None:
    """Every name is known, and every operation a primitive, an operation of the tables, or a function of parameters."""
    for part in parts(formula):
        match part:
            case Name(name, where) if name not in names:
                raise text.error(f"`{name}` is neither an operand, a result nor a parameter", where)
            case Apply(op, _, where) if not (
                op in PRIMITIVES or op in tables.operations or op in tables.statics or op in FACTS
            ):
                raise text.error(f"there is no operation `{op}`", where)


def check_linear(formula: Formula, text: Text, tables: Tables) -> None:
    """Each term has exactly one differential, inside operations that are known to be linear."""
    match formula:
        case Differential():
            return
        case Apply("add" | "sub" | "neg", args):
            for a in args:
                if not varies(a):
                    raise text.error("this term has no differential", a.where)
                check_linear(a, text, tables)
        case Apply():
            _, bound = found_in(formula, tables, text)
            for name in LINEAR:
                if name in bound:
                    check_linear(bound[name], text, tables)
        case _:
            raise text.error("this has no differential", formula.where)


def check_transpose(line: Transpose, tables: Tables) -> None:
    """Read a transpose and enter it under its operation."""
    line.pattern = check_pattern(parse(line.left), line.left)
    if not (line.pattern.op in PRIMITIVES or line.pattern.op in tables.operations):
        raise line.left.error(f"there is no operation `{line.pattern.op}`", line.pattern.where)
    names = names_in(line.pattern)
    variables = [n for n in LINEAR if n in names]
    if variables != list(LINEAR[: len(line.rights)]):
        raise line.left.error("give one transpose for each of the linear operands `u`, `v`")
    line.formulas = tuple(parse(r) for r in line.rights)
    for formula, text in zip(line.formulas, line.rights, strict=True):
        check_names(formula, {*names, "g"}, text, tables)
    tables.transposes_of.setdefault(line.pattern.op, []).append(line)


def check_linear_in_cotangent(line: Transpose, tables: Tables) -> None:
    """A transpose is itself linear in `g`."""
    for formula, text in zip(line.formulas, line.rights, strict=True):
        in_g = rebuilt(formula, lambda f: Differential("g", f.where) if isinstance(f, Name) and f.name == "g" else None)
        check_linear(in_g, text, tables)


def check_rewrite(line: Rewrite, tables: Tables) -> None:
    """Read a simplification; it may not need what its left side does not have."""
    line.pattern = check_pattern(parse(line.left), line.left)
    line.formula = parse(line.right)
    names = names_in(line.pattern)
    check_names(line.pattern, names, line.left, tables)
    check_names(line.formula, names, line.right, tables)
    known_primitive(line.pattern.op, line.left)
    tables.rewrites_of.setdefault(line.pattern.op, []).append(line)
