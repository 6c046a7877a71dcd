def carried(x):
    a1 = x.shape[0]                 # line 17: x.shape
    s = 1.0
    for i in range(a1):             # line 17
        a2 = x[i]                   # line 18: x[i]
        a3 = s * a2                 # line 18: s * x[i]
        a4 = 0.1 / s                # line 18: 0.1 / s
        s = a3 + a4                 # line 18: s * x[i] + 0.1 / s
    return s
