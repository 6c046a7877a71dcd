import numpy as np

import adcompile.runtime as rt


def cross_entropy_vjp(Z, Y, a7_bar):
    Z_length = Z.shape[0]
    Z_length_1 = Z.shape[1]
    # forward sweep
    a1 = rt.max(Z, axis=1, keepdims=True)                       # line 72: np.max(Z, axis=1, keepdims=True)
    Z_1 = Z - a1                                                # line 72: Z - np.max(Z, axis=1, keepdims=True)
    a2 = np.exp(Z_1)                                            # line 73: np.exp(Z)
    a3 = rt.sum(a2, axis=1, keepdims=True)                      # line 73: np.sum(np.exp(Z), axis=1, keepdims=True)
    a4 = np.log(a3)                                             # line 73: np.log(np.sum(np.exp(Z), axis=1, keepdims=True))
    a5 = a4 - Z_1                                               # line 73: np.log(np.sum(np.exp(Z), axis=1, keepdims=True)) - Z
    a6 = Y * a5                                                 # line 73: Y * (np.log(np.sum(np.exp(Z), axis=1, keepdims=True)) - Z)
    a7 = np.sum(a6)                                             # line 73: np.sum(Y * (np.log(np.sum(np.exp(Z), axis=1, keepdims=True)) - Z))
    # reverse sweep
    a6_bar = np.full(a6.shape, a7_bar)                          # line 73: np.sum(Y * (np.log(np.sum(np.exp(Z), axis=1, keepdims=True)) - Z))
    Y_bar = rt.unbroadcast(a6_bar * a5, Y.shape)                # line 73: Y * (np.log(np.sum(np.exp(Z), axis=1, keepdims=True)) - Z)
    a5_bar = rt.unbroadcast(a6_bar * Y, (Z_length, Z_length_1))  # line 73: Y * (np.log(np.sum(np.exp(Z), axis=1, keepdims=True)) - Z)
    Z_1_bar = -a5_bar                                           # line 73: np.log(np.sum(np.exp(Z), axis=1, keepdims=True)) - Z
    a4_bar = rt.sum(a5_bar, axis=1, keepdims=True)              # line 73: np.log(np.sum(np.exp(Z), axis=1, keepdims=True)) - Z
    a3_bar = a4_bar / a3                                        # line 73: np.log(np.sum(np.exp(Z), axis=1, keepdims=True))
    a2_bar = rt.broadcast_to(a3_bar, (Z_length, Z_length_1))    # line 73: np.sum(np.exp(Z), axis=1, keepdims=True)
    Z_1_bar += a2_bar * a2                                      # line 73: np.exp(Z)
    a1_bar = rt.sum(-Z_1_bar, axis=1, keepdims=True)            # line 72: Z - np.max(Z, axis=1, keepdims=True)
    a8 = (Z == a1).astype(np.float64)
    Z_1_bar += rt.broadcast_to(a1_bar, (Z_length, Z_length_1)) * (a8 / rt.sum(a8, axis=1, keepdims=True))  # line 72: np.max(Z, axis=1, keepdims=True)
    return a7, (Z_1_bar, Y_bar)
