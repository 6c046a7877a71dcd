"""Dead code and needless regions: before and after, as text, and the meaning of random programs."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest
from hypothesis import given, settings
from ir_programs import functions, meaning

from adcompile.ir.nodes import Function
from adcompile.ir.parse import parse
from adcompile.ir.text import text
from adcompile.ir.verify import verify
from adcompile.ir.walk import each_node
from adcompile.transforms.prune import prune, pure_functions
from adcompile.transforms.simplify_regions import simplify_regions

pytestmark = pytest.mark.core

HEAD = "function f(x: f64, y: f64, n: i64, c: bool, a: f64[:]):\n"


def full(source: str) -> str:
    """Text with the names of types written out."""
    return source.replace("f64", "float64").replace("i64", "int64")


def written(body: str) -> str:
    return full(HEAD + indent(dedent(body).strip("\n"), "    ") + "\n")


def after(body: str, change: object = prune) -> str:
    """What a body becomes, as text."""
    fn = verify(parse(written(body)).main)
    return text(verify(change(fn)))  # type: ignore[operator]


def test_unused_equations_go() -> None:
    assert after("""
        u: f64 = sin x
        v: f64 = exp u
        r: f64 = cos x
        return r
    """) == written("""
        r: f64 = cos x
        return r
    """)


def test_effects_stay_with_what_they_read() -> None:
    body = """
        u: f64 = sin x
        print u {parts=(None,)}
        if c:
            d: bool = lt x, y
            assert d {message='order'}
            yield
        else:
            yield
        for i: i64 in range(0, n, 1):
            raise {exception='ValueError', message='no'}
            yield
        return x
    """
    assert after(body) == written(body)


def test_unused_results_of_a_choice_go_with_their_computation() -> None:
    assert after("""
        r: f64, q: f64 = if c:
            r.1: f64 = sin x
            q.1: f64 = exp x
            yield r.1, q.1
        else:
            r.2: f64 = cos x
            q.2: f64 = log x
            yield r.2, q.2
        return r
    """) == written("""
        r: f64 = if c:
            r.1: f64 = sin x
            yield r.1
        else:
            r.2: f64 = cos x
            yield r.2
        return r
    """)


def test_choice_without_live_results_goes_with_its_condition() -> None:
    assert after("""
        d: bool = lt x, y
        r: f64 = if d:
            r.1: f64 = sin x
            yield r.1
        else:
            yield y
        return x
    """) == written("return x")


def test_carried_value_that_only_feeds_itself_goes() -> None:
    assert after("""
        s: f64, t: f64, k: i64 = for i: i64 in range(0, n, 1) carrying s.1: f64 = 0.0, t.1: f64 = 1.0 {trips=True}:
            v: f64 = load a, i {index=('i',)}
            s.2: f64 = add s.1, v
            e: f64 = exp v
            t.2: f64 = mul t.1, e
            yield s.2, t.2
        return s
    """) == written("""
        s: f64 = for i: i64 in range(0, n, 1) carrying s.1: f64 = 0.0:
            v: f64 = load a, i {index=('i',)}
            s.2: f64 = add s.1, v
            yield s.2
        return s
    """)


def test_carried_values_that_feed_each_other_stay_or_go_together() -> None:
    ring = """
        p: f64, q: f64, r: f64 = for i: i64 in range(0, n, 1) carrying p.1: f64 = x, q.1: f64 = y, r.1: f64 = 2.0:
            yield q.1, r.1, p.1
        return {}
    """
    assert after(ring.format("r")) == written(ring.format("r"))
    assert after(ring.format("x")) == written("return x")


def test_self_feeding_value_through_nested_loops_and_choices_goes() -> None:
    assert after("""
        s: f64, t: f64 = for i: i64 in range(0, n, 1) carrying s.1: f64 = 0.0, t.1: f64 = 1.0:
            t.2: f64, m: f64 = for j: i64 in range(0, i, 1) carrying t.3: f64 = t.1, m.1: f64 = s.1:
                t.4: f64 = if c:
                    t.5: f64 = mul t.3, m.1
                    yield t.5
                else:
                    yield t.3
                m.2: f64 = add m.1, 1.0
                yield t.4, m.2
            yield m, t.2
        return s
    """) == written("""
        s: f64 = for i: i64 in range(0, n, 1) carrying s.1: f64 = 0.0:
            m: f64 = for j: i64 in range(0, i, 1) carrying m.1: f64 = s.1:
                m.2: f64 = add m.1, 1.0
                yield m.2
            yield m
        return s
    """)


def test_value_that_decides_the_end_of_a_loop_stays() -> None:
    assert (
        after("""
        s: f64, t: f64 = while carrying s.1: f64 = x, t.1: f64 = y:
            d: bool = lt t.1, 10.0
            yield d
        do s.2: f64, t.2: f64:
            s.3: f64 = mul s.2, 2.0
            t.3: f64 = add t.2, 1.0
            yield s.3, t.3
        return s
    """).count("t.3")
        == 2
    )
    body = """
        u: f64, k: i64 = for i: i64 in range(0, n, 1) carrying u.1: f64 = x {breaks=True, trips=True}:
            u.2: f64 = mul u.1, 2.0
            d: bool = lt u.2, 1.0
            yield u.2, d
        return k
    """
    assert after(body) == written(body)


def test_loops_without_live_results_go() -> None:
    assert after("""
        t: f64 = while carrying t.1: f64 = y:
            d: bool = lt t.1, 10.0
            yield d
        do t.2: f64:
            t.3: f64 = add t.2, 1.0
            yield t.3
        a.1: f64[:] = for i: i64 in range(0, n, 1) carrying a.2: f64[:] = a:
            a.3: f64[:] = store a.2, t, i {index=('i',)}
            yield a.3
        a.4: f64[:] = accumulate a.1, x, 0 {index=('i',)}
        return x
    """) == written("return x")


def test_loop_stays_for_an_effect_inside_without_the_rest() -> None:
    assert after("""
        t: f64 = for i: i64 in range(0, n, 1) carrying t.1: f64 = y:
            print i {parts=(None,)}
            t.2: f64 = add t.1, 1.0
            yield t.2
        return x
    """) == written("""
        for i: i64 in range(0, n, 1):
            print i {parts=(None,)}
            yield
        return x
    """)


def test_unchanged_carried_value_is_its_initial_value() -> None:
    assert after("""
        s: f64, k: f64 = for i: i64 in range(0, n, 1) carrying s.1: f64 = 0.0, k.1: f64 = x:
            k.2: f64 = for j: i64 in range(0, n, 1) carrying k.3: f64 = k.1:
                yield k.3
            s.2: f64 = add s.1, k.2
            yield s.2, k.2
        r: f64 = add s, k
        return r
    """) == written("""
        s: f64 = for i: i64 in range(0, n, 1) carrying s.1: f64 = 0.0:
            s.2: f64 = add s.1, x
            yield s.2
        r: f64 = add s, x
        return r
    """)


def test_carried_value_set_to_its_initial_value_again_is_that() -> None:
    assert after("""
        s: f64, k: f64 = while carrying s.1: f64 = x, k.1: f64 = 0.0:
            d: bool = lt s.1, k.1
            yield d
        do s.2: f64, k.2: f64:
            s.3: f64 = add s.2, 1.0
            yield s.3, 0.0
        r: f64 = add s, k
        return r
    """) == written("""
        s: f64 = while carrying s.1: f64 = x:
            d: bool = lt s.1, 0.0
            yield d
        do s.2: f64:
            s.3: f64 = add s.2, 1.0
            yield s.3
        r: f64 = add s, 0.0
        return r
    """)


def test_constant_condition_takes_its_branch() -> None:
    assert after("""
        d: bool = for i: i64 in range(0, n, 1) carrying d.1: bool = False:
            yield d.1
        r: f64 = if d:
            r.1: f64 = sin x
            yield r.1
        else:
            r.2: f64 = cos x
            yield r.2
        return r
    """) == written("""
        r: f64 = cos x
        return r
    """)


def test_results_that_are_no_choice() -> None:
    assert after("""
        p: f64, q: bool, r: f64 = if c:
            yield x, True, undef:f64
        else:
            yield x, False, y
        s: f64 = if q:
            s.1: f64 = add p, r
            yield s.1
        else:
            yield p
        return s
    """) == written("""
        s: f64 = if c:
            s.1: f64 = add x, y
            yield s.1
        else:
            yield x
        return s
    """)


def test_result_of_a_defined_branch_is_not_moved_out_of_it() -> None:
    body = """
        r: f64 = if c:
            r.1: f64 = sin x
            yield r.1
        else:
            yield undef:f64
        return r
    """
    assert after(body) == written(body)


@pytest.mark.parametrize("bounds, gone", [("0, 0, 1", True), ("3, 1, 1", True), ("0, 3, -1", True), ("0, 3, 1", False)])
def test_loop_that_never_runs_goes(bounds: str, gone: bool) -> None:
    found = after(f"""
        s: f64, k: i64 = for i: i64 in range({bounds}) carrying s.1: f64 = x {{trips=True}}:
            s.2: f64 = sin s.1
            yield s.2
        return s, k as (0, 1)
    """)
    assert ("for" not in found.partition("\n")[2]) == gone
    assert ("return x, 0:int64 as" in found) == gone


def test_while_that_never_runs_goes() -> None:
    assert after("""
        s: f64 = while carrying s.1: f64 = x:
            yield False
        do s.2: f64:
            s.3: f64 = sin s.2
            yield s.3
        return s
    """) == written("return x")


def test_flag_that_never_stops_goes() -> None:
    body = """
        s: f64 = for i: i64 in range(0, n, 1) carrying s.1: f64 = x {breaks=True}:
            s.2: f64 = sin s.1
            yield s.2, False
        t: f64 = while carrying t.1: f64 = s {breaks=True}:
            yield c
        do t.2: f64:
            t.3: f64 = sin t.2
            yield t.3, False
        return t
    """
    assert after(body) == written(body.replace(" {breaks=True}", "").replace(", False", ""))


def test_undefined_value_that_is_read_keeps_its_definition() -> None:
    body = """
        r: f64 = if True:
            yield undef:f64
        else:
            r.1: f64 = sin x
            yield r.1
        s: f64 = if c:
            s.1: f64 = add r, 1.0
            yield s.1
        else:
            yield y
        return s
    """
    assert after(body) == written(body)


def test_simplify_regions_leaves_dead_code() -> None:
    assert after("u: f64 = sin x\nreturn x", simplify_regions) == written("u: f64 = sin x\nreturn x")


# -- calls ------------------------------------------------------------------------------------------------------

CALLS = """
function f(x: f64):
    a: f64 = call x {function='quiet', types=(<f64>,)}
    b: f64 = call x {function='loud', types=(<f64>,)}
    c: f64 = call x {function='recursive', types=(<f64>,)}
    d: f64 = call x {function='elsewhere', types=(<f64>,)}
    return x
