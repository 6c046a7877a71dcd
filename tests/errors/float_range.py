# f(float64)


def f(x):
    s = 0.0
    for i in range(x):
        s += i
    return s

# the message:
# `range` takes integers, not a float
#  --> float_range.py:6:20
#   |
# 6|     for i in range(x):
#   |                    ^
#   |
#   = help: write `int(...)` around it
