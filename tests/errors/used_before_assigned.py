# f(float64)


def f(x):
    y = x + t
    t = 2.0
    return y * t
