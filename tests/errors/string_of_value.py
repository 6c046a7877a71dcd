# f(float64)


def f(x):
    label = f"x = {x}"
    return x * len(label)

# the message:
# an f-string of values known at run time is supported in messages only
#  --> string_of_value.py:5:20
#   |
# 5|     label = f"x = {x}"
#   |                    ^
