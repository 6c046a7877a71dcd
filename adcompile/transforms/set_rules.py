"""What each operation does to sets of inputs: its result's set is the union of those of all operands that it may depend on.

A set never lacks an input that the derivative may not be zero for, whatever the numbers; what is not known here depends on everything.
Branches are in `dependencies.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adcompile.ir.build import const, zero
from adcompile.ir.nodes import Atom, Eqn, Function, Value
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import INT, List, differentiable, rank
from adcompile.rules.operations import contiguous_reshape
from adcompile.transforms.calls import as_tuple, flat, has_rules
from adcompile.transforms.jvp import LINEAR_READS, Derived
from adcompile.transforms.unions import Unions

#: move elements of their first operand, wherever the other operands say
MOVES = LINEAR_READS | set("transpose broadcast_to flip roll tril triu contiguous take_along".split())
#: combine all elements along an axis
REDUCTIONS = set("sum prod max min".split())
#: combine each element with those before it along an axis
SCANS = set("cumsum cumprod recurrence".split())


class SetRules(Unions):
    """Equations and calls of the dependency program."""

    def equation(self, eqn: Eqn) -> None:
        """Keep an equation, and emit the sets of its results; nothing is printed twice."""
        if eqn.primitive != "print":
            super().equation(eqn)

    def run(self, name: str) -> Derived:
        """The dependency program, without the results of the primal."""
        fn = super().run(name).function
        sets = fn.body.results[len(self.fn.body.results) :]
        return Derived(flat(replace(fn, body=replace(fn.body, results=sets))))

    # -- what computes ------------------------------------------------------------------------------------------

    def read(self, eqn: Eqn) -> Sequence[Atom | None]:
        sets = [self.get(o) for o in eqn.operands]
        name = eqn.primitive
        if name in MOVES:
            return [None] if sets[0] is None else self.again(eqn, sets[0], *eqn.operands[1:])
        if PRIMITIVES[name].elementwise:
            return [self.union(*sets)]
        if method := getattr(self, f"read_{name}", None):
            return [method(eqn, *sets)]
        if name in REDUCTIONS and sets[0] is not None:
            return [self.over(sets[0], eqn["axis"], keepdims=eqn["keepdims"])]
        if name in SCANS:
            together = self.union(*sets)
            return [together and self.running(together, eqn["axis"])]
        return self.everything(eqn)

    def everything(self, eqn: Eqn) -> Sequence[Atom | None]:
        """Every result depends on every operand."""
        united = self.union(*(self.over_all(s) for o in eqn.operands if (s := self.get(o)) is not None))
        return [self.spread(united, r) for r in eqn.results]

    def read_reshape(self, eqn: Eqn, sets: Atom | None, *_: None) -> Atom | None:
        return sets and contiguous_reshape(self.b, sets, *eqn.operands[1:])

    def read_full(self, eqn: Eqn, sets: Atom | None, *_: None) -> Atom | None:
        return sets and self.b.emit("full", sets, *eqn.operands[1:], dtype="int64")

    def read_array(self, eqn: Eqn, *_: Atom | None) -> Atom:
        sets = map(self.instantiate, eqn.operands)
        return self.b.emit("array", *sets, shape=eqn["shape"], dtype="int64")  # type: ignore[no-any-return]

    def read_concatenate(self, eqn: Eqn, *_: Atom | None) -> Atom:
        return self.again(eqn, *map(self.instantiate, eqn.operands))[0]

    read_stack = read_concatenate

    def read_sort(self, eqn: Eqn, sets: Atom) -> Atom:
        order = self.b.emit("argsort", eqn.operands[0], axis=eqn["axis"])
        return self.b.emit("take_along", sets, order, axis=eqn["axis"])  # type: ignore[no-any-return]

    def read_put_along(self, eqn: Eqn, sets: Atom, *_: None) -> Atom | None:
        return self.spread(self.over(sets, eqn["axis"], keepdims=True), eqn.results[0])

    def read_unbroadcast(self, eqn: Eqn, sets: Atom, *_: None) -> Atom:
        """The union along the axes that are there no more, and along those whose length is 1 when the program runs."""
        dims = eqn.operands[1:]
        extra = rank(sets.type) - len(dims)
        united = self.over(sets, tuple(range(extra))) if extra else sets
        for axis, (had, has) in enumerate(zip(self.b.dims(united), dims, strict=True)):
            if had != has:
                united = self.over_if_single(united, axis, has)
        return united

    def over_if_single(self, sets: Atom, axis: int, length: Atom) -> Atom:
        """The union along an axis that was repeated from length 1."""
        single = self.b.emit("eq", length, const(1))
        with self.b.block() as then:
            united = self.over(sets, axis, keepdims=True)
            united = self.b.emit("copy", united)
        with self.b.block() as orelse:
            same = self.b.emit("copy", sets)
        sides = self.b.finish(then, (), (united,)), self.b.finish(orelse, (), (same,))
        return self.b.if_(single, *sides)[0]

    def read_matmul(self, eqn: Eqn, left: Atom | None, right: Atom | None) -> Atom | None:
        """Every entry depends on a row on the left and a column on the right."""
        wide = [rank(o.type) > 1 for o in eqn.operands]
        rows = left and self.over(left, -1)
        columns = right and self.over(right, -2 if wide[1] else -1)
        if rows and all(wide):
            rows = self.b.emit("view", rows, index=("s000",) * rank(rows.type) + ("n",))
        if columns and all(wide):
            columns = self.b.emit("view", columns, index=("s000",) * (rank(columns.type) - 1) + ("n", "s000"))
        return self.spread(self.union(rows, columns), eqn.results[0])

    def read_solve(self, eqn: Eqn, matrix: Atom | None, right: Atom | None) -> Atom | None:
        """Every entry depends on the whole matrix and on a column of the right side."""
        columns = right and self.over(right, 0, keepdims=True)
        return self.spread(self.union(matrix and self.over_all(matrix), columns), eqn.results[0])

    def read_list_new(self, eqn: Eqn, *_: Atom | None) -> Atom:
        element = self.dot_type(eqn["element"])
        return self.b.emit("list_new", *map(self.instantiate, eqn.operands), element=element)  # type: ignore[no-any-return]

    def read_list_add(self, eqn: Eqn, *_: Atom | None) -> Atom:
        a, b = map(self.instantiate, eqn.operands)
        assert isinstance(a.type, List)
        length = self.b.emit("list_len", a)
        return self.mapped_list(a.type, length, lambda k: self.b.emit("bit_or", self.item(a, k), self.item(b, k)))

    # -- what writes --------------------------------------------------------------------------------------------

    def write(self, eqn: Eqn) -> Sequence[Atom | None]:
        target, *rest = eqn.operands
        if eqn.primitive in LINEAR_READS:
            return super().write(eqn)
        value, *where = rest
        if self.get(target) is None and self.get(value) is None:
            return [None]
        old, new = self.instantiate(target), self.get(value)
        if eqn.primitive == "accumulate":
            return [old if new is None else self.added(old, new, where, eqn["index"])]
        if eqn.primitive == "list_accumulate":
            both = old if new is None else self.b.emit("bit_or", new, self.item(old, where[0]))
            return [old if new is None else self.b.emit("list_set", old, both, *where)]
        if new is None:
            new = zero(INT) if eqn.primitive == "store" else self.zero_dot(value)
        return self.again(eqn, old, new, *where)

    def added(self, old: Atom, new: Atom, where: Sequence[Atom], index: tuple[str, ...]) -> Atom:
        """An array of sets that takes in others, at places that may be named more than once."""
        if any(code in "am" for code in index):
            return self.scattered(old, new, where, index)
        if not index:
            place = old
        elif rank(old.type) == len(index) and set(index) == {"i"}:
            place = self.b.emit("load", old, *where, index=index)
        else:
            place = self.b.emit("view", old, *where, index=index)
        return self.b.emit("store", old, self.b.emit("bit_or", place, new), *where, index=index)  # type: ignore[no-any-return]

    def scattered(self, old: Atom, new: Atom, where: Sequence[Atom], index: tuple[str, ...]) -> Atom:
        """`added` at the places that index arrays and masks select, one after another."""
        dims, b = self.b.dims(old), self.b
        if index == ("a",) and len(dims) == 1:
            places, vector = where[0], old
        else:
            numbers = b.emit("arange", const(0, INT), self.size(old), const(1, INT), dtype="int64")
            places = b.emit("gather", b.emit("reshape", numbers, *dims), *where, index=index)
            vector = b.emit("reshape", b.emit("copy", old), self.size(old))
        if rank(new.type):
            new = contiguous_reshape(b, b.emit("broadcast_to", new, *b.dims(places)), self.size(places))
        places = contiguous_reshape(b, places, self.size(places))

        def step(k: Value, sets: Value) -> Atom:
            place = b.emit("load", places, k, index=("i",))
            element = b.emit("load", new, k, index=("i",)) if rank(new.type) else new
            return b.emit("store", sets, self.joined(element, sets, place), place, index=("i",))  # type: ignore[no-any-return]

        filled = self.repeat(b.dim(places, 0), vector, step)
        return b.emit("reshape", filled, *dims) if len(dims) > 1 else filled

    # -- calls --------------------------------------------------------------------------------------------------

    def call(self, eqn: Eqn) -> None:
        """A call of the callee's dependency function; where the derivative is the user's own, everything depends on everything."""
        callee = self.functions[eqn["function"]]
        self.b.append(eqn)
        if has_rules(callee.name, self.functions):
            self.put_all(eqn, self.everything(eqn))
            return
        wrt = tuple(self.get(o) is not None for o in eqn.operands)
        sets = [self.instantiate(o) for o, w in zip(eqn.operands, wrt, strict=True) if w]
        floating = [r for r in eqn.results if differentiable(r.type)]
        types = tuple(self.dot_type(r.type) for r in floating)
        name = self.callee(callee, wrt)
        found = as_tuple(self.b.emit("call", *eqn.operands, *sets, function=name, types=types))
        for r, result in zip(floating, found, strict=True):
            self.put(r, result)

    def callee(self, function: Function, wrt: tuple[bool, ...]) -> str:
        """The name of a callee's dependency function in the program, made on first use."""
        name = f"{function.name}_sets_" + "".join("01"[w] for w in wrt)
        if name not in self.functions:
            self.functions[name] = function  # stands in while the callee calls itself
            self.functions[name] = type(self)(function, wrt, self.functions).run(name).function
        return name
