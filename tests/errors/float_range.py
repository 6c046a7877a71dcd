# f(float64)


def f(x):
    s = 0.0
    for i in range(x):
        s += i
    return s
