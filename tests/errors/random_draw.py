# f(float64)


import numpy as np

def f(x):
    return x + np.random.normal()

# the message:
# random numbers cannot be drawn inside a differentiated function
#  --> random_draw.py:7:16
#   |
# 7|     return x + np.random.normal()
#   |                ^^^^^^^^^^^^^^^^^^
#   |
#   = help: draw them outside and pass them as an argument
