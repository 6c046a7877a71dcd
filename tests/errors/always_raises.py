# f(float64)


def f(x):
    raise ValueError("not today")

# the message:
# `f` never returns: every path ends in an exception
#  --> always_raises.py:4:5
#   |
# 4| def f(x):
#   |     ^
