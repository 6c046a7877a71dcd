# f(float64)


def f(x):
    g = lambda a, b: a * b
    return g(x, c=2.0)

# the message:
# `<lambda>` has no parameter `c`
#  --> lambda_missing_argument.py:6:17
#   |
# 6|     return g(x, c=2.0)
#   |                 ^^^^^
#   |
#   = help: its parameters are `a`, `b`
