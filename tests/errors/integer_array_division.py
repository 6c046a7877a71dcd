# f(int64[:], float64)


def f(n, x):
    n /= 2
    return x * n[0]

# the message:
# an array of int64 cannot hold the result, which is of float64
#  --> integer_array_division.py:5:5
#   |
# 5|     n /= 2
#   |     ^^^^^^
#   |
#   = help: make the array a floating-point one
