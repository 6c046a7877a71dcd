# f(float64[:])


def f(x):
    x.append(1.0)
    return x[0]

# the message:
# `.append` of an array of float64 with 1 axis is not supported
#  --> append_to_array.py:5:5
#   |
# 5|     x.append(1.0)
#   |     ^^^^^^^^
#   |
#   = help: arrays do not grow: collect the values in a list, or make the array long enough first
