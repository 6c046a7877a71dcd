"""Each program of `examples/` runs and finds what it promises."""

from __future__ import annotations

from math import cos
from pathlib import Path

import numpy as np
import pytest
from oracles import assert_close

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.mark.core
def test_textbook_prints_listings_that_give_its_gradient(capsys):
    import textbook

    assert_close(textbook.main(), (3.0, 2.0 + cos(3.0)), 1e-14)
    printed = capsys.readouterr().out
    for mode in ("ssa", "forward", "reverse", "kernel"):
        assert f"# ---- {mode} ----" in printed
    assert "cos(x2)" in printed


def test_digits_softmax_learns():
    import digits_softmax

    correct, losses = digits_softmax.main()
    assert correct >= 0.95
    assert np.all(np.diff(losses) < 0.0)


def test_digits_mlp_learns():
    import digits_mlp

    correct, losses = digits_mlp.main()
    assert correct >= 0.95
    assert losses[-1] < 0.1


def test_lynx_hare_finds_the_known_minimum(capsys):
    import lynx_hare

    parameters, losses = lynx_hare.main()
    # The minimum that a fit with difference quotients finds from four other starting points.
    assert_close(parameters, [0.54016, 0.027165, 0.79639, 0.023695, 34.6024, 5.8445], 1e-5)
    assert losses[-1] == pytest.approx(2.0186611955, abs=1e-8)
    printed = capsys.readouterr().out
    assert "forward" in printed
    assert "reverse" in printed


def test_logistic_regression_reaches_a_stationary_point():
    import logistic_regression

    _, slope = logistic_regression.main()
    assert np.linalg.norm(slope) < 1e-12


def test_activations_agree_on_vector_and_batch():
    import activations

    points = np.array([-2.0, -0.5, 0.0, 0.5, 2.0])
    expected = {
        "relu": np.array([0.0, 0.0, 0.0, 1.0, 1.0]),
        "tanh": 1.0 - np.tanh(points) ** 2,
        "softplus": activations.sigmoid(points),
    }
    found = activations.main()
    assert set(found) == {f.__name__ for f in activations.ACTIVATIONS}
    for vector, batch in found.values():
        assert_close(batch[0], vector, 1e-14)
    for name, slope in expected.items():
        assert_close(found[name][0], slope, 1e-13, name)


def test_rnn_learns_a_sine():
    import rnn

    first, last = rnn.main(steps=150)
    assert last < 0.02 * first


def test_convolution_finds_the_hidden_kernel():
    import convolution

    hidden, found = convolution.main(steps=200)
    assert_close(found, hidden, 1e-6)


def test_newton_backprop_agrees_with_the_implicit_function_theorem():
    import newton_backprop

    found, expected = newton_backprop.main()
    assert_close(found, expected, 1e-12)


def test_heat_control_explains_what_was_observed():
    import heat_control

    before, after = heat_control.main()
    assert after < 1e-6 * before


def test_option_greeks_agree_with_closed_formulas():
    import option_greeks

    found, expected = option_greeks.main()
    assert_close(found, expected, 1e-12)


def test_soap_film_is_scherks_surface():
    import soap_film

    found, expected = soap_film.main(n=16)
    assert np.max(np.abs(found - expected)) < 2e-3


def test_every_example_is_tested():
    helpers = {"demo", "digits", "pictures"}
    tested = Path(__file__).read_text(encoding="utf-8")
    for path in EXAMPLES.glob("*.py"):
        assert path.stem in helpers or f"import {path.stem}\n" in tested, path.name


def test_pictures_are_drawn(tmp_path):
    pytest.importorskip("matplotlib")
    import pictures

    pictures.training({"a": np.array([1.0, 0.5, 0.2])}, tmp_path / "digits.png")
    pictures.populations(np.array([0.54, 0.027, 0.8, 0.024, 34.6, 5.84]), tmp_path / "lynx_hare.png")
    assert (tmp_path / "digits.png").stat().st_size > 1000
    assert (tmp_path / "lynx_hare.png").stat().st_size > 1000


def test_own_function_finds_the_eccentricity(capsys):
    import own_function

    assert_close(own_function.main(), 0.3, 1e-9)
    own_function.kepler.check(order=1, points=1)
    assert "0.300000" in capsys.readouterr().out


def test_long_run_stays_within_its_budget():
    import long_run

    before, after, bounded, unbounded = long_run.main(steps=2_000)
    assert after < 0.5 * before
    assert bounded < 1.1 * long_run.BUDGET < unbounded


def test_a_distribution_is_fitted_along_its_draws():
    import reparameterisation

    fitted, exact = reparameterisation.main()
    assert fitted == pytest.approx(exact, abs=0.1)
