# f(float64[:], int64)


def f(x, n):
    xs = []
    for i in range(n):
        xs.append((x[i], i))
    return xs[0][0]

# the message:
# `xs` cannot grow in a loop
#  --> list_of_mixed.py:7:9
#   |
# 7|         xs.append((x[i], i))
#   |         ^^^^^^^^^^^^^^^^^^^^
#   |
#   = note: the loop at line 6 appends to it, and it would hold more than numbers or arrays of one type
#   = help: append numbers, or arrays of one dtype and number of axes
