"""What is emitted for each primitive, run as plain NumPy and compiled, against NumPy: value, dtype, shape and layout."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
import pytest
from numba.np.numpy_support import as_dtype
from spelling_cases import Case, sample, table

from adcompile.additions import OWN
from adcompile.backend.numba_types import typeof
from adcompile.backend.spelling import expression, imports, statements
from adcompile.errors import InternalError
from adcompile.ir.nodes import Eqn, Value
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import BOOL, INT, WEAK_INT, Array, List, Scalar, Type, dtype_of, rank

TABLE = table()
#: what has tests of its own below, or cannot be run by itself
ELSEWHERE = {"empty", "overlap", "advance", "call", "call_into", "print", "raise", "assert", "draw", "seed"} | {
    p for p in PRIMITIVES if "list" in p
}
LANES = {"lanes", "lanes_array", "lanes_sum"}  # in `test_directions`
JIT = numba.njit(error_model="numpy")


def equation(primitive: str, types: Sequence[Type], params: dict[str, Any]) -> Eqn:
    about = PRIMITIVES[primitive]
    operands = tuple(Value(t) for t in types)
    static = tuple((p, params[p]) for p in about.params)
    results = tuple(Value(t) for t in about.infer(tuple(types), dict(static)))
    return Eqn(primitive, operands, results, static)


def body_of(eqn: Eqn, names: Sequence[str]) -> list[ast.stmt]:
    """The equation as the statements of a function of its operands, which returns its results."""
    operands = [ast.Name(n, ast.Load()) for n in names]
    consumes = PRIMITIVES[eqn.primitive].consumes
    targets = [f"r{k}" for k in range(len(eqn.results))]
    if consumes is not None:
        targets[0] = names[consumes]
    if consumes is None and len(targets) == 1 and not PRIMITIVES[eqn.primitive].effect:
        return [ast.Return(expression(eqn, operands))]
    result = ", ".join(targets)
    return [*statements(eqn, operands, targets), *ast.parse(f"return {result}").body]


def module(functions: dict[str, tuple[Sequence[str], list[ast.stmt]]]) -> dict[str, Any]:
    """The namespace of a module with these functions: name -> (parameters, body)."""
    text = []
    for name, (params, body) in functions.items():
        tree = ast.parse(f"def {name}({', '.join(params)}): pass").body[0]
        assert isinstance(tree, ast.FunctionDef)
        tree.body = body
        text.append(ast.unparse(ast.fix_missing_locations(tree)))
    free = {n.id for t in text for n in ast.walk(ast.parse(t)) if isinstance(n, ast.Name)}
    scope: dict[str, Any] = {}
    exec("\n".join([*imports(free), *text]), scope)
    return scope


def compare(case: Case, eqn: Eqn, results: Any, how: str) -> None:
    found = results if len(case.expected) > 1 else (results,)
    for value, wanted, result in zip(found, case.expected, eqn.results, strict=True):
        at = f"{case}, {how}: {value!r}, not {wanted!r}"
        dtype = np.dtype(dtype_of(result.type))
        if how == "plain" or isinstance(result.type, Array):  # compiled code hands back Python's own numbers
            assert np.asarray(value).dtype == dtype, f"{at}: dtype {np.asarray(value).dtype}, not {dtype}"
        if isinstance(result.type, Array):
            assert isinstance(value, np.ndarray) and value.ndim == result.type.rank, at
            assert not result.type.contiguous or value.flags.c_contiguous or how == "plain", f"{at}: not contiguous"
        else:
            assert not isinstance(value, np.ndarray), f"{at}: not a scalar"
        if case.primitive == "reserve":
            assert value.shape[0] >= wanted.shape[0] and value.shape[1:] == wanted.shape[1:], at
            assert np.array_equal(value[: len(case.operands[0])], case.operands[0]), at
            continue
        assert np.shape(value) == np.shape(wanted), at
        tolerance = case.loose * (1e-6 if dtype in (np.float32, np.complex64) else 1e-14)
        np.testing.assert_allclose(value, wanted, rtol=tolerance, atol=tolerance, err_msg=at)


def fresh(operands: Sequence[Any]) -> list[Any]:
    """The operands, arrays copied in their layout."""
    return [copy(x) if isinstance(x, np.ndarray) else x for x in operands]


def copy(x: np.ndarray) -> np.ndarray:
    if x.flags.c_contiguous or not isinstance(x.base, np.ndarray):
        return x.copy(order="K")
    return np.lib.stride_tricks.as_strided(x.base.copy(), x.shape, x.strides)


def prepared(cases: Sequence[Case]) -> list[tuple[Case, Eqn, Any]]:
    """Each case with its equation and a function that computes it; one function for all that are written alike."""
    written: dict[str, str] = {}
    functions, found = {}, []
    for case in cases:
        eqn = equation(case.primitive, [typeof(x) for x in case.operands], case.params)
        params = [f"x{i}" for i in range(len(case.operands))]
        body = body_of(eqn, params)
        text = "\n".join(ast.unparse(ast.fix_missing_locations(s)) for s in body)
        name = written.setdefault(text, f"f{len(written)}")
        functions[name] = (params, body)
        found.append((case, eqn, name))
    scope = module(functions)
    return [(case, eqn, scope[name]) for case, eqn, name in found]


def worth_compiling(case: Case) -> bool:
    """Leave out what another case shows: strided matrices show contiguous ones, matrices of float32 vectors."""
    arrays = [x for x in case.operands if isinstance(x, np.ndarray)]
    if not arrays or case.primitive in ("gather", "store", "accumulate", "drain", "matmul", "unbroadcast"):
        return True
    shown = {(2, 3): "float64", (4,): "float64"} if PRIMITIVES[case.primitive].elementwise else {(2, 3): "float64"}
    plain = all(x.flags.c_contiguous and shown.get(x.shape) == x.dtype for x in arrays)
    return not plain or len({x.shape for x in arrays}) > 1


@pytest.mark.parametrize("primitive", sorted(TABLE))
def test_spelling_as_plain_numpy(primitive: str) -> None:
    for case, eqn, function in prepared(TABLE[primitive]):
        with np.errstate(all="ignore"):
            operands = [np.float64(x) if type(x) is float else x for x in fresh(case.operands)]
            compare(case, eqn, function(*operands), "plain")


@pytest.mark.parametrize("primitive", sorted(TABLE))
def test_spelling_compiled(primitive: str) -> None:
    compiled: dict[Any, Any] = {}
    for case, eqn, function in prepared([c for c in TABLE[primitive] if worth_compiling(c)]):
        dispatcher = compiled.setdefault(function, JIT(function))
        compare(case, eqn, dispatcher(*fresh(case.operands)), "compiled")
        types = tuple(numba.typeof(x) for x in case.operands)
        check_types(case, eqn, dispatcher.overloads[types].signature.return_type)


def check_types(case: Case, eqn: Eqn, returned: Any) -> None:
    """Numba's own types of the results must be those of the equation."""
    parts = returned.types if isinstance(returned, numba.types.BaseTuple) else (returned,)
    for part, result in zip(parts, eqn.results, strict=True):
        element = part.dtype if isinstance(part, numba.types.Array) else part
        assert as_dtype(element) == np.dtype(dtype_of(result.type)), f"{case}: compiled as {part}"
        if isinstance(result.type, Array) and result.type.contiguous:
            assert part.layout == "C", f"{case}: compiled as {part}"


