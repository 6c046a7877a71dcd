# f(float64)


def f(x):
    return "x = " + x

# the message:
# `+` takes numbers and arrays, not a string
#  --> string_plus_number.py:5:12
#   |
# 5|     return "x = " + x
#   |            ^^^^^^^^^^
