# f(float64[:], float64)


def f(x, k):
    return x[k]

# the message:
# an index must be an integer, not a float
#  --> float_index.py:5:14
#   |
# 5|     return x[k]
#   |              ^
#   |
#   = help: write `int(...)` around it
