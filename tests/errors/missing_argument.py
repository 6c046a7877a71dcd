# f(float64)


def g(a, b):
    return a * b

def f(x):
    return g(x)

# the message:
# `g` needs a value for `b`
#  --> missing_argument.py:8:12
#   |
# 8|     return g(x)
#   |            ^^^^
#   |
#   = help: its parameters are `a`, `b`
