# f(float64[:])


import numpy as np

def f(x):
    return np.interp(0.5, x, x)
