# f(float64)


def f(x):
    def g(y):
        return x * y
    return g

# the message:
# the function `g` cannot be returned
#  --> return_function.py:4:5
#   |
# 4| def f(x):
#   |     ^
#   |
#   = help: return numbers and arrays
