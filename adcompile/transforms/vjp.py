"""Reverse mode: the program that runs forward, keeps what it needs, and walks back, summing over paths.

Walks control flow and memory; the formulas are in `rules/`, what is kept and how it comes back in `record.py`.

Every array that carries a derivative has a cotangent of its shape in memory of its own. Reading an element adds to the
cotangent; writing one takes the cotangent out and leaves zero; each undoes what the other does going forward.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

from adcompile.analyses.activity import active
from adcompile.analyses.draws import require_repeatable
from adcompile.analyses.fusable import Fusable, read_by
from adcompile.analyses.lengths import Length, Less, Met
from adcompile.ir.build import Builder, const, zero
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, If, Node, Undef, Value, While
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import INT, Array, List, Scalar, differentiable, dtype_of, fresh, is_complex, rank
from adcompile.ir.walk import clone, free_values
from adcompile.rules import is_constant, vjp_of
from adcompile.transforms import checkpoints
from adcompile.transforms.account import FUSED
from adcompile.transforms.calls import Functions, flat, has_rules, reverse_rule
from adcompile.transforms.checkpoints import Kept
from adcompile.transforms.jvp import Derived, unweak
from adcompile.transforms.prune import pure_functions
from adcompile.transforms.record import Demand, Facts, Key, Plan, Recorder, Restore, trip_count

Related = dict[Value, tuple[Value, str]]


class Sweep:
    """The reverse sweep over one function, emitted into a builder.

    Parameters
    ----------
    facts : Facts
        The analyses of the primal.
    carrying : set of Value
        The active values.
    primal : Demand or Restore
        What hands out values of the forward sweep.
    functions : dict
        The functions that `call` names; their adjoints are added to it.
    callees : dict
        What values of these adjoints are cotangents and tapes of; added to as well.
    kept : dict
        The loops that keep states in place of tapes.
    fused : dict
        The loops that run forward here, each iteration followed by its reverse, with the adjoint of their body.
    """

    def __init__(
        self,
        b: Builder,
        facts: Facts,
        carrying: set[Value],
        primal: Demand | Restore,
        functions: Functions,
        callees: Related,
        fused: Mapping[For, Derived],
        kept: Mapping[Node, Kept],
    ) -> None:
        self.b = b
        self.facts = facts
        self.active = carrying
        self.primal = primal
        self.functions = functions
        self.callees = callees
        self.fused = fused
        self.kept = kept
        #: the loops of the forward sweep that ran here
        self.fused_here: set[Node] = set()
        self.bars: dict[Value, Atom] = {}
        self.related: Related = {}

    # -- cotangents of atoms ------------------------------------------------------------------------------------

    def put(self, value: Value, bar: Atom) -> None:
        """Set the cotangent of a value."""
        self.bars[value] = bar
        if isinstance(bar, Value):
            self.related.setdefault(bar, (value, "_bar"))

    def add(self, atom: Atom, bar: Atom | None) -> None:
        """Add a contribution, which has the atom's dtype and shape, to its cotangent."""
        if bar is None or not isinstance(atom, Value) or atom not in self.active:
            return
        if isinstance(bar.type, Array) and not bar.type.contiguous:
            bar = self.b.emit("copy", bar)
        old = self.bars.get(atom)
        if old is None or (isinstance(old, Const) and old.value == 0):
            if isinstance(bar, Value) and self.is_called_otherwise(bar, atom):
                bar = self.b.emit("let", bar)
            self.put(atom, bar)
        elif isinstance(atom.type, Array):
            self.put(atom, self.b.emit("accumulate", old, bar, index=()))
        elif isinstance(atom.type, List):
            self.put(atom, self.b.emit("list_add", old, bar))
        else:
            self.put(atom, self.b.emit("add", old, bar))

    def is_called_otherwise(self, bar: Value, value: Value) -> bool:
        """Whether a reader of the listing would miss a line that gives a cotangent its value's name."""
        owner = self.related.get(bar, (value, ""))[0]
        return owner is not value and not (owner.name and owner.name == value.name)

    def take(self, atom: Atom) -> Atom | None:
        """The cotangent collected for a value, or None where it is zero."""
        return self.bars.get(atom) if isinstance(atom, Value) else None

    def instantiate(self, value: Value) -> Atom:
        """The cotangent of a value, with a zero written out."""
        bar = self.bars.get(value)
        if bar is None:
            bar = self.zeros(value)
            self.put(value, bar)
        return bar

    def zeros(self, value: Value) -> Atom:
        match value.type:
            case Scalar(dtype):
                return zero(Scalar(dtype))
            case Array(dtype):
                result: Atom = self.b.emit("zeros", *self.primal.dims(value), dtype=dtype)
                return result
            case List(Scalar(dtype)):
                length = self.primal(self.facts.length(value, 0))
                result = self.b.emit("array_to_list", self.b.emit("zeros", length, dtype=dtype))
                return result
        result = self.b.emit("list_zeros", self.primal(value))
        return result

    def fit(self, eqn: Eqn, operand: Atom, bar: Atom | None) -> Atom | None:
        """A contribution brought to its operand's dtype and shape.

        The cotangent of a repeated operand is summed over the repetition, that of a real one is real.
        """
        if bar is None or isinstance(operand.type, List):
            return bar
        dtype = dtype_of(operand.type)
        if is_complex(dtype_of(bar.type)) and not is_complex(dtype):
            bar = self.b.emit("real", bar)
        bar = self.b.to_dtype(bar, dtype)
        if rank(operand.type) == 0:
            return self.b.emit("sum", bar, axis=None, keepdims=False) if rank(bar.type) else bar
        if rank(bar.type) == 0:
            return self.b.emit("full", bar, *self.dims(operand), dtype=dtype)  # type: ignore[no-any-return]
        return self.unrepeated(bar, operand, self.repeated_along(eqn, operand, bar))

    def unrepeated(self, bar: Atom, operand: Atom, axes: tuple[int, ...] | None) -> Atom:
        """A contribution summed over the axes along which its operand was repeated: as sums, where they are known."""
        kept = rank(bar.type) == rank(operand.type)
        if axes is None or not (kept or len(axes) == rank(bar.type) - rank(operand.type)):
            return self.b.emit("unbroadcast", bar, *self.dims(operand))  # type: ignore[no-any-return]
        if not axes:
            return bar
        axis = axes[0] if len(axes) == 1 else axes
        return self.b.emit("sum", bar, axis=axis, keepdims=kept)  # type: ignore[no-any-return]

    def dims(self, atom: Atom) -> list[Atom]:
        """The lengths of the axes of an array; of a slice, computed from the length of what it is cut out of."""
        found: list[Atom] = []
        for dim, size in zip(self.facts.shapes.dims(atom), self.facts.sizes.of(atom), strict=True):
            if isinstance(size, Less) and not isinstance(size.of, Less | Met):
                shorter = self.b.emit("sub", self.primal(self.facts.atom_of(size.of)), const(size.by))
                found.append(self.b.emit("maximum", shorter, const(0)))
            else:
                found.append(self.primal(self.facts.atom_of(dim)))
        return found

    def repeated_along(self, eqn: Eqn, operand: Atom, bar: Atom) -> tuple[int, ...] | None:
        """The axes along which an elementwise operation, or a write, repeated an operand; None where that is not known."""
        lengths = self.facts.sizes
        own: Sequence[Length] = lengths.of(operand)
        whole: Sequence[Length | None] = lengths.of(eqn.results[0])
        if eqn.primitive in ("store", "accumulate"):
            if not all(code[0] in "isn" for code in eqn["index"]):
                return None
            whole = lengths.selected(eqn.operands[0], eqn["index"], eqn.operands[2:])
        elif not PRIMITIVES[eqn.primitive].elementwise:
            return ()
        leading = rank(bar.type) - len(own)
        if leading < 0 or len(whole) != rank(bar.type):
            return None
        changed = [k for k in range(leading, len(whole)) if whole[k] != own[k - leading]]
        return None if any(own[k - leading] != 1 for k in changed) else (*range(leading), *changed)

    # -- nodes --------------------------------------------------------------------------------------------------

    def nodes(self, nodes: Sequence[Node]) -> None:
        for node in reversed(nodes):
            if all(r not in self.bars for r in node.results):
                continue
            self.b.span = node.span
            match node:
                case Eqn():
                    self.equation(node)
                case If():
                    self.choice(node)
                case For() if node in self.fused:
                    self.fused_loop(node, self.fused[node])
                case For() | While() if node in self.kept:
                    self.kept[node].reverse(self)
                case For() | While():
                    self.loop(node)

    def equation(self, eqn: Eqn) -> None:
        """Add what an equation contributes to the cotangents of its operands."""
        bars = [self.take(r) for r in eqn.results]
        handler = getattr(self, f"reverse_{eqn.primitive}", None)
        if handler is not None:
            handler(eqn, *bars)
            return
        wanted = [isinstance(o, Value) and o in self.active for o in eqn.operands]
        contributions = vjp_of(self.b, eqn, self.primal, bars, wanted)
        for operand, bar in zip(eqn.operands, contributions, strict=True):
            self.add(operand, self.fit(eqn, operand, bar))

    # -- memory -------------------------------------------------------------------------------------------------

    def index(self, atoms: Sequence[Atom]) -> list[Atom]:
        return [self.primal(a) for a in atoms]

    def into(self, atom: Atom) -> Value | None:
        """A value whose cotangent is about to be added to in place, or None where it has none."""
        return atom if isinstance(atom, Value) and atom in self.active else None

    def hand_back(self, target: Atom, bar: Atom) -> None:
        """Give the cotangent of what a write left behind to the version it wrote into.

        In a program of the user's nothing reads that version after the write. In a derivative something may, until
        copies are put in; then it has a cotangent already.
        """
        if isinstance(target, Value) and target in self.active:
            if target in self.bars:
                self.add(target, bar)
            else:
                self.put(target, bar)

    def reverse_load(self, eqn: Eqn, bar: Atom) -> None:
        """y = a[i]  gives  a_bar[i] += y_bar; slices and gathered elements alike."""
        array = self.into(eqn.operands[0])
        if array is not None:
            index = self.index(eqn.operands[1:])
            self.put(array, self.b.emit("accumulate", self.instantiate(array), bar, *index, index=eqn["index"]))

    reverse_view = reverse_load
    reverse_gather = reverse_load

    def reverse_store(self, eqn: Eqn, bar: Atom) -> None:
        """a[i] = v  gives  v_bar += a_bar[i]; a_bar[i] = 0."""
        array, value, *index = eqn.operands
        rest, taken = self.b.emit("drain", bar, *self.index(index), index=eqn["index"])
        self.hand_back(array, rest)
        self.add(value, self.fit(eqn, value, taken))

    def reverse_accumulate(self, eqn: Eqn, bar: Atom) -> None:
        """a[i] += v  gives  v_bar += a_bar[i]."""
        array, value, *index = eqn.operands
        codes = eqn["index"]
        self.hand_back(array, bar)
        if self.into(value) is not None:
            array_rank = rank(array.type)
            if len(codes) == array_rank and all(c == "i" for c in codes):
                kind = "load"
            else:
                kind = "gather" if any(c[0] in "am" for c in codes) else "view"
            taken = bar if not codes else self.b.emit(kind, bar, *self.index(index), index=codes)
            self.add(value, self.fit(eqn, value, taken))

    def reverse_drain(self, eqn: Eqn, rest: Atom | None, taken: Atom | None) -> None:
        """a, v = drain(a, i)  gives  a_bar[i] = v_bar."""
        array = self.into(eqn.operands[0])
        if array is None:
            return
        if rest is None:
            rest = self.zeros(array)
        value: Atom = zero(Scalar(dtype_of(array.type))) if taken is None else taken
        self.hand_back(array, self.b.emit("store", rest, value, *self.index(eqn.operands[1:]), index=eqn["index"]))

    def reverse_reserve(self, eqn: Eqn, bar: Atom) -> None:
        """What lies beyond the old end of a tape is never read back, so the longer cotangent serves as it is."""
        self.hand_back(eqn.operands[0], bar)

    def reverse_let(self, eqn: Eqn, bar: Atom) -> None:
        self.add(eqn.operands[0], bar)

    def reverse_copy(self, eqn: Eqn, bar: Atom) -> None:
        self.add(eqn.operands[0], bar)

    # -- lists --------------------------------------------------------------------------------------------------

    def reverse_list_new(self, eqn: Eqn, bar: Atom) -> None:
        for k, element in enumerate(eqn.operands):
            if self.into(element) is not None:
                self.add(element, self.b.emit("list_get", bar, const(k)))

    def reverse_list_get(self, eqn: Eqn, bar: Atom) -> None:
        if (items := self.into(eqn.operands[0])) is not None:
            k = self.primal(eqn.operands[1])
            self.put(items, self.b.emit("list_accumulate", self.instantiate(items), bar, k))

    def reverse_list_append(self, eqn: Eqn, bar: Atom) -> None:
        rest, taken = self.b.emit("list_pop", bar)
        self.hand_back(eqn.operands[0], rest)
        self.add(eqn.operands[1], taken)

    def reverse_list_pop(self, eqn: Eqn, rest: Atom | None, taken: Atom | None) -> None:
        if (items := self.into(eqn.operands[0])) is not None:
            left, element = eqn.results
            rest = self.zeros(left) if rest is None else rest
            taken = self.zeros(element) if taken is None else taken
            self.hand_back(items, self.b.emit("list_append", rest, taken))

    def reverse_list_set(self, eqn: Eqn, bar: Atom) -> None:
        items, value, k = eqn.operands
        rest, taken = self.b.emit("list_drain", bar, self.primal(k))
        self.hand_back(items, rest)
        self.add(value, taken)

    def reverse_list_drain(self, eqn: Eqn, rest: Atom | None, taken: Atom | None) -> None:
        if (items := self.into(eqn.operands[0])) is not None:
            left, element = eqn.results
            rest = self.zeros(left) if rest is None else rest
            taken = self.zeros(element) if taken is None else taken
            self.hand_back(items, self.b.emit("list_set", rest, taken, self.primal(eqn.operands[1])))

    def reverse_list_accumulate(self, eqn: Eqn, bar: Atom) -> None:
        items, value, k = eqn.operands
        if self.into(value) is not None:
            self.add(value, self.b.emit("list_get", bar, self.primal(k)))
        self.hand_back(items, bar)

    def reverse_list_add(self, eqn: Eqn, bar: Atom) -> None:
        for operand in eqn.operands:
            self.add(operand, bar)

    def reverse_list_zeros(self, eqn: Eqn, bar: Atom) -> None:
        """Zeros depend on nothing."""

    def reverse_list_to_array(self, eqn: Eqn, bar: Atom) -> None:
        self.add(eqn.operands[0], self.b.emit("array_to_list", bar))

    def reverse_array_to_list(self, eqn: Eqn, bar: Atom) -> None:
        self.add(eqn.operands[0], self.b.emit("list_to_array", bar))

    # -- calls --------------------------------------------------------------------------------------------------

    def reverse_call(self, eqn: Eqn, *bars: Atom | None) -> None:
        """Run the callee's adjoint, which runs the callee again and yields its results, too."""
        callee = self.functions[eqn["function"]]
        again: tuple[Value, ...] = ()
        if has_rules(callee.name, self.functions):
            wrt = tuple(differentiable(o.type) for o in eqn.operands)
            name = reverse_rule(callee, self.functions, vjp)
        else:
            wrt = tuple(isinstance(o, Value) and o in self.active for o in eqn.operands)
            name = vjp_function(callee, wrt, self.functions, self.callees)
            again = tuple(Value(r.type, r.name, eqn.span) for r in eqn.results)
        why = "it is called in a way that runs it again in the reverse sweep"
        require_repeatable(self.functions[name], self.functions, why)
        seeds = [self.instantiate(r) for r in eqn.results if differentiable(r.type)]
        targets = [o for o, w in zip(eqn.operands, wrt, strict=True) if w]
        target_bars = tuple(Value(fresh(unweak(t.type)), "", eqn.span) for t in targets)
        operands = (*(self.primal(o) for o in eqn.operands), *seeds)
        results = (*again, *target_bars)
        params = (("function", name), ("types", tuple(r.type for r in results)))
        self.b.append(Eqn("call", operands, results, params, eqn.span))
        for target, bar in zip(targets, target_bars, strict=True):
            self.add(target, bar)

    # -- regions ------------------------------------------------------------------------------------------------

    def collected(self, *blocks: Block) -> list[Value]:
        """The active values of enclosing blocks that a region contributes to."""
        found = dict.fromkeys(v for block in blocks for v in free_values(block))
        return [v for v in found if v in self.active]

    def choice(self, node: If) -> None:
        """Walk back the branch that was taken; both sides hand on the cotangents of what either reads."""
        cond = self.primal(node.cond)
        outer = self.collected(node.then, node.orelse)
        before = {v: self.bars[v] for v in outer if v in self.bars}
        states = self.primal.states(node)
        entry = dict(self.primal.state)
        branches: list[Block] = []
        for block in (node.then, node.orelse):
            for v in outer:
                self.bars.pop(v, None)
            self.bars.update(before)
            self.primal.state.update(entry)
            with self.b.block() as frame, self.primal.region(self.facts.places.inside[block]):
                for r, a in zip(node.results, block.results, strict=True):
                    self.add(a, self.take(r))
                self.nodes(block.nodes)
                outputs = [self.settled(v) for v in outer]
                outputs += [self.primal.state[k] for k in states]
            branches.append(self.b.finish(frame, (), outputs))
        results = tuple(Value(fresh(unweak(a.type)), "", node.span) for a in outputs)
        then, orelse = branches
        self.b.append(If(cond, then, orelse, results, node.span))
        for k, (v, r) in enumerate(zip(outer, results, strict=False)):
            self.put(v, r)
            zeros = [self.is_zero(block.results[k]) for block in branches]
            if zeros[0] != zeros[1]:
                self.b.choices[r] = (cond, zeros[1])
        self.put_states(states, results[len(outer) :])

    def is_zero(self, atom: Atom) -> bool:
        """Whether an atom was written as zero."""
        if isinstance(atom, Const):
            return bool(atom.value == 0)
        return isinstance(atom, Value) and atom in self.b.origin and self.b.origin[atom].primitive == "zeros"

    def settled(self, value: Value) -> Atom:
        """A cotangent as a branch hands it on: zero where there is none.

        A value that this side does not have may have no length here; nobody reads its cotangent then.
        """
        if value in self.bars or value not in self.facts.undefined or isinstance(value.type, Scalar):
            return self.instantiate(value)
        return Undef(unweak(value.type))

    def put_states(self, states: Sequence[Key], values: Sequence[Atom]) -> None:
        self.primal.state.update(zip(states, values, strict=True))

    def loop(self, node: For | While) -> None:
        """Walk the iterations back, carrying the cotangents of what they carry and of what they all read."""
        place = self.facts.places.inside[node.body]
        carried = node.body.params[1:] if isinstance(node, For) else node.body.params
        moving = [k for k, p in enumerate(carried) if p in self.active]
        outer = self.collected(node.body)
        states = self.primal.states(node)
        bounds = self.reversed_bounds(node)
        inits = [self.instantiate(node.results[k]) for k in moving] + [self.instantiate(v) for v in outer]
        inits += [self.primal.state[k] for k in states]
        owners = [carried[k] for k in moving] + outer
        params = [self.bar_param(v) for v in owners]
        params += [Value(i.type, i.name if isinstance(i, Value) else "slot") for i in inits[len(params) :]]
        index = Value(INT, node.body.params[0].name if isinstance(node, For) else "k", node.span)
        if isinstance(node, For):
            self.related[index] = (node.body.params[0], "")
        with self.b.block() as frame:
            for v, p in zip(outer, params[len(moving) :], strict=False):
                self.bars[v] = p
            self.put_states(states, params[len(owners) :])
            with self.primal.region(place, index):
                for k, p in zip(moving, params, strict=False):
                    self.add(node.body.results[k], p)
                self.nodes(node.body.nodes)
                nexts = [self.settled(v) for v in owners] + [self.primal.state[k] for k in states]
        body = self.b.finish(frame, (index, *params), nexts)
        self.b.span = node.span
        with self.b.remark(self.primal.account(node)):
            results, _ = self.b.for_(bounds, inits, body, parallel=isinstance(node, For) and node.parallel)
        for r, p in zip(results, params, strict=True):
            if p in self.related:
                self.related[r] = self.related[p]
        for v, r in zip(outer, results[len(moving) :], strict=False):
            self.put(v, r)
        self.put_states(states, results[len(owners) :])
        for k, r in zip(moving, results, strict=False):
            self.add(node.inits[k], r)

    def fused_loop(self, node: For, body: Derived) -> None:
        """Run a loop forward, each iteration followed by its reverse, with the cotangents of what all iterations read."""
        self.fused_here.add(node)
        outer = self.collected(node.body)
        free = free_values(node.body)
        seeds = [self.instantiate(r) for r in node.results if r in self.active]
        bars = [self.bar_param(v) for v in outer]
        inits = (*(self.primal(a) for a in node.inits), *(self.instantiate(v) for v in outer))
        with self.b.block() as frame:
            operands = (*node.body.params, *map(self.primal, free), *seeds, *bars)
            copy, became = clone(body.function.body, dict(zip(body.function.params, operands, strict=True)))
            for inner in copy.nodes:
                self.b.append(inner)
        self.related.update({now: (old, "") for old, now in became.items() if isinstance(now, Value)})
        self.related.update(inherited(body.related, became))
        block = self.b.finish(frame, (*node.body.params, *bars), copy.results)
        results = tuple(Value(p.type, p.name, p.span) for p in bars)
        start, stop, step = (self.primal(a) for a in (node.start, node.stop, node.step))
        every, parallel = (*node.results, *results), node.parallel
        self.b.append(For(start, stop, step, inits, block, every, parallel=parallel, span=node.span, comment=FUSED))
        for v, r in zip(outer, results, strict=True):
            self.put(v, r)
        for init, r in zip(node.inits, node.results, strict=True):
            self.add(init, self.take(r))

    def bar_param(self, value: Value) -> Value:
        bar = Value(fresh(unweak(value.type)), "", value.span)
        self.related[bar] = (value, "_bar")
        return bar

    def reversed_bounds(self, node: For | While) -> tuple[Atom, Atom, Atom]:
        """The range that runs through the iterations of a loop from the last to the first."""
        b, one = self.b, const(1)
        if isinstance(node, While):
            assert node.trips is not None
            return b.emit("sub", self.primal(node.trips), one), const(-1), const(-1)
        start, step = self.primal(node.start), self.primal(node.step)
        if node.breaks:
            assert node.trips is not None
            trips = self.primal(node.trips)
        elif isinstance(step, Const) and abs(step.value) == 1:
            stop = self.primal(node.stop)
            return b.emit("sub", stop, step), b.emit("sub", start, step), b.emit("neg", step)
        else:
            trips = trip_count(b, start, self.primal(node.stop), step)
        last = b.emit("add", start, b.emit("mul", b.emit("sub", trips, one), step))
        return last, b.emit("sub", start, step), b.emit("neg", step)


