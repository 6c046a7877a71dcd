# f(float64, int64)


def f(x, n):
    s = x
    for i in range(0, n, 0):
        s += i
    return s

# the message:
# the step of a range must not be zero
#  --> zero_step.py:6:26
#   |
# 6|     for i in range(0, n, 0):
#   |                          ^
