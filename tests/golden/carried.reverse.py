import numpy as np


def carried_vjp(x, s_bar):
    x_length = x.shape[0]
    # forward sweep
    s_tape = np.empty(x_length)                     # s: each iteration replaces it; 8 * x_length bytes
    s = 1.0
    for i in range(x_length):                       # line 17
        s_tape[i] = s
        a1 = x[i]                                   # line 18: x[i]
        a2 = s * a1                                 # line 18: s * x[i]
        a3 = 0.1 / s                                # line 18: 0.1 / s
        s = a2 + a3                                 # line 18: s * x[i] + 0.1 / s
    # reverse sweep
    x_bar = np.zeros(x_length)                      # line 17: range(x.shape[0])
    for i in range(x_length - 1, -1, -1):           # line 17, reversed: s from tape; 0.1 / s computed again
        a2_bar = s_bar                              # line 18: s * x[i] + 0.1 / s
        a3_bar = s_bar                              # line 18: s * x[i] + 0.1 / s
        s_1 = s_tape[i]                             # line 18: 0.1 / s
        a3 = 0.1 / s_1                              # line 18: 0.1 / s
        a1 = x[i]                                   # line 18: s * x[i]
        a1_bar = a2_bar * s_1                       # line 18: s * x[i]
        s_bar = a2_bar * a1 - a3_bar * a3 / s_1     # line 18: s * x[i]
        x_bar[i] += a1_bar                          # line 18: x[i]
    return s, (x_bar,)
