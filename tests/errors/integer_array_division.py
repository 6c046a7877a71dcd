# f(int64[:], float64)


def f(n, x):
    n /= 2
    return x * n[0]
