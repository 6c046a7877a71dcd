"""Functions as values, closures, comprehensions, unusual signatures."""

import itertools
import math

import numpy as np
from numba import njit

import adcompile as ad
from programs.case import case, given, positive

SCALE = 1.7
GRID = np.linspace(0.0, 1.0, 6)


@case("core", x=0.6, y=1.1)
def closures(x, y):
    a = x * y

    def inner(t):
        return a * t + math.sin(t) * y

    def outer(t, k=2):
        return inner(t) ** k + a

    return outer(x) + outer(y, k=3) - inner(1.0)


@case(x=0.8)
def lambdas(x):
    square = lambda t: t * t  # noqa: E731
    compose = lambda f, g: lambda t: f(g(t))  # noqa: E731
    h = compose(square, math.sin)
    return h(x) + compose(math.exp, h)(x) + (lambda t: t**3)(x)


def apply_times(f, x, n):
    for _ in range(n):
        x = f(x)
    return x


def simpson(f, a, b, n):
    h = (b - a) / n
    total = f(a) + f(b)
    for i in range(1, n):
        total += (4 if i % 2 else 2) * f(a + i * h)
    return total * h / 3


@case("core", a=0.1, b=1.4, c=0.7)
def functions_as_arguments(a, b, c):
    return simpson(lambda t: math.exp(-c * t * t), a, b, 6) + apply_times(math.cos, c, 4)


@njit
def compiled_helper(x, k):
    s = 0.0
    for i in range(k):
        s += x ** (i + 1) / (i + 1)
    return s


@case(x=0.4)
def calls_compiled(x):
    return compiled_helper(x, 5) * compiled_helper(x * x, 3)


@case(x=(5,))
def list_building(x):
    parts = []
    for i in range(len(x)):
        if x[i] > -0.5:
            parts.append(x[i] ** 2)
        parts.append(math.tanh(x[i]))
    arr = np.array(parts)
    return np.sum(arr[1:] * arr[:-1])


@case(x=(6,))
def list_indexed_and_summed(x):
    values = [0.0]
    for v in x:
        values.append(values[-1] * 0.9 + v)
    total = 0.0
    for k in range(len(values)):
        total += values[k] * values[len(values) - 1 - k]
    return total


@case(x=(5,))
def comprehensions(x):
    squares = np.array([v * v for v in x])
    products = np.array([x[i] * x[j] for i in range(5) for j in range(i)])
    filtered = [v for v in x if v > 0]
    return squares.sum() + np.sum(products**2) + sum(filtered)


@case(x=(5,), y=(5,))
def generator_sums(x, y):
    a = sum(xi * yi for xi, yi in zip(x, y))
    b = sum(math.exp(-v) for v in x if v > -1)
    c = max(v for v in y)
    return a * b + c


@case(x=1.2)
def walrus(x):
    if (y := x * x) > 1.0:
        z = y + (w := math.sin(y)) * w
    else:
        z = y
    return z + y


@case(x=(5,))
def starred_unpacking(x):
    first, *middle, last = (x[0], x[1] ** 2, x[2] ** 3, x[3], math.sin(x[4]))
    a, *_ = (first * 2.0, 1.0, last)
    return first * last + middle[0] * middle[2] + a


def weighted(*terms, power=2, scale=1.0):
    total = 0.0
    for k, term in enumerate(terms):
        total += scale * (k + 1) * term**power
    return total


@case(x=0.5, y=1.5)
def variadic(x, y):
    args = (x, y, x * y)
    return weighted(x, y) + weighted(*args, power=3) + weighted(y, scale=x)


@case(x=(6,))
def module_constants(x):
    return SCALE * np.sum(np.cos(GRID * x)) + math.pi * np.interp(0.3, GRID, x)


def outer_product(v, w=None):
    if w is None:
        w = v
    return np.outer(v, w)


@case(x=(3,), y=(3,))
def none_default(x, y):
    return np.sum(outer_product(x)) + np.trace(outer_product(x, y) ** 2)


def fold(f, items, start):
    result = start
    for item in items:
        result = f(result, item)
    return result


@case(x=0.9, coefs=(4,))
def fold_with_closure(x, coefs):
    return fold(lambda acc, c: acc * x + c, coefs, 0.0) + fold(max, coefs, -1.0)


def make_power(n):
    def power(x):
        result = 1.0
        for _ in range(n):
            result = result * x
        return result

    return power


cube = make_power(3)


