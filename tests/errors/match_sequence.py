# f(float64)


def f(x):
    match (x, 1):
        case [a, 1]:
            return a
    return x

# the message:
# this form of `match` is not supported
#  --> match_sequence.py:6:14
#   |
# 6|         case [a, 1]:
#   |              ^^^^^^
#   |
#   = help: use `if` and `elif`
