# f(float64)


def f(x):
    class Point:
        pass
    return x

# the message:
# a class cannot be defined inside a differentiated function
#  --> class_definition.py:5:5
#   |
# 5|     class Point:
#   |     ^^^^^
#   |
#   = help: define it outside
