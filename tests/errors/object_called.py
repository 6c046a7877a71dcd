# f(float64)
class Line:
    def __init__(self, slope):
        self.slope = slope


def f(x):
    return Line(2.0)(x)

# the message:
# a `Line` cannot be called
#  --> object_called.py:8:12
#   |
# 8|     return Line(2.0)(x)
#   |            ^^^^^^^^^
#   |
#   = help: give its class a method `__call__`
