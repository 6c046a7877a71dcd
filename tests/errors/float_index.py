# f(float64[:], float64)


def f(x, k):
    return x[k]
