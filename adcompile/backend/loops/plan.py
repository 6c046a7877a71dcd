"""The order in which a block's nodes run once some of them share loops.

Greedy: an equation joins the last group of its shape that it need not wait for and that need not wait for it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

from adcompile.backend.classes import MemoryClasses
from adcompile.backend.loops.groups import Group
from adcompile.backend.loops.members import Member
from adcompile.ir.nodes import Block, Eqn, Node, Value, blocks_of, operands_of, results_of
from adcompile.ir.types import Array, List
from adcompile.ir.walk import free_values

#: what is seen through when its result is read element by element, so that it may not be needed itself
TRANSPARENT = frozenset("let stop_gradient full zeros broadcast_to unbroadcast transpose view".split())


class Plan:
    """The groups of a block, and everything in an order that respects what each needs.

    Parameters
    ----------
    block : Block
    members : sequence of Member or None
        What each node is as a member of loops.
    memory : MemoryClasses
        Of the whole function.
    """

    def __init__(self, block: Block, members: Sequence[Member | None], memory: MemoryClasses) -> None:
        self.block = block
        self.members = members
        self.memory = memory
        self.owner = {r: k for k, node in enumerate(block.nodes) for r in results_of(node)}
        #: by cluster: what it holds, and what must run before; a cluster is named by its first node
        self.cluster = list(range(len(block.nodes)))
        self.groups: dict[int, Group] = {}
        self.before: list[set[int]] = []
        self.readers: dict[Value, list[int]] = {}
        self.effect = -1
        for k, member in enumerate(members):
            self.before.append(self.needs(k))
            if member is not None:
                self.join(k, member)
        self.split()

    # -- what waits for what --------------------------------------------------------------------------------------

    def reads(self, k: int) -> Iterator[Value]:
        """The values that a node reads, in the blocks that it owns too."""
        member, node = self.members[k], self.block.nodes[k]
        if member is not None:
            yield from member.reads()
            return
        yield from (a for a in operands_of(node) if isinstance(a, Value))
        for inner in blocks_of(node):
            yield from free_values(inner)

    def needs(self, k: int) -> set[int]:
        """The nodes that must run before one: what it reads, who reads what it overwrites, and the last effect."""
        node = self.block.nodes[k]
        read = list(self.reads(k))
        found = {self.owner[v] for v in read if v in self.owner}
        for root in self.memory.writes.get(node, ()):
            found.update(self.readers.get(root, ()))
        if node in self.memory.effects:
            found |= {self.effect} - {-1}
            self.effect = k
        if not (isinstance(node, Eqn) and node.primitive == "shape"):
            for v in read:
                if isinstance(v.type, Array | List):
                    self.readers.setdefault(self.memory.root(v), []).append(k)
        return found - {k}

    def waits(self, cluster: int, other: int) -> bool:
        """Whether a cluster runs after another one, directly or not."""
        seen, pending = {cluster}, [cluster]
        while pending:
            for k in self.before_cluster(pending.pop()):
                if k == other:
                    return True
                if k not in seen:
                    seen.add(k)
                    pending.append(k)
        return False

    def before_cluster(self, cluster: int) -> set[int]:
        """The clusters that must run before one."""
        group = self.groups.get(cluster)
        nodes = [cluster] if group is None else [self.owner[v] for v in group.statements]
        return {self.cluster[j] for k in nodes for j in self.before[k]} - {cluster}

    # -- groups -------------------------------------------------------------------------------------------------

    def join(self, k: int, member: Member) -> None:
        """Put a node into the last group that takes it, or let it be the first of a new one."""
        bases = {member.into, *(operand.access.base for operand in member.operands)}
        chosen = sorted(self.groups, key=lambda c: (bases.isdisjoint(self.groups[c].statements), -c))
        for cluster in chosen:
            others = {self.cluster[j] for j in self.before[k]} - {cluster}
            if not any(self.waits(c, cluster) for c in others) and self.groups[cluster].put(member):
                self.cluster[k] = cluster
                return
        group = Group(self.memory.root)
        if group.put(member):
            self.groups[k] = group
        else:
            self.before[k] |= {self.owner[a] for a in member.eqn.operands if a in self.owner}  # type: ignore[index]

    def split(self) -> None:
        """Leave alone what is as good without loops: one operation on arrays as they are."""
        for cluster, group in list(self.groups.items()):
            member = next(iter(group.statements.values())).member
            if len(group.statements) == 1 and is_plain(member):
                self.before[cluster] |= {self.owner[a] for a in member.eqn.operands if a in self.owner}  # type: ignore[index]
                del self.groups[cluster]

    def is_grouped(self, k: int) -> bool:
        """Whether a node is written as part of a nest."""
        return self.cluster[k] in self.groups

    def order(self) -> Iterator[Node | Group]:
        """Nodes and groups, each after what it needs, else as they stood."""
        last = {c: k for k, c in enumerate(self.cluster)}
        waiting = {c: self.before_cluster(c) for c in last}
        followers: dict[int, list[int]] = {}
        for c, others in waiting.items():
            for other in others:
                followers.setdefault(other, []).append(c)
        ready = [(last[c], c) for c, others in waiting.items() if not others]
        heapq.heapify(ready)
        while ready:
            _, c = heapq.heappop(ready)
            yield self.groups.get(c) or self.block.nodes[c]
            for other in followers.get(c, ()):
                waiting[other].discard(c)
                if not waiting[other]:
                    heapq.heappush(ready, (last[other], other))

    # -- what is needed -----------------------------------------------------------------------------------------

    def needed(self) -> set[Value]:
        """The values that someone reads who is not in the nest that makes them."""
        found: set[Value] = {r for r in self.block.results if isinstance(r, Value)}
        for k in reversed(range(len(self.block.nodes))):
            node = self.block.nodes[k]
            if self.is_grouped(k):
                group = self.groups[self.cluster[k]]
                found.update(v for v in self.members[k].reads() if v not in group.statements)  # type: ignore[union-attr]
            elif not self.idle(node, found):
                found.update(a for a in operands_of(node) if isinstance(a, Value))
                for inner in blocks_of(node):
                    found.update(free_values(inner))
        return found

    def idle(self, node: Node, needed: set[Value]) -> bool:
        """Whether a node was only there to be seen through."""
        return isinstance(node, Eqn) and node.primitive in TRANSPARENT and node.results[0] not in needed


def is_plain(member: Member) -> bool:
    """Whether a member reads its operands as they are, on one axis, or only sums them."""
    if member.eqn.primitive == "copy" or (member.target and not isinstance(member.operands[0].atom.type, Array)):
        return True
    as_they_are = all(o.access.base is o.atom and not o.repeated for o in member.operands)
    return as_they_are and (len(member.space) == 1 or bool(member.reduces or member.target))