@case(x=1.3)
def function_from_factory(x):
    return cube(x) + make_power(2)(x + 1.0)


@case(x=(4,), y=(4,))
def zip_enumerate_reversed(x, y):
    s = 0.0
    for k, (a, b) in enumerate(zip(x, y)):
        s += (k + 1) * a * b
    for k, a in enumerate(reversed(x), start=2):
        s += a**k
    for v in (x[0], y[1], s):
        s += v * v
    return s


@case(a=(3,), b=positive(3))
def many_results(a, b):
    def moments(v):
        m = v.mean()
        return m, np.mean((v - m) ** 2)

    ma, va = moments(a)
    (mb, vb), r = moments(b), 2.0
    return (ma - mb) ** r / (va + vb)


@case(x=0.3, iterations=given(4))
def derivative_by_differences(x, iterations):
    """A user's own difference quotient, with a step that is not small."""

    def slope(f, at, h=0.1):
        return (f(at + h) - f(at - h)) / (2 * h)

    f = lambda t: t**3 * math.exp(t)  # noqa: E731
    for _ in range(iterations):
        x = x - 0.1 * slope(f, x)
    return x


def permutations(a, k, x):
    if k == len(x):
        return np.prod(a + x)
    total = 0.0
    for i in range(k, min(len(x), k + 2)):
        a[k], a[i] = a[i], a[k]
        total += permutations(a, k + 1, x) * x[k]
        a[k], a[i] = a[i], a[k]
    return total


@case("core", a=(3,), x=(3,))
def recursion_with_loops_on_one_side(a, x):
    return permutations(a, 0, x)


def merge_sort(a):
    n = len(a)
    if n > 1:
        left = a[: n // 2].copy()
        right = a[n // 2 :].copy()
        merge_sort(left)
        merge_sort(right)
        i = j = k = 0
        while i < len(left) and j < len(right):
            if left[i] <= right[j]:
                a[k] = left[i]
                i += 1
            else:
                a[k] = right[j]
                j += 1
            k += 1
        while i < len(left):
            a[k] = left[i]
            i += 1
            k += 1
        while j < len(right):
            a[k] = right[j]
            j += 1
            k += 1


@case(x=(5,))
def sorted_in_place_by_recursion(x):
    merge_sort(x)
    return x @ np.arange(5.0) ** 2


@case("core", x=(3,), k=0.3)
def checkpoint_that_writes(x, k):
    @ad.checkpoint
    def step(u, c):
        u[1:] += c * u[:-1] ** 2
        return u

    u = x.copy()
    for _ in range(3):
        u = step(u, k)
    step(u[1:], k)
    return u @ u


@case("core", x=(4,), n=given(4))
def nonlocal_sums(x, n):
    total, count = 0.0, 0

    def add(v):
        nonlocal total, count
        if v > 0:
            total += v * v
            count += 1
        else:
            total -= v

    for i in range(n):
        add(x[i])
    return total * (1 + count)


@case(x=(4,), n=given(4))
def functions_with_a_memory(x, n):
    def make():
        s = 0.0

        def step(v):
            nonlocal s
            s = 0.9 * s + v
            return s

        return step

    f, g = make(), make()
    out = 0.0
    for i in range(n):
        out += f(x[i]) * g(2 * x[i])
    return out


@case("core", x=(4,))
def selections_of_itertools(x):
    s = 0.0
    for i, j in itertools.combinations(range(4), 2):
        s += x[i] * x[j]
    for a, b in itertools.product([1, 2], repeat=2):
        s += a * b * x[0]
    for p in itertools.permutations(range(3)):
        s += x[p[0]] * x[p[1]] ** 2 * p[2]
    for a, b in itertools.pairwise(x):
        s += a * b**2
    for v in itertools.chain(x[:2], x[2:]):
        s += v**3
    for t in itertools.accumulate(x):
        s += np.sin(t)
    for t in itertools.accumulate(x, lambda a, b: a * b):
        s += np.sin(t)
    return s


@case(x=(6,))
def largest_by_a_key(x):
    a = max(x, key=lambda v: v * v) + min(x[:3], key=abs)
    return a * a + max(x[0], x[1], key=lambda v: -v) * x[2]


@case(x=(6,))
def places_where(x):
    flat = np.where(x > -0.2)[0]
    i, j = np.where(x.reshape(2, 3) < 0.2)
    return x[flat].sum() ** 2 + np.sum(x.reshape(2, 3)[i, j] ** 2)
