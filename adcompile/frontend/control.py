"""Branches and loops, and how `break`, `continue` and `return` become conditions on the rest of a block.

A path that leaves a block sets a flag. What follows is then lowered only where the flag is not set: inside the other branch of the
`if` where that is plain, else under a condition of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gast

from adcompile.frontend.carried import Carried, Header, Plan
from adcompile.frontend.core import EXITS, Unreachable, is_const
from adcompile.frontend.iteration import target_name
from adcompile.frontend.liveness import assigned_names, reads
from adcompile.frontend.merge import Path
from adcompile.frontend.operators import is_sequence
from adcompile.frontend.statements import Statements
from adcompile.frontend.structure import UNSET, ArrayRef, Missing, State, is_scalar
from adcompile.frontend.subset import refuse_syntax
from adcompile.ir.build import const
from adcompile.ir.nodes import Const, Eqn, If, Node, Value, blocks_of
from adcompile.ir.primitives import PRIMITIVES


class Control(Statements):
    """Adds blocks of statements, branches and loops to the lowering."""

    def __init__(self) -> None:
        super().__init__()
        #: loops whose test has been moved into the body
        self.rewritten: dict[Any, Any] = {}

    def execute(self, stmts: Sequence[Any]) -> None:
        """Carry out statements in order, as far as they are reached."""
        for k, stmt in enumerate(stmts):
            if self.state.dead or is_const(self.pending(), True):
                return
            self.here.live = self.here.liveness.beyond(stmt) | self.here.targets
            with self.at(stmt):
                if not is_const(self.pending(), False):
                    self.unless_pending(lambda rest=stmts[k:]: self.execute(rest), self.live_after(stmts))  # type: ignore[misc]
                    return
                try:
                    if isinstance(stmt, gast.If):
                        if self.execute_if(stmt, stmts[k + 1 :]):
                            return
                    else:
                        self.statement(stmt)
                except Unreachable:
                    self.state.dead = True
                except RecursionError:
                    self.refuse(stmt, "this is nested too deeply")

    def live_after(self, stmts: Sequence[Any]) -> frozenset[str]:
        """What may be read after a block, wherever it is left to."""
        return self.here.liveness.after.get(stmts[-1], frozenset()) | self.here.targets

    def execute_if(self, stmt: Any, rest: Sequence[Any]) -> bool:
        """Carry out an `if`; whether the rest of the block was carried out inside it."""
        flag = self.condition(stmt.test)
        if isinstance(flag, Const):
            self.execute(stmt.body if flag.value else stmt.orelse)
            return False
        paths = self.branch(lambda: self.execute(stmt.body)), self.branch(lambda: self.execute(stmt.orelse))
        leaves = [self.leaves_for_certain(path.state) for path in paths]
        consumed = bool(rest) and leaves[0] != leaves[1]
        if consumed:
            stays = paths[leaves.index(False)]
            self.go_on(stays, rest)
        live = self.live_after([stmt, *rest] if consumed else [stmt])
        self.join(flag, *paths, live)
        return consumed

    def leaves_for_certain(self, state: State) -> bool:
        """Whether a path never reaches the next statement, but something after it."""
        names = state.variables[self.home()]
        return not state.dead and any(is_const(names[name], True) for name in EXITS)

    def go_on(self, path: Path, rest: Sequence[Any]) -> None:
        """Carry out statements at the end of a path."""
        before, self.state = self.state, path.state
        try:
            with self.resume(path.frame):
                self.execute(rest)
        finally:
            path.state, self.state = self.state, before

    # -- loops --------------------------------------------------------------------------------------------------

    def execute_For(self, stmt: Any) -> None:
        iterable = self.evaluate(stmt.iter)
        header = self.header(stmt)
        header.index = target_name(stmt.target)

        def body(item: Any) -> None:
            self.assign(stmt.target, item)
            self.execute(stmt.body)

        outer, self.here.targets = self.here.targets, (header.head or frozenset()) | (header.after or frozenset())
        try:
            with self.at(stmt.iter):
                broke = self.iterate(iterable, body, header, self.predicted(stmt))
        finally:
            self.here.targets = outer
        self.otherwise(stmt, broke)

    def execute_While(self, stmt: Any) -> None:
        first = self.probe(stmt)
        if is_const(first, False):
            self.execute(stmt.orelse)
            return
        if first is None:
            stmt = self.with_test_inside(stmt)
        header = self.header(stmt)
        header.runs = is_const(first, True)
        header.endless = isinstance(stmt.test, gast.Constant)
        header.cond = (lambda: self.condition(stmt.test)) if first is not None else (lambda: const(True))
        outer, self.here.targets = self.here.targets, (header.head or frozenset()) | (header.after or frozenset())
        try:
            broke = self.loop(header, lambda _: self.execute(stmt.body), self.predicted(stmt))
        finally:
            self.here.targets = outer
        if first is not None:
            self.otherwise(stmt, broke)

    def header(self, stmt: Any) -> Header:
        """What is known of a loop from its syntax."""
        facts = self.here.liveness
        after = facts.after.get(stmt, frozenset()) | reads(*stmt.orelse)
        return Header(
            self.span(stmt),
            tells=bool(stmt.orelse),
            head=facts.head.get(stmt, frozenset()) | after,
            after=after | self.here.targets,
        )

    def otherwise(self, stmt: Any, broke: Any) -> None:
        """Carry out the `else` of a loop where it was not left by `break`."""
        if not stmt.orelse or self.state.dead:
            return
        if is_const(broke, True):
            self.left_by_break()
        elif is_const(broke, False):
            self.execute(stmt.orelse)
        else:
            self.choose(broke, self.left_by_break, lambda: self.execute(stmt.orelse), self.live_after([stmt]))

    def left_by_break(self) -> None:
        """Go on where a loop was left by `break`: variables assigned on the way there have their values."""
        for name, value in self.variables.items():
            if isinstance(value, Missing) and value.value is not UNSET:
                self.variables[name] = value.value

    def probe(self, stmt: Any) -> Any:
        """The condition of a `while` before its first iteration; None if it changes anything or may do harm."""
        held: list[Any] = []
        path = self.branch(lambda: held.append(self.condition(stmt.test)))
        if path.state.dead or not self.unchanged(path.state) or not all(map(is_pure, path.frame.nodes)):
            return None
        return held[0]

    def with_test_inside(self, stmt: Any) -> Any:
        """``while test: body`` as ``while True: if not test: orelse; break`` and then the body."""
        if stmt not in self.rewritten:
            if any(isinstance(node, gast.Break) for part in stmt.orelse for node in gast.walk(part)):
                refuse_syntax(stmt, self.span(stmt.test))
            leave = gast.copy_location(gast.Break(), stmt.test)
            test = gast.copy_location(gast.UnaryOp(op=gast.Not(), operand=stmt.test), stmt.test)
            check = gast.copy_location(gast.If(test=test, body=[*stmt.orelse, leave], orelse=[]), stmt.test)
            true = gast.copy_location(gast.Constant(value=True, kind=None), stmt.test)
            loop = gast.copy_location(gast.While(test=true, body=[check, *stmt.body], orelse=[]), stmt)
            facts = self.here.liveness
            live = facts.head.get(stmt, frozenset()) | facts.after.get(stmt, frozenset()) | reads(stmt)
            facts.head[loop], facts.after[loop] = (
                facts.head.get(stmt, frozenset()) | live,
                facts.after.get(stmt, frozenset()),
            )
            facts.after[check] = facts.after[leave] = live
            self.rewritten[stmt] = loop
        return self.rewritten[stmt]

    def predicted(self, stmt: Any) -> Plan:
        """What a loop carries, as far as its syntax tells; `loops` finds the rest."""
        plan = Plan()
        head = self.here.liveness.head.get(stmt, frozenset())
        for name in dict.fromkeys(changed_names(stmt.body)):
            value = self.variables.get(name)
            if name in head and isinstance(value, Value | Const) and is_scalar(value):
                plan.specs[self.here.scope, name] = Carried(value.type, name, self.b.span)
        for name in dict.fromkeys(stored_names(stmt.body)):
            value = self.variables.get(name) if name not in changed_names(stmt.body) else None
            if isinstance(value, ArrayRef) and value.obj in self.state.heap and value.obj not in plan.specs:
                plan.specs[value.obj] = Carried(self.state.heap[value.obj].type, value.obj.name or name, self.b.span)
        return plan

    # -- match --------------------------------------------------------------------------------------------------

    def execute_Match(self, stmt: Any) -> None:
        subject = self.evaluate(stmt.subject)
        self.match_from(stmt, subject, 0)

    def match_from(self, stmt: Any, subject: Any, k: int) -> None:
        """Carry out the first case from here on that matches."""
        if k == len(stmt.cases):
            return
        case, captured = stmt.cases[k], dict[str, Any]()
        flag = self.matches(case.pattern, subject, captured)

        def body() -> None:
            self.execute(case.body)

        def rest() -> None:
            self.match_from(stmt, subject, k + 1)

        def guarded() -> None:
            for name, value in captured.items():
                self.bind(name, value)
            if case.guard is None:
                body()
            else:
                self.decide(self.condition(case.guard), body, rest, stmt)

        if captured or case.guard is None or isinstance(flag, Const):
            self.decide(flag, guarded, rest, stmt)
        else:
            self.decide(self.b.emit("logical_and", flag, self.condition(case.guard)), body, rest, stmt)

    def decide(self, flag: Any, then: Callable[[], None], orelse: Callable[[], None], stmt: Any) -> None:
        """Carry out one side of a statement, or both where the flag is known at run time only."""
        if isinstance(flag, Const):
            then() if flag.value else orelse()
        else:
            self.choose(flag, then, orelse, self.live_after([stmt]))

    def matches(self, pattern: Any, subject: Any, captured: dict[str, Any]) -> Any:
        """Whether a value matches a pattern; what it names is captured."""
        with self.at(pattern):
            match pattern:
                case gast.MatchValue():
                    return self.truth(self.compare(gast.Eq(), subject, self.evaluate(pattern.value)))
                case gast.MatchSingleton():
                    return const(
                        self.identical(subject, pattern.value if pattern.value is None else const(pattern.value))
                    )
                case gast.MatchAs():
                    inner = pattern.pattern
                    flag: Any = const(True) if inner is None else self.matches(inner, subject, captured)
                    if pattern.name is not None:
                        captured[pattern.name] = subject
                    return flag
                case gast.MatchOr():
                    flag = const(False)
                    for part in pattern.patterns:
                        flag = self.b.emit("logical_or", flag, self.matches(part, subject, {}))
                    return flag
                case gast.MatchSequence():
                    return self.matches_sequence(pattern, subject, captured)
            return refuse_syntax(gast.Match(subject=None, cases=[]), self.span(pattern))

    def matches_sequence(self, pattern: Any, subject: Any, captured: dict[str, Any]) -> Any:
        """Whether a tuple, or a list of known length, matches a pattern for each of its elements."""
        parts = self.parts(subject) if is_sequence(subject) else None
        if parts is None or any(isinstance(p, gast.MatchStar) for p in pattern.patterns):
            return refuse_syntax(gast.Match(subject=None, cases=[]), self.span(pattern))
        if len(parts) != len(pattern.patterns):
            return const(False)
        flag: Any = const(True)
        for inner, part in zip(pattern.patterns, parts, strict=True):
            flag = self.b.emit("logical_and", flag, self.matches(inner, part, captured))
        return flag


def changed_names(stmts: Sequence[Any]) -> list[str]:
    """The variables that statements bind anew, nested functions left out."""
    found: list[str] = []
    for stmt in stmts:
        match stmt:
            case gast.Assign():
                found += [n for t in stmt.targets for n in sorted(assigned_names(t))]
            case gast.AugAssign() | gast.AnnAssign():
                found += sorted(assigned_names(stmt.target))
            case gast.If() | gast.For() | gast.While():
                found += changed_names(stmt.body) + changed_names(stmt.orelse)
    return found


def stored_names(stmts: Sequence[Any]) -> list[str]:
    """The variables whose parts statements assign."""
    found: list[str] = []
    for stmt in stmts:
        for node in gast.walk(stmt):
            targets = (
                node.targets
                if isinstance(node, gast.Assign)
                else [node.target]
                if isinstance(node, gast.AugAssign)
                else []
            )
            for target in targets:
                owner = target
                while isinstance(owner, gast.Subscript):
                    owner = owner.value
                if owner is not target and isinstance(owner, gast.Name):
                    found.append(owner.id)
    return found


def is_pure(node: Node) -> bool:
    """Whether a node changes nothing and can be run again."""
    if isinstance(node, Eqn):
        about = PRIMITIVES[node.primitive]
        return about.consumes is None and not about.effect
    return isinstance(node, If) and all(is_pure(n) for block in blocks_of(node) for n in block.nodes)
