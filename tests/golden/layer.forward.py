import numpy as np

import adcompile.runtime as rt


def layer_jvp(W, b, X, W_dot, b_dot, X_dot):
    a1 = X @ W                      # line 66: X @ W
    a1_dot = X_dot @ W + X @ W_dot  # line 66: X @ W
    V = a1 + b                      # line 66: X @ W + b
    Y = np.maximum(V, 0.0)          # line 67: np.maximum(V, 0.0)
    a2 = Y * Y                      # line 68: Y * Y
    a2_dot = rt.where(V > 0.0, (a1_dot + b_dot) * (2.0 * Y), 0.0)  # line 68: Y * Y
    a3 = np.sum(a2)                 # line 68: np.sum(Y * Y)
    a3_dot = np.sum(a2_dot)         # line 68: np.sum(Y * Y)
    return a3, a3_dot
