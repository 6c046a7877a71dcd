# f(float64[:], int64)


def f(u, n):
    v = u
    for t in range(n):
        v[0] = u[1]
        u = u + v
    return u.sum()

# the message:
# writing into `v` may or may not change `u`
#  --> write_swapped_twin.py:7:9
#   |
# 7|         v[0] = u[1]
#   |         ^^^^
#   |
#   = note: on some paths of the program both are the same array
#   = help: use `.copy()` where one is assigned to the other
