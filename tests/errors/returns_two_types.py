# f(float64)


def f(x):
    if x > 0.0:
        return x
    return x, 0.0

# the message:
# `f` does not return the same type on every path
#  --> returns_two_types.py:4:5
#   |
# 4| def f(x):
#   |     ^
#   |
#   = note: it is a float on one path of the `if` at line 5, and a tuple of 2 on the other
#   = help: return the same type everywhere