function quiet(x: f64):
    y: f64 = sin x
    return y
function recursive(x: f64):
    y: f64 = call x {function='recursive', types=(<f64>,)}
    z: f64 = call y {function='quiet', types=(<f64>,)}
    return z
function loud(x: f64):
    y: f64 = call x {function='louder', types=(<f64>,)}
    return y
function louder(x: f64):
    print x {parts=(None,)}
    return x
"""


def test_pure_functions_are_found_through_calls() -> None:
    assert pure_functions(parse(full(CALLS)).functions) == {"quiet", "recursive"}


def test_calls_without_effect_go() -> None:
    program = parse(full(CALLS))
    assert [node["function"] for node in prune(program.main, program.functions).body.nodes] == ["loud", "elsewhere"]
    assert len(prune(program.main).body.nodes) == 4


# -- random programs --------------------------------------------------------------------------------------------


@given(functions())
@settings(max_examples=300, deadline=None, derandomize=True)
def test_prune_keeps_the_meaning(fn: Function) -> None:
    verify(fn)
    smaller = verify(prune(fn))
    assert meaning(smaller) == meaning(fn)
    assert len(list(each_node(smaller.body))) <= len(list(each_node(fn.body)))


@given(functions())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_prune_leaves_nothing_for_a_second_run(fn: Function) -> None:
    once = prune(fn)
    assert text(prune(once)) == text(once)
