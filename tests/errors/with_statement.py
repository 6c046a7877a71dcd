# f(float64)


def f(x):
    with open("log") as log:
        return x

# the message:
# `with` is not supported
#  --> with_statement.py:5:5
#   |
# 5|     with open("log") as log:
#   |     ^^^^
#   |
#   = help: do what it does outside of the function
