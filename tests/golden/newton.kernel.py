"""Recorded for the reverse sweep: 8 bytes an iteration of line 47."""
import numpy as np

import adcompile.runtime as rt


def newton_value_and_grad(x):
    y_tape = np.empty(16)               # y: each iteration replaces it; 8 bytes an iteration of line 47, growing
    y = x
    slot = 0
    trips = 0
    while True:                         # line 47
        trips += 1
        a1 = slot + 1
        y_tape = rt.reserve(y_tape, a1)
        y_tape[slot] = y
        step = 0.5 * (y - x / y)
        y -= step
        slot = a1
        if step * step < 1e-24:
            break
    y_bar = 1.0
    x_bar = 0.0
    for k in range(trips - 1, -1, -1):  # line 47, reversed: y from tape; x / y computed again
        slot -= 1
        a2_bar = -y_bar * 0.5
        a3_bar = -a2_bar
        y_1 = y_tape[slot]
        x_bar += a3_bar / y_1
        y_bar = y_bar + a2_bar - a3_bar * (x / y_1) / y_1
    return y, (x_bar + y_bar,)
