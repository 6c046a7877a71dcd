# f(float64)


def f(x):
    table = {"a": x}
    return table["b"]
