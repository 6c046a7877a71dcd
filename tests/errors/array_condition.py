# f(float64[:])


def f(x):
    if x > 0.0:
        return x.sum()
    return 0.0

# the message:
# the truth of an array is ambiguous
#  --> array_condition.py:5:8
#   |
# 5|     if x > 0.0:
#   |        ^^^^^^^
#   |
#   = help: use `np.any(x)` or `np.all(x)`, or compare one element
