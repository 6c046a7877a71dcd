# f(float64)


def f(x):
    return 1.0 if x is 0 else x
