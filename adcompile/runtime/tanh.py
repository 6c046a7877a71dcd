"""The hyperbolic tangent written out for LLVM, in the loop that it is used in: half the time of a call of libmvec.

Error below 2 units in the last place; never larger than 1. Other functions are `elementary`'s.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from llvmlite import ir


class Coefficients(NamedTuple):
    """Minimax approximations for one format of numbers, lowest power first, each within half a unit in the last place.

    Attributes
    ----------
    numerator, denominator : sequence of float
        tanh(x) = x + x z p(z) / q(z) with z = x², for x up to `NEAR`.
    exponential : sequence of float
        exp(r) for r up to ln(2) / 2 in size.
    largest : float
        From here on exp(r) is as good as infinite.
    exponent, bias : int
        Where the exponent of a number begins in its bits, and what is added to it.
    """

    numerator: Sequence[float]
    denominator: Sequence[float]
    exponential: Sequence[float]
    largest: float
    exponent: int
    bias: int


NEAR = 0.55
DOUBLE = Coefficients(
    (-0.333333333333333312, -0.020500363751464219, -1.9924738062943598e-4),
    (1.0, 0.461501091254388362, 0.0232934167389760982, 2.06608004765728552e-4),
    (
        *(1.0, 1.0, 0.500000000000001063, 0.16666666666666413, 0.0416666666665301389, 0.00833333333349411223),
        *(0.00138888889436344851, 1.98412695073768941e-4, 2.48014930951958459e-5, 2.75575856314242601e-6),
        *(2.7630249452529922e-7, 2.5000304271403861e-8),
    ),
    largest=40.0,
    exponent=52,
    bias=1023,
)
SINGLE = Coefficients(
    (-0.333333212878121564, -0.00155156434162701044),
    (1.0, 0.404647154441242005),
    (
        *(1.0, 1.0, 0.499999934412389568, 0.166665205695845365, 0.0416683893790055001, 0.00836872265473344643),
        0.00138145340738510994,
    ),
    largest=20.0,
    exponent=23,
    bias=127,
)


def polynomial(builder: Any, coefficients: Sequence[float], x: Any) -> Any:
    """Horner's rule."""
    value = ir.Constant(x.type, coefficients[-1])
    for c in reversed(coefficients[:-1]):
        value = builder.fadd(builder.fmul(value, x), ir.Constant(x.type, c))
    return value


def intrinsic(builder: Any, name: str, *args: Any) -> Any:
    """A call of one of LLVM's own functions."""
    real = args[0].type
    function = builder.module.declare_intrinsic(f"llvm.{name}", [real], ir.FunctionType(real, [real] * len(args)))
    return builder.call(function, args)


def exponential(builder: Any, about: Coefficients, x: Any) -> Any:
    """exp(x) for x from 0 to `about.largest`: x = k ln(2) + r with k whole, and exp(x) = 2^k exp(r)."""
    real, bits = x.type, ir.IntType(64 if about is DOUBLE else 32)
    k = intrinsic(builder, "rint", builder.fmul(x, ir.Constant(real, 1.0 / math.log(2.0))))
    r = builder.fsub(x, builder.fmul(k, ir.Constant(real, math.log(2.0))))
    whole = builder.fptosi(k, ir.IntType(32))  # AVX2 has no conversion to 64 bits
    shifted = builder.add(builder.sext(whole, bits) if about is DOUBLE else whole, ir.Constant(bits, about.bias))
    power = builder.bitcast(builder.shl(shifted, ir.Constant(bits, about.exponent)), real)
    return builder.fmul(polynomial(builder, about.exponential, r), power)


def write_tanh(builder: Any, x: Any) -> Any:
    """The code of tanh(x): near 0 a rational function, else 1 - 2 / (exp(2 |x|) + 1); without a branch, with one division."""
    real = x.type
    about = SINGLE if isinstance(real, ir.FloatType) else DOUBLE
    one, largest = ir.Constant(real, 1.0), ir.Constant(real, about.largest)
    size = intrinsic(builder, "fabs", x)
    square, double = builder.fmul(size, size), builder.fadd(size, size)
    far = builder.fcmp_ordered(">", size, ir.Constant(real, NEAR))  # not for NaN
    within = builder.select(builder.fcmp_ordered(">", double, largest), largest, double)
    near = builder.fmul(builder.fmul(size, square), polynomial(builder, about.numerator, square))
    numerator = builder.select(far, ir.Constant(real, -2.0), near)
    denominator = builder.select(
        far,
        builder.fadd(exponential(builder, about, within), one),
        polynomial(builder, about.denominator, square),
    )
    value = builder.fadd(builder.select(far, one, size), builder.fdiv(numerator, denominator))
    return intrinsic(builder, "copysign", value, x)
