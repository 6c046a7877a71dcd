# f(float64)


def f(x):
    s = 0.0
    for v in x:
        s += v
    return s

# the message:
# a float cannot be iterated over
#  --> iterate_number.py:6:14
#   |
# 6|     for v in x:
#   |              ^
