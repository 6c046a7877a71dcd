"""The library: every entry gives NumPy's value, dtype and shape; what is refused is refused with its reason."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
import pytest

from adcompile.errors import ADError, ShapeError, Unsupported
from adcompile.frontend import library
from adcompile.frontend.library.registry import FUNCTIONS, resolved
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Value
from adcompile.ir.types import FLOAT, INT, Array, List, Scalar, Type, dtype_of

#: functions that only some versions of NumPy and Python have
OF_SOME_VERSIONS = """
numpy.trapz numpy.asfarray numpy.acos numpy.acosh numpy.asin numpy.asinh numpy.atan numpy.atan2 numpy.atanh numpy.pow
numpy.concat numpy.permute_dims numpy.matrix_transpose numpy.vecdot numpy.unstack numpy.astype numpy.cumulative_sum
numpy.cumulative_prod numpy.row_stack numpy.bitwise_left_shift numpy.bitwise_right_shift numpy.bitwise_not
numpy.bitwise_invert numpy.linalg.matmul numpy.linalg.outer numpy.linalg.vecdot numpy.linalg.tensordot
numpy.linalg.diagonal numpy.linalg.cross numpy.linalg.matrix_transpose numpy.linalg.vector_norm numpy.linalg.svdvals
numpy.trapezoid math.sumprod math.exp2 math.cbrt scipy.special.softplus
"""


def value(type_: Type = FLOAT, name: str = "x") -> Value:
    """A value of a program, of a type."""
    return Value(type_, name)


VECTOR, MATRIX = Array("float64", 1), Array("float64", 2)


def call(function: Any, *args: Any, **kwargs: Any) -> Any:
    """What the library emits for a call of a function that is not a composite."""
    entry = library.lookup(function)
    assert entry is not None
    return entry.handler(Builder(), list(args), kwargs)


# -- the tables -------------------------------------------------------------------------------------------------


def test_every_name_is_that_of_a_function() -> None:
    import importlib

    for name in FUNCTIONS:
        module, _, attr = name.rpartition(".")
        if module.startswith("numpy.") and isinstance(getattr(np, module.removeprefix("numpy."), None), np.ufunc):
            assert hasattr(getattr(np, module.removeprefix("numpy.")), attr), name
        else:
            assert hasattr(importlib.import_module(module), attr) or name in OF_SOME_VERSIONS.split(), name


def test_every_entry_has_either_a_handler_or_a_composite() -> None:
    for entry in [*FUNCTIONS.values(), *(e for _, e in resolved.values())]:
        assert (entry.emit is None) != (entry.composite is None), entry.name


def test_lookup_asks_for_identity_only() -> None:
    class Hostile:
        __hash__ = None  # type: ignore[assignment]

        def __eq__(self, other: object) -> bool:
            raise AssertionError("compared")

        def __call__(self) -> None: ...

    assert library.lookup(Hostile()) is None
    assert library.lookup(np.zeros(3)) is None


def test_lookup_finds_methods_of_ufuncs_and_types() -> None:
    assert library.lookup(np.add.at).name == "np.add.at"  # type: ignore[union-attr]
    assert library.lookup(np.float32).name == "np.float32"  # type: ignore[union-attr]
    assert library.lookup(operator.matmul).name == "operator.matmul"  # type: ignore[union-attr]
    assert library.lookup(print) is None


def test_mutating_entries_are_marked() -> None:
    marked = {name for name, entry in FUNCTIONS.items() if entry.mutates}
    assert marked == {
        "numpy.add.at", "numpy.subtract.at", "numpy.copyto", "numpy.fill_diagonal", "numpy.put_along_axis"
    }  # fmt: skip
    assert library.method("sort").mutates  # type: ignore[union-attr]
    assert library.method("fill").mutates  # type: ignore[union-attr]
    assert not library.method("sum").mutates  # type: ignore[union-attr]


# -- types ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function, args, expected",
    [
        (np.sin, [value(Array("float32", 1))], Array("float32", 1)),
        (np.sqrt, [value(Array("int64", 2))], Array("float64", 2)),
        (np.sqrt, [const(2.0)], Scalar("float64")),
        (np.add, [value(Array("float32", 1)), const(2.0)], Array("float32", 1)),
        (np.add, [value(Array("float32", 1)), value(INT)], Array("float64", 1)),
        (np.where, [value(Array("bool", 1)), value(Array("float32", 1)), const(0.0)], Array("float32", 1)),
        (math.floor, [value()], Scalar("int64")),
        (np.floor, [value()], Scalar("float64")),
        (np.sum, [value(Array("bool", 1))], Scalar("int64")),
        (np.mean, [value(Array("float32", 2)), const(0)], Array("float32", 1)),
        (np.mean, [value(Array("int64", 2))], Scalar("float64")),
        (np.arange, [const(3)], Array("int64", 1)),
        (np.arange, [value()], Array("float64", 1)),
        (np.full, [(const(2), value(INT)), const(1)], Array("int64", 2)),
        (np.dot, [value(Array("float64", 3)), value(MATRIX)], Array("float64", 3)),
        (np.array, [[const(1), value()]], Array("float64", 1)),
        (np.array, [value(List(FLOAT))], Array("float64", 1)),
        (sum, [value(List(VECTOR))], Array("float64", 1)),
        (len, [value(List(VECTOR))], Scalar("int64", weak=True)),
        (max, [value(List(FLOAT))], FLOAT),
        (np.stack, [value(List(VECTOR))], MATRIX),
        (np.concatenate, [value(List(VECTOR))], VECTOR),
    ],
)
def test_types_are_numpys(function: Any, args: list[Any], expected: Type) -> None:
    assert call(function, *args).type == expected


def test_lengths_adapt_to_the_arrays_they_meet() -> None:
    b = Builder()
    x = value(Array("float32", 1))
    total = library.binary(b, "Div", x, b.dim(x, 0))
    assert dtype_of(total.type) == "float32"


def test_constants_are_folded() -> None:
    b = Builder()
    assert library.binary(b, "Pow", const(2), const(-1)).type == Scalar("float64", weak=True)
    assert library.compare(b, "Lt", const(1), const(2)).value is True
    assert call(np.ndim, value(MATRIX)) == const(2)
    assert call(len, (const(1), const(2))) == const(2)


def test_what_numpy_returns_as_a_view_is_the_same_atom_or_an_alias() -> None:
    x = value(MATRIX)
    assert call(np.asarray, x) is x
    assert call(np.real, x) is x
    b = Builder()
    flipped = library.lookup(np.flip).handler(b, [x], {})  # type: ignore[union-attr]
    assert b.origin[flipped].primitive == "view"
    strided = library.lookup(np.ravel).handler(b, [call(np.transpose, x)], {})  # type: ignore[union-attr]
    assert b.origin[b.origin[strided].operands[0]].primitive == "contiguous"  # type: ignore[index]


# -- refusals ---------------------------------------------------------------------------------------------------

REFUSED = [
    (np.sum, [value(MATRIX), value(INT, "k")], {}, Unsupported, "`axis` must be known when the function is compiled"),
    (np.sum, [value(MATRIX), const(2)], {}, ShapeError, "`axis=2` is out of range for an array with 2 axes"),
    (np.sum, [value(MATRIX)], {"axis": (const(0), const(-2))}, ShapeError, "`axis=(0, -2)` names an axis twice"),
    (np.sum, [value(MATRIX)], {"where": value()}, Unsupported,
     "`np.sum` is not supported with these arguments: got an unexpected keyword argument 'where'"),
    (np.add, [value(), value()], {"out": value()}, Unsupported, "`np.add` with `out=` is not supported"),
    (math.sin, [value(VECTOR)], {}, ShapeError, "`math.sin` takes a number, not an array of float64 with 1 axis"),
    (math.sin, [value(Scalar("complex128"))], {}, ShapeError, "`math.sin` takes a real number, not a complex one"),
    (np.random.normal, [], {}, Unsupported, "random numbers cannot be drawn inside a differentiated function"),
    (np.random.default_rng().normal, [], {}, Unsupported,
     "random numbers cannot be drawn inside a differentiated function"),
    (np.matmul, [value(), value(MATRIX)], {}, ShapeError, "`@` takes arrays, not a number of type float64"),
    (np.linalg.inv, [value(Array("float64", 3))], {}, Unsupported,
     "`np.linalg.inv` takes a matrix, not an array of float64 with 3 axes"),
    (np.zeros, [value()], {}, ShapeError, "a length must be an integer, not a number of type float64"),
    (np.squeeze, [value(MATRIX)], {}, Unsupported,
     "`squeeze` must say which axes: their lengths are not known when the function is compiled"),
    (np.array, [[[const(1)], [const(1), const(2)]]], {}, ShapeError, "the rows of this array have different lengths"),
    (np.einsum, ["ij,jk->i", value(MATRIX)], {}, ShapeError,
     "the subscripts 'ij,jk->i' name 2 arrays, but there are 1"),
    (np.einsum, ["ijk->i", value(MATRIX)], {}, ShapeError, "the subscripts 'ijk' do not fit an array with 2 axes"),
    (np.reshape, [value(MATRIX), const(4)], {"order": "F"}, Unsupported, "`order='F'` is not supported"),
    (np.zeros, [const(3)], {"dtype": object}, Unsupported, "arrays of dtype object are not supported"),
    (np.float64, [value(Scalar("complex128"))], {}, ShapeError, "a complex number cannot become float64"),
    (np.split, [value(VECTOR), value(INT)], {}, Unsupported,
     "how many pieces there are must be known when the function is compiled"),
    (max, [value(VECTOR), value(VECTOR)], {}, ShapeError, "`max` compares numbers, not arrays"),
    (sum, [value()], {}, ShapeError, "`sum` takes a list, a tuple or an array, not a number of type float64"),
    (np.vectorize, [None], {}, Unsupported, "`np.vectorize` is not supported"),
    (np.concatenate, [(value(VECTOR), value())], {}, ShapeError, "numbers cannot be concatenated"),
    (sorted, [value(VECTOR)], {"key": abs}, Unsupported, "`sorted` with `key=` is not supported"),
]  # fmt: skip


@pytest.mark.parametrize("function, args, kwargs, kind, message", REFUSED)
def test_refusals_say_why(
    function: Any, args: list[Any], kwargs: dict[str, Any], kind: type[ADError], message: str
) -> None:
    with pytest.raises(kind) as caught:
        call(function, *args, **kwargs)
    assert caught.value.message == message
    assert caught.value.span is None


@pytest.mark.parametrize(
    "op, x, y, message",
    [
        ("Add", None, value(), "`+` takes numbers and arrays, not None"),
        ("Mult", "a", value(), "`*` takes numbers and arrays, not a string"),
        ("BitAnd", value(), value(), "operations on bits take integers or flags, not floating-point numbers"),
        ("Mod", value(Scalar("complex128")), value(), "`%` does not take complex numbers"),
    ],
)
def test_operators_refuse_what_they_cannot_take(op: str, x: Any, y: Any, message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        library.binary(Builder(), op, x, y)
    assert caught.value.message == message


def test_the_truth_of_an_array_is_refused() -> None:
    with pytest.raises(ShapeError, match="the truth of an array is ambiguous"):
        library.unary(Builder(), "Not", value(VECTOR))
