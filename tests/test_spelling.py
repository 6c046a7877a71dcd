"""What is emitted for each primitive, run as plain NumPy and compiled, against NumPy: value, dtype, shape and layout."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
import pytest
from numba.np.numpy_support import as_dtype
from spelling_cases import Case, table

from adcompile.backend.numba_types import typeof
from adcompile.backend.spelling import expression, imports, statements
from adcompile.ir.nodes import Eqn, Value
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array, Type, dtype_of

TABLE = table()
#: what has tests of its own below, or cannot be run by itself
ELSEWHERE = {"empty", "call", "print", "raise", "assert"} | {p for p in PRIMITIVES if "list" in p}
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
    assert set(PRIMITIVES) - set(TABLE) == ELSEWHERE
