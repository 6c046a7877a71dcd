"""Reverses a loop within a budget of memory: a few of its states are kept, and iterations run again from the nearest.

In place of tapes that grow with the number of iterations. What an iteration needs of the one before, its state, is kept by the
forward sweep at the places of the binomial schedule (`runtime/checkpoints.py`), or, where the number of iterations is not known
beforehand, at equal distances that double. The reverse sweep goes back by single iterations: from the last state that is kept it runs
to the iteration, keeping further states on the way where there is room, and reverses that one alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from adcompile.analyses.draws import require_no_draws
from adcompile.errors import BUDGET, Unsupported, too_small
from adcompile.ir.build import Builder, const, zero
from adcompile.ir.guards import refuse_where
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, Node, Undef, Value, While
from adcompile.ir.types import INT, Array, Scalar, Type, dtype_of, rank
from adcompile.ir.walk import clone, each_node, free_values, reads, silent, substitute
from adcompile.transforms.account import called
from adcompile.transforms.calls import Functions
from adcompile.transforms.jvp import Derived
from adcompile.transforms.prune import prune
from adcompile.transforms.record import INTEGER_ARITHMETIC, Facts, Plan, Recorder, Restore, counter, trip_count

if TYPE_CHECKING:
    from adcompile.transforms.vjp import Sweep

#: as many states as are of use where the number of iterations is not known: a million are reversed running each three times
MOST = 1024

#: makes the adjoint of one iteration
Adjoint = Callable[[Function, Sequence[Value], Sequence[Value]], Derived]
Lengths = dict[tuple[Value, int], Value]


def carried_by(loop: For | While) -> tuple[Value, ...]:
    """The parameters that a loop hands from one iteration to the next."""
    return loop.body.params[isinstance(loop, For) :]


def find(facts: Facts, plan: Plan, budget: int, adjoint: Adjoint, functions: Functions) -> dict[Node, Kept]:
    """The outermost loops whose tapes give way to states, each with its part of the budget.

    A loop whose state has more axes than the tape of one iteration keeps its tape: one state would take as much memory.
    """
    found: list[Kept] = []
    for loop in dict.fromkeys(facts.places.of[v].loops[0] for v in plan.recorded):
        kept = Kept.make(facts, loop, adjoint, functions)
        if axes_of_tape(facts, plan, loop) >= max((rank(p.type) for p in kept.state), default=0):
            kept.require_fixed()
            require_no_draws(replace(facts.fn, body=loop.body), functions, "a budget runs iterations again")
            found.append(kept)
    for kept in found:
        kept.parts, kept.budget = len(found), budget
    return {kept.loop: kept for kept in found}


def axes_of_tape(facts: Facts, plan: Plan, loop: For | While) -> int:
    """How many axes the tape of one iteration has."""
    inside = [v for v in plan.recorded if facts.places.of[v].loops[0] is loop]
    return max(len(facts.places.of[v].loops) - 1 + rank(v.type) for v in inside)


@dataclass
class Kept:
    """A loop that is reversed from states that are kept.

    Attributes
    ----------
    adjoint, onward : Function
        Of one iteration: its adjoint, and the state after it; both of the parameters of the body, `free`, and lengths, the adjoint of
        cotangents as well.
    free : tuple of Value
        What iterations read of the program around the loop.
    state : list of Value
        The carried values that another iteration needs.
    lengths : dict
        A parameter for each length of a carried array that is asked for.
    budget, parts : int
        Bytes for all loops of this kind, and how many there are.
    """

    facts: Facts
    loop: For | While
    adjoint: Derived
    onward: Function
    free: tuple[Value, ...]
    state: list[Value]
    lengths: Lengths
    budget: int = 0
    parts: int = 1

    @classmethod
    def make(cls, facts: Facts, loop: For | While, adjoint: Adjoint, functions: Functions) -> Kept:
        """Derive an iteration, and find out what it needs."""
        free = free_values(loop.body)
        carried = carried_by(loop)
        nexts = dict(zip(carried, loop.body.results, strict=False))
        nodes = silent(loop.body).nodes
        block = Block((), nodes, tuple(nexts.values()))
        body = Function("iteration", (*loop.body.params, *free), block, None, loop.span)
        derived = adjoint(body, carried, free)
        lengths: Lengths = {}
        back = with_lengths(derived.function, carried, lengths, functions)
        state: list[Value] = []
        onward = back
        while needed := {p for p in carried if p not in state and p in {*reads(back.body), *reads(onward.body)}}:
            state = [p for p in carried if p in state or p in needed]
            block = Block((), nodes, tuple(nexts[p] for p in state))
            onward = with_lengths(replace(body, body=block), carried, lengths, functions)
        return cls(facts, loop, replace(derived, function=back), onward, free, state, lengths)

    # -- what is kept -------------------------------------------------------------------------------------------

    def require_fixed(self) -> None:
        """Refuse a state that has no fixed size."""
        inits = dict(zip(carried_by(self.loop), self.loop.inits, strict=True))
        for p in dict.fromkeys([*self.state, *(array for array, _ in self.lengths)]):
            fixed = isinstance(p.type, Scalar) or (
                isinstance(p.type, Array)
                and not isinstance(inits[p], Undef)
                and all(map(self.is_outside, self.dims(p)))
            )
            if not fixed:
                raise Unsupported(
                    f"a budget needs states of fixed size, and {shown(p)} may have another shape in each iteration",
                    p.span or self.loop.span,
                    help="write into an array of fixed shape, or leave the budget out",
                )

    def dims(self, array: Value) -> tuple[Atom, ...]:
        """The lengths of a carried array."""
        return tuple(self.facts.atom_of(d) for d in self.facts.shapes.dims(array))

    def is_outside(self, atom: Atom) -> bool:
        """Whether a value is there before the loop starts."""
        atom = self.facts.canonical(atom)
        inside = isinstance(atom, Value) and any(p.owner is self.loop for p in self.facts.places.of[atom].chain)
        return not inside

    def size(self, b: Builder, read: Callable[[Atom], Atom]) -> Atom:
        """The bytes of a state, and of where it belongs."""
        total: Atom = const(np.dtype("int64").itemsize)
        for p in self.state:
            total = b.emit("add", total, bytes_of(b, p.type, [read(d) for d in self.dims(p)]))
        return total

    def size_of_iteration(self, b: Builder, read: Callable[[Atom], Atom]) -> Atom:
        """The bytes of the tapes of one iteration, as far as their lengths are known before the loop."""
        origin = {r: n for n in each_node(self.adjoint.function.body) if isinstance(n, Eqn) for r in n.results}

        def known(atom: Atom) -> Atom | None:
            if not isinstance(atom, Value):
                return atom
            if atom in self.free:
                return read(atom)
            for (array, axis), length in self.lengths.items():
                if length is atom:
                    return read(self.facts.atom_of(self.facts.shapes.dims(array)[axis]))
            eqn = origin.get(atom)
            if eqn is None or eqn.primitive not in (*INTEGER_ARITHMETIC, "shape"):
                return None
            operands = [o for o in map(known, eqn.operands) if o is not None]
            if len(operands) < len(eqn.operands):
                return None
            return b.emit(eqn.primitive, *operands, **dict(eqn.params))  # type: ignore[no-any-return]

        total: Atom = const(0)
        for eqn in dict.fromkeys(origin.values()):
            if eqn.primitive == "empty" and self.adjoint.related.get(eqn.results[0], (None, ""))[1] == "_tape":
                lengths = [n for n in map(known, eqn.operands) if n is not None]
                if len(lengths) == len(eqn.operands):
                    total = b.emit("add", total, bytes_of(b, eqn.results[0].type, lengths))
        return total

    def room(self, b: Builder, most: Atom) -> Atom:
        """How many states there is room for; refuses to start if there is none for one."""
        share = self.budget // self.parts
        size, iteration = self.size(b, same), self.size_of_iteration(b, same)
        room = b.emit("floordiv", b.emit("sub", const(share), iteration), size)
        needed = b.emit("mul", b.emit("add", size, iteration), const(self.parts))
        short = b.emit("lt", room, const(1))
        if isinstance(short, Const) and short.value:
            assert isinstance(needed, Const)
            raise too_small(self.budget, needed.value, self.loop.span)
        refuse_where(b, short, BUDGET, const(self.budget), needed)
        return b.emit("maximum", b.emit("minimum", room, most), const(1))  # type: ignore[no-any-return]

    def comment(self) -> str:
        """What a reader is told of the loop that keeps states."""
        names = ", ".join(dict.fromkeys(map(shown, self.state))) or "nothing"
        share = self.budget // self.parts
        return f"keeps {names} of some iterations, in at most {share:,} bytes: a tape would grow with each"

    # -- the forward sweep --------------------------------------------------------------------------------------

    def forward(self, recorder: Recorder) -> None:
        """Run the loop, keeping states."""
        b, loop = recorder.b, self.loop
        known = isinstance(loop, For) and not loop.breaks
        count = trip_count(b, loop.start, loop.stop, loop.step) if isinstance(loop, For) and known else const(MOST)
        slots = self.room(b, count)
        states = [self.empty(b, p, slots, recorder.related) for p in self.state]
        with b.remark("at: which iterations these are"):
            at = b.emit("empty", slots, dtype="int64", name="at")
        keeper = Binomial(count, slots) if known else Doubling(slots)
        inits: list[Atom] = [*states, at, *keeper.begin(b)]
        extra = [Value(i.type, n) for i, n in zip(inits, [*("" for _ in states), "at", *keeper.names], strict=True)]
        for p, v in zip(self.state, extra, strict=False):
            recorder.related[v] = (p, "_kept")
        iteration = Value(INT, "iteration", loop.span)
        with b.block() as frame:
            done = counter(b, loop.body.params[0], loop.start, loop.step) if isinstance(loop, For) else iteration
            nexts = keeper.keep(b, self.state, done, extra)
            for node in loop.body.nodes:
                b.append(node)
            if isinstance(loop, While):
                extra, inits = [*extra, iteration], [*inits, const(0)]
                nexts = [*nexts, b.emit("add", iteration, const(1))]
        n = len(loop.inits)
        results = (*loop.body.results[:n], *nexts, *loop.body.results[n:])
        body = b.finish(frame, (*loop.body.params, *extra), results)
        finals = tuple(Value(e.type, e.name) for e in extra)
        recorder.related.update(
            {f: recorder.related[e] for f, e in zip(finals, extra, strict=True) if e in recorder.related}
        )
        starts = map(self.defined, carried_by(loop), loop.inits)
        self.append(b, (*starts, *inits), body, (*loop.results, *finals))
        names = [*(f"state {k}" for k in range(len(states))), "at", "held"]
        for name, final in zip(names, finals, strict=False):
            recorder.exported["kept", (loop, name)] = final
        recorder.exported["kept", (loop, "slots")] = slots

    def empty(self, b: Builder, p: Value, slots: Atom, related: dict[Value, tuple[Value, str]]) -> Value:
        """Room for a part of the states."""
        with b.remark(f"{called(p)}: before some iterations, to be within the budget"):
            made: Value = b.emit("empty", slots, *self.dims(p), dtype=dtype_of(p.type))
        related[made] = (p, "_kept")
        return made

    def defined(self, param: Value, init: Atom) -> Atom:
        """What a loop starts from; where that has no value, and is kept, any."""
        undefined = isinstance(init, Undef) and param in self.state
        return zero(Scalar(dtype_of(param.type))) if undefined else init

    def append(self, b: Builder, inits: tuple[Atom, ...], body: Block, results: tuple[Value, ...]) -> None:
        loop = self.loop
        if isinstance(loop, For):
            bounds = loop.start, loop.stop, loop.step
            b.append(For(*bounds, inits, body, results, loop.breaks, loop.trips, False, loop.span, self.comment()))
            return
        unused = tuple(Value(p.type, p.name) for p in body.params[len(loop.inits) :])
        cond = replace(loop.cond, params=(*loop.cond.params, *unused))
        b.append(While(inits, cond, body, results, loop.breaks, loop.trips, loop.span, self.comment()))

    # -- the reverse sweep --------------------------------------------------------------------------------------

    def reverse(self, sweep: Sweep) -> None:
        """Walk back, one iteration after the other, each from the last state that is kept before it."""
        loop = self.loop
        moving = [p for p in carried_by(loop) if p in sweep.active]
        outer = sweep.collected(loop.body)
        ends = dict(zip(carried_by(loop), loop.results, strict=True))
        inits = [sweep.instantiate(ends[p]) for p in moving] + [sweep.instantiate(v) for v in outer]
        fixed = dict(zip(self.free, map(sweep.primal, self.free), strict=True))
        for (array, axis), length in self.lengths.items():
            fixed[length] = sweep.primal(self.facts.atom_of(self.facts.shapes.dims(array)[axis]))
        first = [sweep.primal(a) for a in (loop.start, loop.step)] if isinstance(loop, For) else []
        trips = self.trips(sweep)
        results: Sequence[Value] = [Value(i.type) for i in inits]
        if isinstance(sweep.primal, Restore):
            backwards = Backwards(self, sweep, sweep.primal, fixed, first)
            results = backwards.loop(trips, inits, [*moving, *outer])
        for v, r in zip(outer, results[len(moving) :], strict=True):
            sweep.put(v, r)
        starts = dict(zip(carried_by(loop), loop.inits, strict=True))
        for p, r in zip(moving, results, strict=False):
            sweep.add(starts[p], r)

    def trips(self, sweep: Sweep) -> Atom:
        """How many iterations there were."""
        loop = self.loop
        if loop.trips is not None:
            return sweep.primal(loop.trips)
        assert isinstance(loop, For)
        start, stop, step = (sweep.primal(a) for a in (loop.start, loop.stop, loop.step))
        return trip_count(sweep.b, start, stop, step)


@dataclass
class Backwards:
    """The reverse of one loop, emitted into the reverse sweep.

    Attributes
    ----------
    fixed : dict
        What iterations read that is the same for all.
    first : list of Atom
        Where the index starts, and its step; nothing where there is no index.
    """

    kept: Kept
    sweep: Sweep
    restore: Restore
    fixed: dict[Value, Atom]
    first: Sequence[Atom]

    def loop(self, trips: Atom, inits: Sequence[Atom], owners: Sequence[Value]) -> Sequence[Value]:
        """The loop over the iterations from the last to the first; yields the cotangents."""
        b, sweep, kept = self.sweep.b, self.sweep, self.kept
        names = [*(f"state {k}" for k in range(len(kept.state))), "at", "held"]
        tapes = [self.restore.tapes["kept", (kept.loop, name)] for name in names]
        bars = [sweep.bar_param(v) for v in owners]
        params = [Value(t.type, n) for t, n in zip(tapes, [*("" for _ in kept.state), "at", "held"], strict=True)]
        for p, v in zip(kept.state, params, strict=False):
            sweep.related[v] = (p, "_kept")
        iteration = Value(INT, "iteration", kept.loop.span)
        with b.block() as frame:
            state, left = self.run_to(iteration, params)
            results = self.spliced(kept.adjoint.function, iteration, state, bars)
        block = b.finish(frame, (iteration, *bars, *params), [*results, *left])
        b.comment = "each from the last state that was kept before it"
        bounds = b.emit("sub", trips, const(1)), const(-1), const(-1)
        finals, _ = b.for_(bounds, [*inits, *tapes], block)
        b.comment = ""
        for r, p in zip(finals, (*bars, *params), strict=True):
            if p in sweep.related:
                sweep.related[r] = sweep.related[p]
        return finals[: len(bars)]

    def run_to(self, iteration: Value, tapes: Sequence[Value]) -> tuple[list[Value], list[Atom]]:
        """The state before an iteration, from the last one kept; and the tapes as they are then."""
        b, kept = self.sweep.b, self.kept
        *states, at, held = tapes
        slots = self.restore.tapes["kept", (kept.loop, "slots")]
        top = b.emit("sub", held, const(1))
        base = b.emit("load", at, top, index=("i",))
        from_there = [self.taken(p, s, top) for p, s in zip(kept.state, states, strict=True)]
        left = b.emit("where", b.emit("eq", base, iteration), top, held)
        keeper = Binomial(b.emit("add", iteration, const(1)), slots)
        inits = [*from_there, *states, at, left, keeper.following(b, base, top)]
        params = [Value(p.type, p.name, p.span) for p in kept.state]
        params += [*(Value(t.type, t.name) for t in tapes), Value(INT, keeper.names[1])]
        again = Value(INT, "again", kept.loop.span)
        n = len(kept.state)
        for p, v, t in zip(kept.state, params, params[n:], strict=False):
            self.sweep.related[v], self.sweep.related[t] = (p, ""), (p, "_kept")
        with b.block() as frame:
            nexts = keeper.keep(b, params[:n], again, params[n:])
            state = self.spliced(kept.onward, again, params[:n], ())
        block = b.finish(frame, (again, *params), [*state, *nexts])
        results, _ = b.for_((base, iteration, const(1)), inits, block)
        for r, p in zip(results, params, strict=True):
            if p in self.sweep.related:
                self.sweep.related[r] = self.sweep.related[p]
        return list(results[:n]), list(results[n:-1])

    def taken(self, p: Value, tape: Value, slot: Atom) -> Atom:
        """A part of a state, to be gone on from."""
        if isinstance(p.type, Scalar):
            return self.sweep.b.emit("load", tape, slot, index=("i",), name=p.name)  # type: ignore[no-any-return]
        view = self.sweep.b.emit("view", tape, slot, index=("i",))
        return self.sweep.b.emit("copy", view, name=p.name)  # type: ignore[no-any-return]

    def spliced(self, fn: Function, iteration: Atom, state: Sequence[Atom], bars: Sequence[Value]) -> list[Atom]:
        """The body of a function of one iteration, put in place."""
        b, kept = self.sweep.b, self.kept
        operands: dict[Value, Atom] = {**self.fixed, **dict(zip(kept.state, state, strict=True))}
        if self.first:
            start, step = self.first
            index = b.emit("add", start, b.emit("mul", iteration, step), name=kept.loop.body.params[0].name)
            operands[kept.loop.body.params[0]] = index
        own = len(kept.loop.body.params) + len(kept.free)
        operands.update(zip(fn.params[own:], bars, strict=False))
        copy, became = clone(fn.body, operands)
        for node in copy.nodes:
            b.append(node)
        related = self.sweep.related
        related.update({now: (old, "") for old, now in became.items() if isinstance(now, Value) and now is not old})
        for value, (owner, suffix) in kept.adjoint.related.items():
            now, whose = became.get(value, value), became.get(owner, owner)
            if isinstance(now, Value) and isinstance(whose, Value):
                related[now] = (whose, suffix)
        return list(copy.results)


# -- when a state is kept -------------------------------------------------------------------------------------------


class Keeper:
    """Emits, before an iteration, the question whether its state is kept, and what is done then.

    What it needs to know is carried by the loop: states, where they belong, how many are held, and one integer more.
    """

    names: tuple[str, str]

    def store(self, b: Builder, state: Sequence[Atom], done: Atom, tapes: Sequence[Atom]) -> list[Atom]:
        """The tapes with one state more; `done` iterations come before it."""
        *states, at, held = tapes
        stored = [b.emit("store", s, p, held, index=("i",)) for s, p in zip(states, state, strict=True)]
        return [*stored, b.emit("store", at, done, held, index=("i",)), b.emit("add", held, const(1))]


class Binomial(Keeper):
    """By the binomial schedule, for a number of iterations that is known."""

    names = ("held", "due")

    def __init__(self, count: Atom, slots: Atom) -> None:
        self.count, self.slots = count, slots

    def begin(self, b: Builder) -> list[Atom]:
        """What the loop starts from: nothing is held, and the first state is kept."""
        return [const(0, INT), const(0, INT)]

    def following(self, b: Builder, done: Atom, held: Atom) -> Atom:
        """Where the next state is kept after one that is, not counted among those held."""
        steps, free = b.emit("sub", self.count, done), b.emit("sub", self.slots, held)
        return b.emit("add", done, b.emit("advance", steps, free))  # type: ignore[no-any-return]

    def keep(self, b: Builder, state: Sequence[Atom], done: Atom, carried: Sequence[Value]) -> Sequence[Atom]:
        """What is carried on."""
        *tapes, following = carried
        with b.block() as then:
            after = [*self.store(b, state, done, tapes), self.following(b, done, tapes[-1])]
        return choice(b, b.emit("eq", done, following), b.finish(then, (), after), carried)


class Doubling(Keeper):
    """At equal distances, for who knows how many iterations: where half of the room is taken, every other state goes.

    The other half is for states on the way back.
    """

    names = ("held", "stride")

    def __init__(self, slots: Atom) -> None:
        self.slots = slots
        self.most: Atom = slots

    def begin(self, b: Builder) -> list[Atom]:
        """What the loop starts from: nothing is held, and each state is kept."""
        self.most = b.emit("maximum", b.emit("floordiv", self.slots, const(2)), const(1))
        return [const(0, INT), const(1, INT)]

    def keep(self, b: Builder, state: Sequence[Atom], done: Atom, carried: Sequence[Value]) -> Sequence[Atom]:
        """What is carried on."""
        with b.block() as due:
            thinned = self.thinned(b, carried)
            *tapes, stride = thinned
            with b.block() as then:
                after = [*self.store(b, state, done, tapes), stride]
            kept = choice(b, self.is_due(b, done, thinned), b.finish(then, (), after), thinned)
        return choice(b, self.is_due(b, done, carried), b.finish(due, (), kept), carried)

    def is_due(self, b: Builder, done: Atom, carried: Sequence[Atom]) -> Atom:
        *_, held, stride = carried
        return b.emit("eq", done, b.emit("mul", held, stride))  # type: ignore[no-any-return]

    def thinned(self, b: Builder, carried: Sequence[Value]) -> Sequence[Value]:
        """Every other state, if there is no room for another."""
        *tapes, held, stride = carried
        with b.block() as then:
            half = b.emit("floordiv", b.emit("add", held, const(1)), const(2))
            params = [Value(t.type, t.name) for t in tapes]
            k = Value(INT, "k")
            with b.block() as frame:
                twice = b.emit("mul", k, const(2))
                moved = [self.moved(b, t, twice, k) for t in params]
            results, _ = b.for_((const(0), half, const(1)), tapes, b.finish(frame, (k, *params), moved))
            after = [*results, half, b.emit("mul", stride, const(2))]
        full = b.emit("eq", held, self.most)
        return choice(b, full, b.finish(then, (), after), carried)

    def moved(self, b: Builder, tape: Value, source: Atom, target: Atom) -> Atom:
        """A tape with one entry in the place of another."""
        if rank(tape.type) == 1:
            entry = b.emit("load", tape, source, index=("i",))
        else:
            entry = b.emit("copy", b.emit("view", tape, source, index=("i",)))
        return b.emit("store", tape, entry, target, index=("i",))  # type: ignore[no-any-return]


def choice(b: Builder, cond: Atom, then: Block, otherwise: Sequence[Value]) -> Sequence[Value]:
    """What a block makes of some values where a condition holds, else these as they are."""
    with b.block() as frame:
        pass
    orelse = b.finish(frame, (), otherwise)
    return b.if_(cond, then, orelse, [v.name for v in otherwise])


# -- an iteration as a function -------------------------------------------------------------------------------------


def with_lengths(fn: Function, carried: Sequence[Value], lengths: Lengths, functions: Functions) -> Function:
    """The function, pruned, with the lengths of some arrays as values of their own."""
    became: dict[Value, Atom] = {}
    fn = prune(fn, functions)
    for node in each_node(fn.body):
        if isinstance(node, Eqn) and node.primitive == "shape" and node.operands[0] in carried:
            array = node.operands[0]
            assert isinstance(array, Value)
            key = (array, node["axis"])
            became[node.results[0]] = lengths.setdefault(key, Value(INT, "length", node.span))
    return prune(replace(fn, body=substitute(fn.body, became)), functions)


def bytes_of(b: Builder, type_: Type, dims: Sequence[Atom]) -> Atom:
    """The size of a number or array."""
    total: Atom = const(np.dtype(dtype_of(type_)).itemsize)
    for d in dims:
        total = b.emit("mul", total, d)
    return total


def shown(value: Value) -> str:
    """What a message calls a carried value."""
    return f"`{value.name}`" if value.name else "a value without a name"


def same(atom: Atom) -> Atom:
    return atom


__all__ = ["Kept", "find"]
