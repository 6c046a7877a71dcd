# f(float64)


def f(x):
    return x[0]

# the message:
# a float has no elements
#  --> index_number.py:5:12
#   |
# 5|     return x[0]
#   |            ^
