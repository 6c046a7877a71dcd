"""Each line of the rule tables is right: forward against differences, reverse against forward, twice, and in float32."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np
import pytest
from rule_cases import (
    Sample,
    arguments,
    difference,
    directions,
    generator,
    inner,
    jvp_program,
    like,
    moving,
    primal_program,
    samples,
    vjp_program,
)
from rule_run import run

from adcompile.ir.nodes import Function
from adcompile.ir.types import differentiable, dtype_of, real_dtype
from adcompile.notation.tables import TABLES, Rule, Tables
from adcompile.transforms.jvp import jvp

RULES = [pytest.param(r, id=f"{r.left.text}  {' '.join(d.name for d in r.domains.values())}") for r in TABLES.rules]


def varied_only(sample: Sample, changes: Sequence[Any]) -> list[Any]:
    """A change for every argument: zero for those that are not differentiated."""
    given = iter(changes)
    varying = {id(v) for v, a in zip(sample.values, sample.active, strict=True) if a}
    distinct = {id(v): v for v in sample.values if not hasattr(v, "type") and not isinstance(v, int)}
    return [next(given) if k in varying else np.zeros_like(v) for k, v in distinct.items()]


@pytest.mark.parametrize("rule", RULES)
def test_rule_is_used(rule: Rule) -> None:
    assert any(True for _ in samples(rule))


def agrees_with_differences(sample: Sample, tables: Tables = TABLES) -> None:
    """The tangents of an equation are its directional derivatives."""
    args, changes = arguments(sample), directions(sample)
    fn, _ = primal_program(sample)
    with moving(sample):
        expected = difference(lambda *xs: run(fn, xs), args, varied_only(sample, changes))
    found = run(jvp_program(sample, tables=tables), [*args, *changes])
    for e, f in zip(expected, found, strict=True):
        np.testing.assert_allclose(f, e, rtol=2e-7, atol=2e-8, err_msg=str(sample))


def agrees_with_forward(sample: Sample, tables: Tables = TABLES) -> None:
    """The cotangents of an equation and its tangents have one inner product."""
    args, changes = arguments(sample), directions(sample)
    dots = run(jvp_program(sample, tables=tables), [*args, *changes])
    rng = generator("cotangent", str(sample))
    bars = [like(rng, d) for d in dots]
    found = run(vjp_program(sample, tables=tables), [*args, *bars])
    scale = 1e-5 if rounded(sample) else 1e-10
    assert inner(found, changes) == pytest.approx(inner(bars, dots), rel=scale, abs=scale), str(sample)


def rounded(sample: Sample) -> bool:
    """Whether the results are float32, too coarse for differences."""
    return sample.case.params.get("dtype") == "float32"


@pytest.mark.parametrize("rule", RULES)
def test_forward_agrees_with_differences(rule: Rule) -> None:
    for sample in samples(rule):
        if not rounded(sample):
            agrees_with_differences(sample)


@pytest.mark.parametrize("rule", RULES)
def test_reverse_agrees_with_forward(rule: Rule) -> None:
    for sample in samples(rule):
        agrees_with_forward(sample)


def fixed(sample: Sample) -> set[str]:
    """The operands that are never differentiated, by the names of their parameters."""
    return {f"x{k}" for k, d in enumerate(sample.rule.domains.values()) if d.fixed}


def second_order(fn: Function, args: Sequence[Any], name: str, held: AbstractSet[str] = frozenset()) -> None:
    """The tangents of a derivative program agree with its differences; the parameters that are `held` stay."""
    wrt = [differentiable(p.type) and p.name not in held for p in fn.params]
    derived = jvp(fn, wrt, {}).function
    rng = generator("second", name)
    changes = [like(rng, a) if w else None for a, w in zip(args, wrt, strict=True)]
    found = run(derived, [*args, *(c for c in changes if c is not None)])[len(fn.body.results) :]
    steps = [np.zeros_like(a) if c is None else c for a, c in zip(args, changes, strict=True)]
    expected = difference(lambda *xs: run(fn, xs), args, steps)
    for e, f in zip(expected, found, strict=True):
        np.testing.assert_allclose(f, e, rtol=5e-6, atol=5e-7, err_msg=name)


@pytest.mark.parametrize("rule", RULES)
def test_second_order_forward_over_both(rule: Rule) -> None:
    if rule.pattern.op == "trigamma":
        pytest.skip("the chain of derivatives ends at tetragamma")
    for sample in samples(rule):
        if rounded(sample):
            continue
        args, changes = arguments(sample), directions(sample)
        rng = generator("cotangent", str(sample))
        bars = [like(rng, r) for r in run(primal_program(sample)[0], args)]
        with moving(sample):
            second_order(jvp_program(sample), [*args, *changes], f"{sample} forward", fixed(sample))
            second_order(vjp_program(sample), [*args, *bars], f"{sample} reverse", fixed(sample))


@pytest.mark.parametrize("rule", RULES)
def test_float32_stays_float32(rule: Rule) -> None:
    for sample in samples(rule):
        if "dtype" in sample.case.params or any(np.asarray(v).dtype.kind == "c" for v in arguments(sample)):
            continue
        for program in (jvp_program(sample, "float32"), vjp_program(sample, "float32")):
            assert {real_dtype(dtype_of(r.type)) for r in program.body.results} == {"float32"}, str(sample)
        args, changes = arguments(sample), directions(sample)
        expected = run(jvp_program(sample), [*args, *changes])
        found = run(jvp_program(sample, "float32"), [*arguments(sample, "float32"), *directions(sample, "float32")])
        for e, f in zip(expected, found, strict=True):
            np.testing.assert_allclose(f, e, rtol=2e-3, atol=2e-3, err_msg=str(sample))
