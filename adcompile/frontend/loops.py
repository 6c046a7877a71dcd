"""What a loop carries from one iteration to the next, found by lowering its body until nothing new changes in it.

Which iterations there are is said in `iteration` and `control`; what is in the body is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from adcompile.frontend.carried import (
    Carried,
    CarriedArray,
    CarriedObject,
    Header,
    Late,
    Location,
    Plan,
    carried_objects,
    held_by,
    is_nonnegative,
    same_spec,
)
from adcompile.frontend.core import BREAK, BROKE, CONTINUE, FALSE, RESULT, RETURN, TRUE, is_const
from adcompile.frontend.covering import Cover
from adcompile.frontend.merge import Merging
from adcompile.frontend.structure import (
    STALE,
    UNSET,
    ArrayRef,
    Missing,
    Obj,
    Ref,
    State,
    Step,
    remake,
    same,
)
from adcompile.ir.build import Frame
from adcompile.ir.nodes import Atom, Block, Const, Undef, Value
from adcompile.ir.types import INT, List


class Loops(Merging):
    """Adds loops to the lowering."""

    def __init__(self) -> None:
        super().__init__()
        #: the integers that are known not to be negative
        self.nonnegative: set[Value] = set()

    def loop(self, header: Header, body: Callable[[Value | None], None], plan: Plan) -> Atom:
        """Lower a loop and go on after it; returns the flag that says whether it was left by `break`."""
        entry = self.state
        dropped: set[Location] = set()
        while True:
            head, params = self.instantiate(plan, entry, header)
            index = Value(INT, header.index, header.span) if header.bounds else None
            if index is not None and header.bounds is not None:
                self.note_sign(index, header.bounds)
            self.state = end = head.copy()
            try:
                with self.b.block() as frame:
                    body(index)
                end = self.state
            finally:
                self.state = entry
            if self.grow(plan, entry, head, end, header):
                continue
            idle = [p for p in plan.specs if p not in dropped and same(self.held(head, p), self.held(end, p))]
            if end.dead or not idle:
                break
            # carried for nothing: predicted wrongly, or before another variable was found to be carried
            dropped.update(idle)
            for location in idle:
                del plan.specs[location]
        return self.emit_loop(header, plan, entry, end, frame, params, index)

    def held(self, state: State, location: Location) -> Any:
        """What a state holds at a location."""
        if isinstance(location, Obj):
            return state.heap.get(location)
        return state.variables[location[0]].get(location[1])

    def note_sign(self, index: Value, bounds: tuple[Atom, Atom, Atom]) -> None:
        """Remember that an index never is negative, if that is plain."""
        start, _, step = bounds
        if is_nonnegative(start, self.nonnegative) and isinstance(step, Const) and step.value > 0:
            self.nonnegative.add(index)

    # -- the head -----------------------------------------------------------------------------------------------

    def instantiate(self, plan: Plan, entry: State, header: Header) -> tuple[State, list[Value]]:
        """The state at the head of an iteration, with a parameter for each thing carried."""
        params: list[Value] = []

        def make(leaf: Carried) -> Atom:
            params.append(Value(leaf.type, leaf.name, leaf.span))
            return params[-1]

        head = entry.copy()
        self.install(plan, head, make)
        self.drop(head, header.head)
        return head, params

    def install(self, plan: Plan, state: State, make: Callable[[Carried], Atom]) -> None:
        """Put new atoms in the place of everything carried."""
        for location, spec in plan.specs.items():
            value = self.rebuild(spec, state, make)
            if isinstance(location, Obj):
                state.heap[location] = value
            else:
                state.variables[location[0]][location[1]] = value
        for pair in plan.entangled:
            state.entangle(*pair)

    def rebuild(self, spec: Any, state: State, make: Callable[[Carried], Atom]) -> Any:
        """A value with new atoms for the leaves of a spec."""
        match spec:
            case Carried():
                return make(spec)
            case CarriedArray(type_, obj):
                state.heap[obj] = make(Carried(type_, obj.name, obj.span))
                return ArrayRef(obj)
            case CarriedObject(obj, content):
                state.heap[obj] = self.rebuild(content, state, make)
                return Ref(obj)
            case ArrayRef(obj, path):
                steps = (
                    Step(s.primitive, tuple(self.rebuild(o, state, make) for o in s.operands), s.params) for s in path
                )
                return ArrayRef(obj, tuple(steps))
            case tuple():
                return remake(spec, [self.rebuild(part, state, make) for part in spec])
            case dict():
                return {k: self.rebuild(part, state, make) for k, part in spec.items()}
        return spec

    def drop(self, state: State, live: frozenset[str] | None) -> None:
        """Forget the variables that are not read any more."""
        if live is not None:
            names = state.variables[self.here.scope]
            for name in [n for n in names if n not in live and not n.startswith("<")]:
                del names[name]

    # -- growth -------------------------------------------------------------------------------------------------

    def grow(self, plan: Plan, entry: State, head: State, end: State, header: Header) -> bool:
        """Add to the plan what has changed in the body; whether there was anything."""
        if end.dead:
            return False
        grown = False
        for location, before, after in self.changes(entry, head, end, header):
            old = plan.specs.get(location, before)
            new = Cover(self, entry, end, location, after, header).of(old)
            if location not in plan.specs or not same_spec(old, new):
                plan.specs[location] = new
                grown = True
        pairs = self.sharing(plan, entry, end)
        if not pairs <= plan.entangled:
            plan.entangled |= pairs
            grown = True
        return grown

    def changes(self, entry: State, head: State, end: State, header: Header) -> Iterator[tuple[Location, Any, Any]]:
        """The locations whose content differs between the head and the end of the body."""
        for scope, names in head.variables.items():
            for name, before in names.items():
                after = end.variables[scope].get(name, UNSET)
                if (
                    name not in (BREAK, CONTINUE, RETURN, RESULT, BROKE)
                    and after is not UNSET
                    and not same(before, after)
                ):
                    yield (scope, name), before, after
        kept = self.kept(head, header.head)
        for obj, before in head.heap.items():
            if obj in kept and obj in entry.heap and not same(before, end.heap.get(obj, before)):
                yield obj, before, end.heap[obj]

    def sharing(self, plan: Plan, entry: State, end: State) -> set[frozenset[Obj]]:
        """The pairs of objects that may share memory at the head of some iteration."""
        carried: list[tuple[Obj, Obj, Obj]] = []
        for location, spec in plan.specs.items():
            first, last = self.held(entry, location), self.held(end, location)
            carried += carried_objects(spec, first, last, entry, end)
            if isinstance(location, Obj):
                carried += held_by(location, spec, first, last)
        pairs = {
            frozenset((a, b))
            for a, others in end.entangled.items()
            for b in others
            if a in entry.heap and b in entry.heap
        }
        for k, (obj, first, last) in enumerate(carried):
            before = entry.entangled.get(first, frozenset()) | {first}
            after = end.entangled.get(last, frozenset()) | {last}
            pairs |= {frozenset((obj, o)) for o in before | after if o in entry.heap and o is not obj}
            for other, first2, last2 in carried[:k]:
                if other is not obj and (first2 in before or last2 in after):
                    pairs.add(frozenset((obj, other)))
        return pairs

    # -- emission -----------------------------------------------------------------------------------------------

    def emit_loop(
        self,
        header: Header,
        plan: Plan,
        entry: State,
        end: State,
        frame: Frame,
        params: list[Value],
        index: Value | None,
    ) -> Atom:
        """Append the loop, and set the state after it."""
        with self.on(frame, end):
            nexts = list(self.leaves(plan, end))
            stop = self.stop_flag()
        late = self.late(plan, entry, end, header, stop)
        inits = [*self.leaves(plan, entry), *late.inits]
        for k, atom in enumerate(late.nexts):
            params.append(Value(atom.type, late.names[k], header.span))
            nexts.append(atom)
        breaks = not is_const(stop, False)
        block = self.b.finish(frame, [p for p in (index,) if p is not None] + params, nexts + [stop] * breaks)
        if header.bounds is not None:
            results, _ = self.b.for_(header.bounds, inits, block, breaks=breaks, parallel=header.parallel)
            endless = False
        else:
            cond = self.condition_block(header, plan, entry, late)
            endless = is_const(cond.results[0], True)
            results, _ = self.b.while_(inits, cond, block, breaks=breaks)
        return self.finish_loop(header, plan, late, end, results, endless)

    def condition_block(self, header: Header, plan: Plan, entry: State, late: Late) -> Block:
        """The block that decides on another iteration, over parameters of its own."""
        assert header.cond is not None
        head, params = self.instantiate(plan, entry, header)
        params += [Value(atom.type, name, header.span) for atom, name in zip(late.nexts, late.names, strict=True)]
        before, self.state = self.state, head
        try:
            with self.b.block() as frame:
                flag = header.cond()
        finally:
            self.state = before
        return self.b.finish(frame, params, (flag,))

    def stop_flag(self) -> Atom:
        """Whether this iteration is the last because of a `break` or a `return`."""
        if self.state.dead:
            return FALSE
        flags = [f for f in (self.flag(BREAK), self.flag(RETURN)) if not is_const(f, False)]
        if any(is_const(f, True) for f in flags):
            return TRUE
        if len(flags) == 2:
            both: Atom = self.b.emit("logical_or", *flags)
            return both
        return flags[0] if flags else FALSE

    def leaves(self, plan: Plan, state: State) -> Iterator[Atom]:
        """What a state holds at each place that is carried, in the types carried."""
        before, self.state = self.state, state
        try:
            for location, spec in plan.specs.items():
                yield from self.leaf_atoms(spec, self.held(state, location))
        finally:
            self.state = before

    def leaf_atoms(self, spec: Any, value: Any) -> Iterator[Atom]:
        """The atoms of a value in the order of a spec's leaves."""
        match spec:
            case Carried(type_) if self.state.dead:
                yield Undef(type_)
            case CarriedArray(type_) if self.state.dead:
                yield Undef(type_)
            case Carried(List(element)):
                yield self.elements_to_list(value, element)
            case Carried(type_):
                yield self.bring(value, type_)
            case CarriedArray(type_):
                yield self.bring(self.materialise(value), type_)
            case CarriedObject(_, content):
                yield from self.leaf_atoms(content, None if self.state.dead else self.state.content(value.obj))
            case ArrayRef():
                for p, q in zip(spec.path, value.path, strict=True):
                    for x, y in zip(p.operands, q.operands, strict=True):
                        yield from self.leaf_atoms(x, y)
            case tuple() | dict():
                keys = spec if isinstance(spec, dict) else range(len(spec))
                for k in keys:
                    yield from self.leaf_atoms(spec[k], value[k] if not self.state.dead else None)

    def late(self, plan: Plan, entry: State, end: State, header: Header, stop: Atom) -> Late:
        """What the last iteration leaves behind that no iteration reads."""
        late = Late(end, set(entry.heap), header.span)
        if end.dead:
            return late
        home = self.home()
        flags = end.variables[home]
        if not is_const(flags[RETURN], False):
            late.add((home, RETURN), flags[RETURN], init=FALSE)
            late.add((home, RESULT), flags[RESULT])
        if header.tells and not is_const(flags[BREAK], False):
            late.add((home, BROKE), flags[BREAK], init=FALSE)
        scope = self.here.scope
        for name, value in end.variables[scope].items():
            known = entry.variables[scope].get(name, UNSET)
            wanted = header.after is None or name in header.after
            if (known is UNSET or isinstance(known, Missing)) and wanted and not name.startswith("<"):
                if header.runs and not isinstance(value, Missing):
                    late.add((scope, name), value)
                elif isinstance(value, Missing) and value.value is not UNSET and (header.tells or header.endless):
                    late.add((scope, name), value.value)
                    late.partial[name] = value
                elif known is UNSET:
                    late.specs[scope, name] = (
                        value
                        if isinstance(value, Missing)
                        else Missing(
                            f"`{name}` has no value here",
                            f"assigned only inside {header.place}, which may run zero times",
                            f"assign `{name}` before the loop",
                        )
                    )
        return late

    def finish_loop(
        self, header: Header, plan: Plan, late: Late, end: State, results: tuple[Value, ...], endless: bool
    ) -> Atom:
        """The state after the loop."""
        atoms = iter(results)
        state = self.state
        for obj, before in state.heap.items():
            if obj not in plan.specs and not same(before, end.heap.get(obj, before)):
                state.heap[obj] = STALE
        self.install(plan, state, lambda leaf: next(atoms))
        self.install(Plan(late.specs), state, lambda leaf: next(atoms))
        for a, others in end.entangled.items():
            for b in others:
                if a in state.heap and b in state.heap:
                    state.entangle(a, b)
        self.drop(state, header.after)
        for name, value in self.variables.items():
            if name in late.partial and not endless:
                self.variables[name] = replace(late.partial[name], value=value)
            elif isinstance(value, Missing):
                self.variables[name] = replace(value, value=UNSET)
        broke: Atom = self.flag(BROKE) if (self.home(), BROKE) in late.specs else FALSE
        self.set_flag(BROKE, FALSE)
        if endless and is_const(end.variables[self.home()][BREAK], False):
            if is_const(self.flag(RETURN), False):
                state.dead = True
            else:
                self.set_flag(RETURN, TRUE)
        return broke
