"""Recorded for the reverse sweep: 8 * max(n, 0) bytes."""
from math import sqrt

import numpy as np

from adcompile.runtime.counting import indices


def branches_value_and_grad(x, n):
    y_tape = np.empty(max(n, 0))        # y: each iteration replaces it; 8 * max(n, 0) bytes
    y = x
    for k in range(n):                  # line 57
        y_tape[k] = y
        if y > 1.0:
            y = sqrt(y)
        else:
            y = y * x + k
    y_bar = 1.0
    x_bar = 0.0
    for k in indices(n - 1, -1, -1):    # line 57, reversed: y from tape; y computed again
        y_1 = y_tape[k]
        if y_1 > 1.0:
            y_1 = sqrt(y_1)
            y_bar = y_bar / (2.0 * y_1)
        else:
            x_bar += y_bar * y_1
            y_bar = y_bar * x
    return y, (x_bar + y_bar,)
