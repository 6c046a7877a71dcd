"""GradBench's `saddle`: a saddle point, by descent through a descent that is differentiated."""

from __future__ import annotations

import math

import adcompile as ad
from benchmarks.gradbench.evals import Eval, Function, array, compiled


@compiled
def payoff(x, y):
    return (x[0] * x[0] + x[1] * x[1]) - (y[0] * y[0] + y[1] * y[1])


@compiled
def length(v):
    return math.sqrt(v[0] * v[0] + v[1] * v[1])


def descent(f, df):
    """What minimises a function of a pair of numbers and of a further argument, given its derivative."""

    @compiled
    def minimise(x, other):
        fx, gx = f(x, other), df(x, other)
        rate, accepted = 1e-5, 0
        while length(gx) > 1e-5:
            if accepted == 10:
                rate *= 2.0
                accepted = 0
                continue
            new_x = x[0] - rate * gx[0], x[1] - rate * gx[1]
            if length((x[0] - new_x[0], x[1] - new_x[1])) <= 1e-5:
                break
            new_fx = f(new_x, other)
            if new_fx < fx:
                x, fx, gx = new_x, new_fx, df(new_x, other)
                accepted += 1
            else:
                rate /= 2.0
                accepted = 0
        return x

    return minimise


@compiled
def loss_of_second(y, x):
    return -payoff(x, y)


def decode(given):
    return (tuple(array(given["start"]).tolist()),)


def solver(outer, inner):
    """The procedure, with the outer and the inner derivative in a mode each."""
    best_second = descent(loss_of_second, ad.grad(loss_of_second, mode=inner))

    @compiled
    def best_payoff(x, start):
        return payoff(x, best_second(start, x))

    best_first = descent(best_payoff, ad.grad(best_payoff, mode=outer))

    @compiled
    def saddle_point(start):
        x = best_first(start, start)
        y = best_second(start, x)
        return x[0], x[1], y[0], y[1]

    return Function(saddle_point, decode, list)


MODES = {"f": "forward", "r": "reverse"}

EVAL = Eval(
    {a + b: solver(MODES[a], MODES[b]) for a in "fr" for b in "fr"},
    lambda name: [{"start": [1.0, 1.0]}],
    {"start11": lambda rng: {"start": [1.0, 1.0]}},
    ("ff", "fr", "rf", "rr"),
    "",
)
