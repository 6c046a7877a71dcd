"""GradBench's `particle`: the start of a charged particle that lands nearest to a mark, by nested derivatives."""

from __future__ import annotations

import math

import adcompile as ad
from benchmarks.gradbench.evals import Eval, Function, compiled


@compiled
def distance(x, y, other_x, other_y):
    return math.sqrt((x - other_x) ** 2 + (y - other_y) ** 2)


@compiled
def potential(x, y, w):
    return 1.0 / distance(x, y, 10.0, 10.0 - w) + 1.0 / distance(x, y, 10.0, 0.0)


slope_forward = ad.grad(potential, (0, 1), mode="forward")
slope_reverse = ad.grad(potential, (0, 1), mode="reverse")


def landing(slope):
    """The function whose least value is sought, with the inner derivative in a mode."""

    @compiled
    def squared_distance(w):
        x, y = 0.0, 8.0
        vx, vy = 0.75, 0.0
        while True:
            px, py = slope(x, y, w)
            x += 0.1 * vx
            y += 0.1 * vy
            if y <= 0.0:
                return (x - y / vy * vx) ** 2
            vx -= 0.1 * px
            vy -= 0.1 * py

    return squared_distance


def descent(f, df):
    """What minimises a function of a number, given its derivative."""

    @compiled
    def minimise(x):
        fx, gx = f(x), df(x)
        rate, accepted = 1e-5, 0
        while abs(gx) > 1e-5:
            if accepted == 10:
                rate *= 2.0
                accepted = 0
                continue
            new_x = x - rate * gx
            if abs(x - new_x) <= 1e-5:
                break
            new_fx = f(new_x)
            if new_fx < fx:
                x, fx, gx = new_x, new_fx, df(new_x)
                accepted += 1
            else:
                rate /= 2.0
                accepted = 0
        return x

    return minimise


def decode(given):
    return (float(given["w"]),)


def solver(outer, slope):
    f = landing(slope)
    return Function(descent(f, ad.grad(f, mode=outer)), decode, float)


EVAL = Eval(
    {
        "ff": solver("forward", slope_forward),
        "fr": solver("forward", slope_reverse),
        "rf": solver("reverse", slope_forward),
        "rr": solver("reverse", slope_reverse),
    },
    lambda name: [{"w": 0.0}],
    {"w0": lambda rng: {"w": 0.0}},
    ("ff", "fr", "rf", "rr"),
    "",
)
