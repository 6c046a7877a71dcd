"""The library: every entry gives NumPy's value, dtype and shape; what is refused is refused with its reason."""

from __future__ import annotations

import cmath
import copy
import inspect
import linecache
import math
import operator
import re
from collections.abc import Callable
from typing import Any

import library_cases
import library_programs
import numpy as np
import pytest
import scipy.special
import scipy.stats

from adcompile.backend.compile import compile_module, module_file
from adcompile.errors import ADError, ShapeError, Unsupported
from adcompile.frontend import library
from adcompile.frontend.library import markers
from adcompile.frontend.library.registry import FUNCTIONS, resolved
from adcompile.frontend.lower import lower
from adcompile.ir.build import Builder, const
from adcompile.ir.nodes import Value
from adcompile.ir.types import FLOAT, INT, Array, List, Scalar, Type, dtype_of
from adcompile.pipeline import finish

#: functions that only some versions of NumPy and Python have
OF_SOME_VERSIONS = """
numpy.trapz numpy.asfarray numpy.acos numpy.acosh numpy.asin numpy.asinh numpy.atan numpy.atan2 numpy.atanh numpy.pow
numpy.concat numpy.permute_dims numpy.matrix_transpose numpy.vecdot numpy.unstack numpy.astype numpy.cumulative_sum
numpy.cumulative_prod numpy.row_stack numpy.bitwise_left_shift numpy.bitwise_right_shift numpy.bitwise_not
numpy.bitwise_invert numpy.linalg.matmul numpy.linalg.outer numpy.linalg.vecdot numpy.linalg.tensordot
numpy.linalg.diagonal numpy.linalg.cross numpy.linalg.matrix_transpose numpy.linalg.vector_norm numpy.linalg.svdvals
numpy.trapezoid math.sumprod math.exp2 math.cbrt scipy.special.softplus
numpy.matvec numpy.vecmat numpy.linalg.matrix_norm numpy.linalg.trace
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
            is_density = module.startswith("scipy.stats.")
            owner = getattr(scipy.stats, module[12:]) if is_density else importlib.import_module(module)
            assert hasattr(owner, attr) or name in OF_SOME_VERSIONS.split(), name


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
        "numpy.add.at", "numpy.subtract.at", "numpy.fill_diagonal", "numpy.put_along_axis"
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
    (np.mean, [value(MATRIX)], {"initial": value()}, Unsupported,
     "`np.mean` is not supported with these arguments: got an unexpected keyword argument 'initial'"),
    (np.add, [value(), value()], {"where": value()}, Unsupported, "`np.add` with `where=` and without `out=` is not supported"),
    (math.sin, [value(VECTOR)], {}, ShapeError, "`math.sin` takes a number, not an array of float64 with 1 axis"),
    (math.sin, [value(Scalar("complex128"))], {}, ShapeError, "`math.sin` takes a real number, not a complex one"),
    (np.random.multinomial, [], {}, Unsupported,
     "random numbers of this kind cannot be drawn inside a differentiated function"),
    (np.random.RandomState(0).normal, [], {}, Unsupported,
     "random numbers of this kind cannot be drawn inside a differentiated function"),
    (np.random.default_rng, [], {}, Unsupported, "random generators cannot be made inside a differentiated function"),
    (np.matmul, [value(), value(MATRIX)], {}, ShapeError, "`@` takes arrays, not a number of type float64"),
    (markers.matrix_inv, [value(Array("float64", 3))], {}, Unsupported,
     "`np.linalg.inv` takes a matrix, not an array of float64 with 3 axes"),
    (np.zeros, [value()], {}, ShapeError, "a length must be an integer, not a number of type float64"),
    (np.squeeze, [value(MATRIX)], {}, Unsupported,
     "`squeeze` must say which axes: their lengths are not known when the function is compiled"),
    (np.array, [[[const(1)], [const(1), const(2)]]], {}, ShapeError, "the rows of this array have different lengths"),
    (np.einsum, ["ij,jk->i", value(MATRIX)], {}, ShapeError,
     "the subscripts 'ij,jk->i' name 2 arrays, but there are 1"),
    (np.einsum, ["ijk->i", value(MATRIX)], {}, ShapeError, "the subscripts 'ijk' do not fit an array with 2 axes"),
    (np.reshape, [value(MATRIX), const(4)], {"order": "A"}, Unsupported, "`order='A'` is not supported"),
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


# -- values -----------------------------------------------------------------------------------------------------

MODULES = {"np": np, "math": math, "cmath": cmath, "operator": operator, "scipy": scipy}
PYTHON_TYPES = {float: "float64", int: "int64", complex: "complex128"}


def function_of(name: str, expressions: list[str]) -> Callable[..., Any]:
    """A function, with a source that can be found, that returns a tuple of expressions in the values they name."""
    letters = {n for e in expressions for n in re.findall(r"(?<![\w.\"])([a-z])(?![\w\"])", e)}
    parameters = ", ".join(sorted(letters & library_cases.VALUES.keys()))
    source = f"def {name}({parameters}):\n    return ({', '.join(expressions)},)\n"
    file = f"<library {name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace = dict(MODULES)
    exec(compile(source, file, "exec"), namespace)
    return namespace[name]  # type: ignore[return-value]


def type_of(x: Any) -> Type:
    """The type of an argument."""
    return Array(x.dtype.name, x.ndim) if isinstance(x, np.ndarray) else Scalar(PYTHON_TYPES[type(x)], weak=True)


def run(f: Callable[..., Any], values: list[Any], *, jit: bool) -> Any:
    """The result of a function's primal program, from plain Python or from Numba."""
    lowered = lower(f, [type_of(v) for v in values])
    listing = finish(lowered.program, lowered.related)
    names = [fn.name for fn in listing.functions]
    compiled = compile_module(module_file(listing.text(nested=jit), f.__name__), names, jit=jit, cache=False)
    return compiled[f.__name__](*values, *lowered.captured)


