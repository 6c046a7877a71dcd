# f(float64, int64)


def f(x, n):
    for i in range(n):
        t = x * i
    y = t + x
    return y