def test_spelling_every_primitive_has_cases() -> None:
    assert set(PRIMITIVES) - set(TABLE) - OWN == ELSEWHERE | LANES


# -- lists --------------------------------------------------------------------------------------------------------


def list_program(element: Type) -> dict[str, Any]:
    """A function that does everything to a list of two values, and hands back what it finds."""
    items = List(element)
    params = {"element": element}

    def spell(primitive: str, types: Sequence[Type], *names: str) -> str:
        return ast.unparse(expression(equation(primitive, types, params), [ast.Name(n, ast.Load()) for n in names]))

    def write(primitive: str, types: Sequence[Type], *names: str, targets: Sequence[str] = ("l",)) -> list[str]:
        eqn = equation(primitive, types, params)
        trees = statements(eqn, [ast.Name(n, ast.Load()) for n in names], targets)
        return [ast.unparse(ast.fix_missing_locations(t)) for t in trees]

    lines = [
        f"l = {spell('list_new', [])}",
        *write("list_append", [items, element], "l", "x"),
        *write("list_append", [items, element], "l", "y"),
        *write("list_set", [items, element, INT], "l", "y", "k"),
        *write("list_accumulate", [items, element, INT], "l", "x", "k"),
        *write("list_drain", [items, INT], "l", "k", targets=("l", "taken")),
        f"m = {spell('list_add', [items, items], 'l', 'l')}",
        f"zeros = {spell('list_zeros', [items], 'm')}",
        f"stacked = {spell('list_to_array', [items], 'm')}",
        f"again = {spell('array_to_list', [Array(dtype_of(element), rank(element) + 1)], 'stacked')}",
        *write("list_pop", [items], "m", targets=("m", "last")),
        f"count = {spell('list_len', [items], 'm')}",
        f"first = {spell('list_get', [items, INT], 'again', 'k')}",
        f"pair = {spell('list_new', [element, element], 'x', 'y')}",
        f"copied = {spell('copy', [items], 'pair')}",
        "return taken, zeros[1], stacked, first, last, count, copied[1]",
    ]
    text = "def f(x, y, k):\n" + "\n".join(f"    {line}" for line in lines)
    free = {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}
    scope: dict[str, Any] = {}
    exec("\n".join([*imports(free), text]), scope)
    return scope


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    "x, y",
    [(1.5, np.nan), (np.float32(1.5), np.float32(2.5)), (2, 3), (np.array([1.5, 2.0]), np.array([0.5, np.nan]))],
)
def test_spelling_lists(x: Any, y: Any, compiled: bool) -> None:
    f = list_program(typeof(x))["f"]
    taken, zero, stacked, first, last, count, copied = (JIT(f) if compiled else f)(x, y, 0)
    np.testing.assert_array_equal(taken, y + x)
    np.testing.assert_array_equal(zero, np.zeros_like(x))
    np.testing.assert_array_equal(stacked, np.stack([np.zeros_like(x), np.asarray(y + y)]))
    np.testing.assert_array_equal(first, np.zeros_like(x))
    np.testing.assert_array_equal(last, y + y)
    np.testing.assert_array_equal(copied, y)
    assert count == 1
    assert stacked.dtype == np.asarray(x).dtype


