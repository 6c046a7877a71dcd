# f(float64)


import numpy as np

def f(x):
    return x + np.random.multinomial(3, [0.5, 0.5])[0]

# the message:
# random numbers of this kind cannot be drawn inside a differentiated function
#  --> random_draw.py:7:16
#   |
# 7|     return x + np.random.multinomial(3, [0.5, 0.5])[0]
#   |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#   |
#   = help: draw them outside and pass them as an argument; docs/coverage.md lists what can be drawn inside
