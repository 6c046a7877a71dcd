def newton_jvp(x, x_dot):
    y = x
    y_dot = x_dot
    while True:                                 # line 47
        a1 = x / y                              # line 48: x / y
        a1_dot = x_dot / y - y_dot * a1 / y     # line 48: x / y
        a2 = y - a1                             # line 48: y - x / y
        a2_dot = y_dot - a1_dot                 # line 48: y - x / y
        step = 0.5 * a2                         # line 48: 0.5 * (y - x / y)
        step_dot = 0.5 * a2_dot                 # line 48: 0.5 * (y - x / y)
        y -= step                               # line 49: y - step
        y_dot -= step_dot                       # line 49: y - step
        a3 = step * step                        # line 50: step * step
        a4 = a3 < 1e-24                         # line 50: step * step < 1e-24
        if a4:
            break
    return y, y_dot
