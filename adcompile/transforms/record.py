"""What the reverse sweep needs of the forward sweep: planned, recorded going forward, restored coming back.

For every value that the adjoint reads there are three ways: it is still there; it is computed again from what is; or it
was recorded. Nothing here knows a derivative.

What is made inside loops is recorded on a tape. Where the number of iterations of all loops around it is known before the
outermost starts, and so is its shape, the tape is one array with an axis for each loop. A number elsewhere goes to a
growing vector with a pointer, one pointer for each loop; an array elsewhere to a list, by reference, or as a
copy if it is overwritten later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from adcompile.analyses.definedness import undefined_somewhere
from adcompile.analyses.dependence import Elements, Settled, sweeps
from adcompile.analyses.lengths import Lengths
from adcompile.analyses.memory import overwritten
from adcompile.analyses.places import Place, Places
from adcompile.analyses.shapes import Dim, Shapes
from adcompile.errors import Unsupported
from adcompile.ir.build import Builder, Frame, const
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, If, Node, Undef, Value, While
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import INT, Array, List, Scalar, dtype_of, fresh
from adcompile.switches import on
from adcompile.transforms.account import of_copy, of_growing, of_loop, of_tape

#: what is threaded through the program: a tape or list for a recorded value, or the pointer of a loop
Key = tuple[str, Any]

FIRST_RESERVE = 16

#: what a loop bound may be computed by, to be computed again before the loops around it
INTEGER_ARITHMETIC = ("add", "sub", "mul", "neg", "floordiv", "minimum", "maximum")


class Facts:
    """What the analyses say of the primal, gathered once."""

    def __init__(self, fn: Function) -> None:
        self.fn = fn
        self.places = Places(fn)
        self.shapes = Shapes(fn)
        self.sizes = Lengths(fn)
        self.overwritten = overwritten(fn)
        self.undefined = undefined_somewhere(fn)
        self.elements = Elements(fn, self.places, self.shapes)
        #: lengths that the reverse sweep asks for and that no value of the program holds
        self.lengths: dict[tuple[Value, int], Value] = {}

    def length(self, array: Value, axis: int) -> Value:
        """A value for the length of an axis, read off right after the array is made."""
        key = (array, axis)
        if key not in self.lengths:
            value = Value(INT, f"{array.name}_length" if array.name else "length", array.span)
            measure = ("list_len", ()) if isinstance(array.type, List) else ("shape", (("axis", axis),))
            self.lengths[key] = value
            place = self.places.of[array]
            self.places.of[value] = place
            self.places.turn[value] = self.places.turn[array] + 0.5
            self.places.origin[value] = Eqn(measure[0], (array,), (value,), measure[1], array.span)
        return self.lengths[key]

    def lengths_of(self, array: Value) -> Iterator[Eqn]:
        """The equations that read the lengths asked for of an array."""
        for (owner, _), value in self.lengths.items():
            if owner is array:
                yield self.places.origin[value]

    def in_loop(self, value: Value) -> bool:
        return bool(self.places.of[value].loops)

    def canonical(self, atom: Atom) -> Atom:
        """What stands for an integer that is the length of an axis: where that length comes from."""
        source = self.shapes.integers.get(atom) if isinstance(atom, Value) else None
        return atom if source is None else self.atom_of(source)

    def atom_of(self, dim: Dim) -> Atom:
        """The atom that holds a length."""
        match dim:
            case int():
                return const(dim)
            case Value():
                return dim
            case (array, axis):
                return self.length(array, axis)


class Demand:
    """A stand-in for `Restore` that hands out the primal values themselves and notes which were asked for."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.wanted: dict[Value, None] = {}
        self.state: dict[Key, Atom] = {}

    def __call__(self, atom: Atom) -> Atom:
        atom = self.facts.canonical(atom)
        if isinstance(atom, Value):
            self.wanted[atom] = None
        return atom

    def dims(self, atom: Atom) -> tuple[Atom, ...]:
        return tuple(self(self.facts.atom_of(d)) for d in self.facts.shapes.dims(atom))

    def with_measured(self) -> set[Value]:
        """What was asked for, and the arrays whose length was."""
        measured = (array for (array, _), length in self.facts.lengths.items() if length in self.wanted)
        return {*self.wanted, *measured}

    @contextmanager
    def region(self, place: Place, index: Atom | None = None) -> Iterator[None]:
        yield

    def states(self, node: Node) -> list[Key]:
        return []

    def account(self, loop: For | While) -> str:
        return ""


