from math import exp, log

import numpy as np


def logistic_vjp(w, X, y, a1_bar):
    X_length = X.shape[0]
    d = X.shape[1]
    loss_bar = a1_bar / X_length        # line 42: loss / n
    X_bar = np.zeros((X_length, d))     # line 37: range(n)
    w_bar = np.zeros(w.shape)           # line 37: range(n)
    y_bar = np.zeros(y.shape)           # line 37: range(n)
    loss = 0.0
    for k in range(X_length):           # line 37, forward and reverse in one: iterations share only sums
        # forward part
        z = 0.0
        for j in range(d):              # line 39
            a2 = X[k, j]                # line 40: X[k, j]
            a3 = w[j]                   # line 40: w[j]
            a4 = a2 * a3                # line 40: X[k, j] * w[j]
            z += a4                     # line 40: z += X[k, j] * w[j]
        a5 = y[k]                       # line 41: y[k]
        a6 = -a5                        # line 41: -y[k]
        a7 = a6 * z                     # line 41: -y[k] * z
        a8 = exp(a7)                    # line 41: exp(-y[k] * z)
        a9 = 1.0 + a8                   # line 41: 1.0 + exp(-y[k] * z)
        a10 = log(a9)                   # line 41: log(1.0 + exp(-y[k] * z))
        loss += a10                     # line 41: loss += log(1.0 + exp(-y[k] * z))
        # reverse part
        a10_bar = loss_bar              # line 41: loss += log(1.0 + exp(-y[k] * z))
        a9_bar = a10_bar / a9           # line 41: log(1.0 + exp(-y[k] * z))
        a8_bar = a9_bar                 # line 41: 1.0 + exp(-y[k] * z)
        a7_bar = a8_bar * a8            # line 41: exp(-y[k] * z)
        a6_bar = a7_bar * z             # line 41: -y[k] * z
        z_bar = a7_bar * a6             # line 41: -y[k] * z
        a5_bar = -a6_bar                # line 41: -y[k]
        y_bar[k] += a5_bar              # line 41: y[k]
        a11 = d - 1                     # line 39: range(d)
        for j in range(a11, -1, -1):    # line 39, reversed: nothing recorded
            a4_bar = z_bar              # line 40: z += X[k, j] * w[j]
            a3 = w[j]                   # line 40: X[k, j] * w[j]
            a2_bar = a4_bar * a3        # line 40: X[k, j] * w[j]
            a2 = X[k, j]                # line 40: X[k, j] * w[j]
            a3_bar = a4_bar * a2        # line 40: X[k, j] * w[j]
            w_bar[j] += a3_bar          # line 40: w[j]
            X_bar[k, j] += a2_bar       # line 40: X[k, j]
    a1 = loss / X_length                # line 42: loss / n
    return a1, (w_bar, X_bar, y_bar)
