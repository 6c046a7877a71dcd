# f(float64)


def scaled(factor, x):
    return factor * x


def f(x):
    return scaled(x, factor=2.0)

# the message:
# `scaled` gets two values for `factor`
#  --> two_values_for_one.py:9:12
#   |
# 9|     return scaled(x, factor=2.0)
#   |            ^^^^^^^^^^^^^^^^^^^^^
#   |
#   = help: its parameters are `factor`, `x`, in this order
