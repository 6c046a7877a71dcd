# f(float64, int64)


def f(x, n):
    xs = [x * i for i in range(n)]
    a, b = xs
    return a * b
