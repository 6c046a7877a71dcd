import numpy as np

import adcompile.runtime as rt


def layer_value_and_grad(W, b, X):
    V = X @ W + b
    Y = np.maximum(V, 0.0)
    V_bar = rt.where(V > 0.0, 2.0 * Y, 0.0)
    a1_bar = rt.unbroadcast(V_bar, (X.shape[0], W.shape[1]))
    return np.sum(Y * Y), (X.T @ a1_bar, rt.unbroadcast(V_bar, b.shape), a1_bar @ W.T)
