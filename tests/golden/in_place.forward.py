def in_place_jvp(u0, c, steps, u0_dot, c_dot):
    u = u0.copy()                                   # line 23: u0.copy()
    u_dot = u0_dot.copy()                           # line 23: u0.copy()
    a1 = u0.shape[0]
    for t in range(steps):                          # line 25
        a2 = a1 - 1                                 # line 26: n - 1
        for i in range(1, a2):                      # line 26
            a3 = u[i]                               # line 27: u[i]
            a3_dot = u_dot[i]                       # line 27: u[i]
            a4 = i - 1                              # line 27: i - 1
            a5 = u[a4]                              # line 27: u[i - 1]
            a5_dot = u_dot[a4]                      # line 27: u[i - 1]
            a6 = 2.0 * a3                           # line 27: 2.0 * u[i]
            a6_dot = 2.0 * a3_dot                   # line 27: 2.0 * u[i]
            a7 = a5 - a6                            # line 27: u[i - 1] - 2.0 * u[i]
            a7_dot = a5_dot - a6_dot                # line 27: u[i - 1] - 2.0 * u[i]
            a8 = i + 1                              # line 27: i + 1
            a9 = u[a8]                              # line 27: u[i + 1]
            a9_dot = u_dot[a8]                      # line 27: u[i + 1]
            a10 = a7 + a9                           # line 27: u[i - 1] - 2.0 * u[i] + u[i + 1]
            a10_dot = a7_dot + a9_dot               # line 27: u[i - 1] - 2.0 * u[i] + u[i + 1]
            a11 = 0.25 * a10                        # line 27: 0.25 * (u[i - 1] - 2.0 * u[i] + u[i + 1])
            a11_dot = 0.25 * a10_dot                # line 27: 0.25 * (u[i - 1] - 2.0 * u[i] + u[i + 1])
            a12 = a3 + a11                          # line 27: u[i] + 0.25 * (u[i - 1] - 2.0 * u[i] + u[i + 1])
            a12_dot = a3_dot + a11_dot              # line 27: u[i] + 0.25 * (u[i - 1] - 2.0 * u[i] + u[i + 1])
            u_dot[i] = a12_dot                      # line 27: u[i]
            u[i] = a12                              # line 27: u[i]
    s = 0.0
    s_dot = 0.0
    for i in range(a1):                             # line 29
        a13 = c[i]                                  # line 30: c[i]
        a13_dot = c_dot[i]                          # line 30: c[i]
        a14 = u[i]                                  # line 30: u[i]
        a14_dot = u_dot[i]                          # line 30: u[i]
        a15 = a13 * a14                             # line 30: c[i] * u[i]
        a15_dot = a13_dot * a14 + a13 * a14_dot     # line 30: c[i] * u[i]
        s += a15                                    # line 30: s += c[i] * u[i]
        s_dot += a15_dot                            # line 30: s += c[i] * u[i]
    return s, s_dot
