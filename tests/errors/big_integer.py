# f(float64)


def f(x):
    return x * 99999999999999999999

# the message:
# this number does not fit into 64 bits
#  --> big_integer.py:5:16
#   |
# 5|     return x * 99999999999999999999
#   |                ^^^^^^^^^^^^^^^^^^^^
#   |
#   = help: write it as a float
