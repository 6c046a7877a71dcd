from math import exp, log


def logistic(w, X, y):
    n = X.shape[0]                  # line 35: X.shape
    d = X.shape[1]                  # line 35: X.shape
    loss = 0.0
    for k in range(n):              # line 37
        z = 0.0
        for j in range(d):          # line 39
            a1 = X[k, j]            # line 40: X[k, j]
            a2 = w[j]               # line 40: w[j]
            a3 = a1 * a2            # line 40: X[k, j] * w[j]
            z += a3                 # line 40: z += X[k, j] * w[j]
        a4 = y[k]                   # line 41: y[k]
        a5 = -a4                    # line 41: -y[k]
        a6 = a5 * z                 # line 41: -y[k] * z
        a7 = exp(a6)                # line 41: exp(-y[k] * z)
        a8 = 1.0 + a7               # line 41: 1.0 + exp(-y[k] * z)
        a9 = log(a8)                # line 41: log(1.0 + exp(-y[k] * z))
        loss += a9                  # line 41: loss += log(1.0 + exp(-y[k] * z))
    a10 = loss / n                  # line 42: loss / n
    return a10
