"""Branches, loops of every kind, early exits, recursion."""

import math

import numpy as np
from numba import prange

from programs.case import case, given, positive


@case("core", x=0.7, y=-0.4)
def branches(x, y):
    if x > 0 and y > 0:
        z = x * y
    elif x > 0 or y > 1:
        z = math.sin(x) - y**2
    else:
        z = x / y
    if not z > 10:
        z *= 2
    return z if 0 < x < 1 else -z


@case(x=2.0)
def newton_square_root(x):
    y = x
    while True:
        step = 0.5 * (y - x / y)
        y = y - step
        if step * step < 1e-24:
            break
    return y


@case("first", c=2.0)
def bisection_then_newton(c):
    def g(x):
        return x**3 + x - c

    lo, hi = 0.0, 3.0
    while hi - lo > 1e-3:
        mid = (lo + hi) / 2
        if g(mid) > 0:
            hi = mid
        else:
            lo = mid
    x = 0.5 * (lo + hi)
    for _ in range(4):
        x -= g(x) / (3 * x**2 + 1)
    return x


@case(x=(7,), limit=given(1.5))
def break_and_else(x, limit):
    total = 0.0
    for v in x:
        total += v * v
        if total > limit:
            total *= v
            break
    else:
        total = -1.0
    return total


@case(x=(8,))
def continue_on_negative(x):
    s = 1.0
    for i, v in enumerate(x):
        if v < 0:
            continue
        s *= 1.0 + v / (i + 1)
    return s


@case("core", m=(4, 5), threshold=given(0.8))
def early_return_in_nested_loops(m, threshold):
    acc = 0.1
    for i in range(m.shape[0]):
        for j in range(m.shape[1]):
            acc += m[i, j] * acc
            if acc > threshold:
                return acc * m[i, j]
        acc *= 0.9
    return acc


@case("core", x=1.3, n=given(0))
def zero_trips(x, n):
    y = x * x
    for i in range(n):
        y = y * i
    while n > 0:
        y += 1.0
        n -= 1
    return y + x


@case(x=0.9, n=5)
def downward_and_stepped_ranges(x, n):
    s = 0.0
    for i in range(n, 0, -2):
        s += x**i
    for i in range(-3, n, 3):
        s += math.sin(x * i)
    for i in reversed(range(n)):
        s = s * x + i
    return s


@case(x=(6,), n=6)
def inner_loop_length_varies(x, n):
    total = 0.0
    for i in range(n):
        p = 1.0
        for j in range(i, n, 2):
            p *= x[j]
        k = i
        while k > 0:
            p += x[k] * x[i]
            k //= 2
        total += p * p
    return total


def fib(n, a, b):
    if n == 0:
        return a
    if n == 1:
        return b
    return fib(n - 1, a, b) * 0.5 + fib(n - 2, a, b)


@case(a=0.4, b=1.2, n=given(7))
def recursive_fibonacci(a, b, n):
    return fib(n, a, b) ** 2


