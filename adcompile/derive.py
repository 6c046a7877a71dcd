"""Derivatives as operations on functions being lowered: what a call of `grad(f)` or `jvp(f, ...)` becomes in a program.

The calculus and the walk are in `transforms/`; here functions are closed over, derived, and put in place, so that a
derivative can stand at the top of a program or anywhere inside one, and can be differentiated again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adcompile.analyses.draws import require_repeatable
from adcompile.analyses.shapes import Shapes
from adcompile.errors import MISFIT, ShapeError, Unsupported
from adcompile.frontend.functions import Leaf, Shape
from adcompile.frontend.lower import Closed, Lowering
from adcompile.frontend.structure import ArrayRef, BoundMethod, Closure, Ref
from adcompile.ir.build import const
from adcompile.ir.guards import require_shape
from adcompile.ir.nodes import Atom, Const, Function, Value
from adcompile.ir.types import Array, Scalar, differentiable, dtype_of, fresh, is_complex, is_float
from adcompile.ir.walk import clone
from adcompile.span import Span
from adcompile.switches import on
from adcompile.transforms.jvp import Derived, jvp
from adcompile.transforms.motion import move
from adcompile.transforms.prune import prune
from adcompile.transforms.simplify import simplify
from adcompile.transforms.vjp import vjp
from adcompile.unit import Argnums, positions


def place(lowering: Lowering, derived: Derived, operands: Sequence[Atom]) -> list[Atom]:
    """Put a copy of a derivative's body where the program stands, and keep track of its values' names."""
    fn = derived.function
    body, became = clone(fn.body, dict(zip(fn.params, operands, strict=True)))
    for node in body.nodes:
        lowering.b.append(node)
    for value, (primal, suffix) in derived.related.items():
        new, base = became.get(value, value), became.get(primal, primal)
        if isinstance(new, Value) and isinstance(base, Value) and new is not base:
            lowering.related.setdefault(new, (base, suffix))
    return list(body.results)


def chosen_leaves(closed: Closed, which: Sequence[int]) -> list[bool]:
    """Which parameters of a closed function belong to the chosen arguments."""
    wanted = {leaf for k in which for leaf in closed.leaves_of[k]}
    return [k in wanted for k in range(len(closed.function.params))]


def require_derivative(closed: Closed, which: Sequence[int]) -> None:
    """Refuse to differentiate with respect to an argument that has no floating-point number in it."""
    for k in which:
        leaves = [closed.function.params[i] for i in closed.leaves_of[k]]
        if not any(differentiable(p.type) for p in leaves):
            fixed = closed.arguments[k]
            empty = isinstance(fixed, tuple) or hasattr(fixed, "parts")
            what = f"of type {leaves[0].type}" if leaves else "empty" if empty else closed.low.describe(fixed)
            name = f" (`{closed.names[k]}`)" if k < len(closed.names) else ""
            raise ShapeError(
                f"argument {k}{name} has no derivative: it is {what}",
                closed.function.span,
                help="pass floating-point numbers (2.0, not 2; an array of float64), or choose others by `argnums`",
            )


def require_scalar(closed: Closed, result: Any, what: str, span: Span | None, *, holomorphic: bool) -> None:
    """Refuse a function whose result has no gradient."""
    name = closed.function.name
    lead = closed.function.body.results[result.position] if isinstance(result, Leaf) else None
    if lead is None or not isinstance(lead.type, Scalar):
        shown = lead.type if lead is not None else described(result)
        raise ShapeError(
            f"`{what}` needs a function with one real number as its result; `{name}` returns {shown}",
            span,
            help="sum the result up, or use ad.jacobian" if lead is not None else AUX,
        )
    if holomorphic and is_complex(lead.type.dtype):
        return
    if holomorphic:
        raise ShapeError(
            f"`{what}` with holomorphic=True needs a complex result; `{name}` returns {lead.type}",
            span,
            help="leave `holomorphic` out: of a real result there is the gradient",
        )
    if not is_float(lead.type.dtype) or is_complex(lead.type.dtype):
        raise ShapeError(
            f"`{what}` needs a real floating-point result; `{name}` returns {lead.type}",
            span,
            help="return a float; of a complex result, the real part or the absolute value, or pass holomorphic=True",
        )


def require_complex(closed: Closed, which: Sequence[int], what: str) -> None:
    """Refuse a complex derivative with respect to real numbers."""
    for k in which:
        types = [closed.function.params[i].type for i in closed.leaves_of[k]]
        if any(differentiable(t) and not is_complex(dtype_of(t)) for t in types):
            raise ShapeError(
                f"`{what}` with holomorphic=True is taken with respect to complex numbers; argument {k} holds real ones",
                closed.function.span,
                help="pass complex numbers, or leave `holomorphic` out",
            )


def described(result: Any) -> str:
    """The nesting of a result as a message names it."""
    match result:
        case None:
            return "None"
        case tuple():
            return f"a tuple of {len(result)}" if type(result) is tuple else f"a `{type(result).__name__}`"
        case Shape(cls=cls) if cls is not None:
            return f"a `{cls.__name__}`"
        case Shape(kind=kind):
            return f"a {kind}"
    if isinstance(result, Closure | BoundMethod):
        return f"the {'function' if isinstance(result, Closure) else 'method'} `{result.name}`"
    return "a string" if isinstance(result, str) else f"an object of type `{type(result).__name__}`"


AUX = "return one number; pass has_aux=True to carry others along"


def gradient(
    lowering: Lowering,
    f: Any,
    args: Sequence[Any],
    kwargs: dict[str, Any],
    argnums: Argnums,
    *,
    has_aux: bool = False,
    mode: str = "auto",
    holomorphic: bool = False,
    what: str = "grad",
    budget: int | None = None,
) -> tuple[Any, Any]:
    """The value of a call and its gradient, in the structure of the chosen arguments.

    Returns
    -------
    value, derivative
        As structures of the program being lowered. `derivative` is a tuple where `argnums` is one.
    """
    closed = lowering.close(f, args, kwargs)
    which = positions(argnums, closed.names, len(closed.leaves_of))
    require_derivative(closed, which)
    span = lowering.place_of(f) or closed.function.span
    if has_aux and not (isinstance(closed.result, tuple) and len(closed.result) == 2):
        raise ShapeError(
            f"with has_aux, `{closed.function.name}` must return a pair: the value, and whatever else; "
            f"it returns {described(closed.result) if not isinstance(closed.result, Leaf) else 'one value'}",
            span,
            help="write `return value, aux`",
        )
    require_scalar(closed, closed.result[0] if has_aux else closed.result, what, span, holomorphic=holomorphic)
    if holomorphic:
        require_complex(closed, which, what)
    wrt = chosen_leaves(closed, which)
    if mode == "forward":
        outputs, bars = forward_gradient(lowering, closed, wrt, holomorphic=holomorphic)
    else:
        outputs, bars = reverse_gradient(lowering, closed, wrt, owners_of(closed, which), budget)
    value = closed.rebuild(outputs)
    pieces = tuple(lowering.like_argument(closed, k, bars) for k in which)
    return value, pieces if isinstance(argnums, tuple) else pieces[0]


def owners_of(closed: Closed, which: Sequence[int]) -> dict[int, int]:
    """The argument that each leaf of the chosen arguments belongs to."""
    return {leaf: k for k in which for leaf in closed.leaves_of[k]}


def reverse_gradient(
    lowering: Lowering, closed: Closed, wrt: Sequence[bool], owners: dict[int, int], budget: int | None
) -> tuple[list[Atom], dict[int, Atom]]:
    """One reverse sweep seeded with 1; cotangents whose shape is not sure to be that of their argument are compared."""
    fn = settled(closed.function, lowering)
    seeded = [k == 0 for k in range(len(fn.body.results))]
    derived = vjp(fn, wrt, lowering.functions, seeded=seeded, budget=budget)
    seed = derived.function.params[-1]
    assert isinstance(seed.type, Scalar)
    one = const(1.0, Scalar(seed.type.dtype))
    derived = simplify(derived, {seed: one}, keep_names=lowering.keep_names)
    atoms = place(lowering, derived, closed.operands)
    n = len(fn.body.results)
    moving = [k for k, w in enumerate(wrt) if w and differentiable(fn.params[k].type)]
    shapes = Shapes(derived.function)
    for k, bar, inner in zip(moving, atoms[n:], derived.function.body.results[n:], strict=True):
        if shapes.dims(inner) != shapes.dims(derived.function.params[k]):
            require_shape(lowering.b, bar, closed.operands[k], MISFIT, const(owners[k]))
    return atoms[:n], dict(zip(moving, atoms[n:], strict=True))


def settled(fn: Function, lowering: Lowering) -> Function:
    """The function with each value computed once, and where it is computed least often: what is computed again is recorded again."""
    if lowering.keep_names:
        return fn
    fn = tidied(fn, lowering.functions)
    return tidied(move(fn), lowering.functions) if on("motion") else fn


def tidied(fn: Function, functions: dict[str, Function]) -> Function:
    """The function with equal computations shared, and without those that nothing reads."""
    return prune(simplify(Derived(prune(fn, functions))).function, functions)


def forward_gradient(
    lowering: Lowering, closed: Closed, wrt: Sequence[bool], *, holomorphic: bool
) -> tuple[list[Atom], dict[int, Atom]]:
    """One forward sweep for each scalar input, two for a complex one; arrays take reverse mode or `jacfwd`."""
    fn = closed.function
    moving = [k for k, w in enumerate(wrt) if w and differentiable(fn.params[k].type)]
    if not all(isinstance(fn.params[k].type, Scalar) for k in moving):
        raise Unsupported(
            'mode="forward" takes one sweep for each number; the arguments here hold arrays',
            fn.span,
            help='use mode="reverse", or ad.jacfwd',
        )
    if len(moving) > 1:
        require_repeatable(fn, lowering.functions, 'mode="forward" runs it once for each number')
    outputs: list[Atom] = []
    bars: dict[int, Atom] = {}
    for k in moving:
        derived = jvp(fn, [j == k for j in range(len(fn.params))], lowering.functions)
        type_ = Scalar(dtype_of(fn.params[k].type))
        found = []
        for seed in (1.0, 1j) if is_complex(type_.dtype) and not holomorphic else (1.0,):
            atoms = place(lowering, derived, [*closed.operands, const(seed, type_)])
            outputs = outputs or atoms[: len(fn.body.results)]
            found.append(atoms[len(fn.body.results)])
        bars[k] = found[0]
        if len(found) == 2:
            along = lowering.b.emit("mul", const(1j, type_), found[1])
            bars[k] = lowering.b.emit("sub", found[0], along)
    return outputs, bars


def push_forward(
    lowering: Lowering, f: Any, primals: Sequence[Any], tangents: Sequence[Any], kwargs: dict[str, Any]
) -> tuple[Any, Any]:
    """The value of a call and its derivative in a direction."""
    if len(primals) != len(tangents):
        raise ShapeError(f"jvp got {len(primals)} primals and {len(tangents)} tangents", help="one tangent a primal")
    closed = lowering.close(f, primals, kwargs)
    fn = closed.function
    dots: dict[int, Atom] = {}
    for k, tangent in enumerate(tangents):
        if tangent is not None:
            dots.update(lowering.tangent_leaves(closed, k, tangent))
    derived = jvp(fn, [k in dots for k in range(len(fn.params))], lowering.functions)
    atoms = place(lowering, derived, [*closed.operands, *(dots[k] for k in sorted(dots))])
    results = fn.body.results
    dot_atoms = iter(atoms[len(results) :])
    result_dots = [next(dot_atoms) if differentiable(r.type) else None for r in results]
    return closed.rebuild(atoms[: len(results)]), closed.rebuild(result_dots)


def items_of(lowering: Lowering, value: Any, what: str) -> list[Any]:
    """The entries of a tuple or list that a program wrote down."""
    if isinstance(value, Ref):
        value = lowering.content(value)
    if not isinstance(value, tuple):
        raise ShapeError(f"{what} are given as a tuple, one entry an argument", help="write (x,) for a single one")
    return list(value)


def static(value: Any) -> Any:
    """A setting such as `argnums`, known when the program is compiled."""
    if isinstance(value, tuple):
        return tuple(map(static, value))
    if isinstance(value, Const):
        return value.value
    if isinstance(value, Value | Ref):
        raise Unsupported("the settings of a derivative must be known when the function is compiled")
    return value


class Pullback:
    """What `vjp` hands back inside a program: called with cotangents of the results, it gives those of the arguments."""

    def __init__(self, closed: Closed, budget: int | None) -> None:
        self.closed, self.budget = closed, budget

    def __adcompile_lower__(self, lowering: Lowering, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
        closed, fn = self.closed, settled(self.closed.function, lowering)
        if len(args) != 1 or kwargs:
            raise ShapeError("a pullback takes one argument: the cotangent of the result")
        seeds = lowering.cotangent_leaves(closed, args[0])
        which = range(len(closed.leaves_of))
        wrt = chosen_leaves(closed, which)
        derived = vjp(fn, wrt, lowering.functions, keep_results=False, budget=self.budget)
        atoms = place(lowering, derived, [*closed.operands, *seeds])
        moving = [k for k, w in enumerate(wrt) if w and differentiable(fn.params[k].type)]
        bars = dict(zip(moving, atoms, strict=True))
        return tuple(lowering.like_argument(closed, k, bars) for k in which)


def pull_back(
    lowering: Lowering, f: Any, primals: Sequence[Any], kwargs: dict[str, Any], budget: int | None = None
) -> tuple[Any, Pullback]:
    """The value of a call and its pullback, which runs the function again."""
    closed = lowering.close(f, primals, kwargs)
    require_repeatable(closed.function, lowering.functions, "the pullback runs it again")
    return by_value(lowering, closed), Pullback(closed, budget)


def by_value(lowering: Lowering, closed: Closed) -> Any:
    """The result of a call that leaves its arguments as they are, whatever the function writes into."""
    return closed.rebuild(place(lowering, Derived(closed.function), closed.operands))


class OneArgument:
    """The function of one argument alone, the others as they are: what `composed.py` takes."""

    def __init__(self, f: Any, args: Sequence[Any], kwargs: dict[str, Any], k: int, what: str) -> None:
        self.f, self.args, self.kwargs, self.k, self.what = f, args, kwargs, k, what

    def __adcompile_lower__(self, lowering: Lowering, x: Sequence[Any], _: dict[str, Any], node: Any) -> Any:
        args = [*self.args[: self.k], x[0], *self.args[self.k + 1 :]]
        closed = lowering.close(self.f, args, self.kwargs)
        require_repeatable(closed.function, lowering.functions, f"`{self.what}` runs it once for each of its sweeps")
        result = by_value(lowering, closed)
        if not isinstance(result, Value | Const | ArrayRef):
            raise ShapeError(
                f"`{self.what}` needs a function whose result is a number or an array, not {lowering.describe(result)}",
                lowering.place_of(self.f),
                help="return one array, or take the Jacobian of each part",
            )
        return result


def jacobian(
    lowering: Lowering,
    f: Any,
    args: Sequence[Any],
    kwargs: dict[str, Any],
    argnums: Argnums,
    what: str,
    node: Any,
    holomorphic: bool = False,
) -> Any:
    """Jacobians with respect to numbers or arrays, each a loop of sweeps; see `composed.py`."""
    from adcompile.composed import JACOBIANS
    from adcompile.sweeps import forward_sweep

    which = positions(argnums, lowering.parameter_names(f), len(args))
    for k in which:
        require_array(lowering, args[k], k, what)
    blocks = []
    for k in which:
        one = OneArgument(f, args, kwargs, k, what)
        way = way_for(lowering, one, args[k], what, holomorphic=holomorphic)
        sweep = None if way == "jacrev" else forward_sweep(lowering, one, args[k])
        blocks.append(lowering.call(JACOBIANS[way], [one, args[k], sweep], {}, node))
    return tuple(blocks) if isinstance(argnums, tuple) else blocks[0]


def way_for(lowering: Lowering, one: OneArgument, x: Any, what: str, *, holomorphic: bool) -> str:
    """Which Jacobian to take: of what is complex on one side only, there is one in forward or in reverse mode, not in both.

    A forward sweep moves a complex argument along the real axis, a reverse sweep looks along the real axis of a complex
    result: for both axes that is enough where the function is holomorphic.
    """
    way = "jacfwd" if what == "hessian" else what
    span = lowering.place_of(one.f)
    argument = is_complex(dtype_of(lowering.plain(x).type))
    closed = lowering.close(one, [x])
    result = is_complex(dtype_of(closed.function.body.results[0].type))
    if holomorphic:
        if not (argument and result):
            side = "result" if argument else "argument"
            raise ShapeError(
                f"`{what}` with holomorphic=True needs a complex {side}", span, help="leave `holomorphic` out"
            )
        return way
    if (argument and (result or way == "jacfwd")) or (result and way == "jacrev"):
        remedy = "" if argument and result else ", or ad.jacrev" if argument else ", or ad.jacfwd"
        raise ShapeError(
            f"`{what}` of a complex {'argument' if argument else 'result'} is a matrix of complex derivatives only where "
            "the function is holomorphic",
            span,
            help=f"pass holomorphic=True if it is{remedy}; else differentiate with respect to real and imaginary parts",
        )
    return "jacrev" if argument else "jacfwd" if result else way


def require_array(lowering: Lowering, argument: Any, k: int, what: str) -> None:
    """Refuse a Jacobian with respect to something that is no floating-point number or array."""
    if isinstance(argument, Value | Const | ArrayRef):
        plain = lowering.plain(argument)
        if differentiable(plain.type):
            return
        shown = f"of type {plain.type}"
    else:
        shown = lowering.describe(argument)
    raise ShapeError(
        f"`{what}` is taken with respect to a floating-point number or array; argument {k} is {shown}",
        help="pass 2.0, not 2, or an array of floats; of a structure, one array that holds its numbers",
    )


def hessian(
    lowering: Lowering,
    f: Any,
    args: Sequence[Any],
    kwargs: dict[str, Any],
    argnums: Argnums,
    node: Any,
    holomorphic: bool = False,
) -> Any:
    """Forward mode over the gradient: blocks[i][j] differentiates the gradient by argument i with respect to j."""

    def slope(k: int) -> Any:
        class Slope:
            def __adcompile_lower__(self, lowering: Lowering, x: Sequence[Any], kw: dict[str, Any], node: Any) -> Any:
                return gradient(lowering, f, x, kw, k, holomorphic=holomorphic, what="hessian")[1]

        return Slope()

    which = positions(argnums, lowering.parameter_names(f), len(args))
    rows = tuple(jacobian(lowering, slope(i), args, kwargs, which, "hessian", node, holomorphic) for i in which)
    return rows if isinstance(argnums, tuple) else rows[0][0]


def hessian_vector(
    lowering: Lowering, f: Any, primals: Sequence[Any], v: Any, kwargs: dict[str, Any], argnums: Argnums
) -> Any:
    """The tangent of the gradient along `v`."""

    class Slope:
        def __adcompile_lower__(self, lowering: Lowering, x: Sequence[Any], kw: dict[str, Any], node: Any) -> Any:
            return gradient(lowering, f, x, kw, argnums, what="hvp")[1]

    which = positions(argnums, lowering.parameter_names(f), len(primals))
    tangents: list[Any] = [None] * len(primals)
    for k, tangent in zip(which, v if isinstance(argnums, tuple) else (v,), strict=True):
        tangents[k] = tangent
    return push_forward(lowering, Slope(), primals, tangents, kwargs)[1]


def write_into(lowering: Lowering, derivative: Any, before: Any, out: Any, others: Sequence[Any]) -> None:
    """Let the numbers of a derivative be written into arrays of the caller's.

    Parameters
    ----------
    derivative : structure
        A part of the results of the entry.
    before : structure
        The part that comes before.
    out : structure
        Arrays among the arguments, nested like the derivative; None where there is to be none.
    others : sequence
        All arguments.
    """
    offset = len(lowering.flatten(before)[1])
    shape, atoms = lowering.flatten(derivative)
    for position, buffer in lowering.matched(shape, out, "`out`"):
        if buffer is None:
            continue
        atom = atoms[position]
        if not isinstance(atom.type, Array):
            raise ShapeError(
                "`out` takes arrays, and the derivative is a number", help="take the number that is returned"
            )
        given = lowering.plain(buffer).type
        if given != fresh(atom.type):
            raise ShapeError(
                f"`out` is {given}, and the derivative {fresh(atom.type)}",
                help="pass an array of the derivative's shape and dtype",
            )
        lowering.write_into(buffer.obj, offset + position, lowering.array_leaves(list(others)))
