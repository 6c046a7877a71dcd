# f(float64[:])


def f(x):
    xs = [x[0], x[1]]
    del xs[0]
    return xs[0]

# the message:
# only names can be deleted
#  --> delete_element.py:6:9
#   |
# 6|     del xs[0]
#   |         ^^^^^
#   |
#   = help: assign the remaining part to a new variable
