# f(float64)


def g(a):
    return a

def f(x):
    return g(x, x)

# the message:
# `g` takes 1 positional argument, but 2 are given
#  --> too_many_arguments.py:8:17
#   |
# 8|     return g(x, x)
#   |                 ^
