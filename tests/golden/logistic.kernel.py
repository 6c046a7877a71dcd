from math import exp, log

import numpy as np


def logistic_value_and_grad(w, X, y):
    X_length = X.shape[0]
    X_length_1 = X.shape[1]
    z_tape = np.empty(X_length)
    a1_tape = np.empty(X_length)
    loss = 0.0
    for k in range(X_length):
        z = 0.0
        for j in range(X_length_1):
            z += X[k, j] * w[j]
        z_tape[k] = z
        a1 = exp(-y[k] * z)
        a1_tape[k] = a1
        loss += log(1.0 + a1)
    loss_bar = 1.0 / X_length
    X_bar = np.zeros((X_length, X_length_1))
    w_bar = np.zeros(w.shape)
    y_bar = np.zeros(y.shape)
    for k in range(X_length - 1, -1, -1):
        a1 = a1_tape[k]
        a2_bar = loss_bar / (1.0 + a1) * a1
        z = z_tape[k]
        z_bar = a2_bar * -y[k]
        y_bar[k] -= a2_bar * z
        for j in range(X_length_1 - 1, -1, -1):
            w_bar[j] += z_bar * X[k, j]
            X_bar[k, j] += z_bar * w[j]
    return loss / X_length, (w_bar, X_bar, y_bar)
