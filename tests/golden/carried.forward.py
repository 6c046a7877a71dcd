def carried_jvp(x, x_dot):
    a1 = x.shape[0]                         # line 17: x.shape
    s = 1.0
    s_dot = 0.0
    for i in range(a1):                     # line 17
        a2 = x[i]                           # line 18: x[i]
        a2_dot = x_dot[i]                   # line 18: x[i]
        a3 = s * a2                         # line 18: s * x[i]
        a3_dot = s_dot * a2 + s * a2_dot    # line 18: s * x[i]
        a4 = 0.1 / s                        # line 18: 0.1 / s
        s_1 = a3 + a4                       # line 18: s * x[i] + 0.1 / s
        s_1_dot = a3_dot - s_dot * a4 / s   # line 18: s * x[i] + 0.1 / s
        s = s_1
        s_dot = s_1_dot
    return s, s_dot
