# f(float64)


def f(x):
    raise ValueError("not today")
