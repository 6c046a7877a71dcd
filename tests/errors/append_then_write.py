# f(float64[:], int64)


def f(x, n):
    path = []
    for i in range(n):
        path.append(x)
        x[0] = x[0] + i
    return path[0].sum()

# the message:
# writing into `x` would change `path`
#  --> append_then_write.py:8:9
#   |
# 8|         x[0] = x[0] + i
#   |         ^^^^
#   |
#   = note: `path` holds the array itself, not a copy
#   = help: put a copy into the list: `x.copy()`
