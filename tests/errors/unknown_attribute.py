# f(float64[:])


def f(x):
    return x.summ()

# the message:
# `.summ` of an array of float64 with 1 axis is not supported
#  --> unknown_attribute.py:5:12
#   |
# 5|     return x.summ()
#   |            ^^^^^^
#   |
#   = help: did you mean `sum`?
