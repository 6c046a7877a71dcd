# f(float64[:], int64)


def f(u, n):
    v = u
    for t in range(n):
        v[0] = u[1]
        u = u + v
    return u.sum()
