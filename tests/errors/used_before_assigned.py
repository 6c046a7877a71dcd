# f(float64)


def f(x):
    y = x + t
    t = 2.0
    return y * t

# the message:
# `t` has no value here
#  --> used_before_assigned.py:5:13
#   |
# 5|     y = x + t
#   |             ^
#   |
#   = note: no assignment to it comes before this place on every path
#   = help: assign `t` first
