"""Constants as Python syntax, and expressions made plainer: signs, negated flags, results in tuples.

No operation is spelled here.
"""

from __future__ import annotations

import ast
import cmath
import math
from collections.abc import Sequence
from typing import Any

from adcompile.backend.syntax import call, name, tuple_of
from adcompile.ir.nodes import Const
from adcompile.ir.types import Scalar

PLAIN = {"float64": float, "int64": int, "bool": bool, "complex128": complex}


def literal(constant: Const) -> ast.expr:
    """A constant as an expression of just its type."""
    if not isinstance(constant.type, Scalar):
        return ast.Constant(constant.value)
    dtype = constant.type.dtype
    if dtype in PLAIN:
        return number(PLAIN[dtype](constant.value))
    return call(f"np.{dtype}", number(constant.value))


def number(value: Any) -> ast.expr:
    """A Python number as an expression."""
    if isinstance(value, complex):
        if value.real == 0.0 and math.copysign(1.0, value.real) > 0.0 and cmath.isfinite(value) and value.imag >= 0.0:
            return ast.Constant(value)
        return call("complex", number(value.real), number(value.imag))
    if isinstance(value, float) and math.isnan(value):
        return name("np.nan")
    if not isinstance(value, bool) and (value < 0 or (isinstance(value, float) and math.copysign(1.0, value) < 0)):
        return ast.UnaryOp(ast.USub(), number(-value))
    if isinstance(value, float) and math.isinf(value):
        return name("np.inf")
    return ast.Constant(value)


def arranged(results: Sequence[ast.expr], tree: object) -> ast.expr:
    """Results in nested tuples."""
    if isinstance(tree, tuple):
        return tuple_of(arranged(results, t) for t in tree)
    assert isinstance(tree, int)
    return results[tree]


def negated(test: ast.expr) -> ast.expr:
    """The opposite of a flag."""
    match test:
        case ast.UnaryOp(ast.Not(), operand):
            return operand
        case ast.Compare(left, [ast.Eq()], right):
            return ast.Compare(left, [ast.NotEq()], right)
        case ast.Compare(left, [ast.NotEq()], right):
            return ast.Compare(left, [ast.Eq()], right)
        case ast.Constant(bool() as value):
            return ast.Constant(not value)
    return ast.UnaryOp(ast.Not(), test)


def without_sign(tree: ast.expr) -> ast.expr | None:
    """An expression less the minus sign it starts with, if its value is then the opposite."""
    match tree:
        case ast.UnaryOp(ast.USub(), operand):
            return operand
        case ast.BinOp(left, ast.Mult() | ast.Div() as op, right):
            positive = without_sign(left)
            return None if positive is None else ast.BinOp(positive, op, right)
    return None


def with_signs(tree: ast.expr) -> ast.expr:
    """A + -b as a - b, and a - -b as a + b, which are the same to the last bit."""
    match tree:
        case ast.BinOp(left, ast.Add() | ast.Sub() as op, right):
            positive = without_sign(right)
            if positive is not None and not isinstance(positive, ast.Constant):
                return ast.BinOp(left, ast.Sub() if isinstance(op, ast.Add) else ast.Add(), positive)
    return tree
