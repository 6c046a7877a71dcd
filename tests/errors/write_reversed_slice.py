# f(float64[:], int64)


def f(x, n):
    y = x[::-1]
    z = y[1:]
    z[:n] = 1.0
    return x.sum()
