# f(float64)


def f(x):
    try:
        return 1.0 / x
    except ZeroDivisionError:
        return 0.0

# the message:
# `try` is not supported
#  --> try_statement.py:5:5
#   |
# 5|     try:
#   |     ^^^
#   |
#   = help: test for the condition with `if`
