"""Recorded for the reverse sweep: nothing."""
import numpy as np

from adcompile.runtime.counting import indices


def in_place_value_and_grad(u0, c, steps):
    u0_length = u0.shape[0]
    u = u0.copy()
    a1 = u0_length - 1
    for t in range(steps):                  # line 25
        for i in indices(1, a1):            # line 26
            a2 = u[i]
            a3 = u[i - 1]
            u[i] = a2 + 0.25 * (a3 - 2.0 * a2 + u[i + 1])
    c_bar = np.zeros(c.shape)
    u_bar = np.zeros(u0_length)
    s = 0.0
    for i in range(u0_length):              # line 29, forward and reverse in one: iterations share only sums
        a4 = c[i]
        a5 = u[i]
        s += a4 * a5
        u_bar[i] += a4
        c_bar[i] += a5
    for t in range(steps - 1, -1, -1):      # line 25, reversed: nothing recorded
        for i in indices(a1 - 1, 0, -1):    # line 26, reversed: nothing recorded
            a6_bar = u_bar[i]
            a7_bar = a6_bar * 0.25
            u_bar[i + 1] += a7_bar
            u_bar[i - 1] += a7_bar
            u_bar[i] = a6_bar - a7_bar * 2.0
    return s, (u_bar, c_bar)
