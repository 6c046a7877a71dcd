"""Whether a function that runs again draws the same random numbers again.

A derivative that is made of several runs of a function, such as a Jacobian of many columns, is one of different functions where each run
draws its own. It is the same function where it begins by seeding NumPy's own stream and draws from nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adcompile.errors import Unsupported
from adcompile.ir.nodes import Block, Eqn, Function, blocks_of
from adcompile.ir.types import Stream

#: what is drawn by rejection: with the same seed, what comes out is no function of the parameters that differences could follow
BY_REJECTION = frozenset(
    "standard_gamma beta f standard_t noncentral_chisquare wald vonmises poisson binomial geometric".split()
)


def draws(block: Block, functions: Mapping[str, Function], seen: frozenset[str] = frozenset()) -> Iterator[Eqn]:
    """The draws and seeds of a block and of what it calls, in the order of the text."""
    for node in block.nodes:
        if isinstance(node, Eqn):
            if node.primitive in ("draw", "seed"):
                yield node
            elif node.primitive in ("call", "call_into") and node["function"] not in seen:
                name = node["function"]
                yield from draws(functions[name].body, functions, seen | {name})
        for inner in blocks_of(node):
            yield from draws(inner, functions, seen)


def drawn_anew(fn: Function, functions: Mapping[str, Function]) -> Eqn | None:
    """A draw that gives another number in another run, or None."""
    found = list(draws(fn.body, functions, frozenset({fn.name})))
    if not found or all(eqn.primitive == "seed" for eqn in found):
        return None
    own = [
        eqn for eqn in found if eqn.primitive == "draw" and eqn.operands and isinstance(eqn.operands[0].type, Stream)
    ]
    if own:
        return own[0]
    begins = found[0].primitive == "seed" and any(node is found[0] for node in fn.body.nodes)
    return None if begins else next(eqn for eqn in found if eqn.primitive == "draw")


def require_repeatable(fn: Function, functions: Mapping[str, Function], why: str) -> None:
    """Refuse a function that is to run more than once and draws other numbers each time."""
    eqn = drawn_anew(fn, functions)
    if eqn is not None:
        raise Unsupported(
            f"`{fn.name}` draws random numbers, and {why}: each run would draw others",
            eqn.span,
            help="call np.random.seed at the beginning of the function, or draw outside and pass the numbers as an argument",
        )


def require_no_draws(fn: Function, functions: Mapping[str, Function], why: str) -> None:
    """Refuse a function that draws random numbers at all."""
    for eqn in draws(fn.body, functions, frozenset({fn.name})):
        raise Unsupported(
            f"`{fn.name}` draws random numbers, and {why}",
            eqn.span,
            help="draw them outside and pass them as an argument",
        )


def require_differences(fn: Function, functions: Mapping[str, Function]) -> None:
    """Refuse a function whose derivatives cannot be told from differences of its values."""
    require_repeatable(fn, functions, "is compared with its values elsewhere")
    for eqn in draws(fn.body, functions, frozenset({fn.name})):
        if eqn.primitive == "draw" and eqn["family"] in BY_REJECTION:
            raise Unsupported(
                f"`{fn.name}` draws from `{eqn['family']}`, which differences cannot check",
                eqn.span,
                note="draws are accepted or rejected: with the same seed, other parameters may give quite another number",
                help="check the function of the numbers drawn: draw outside and pass them as an argument",
            )
