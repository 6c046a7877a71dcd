import numpy as np

import adcompile.runtime as rt


def layer_vjp(W, b, X, a3_bar):
    # forward sweep
    a1 = X @ W                                                  # line 66: X @ W
    V = a1 + b                                                  # line 66: X @ W + b
    Y = np.maximum(V, 0.0)                                      # line 67: np.maximum(V, 0.0)
    a2 = Y * Y                                                  # line 68: Y * Y
    a3 = np.sum(a2)                                             # line 68: np.sum(Y * Y)
    # reverse sweep
    Y_bar = a3_bar * (2.0 * Y)                                  # line 68: Y * Y
    V_bar = rt.where(V > 0.0, Y_bar, 0.0)                       # line 67: np.maximum(V, 0.0)
    a1_bar = rt.unbroadcast(V_bar, (X.shape[0], W.shape[1]))    # line 66: X @ W + b
    b_bar = rt.unbroadcast(V_bar, b.shape)                      # line 66: X @ W + b
    X_bar = a1_bar @ W.T                                        # line 66: X @ W
    W_bar = X.T @ a1_bar                                        # line 66: X @ W
    return a3, (W_bar, b_bar, X_bar)
