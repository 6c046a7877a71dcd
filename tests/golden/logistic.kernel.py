"""Recorded for the reverse sweep: nothing."""
import numpy as np

from adcompile.runtime.counting import indices
from adcompile.runtime.elementary import exp, log


def logistic_value_and_grad(w, X, y):
    X_length = X.shape[0]
    X_length_1 = X.shape[1]
    loss_bar = 1.0 / X_length
    X_bar = np.zeros((X_length, X_length_1))
    w_bar = np.zeros(w.shape)
    y_bar = np.zeros(y.shape)
    loss = 0.0
    for k in range(X_length):                       # line 37, forward and reverse in one: iterations share only sums
        z = 0.0
        for j in range(X_length_1):                 # line 39
            z += X[k, j] * w[j]
        a1 = -y[k]
        a2 = exp(a1 * z)
        a3 = 1.0 + a2
        loss += log(a3)
        a4_bar = loss_bar / a3 * a2
        z_bar = a4_bar * a1
        y_bar[k] -= a4_bar * z
        for j in indices(X_length_1 - 1, -1, -1):   # line 39, reversed: nothing recorded
            w_bar[j] += z_bar * X[k, j]
            X_bar[k, j] += z_bar * w[j]
    return loss / X_length, (w_bar, X_bar, y_bar)
