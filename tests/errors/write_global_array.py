# f(float64)


import numpy as np

weights = np.ones(3)

def f(x):
    weights[0] = x
    return weights.sum()
