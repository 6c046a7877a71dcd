"""Names, shadows, single precision, dead code, and other things that break compilers."""

import math

import numpy as np

from programs.case import case, given, sampled


@case("core", dx=0.4, a1=1.2, x_bar=-0.7)
def awkward_names(dx, a1, x_bar):
    a2 = dx * a1
    x_dot = a2 + x_bar**2
    dx_bar = x_dot * a1
    s_tape = math.sin(dx_bar)
    y = s_tape * x_bar
    return y + a2 * x_dot


@case(f=0.6, grad=1.4, lambda_=0.3)
def names_of_functions(f, grad, lambda_):
    sum = f * grad  # noqa: A001
    float_ = sum + lambda_
    np_ = float_**2
    return np_ * f


@case(x=0.9)
def shadowed_names(x):
    def g(x):
        x = x * 2.0
        y = x + 1.0
        return y * x

    y = 3.0 * x
    x = g(y) + x
    x = x / y
    return g(x) - y


@case("array", x=(4,), y=1.5)
def output_is_an_input(x, y):
    z = x * y
    z = x
    return z


@case("core", x=(3,), unused=0.7)
def inactive_branch(x, unused):
    n = 3
    if n > 5:
        x = x * unused
    dead = np.exp(unused)
    dead += 1.0
    return np.sum(x**2)


@case("core", x=1.25, y=0.3)
def constant_result_of_integers(x, y):
    k = int(x * 10)
    return k * 1.0 + 0.0 * y


def singles(*shape):
    return sampled(lambda rng: rng.normal(size=shape).astype(np.float32))


@case("float32", x=singles(6), w=singles(4, 6), b=singles(4))
def single_precision_layer(x, w, b):
    h = w @ x + b
    h = np.maximum(h, np.float32(0.0)) * 0.5
    return np.sum(h * h)


@case("float32", u=singles(8), c=given(np.float32(0.2)))
def single_precision_stencil(u, c):
    v = u.copy()
    for _ in range(3):
        for i in range(1, len(u) - 1):
            v[i] = v[i] + c * (v[i - 1] - 2 * v[i] + v[i + 1])
    return np.sum(v * v)


@case("float32", x=singles(5))
def single_precision_scalars(x):
    total = np.float32(0.0)
    for v in x:
        total += np.exp(-v * v) * v
    return total


@case("core", x=(5,))
def mixed_integer_and_float(x):
    n = len(x)
    half = n // 2
    ones = np.ones(n, dtype=np.int64)
    ramp = np.arange(n)
    scaled = x * ramp + ones / 2
    count = np.sum(x > 0)
    return scaled.sum() * half + count * x[half] + (ramp @ x) / n


@case(x=(4,))
def accumulate_into_scalar_and_array(x):
    total = 0
    log = np.zeros(4)
    for i in range(4):
        total += x[i] * x[i]
        log[i] = total
        total = total / (1 + abs(log[i]))
    return total + log.sum()


@case(x=(3,), y=(3,))
def empty_arrays(x, y):
    none = x[3:]
    nothing = np.zeros(0)
    s = np.sum(none) + nothing.sum()
    for v in none:
        s += v
    return s + x @ y


@case(x=0.5, y=2.0)
def chained_assignment(x, y):
    a = b = x * y
    a += 1.0
    b *= a
    c = d = [a, b][1]
    return a * b + c - d * x


@case(x=(2, 3, 4))
def reductions_over_axes(x):
    s = np.sum(x, axis=(0, 2))
    m = x.max(axis=1)
    p = np.prod(1 + 0.1 * x, axis=-1, keepdims=True)
    v = np.var(x, axis=0)
    return s @ s + np.sum(m * v.sum(axis=0)) + np.sum(p**2) + np.mean(x, axis=2).sum() * np.linalg.norm(x[0])


@case(x=(3, 1), y=(1, 4), z=0.5)
def broadcasting_every_way(x, y, z):
    a = x + y
    b = a * z - x / (1 + y**2)
    c = b[np.newaxis] * np.ones((2, 1, 1))
    d = np.minimum(b, z) + np.broadcast_to(x, (3, 4)) * np.zeros((3, 4))
    return np.sum(c**2) + np.sum(d) + np.expand_dims(y[0], 1).sum()


@case("first", x=0.0, y=0.5)
def guarded_singularities(x, y):
    sinc = 1.0 if x == 0.0 else math.sin(x) / x
    root = math.sqrt(y) if y > 0 else 0.0
    return sinc * y + root + x


@case(x=sampled(lambda rng: np.array([-0.3, 1.5, -2.0, 0.4])))
def guarded_where(x):
    safe = np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0)
    return np.sum(safe * 2.0) + np.sum(x * x)


@case(a=(3,), b=(3,))
def same_array_twice(a, b):
    c = a
    d = c * a + np.dot(a, c) * b
    return np.sum(np.outer(d, d)) + np.dot(d, d)


@case(x=(4,))
def list_as_state(x):
    state = [x[0], x[1]]
    for k in range(2, 4):
        state[0], state[1] = state[1] * x[k], state[0] + x[k] ** 2
    return state[0] * state[1]


@case(x=(4, 3))
def iterate_rows_and_update(x):
    y = x.copy()
    total = 0.0
    for row in y:
        row *= 2.0
        row[1] += row[0] ** 2
        total += row.sum()
    return total + y[0, 1] * y[3, 2]


@case(x=1.1, data=given(np.array([1, 2, 3])))
def integer_powers_from_data(x, data):
    s = 0.0
    for d in data:
        s += x**d * d
    return s
