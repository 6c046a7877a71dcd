# f(float64[:])


def f(x):
    xs = [x[0], x[1]]
    del xs[0]
    return xs[0]