@dataclass
class Plan:
    """How each wanted value comes back: `recorded` values by tape or list, `saved` ones as a copy outside loops.

    All others are still there or are computed again.
    """

    facts: Facts
    recorded: dict[Value, None] = field(default_factory=dict)
    saved: dict[Value, None] = field(default_factory=dict)
    #: values made in loops that an array still holds after all loops
    settled: dict[Value, Settled] = field(default_factory=dict)
    #: everything that is asked for, or that is read to compute again what is
    read: dict[Value, None] = field(default_factory=dict)
    #: what is recorded in place of what is computed from it
    instead: frozenset[Value] = frozenset()

    @classmethod
    def make(cls, facts: Facts, wanted: Iterable[Value]) -> Plan:
        """Decide what is recorded: numbers, or in their place an array that loops go through and read them from."""
        in_order = sorted(wanted, key=facts.places.turn.__getitem__)
        plan = cls.of_arrays(facts, in_order, ())
        if not on("sources"):
            return plan
        arrays: list[Value] = []
        for array in plan.read_through():
            other = cls.of_arrays(facts, in_order, (*arrays, array))
            if len(other.recorded) < len(plan.recorded):
                plan = other
                arrays.append(array)
        for value in plan.outer_sources():
            other = cls.of_arrays(facts, in_order, (*arrays, value))
            if other.cost() < plan.cost():
                plan = other
                arrays.append(value)
        return plan

    def cost(self) -> int:
        """How much is recorded, if each loop runs ten times."""
        return sum(10 ** len(self.facts.places.of[v].loops) for v in self.recorded)

    def outer_sources(self) -> list[Value]:
        """The values of outer loops from which cheap operations compute what is recorded in inner ones."""
        found: dict[Value, None] = {}
        of = self.facts.places.of
        for value in self.recorded:
            pending = [value]
            while pending:
                eqn = self.facts.places.origin.get(pending.pop())
                if eqn is None or not PRIMITIVES[eqn.primitive].cheap:
                    continue
                for operand in map(self.facts.canonical, eqn.operands):
                    if not isinstance(operand, Value) or self.derivable(operand):
                        continue
                    if len(of[operand].loops) == len(of[value].loops):
                        pending.append(operand)
                    elif self.facts.in_loop(operand) and isinstance(operand.type, Scalar):
                        found[operand] = None
        return sorted(found, key=self.facts.places.turn.__getitem__)

    @classmethod
    def of_arrays(cls, facts: Facts, wanted: Sequence[Value], arrays: Sequence[Value]) -> Plan:
        """Decide for every wanted value, in program order, so that later ones can build on earlier ones."""
        plan = cls(facts, dict.fromkeys(arrays), instead=frozenset(arrays))
        for value in wanted:
            plan.provide(value)
        for value in wanted:
            plan.note_reads(value)
        for value in list(plan.recorded):
            if plan.key(value)[0] == "tape" and plan.rectangular(value):
                loops = facts.places.of[value].loops
                for loop in loops:
                    plan.note_origin(loop, loops[0])
                for d in facts.shapes.dims(value):
                    plan.before(facts.atom_of(d), loops[0], plan.note_reads)
        return plan

    def read_through(self) -> list[Value]:
        """The arrays that loops read whole, element by element, to compute what is recorded."""
        found: dict[Value, None] = {}
        seen: set[Value] = set()
        pending = list(self.recorded)
        while pending:
            eqn = self.facts.places.origin.get(pending.pop())
            if (
                eqn is None
                or eqn.results[0] in seen
                or not (PRIMITIVES[eqn.primitive].cheap or eqn.primitive == "load")
            ):
                continue
            seen.add(eqn.results[0])
            base = eqn.operands[0]
            if eqn.primitive != "load":
                pending += [o for o in eqn.operands if isinstance(o, Value)]
            elif isinstance(base, Value) and self.facts.in_loop(base) and sweeps(self.facts.elements, eqn):
                found[base] = None
        return sorted(found, key=self.facts.places.turn.__getitem__)

    def note_reads(self, atom: Atom) -> None:
        """Follow what is computed again down to what it is computed from."""
        atom = self.facts.canonical(atom)
        if not isinstance(atom, Value) or atom in self.read:
            return
        self.read[atom] = None
        if atom in self.settled:
            array, index = self.settled[atom]
            for operand in (array, *index):
                self.note_reads(operand)
            return
        eqn = self.facts.places.origin.get(atom)
        if eqn is not None and self.facts.in_loop(atom) and atom not in self.recorded:
            for operand in eqn.operands:
                self.note_reads(operand)

    def note_origin(self, loop: Node, outermost: Node) -> None:
        """Follow the bounds of a loop with a rectangular tape: they tell its size and the slot of an iteration."""
        assert isinstance(loop, For)
        for atom in (loop.start, loop.stop, loop.step):
            self.before(atom, outermost, self.note_reads)

    def before(self, atom: Atom, outermost: Node, visit: Callable[[Atom], object]) -> None:
        """Visit what an integer is computed from that is known before a loop starts."""
        atom = self.facts.canonical(atom)
        if isinstance(atom, Value) and self.is_inside(atom, outermost):
            for operand in self.facts.places.origin[atom].operands:
                self.before(operand, outermost, visit)
        else:
            visit(atom)

    def provide(self, value: Value) -> None:
        """See to it that a value can be restored."""
        if self.derivable(value):
            return
        if not self.facts.in_loop(value):
            self.saved[value] = None
            return
        eqn = self.facts.places.origin.get(value)
        if eqn is not None and eqn.primitive in ("load", "view", "list_get", "shape"):
            base, *index = eqn.operands
            keepable = isinstance(base, Value) and base not in self.facts.overwritten
            if keepable and eqn.primitive != "shape" and all(self.derivable(i) for i in index):
                assert isinstance(base, Value)
                self.provide(base)
                return
        self.recorded[value] = None

    def derivable(self, atom: Atom) -> bool:
        """Whether a value is at hand in the reverse sweep, or cheap to compute again from what is."""
        atom = self.facts.canonical(atom)
        if not isinstance(atom, Value) or atom in self.recorded or atom in self.saved or atom in self.settled:
            return True
        places = self.facts.places
        if atom in places.index_of:
            return True
        if not self.facts.in_loop(atom):
            return atom not in self.facts.overwritten
        eqn = places.origin.get(atom)
        cheap = eqn is not None and atom not in self.facts.overwritten and PRIMITIVES[eqn.primitive].cheap
        if eqn is not None and cheap and on("again") and all(self.derivable(o) for o in eqn.operands):
            return True
        return self.settles(atom)

    def settles(self, value: Value) -> bool:
        """Whether a number can be read from where an array still has it after all loops."""
        may = isinstance(value.type, Scalar) and on("settled")
        found = self.facts.elements.settled(value) if may else None
        if found is None or found.array in self.facts.overwritten or not all(map(self.derivable, found.at)):
            return False
        self.settled[value] = found
        return True

    # -- tapes --------------------------------------------------------------------------------------------------

    def key(self, value: Value) -> Key:
        """The tape or list of a recorded value: the numbers of a loop that runs who knows how often share a growing one."""
        if self.rectangular(value):
            return ("tape", value)
        if isinstance(value.type, Scalar):
            return ("record", (self.facts.places.of[value].loop, value.type.dtype))
        return ("list", value)

    def columns(self, key: Key) -> list[Value]:
        """The numbers that share a growing tape, in the order of its columns."""
        return [value for value in self.recorded if self.key(value) == key]

    def column(self, value: Value) -> tuple[Atom, ...]:
        """Where in a row of a growing tape a number goes; a tape of one number has no rows."""
        columns = self.columns(self.key(value))
        return (const(columns.index(value)),) if len(columns) > 1 else ()

    def keys_inside(self, node: Node) -> list[Key]:
        """Everything that is threaded through a region because something in it is recorded."""
        keys: dict[Key, None] = {}
        for value in self.recorded:
            place = self.facts.places.of[value]
            if any(p.owner is node for p in place.chain):
                if isinstance(value.type, Scalar) and not self.rectangular(value):
                    loop = place.loop
                    assert loop is not None
                    if loop is node or any(p.owner is node for p in self.facts.places.inside[loop.body].chain):
                        keys[("pointer", loop)] = None
                keys[self.key(value)] = None
        return list(keys)

    def rectangular(self, value: Value) -> bool:
        """Whether the bounds of the loops around a value, and its shape, are known before the outermost starts."""
        loops = self.facts.places.of[value].loops
        if isinstance(value.type, List) or not on("sized"):
            return False
        return all(self.known_before(self.facts.atom_of(d), loops[0]) for d in self.facts.shapes.dims(value)) and all(
            isinstance(loop, For) and all(self.known_before(a, loops[0]) for a in (loop.start, loop.stop, loop.step))
            for loop in loops
        )

    def known_before(self, atom: Atom, loop: For | While) -> bool:
        """Whether an integer can be computed before a loop starts."""
        atom = self.facts.canonical(atom)
        if not isinstance(atom, Value):
            return True
        if not self.is_inside(atom, loop):
            return self.facts.places.visible(atom, loop)
        eqn = self.facts.places.origin.get(atom)
        if eqn is None or eqn.primitive not in INTEGER_ARITHMETIC:
            return False
        return all(self.known_before(o, loop) for o in eqn.operands)

    def is_inside(self, value: Value, node: Node) -> bool:
        return any(p.owner is node for p in self.facts.places.of[value].chain)


