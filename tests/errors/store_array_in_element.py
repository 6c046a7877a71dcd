# f(float64[:], float64[:])


def f(x, y):
    x[0] = y
    return x.sum()

# the message:
# an array of float64 with 1 axis does not fit into a place with one number
#  --> store_array_in_element.py:5:5
#   |
# 5|     x[0] = y
#   |     ^^^^
