# f(float64)


def f(x):
    return 1.0 if x is 0 else x

# the message:
# `is` compares objects, not numbers
#  --> is_number.py:5:19
#   |
# 5|     return 1.0 if x is 0 else x
#   |                   ^^^^^^
#   |
#   = help: use `==`
