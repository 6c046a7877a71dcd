import numpy as np

import adcompile.runtime as rt


def newton_vjp(x, y_bar):
    # forward sweep
    y_tape = np.empty(16)               # y: each iteration replaces it; 8 bytes an iteration of line 47, growing
    y = x
    slot = 0
    trips = 0
    while True:                         # line 47
        trips += 1
        a1 = slot + 1
        y_tape = rt.reserve(y_tape, a1)
        y_tape[slot] = y
        a2 = x / y                      # line 48: x / y
        a3 = y - a2                     # line 48: y - x / y
        step = 0.5 * a3                 # line 48: 0.5 * (y - x / y)
        y -= step                       # line 49: y - step
        a4 = step * step                # line 50: step * step
        a5 = a4 < 1e-24                 # line 50: step * step < 1e-24
        slot = a1
        if a5:
            break
    # reverse sweep
    x_bar = 0.0
    for k in range(trips - 1, -1, -1):  # line 47, reversed: y from tape; x / y computed again
        slot -= 1
        step_bar = -y_bar               # line 49: y - step
        a3_bar = step_bar * 0.5         # line 48: 0.5 * (y - x / y)
        a2_bar = -a3_bar                # line 48: y - x / y
        y_bar += a3_bar                 # line 48: y - x / y
        y_1 = y_tape[slot]              # line 48: x / y
        a2 = x / y_1                    # line 48: x / y
        x_bar += a2_bar / y_1           # line 48: x / y
        y_bar -= a2_bar * a2 / y_1      # line 48: x / y
    x_bar += y_bar                      # line 47: while True:
    return y, (x_bar,)
