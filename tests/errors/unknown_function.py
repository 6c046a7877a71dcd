# f(float64[:])


import numpy as np

def f(x):
    return np.histogram(x)

# the message:
# `np.histogram` is not supported
#  --> unknown_function.py:7:12
#   |
# 7|     return np.histogram(x)
#   |            ^^^^^^^^^^^^
#   |
#   = help: write it in terms of NumPy functions that are
