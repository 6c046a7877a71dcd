# f(float64)
def f(x):
    calls = 0

    def halved(y):
        nonlocal calls
        calls = calls + 1
        return y if y < 1.0 else halved(0.5 * y)

    return halved(x) * calls

# the message:
# `calls` cannot be assigned here
#  --> nonlocal_of_recursion.py:6:9
#   |
# 6|         nonlocal calls
#   |         ^^^^^^^^^^^^^^
#   |
#   = note: it is a variable outside of what is differentiated, or of a function that calls itself
#   = help: return the value instead
