# f(float64)


def f(x):
    chosen = {1, 2}
    return x * len(chosen)

# the message:
# sets are not supported
#  --> set_display.py:5:14
#   |
# 5|     chosen = {1, 2}
#   |              ^^^^^^
#   |
#   = help: use a tuple
