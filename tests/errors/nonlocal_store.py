# f(float64)


def f(x):
    total = 0.0
    def add(y):
        nonlocal total
        total = total + y
    add(x)
    return total

# the message:
# assigning to a variable of an enclosing function is not supported
#  --> nonlocal_store.py:7:9
#   |
# 7|         nonlocal total
#   |         ^^^^^^^^
#   |
#   = help: return the value instead
