import numpy as np

import adcompile.runtime as rt


def layer_value_and_grad(W, b, X):
    W_length = W.shape[1]
    X_length = X.shape[0]
    V = X @ W + b
    Y = np.maximum(V, 0.0)
    a1 = np.sum(Y * Y)
    V_bar = rt.where(V > 0.0, 2.0 * Y, 0.0)
    a4_bar = rt.unbroadcast(V_bar, (X_length, W_length))
    b_bar = rt.unbroadcast(V_bar, b.shape)
    X_bar = a4_bar @ W.T
    W_bar = X.T @ a4_bar
    a2 = X.shape[1]
    a3 = W.shape[0]
    if a2 != a3:
        raise ValueError('a gradient has another shape than its argument: arrays that do not fit together meet in the function', 0, a3, W_length, a2, W_length)
    if a3 != a2:
        raise ValueError('a gradient has another shape than its argument: arrays that do not fit together meet in the function', 2, X_length, a2, X_length, a3)
    return a1, (W_bar, b_bar, X_bar)
