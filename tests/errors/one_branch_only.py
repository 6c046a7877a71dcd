# f(float64)


def f(x):
    if x > 0.0:
        t = x
    return t

# the message:
# `t` has no value here
#  --> one_branch_only.py:7:12
#   |
# 7|     return t
#   |            ^
#   |
#   = note: assigned only on one path of the `if` at line 5
#   = help: assign `t` before the `if`
