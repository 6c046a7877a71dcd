# f(float64)


import numpy as np

weights = np.ones(3)

def f(x):
    weights[0] = x
    return weights.sum()

# the message:
# `weights` is read from outside the function, and cannot be written into
#  --> write_global_array.py:9:5
#   |
# 9|     weights[0] = x
#   |     ^^^^^^^^^^
#   |
#   = help: pass `weights` as an argument, or copy it first
