"""Which variables of a function may still be read after each of its statements.

A look at the syntax alone: it never evaluates anything, and calls a variable live where it is not sure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import gast

from adcompile.frontend.parse import names_in

Names = frozenset[str]


@dataclass
class Liveness:
    """Live names by statement: after it, and, for loops, where each iteration begins."""

    after: dict[Any, Names] = field(default_factory=dict)
    head: dict[Any, Names] = field(default_factory=dict)
    #: names that nested functions read, whenever they are called
    captured: Names = frozenset()

    def beyond(self, stmt: Any) -> Names:
        """What may be read after a statement, or by the statement itself after it has read a name for the first time."""
        after = self.after.get(stmt, frozenset())
        match stmt:
            case gast.If():
                return after | repeated(stmt.test) | reads(*stmt.body, *stmt.orelse)
            case gast.For():
                return after | repeated(stmt.iter) | reads(*stmt.body, *stmt.orelse)
            case gast.While():
                return after | reads(stmt)
        return after | repeated(stmt)


def reads(*trees: Any) -> Names:
    """The names that trees read."""
    return frozenset(n for tree in trees if tree is not None for n in names_in(tree, gast.Load))


def repeated(stmt: Any) -> Names:
    """The names that one simple statement reads more than once, or may read more than once."""
    seen: list[str] = []
    for node in gast.walk(stmt):
        if isinstance(node, gast.Name) and isinstance(node.ctx, gast.Load):
            seen.append(node.id)
        if isinstance(node, gast.ListComp | gast.GeneratorExp | gast.DictComp | gast.Lambda):
            seen += [*names_in(node, gast.Load)] * 2
    return frozenset(n for n in seen if seen.count(n) > 1)


def assigned_names(target: Any) -> Names:
    """The variables that an assignment to a target rebinds for certain."""
    match target:
        case gast.Name():
            return frozenset({target.id})
        case gast.Tuple() | gast.List():
            return frozenset().union(*(assigned_names(e) for e in target.elts))
        case gast.Starred():
            return assigned_names(target.value)
    return frozenset()


def liveness(function: Any) -> Liveness:
    """Analyse the body of a function."""
    facts = Liveness()
    captured: set[str] = set()
    for node in gast.walk(function):
        if node is not function and isinstance(node, gast.FunctionDef | gast.Lambda):
            captured |= reads(node)
    facts.captured = frozenset(captured)
    if isinstance(function, gast.FunctionDef):
        Walk(facts).block(function.body, frozenset())
    return facts


class Walk:
    """One pass backwards over a function; loops are walked until nothing is added."""

    def __init__(self, facts: Liveness) -> None:
        self.facts = facts
        #: what is live where `break` and `continue` lead
        self.targets: list[tuple[Names, Names]] = []

    def block(self, stmts: Iterable[Any], out: Names) -> Names:
        """The names live before a list of statements."""
        for stmt in reversed(list(stmts)):
            self.facts.after[stmt] = out | self.facts.captured
            out = self.statement(stmt, out)
        return out

    def statement(self, stmt: Any, out: Names) -> Names:
        """The names live before a statement, given those live after it."""
        match stmt:
            case gast.If():
                return reads(stmt.test) | self.block(stmt.body, out) | self.block(stmt.orelse, out)
            case gast.For():
                bound = assigned_names(stmt.target)
                head = self.loop(stmt, out, lambda body: (body - bound) | reads(stmt.target))
                return head | reads(stmt.iter)
            case gast.While():
                return self.loop(stmt, out, lambda body: body | reads(stmt.test))
            case gast.Break():
                return self.targets[-1][0]
            case gast.Continue():
                return self.targets[-1][1]
            case gast.Return() | gast.Raise():
                return reads(stmt)
            case gast.Assign():
                bound = frozenset().union(*(assigned_names(t) for t in stmt.targets))
                return (out - bound) | reads(stmt)
            case gast.AnnAssign():
                return (out - assigned_names(stmt.target)) | reads(stmt.value, stmt.target)
            case gast.AugAssign():
                return out | reads(stmt) | assigned_names(stmt.target)
            case gast.FunctionDef():
                return (out - {stmt.name}) | reads(stmt)
            case gast.Match():
                return reads(stmt.subject, *stmt.cases).union(*(self.block(c.body, out) for c in stmt.cases), out)
            case gast.With():
                return reads(*stmt.items) | self.block(stmt.body, out)
        return out | reads(stmt)

    def loop(self, stmt: Any, out: Names, before_body: Any) -> Names:
        """The names live at the head of a loop."""
        done = self.block(stmt.orelse, out)
        head: Names = done
        while True:
            self.targets.append((out, head))
            grown = head | before_body(self.block(stmt.body, head))
            self.targets.pop()
            if grown == head:
                break
            head = grown
        self.facts.head[stmt] = head | self.facts.captured
        return head
