# f(float64)


def g(a, scale=1.0):
    return a * scale

def f(x):
    return g(x, scael=2.0)

# the message:
# `g` has no parameter `scael`
#  --> unknown_keyword.py:8:17
#   |
# 8|     return g(x, scael=2.0)
#   |                 ^^^^^^^^^
#   |
#   = help: its parameters are `a`, `scale`
