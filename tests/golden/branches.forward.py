from math import sqrt


def branches_jvp(x, n, x_dot):
    y = x
    y_dot = x_dot
    for k in range(n):                      # line 57
        a1 = y > 1.0                        # line 58: y > 1.0
        if a1:
            y = sqrt(y)                     # line 59: math.sqrt(y)
            y_dot = y_dot / (2.0 * y)       # line 59: math.sqrt(y)
        else:
            a2 = y * x                      # line 61: y * x
            a2_dot = y_dot * x + y * x_dot  # line 61: y * x
            y = a2 + k                      # line 61: y * x + k
            y_dot = a2_dot
    return y, y_dot
