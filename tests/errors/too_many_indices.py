# f(float64[:], int64)


def f(x, i):
    return x[i, 0]
