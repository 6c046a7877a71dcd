"""Tuples, named tuples, data classes and dicts as arguments and in between."""

from collections import namedtuple
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from programs.case import case, given, sampled

Point = namedtuple("Point", "x y")


class Layer(NamedTuple):
    weights: np.ndarray
    bias: np.ndarray


@dataclass
class Spring:
    stiffness: float
    damping: float
    rest: float = 1.0

    def force(self, x, v):
        return -self.stiffness * (x - self.rest) - self.damping * v


@dataclass
class Pair:
    a: object
    b: object


@case("core", "compiled", p=sampled(lambda rng: (0.4, 1.2)), x=(3,))
def tuple_argument(p, x):
    a, b = p
    return a * np.sum(x**2) + b * x[0] * p[0]


@case(p=sampled(lambda rng: Point(0.5, 1.5)), q=sampled(lambda rng: Point(-1.0, 0.25)))
def namedtuple_argument(p, q):
    mid = Point((p.x + q.x) / 2, (p.y + q.y) / 2)
    return (p.x - q.x) ** 2 + (p.y - q.y) ** 2 + mid.x * mid.y


@case(spring=sampled(lambda rng: Spring(2.0, 0.3, 0.9)), x=0.2)
def dataclass_argument(spring, x):
    v = 0.0
    for _ in range(6):
        v += 0.1 * spring.force(x, v)
        x += 0.1 * v
    return x * x + spring.stiffness * v


@case(params=sampled(lambda rng: {"w": rng.normal(size=(3, 2)), "b": rng.normal(size=2)}), x=(4, 3))
def dict_argument(params, x):
    h = np.tanh(x @ params["w"] + params["b"])
    return np.mean(h**2) + np.sum(params["w"] ** 2)


@case(
    layers=sampled(
        lambda rng: (
            Layer(rng.normal(size=(4, 3)), rng.normal(size=4)),
            Layer(rng.normal(size=(2, 4)), rng.normal(size=2)),
        )
    ),
    x=(3,),
)
def nested_structure(layers, x):
    for layer in layers:
        x = np.tanh(layer.weights @ x + layer.bias)
    return np.sum(x)


@case(x=0.4, y=1.3)
def dict_in_between(x, y):
    terms = {"a": x * y, "b": x**2}
    terms["c"] = terms["a"] - terms["b"]
    total = 0.0
    for name, value in terms.items():
        total += value * (2.0 if name == "a" else 1.0)
    return total * terms["c"]


@case(matrix=sampled(lambda rng: [rng.normal(size=3), rng.normal(size=3)]), v=(3,))
def list_of_arrays_argument(matrix, v):
    total = 0.0
    for row in matrix:
        total += (row @ v) ** 2
    return total


@case(bounds=given(sampled(lambda rng: (-1.0, 1.0))), x=(5,))
def clip_to_given_bounds(bounds, x):
    lo, hi = bounds
    return np.sum(np.clip(x, lo, hi) ** 2 + 0.1 * x)


@case(segments=sampled(lambda rng: ((0.1, 0.5), (1.0, -0.7), (0.3, 2.0))))
def path_length_of_tuples(segments):
    length = 0.0
    for k in range(len(segments) - 1):
        (x0, y0), (x1, y1) = segments[k], segments[k + 1]
        length += np.hypot(x1 - x0, y1 - y0)
    return length


@dataclass
class Phase:
    q: np.ndarray
    p: np.ndarray
    energy: float = 0.0


def kick(state, k, h):
    state.p -= h * k * np.sin(state.q)
    state.q += h * state.p
    state.energy = state.energy + 0.5 * (state.p @ state.p)
    return state


@case("core", q=(3,), p=(3,), k=0.8)
def record_that_changes_with_a_history(q, p, k):
    state = Phase(q, p)
    history = []
    for i in range(4):
        state = kick(state, k, 0.1)
        if i % 2 == 0:
            history.append(state.q.copy())
    return state.energy + sum(h[0] * h[1] for h in history)


@case("core", "compiled", x=(3,), n=given(4))
def record_made_anew_in_each_iteration(x, n):
    s = Pair(x, 0.0)
    for i in range(n):
        s = Pair(np.sin(s.a) + s.b, s.b + s.a[i % 3])
    return s.b * s.a[0]


@case("core", x=(3,), n=given(4))
def dict_made_anew_in_each_iteration(x, n):
    s = {"x": x, "t": 0.0}
    for _ in range(n):
        s = {"x": np.sin(s["x"]) + s["t"], "t": s["t"] + 0.1}
    s |= {"y": x[1]}
    s.update(t=s["t"] * 2.0)
    return s["t"] * s["x"][0] * s["y"]


@case("core", x=(3,), n=given(4))
def lists_made_anew_in_each_iteration(x, n):
    s, h = [x[0], x[1], x[2]], [x, 2 * x]
    for _ in range(n):
        s = [s[1], s[2], s[0] * s[1] + 0.1]
        s = [0.5 * v for v in s]
        h = [np.tanh(h[1]), h[0] + h[1]]
    return s[0] * s[2] + np.sum(h[0] * h[1])


@case(x=(3,), y=(3,), n=given(3))
def structures_within_structures_in_a_loop(x, y, n):
    s = Pair(Pair(x[0], x[1:]), {"t": y, "k": [x[2], 1.0]})
    for _ in range(n):
        inner = Pair(s.a.b[0], s.a.b * s.a.a)
        s = Pair(inner, {"t": s.b["t"] + 1.0, "k": [s.b["k"][1], s.b["k"][0] * x[0]]})
    return s.a.a * np.sum(s.b["t"]) + s.b["k"][0]


@case(x=(3,), n=given(4))
def record_kept_where_the_loop_is_left(x, n):
    s = Pair(x[0], 0.0)
    for i in range(n):
        new = Pair(s.a * s.a + 1.0, s.b + i)
        if new.a > 50.0:
            break
        s = new
    return s.a * s.b


@case(x=(3,), y=(3,), n=given(3))
def fields_swapped_and_written(x, y, n):
    s = Pair(x.copy(), y.copy())
    for _ in range(n):
        s.a, s.b = s.b, s.a
        s.a[1:] += 0.5 * s.b[:-1]
    return np.sum(s.b**2) * np.sum(s.a)
