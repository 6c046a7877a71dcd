# f(float64)


def f(x):
    print(x, end="")
    return x
