"""The primitives whose derivative is zero, or that are no function of numbers that vary."""

from __future__ import annotations

from adcompile.notation.tables import constant

# fmt: off
constant("floor ceil trunc rint sign floordiv stop_gradient")
constant("lt le gt ge eq ne logical_and logical_or logical_not logical_xor isnan isinf isfinite")
constant("bit_and bit_or bit_xor shift_left shift_right bit_not")
constant("any all argmax argmin argsort argpartition searchsorted shape list_len list_zeros advance")
constant("zeros empty eye print raise assert draw seed")
# fmt: on
