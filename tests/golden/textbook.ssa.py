from math import sin


def textbook(x1, x2):
    a1 = x1 * x2                    # line 12: x1 * x2
    a2 = sin(x2)                    # line 12: sin(x2)
    a3 = a1 + a2                    # line 12: x1 * x2 + sin(x2)
    return a3
