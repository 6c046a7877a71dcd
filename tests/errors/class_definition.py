# f(float64)


def f(x):
    class Point:
        pass
    return x
