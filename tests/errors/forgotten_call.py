# f(float64[:])


def f(x):
    return x.sum * 2.0

# the message:
# `*` takes numbers and arrays, not the method `sum`, which is not called
#  --> forgotten_call.py:5:12
#   |
# 5|     return x.sum * 2.0
#   |            ^^^^^^^^^^^
