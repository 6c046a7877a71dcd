def in_place(u0, c, steps):
    u = u0.copy()                   # line 23: u0.copy()
    n = u0.shape[0]                 # line 24: u.shape
    for t in range(steps):          # line 25
        a1 = n - 1                  # line 26: n - 1
        for i in range(1, a1):      # line 26
            a2 = u[i]               # line 27: u[i]
            a3 = i - 1              # line 27: i - 1
            a4 = u[a3]              # line 27: u[i - 1]
            a5 = 2.0 * a2           # line 27: 2.0 * u[i]
            a6 = a4 - a5            # line 27: u[i - 1] - 2.0 * u[i]
            a7 = i + 1              # line 27: i + 1
            a8 = u[a7]              # line 27: u[i + 1]
            a9 = a6 + a8            # line 27: u[i - 1] - 2.0 * u[i] + u[i + 1]
            a10 = 0.25 * a9         # line 27: 0.25 * (u[i - 1] - 2.0 * u[i] + u[i + 1])
            a11 = a2 + a10          # line 27: u[i] + 0.25 * (u[i - 1] - 2.0 * u[i] + u[i + 1])
            u[i] = a11              # line 27: u[i]
    s = 0.0
    for i in range(n):              # line 29
        a12 = c[i]                  # line 30: c[i]
        a13 = u[i]                  # line 30: u[i]
        a14 = a12 * a13             # line 30: c[i] * u[i]
        s += a14                    # line 30: s += c[i] * u[i]
    return s
