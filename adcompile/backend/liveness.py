"""Where in a function each value is alive, as ranges of positions in its printed text.

Positions are numbers that grow down the text; what reads and writes them, `own` and `names`, is not here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from adcompile.ir.nodes import Atom, Block, Eqn, For, Function, If, Node, Value, While, operands_of
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import List

Range = tuple[int, int]  # first and last position, both included
Ranges = list[Range]  # in order, apart from each other


def merged(ranges: Iterable[Range]) -> Ranges:
    """The same positions as few ranges in order."""
    result: Ranges = []
    for first, last in sorted(ranges):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return result


def covers(ranges: Ranges, position: int) -> bool:
    """Whether a position is in one of the ranges."""
    k = bisect_right(ranges, (position, float("inf"))) - 1
    return k >= 0 and ranges[k][1] >= position


def without(ranges: Ranges, first: int, last: int) -> Ranges:
    """Ranges less the positions from one to another."""
    kept = [(a, min(b, first - 1)) for a, b in ranges if a < first]
    return kept + [(max(a, last + 1), b) for a, b in ranges if b > last]


def overlap(a: Ranges, b: Ranges) -> bool:
    """Whether two sets of ranges share a position."""
    if len(a) > len(b):
        a, b = b, a
    for first, last in a:
        k = bisect_right(b, (last, float("inf"))) - 1
        if k >= 0 and b[k][1] >= first:
            return True
    return False


@dataclass
class Lives:
    """Positions of nodes and live ranges of values.

    `at` is the position where a node reads its operands; what it defines is written at the next one. `end` is the
    position where the body of a loop hands on its carried values, or where the branches of a choice have met.
    """

    at: dict[Node, int] = field(default_factory=dict)
    end: dict[Node, int] = field(default_factory=dict)
    ranges: dict[Value, Ranges] = field(default_factory=dict)
    read: set[Value] = field(default_factory=set)

    def alive(self, value: Value, position: int) -> bool:
        """Whether a value is read at or after a position, having been defined before it."""
        return covers(self.ranges.get(value, []), position)


def liveness(
    fn: Function,
    nested: Mapping[Value, Node] | None = None,
    *,
    decided: Collection[Value] = (),
    content: bool = False,
) -> Lives:
    """The live ranges of all values of a function.

    Parameters
    ----------
    fn : Function
    nested : mapping
        Values printed inside their use, with the nodes that define them: they have no range, and what they read is
        read where they stand.
    decided : collection
        Flags that are known where blocks hand them back, and so are not read there.
    content : bool
        Only reads of content count, not reads of shapes.
    """
    scan = Scan(nested or {}, decided, content)
    end = scan.tick()
    uses: dict[Value, int] = {}
    scan.read(fn.body.results, end, uses)
    scan.nodes(fn.body, uses)
    start = scan.tick()
    for p in fn.params:
        scan.define(p, start, uses)
    scan.lives.ranges = {v: merged(r) for v, r in scan.ranges.items()}
    return scan.lives


def reads_first(node: Eqn) -> bool:
    """Whether a write reads all its operands before it writes: NumPy and Numba see to that in stores through slices."""
    if node.primitive != "store":
        return False
    kinds = {code[0] for code in node["index"]} or {"s"}
    return "s" in kinds and kinds.isdisjoint("am")


class Scan:
    """One walk from the end of a function to its start.

    In each block, `uses` holds the last position at which a value is read in what was walked of it.
    """

    def __init__(self, nested: Mapping[Value, Node], decided: Collection[Value], content: bool) -> None:
        self.nested = nested
        self.decided = decided
        self.content = content
        self.lives = Lives()
        self.ranges: dict[Value, list[Range]] = {}
        self.position = 0

    def tick(self) -> int:
        """The next position up the text."""
        self.position -= 2
        return self.position

    def read(self, atoms: Iterable[Atom], position: int, uses: dict[Value, int]) -> None:
        """Note that atoms are read at a position."""
        for atom in atoms:
            if isinstance(atom, Value):
                if atom in self.nested:
                    self.read(self.reads(self.nested[atom]), position, uses)
                else:
                    self.lives.read.add(atom)
                    uses.setdefault(atom, position)

    def hand_back(self, block: Block, position: int, uses: dict[Value, int]) -> None:
        """Note that the results of a block are read where it ends."""
        self.read((a for a in block.results if a not in self.decided), position, uses)

    def reads(self, node: Node) -> tuple[Atom, ...]:
        """What a node that is printed as one expression reads."""
        if isinstance(node, If):
            return (node.cond, *node.then.results, *node.orelse.results)
        if isinstance(node, Eqn) and self.content and PRIMITIVES[node.primitive].shape_only:
            return tuple(o for o in node.operands if isinstance(o.type, List))
        return operands_of(node)

    def add(self, value: Value, first: int, last: int) -> None:
        self.ranges.setdefault(value, []).append((first, last))

    def define(self, value: Value, position: int, uses: dict[Value, int]) -> None:
        """Close the range of a value that is written at a position."""
        self.add(value, position, max(position, uses.pop(value, position)))

    def nodes(self, block: Block, uses: dict[Value, int]) -> None:
        for node in reversed(block.nodes):
            match node:
                case Eqn():
                    self.eqn(node, uses)
                case If():
                    self.choice(node, uses)
                case For():
                    self.counted(node, uses)
                case While():
                    self.conditional(node, uses)

    def eqn(self, node: Eqn, uses: dict[Value, int]) -> None:
        if node.results and node.results[0] in self.nested:
            return
        at = self.lives.at[node] = self.tick()
        for r in node.results:
            self.define(r, at + 1, uses)
        consumed = PRIMITIVES[node.primitive].consumes
        # a writing operation may read its operands while it writes, or be printed as several statements
        late = consumed is not None and not (self.content and reads_first(node))
        for k, operand in enumerate(self.reads(node)):
            self.read((operand,), at + (late and k != consumed), uses)

    def choice(self, node: If, uses: dict[Value, int]) -> None:
        if node.results and node.results[0] in self.nested:
            return
        self.lives.end[node] = self.tick()
        last = {r: uses.pop(r, None) for r in node.results}
        branches: list[tuple[int, dict[Value, int]]] = []
        for block in (node.orelse, node.then):
            leave = self.tick()
            inside: dict[Value, int] = {}
            self.hand_back(block, leave, inside)
            self.nodes(block, inside)
            branches.append((self.tick(), inside))
            for r in node.results:
                end = last[r] if block is node.orelse else None
                self.add(r, leave + 1, leave + 1 if end is None else end)
        at = self.lives.at[node] = self.tick()
        (enter, orelse), (_, then) = branches
        for v, end in orelse.items():
            if v not in uses:  # dead below: alive in this branch up to its last use there, not in the other branch
                self.add(v, enter, end)
                then.setdefault(v, at)
        for v, end in then.items():
            uses.setdefault(v, end)
        self.read((node.cond,), at, uses)

    def counted(self, node: For, uses: dict[Value, int]) -> None:
        leave, inside = self.body(node, uses)
        head = self.tick()
        index = node.body.params[0]
        if not self.content and index.name.strip("_"):  # no loop inside counts with the same variable
            inside.setdefault(index, leave)
        self.define(index, head + 1, inside)
        at = self.lives.at[node] = self.tick()
        for p in node.body.params[1:]:
            self.define(p, at + 1, inside)
        self.close(node, leave, at, inside, uses)
        self.read((node.start, node.stop, node.step), head, uses)
        self.read(node.inits, at, uses)

    def conditional(self, node: While, uses: dict[Value, int]) -> None:
        leave, inside = self.body(node, uses)
        decide = self.tick()
        for p in node.body.params:
            self.define(p, decide + 1, inside)
        self.read(node.cond.results, decide, inside)
        for p in node.cond.params:
            inside.setdefault(p, decide)
        self.nodes(node.cond, inside)
        at = self.lives.at[node] = self.tick()
        for p in node.cond.params:
            self.define(p, at + 1, inside)
        self.close(node, leave, at, inside, uses)
        self.read(node.inits, at, uses)

    def body(self, node: For | While, uses: dict[Value, int]) -> tuple[int, dict[Value, int]]:
        """The end of a loop, its hand-over and its body; what the body reads is returned with the loop's last position."""
        leave = self.tick()
        for r in node.results:
            self.define(r, leave + 1, uses)
        end = self.lives.end[node] = self.tick()
        inside: dict[Value, int] = {}
        self.hand_back(node.body, end, inside)
        self.nodes(node.body, inside)
        if not self.content:  # the variable of a carried value holds what is handed on
            for p in node.body.params[isinstance(node, For) :]:
                self.add(p, end + 1, leave)
        return leave, inside

    def close(self, node: For | While, leave: int, at: int, inside: dict[Value, int], uses: dict[Value, int]) -> None:
        """Let what a loop reads from outside live to its end."""
        if node.trips is not None:
            uses.setdefault(node.trips, leave)
            self.define(node.trips, at + 1, uses)
        for v in inside:
            uses.setdefault(v, leave)
