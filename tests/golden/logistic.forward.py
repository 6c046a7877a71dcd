from math import exp, log


def logistic_jvp(w, X, y, w_dot, X_dot, y_dot):
    n = X.shape[0]                              # line 35: X.shape
    d = X.shape[1]                              # line 35: X.shape
    loss = 0.0
    loss_dot = 0.0
    for k in range(n):                          # line 37
        z = 0.0
        z_dot = 0.0
        for j in range(d):                      # line 39
            a1 = X[k, j]                        # line 40: X[k, j]
            a1_dot = X_dot[k, j]                # line 40: X[k, j]
            a2 = w[j]                           # line 40: w[j]
            a2_dot = w_dot[j]                   # line 40: w[j]
            a3 = a1 * a2                        # line 40: X[k, j] * w[j]
            a3_dot = a1_dot * a2 + a1 * a2_dot  # line 40: X[k, j] * w[j]
            z += a3                             # line 40: z += X[k, j] * w[j]
            z_dot += a3_dot                     # line 40: z += X[k, j] * w[j]
        a4 = y[k]                               # line 41: y[k]
        a4_dot = y_dot[k]                       # line 41: y[k]
        a5 = -a4                                # line 41: -y[k]
        a5_dot = -a4_dot                        # line 41: -y[k]
        a6 = a5 * z                             # line 41: -y[k] * z
        a6_dot = a5_dot * z + a5 * z_dot        # line 41: -y[k] * z
        a7 = exp(a6)                            # line 41: exp(-y[k] * z)
        a7_dot = a6_dot * a7                    # line 41: exp(-y[k] * z)
        a8 = 1.0 + a7                           # line 41: 1.0 + exp(-y[k] * z)
        a9 = log(a8)                            # line 41: log(1.0 + exp(-y[k] * z))
        a9_dot = a7_dot / a8                    # line 41: log(1.0 + exp(-y[k] * z))
        loss += a9                              # line 41: loss += log(1.0 + exp(-y[k] * z))
        loss_dot += a9_dot                      # line 41: loss += log(1.0 + exp(-y[k] * z))
    a10 = loss / n                              # line 42: loss / n
    a10_dot = loss_dot / n                      # line 42: loss / n
    return a10, a10_dot
