# f(float64)


def f(x):
    s = 0.0
    for v in x:
        s += v
    return s
