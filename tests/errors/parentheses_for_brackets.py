# f(float64[:])


def f(x):
    return x(0) * 2.0

# the message:
# an array of float64 with 1 axis cannot be called
#  --> parentheses_for_brackets.py:5:12
#   |
# 5|     return x(0) * 2.0
#   |            ^
#   |
#   = help: an index stands in brackets: x[...]
