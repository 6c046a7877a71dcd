import numpy as np

import adcompile.runtime as rt


def cross_entropy(Z, Y):
    a1 = rt.max(Z, axis=1, keepdims=True)   # line 72: np.max(Z, axis=1, keepdims=True)
    Z = Z - a1                              # line 72: Z - np.max(Z, axis=1, keepdims=True)
    a2 = np.exp(Z)                          # line 73: np.exp(Z)
    a3 = rt.sum(a2, axis=1, keepdims=True)  # line 73: np.sum(np.exp(Z), axis=1, keepdims=True)
    a4 = np.log(a3)                         # line 73: np.log(np.sum(np.exp(Z), axis=1, keepdims=True))
    a5 = a4 - Z                             # line 73: np.log(np.sum(np.exp(Z), axis=1, keepdims=True)) - Z
    a6 = Y * a5                             # line 73: Y * (np.log(np.sum(np.exp(Z), axis=1, keepdims=True)) - Z)
    a7 = np.sum(a6)                         # line 73: np.sum(Y * (np.log(np.sum(np.exp(Z), axis=1, keepdims=True)) - Z))
    return a7
