# f(float64)


def f(x):
    return x(2.0)

# the message:
# a float cannot be called
#  --> call_number.py:5:12
#   |
# 5|     return x(2.0)
#   |            ^
