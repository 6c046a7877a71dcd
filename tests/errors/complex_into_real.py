# f(float64[:])


def f(x):
    x[0] = 1j * x[1]
    return x.sum()

# the message:
# a complex number is written into an array of float64
#  --> complex_into_real.py:5:5
#   |
# 5|     x[0] = 1j * x[1]
#   |     ^^^^
#   |
#   = help: store `.real`, or make the array complex
