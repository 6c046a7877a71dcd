# f(float64)


def f(x):
    a, b = x, 2.0 * x, 3.0 * x
    return a * b
