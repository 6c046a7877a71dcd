# f(float64)


def f(x):
    if x > 0.0:
        return x

def g(x):
    return f(x) + 1.0

# the message:
# `f` returns nothing on some paths
#  --> returns_on_some_paths.py:4:5
#   |
# 4| def f(x):
#   |     ^
#   |
#   = help: end it with a `return`, or with a `raise` where there is no result
