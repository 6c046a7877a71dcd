def newton(x):
    y = x
    while True:                     # line 47
        a1 = x / y                  # line 48: x / y
        a2 = y - a1                 # line 48: y - x / y
        step = 0.5 * a2             # line 48: 0.5 * (y - x / y)
        y -= step                   # line 49: y - step
        a3 = step * step            # line 50: step * step
        a4 = a3 < 1e-24             # line 50: step * step < 1e-24
        if a4:
            break
    return y