def power_rec(x, n):
    if n == 0:
        return 1.0
    half = power_rec(x, n // 2)
    if n % 2 == 0:
        return half * half
    return half * half * x


@case(x=1.1, n=given(13))
def recursive_power(x, n):
    return power_rec(x, n) + math.log(power_rec(x, 3))


def minor_determinant(a):
    n = a.shape[0]
    if n == 1:
        return a[0, 0]
    total = 0.0
    sign = 1.0
    for j in range(n):
        sub = np.empty((n - 1, n - 1))
        for i in range(1, n):
            for k in range(n - 1):
                sub[i - 1, k] = a[i, k if k < j else k + 1]
        total += sign * a[0, j] * minor_determinant(sub)
        sign = -sign
    return total


@case(a=(4, 4))
def determinant_by_minors(a):
    return minor_determinant(a)


def minor_of_rest(a, row, used):
    n = a.shape[0]
    total, sign = 0.0, 1.0
    for j in range(n):
        if not used >> j & 1:
            rest = minor_of_rest(a, row + 1, used | 1 << j) if row + 1 < n else 1.0
            total += sign * a[row, j] * rest
            sign = -sign
    return total


@case(a=(4, 4))
def determinant_without_copies(a):
    return minor_of_rest(a, 0, 0)


def path_sum(x, w, k, depth):
    if depth == 0:
        return x[k] * w[k]
    total = 0.0
    for j in range(len(x)):
        if j != k:
            inner = path_sum(x, w, j, depth - 1)
            total += w[j] * math.sin(inner) * x[k]
    if total > 0.0:
        total = total * path_sum(x, w, (k + 1) % len(x), depth - 1)
    return total


@case(x=positive(3), w=(3,))
def recursive_paths(x, w):
    return path_sum(x, w, 0, 2) + path_sum(w, x, 1, 1)


def scaled_chain(x, n):
    y = x * 1.5
    if n == 0:
        return np.sum(y * y)
    return np.sum(np.tanh(y)) * scaled_chain(x, n - 1) + scaled_chain(y, n - 1)


@case(x=(3,))
def recursive_chain(x):
    return scaled_chain(x, 2)


def tree_sum(x, lo, hi):
    if hi - lo == 1:
        return math.tanh(x[lo])
    mid = (lo + hi) // 2
    return tree_sum(x, lo, mid) * 0.7 + tree_sum(x, mid, hi) ** 2


@case(x=(7,))
def recursive_tree(x):
    return tree_sum(x, 0, len(x))


@case(m=given(2), n=given(2), x=0.3)
def ackermann_weighted(m, n, x):
    return ack(m, n, x)


def ack(m, n, x):
    if m == 0:
        return (n + 1) * x + x * x
    if n == 0:
        return ack(m - 1, 1, x) + x
    return ack(m - 1, n - 1, x) * 0.5 + ack(m, n - 1, x)


@case("first", x=1.5, tol=given(1e-6))
def adaptive_series(x, tol):
    term, total, n = 1.0, 0.0, 0
    while abs(term) > tol and n < 60:
        total += term
        n += 1
        term *= -x * x / ((2 * n - 1) * (2 * n))
    return total


@case(x=0.31, n=given(9))
def logistic_map_collatz(x, n):
    k = n
    while k != 1:
        if k % 2 == 0:
            k = k // 2
            x = 3.6 * x * (1 - x)
        else:
            k = 3 * k + 1
            x = math.sqrt(x)
    return x


@case(w=positive(6))
def parallel_range(w):
    n = len(w)
    out = np.empty(n)
    total = 0.0
    for i in prange(n):
        out[i] = np.log(w[i]) * w[n - 1 - i]
        total += out[i] ** 2
    return total


@case(a=0.6, b=1.4, c=2.2, n=7)
def rotating_variables(a, b, c, n):
    for i in range(n):
        a, b, c = b, c, a * b - 0.1 * c
        if i == 3:
            a, b = b, a
    return a + 2 * b + 3 * c


@case(x=(5,))
def loop_variable_after_loop(x):
    for i in range(5):
        last = x[i] ** 2
        if last > 2.0:
            break
    return last * (i + 1)


@case(x=(6,))
def search_with_flag(x):
    found = False
    best = 0.0
    k = 0
    while not found and k < len(x):
        if x[k] > 0.5:
            found = True
            best = x[k] ** 3
        k += 1
    assert k >= 1, "there is something to look at"
    return best + x[0] * k


@case(x=(6,), a=0.4)
def piecewise_by_match_of_sign(x, a):
    s = 0.0
    for v in x:
        if v < -1:
            s += a * v
        elif v < 0:
            s += a * v * v
        elif v < 1:
            s += math.exp(a * v)
        else:
            s += v / a
    return s


@case(c=0.6, x=0.2)
def fixed_point_until_still(c, x):
    steps = 0
    old = x + 1.0
    while abs(x - old) > 1e-15 and steps < 200:
        old, x = x, c * math.cos(x)
        steps += 1
    return x


@case(x=1.7, verbose=given(False))
def prints_and_raises(x, verbose):
    if x < 0:
        raise ValueError("x must not be negative")
    y = math.sqrt(x)
    if verbose:
        print("the root is", y)
    return y * x


@case(x=(4,), y=(4,))
def nested_breaks(x, y):
    s = 0.0
    for i in range(4):
        p = x[i]
        for j in range(4):
            if j == i:
                continue
            p *= y[j]
            if abs(p) < 0.05:
                break
        else:
            s += 1.5 * p
        if s > 3.0:
            break
        s += p
    return s


@case("core", "compiled", x=(2,))
def reassigned_before_leaving(x):
    """Numba 0.68 loses `y` where such a loop is written in this way."""
    total = y = t = 0.0
    while True:
        t += 1.0
        following = y + x[0] ** 2 - 0.2 * t * (1.0 + x[1] ** 2)
        if following < 0:
            result = total * y + x[1] * t
            y = following
            break
        total += t * y + x[0]
        y = following
    return result + y


def pushed(x):
    if x[0] > 0.0:
        return x * x[2]
    for i in range(2):
        if x[i] < -1.0:
            return x * 2.0
    return x + x[1]


@case("core", x=np.array([-0.5, 1.3, 0.7]))
def early_return_of_an_array(x):
    return np.sum(pushed(x) * x) + np.sum(pushed(-x) ** 2) + np.sum(pushed(-2.0 * x))


@case("core", x=(4,), k=given(2))
def match_on_tuples(x, k):
    total, y = 0.0, 3.0
    for i in range(4):
        match i % 3, k:
            case 0, 2:
                total += x[i] ** 2
            case 1, y if y > 5:
                total -= x[i] * y
            case _, z:
                total *= 1 + x[i] * z
    match (k, x[0]):
        case (3, q):
            total += q * 100
        case (2, q) if q < 100.0:
            total += q**3
    return total * y
