# f(float64, float64[:])


def f(c, x):
    if c > 0.0:
        y = x
    else:
        y = 0.0
    return y

# the message:
# `y` has no single type here
#  --> two_types.py:9:12
#   |
# 9|     return y
#   |            ^
#   |
#   = note: it is an array of float64 with 1 axis on one path of the `if` at line 5, and a float on the other
#   = help: give it the same type on both paths
