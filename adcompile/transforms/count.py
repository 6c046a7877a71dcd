"""Makes a program count what it does: how often each block runs, and how large each tape becomes.

Changes no result, only adds one: an array of counters. What they mean is worked out afterwards, by `Tally`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from adcompile.ir.build import Builder, Frame, const
from adcompile.ir.nodes import Atom, Block, Eqn, For, Function, If, Node, Program, Value, While
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import INT, Array, List, dtype_of, rank

Related = Mapping[Value, tuple[Value, str]]

KINDS = (
    "arithmetic",
    "elementary functions",
    "comparisons and logic",
    "element loads",
    "element stores",
    "array operations",
    "linear algebra",
    "control flow",
    "calls",
    "tape traffic",
)

#: computed by a series or a table rather than by an instruction or two
ELEMENTARY = frozenset(
    {
        *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "hypot"),
        *("sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh"),
        *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "pow", "sqrt", "cbrt"),
        *("erf", "erfc", "gamma", "lgamma", "digamma", "trigamma", "tetragamma"),
        *(
            "erfinv",
            "erfcinv",
            "ndtri",
            "log_ndtr",
            "rgamma",
            "erfcx",
            "dawsn",
            "expi",
            "exp1",
            "spence",
            "ellipk",
            "ellipe",
        ),
        *(
            "jv",
            "yv",
            "iv",
            "ive",
            "kv",
            "kve",
            "zeta",
            "stdtr",
            "stdtrit",
            "gammainc",
            "gammaincc",
            "gammaincinv",
            "gammainccinv",
        ),
        *("betainc", "betaincinv", "draw"),
        *("gamma_growth", "gamma_share", "beta_growth", "beta_share", "mises_growth", "mises_share"),
        *("noncentral_density", "noncentral_distribution"),
    }
)
LOGIC = frozenset(
    {
        *("lt", "le", "gt", "ge", "eq", "ne", "isnan", "isinf", "isfinite", "where"),
        *("logical_and", "logical_or", "logical_not", "logical_xor"),
    }
)
LINEAR_ALGEBRA = frozenset(
    {"matmul", "solve", "inv", "cholesky", "det", "slogdet", "eigh", "eig", "svd", "qr", "pinv", "fft"}
)
LOADS = frozenset({"load", "list_get", "list_pop"})
STORES = frozenset({"store", "accumulate", "drain", "list_append", "list_set", "list_accumulate", "list_drain"})
#: another name, another look at the same memory, a length, an empty list: nothing is computed or moved
FREE = frozenset(
    {
        *(
            "let",
            "stop_gradient",
            "shape",
            "list_len",
            "view",
            "reshape",
            "transpose",
            "list_new",
            "overlap",
            "advance",
        ),
        *("gamma_path", "beta_path", "mises_path", "wald_path", "noncentral_path"),
        *("print", "raise", "assert", "seed"),
    }
)

COUNTS = Array("int64", 1)


def kind_of(eqn: Eqn, tapes: set[Value]) -> str | None:
    """The kind of operation an equation is; None for what costs nothing."""
    primitive = eqn.primitive
    if primitive in FREE:
        return None
    if primitive == "call":
        return "calls"
    if any(v in tapes for v in (*eqn.operands[:1], *eqn.results[:1])):
        return "tape traffic"
    if primitive in LINEAR_ALGEBRA:
        return "linear algebra"
    if primitive in LOADS:
        return "element loads"
    if primitive in STORES and writes_element(eqn):
        return "element stores"
    if any(isinstance(a.type, Array | List) for a in (*eqn.operands, *eqn.results)):
        return "array operations"
    if primitive in ELEMENTARY:
        return "elementary functions"
    return "comparisons and logic" if primitive in LOGIC else "arithmetic"


def writes_element(eqn: Eqn) -> bool:
    """Whether a write is of one element of an array or list."""
    index = dict(eqn.params).get("index")
    return index is None or index == ("i",) * rank(eqn.operands[0].type)


def tape_values(fn: Function, related: Related) -> tuple[dict[Value, None], set[Value]]:
    """The values that tapes begin as, and all versions of them."""
    begun: dict[Value, None] = {}
    versions: set[Value] = set()

    def hand_on(atoms: Sequence[Atom], *targets: Sequence[Value]) -> None:
        for k, atom in enumerate(atoms):
            if atom in versions:
                versions.update(group[k] for group in targets)

    def block(nodes: Sequence[Node]) -> None:
        for node in nodes:
            match node:
                case Eqn("empty" | "list_new"):
                    if related.get(node.results[0], (None, ""))[1] in ("_tape", "_kept"):
                        begun[node.results[0]] = None
                        versions.add(node.results[0])
                case Eqn() if PRIMITIVES[node.primitive].consumes is not None or node.primitive == "copy":
                    hand_on(node.operands[:1], node.results[:1])
                case If():
                    for branch in (node.then, node.orelse):
                        block(branch.nodes)
                        hand_on(branch.results, node.results)
                case For() | While():
                    params = node.body.params[isinstance(node, For) :]
                    hand_on(node.inits, params, node.results)
                    block(node.body.nodes)

    block(fn.body.nodes)
    return begun, versions


@dataclass
class Tally:
    """What the counters of a program mean.

    Attributes
    ----------
    blocks : dict of int to Counter
        For each counter of executions, how many operations of each kind one execution makes.
    tapes : dict of int to Value
        For each counter of bytes, the tape. Where one is made several times, because a function is called or a
        derivative taken several times, its largest size counts.
    """

    blocks: dict[int, Counter[str]] = field(default_factory=dict)
    tapes: dict[int, Value] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.blocks) + len(self.tapes)

    def operations(self, counts: Sequence[int]) -> dict[str, int]:
        """How many operations of each kind were made, in the order of `KINDS`."""
        total = dict.fromkeys(KINDS, 0)
        for slot, kinds in self.blocks.items():
            for kind, number in kinds.items():
                total[kind] += int(counts[slot]) * number
        return total

    def bytes(self, counts: Sequence[int]) -> dict[Value, int]:
        """How many bytes each tape took."""
        return {tape: int(counts[slot]) for slot, tape in self.tapes.items()}


def count(program: Program, related: Related) -> tuple[Program, Tally]:
    """The program with its counters as one more result, the last.

    The condition of a `while` loop counts as often as it is evaluated; what is called in one is not followed.

    Parameters
    ----------
    program : Program
        With its memory in order; it is not afterwards, where functions are called.
    related : mapping
        What its values are tapes of.
    """
    tally = Tally()
    functions = {name: Counting(fn, related, tally).function() for name, fn in program.functions.items()}
    functions[program.entry] = entered(functions[program.entry], tally.size)
    return Program(functions, program.entry), tally


def entered(fn: Function, size: int) -> Function:
    """The entry, which starts the counters instead of being handed them."""
    *params, counts = fn.params
    zeros = Eqn("zeros", (const(size),), (counts,), (("dtype", "int64"),))
    return replace(fn, params=tuple(params), body=replace(fn.body, nodes=(zeros, *fn.body.nodes)))


class Counting:
    """One function that takes the counters as its last parameter and gives them back as its last result."""

    def __init__(self, fn: Function, related: Related, tally: Tally) -> None:
        self.fn = fn
        self.tally = tally
        self.begun, self.tapes = tape_values(fn, related)
        self.b = Builder()

    def function(self) -> Function:
        counts = Value(COUNTS, "counts")
        end = self.block(self.fn.body, counts)
        results = (*self.fn.body.results, end)
        body = self.b.finish(self.b.frames[0], (), results)
        return replace(self.fn, params=(*self.fn.params, counts), body=body, tree=tuple(range(len(results))))

    def add(self, counts: Value, slot: int, number: Atom) -> Value:
        result: Value = self.b.emit("accumulate", counts, number, const(slot), index=("i",))
        return result

    def slot(self, block: Block, *, iterates: bool = False) -> int:
        """A counter of executions; an iteration of a loop is an operation, and so is a choice."""
        kinds = Counter(self.kinds(block))
        kinds["control flow"] += iterates + sum(isinstance(n, If) for n in block.nodes)
        self.tally.blocks[self.tally.size] = kinds
        return self.tally.size - 1

    def kinds(self, block: Block) -> Iterator[str]:
        for node in block.nodes:
            if isinstance(node, Eqn) and (kind := kind_of(node, self.tapes)):
                yield kind

    # -- nodes --------------------------------------------------------------------------------------------------

    def block(self, block: Block, counts: Value, *, iterates: bool = False) -> Value:
        """Emit a block that counts itself; returns the counters after it."""
        counts = self.add(counts, self.slot(block, iterates=iterates), const(1))
        for node in block.nodes:
            match node:
                case Eqn("call"):
                    counts = self.call(node, counts)
                case Eqn():
                    self.b.append(node)
                case If():
                    counts = self.choice(node, counts)
                case For() | While():
                    counts = self.loop(node, counts)
        return counts

    def call(self, node: Eqn, counts: Value) -> Value:
        counting = called(node, counts)
        self.b.append(counting)
        return counting.results[-1]

    def choice(self, node: If, counts: Value) -> Value:
        then, orelse = self.branch(node.then, counts), self.branch(node.orelse, counts)
        result = Value(COUNTS, "counts")
        self.b.append(If(node.cond, then, orelse, (*node.results, result), node.span))
        return result

    def branch(self, block: Block, counts: Value) -> Block:
        with self.b.block() as frame:
            end = self.block(block, counts)
        return self.b.finish(frame, (), (*block.results, end))

    def loop(self, node: For | While, counts: Value) -> Value:
        inner, result = Value(COUNTS, "counts"), Value(COUNTS, "counts")
        if isinstance(node, While):
            cond, cond_slot = self.condition(node)
            counts = self.add(counts, cond_slot, const(1))
        with self.b.block() as frame:
            end = self.block(node.body, inner, iterates=True)
            if isinstance(node, While):
                stops = node.body.results[-1]
                again = self.b.emit("where", stops, const(0), const(1)) if node.breaks else const(1)
                end = self.add(end, cond_slot, again)
        body = self.body(node, frame, inner, end)
        inits, results = (*node.inits, counts), (*node.results, result)
        if isinstance(node, For):
            bounds = node.start, node.stop, node.step
            self.b.append(For(*bounds, inits, body, results, node.breaks, node.trips, False, node.span))
        else:
            self.b.append(While(inits, cond, body, results, node.breaks, node.trips, node.span))
        for init, version in zip(node.inits, node.results, strict=True):
            if init in self.begun:
                assert isinstance(init, Value)
                result = self.measure(init, version, result)
        return result

    def body(self, node: For | While, frame: Frame, inner: Value, end: Value) -> Block:
        """The iteration, which carries the counters as the last of the carried values."""
        n = len(node.inits)
        nexts, flags = node.body.results[:n], node.body.results[n:]
        return self.b.finish(frame, (*node.body.params, inner), (*nexts, end, *flags))

    def condition(self, node: While) -> tuple[Block, int]:
        """The condition, which is handed the counters and leaves them, and the counter of its evaluations."""
        unused = Value(COUNTS, "counts")
        nodes = tuple(called(n, unused) if isinstance(n, Eqn) and n.primitive == "call" else n for n in node.cond.nodes)
        return Block((*node.cond.params, unused), nodes, node.cond.results), self.slot(node.cond)

    # -- tapes --------------------------------------------------------------------------------------------------

    def measure(self, tape: Value, version: Value, counts: Value) -> Value:
        """Note the size of a tape after the loops that filled it, if it is the largest so far."""
        slot = self.tally.size
        self.tally.tapes[slot] = tape
        before = self.b.emit("load", counts, const(slot), index=("i",))
        largest = self.b.emit("maximum", before, self.bytes(version))
        result: Value = self.b.emit("store", counts, largest, const(slot), index=("i",))
        return result

    def bytes(self, value: Value) -> Atom:
        """The size of an array or list in bytes, emitted."""
        item = np.dtype(dtype_of(value.type)).itemsize
        match value.type:
            case List(Array()):
                return self.bytes_of_arrays(value)
            case List():
                return self.b.emit("mul", self.b.emit("list_len", value), const(item))  # type: ignore[no-any-return]
        size: Atom = const(item)
        for axis in range(rank(value.type)):
            size = self.b.emit("mul", size, self.b.dim(value, axis))
        return size

    def bytes_of_arrays(self, items: Value) -> Atom:
        """The sum of the sizes of a list's arrays, emitted as a loop."""
        k, total = Value(INT, "k"), Value(INT, "size")
        with self.b.block() as frame:
            size = self.bytes(self.b.emit("list_get", items, k))
            grown = self.b.emit("add", total, size)
        body = self.b.finish(frame, (k, total), (grown,))
        length = self.b.emit("list_len", items)
        results, _ = self.b.for_((const(0), length, const(1)), (const(0, INT),), body)
        return results[0]


def called(node: Eqn, counts: Value) -> Eqn:
    """A call that hands the counters on."""
    types = (*node["types"], COUNTS)
    results = (*node.results, Value(COUNTS, "counts"))
    return replace(
        node,
        operands=(*node.operands, counts),
        results=results,
        params=(("function", node["function"]), ("types", types)),
    )
