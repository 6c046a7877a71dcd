"""From a callable and argument types to a compiled kernel: the passes, in order, and nothing else.

What users call is in `api.py`; what each pass does, in its own module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from adcompile.analyses.lengths import assumed
from adcompile.backend.buffers import own_with_buffers
from adcompile.backend.compile import module_file
from adcompile.backend.emit import emit
from adcompile.backend.loops.fuse import fuse, known_shapes
from adcompile.backend.scratch import made_once
from adcompile.backend.writer import FunctionWriter, Remarks
from adcompile.frontend.lower import Lowered, lower
from adcompile.ir.guards import require_apart
from adcompile.ir.nodes import Block, Eqn, Function, Node, Program, Value
from adcompile.ir.primitives import CALLS
from adcompile.ir.verify import verify
from adcompile.ir.walk import each_node, map_blocks
from adcompile.span import Span
from adcompile.switches import on
from adcompile.transforms.adding import add_in_place
from adcompile.transforms.elements import keep_elements
from adcompile.transforms.joint import adjoints, joined
from adcompile.transforms.jvp import Derived
from adcompile.transforms.lanes import in_lanes
from adcompile.transforms.parallel import as_listed, in_order, on_threads
from adcompile.transforms.prune import prune
from adcompile.transforms.simplify import simplify
from adcompile.transforms.skip import skip
from adcompile.transforms.split import split_scatters
from adcompile.transforms.sums import keep_sums
from adcompile.transforms.unread import drop_unread
from adcompile.unit import Options, Unit

Related = dict[Value, tuple[Value, str]]

#: what is done to the loops of a kernel, in order, by the names of `switches`
LOOP_PASSES: dict[str, Callable[[Derived], Derived]] = {
    "lanes": in_lanes,
    "sums": keep_sums,
    "elements": keep_elements,
    "scatters": split_scatters,
    "skip": skip,
}


#: what is done to functions and their callers together, in order, each as long as it changes something; listings for
#: readers have only the last
BETWEEN: dict[str, Callable[[dict[str, Function], Program], dict[str, Function]]] = {
    "joint": lambda functions, derived: joined(functions, adjoints(derived.functions)),
    "adding": lambda functions, derived: add_in_place(functions, derived.entry),
    "unread": lambda functions, derived: drop_unread(functions, derived.entry),
}


@dataclass
class Listing:
    """A program ready to be printed: its functions, callees first, and the names of derived values."""

    functions: list[Function]
    related: Related = field(default_factory=dict)
    #: which values are printed inside their use; by default what `nested` says
    inline: Callable[[Value], bool] | None = None

    def text(self, *, nested: bool, remarks: Remarks | None = None) -> str:
        """The Python module; by default, a kernel has no comments: what is said there is not to change what is compiled."""
        if nested and remarks is None:
            remarks = Silent()
        return emit(self.functions, nested=nested, related=self.related, inline=self.inline, remarks=remarks)


class Silent:
    """Says nothing beside the lines, nor above them."""

    def beside(self, node: Node, writer: FunctionWriter) -> str:
        return ""

    def above(self) -> str:
        return ""


def tidy(derived: Derived, functions: dict[str, Function], *, keep_names: bool) -> Derived:
    """Fold, share and drop until what is left is needed."""
    for _ in range(2):
        derived = simplify(derived, keep_names=keep_names)
        derived = Derived(prune(derived.function, functions), derived.related)
    return derived


def finish(
    program: Program,
    related: Related,
    *,
    keep_names: bool = False,
    nests: bool = False,
    alike: bool = False,
    parallel: bool = False,
    watch: Callable[[str, Program], object] | None = None,
    buffers: Mapping[int, int] | None = None,
) -> Listing:
    """The passes after derivation: clean up every function that is still called, and make memory safe.

    Parameters
    ----------
    program : Program
        Derived, and valid.
    related : dict
        What its values are tangents and cotangents of.
    keep_names : bool
        Whether lines that only rename stay, as a reader of the listing wants them.
    nests : bool
        Whether operations on whole arrays become loops over their elements, as compiled code wants them.
    alike : bool
        Whether these may take arrays that meet to have one shape; the entry then refuses arguments where they have not.
    parallel : bool
        Whether `prange` loops run on several threads.
    watch : callable, optional
        Called with the name of each pass and the program after it.
    buffers : dict of int to int, optional
        Positions of results of the entry, and of the parameters that they are to be written into.
    """
    verify(program, memory=False)
    if watch:
        watch("derive", program)
    related = dict(related)
    functions = together(program, related, keep_names=keep_names)
    threads = as_listed if keep_names else on_threads if parallel else in_order
    for name, fn in functions.items():
        tidied = threads(Derived(fn, related), functions)
        for switch, optimise in () if keep_names else LOOP_PASSES.items():
            tidied = optimise(tidied) if on(switch) else tidied
        functions[name] = tidied.function
        related.update(tidied.related)
    functions = reachable(functions, program.entry)
    tidy_program = verify(Program(functions, program.entry), memory=False)
    if watch:
        watch("simplify and prune", tidy_program)
    if nests:
        functions = with_nests(Program(functions, program.entry), related, alike=alike)
        if watch:
            watch("nests", Program(functions, program.entry))
    given = {name: {0: 0} for name in written_into(functions)} | {program.entry: buffers or {}}
    owned = Program({}, program.entry)
    for name, fn in functions.items():
        owned.functions[name] = own_with_buffers(fn, {k: fn.params[p] for k, p in given.get(name, {}).items()})
    verify(owned)
    if watch:
        watch("own", owned)
    if nests and on("scratch"):
        owned = Program({name: made_once(fn, related) for name, fn in owned.functions.items()}, program.entry)
        verify(owned, memory=False)
        if watch:
            watch("scratch", owned)
    return Listing(list(owned.functions.values()), related)


def together(program: Program, related: Related, *, keep_names: bool) -> dict[str, Function]:
    """The functions of a derived program, tidied, callees before callers; `related` learns what is made."""

    def tidied(changed: dict[str, Function], before: dict[str, Function]) -> dict[str, Function]:
        done = dict(changed)
        for name, fn in changed.items():
            if fn is not before.get(name):
                derived = tidy(Derived(fn, related), changed, keep_names=keep_names)
                done[name] = derived.function
                related.update(derived.related)
        return reachable(done, program.entry)

    functions = tidied(program.functions, {})
    for what in [name for name in BETWEEN if on(name) and (name == "unread" or not keep_names)]:
        changed = BETWEEN[what](functions, program)
        while any(fn is not functions[name] for name, fn in changed.items()):
            functions = tidied(changed, functions)
            changed = BETWEEN[what](functions, program)
    return functions


def with_nests(program: Program, related: Related, *, alike: bool) -> dict[str, Function]:
    """The functions with operations on whole arrays as loops; `related` learns what is made."""

    def tidied(functions: dict[str, Function]) -> dict[str, Function]:
        done = {n: tidy(Derived(fn, related), functions, keep_names=False) for n, fn in functions.items()}
        for derived in done.values():
            related.update(derived.related)
        return {n: verified(derived.function) for n, derived in done.items()}

    def verified(fn: Function) -> Function:
        verify(Program({**program.functions, fn.name: fn}, program.entry), memory=False)
        return fn

    equal = {n: assumed(fn) if alike and n == program.entry else {} for n, fn in program.functions.items()}
    functions = tidied({n: verified(known_shapes(fn, equal[n])) for n, fn in program.functions.items()})
    return tidied({n: verified(fuse(fn, equal[n], related)) for n, fn in functions.items()})


def written_into(functions: Mapping[str, Function]) -> set[str]:
    """The functions that write into their first argument."""
    eqns = [node for fn in functions.values() for node in each_node(fn.body) if isinstance(node, Eqn)]
    return {eqn["function"] for eqn in eqns if eqn.primitive == "call_into"}


def reachable(functions: dict[str, Function], entry: str) -> dict[str, Function]:
    """The functions that the entry calls, directly or not, callees before callers, the entry last."""
    found: dict[str, Function] = {}
    entered: set[str] = set()

    def visit(name: str) -> None:
        if name in entered:
            return
        entered.add(name)
        for node in each_node(functions[name].body):
            if isinstance(node, Eqn) and node.primitive in CALLS:
                visit(node["function"])
        found[name] = functions[name]

    visit(entry)
    return found


def make_unit(callee: Any, args: Sequence[Any], kwargs: dict[str, Any], options: Options | None = None) -> Unit:
    """Lower a call, clean it up, print it, and write its module; options other than the callee's own may be given."""
    lowered, listing = make_listing(callee, args, kwargs, options)
    path = module_file(listing.text(nested=True), listing.functions[-1].name)
    names = tuple(f.name for f in listing.functions)
    return Unit(path, names, lowered.result, lowered.captured, lowered.apart)


