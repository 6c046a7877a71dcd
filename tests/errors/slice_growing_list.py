# f(float64[:])


def f(x):
    xs = [v for v in x if v > 0.0]
    return sum(xs[1:])
