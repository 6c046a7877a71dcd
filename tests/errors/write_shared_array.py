# f(float64[:], float64)


def f(x, c):
    y = x
    if c > 0.0:
        y = x * 2.0
    y[0] = 1.0
    return x.sum() + y.sum()

# the message:
# writing into `y` may or may not change `x`
#  --> write_shared_array.py:8:5
#   |
# 8|     y[0] = 1.0
#   |     ^^^^
#   |
#   = note: on some paths of the program both are the same array
#   = help: use `.copy()` where one is assigned to the other
