# f(float64, int64)


def f(x, k):
    table = {}
    table[k] = x
    return table[k]

# the message:
# a key of a dict must be known when the function is compiled
#  --> dict_key.py:6:11
#   |
# 6|     table[k] = x
#   |           ^
#   |
#   = help: use strings or numbers written in the program
