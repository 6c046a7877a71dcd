# f(float64)


def f(x):
    if x < 0.0:
        raise
    return x

# the message:
# `raise` needs an exception here
#  --> bare_raise.py:6:9
#   |
# 6|         raise
#   |         ^^^^^
#   |
#   = help: write `raise ValueError(...)`
