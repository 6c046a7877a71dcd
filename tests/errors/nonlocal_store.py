# f(float64)


def f(x):
    total = 0.0
    def add(y):
        nonlocal total
        total = total + y
    add(x)
    return total