class Recorder:
    """The forward sweep: the primal's nodes, with what the plan records threaded through them.

    After `run`, `finals` holds each tape, list and pointer as the loops left it, and `exported` what stands in for
    values that were made inside a branch.
    """

    def __init__(self, plan: Plan, b: Builder, kept: Mapping[Node, Any]) -> None:
        self.plan = plan
        #: loops that keep states in place of tapes
        self.kept = kept
        self.facts = plan.facts
        self.b = b
        self.state: dict[Key, Atom] = {}
        self.exported: dict[Value | Key, Atom] = {}
        self.wanted_in: dict[Block, list[Value]] = {}
        self.related: dict[Value, tuple[Value, str]] = {}
        #: where the current iteration of a loop is on the growing tapes
        self.slots: dict[Node, Atom] = {}

    def run(self, nodes: Sequence[Node]) -> None:
        """Emit the forward sweep: some nodes of the function's body."""
        for value in self.plan.read:
            place = self.facts.places.of[value]
            if not place.loops:
                self.wanted_in.setdefault(place.block, []).append(value)
        for p in self.facts.fn.params:
            self.after(p)
        self.nodes(nodes)

    def nodes(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            self.b.span = node.span
            match node:
                case Eqn():
                    self.b.append(node)
                case If():
                    self.choice(node)
                case For() | While() if node in self.kept:
                    self.kept[node].forward(self)
                case For() | While():
                    self.loop(node)
            for r in (*node.results, *([node.trips] if isinstance(node, For | While) and node.trips else [])):
                self.after(r)

    def after(self, value: Value) -> None:
        """Do what is to be done as soon as a value is there."""
        for eqn in self.facts.lengths_of(value):
            self.b.append(eqn)
            self.after(eqn.results[0])
        if value in self.plan.saved:
            with self.b.remark(of_copy(value)):
                saved = self.b.emit("copy", value, name=value.name)
            self.exported[value] = saved
            self.related[saved] = (value, "_saved")
        if value in self.plan.recorded:
            self.record(value)

    def record(self, value: Value) -> None:
        key = self.plan.key(value)
        if key[0] == "list":
            kept = self.b.emit("copy", value) if value in self.facts.overwritten else value
            self.state[key] = self.b.emit("list_append", self.state[key], kept)
            return
        slot = self.slot(value)
        codes = ("i",) * len(slot)
        self.state[key] = self.b.emit("store", self.state[key], value, *slot, index=codes)

    def slot(self, value: Value) -> tuple[Atom, ...]:
        """Where on its tape a number of this iteration goes."""
        loops = self.facts.places.of[value].loops
        if self.plan.rectangular(value):
            return tuple(
                counter(self.b, loop.body.params[0], loop.start, loop.step) for loop in loops if isinstance(loop, For)
            )
        return (self.slots[loops[-1]], *self.plan.column(value))

    # -- regions ------------------------------------------------------------------------------------------------

    def loop(self, node: For | While) -> None:
        keys = self.plan.keys_inside(node)
        outermost = not self.facts.places.inside[node.body].loops[:-1]
        if outermost:
            for key in keys:
                self.state[key] = self.begin(key, node)
        own = ("pointer", node)
        trips: Atom | None = None
        if isinstance(node, For) and own in keys:
            trips = trip_count(self.b, node.start, node.stop, node.step)
            self.reserve(keys, node, trips)
            keys.remove(own)  # an iteration finds its slot by its index
        carried = node.body.params[1:] if isinstance(node, For) else node.body.params
        inits = tuple(self.state[k] for k in keys)
        params = tuple(self.state_value(k, init) for k, init in zip(keys, inits, strict=True))
        with self.b.block() as frame:
            self.state.update(zip(keys, params, strict=True))
            if isinstance(node, While) and own in keys:
                self.reserve(keys, node, const(1))
                self.slots[node] = self.state[own]
            if isinstance(node, For) and trips is not None:
                before = counter(self.b, node.body.params[0], node.start, node.step)
                self.slots[node] = self.b.emit("add", self.state[own], before)
            for p in node.body.params:
                self.after(p)
            self.nodes(node.body.nodes)
            if own in keys:
                self.state[own] = self.b.emit("add", self.state[own], const(1), name="slot")
            nexts = tuple(self.state[k] for k in keys)
        own_nexts, flags = node.body.results[: len(carried)], node.body.results[len(carried) :]
        body = self.b.finish(frame, (*node.body.params, *params), (*own_nexts, *nexts, *flags))
        results = tuple(Value(p.type, p.name, p.span) for p in params)
        for r, p in zip(results, params, strict=True):
            if p in self.related:
                self.related[r] = self.related[p]
        all_inits, all_results = (*node.inits, *inits), (*node.results, *results)
        if isinstance(node, For):
            bounds = node.start, node.stop, node.step
            facts = node.breaks, node.trips, node.parallel
            self.b.append(For(*bounds, all_inits, body, all_results, *facts, node.span, node.comment))
        else:
            unused = tuple(Value(p.type, p.name) for p in params)
            cond = Block((*node.cond.params, *unused), node.cond.nodes, node.cond.results)
            self.b.append(While(all_inits, cond, body, all_results, node.breaks, node.trips, node.span, node.comment))
        self.state.update(zip(keys, results, strict=True))
        if trips is not None:
            made = node.trips if node.breaks and node.trips else trips
            self.state[own] = self.b.emit("add", self.state[own], made, name="slot")
            keys.append(own)
        if outermost:
            self.exported.update((key, self.state[key]) for key in keys)

    def state_value(self, key: Key, init: Atom) -> Value:
        kind, about = key
        if kind == "pointer":
            return Value(Scalar("int64"), "slot")
        if kind == "record":
            about = self.plan.columns(key)[0]
        value = Value(init.type, f"{about.name}_tape" if about.name else "")
        self.related[value] = (about, "_tape")
        return value

    def begin(self, key: Key, outermost: For | While) -> Atom:
        """The tape, list or pointer before the outermost loop starts."""
        kind, about = key
        if kind == "pointer":
            return Const(0, Scalar("int64"))
        if kind == "record":
            columns = self.plan.columns(key)
            rows = (const(len(columns)),) if len(columns) > 1 else ()
            with self.b.remark(of_growing(self.plan, columns, about[0])):
                made: Value = self.b.emit("empty", const(FIRST_RESERVE), *rows, dtype=about[1])
            self.related[made] = (columns[0], "_tape")
            return made
        assert isinstance(about, Value)
        if kind == "list":
            element = fresh(about.type)
            if not isinstance(element, Array | Scalar):
                raise Unsupported(
                    "reverse mode needs a list again that is built anew in each iteration of a loop",
                    about.span,
                    help="fill an array of known length instead, or wrap the loop's body in ad.checkpoint",
                )
            loop = self.facts.places.of[about].loop
            assert loop is not None
            with self.b.remark(of_growing(self.plan, [about], loop)):
                new: Atom = self.b.emit("list_new", element=element)
        else:
            loops = self.facts.places.of[about].loops
            lengths = [
                trip_count(self.b, *(compute_before(self, a, outermost) for a in (loop.start, loop.stop, loop.step)))
                for loop in loops
                if isinstance(loop, For)
            ]
            dims = [compute_before(self, self.facts.atom_of(d), outermost) for d in self.facts.shapes.dims(about)]
            with self.b.remark(of_tape(self.plan, [about])):
                new = self.b.emit("empty", *lengths, *dims, dtype=dtype_of(about.type))
        if isinstance(new, Value):
            self.related[new] = (about, "_tape")
        return new

    def __call__(self, atom: Atom) -> Atom:
        """An integer as the forward sweep has it before the outermost loop."""
        return atom

    def reserve(self, keys: Sequence[Key], loop: For | While, trips: Atom) -> None:
        """Make room on the tapes of a loop for that many more iterations."""
        needed = self.b.emit("add", self.state[("pointer", loop)], trips)
        for key in keys:
            if key[0] == "record" and key[1][0] is loop:
                self.state[key] = self.b.emit("reserve", self.state[key], needed)

    def choice(self, node: If) -> None:
        in_loop = bool(self.facts.places.inside[node.then].loops)
        keys = self.plan.keys_inside(node) if in_loop else []
        entry = dict(self.state)
        frames: list[Frame] = []
        yields: list[list[Atom]] = []
        exports: list[dict[Value | Key, Atom]] = []
        for block in (node.then, node.orelse):
            self.state, outer = dict(entry), self.exported
            self.exported = {}
            with self.b.block() as frame:
                self.nodes(block.nodes)
                yields.append([self.state[k] for k in keys])
            for value in self.wanted_in.get(block, ()):
                self.exported.setdefault(value, value)
            frames.append(frame)
            exports.append(self.exported)
            self.exported = outer
        self.state = entry
        then_extra, else_extra, extra_results = self.merge_exports(exports)
        results = tuple(self.state_value(k, y) for k, y in zip(keys, yields[0], strict=True))
        then = self.b.finish(frames[0], (), (*node.then.results, *yields[0], *then_extra))
        orelse = self.b.finish(frames[1], (), (*node.orelse.results, *yields[1], *else_extra))
        self.b.append(If(node.cond, then, orelse, (*node.results, *results, *extra_results), node.span, node.comment))
        self.state.update(zip(keys, results, strict=True))

    def merge_exports(self, exports: Sequence[dict[Value | Key, Atom]]) -> tuple[list[Atom], list[Atom], list[Value]]:
        """Hand values made in one branch out of the choice; on the other side they have no value."""
        sides: tuple[list[Atom], list[Atom]] = ([], [])
        results = []
        for here, made in enumerate(exports):
            for key, atom in made.items():
                result = Value(atom.type, atom.name if isinstance(atom, Value) else "")
                sides[here].append(atom)
                sides[1 - here].append(Undef(atom.type))
                results.append(result)
                self.exported[key] = result
                if isinstance(atom, Value):
                    self.related[result] = self.related.get(atom, (atom, ""))
        return (*sides, results)


class Restore:
    """Values of the forward sweep, brought back at the place of the reverse sweep that asks for them.

    What a block needs is restored in the reverse of that block, once, however deep inside it is asked for.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.plan = recorder.plan
        self.facts = recorder.facts
        self.b = recorder.b
        self.tapes: dict[Key, Atom] = {k: v for k, v in recorder.exported.items() if isinstance(k, tuple)}
        #: the pointers, and how much of each list is still ahead, as they step back
        self.state: dict[Key, Atom] = {}
        self.back: dict[Value, Atom] = {}
        self.depth: dict[Place, int] = {}
        self.slots: dict[Node, Atom] = {}
        self.related: dict[Value, tuple[Value, str]] = {}

    def __call__(self, atom: Atom) -> Atom:
        atom = self.facts.canonical(atom)
        if not isinstance(atom, Value):
            return atom
        if atom not in self.back:
            restored = self.bring_back(atom)
            self.back[atom] = restored
            if isinstance(restored, Value) and restored is not atom:
                self.related.setdefault(restored, (atom, ""))
        return self.back[atom]

    def dims(self, atom: Atom) -> tuple[Atom, ...]:
        return tuple(self(self.facts.atom_of(d)) for d in self.facts.shapes.dims(atom))

    def bring_back(self, value: Value) -> Atom:
        place = self.facts.places.of[value]
        if not place.loops:
            return self.recorder.exported.get(value, value)
        with self.at(place):
            if value in self.plan.recorded:
                slot = self.slot(value)
                tape = self.tapes[self.plan.key(value)]
                kind = "view" if isinstance(value.type, Array) else "load"
                restored: Atom = self.b.emit(kind, tape, *slot, index=("i",) * len(slot), name=value.name)
                return restored
            if value in self.plan.settled:
                array, index = self.plan.settled[value]
                index = tuple(self(i) for i in index)
                return self.b.emit("load", self(array), *index, index=("i",) * len(index), name=value.name)  # type: ignore[no-any-return]
            eqn = self.facts.places.origin[value]
            operands = [self(o) for o in eqn.operands]
            again = self.b.emit(eqn.primitive, *operands, name=value.name, **dict(eqn.params))
            found: Atom = again[eqn.results.index(value)] if isinstance(again, tuple) else again
            return found

    def slot(self, value: Value) -> tuple[Atom, ...]:
        loops = self.facts.places.of[value].loops
        if self.plan.rectangular(value):
            return tuple(
                counter(
                    self.b,
                    self(loop.body.params[0]),
                    compute_before(self, loop.start, loops[0]),
                    compute_before(self, loop.step, loops[0]),
                )
                for loop in loops
                if isinstance(loop, For)
            )
        return (self.slots[loops[-1]], *self.plan.column(value))

    @contextmanager
    def at(self, place: Place) -> Iterator[None]:
        """Emit into the reverse of an enclosing block, before the region that is being built there."""
        frames = self.b.frames
        self.b.frames = frames[: self.depth[place] + 1]
        try:
            yield
        finally:
            self.b.frames = frames

    @contextmanager
    def region(self, place: Place, index: Atom | None = None) -> Iterator[None]:
        """Enter the reverse of a block: step back the pointer, and that of each list with something of this block."""
        self.depth[place] = len(self.b.frames) - 1
        owner = place.owner
        if isinstance(owner, For) and index is not None:
            self.back[owner.body.params[0]] = index
        if ("pointer", owner) in self.state:
            if isinstance(owner, While):
                self.slots[owner] = self.step_back(("pointer", owner))
            elif isinstance(owner, For) and index is not None:
                before = counter(self.b, index, self(owner.start), self(owner.step))
                self.slots[owner] = self.b.emit("add", self.state[("pointer", owner)], before)
        for value in self.plan.recorded:
            key = self.plan.key(value)
            if self.facts.places.of[value] is place and key[0] == "list":
                self.back[value] = self.b.emit("list_get", self.tapes[key], self.step_back(key), name=value.name)
        yield

    def step_back(self, key: Key) -> Atom:
        """The place of the entry before the last one that was taken."""
        slot: Atom = self.b.emit("sub", self.state[key], const(1), name="slot")
        self.state[key] = slot
        return slot

    def states(self, node: Node) -> list[Key]:
        """What steps back while a region is reversed. Tapes and lists are only read.

        A choice outside of loops hands on nothing: what is recorded in a branch is there only where it was taken.
        """
        if isinstance(node, If) and not self.facts.places.inside[node.then].loops:
            return []
        keys = [k for k in self.plan.keys_inside(node) if k[0] not in ("tape", "record")]
        for key in keys:
            if key not in self.state:
                tape = self.tapes[key]
                self.state[key] = tape if key[0] == "pointer" else self.b.emit("list_len", tape)
        own = ("pointer", node)
        if isinstance(node, For) and own in keys:
            keys.remove(own)
            if node.breaks and node.trips:
                trips = self(node.trips)
            else:
                trips = trip_count(self.b, self(node.start), self(node.stop), self(node.step))
            self.state[own] = self.b.emit("sub", self.state[own], trips, name="slot")
        return keys

    def account(self, loop: For | While) -> str:
        """How a loop goes back, for the listing."""
        return of_loop(self.plan, loop)


def trip_count(b: Builder, start: Atom, stop: Atom, step: Atom) -> Atom:
    """How many iterations a counted loop makes; may be negative where it makes none."""
    from_zero = isinstance(start, Const) and start.value == 0
    length: Atom = stop if from_zero else b.emit("sub", stop, start)
    if isinstance(step, Const) and abs(step.value) == 1:
        if step.value == -1:
            length = b.emit("sub", start, stop)
        return b.emit("maximum", length, const(0)) if not is_length(b, length) else length
    if isinstance(step, Const):
        short: Atom = const(1 if step.value > 0 else -1)
    else:
        short = b.emit("where", b.emit("gt", step, const(0)), const(1), const(-1))
    count = b.emit("floordiv", b.emit("sub", b.emit("add", length, step), short), step)
    return b.emit("maximum", count, const(0))  # type: ignore[no-any-return]


def is_length(b: Builder, atom: Atom) -> bool:
    """Whether an integer is known not to be negative, because it is the length of an axis."""
    if isinstance(atom, Const):
        return bool(atom.value >= 0)
    return isinstance(atom, Value) and atom in b.origin and b.origin[atom].primitive in ("shape", "list_len", "maximum")


def counter(b: Builder, index: Atom, start: Atom, step: Atom) -> Atom:
    """How many iterations of a loop came before the one with this index."""
    if isinstance(step, Const) and step.value == 1:
        if isinstance(start, Const) and start.value == 0:
            return index
        return b.emit("sub", index, start)  # type: ignore[no-any-return]
    if isinstance(step, Const) and step.value == -1:
        return b.emit("sub", start, index)  # type: ignore[no-any-return]
    return b.emit("floordiv", b.emit("sub", index, start), step)  # type: ignore[no-any-return]


def compute_before(sweep: Recorder | Restore, atom: Atom, outermost: Node) -> Atom:
    """An integer computed outside the loops that define it; see `Plan.known_before`."""
    atom = sweep.facts.canonical(atom)
    if not isinstance(atom, Value) or not sweep.plan.is_inside(atom, outermost):
        return sweep(atom)
    eqn = sweep.facts.places.origin[atom]
    return sweep.b.emit(  # type: ignore[no-any-return]
        eqn.primitive, *(compute_before(sweep, o, outermost) for o in eqn.operands)
    )


__all__ = ["Demand", "Facts", "Plan", "Recorder", "Restore", "trip_count"]
