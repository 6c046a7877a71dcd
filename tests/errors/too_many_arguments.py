# f(float64)


def g(a):
    return a

def f(x):
    return g(x, x)
