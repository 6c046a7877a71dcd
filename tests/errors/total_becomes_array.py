# f(float64[:, :])


def f(a):
    total = 0.0
    for row in a:
        total = total + row
    return total.sum()

# the message:
# `total` has no single type here
#  --> total_becomes_array.py:7:17
#   |
# 7|         total = total + row
#   |                 ^^^^^
#   |
#   = note: it is a float before the loop at line 6, and an array of float64 with 1 axis after an iteration
#   = help: give `total` the same type before the loop
