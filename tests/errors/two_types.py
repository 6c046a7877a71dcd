# f(float64, float64[:])


def f(c, x):
    if c > 0.0:
        y = x
    else:
        y = 0.0
    return y
