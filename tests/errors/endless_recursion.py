# f(float64)


def f(x):
    return x * f(x - 1.0)

# the message:
# `f` never returns without calling itself
#  --> endless_recursion.py:4:5
#   |
# 4| def f(x):
#   |     ^
#   |
#   = help: return a value where the recursion ends
