# f(float64, int64)


def f(x, n):
    for i in range(n):
        t = x * i
    y = t + x
    return y

# the message:
# `t` has no value here
#  --> zero_trips.py:7:9
#   |
# 7|     y = t + x
#   |         ^
#   |
#   = note: assigned only inside the loop at line 5, which may run zero times
#   = help: assign `t` before the loop