def count_trips(block: Block) -> Block:
    """The block with every loop that may end early counting its iterations."""

    def visit(node: Node) -> Node:
        match node:
            case If():
                return replace(node, then=count_trips(node.then), orelse=count_trips(node.orelse))
            case For():
                trips = node.trips or (Value(INT, "trips", node.span) if node.breaks else None)
                return replace(node, body=count_trips(node.body), trips=trips)
            case While():
                trips = node.trips or Value(INT, "trips", node.span)
                return replace(node, body=count_trips(node.body), trips=trips)
        return node

    return Block(block.params, tuple(visit(n) for n in block.nodes), block.results)


def vjp(
    fn: Function,
    wrt: Sequence[bool],
    functions: Functions,
    name: str = "",
    *,
    seeded: Sequence[bool] | None = None,
    keep_results: bool = True,
    adding: Collection[Value] = (),
    budget: int | None = None,
) -> Derived:
    """The adjoint of `fn`: ``(*params, *result_bars) -> (*results, *param_bars)``.

    Parameters
    ----------
    fn : Function
        The primal.
    wrt : sequence of bool
        Which parameters to give a cotangent for. Parameters that cannot have one (integers, flags) have none.
    functions : dict
        The program's functions; the adjoints of callees are added.
    name : str, optional
        The new function's name; `<name>_vjp` where left out.
    seeded : sequence of bool, optional
        Which results to take a cotangent for; the others' is zero. All that can have one where left out.
    keep_results : bool
        Whether the primal's results are handed back as well.
    adding : collection of Value
        Parameters whose cotangents are added to others, which are the last parameters.
    budget : int, optional
        How many bytes of states loops may keep in place of tapes; tapes where left out.

    Returns
    -------
    Derived
        Takes one cotangent for every result of floating type, whether it depends on `wrt` or not.
    """
    fn = Function(fn.name, fn.params, count_trips(fn.body), fn.tree, fn.span, fn.doc)
    sources = [p for p, w in zip(fn.params, wrt, strict=True) if w and differentiable(p.type)]
    chosen = seeded or [True] * len(fn.body.results)
    outputs = [r for r, s in zip(fn.body.results, chosen, strict=True) if s and differentiable(r.type)]
    carrying = active(fn, sources, outputs, is_constant)
    facts = Facts(fn)
    callees: Related = {}
    seeds = [Value(fresh(unweak(r.type)), f"{r.name}_bar" if isinstance(r, Value) and r.name else "") for r in outputs]
    before = [Value(fresh(unweak(p.type)), f"{p.name}_bar" if p.name else "") for p in sources if p in adding]

    def sweep(b: Builder, primal: Demand | Restore) -> tuple[Sweep, list[Atom]]:
        reverse = Sweep(b, facts, carrying, primal, functions, callees, fused, kept)
        for p, bar in zip((p for p in sources if p in adding), before, strict=True):
            reverse.put(p, bar)
        with primal.region(facts.places.inside[fn.body]):
            for r, seed in zip(outputs, seeds, strict=True):
                reverse.add(r, seed)
                if isinstance(r, Value):
                    reverse.related.setdefault(seed, (r, "_bar"))
            reverse.nodes(fn.body.nodes)
        return reverse, [reverse.instantiate(p) for p in sources]

    fusable = Fusable(fn, carrying, pure_functions(functions))
    fused = {loop: adjoint_of_body(loop, carrying, functions) for loop in fusable.loops}
    kept: dict[Node, Kept] = {}

    def demanded() -> Plan:
        """What the reverse sweep asks for, once no fused loop stands in its way."""
        while True:
            demand = Demand(facts)
            sweep(Builder(), demand)
            lost = fusable.give_up({*demand.with_measured(), *(v for loop in kept for v in read_by(loop))})
            if not lost:
                return Plan.make(facts, demand.wanted)
            for loop in lost:
                del fused[loop]

    plan = demanded()
    if budget is not None:
        kept |= checkpoints.find(facts, plan, budget, partial(adjoint_of_iteration, carrying, functions), functions)
        plan = demanded() if kept else plan
    late = fusable.later(fusable.loops)
    b = Builder()
    recorder = Recorder(plan, b, kept)
    recorder.run([node for node in fn.body.nodes if node not in late])
    restore = Restore(recorder)
    reverse, bars = sweep(b, restore)
    for node in late:
        if node not in reverse.fused_here:
            b.append(node)

    results = fn.body.results if keep_results else ()
    n = len(results)
    bars_tree = tuple(range(n, n + len(bars)))
    tree = (fn.tree if fn.tree is not None else 0, bars_tree) if keep_results else bars_tree
    body = Block((), tuple(b.frames[0].nodes), (*results, *bars))
    function = Function(name or f"{fn.name}_vjp", (*fn.params, *seeds, *before), body, tree, fn.span)
    return Derived(function, {**callees, **recorder.related, **restore.related, **reverse.related})


