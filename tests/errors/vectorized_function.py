# f(float64[:])
import numpy as np


def step(t):
    return 1.0 if t > 0.0 else 0.0


heaviside = np.vectorize(step)


def f(x):
    return np.sum(heaviside(x) * x)

# the message:
# `heaviside`, which numpy.vectorize made, is not supported
#   --> vectorized_function.py:13:19
#    |
# 13|     return np.sum(heaviside(x) * x)
#    |                   ^^^^^^^^^
#    |
#    = help: call the function itself, in a loop
