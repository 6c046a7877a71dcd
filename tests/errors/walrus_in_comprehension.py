# f(float64[:])


def f(x):
    ys = [(t := v) for v in x]
    return ys[0] * t
