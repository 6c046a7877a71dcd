# f(float64)


def f(x):
    n = x.shape[0]
    return x * n

# the message:
# index 0 is out of range for a tuple of 0
#  --> shape_of_number.py:5:17
#   |
# 5|     n = x.shape[0]
#   |                 ^
#   |
#   = help: the shape of a number is empty: an array was meant here?
