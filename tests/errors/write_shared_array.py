# f(float64[:], float64)


def f(x, c):
    y = x
    if c > 0.0:
        y = x * 2.0
    y[0] = 1.0
    return x.sum() + y.sum()
