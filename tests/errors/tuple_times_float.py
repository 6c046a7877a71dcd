# f(float64)


def f(x):
    pair = (x, x * x)
    return sum(pair * 0.5)

# the message:
# there is no arithmetic of a tuple of 2 and a number
#  --> tuple_times_float.py:6:16
#   |
# 6|     return sum(pair * 0.5)
#   |                ^^^^^^^^^^
#   |
#   = help: make it an array: `np.array(x)`
