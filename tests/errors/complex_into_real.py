# f(float64[:])


def f(x):
    x[0] = 1j * x[1]
    return x.sum()
