# f(float64)


def f(x):
    a, b = x, 2.0 * x, 3.0 * x
    return a * b

# the message:
# 2 variables cannot be assigned from 3 values
#  --> unpack_wrong_count.py:5:5
#   |
# 5|     a, b = x, 2.0 * x, 3.0 * x
#   |     ^^^^
