from math import cos, sin


def textbook_jvp(x1, x2, x1_dot, x2_dot):
    a1 = x1 * x2                        # line 12: x1 * x2
    a1_dot = x1_dot * x2 + x1 * x2_dot  # line 12: x1 * x2
    a2 = sin(x2)                        # line 12: sin(x2)
    a2_dot = x2_dot * cos(x2)           # line 12: sin(x2)
    a3 = a1 + a2                        # line 12: x1 * x2 + sin(x2)
    a3_dot = a1_dot + a2_dot            # line 12: x1 * x2 + sin(x2)
    return a3, a3_dot
