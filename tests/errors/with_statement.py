# f(float64)


def f(x):
    with open("log") as log:
        return x