def flat(result: Any) -> list[Any]:
    """The numbers and arrays of a result, in order."""
    return [leaf for part in result for leaf in flat(part)] if isinstance(result, tuple | list) else [result]


def check(f: Callable[..., Any], label: str, *, jit: bool) -> None:
    """A program's results are those of the function itself: values, shapes, and dtypes.

    Numbers of single precision are returned by Python and Numba as Python's, so that for them the dtype is not compared.
    """
    values = [library_cases.VALUES[name] for name in inspect.signature(f).parameters]
    with np.errstate(all="ignore"):
        expected, found = flat(f(*copy.deepcopy(values))), flat(run(f, copy.deepcopy(values), jit=jit))
    assert len(found) == len(expected), label
    for x, y in zip(map(np.asarray, found), map(np.asarray, expected), strict=True):
        single = "f" in inspect.signature(f).parameters or "float32" in label
        assert x.shape == y.shape, label
        assert x.dtype == y.dtype or (single and x.ndim == 0), label
        assert np.allclose(x, y, rtol=1e-5 if single else 1e-11, atol=1e-6 if single else 1e-13, equal_nan=True), label


#: what plain Python computes otherwise: `math.log(0.0)` raises, and numbers of single precision widen
ONLY_COMPILED = {"scipy.special.logsumexp(np.array([-np.inf,-np.inf]))", "np.sqrt(2.0)*f"}


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::numpy.exceptions.ComplexWarning")
@pytest.mark.parametrize("topic", library_cases.CASES)
def test_every_expression_has_numpys_value(topic: str) -> None:
    expressions = [e for e in library_cases.CASES[topic].split() if e not in ONLY_COMPILED]
    for k, expression in enumerate(expressions):
        check(function_of(f"{topic}_{k}", [expression]), expression, jit=False)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("f", library_programs.PROGRAMS, ids=lambda f: f.__name__)
def test_programs_that_write_and_grow(f: Callable[..., Any]) -> None:
    check(f, f.__name__, jit=False)


@pytest.mark.parametrize("topic", library_cases.CASES)
def test_a_sample_compiles(topic: str) -> None:
    expressions = library_cases.CASES[topic].split()[::12]
    check(function_of(f"{topic}_sample", expressions), "float32 sample", jit=True)


def test_numba_agrees_on_memory() -> None:
    for f in (library_programs.write_through_views, library_programs.add_at_rows, library_programs.grown_list):
        check(f, f.__name__, jit=True)


@pytest.mark.parametrize("source", ["x[0:4].reshape(2, 2)", "x.reshape(2, 2).T.ravel()", "np.real(x + 0j * x)"])
def test_what_may_be_a_view_is_not_written_into(source: str) -> None:
    lines = f"def f(v):\n    x = v * 1.0\n    y = {source}\n    x[0] = 100.0\n    return x, y\n"
    linecache.cache["<view>"] = (len(lines), None, lines.splitlines(keepends=True), "<view>")
    namespace: dict[str, Any] = dict(MODULES)
    exec(compile(lines, "<view>", "exec"), namespace)
    if "real" in source:
        lower(namespace["f"], [VECTOR])
    else:
        with pytest.raises(Unsupported, match="may or may not change"):
            lower(namespace["f"], [VECTOR])