def make_listing(
    callee: Any, args: Sequence[Any], kwargs: dict[str, Any], options: Options | None = None
) -> tuple[Lowered, Listing]:
    """The program that a call compiles, lowered and as it is printed."""
    lowered = lower(callee, args, kwargs, name=kernel_name(callee))
    options = options or getattr(callee, "options", None) or Options()
    listing = finish(
        lowered.program,
        lowered.related,
        nests=(options.jit if options.nests is None else options.nests) and on("nests"),
        alike=options.alike and on("alike"),
        parallel=options.parallel and options.jit,
        buffers=lowered.buffers,
    )
    listing.functions[-1] = require_apart(listing.functions[-1], lowered.apart)
    return lowered, listing


def source_of_line(
    callee: Any, args: Sequence[Any], kwargs: dict[str, Any], line: int, options: Options | None = None
) -> Span | None:
    """The place in the user's program that a line of a kernel was made from: the kernel is made again, with places as comments."""
    spans: list[Span] = []

    def marked(block: Block) -> Block:
        return replace(block, nodes=tuple(map(mark, block.nodes)))

    def mark(node: Node) -> Node:
        spans.extend([node.span] if node.span else [])
        return replace(map_blocks(node, marked), comment=f"place {len(spans) - 1}" if node.span else "")

    listing = make_listing(callee, args, kwargs, options)[1]
    listing.functions = [replace(fn, body=marked(fn.body)) for fn in listing.functions]
    text = emit(listing.functions, nested=True, related=listing.related, inline=listing.inline)
    rows = text.splitlines()[:line]
    if rows[-1].lstrip().startswith("return"):
        entered = [row for row in rows if row.startswith("def ")][-1]
        fn = next(fn for fn in listing.functions if entered.startswith(f"def {fn.name}("))
        return next((r.span for r in fn.body.results if isinstance(r, Value) and r.span), None)
    for row in reversed(rows):
        found = re.search(r"# place (\d+)$", row)
        if found:
            return spans[int(found[1])]
    return None


def kernel_name(callee: Any) -> str:
    """What the entry of a kernel is called."""
    name = getattr(callee, "__name__", "kernel")
    return name if name.isidentifier() else "kernel"
