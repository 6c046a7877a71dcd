import numpy as np


def in_place_value_and_grad(u0, c, steps):
    u0_length = u0.shape[0]
    u = u0.copy()
    for t in range(steps):
        for i in range(1, u0_length - 1):
            a1 = u[i]
            a2 = u[i - 1]
            u[i] = a1 + 0.25 * (a2 - 2.0 * a1 + u[i + 1])
    s = 0.0
    for i in range(u0_length):
        s += c[i] * u[i]
    a3 = u0_length - 1
    c_bar = np.zeros(c.shape)
    u_bar = np.zeros(u0_length)
    for i in range(a3, -1, -1):
        u_bar[i] += c[i]
        c_bar[i] += u[i]
    for t in range(steps - 1, -1, -1):
        for i in range(a3 - 1, 0, -1):
            a4_bar = u_bar[i]
            u_bar[i] = 0.0
            a5_bar = a4_bar * 0.25
            u_bar[i + 1] += a5_bar
            u_bar[i - 1] += a5_bar
            u_bar[i] += a4_bar - a5_bar * 2.0
    return s, (u_bar, c_bar)
