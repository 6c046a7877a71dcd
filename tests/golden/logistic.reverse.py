from math import exp, log

import numpy as np


def logistic_vjp(w, X, y, a10_bar):
    X_length = X.shape[0]
    X_length_1 = X.shape[1]
    z_tape = np.empty(X_length)
    a7_tape = np.empty(X_length)
    # forward sweep
    loss = 0.0
    for k in range(X_length):
        z = 0.0
        for j in range(X_length_1):
            a1 = X[k, j]                        # line 40: X[k, j]
            a2 = w[j]                           # line 40: w[j]
            a3 = a1 * a2                        # line 40: X[k, j] * w[j]
            z += a3                             # line 40: z += X[k, j] * w[j]
        z_tape[k] = z
        a4 = y[k]                               # line 41: y[k]
        a5 = -a4                                # line 41: -y[k]
        a6 = a5 * z                             # line 41: -y[k] * z
        a7 = exp(a6)                            # line 41: exp(-y[k] * z)
        a7_tape[k] = a7
        a8 = 1.0 + a7                           # line 41: 1.0 + exp(-y[k] * z)
        a9 = log(a8)                            # line 41: log(1.0 + exp(-y[k] * z))
        loss += a9                              # line 41: loss += log(1.0 + exp(-y[k] * z))
    a10 = loss / X_length                       # line 42: loss / n
    # reverse sweep
    loss_bar = a10_bar / X_length               # line 42: loss / n
    X_bar = np.zeros((X_length, X_length_1))    # line 37: range(n)
    w_bar = np.zeros(w.shape)                   # line 37: range(n)
    y_bar = np.zeros(y.shape)                   # line 37: range(n)
    for k in range(X_length - 1, -1, -1):
        a9_bar = loss_bar                       # line 41: loss += log(1.0 + exp(-y[k] * z))
        a7 = a7_tape[k]                         # line 41: log(1.0 + exp(-y[k] * z))
        a8 = 1.0 + a7                           # line 41: log(1.0 + exp(-y[k] * z))
        a8_bar = a9_bar / a8                    # line 41: log(1.0 + exp(-y[k] * z))
        a7_bar = a8_bar                         # line 41: 1.0 + exp(-y[k] * z)
        a6_bar = a7_bar * a7                    # line 41: exp(-y[k] * z)
        z = z_tape[k]                           # line 41: -y[k] * z
        a5_bar = a6_bar * z                     # line 41: -y[k] * z
        a4 = y[k]                               # line 41: -y[k] * z
        a5 = -a4                                # line 41: -y[k] * z
        z_bar = a6_bar * a5                     # line 41: -y[k] * z
        a4_bar = -a5_bar                        # line 41: -y[k]
        y_bar[k] += a4_bar                      # line 41: y[k]
        for j in range(X_length_1 - 1, -1, -1):
            a3_bar = z_bar                      # line 40: z += X[k, j] * w[j]
            a2 = w[j]                           # line 40: X[k, j] * w[j]
            a1_bar = a3_bar * a2                # line 40: X[k, j] * w[j]
            a1 = X[k, j]                        # line 40: X[k, j] * w[j]
            a2_bar = a3_bar * a1                # line 40: X[k, j] * w[j]
            w_bar[j] += a2_bar                  # line 40: w[j]
            X_bar[k, j] += a1_bar               # line 40: X[k, j]
    return a10, (w_bar, X_bar, y_bar)
