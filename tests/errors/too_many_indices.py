# f(float64[:], int64)


def f(x, i):
    return x[i, 0]

# the message:
# this array has 1 axis, but the index names 2
#  --> too_many_indices.py:5:14
#   |
# 5|     return x[i, 0]
#   |              ^^^^
