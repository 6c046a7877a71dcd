import numpy as np

import adcompile.runtime as rt
from adcompile.runtime.elementary import exp, log


def cross_entropy_value_and_grad(Z, Y):
    Z_length = Z.shape[0]
    Z_length_1 = Z.shape[1]
    a1 = rt.max(Z, axis=1, keepdims=True)
    Z_1 = Z - a1
    a2 = exp(Z_1)
    a3 = rt.sum(a2, axis=1, keepdims=True)
    a4 = log(a3) - Z_1
    a5 = Y * a4
    a5_bar = np.full(a5.shape, 1.0)
    a4_bar = rt.unbroadcast(a5_bar * Y, (Z_length, Z_length_1))
    Z_1_bar = -a4_bar
    Z_1_bar += rt.broadcast_to(rt.sum(a4_bar, axis=1, keepdims=True) / a3, (Z_length, Z_length_1)) * a2
    a6 = (Z == a1).astype(np.float64)
    Z_1_bar += rt.broadcast_to(rt.sum(-Z_1_bar, axis=1, keepdims=True), (Z_length, Z_length_1)) * (a6 / rt.sum(a6, axis=1, keepdims=True))
    return np.sum(a5), (Z_1_bar, rt.unbroadcast(a5_bar * a4, Y.shape))
