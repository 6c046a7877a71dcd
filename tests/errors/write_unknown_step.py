# f(float64[:], int64)


def f(x, n):
    y = x[::n]
    y[0] = 1.0
    return x.sum()

# the message:
# writing through this view of a view is not supported
#  --> write_unknown_step.py:6:5
#   |
# 6|     y[0] = 1.0
#   |     ^^^^
#   |
#   = help: write into the array itself, with one index