# -- text ---------------------------------------------------------------------------------------------------------


def text_of(primitive: str, given: Sequence[Type], *operands: str, targets: Sequence[str] = (), **params: Any) -> str:
    eqn = equation(primitive, given, params)
    trees = [ast.parse(o, mode="eval").body for o in operands]
    if targets or PRIMITIVES[primitive].effect:
        return "; ".join(ast.unparse(ast.fix_missing_locations(s)) for s in statements(eqn, trees, targets))
    return ast.unparse(expression(eqn, trees))


F, V, M = Scalar("float64"), Array("float64", 1), Array("float64", 2)
STRIDED = Array("float64", 2, contiguous=False)


@pytest.mark.parametrize(
    "written, wanted",
    [
        (text_of("sin", [F], "x"), "sin(x)"),
        (text_of("sin", [Scalar("float32")], "x"), "np.sin(x)"),
        (text_of("sin", [V], "x"), "np.sin(x)"),
        (text_of("arctan2", [F, F], "y", "x"), "atan2(y, x)"),
        (text_of("pow", [F, WEAK_INT], "x", "2"), "x ** 2"),
        (text_of("maximum", [F, F], "x", "0.0"), "np.maximum(x, 0.0)"),
        (text_of("where", [BOOL, F, F], "c", "x", "0.0"), "x if c else 0.0"),
        (text_of("where", [BOOL, F, WEAK_INT], "c", "x", "0"), "x if c else 0.0"),
        (text_of("cast", [INT], "n", dtype="float64"), "float(n)"),
        (text_of("cast", [Scalar("float32")], "x", dtype="float64"), "np.float64(x)"),
        (text_of("cast", [V], "x", dtype="float32"), "x.astype(np.float32)"),
        (text_of("sum", [M], "x", axis=None, keepdims=False), "np.sum(x)"),
        (text_of("sum", [M], "x", axis=-1, keepdims=True), "rt.sum(x, axis=1, keepdims=True)"),
        (text_of("max", [Array("float64", 3)], "x", axis=(0, -1), keepdims=False), "rt.max(x, axis=(0, 2))"),
        (text_of("matmul", [M, V], "A", "x"), "A @ x"),
        (text_of("matmul", [STRIDED, V], "A", "x"), "np.ascontiguousarray(A) @ x"),
        (text_of("array", [F, WEAK_INT], "x", "2", shape=(2,), dtype="float64"), "np.array((x, 2.0))"),
        (text_of("accumulate", [V, F, INT], "a", "v", "i", targets=["a"], index=("i",)), "a[i] += v"),
        (text_of("accumulate", [V, V], "a", "v", targets=["a"], index=()), "a += v"),
        (
            text_of("accumulate", [V, V, INT], "a", "v", "n", targets=["a"], index=("s010",)),
            "rt.add_to(a[:n], v)",
        ),
        (text_of("drain", [V, INT], "a", "i", targets=["a", "v"], index=("i",)), "v = a[i]; a[i] = 0.0"),
        (text_of("reserve", [V, INT], "t", "n", targets=["t"]), "t = rt.reserve(t, n)"),
        (text_of("call", [F], "x", targets=["y"], function="f", types=(F,)), "y = f(x)"),
        (text_of("call", [F], "x", targets=["y", "z"], function="f", types=(F, F)), "y, z = f(x)"),
        (text_of("call", [F], "x", function="f", types=()), "f(x)"),
        (text_of("print", [F], "x", parts=("x =", None)), "print('x =', x)"),
        (text_of("raise", [], exception="ValueError", message="negative"), "raise ValueError('negative')"),
        (text_of("raise", [INT], "n", exception="ValueError", message="length"), "raise ValueError('length', n)"),
        (text_of("overlap", [V, V], "x", "y"), "rt.overlap(x, y)"),
        (text_of("assert", [BOOL], "x > 0", message=""), "assert x > 0"),
        (text_of("assert", [BOOL], "x > 0", message="negative"), "assert x > 0, 'negative'"),
    ],
)
def test_spelling_reads_as_people_write(written: str, wanted: str) -> None:
    assert written == wanted


