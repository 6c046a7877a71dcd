# f(float64[:], int64)


def f(x, n):
    rows = []
    for i in range(n):
        rows.append(x * i)
    rows[0][0] = 1.0
    return rows[0].sum()
