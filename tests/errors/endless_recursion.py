# f(float64)


def f(x):
    return x * f(x - 1.0)
