import numpy as np


def layer(W, b, X):
    a1 = X @ W                      # line 66: X @ W
    V = a1 + b                      # line 66: X @ W + b
    Y = np.maximum(V, 0.0)          # line 67: np.maximum(V, 0.0)
    a2 = Y * Y                      # line 68: Y * Y
    a3 = np.sum(a2)                 # line 68: np.sum(Y * Y)
    return a3
