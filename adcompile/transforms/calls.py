"""The derivatives of functions that are called rather than inlined: made on first use, or given by the user.

A rule of the user's own stands in the program under the name that `custom_rule` gives it. A forward one takes
``(*params, *param_dots)`` to ``(*results, *result_dots)``, a reverse one ``(*params, *result_bars)`` to ``param_bars``, over all
that is differentiable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from adcompile.ir.build import Builder
from adcompile.ir.nodes import Atom, Block, Function, Value
from adcompile.ir.types import differentiable

Functions = dict[str, Function]
Derive = Callable[..., Any]


def flat(fn: Function) -> Function:
    """The same function with its results side by side, as a call takes them."""
    n = len(fn.body.results)
    return replace(fn, tree=None if n == 1 else tuple(range(n)))


def custom_rule(name: str, mode: str) -> str:
    """The name under which a function's own rule for a mode stands in the program."""
    return f"{name}_rule_{mode}"


def has_rules(name: str, functions: Functions) -> bool:
    """Whether a function came with a rule of its own."""
    return custom_rule(name, "jvp") in functions or custom_rule(name, "vjp") in functions


def forward_rule(callee: Function, functions: Functions, vjp: Derive) -> str:
    """The name of a callee's own forward rule; from its reverse rule by transposition where only that is given.

    A pullback is linear in the cotangent g, so the derivative of <pullback(g), x_dot> by g is the tangent.
    """
    name = custom_rule(callee.name, "jvp")
    if name not in functions:
        reverse = functions[custom_rule(callee.name, "vjp")]
        n = len(callee.params)
        transposed = vjp(
            reverse, [k >= n for k in range(len(reverse.params))], functions, f"{name}_linear", keep_results=False
        ).function
        functions[transposed.name] = flat(transposed)
        functions[name] = apply_linear(name, callee, reverse.params[n:], transposed, functions)
    return name


def apply_linear(
    name: str, callee: Function, bars: Sequence[Value], transposed: Function, functions: Functions
) -> Function:
    """The forward rule that runs the function, and its transposed reverse rule at cotangent zero."""
    b = Builder()
    params = tuple(Value(p.type, p.name, p.span) for p in callee.params)
    dots = tuple(Value(p.type, f"{p.name}_dot", p.span) for p in callee.params if differentiable(p.type))
    types = tuple(r.type for r in callee.body.results)
    results = as_tuple(b.emit("call", *params, function=callee.name, types=types))
    moving = [r for r in results if differentiable(r.type)]
    zeros = [b.zeros_like(r) for r in moving]
    dot_types = tuple(bar.type for bar in bars)
    result_dots = as_tuple(b.emit("call", *params, *zeros, *dots, function=transposed.name, types=dot_types))
    body = Block((), tuple(b.frames[0].nodes), (*results, *result_dots))
    return flat(Function(name, (*params, *dots), body, None, callee.span))


def reverse_rule(callee: Function, functions: Functions, vjp: Derive) -> str:
    """The name of a callee's own reverse rule; from its forward rule by transposition where only that is given.

    A forward rule is linear in the tangents, so its adjoint with respect to them, taken at tangent zero, is the pullback.
    """
    name = custom_rule(callee.name, "vjp")
    if name not in functions:
        forward = functions[custom_rule(callee.name, "jvp")]
        n, results = len(callee.params), len(callee.body.results)
        seeded = [k >= results for k in range(len(forward.body.results))]
        transposed = vjp(
            forward,
            [k >= n for k in range(len(forward.params))],
            functions,
            f"{name}_linear",
            seeded=seeded,
            keep_results=False,
        ).function
        functions[transposed.name] = flat(transposed)
        b = Builder()
        params = tuple(Value(p.type, p.name, p.span) for p in callee.params)
        bars = tuple(Value(p.type, "", p.span) for p in transposed.params[len(forward.params) :])
        zeros = [b.zeros_like(p) for p in params if differentiable(p.type)]
        types = tuple(p.type for p in params if differentiable(p.type))
        out = as_tuple(b.emit("call", *params, *zeros, *bars, function=transposed.name, types=types))
        body = Block((), tuple(b.frames[0].nodes), out)
        functions[name] = flat(Function(name, (*params, *bars), body, None, callee.span))
    return name


def as_tuple(atoms: Any) -> tuple[Atom, ...]:
    return atoms if isinstance(atoms, tuple) else (atoms,)
