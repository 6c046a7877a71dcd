# f(float64[:], int64)


def f(x, n):
    best = None
    for i in range(n):
        if best is None:
            best = x
        else:
            best = best + x
    return best.sum()

# the message:
# `best` has no single type here
#  --> none_becomes_array.py:7:12
#   |
# 7|         if best is None:
#   |            ^^^^
#   |
#   = note: it is None before the loop at line 6, and an array of float64 with 1 axis after an iteration
#   = help: give `best` the same type before the loop
