# f(float64[:], int64)


def f(x, n):
    rows = []
    for i in range(n):
        rows.append(x * i)
    rows[0][0] = 1.0
    return rows[0].sum()

# the message:
# writing into an array that is held by a list is not supported
#  --> write_list_element.py:8:5
#   |
# 8|     rows[0][0] = 1.0
#   |     ^^^^^^^^^^
#   |
#   = help: make a copy with `.copy()`, write into it, and put it back
