# f(float64[:])


import numpy as np

def f(x):
    return np.where(x > 0.0 and x < 1.0, x, 0.0).sum()

# the message:
# `and` does not work on arrays element by element
#  --> array_and.py:7:21
#   |
# 7|     return np.where(x > 0.0 and x < 1.0, x, 0.0).sum()
#   |                     ^^^^^^^
#   |
#   = help: use `&` with each side in parentheses
