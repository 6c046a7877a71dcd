# f(float64[:], int64)


def f(x, n):
    path = []
    for i in range(n):
        path.append(x)
        x[0] = x[0] + i
    return path[0].sum()
