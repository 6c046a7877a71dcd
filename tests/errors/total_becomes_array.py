# f(float64[:, :])


def f(a):
    total = 0.0
    for row in a:
        total = total + row
    return total.sum()
