"""Makes memory SSA executable in place: inserts a copy wherever memory would be overwritten that is still needed.

Knows nothing of names or Python; after it, every operation that writes has the only reference to what it writes into.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from adcompile.backend.liveness import Lives, liveness
from adcompile.backend.sharing import (
    NOWHERE,
    Memory,
    Origin,
    Origins,
    carried_memory,
    join_members,
    read_as_it_is,
    storable,
    unshared,
)
from adcompile.errors import InternalError
from adcompile.ir.memory import RESIZING
from adcompile.ir.nodes import Atom, Block, Const, Eqn, For, Function, If, Node, Undef, Value, While
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array, List, Type

EACH_TIME = "is made before a loop that overwrites it in each iteration"
OVERWRITTEN = "is read after its memory is overwritten"

#: what these overwrite are the elements of a list, not only the list
DEEP = frozenset({"list_accumulate", "list_drain"})
#: these put their array operands into a list
KEEPING = frozenset({"list_new", "list_append", "list_set"})


def own(fn: Function, given: frozenset[Value] = frozenset()) -> Function:
    """The same function, with copies where its writes would be seen by someone else.

    Copied is what is read again later, what belongs to the caller, and what is returned twice. A function whose
    every version of an array dies where the next is made comes back without a copy. Arrays that meet where paths
    meet are made contiguous, and parameters that are not contiguous are made so on entry. What a loop overwrites
    without carrying it starts anew in each iteration, so it is copied there. The parameters in `given` are contiguous, and
    the function's own to write into.
    """
    detached: set[Value] = set()
    while True:
        owner = Owner(fn, detached, given)
        result = owner.function()
        if not owner.stale:
            return result
        detached |= owner.stale


def check_owned(fn: Function) -> None:
    """Raise InternalError where `own` would still insert a copy."""
    owner = Owner(fn, set())
    owner.function()
    if owner.copied or owner.stale:
        value, reason = [*owner.copied, *((v, OVERWRITTEN) for v in owner.views if v in owner.stale)][0]
        raise InternalError(f"{value.name or 'a value'} of {fn.name} {reason}", value.span or fn.span)


@dataclass
class Owner:
    """One walk down a function, which writes the function anew.

    Memory is known by its origins: the values that were new when they were made. The carried values of a loop are
    origins too. Where one is overwritten (`taken`), the loop takes what it starts from and what each iteration
    hands on, so these must be free of other readers as if they were overwritten there.

    A view that is read after the memory behind it was overwritten is `stale`; the walk is then repeated with those
    views `detached`: copied where they are made, which is cheaper than to copy all of what they look at.
    """

    fn: Function
    detached: set[Value]
    given: frozenset[Value] = frozenset()
    lives: Lives = field(init=False)
    shapes: Lives = field(init=False)
    nodes: list[Node] = field(default_factory=list)
    new: dict[Value, Value] = field(default_factory=dict)  # values whose type has changed, or entry copies
    memory: dict[Value, Memory] = field(default_factory=dict)
    level: dict[Value, int] = field(default_factory=dict)  # of loops around the place where a value is made
    loops: int = 0
    members: dict[Origin, tuple[Value, ...]] = field(default_factory=dict)  # who may share it
    callers: set[Origin] = field(default_factory=set)
    slots: set[Origin] = field(default_factory=set)  # of the carried values of loops
    taken: set[Origin] = field(default_factory=set)
    views: dict[Value, None] = field(default_factory=dict)
    stale: set[Value] = field(default_factory=set)
    copied: list[tuple[Value, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lives = liveness(self.fn, content=True)
        self.shapes = liveness(self.fn)

    # -- memory -------------------------------------------------------------------------------------------------

    def of(self, atom: Atom) -> Memory:
        return self.memory.get(atom, Memory()) if isinstance(atom, Value) else Memory()

    def enter(self, value: Value, memory: Memory | None = None) -> Memory:
        """Note what a value may share memory with; by default it is new."""
        self.level[value] = self.loops
        if not isinstance(value.type, Array | List):
            return Memory()
        if memory is None or not memory.outer:
            memory = unshared(value)
        self.memory[value] = memory
        for origin in memory.all:
            self.members[origin] = (*self.members.get(origin, ()), value)
        return memory

    def reason(self, origins: Origins, position: int, others: Sequence[Memory] = (), resizes: bool = False) -> str:
        """Why memory cannot be overwritten at a position; "" if it can.

        `others` are handed on at the same place. Live views count as stale instead of as reasons.
        """
        if not self.callers.isdisjoint(origins):
            return "belongs to the caller"
        if any(self.level[value] < self.loops for value, _ in origins):
            return "is needed by the next iteration"
        if any(not origins.isdisjoint(other.all) for other in others):
            return "is carried twice"
        lives = self.shapes if resizes else self.lives
        alive = {v: None for o in origins for v in self.members.get(o, ()) if lives.alive(v, position)}
        if all(v in self.views for v in alive):
            self.stale.update(alive)
            return ""
        return OVERWRITTEN

    def take(self, origins: Origins, survivors: Sequence[Value] = ()) -> None:
        """Overwrite memory: whoever shared it is dead."""
        self.taken |= origins
        for origin in origins:
            self.members[origin] = tuple(survivors)

    # -- rewriting ----------------------------------------------------------------------------------------------

    def at(self, atom: Atom) -> Atom:
        """What stands for an atom in the new function."""
        return self.new.get(atom, atom) if isinstance(atom, Value) else atom

    def copy(self, atom: Atom, reason: str, primitive: str = "copy", name: str = "") -> Value:
        """Append a copy of an atom of the new function."""
        assert isinstance(atom, Value)
        self.copied.append((atom, reason))
        result = Value(storable(atom.type), name or atom.name, atom.span)
        self.nodes.append(Eqn(primitive, (atom,), (result,), (), atom.span))
        return result

    def retyped(self, value: Value, type_: Type) -> Value:
        """The value in the new function, with another type if it has changed."""
        if value.type != type_:
            self.new[value] = replace(value, type=type_)
        return self.new.get(value, value)

    def strided(self, atom: Atom) -> bool:
        return isinstance(atom, Value) and storable(atom.type) != atom.type

    def function(self) -> Function:
        fn = self.fn
        read = read_as_it_is(fn)
        for p in fn.params:
            memory = self.enter(p)
            self.callers |= NOWHERE if p in self.given else memory.all
            if self.strided(p) and p in read:
                self.new[p] = self.copy(p, "is not contiguous", "contiguous")
        self.block_nodes(fn.body)
        results: list[Atom] = []
        given: list[Memory] = []
        for atom in fn.body.results:
            result, memory = self.at(atom), self.of(atom)
            if not self.callers.isdisjoint(memory.all) or any(not m.all.isdisjoint(memory.all) for m in given):
                result, memory = self.copy(result, "is returned and belongs to someone else"), Memory()
            results.append(result)
            given.append(memory)
        return replace(fn, body=Block((), tuple(self.nodes), tuple(results)))

    def block_nodes(self, block: Block) -> None:
        for node in block.nodes:
            match node:
                case Eqn():
                    self.eqn(node)
                case If():
                    self.choice(node)
                case For() | While():
                    self.loop(node)

    def inside(self, block: Block) -> list[Node]:
        """The nodes of a nested block, written anew into a list that stays open for more."""
        self.nodes, around = [], self.nodes
        self.block_nodes(block)
        self.nodes, nodes = around, self.nodes
        return nodes

    # -- equations ----------------------------------------------------------------------------------------------

    def eqn(self, node: Eqn) -> None:
        about = PRIMITIVES[node.primitive]
        operands = [self.at(o) for o in node.operands]
        params = node.params
        if node.primitive in KEEPING:
            operands = [self.copy(o, "is not contiguous") if self.strided(o) else o for o in operands]
            params = tuple((k, storable(v) if k == "element" else v) for k, v in params)
        memory = Memory()
        if about.consumes is not None:
            operands[about.consumes], memory = self.consume(node, operands[about.consumes])
        results = node.results
        if params != node.params or [o.type for o in operands] != [o.type for o in node.operands]:
            types = about.infer(tuple(o.type for o in operands), dict(params))
            results = tuple(self.retyped(r, t) for r, t in zip(node.results, types, strict=True))
        self.nodes.append(replace(node, operands=tuple(operands), results=results, params=params))
        self.define(node, memory)

    def consume(self, node: Eqn, operand: Atom) -> tuple[Atom, Memory]:
        """The operand a writing operation may overwrite, and its memory."""
        about = PRIMITIVES[node.primitive]
        assert about.consumes is not None
        old = node.operands[about.consumes]
        memory = self.of(old)
        if isinstance(old, Value) and self.level[old] < self.loops:
            return self.copy(operand, EACH_TIME, name=node.results[0].name), Memory()
        origins = memory.all if node.primitive in DEEP else memory.outer
        reason = self.reason(origins, self.lives.at[node] + 1, resizes=node.primitive in RESIZING)
        if reason or self.strided(operand):
            return self.copy(operand, reason or "is not contiguous", name=node.results[0].name), Memory()
        self.take(origins)
        return operand, memory

    def define(self, node: Eqn, memory: Memory) -> None:
        """Note the memory of an equation's results, and detach views."""
        about = PRIMITIVES[node.primitive]
        for k, result in enumerate(node.results):
            if k == 0 and (about.consumes is not None or node.primitive in KEEPING):
                mine = memory if memory.outer else unshared(result)
                self.enter(result, Memory(mine.outer, mine.inner | self.kept(node)))
            elif node.primitive in ("list_get", "list_pop", "list_drain") and isinstance(result.type, Array):
                self.alias(result, Memory(self.of(node.operands[0]).inner))
            elif k == 0 and about.aliases is not None:
                self.alias(result, self.of(node.operands[about.aliases]))
            elif node.primitive == "contiguous":
                self.alias(result, self.of(node.operands[0]))
            else:
                self.enter(result)

    def kept(self, node: Eqn) -> Origins:
        """The memory of the arrays that an operation puts into a list."""
        if node.primitive not in KEEPING:
            return NOWHERE
        return frozenset().union(*(self.of(o).outer for o in node.operands if isinstance(o.type, Array)))

    def alias(self, value: Value, memory: Memory) -> None:
        """Enter a value that looks at memory; if it is to be detached, copy it."""
        if not isinstance(value.type, Array):
            self.enter(value, memory)
        elif value in self.detached:
            self.detach(value)
            self.enter(value)
        else:
            self.enter(value, memory)
            self.views[value] = None

    def detach(self, value: Value) -> None:
        """Let the last equation yield a view without a name, and the value be a copy of it."""
        self.copied.append((value, OVERWRITTEN))
        old, last = self.at(value), self.nodes.pop()
        assert isinstance(last, Eqn)
        self.new.pop(value, None)
        view, result = Value(old.type, "", value.span), self.retyped(value, storable(value.type))
        results = tuple(view if r is old else r for r in last.results)
        self.nodes += [replace(last, results=results), Eqn("copy", (view,), (result,), (), value.span)]

    # -- regions ------------------------------------------------------------------------------------------------

    def merge(self, atoms: Sequence[Atom], nodes: list[Node]) -> list[Atom]:
        """Atoms as they are handed on at the end of some nodes: contiguous."""
        around, self.nodes = self.nodes, nodes
        result = [self.copy(a, "is not contiguous") if self.strided(a) else a for a in map(self.at, atoms)]
        self.nodes = around
        return result

    def choice(self, node: If) -> None:
        before = dict(self.members)
        blocks = []
        ends: list[list[Memory]] = []
        for block in (node.then, node.orelse):
            self.members, entered = dict(before), self.members
            nodes = self.inside(block)
            results = self.merge(block.results, nodes)
            blocks.append(Block((), tuple(nodes), tuple(results)))
            ends.append(
                [self.of(a) if self.at(a) is r else Memory() for a, r in zip(block.results, results, strict=True)]
            )
            if block is node.orelse:
                join_members(self.members, entered)
        values = tuple(self.retyped(r, storable(r.type)) for r in node.results)
        self.nodes.append(replace(node, cond=self.at(node.cond), then=blocks[0], orelse=blocks[1], results=values))
        shared = [a | b for a, b in zip(*ends, strict=True)]
        for r, memory, a, b in zip(node.results, shared, *ends, strict=True):
            others = [m for m in shared if m is not memory]
            kept = Memory(*(self.needed(part, others, self.lives.end[node]) for part in memory))
            self.enter(r, kept | unshared(r) if kept != memory or not (a.outer and b.outer) else kept)

    def needed(self, origins: Origins, others: Sequence[Memory], position: int) -> Origins:
        """The origins of a result that still tell something: someone else may see what happens to them."""
        kept = set()
        for origin in origins:
            alive = tuple(v for v in self.members.get(origin, ()) if self.lives.alive(v, position))
            self.members[origin] = alive
            told = origin in self.callers or origin in self.slots or self.level[origin[0]] < self.loops
            if told or alive or any(origin in m.all for m in others):
                kept.add(origin)
            else:
                del self.members[origin]
        return frozenset(kept)

    def loop(self, node: For | While) -> None:
        skip = isinstance(node, For)
        params = node.body.params[skip:]
        at = self.lives.at[node] + 1
        inits = self.merge(node.inits, self.nodes)
        self.loops += 1
        for p in node.body.params:
            self.retyped(p, storable(p.type))
            self.slots |= self.enter(p).all
        changes: dict[str, Any] = {}
        if isinstance(node, While):
            for c, p in zip(node.cond.params, params, strict=True):
                if c is not p:
                    self.retyped(c, storable(c.type))
                    self.enter(c, self.of(p))
            nodes = self.inside(node.cond)
            results = tuple(self.at(r) for r in node.cond.results)
            changes["cond"] = Block(tuple(self.new.get(p, p) for p in node.cond.params), tuple(nodes), results)
        body = self.inside(node.body)
        nexts = self.merge(node.body.results, body)
        ends = [self.of(a) if self.at(a) is b else Memory() for a, b in zip(node.body.results, nexts, strict=True)]
        owned = self.hand_on(node, params, nexts, ends, body)
        self.loops -= 1
        for k in sorted(owned):
            inits[k] = self.hand_in(node, k, inits, owned[k], at)
        starts = [self.of(a) if self.at(a) is b else Memory() for a, b in zip(node.inits, inits, strict=True)]
        changes["body"] = Block(tuple(self.new.get(p, p) for p in node.body.params), tuple(body), tuple(nexts))
        changes["results"] = tuple(self.retyped(r, storable(r.type)) for r in node.results)
        if isinstance(node, For):
            changes |= {"start": self.at(node.start), "stop": self.at(node.stop), "step": self.at(node.step)}
        self.nodes.append(replace(node, inits=tuple(inits), **changes))
        self.leave(node, params, starts, ends, owned)

    def hand_on(
        self, node: For | While, params: Sequence[Value], nexts: list[Atom], ends: list[Memory], body: list[Node]
    ) -> dict[int, set[int]]:
        """Free what an iteration hands on where the next one overwrites it; which slots are overwritten, and how deep."""
        slots = {(p, depth): k for k, p in enumerate(params) for depth in (0, 1)}
        owned: dict[int, set[int]] = {}
        pending = [o for o in slots if o in self.taken]
        while pending:
            origin = pending.pop()
            k, depth = slots[origin], origin[1]
            if depth in owned.setdefault(k, set()):
                continue
            owned[k].add(depth)
            origins = ends[k][depth]
            others = [m for j, m in enumerate(ends[: len(params)]) if j != k and self.matters(node, j)]
            reason = self.reason(origins, self.lives.end[node] + 1, others)
            if reason:
                around, self.nodes = self.nodes, body
                nexts[k], ends[k] = self.copy(nexts[k], reason, name=params[k].name), Memory()
                self.nodes = around
            self.taken |= ends[k][depth]
            pending += [o for o in slots if o in ends[k][depth]]
        return owned

    def matters(self, node: For | While, k: int) -> bool:
        """Whether anyone reads a carried value, in the loop or after it."""
        values = [node.results[k], node.body.params[k + isinstance(node, For)]]
        values += node.cond.params[k : k + 1] if isinstance(node, While) else ()
        return any(v in self.lives.read for v in values)

    def hand_in(self, node: For | While, k: int, inits: list[Atom], depths: set[int], at: int) -> Atom:
        """What a loop may start from in a slot that it overwrites."""
        old, init = node.inits[k], inits[k]
        if isinstance(old, Undef | Const) or self.at(old) is not init:
            return init
        if self.level[old] < self.loops:
            return self.copy(init, EACH_TIME, name=node.results[k].name)
        memory = self.of(old)
        origins: Origins = frozenset().union(*(memory[d] for d in depths))
        others = [
            self.of(a) for j, a in enumerate(node.inits) if j != k and self.at(a) is inits[j] and self.matters(node, j)
        ]
        reason = self.reason(origins, at, others)
        if reason:
            return self.copy(init, reason, name=node.results[k].name)
        self.take(origins)
        return init

    def leave(
        self,
        node: For | While,
        params: Sequence[Value],
        starts: Sequence[Memory],
        ends: Sequence[Memory],
        owned: dict[int, set[int]],
    ) -> None:
        """Note the memory of a loop's results: new where it was overwritten, else all that it may have been."""
        reach = carried_memory(params, starts, ends)
        slots = {(p, d) for p in params for d in (0, 1)}
        if node.trips is not None:
            self.enter(node.trips)
        for k, r in enumerate(node.results):
            new = unshared(r)
            parts = [new[d] if d in owned.get(k, ()) else new[d] | (reach[k][d] - slots) for d in (0, 1)]
            self.enter(r, Memory(*parts))
