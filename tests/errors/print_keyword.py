# f(float64)


def f(x):
    print(x, end="")
    return x

# the message:
# `print` with `end=` is not supported
#  --> print_keyword.py:5:18
#   |
# 5|     print(x, end="")
#   |                  ^^
