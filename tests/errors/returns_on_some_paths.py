# f(float64)


def f(x):
    if x > 0.0:
        return x

def g(x):
    return f(x) + 1.0
