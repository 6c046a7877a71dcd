import numpy as np


def in_place_vjp(u0, c, steps, s_bar):
    u0_length = u0.shape[0]
    # forward sweep
    u = u0.copy()                       # line 23: u0.copy()
    for t in range(steps):              # line 25
        a1 = u0_length - 1              # line 26: n - 1
        for i in range(1, a1):          # line 26
            a2 = u[i]                   # line 27: u[i]
            a3 = i - 1                  # line 27: i - 1
            a4 = u[a3]                  # line 27: u[i - 1]
            a5 = 2.0 * a2               # line 27: 2.0 * u[i]
            a6 = a4 - a5                # line 27: u[i - 1] - 2.0 * u[i]
            a7 = i + 1                  # line 27: i + 1
            a8 = u[a7]                  # line 27: u[i + 1]
            a9 = a6 + a8                # line 27: u[i - 1] - 2.0 * u[i] + u[i + 1]
            a10 = 0.25 * a9             # line 27: 0.25 * (u[i - 1] - 2.0 * u[i] + u[i + 1])
            a11 = a2 + a10              # line 27: u[i] + 0.25 * (u[i - 1] - 2.0 * u[i] + u[i + 1])
            u[i] = a11                  # line 27: u[i]
    # reverse sweep
    c_bar = np.zeros(c.shape)           # line 29: range(n)
    u_bar = np.zeros(u0_length)         # line 29: range(n)
    s = 0.0
    for i in range(u0_length):          # line 29, forward and reverse in one: iterations share only sums
        # forward part
        a12 = c[i]                      # line 30: c[i]
        a13 = u[i]                      # line 30: u[i]
        a14 = a12 * a13                 # line 30: c[i] * u[i]
        s += a14                        # line 30: s += c[i] * u[i]
        # reverse part
        a14_bar = s_bar                 # line 30: s += c[i] * u[i]
        a12_bar = a14_bar * a13         # line 30: c[i] * u[i]
        a13_bar = a14_bar * a12         # line 30: c[i] * u[i]
        u_bar[i] += a13_bar             # line 30: u[i]
        c_bar[i] += a12_bar             # line 30: c[i]
    for t in range(steps - 1, -1, -1):  # line 25, reversed: nothing recorded
        a1 = u0_length - 1              # line 26: range(1, n - 1)
        for i in range(a1 - 1, 0, -1):  # line 26, reversed: nothing recorded
            a11_bar = u_bar[i]          # line 27: u[i]
            u_bar[i] = 0.0
            a2_bar = a11_bar            # line 27: u[i] + 0.25 * (u[i - 1] - 2.0 * u[i] + u[i + 1])
            a10_bar = a11_bar           # line 27: u[i] + 0.25 * (u[i - 1] - 2.0 * u[i] + u[i + 1])
            a9_bar = a10_bar * 0.25     # line 27: 0.25 * (u[i - 1] - 2.0 * u[i] + u[i + 1])
            a6_bar = a9_bar             # line 27: u[i - 1] - 2.0 * u[i] + u[i + 1]
            a8_bar = a9_bar             # line 27: u[i - 1] - 2.0 * u[i] + u[i + 1]
            a7 = i + 1                  # line 27: u[i + 1]
            u_bar[a7] += a8_bar         # line 27: u[i + 1]
            a5_bar = -a6_bar            # line 27: u[i - 1] - 2.0 * u[i]
            a4_bar = a6_bar             # line 27: u[i - 1] - 2.0 * u[i]
            a2_bar += a5_bar * 2.0      # line 27: 2.0 * u[i]
            a3 = i - 1                  # line 27: u[i - 1]
            u_bar[a3] += a4_bar         # line 27: u[i - 1]
            u_bar[i] += a2_bar          # line 27: u[i]
    u0_bar = u_bar                      # line 23: u0.copy()
    return s, (u0_bar, c_bar)
