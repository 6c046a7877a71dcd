# f(float64)


def f(x):
    return x * 99999999999999999999
