# f(float64)


def f(x):
    return x[0]