def lengths(array: str, n: int) -> list[ast.expr]:
    return [expression(equation("shape", [M], {"axis": k}), [ast.Name(array, ast.Load())]) for k in range(n)]


def test_spelling_a_whole_shape_is_recognised() -> None:
    whole = expression(equation("zeros", [INT, INT], {"dtype": "float64"}), lengths("x", 2))
    part = expression(equation("zeros", [INT], {"dtype": "float64"}), lengths("x", 1))
    mixed = expression(equation("zeros", [INT, INT], {"dtype": "float64"}), [lengths("x", 2)[0], lengths("y", 2)[1]])
    assert [ast.unparse(t) for t in (whole, part, mixed)] == [
        "np.zeros(x.shape)",
        "np.zeros(x.shape[0])",
        "np.zeros((x.shape[0], y.shape[1]))",
    ]


def test_spelling_blas_takes_the_transpose_of_what_is_contiguous() -> None:
    def product(source: Type) -> str:
        turned = expression(equation("transpose", [source], {"axes": (1, 0)}), [ast.Name("A", ast.Load())])
        return ast.unparse(expression(equation("matmul", [STRIDED, V], {}), [turned, ast.Name("x", ast.Load())]))

    assert product(M) == "A.T @ x"
    assert product(STRIDED) == "np.ascontiguousarray(rt.transpose(A)) @ x"


def test_spelling_what_is_computed_from_a_transpose_is_in_c_order() -> None:
    turned = expression(equation("transpose", [M], {"axes": (1, 0)}), [ast.Name("x", ast.Load())])
    tree = expression(equation("exp", [STRIDED], {}), [turned])
    scope: dict[str, Any] = {}
    exec(f"import numpy as np\nimport adcompile.runtime as rt\ndef f(x): return {ast.unparse(tree)}", scope)
    f = JIT(scope["f"])
    x = sample((2, 3), "float64")
    np.testing.assert_allclose(f(x), np.exp(x.T))
    assert f.overloads[f.signatures[0]].signature.return_type.layout == "C"


def test_spelling_refuses_to_drop_an_imaginary_part() -> None:
    with pytest.raises(InternalError, match="would drop the imaginary part"):
        text_of("cast", [Scalar("complex128")], "z", dtype="float64")


def test_spelling_imports_are_sorted_and_only_what_is_used() -> None:
    assert imports({"sin", "cos", "np", "rt", "x", "f"}) == [
        "from math import cos, sin",
        "",
        "import numpy as np",
        "",
        "import adcompile.runtime as rt",
    ]
    assert imports(["x"]) == []


@pytest.mark.parametrize(
    "text, error",
    [
        ("rt.gather('a', x, i + 9)", IndexError),
        ("rt.gather('m', x, i[:2] > 0)", IndexError),
        ("rt.scatter('a', x, i[:2], i)", ValueError),
        ("rt.where(x > 0, x, x[:2])", ValueError),
        ("rt.add_to(x, x[:2])", ValueError),
        ("rt.max(np.zeros((0, 2)), axis=0)", ValueError),
        ("rt.matmul(np.ones((2, 2, 3)), x)", ValueError),
        ("rt.broadcast_to(x, (2, 3))", ValueError),
    ],
)
@pytest.mark.parametrize("compiled", [False, True])
def test_runtime_refuses_what_numpy_refuses(text: str, error: type[Exception], compiled: bool) -> None:
    scope: dict[str, Any] = {}
    exec(f"import numpy as np\nimport adcompile.runtime as rt\ndef f(x, i): return {text}", scope)
    f = JIT(scope["f"]) if compiled else scope["f"]
    with pytest.raises(error):
        f(np.ones(4), np.array([0, 1, 2]))
