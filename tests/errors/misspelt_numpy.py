# f(float64[:])
import numpy as np


def f(x):
    return np.summ(x)

# the message:
# `.summ` of `numpy` is not supported
#  --> misspelt_numpy.py:6:12
#   |
# 6|     return np.summ(x)
#   |            ^^^^^^^
#   |
#   = help: did you mean `sum`?
