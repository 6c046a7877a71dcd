# f(float64)


def f(x):
    return x * sclae

# the message:
# `sclae` is not defined
#  --> misspelt_name.py:5:16
#   |
# 5|     return x * sclae
#   |                ^^^^^
#   |
#   = help: define or import it outside of the function
