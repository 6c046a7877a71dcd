from math import cos, sin


def textbook_vjp(x1, x2, a3_bar):
    # forward sweep
    a1 = x1 * x2                    # line 12: x1 * x2
    a2 = sin(x2)                    # line 12: sin(x2)
    a3 = a1 + a2                    # line 12: x1 * x2 + sin(x2)
    # reverse sweep
    a1_bar = a3_bar                 # line 12: x1 * x2 + sin(x2)
    a2_bar = a3_bar                 # line 12: x1 * x2 + sin(x2)
    x2_bar = a2_bar * cos(x2)       # line 12: sin(x2)
    x1_bar = a1_bar * x2            # line 12: x1 * x2
    x2_bar += a1_bar * x1           # line 12: x1 * x2
    return a3, (x1_bar, x2_bar)
