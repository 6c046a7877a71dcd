# f(float64)


def f(x):
    match (x, 1):
        case [a, 1]:
            return a
    return x