def adjoint_of_body(loop: For, carrying: set[Value], functions: Functions) -> Derived:
    """The adjoint of one iteration: from what it reads, and the cotangents of the sums that it adds to.

    It hands on what the loop carries, and adds to the cotangents of what all iterations read.
    """
    free = free_values(loop.body)
    body = Function("iteration", (*loop.body.params, *free), Block((), loop.body.nodes, loop.body.results))
    wrt = [False] * len(loop.body.params) + [v in carrying for v in free]
    seeded = [r in carrying for r in loop.results]
    return vjp(body, wrt, functions, seeded=seeded, adding=free)


def adjoint_of_iteration(
    carrying: set[Value], functions: Functions, body: Function, carried: Sequence[Value], free: Sequence[Value]
) -> Derived:
    """The adjoint of an iteration that hands on what it carries: without its results, adding to the cotangents of what all read."""
    wrt = [p in carrying for p in body.params]
    seeded = [p in carrying for p in carried]
    return vjp(body, wrt, functions, seeded=seeded, keep_results=False, adding=free)


def inherited(related: Related, became: Mapping[Value, Atom]) -> Related:
    """What the values of a copy are cotangents and tapes of."""

    def now(value: Value) -> Value:
        atom = became.get(value, value)
        return atom if isinstance(atom, Value) else value

    return {now(value): (now(owner), suffix) for value, (owner, suffix) in related.items()}


def vjp_function(callee: Function, wrt: Sequence[bool], functions: Functions, related: Related) -> str:
    """The name of a callee's adjoint in the program, made on first use.

    What its values are cotangents and tapes of is added to `related`.
    """
    name = f"{callee.name}_vjp" + ("" if all(wrt) else "_" + "".join("01"[w] for w in wrt))
    if name not in functions:
        functions[name] = callee  # stands in while the callee calls itself
        derived = vjp(callee, wrt, functions, name)
        functions[name] = flat(derived.function)
        related.update(derived.related)
    return name
