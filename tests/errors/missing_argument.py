# f(float64)


def g(a, b):
    return a * b

def f(x):
    return g(x)
