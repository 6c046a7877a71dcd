# f(float64, int64)


def f(x, n):
    s = x
    for i in range(0, n, 0):
        s += i
    return s
