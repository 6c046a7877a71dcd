"""Recorded for the reverse sweep: 8 * x_length bytes."""
import numpy as np

from adcompile.runtime.counting import indices


def carried_value_and_grad(x):
    x_length = x.shape[0]
    s_tape = np.empty(x_length)                 # s: each iteration replaces it; 8 * x_length bytes
    s = 1.0
    for i in range(x_length):                   # line 17
        s_tape[i] = s
        s = s * x[i] + 0.1 / s
    x_bar = np.zeros(x_length)
    s_bar = 1.0
    for i in indices(x_length - 1, -1, -1):     # line 17, reversed: s from tape; 0.1 / s computed again
        s_1 = s_tape[i]
        s_bar_1 = s_bar * x[i] - s_bar * (0.1 / s_1) / s_1
        x_bar[i] += s_bar * s_1
        s_bar = s_bar_1
    return s, (x_bar,)
