"""What is emitted for each primitive, run as plain NumPy and compiled, against NumPy: value, dtype, shape and layout."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
import pytest
from spelling_cases import Case, table

from adcompile.backend.numba_types import typeof
from adcompile.backend.spelling import expression, imports, statements
from adcompile.ir.nodes import Eqn, Value
from adcompile.ir.primitives import PRIMITIVES
from adcompile.ir.types import Array, Type, dtype_of

TABLE = table()
#: what has tests of its own below, or cannot be run by itself
ELSEWHERE = {"empty", "call", "print", "raise", "assert"} | {p for p in PRIMITIVES if "list" in p}
#: places where Numba's own choice of a temporary is no part of what is tested
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
    out = []
    for x in operands:
        if isinstance(x, np.ndarray):
            if not x.flags.c_contiguous and not x.flags.f_contiguous:
                base = x.base.copy() if isinstance(x.base, np.ndarray) else x
                x = np.lib.stride_tricks.as_strided(base, x.shape, x.strides)
            else:
                x = x.copy(order="K")
        out.append(x)
    return out


def prepared(primitive: str) -> tuple[list[Eqn], dict[str, Any], list[list[str]]]:
    eqns, functions, names = [], {}, []
    for k, case in enumerate(TABLE[primitive]):
        eqn = equation(primitive, [typeof(x) for x in case.operands], case.params)
        params = [f"x{i}" for i in range(len(case.operands))]
        eqns.append(eqn)
        names.append(params)
        functions[f"f{k}"] = (params, body_of(eqn, params))
    return eqns, module(functions), names


@pytest.mark.parametrize("primitive", sorted(TABLE))
def test_spelling_as_plain_numpy(primitive: str) -> None:
    eqns, scope, _ = prepared(primitive)
    for k, (case, eqn) in enumerate(zip(TABLE[primitive], eqns, strict=True)):
        with np.errstate(all="ignore"):
            operands = [np.float64(x) if type(x) is float else x for x in fresh(case.operands)]
            compare(case, eqn, scope[f"f{k}"](*operands), "plain")


@pytest.mark.parametrize("primitive", sorted(TABLE))
def test_spelling_compiled(primitive: str) -> None:
    eqns, scope, _ = prepared(primitive)
    done: set[Any] = set()
    for k, (case, eqn) in enumerate(zip(TABLE[primitive], eqns, strict=True)):
        function = JIT(scope[f"f{k}"])
        operands = fresh(case.operands)
        compare(case, eqn, function(*operands), "compiled")
        layouts = [function.overloads[s].signature.return_type for s in function.signatures]
        done.add(k)
        for returned in layouts:
            parts = returned.types if isinstance(returned, numba.types.BaseTuple) else (returned,)
            for part, result in zip(parts, eqn.results, strict=True):
                if isinstance(result.type, Array) and result.type.contiguous:
                    assert part.layout == "C", f"{case}: compiled as {part}"


def test_spelling_every_primitive_has_cases() -> None:
    assert set(PRIMITIVES) - set(TABLE) == ELSEWHERE
