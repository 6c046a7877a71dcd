from math import sqrt

import numpy as np


def branches_vjp(x, n, y_bar):
    # forward sweep
    y_tape = np.empty(max(n, 0))            # y: each iteration replaces it; 8 * max(n, 0) bytes
    y = x
    for k in range(n):                      # line 57
        y_tape[k] = y
        a1 = y > 1.0                        # line 58: y > 1.0
        if a1:
            y = sqrt(y)                     # line 59: math.sqrt(y)
        else:
            a2 = y * x                      # line 61: y * x
            y = a2 + k                      # line 61: y * x + k
    # reverse sweep
    x_bar = 0.0
    for k in range(n - 1, -1, -1):          # line 57, reversed: y from tape; y computed again
        y_1 = y_tape[k]                     # line 58: if y > 1.0:
        a1 = y_1 > 1.0                      # line 58: if y > 1.0:
        if a1:
            y_1 = sqrt(y_1)                 # line 59: math.sqrt(y)
            y_bar = y_bar / (2.0 * y_1)     # line 59: math.sqrt(y)
        else:
            a2_bar = y_bar                  # line 61: y * x + k
            y_bar = a2_bar * x              # line 61: y * x
            x_bar += a2_bar * y_1           # line 61: y * x
    x_bar += y_bar                          # line 57: range(n)
    return y, (x_bar,)
