# f(float64)


def f(x):
    if x < 0.0:
        raise
    return x
