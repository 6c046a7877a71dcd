"""Which arguments must not share memory: a function that is not inlined sees each as memory of its own.

A function that is inlined follows aliases by itself. Where one is derived or calls itself, each array becomes a parameter, so that
an array it writes into must be no other that it reads. What is known here is refused; what the caller passes, at the call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from adcompile.errors import Unsupported
from adcompile.frontend.structure import ArrayRef, Obj, Ref, State
from adcompile.ir.nodes import Value

#: what memory belongs to: an object of the program, or a parameter that stands for an array of an enclosing scope
Owner = Obj | Value
Pair = tuple[Owner, Owner]


def owner_of(leaf: Any) -> Obj | None:
    """The object that a leaf of an argument is, or is seen through."""
    return leaf.obj if isinstance(leaf, ArrayRef | Ref) else None


def written_leaves(leaves: Sequence[Any], params: Sequence[Value], after: State) -> set[int]:
    """The positions of the arrays that a call has written into."""
    owners = map(owner_of, leaves)
    return {
        k
        for k, (owner, param) in enumerate(zip(owners, params, strict=True))
        if owner is not None and after.heap.get(owner, param) is not param
    }


def apart(
    given: Sequence[Any],
    inner: Sequence[Any],
    written: set[int],
    known: Iterable[Pair],
    free: Iterable[Value],
    before: State,
) -> Iterator[Pair]:
    """The pairs of a caller's arrays that one call of such a function needs to be apart.

    Parameters
    ----------
    given, inner : sequence
        The leaves of the arguments, as the caller and the function have them.
    written : set of int
        Which of them the function writes into.
    known : iterable of pairs
        What calls inside of the function need to be apart.
    free : iterable of Value
        What else it reads around it.
    before : State
        The caller's, at the call.
    """
    owners = [owner_of(leaf) for leaf in given]
    outside = {owner_of(a): b for a, b in zip(inner, owners, strict=True) if b is not None}
    current = {v: o for o, v in before.heap.items() if isinstance(v, Value)}
    for k in written:
        mine = owners[k]
        if mine is None:
            continue
        for j, other in enumerate(owners):
            if other is not None and j != k:
                yield mine, other
        for v in free:
            yield mine, current.get(v, v)
    for a, b in known:
        yield outside.get(a, a), outside.get(b, b)  # type: ignore[arg-type]


def refuse_same(pairs: Iterable[Pair], before: State, name: str) -> None:
    """Refuse a call that hands one array to a function twice, which writes into it."""
    for a, b in pairs:
        if a is b or (isinstance(a, Obj) and b in before.entangled.get(a, ())):
            raise Unsupported(
                f"`{name}` writes into `{a.name}`, which it also reads under another name",
                help="pass a copy: a function that is kept apart takes its arguments as memory of their own",
            )


__all__ = ["Owner", "Pair", "apart", "owner_of", "refuse_same", "written_leaves"]
