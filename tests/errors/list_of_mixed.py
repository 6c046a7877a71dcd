# f(float64[:], int64)


def f(x, n):
    xs = []
    for i in range(n):
        xs.append((x[i], i))
    return xs[0][0]
