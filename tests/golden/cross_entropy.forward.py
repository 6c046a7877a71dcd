import numpy as np

import adcompile.runtime as rt


def cross_entropy_jvp(Z, Y, Z_dot, Y_dot):
    a1 = rt.max(Z, axis=1, keepdims=True)               # line 72: np.max(Z, axis=1, keepdims=True)
    a2 = (Z == a1).astype(np.float64)
    a1_dot = rt.sum(Z_dot * (a2 / rt.sum(a2, axis=1, keepdims=True)), axis=1, keepdims=True)  # line 72: np.max(Z, axis=1, keepdims=True)
    Z = Z - a1                                          # line 72: Z - np.max(Z, axis=1, keepdims=True)
    a3 = Z_dot - a1_dot
    Z_dot = rt.broadcast_to(a3, Z.shape)                # line 72: Z - np.max(Z, axis=1, keepdims=True)
    a4 = np.exp(Z)                                      # line 73: np.exp(Z)
    a4_dot = a3 * a4                                    # line 73: np.exp(Z)
    a5 = rt.sum(a4, axis=1, keepdims=True)              # line 73: np.sum(np.exp(Z), axis=1, keepdims=True)
    a5_dot = rt.sum(a4_dot, axis=1, keepdims=True)      # line 73: np.sum(np.exp(Z), axis=1, keepdims=True)
    a6 = np.log(a5)                                     # line 73: np.log(np.sum(np.exp(Z), axis=1, keepdims=True))
    a6_dot = a5_dot / a5                                # line 73: np.log(np.sum(np.exp(Z), axis=1, keepdims=True))
    a7 = a6 - Z                                         # line 73: np.log(np.sum(np.exp(Z), axis=1, keepdims=True)) - Z
    a7_dot = rt.broadcast_to(a6_dot - Z_dot, a7.shape)  # line 73: np.log(np.sum(np.exp(Z), axis=1, keepdims=True)) - Z
    a8 = Y * a7                                         # line 73: Y * (np.log(np.sum(np.exp(Z), axis=1, keepdims=True)) - Z)
    a8_dot = rt.broadcast_to(Y_dot * a7 + Y * a7_dot, a8.shape)  # line 73: Y * (np.log(np.sum(np.exp(Z), axis=1, keepdims=True)) - Z)
    a9 = np.sum(a8)                                     # line 73: np.sum(Y * (np.log(np.sum(np.exp(Z), axis=1, keepdims=True)) - Z))
    a9_dot = np.sum(a8_dot)                             # line 73: np.sum(Y * (np.log(np.sum(np.exp(Z), axis=1, keepdims=True)) - Z))
    return a9, a9_dot
