# f(float64[:], int64)


def f(x, n):
    best = None
    for i in range(n):
        if best is None:
            best = x
        else:
            best = best + x
    return best.sum()
