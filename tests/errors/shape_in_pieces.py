# f(float64[:])
import numpy as np


def f(x):
    return np.zeros(3, 3) + x

# the message:
# a dtype is a type such as `float`, not a number of type int64
#  --> shape_in_pieces.py:6:12
#   |
# 6|     return np.zeros(3, 3) + x
#   |            ^^^^^^^^^^^^^^
#   |
#   = help: a shape is a tuple, as in `np.zeros((3, 3))`
