# f(float64[:])
def f(x):
    match x:
        case [first, *rest]:
            return first
    return x[0]

# the message:
# this form of `match` is not supported
#  --> match_sequence.py:4:14
#   |
# 4|         case [first, *rest]:
#   |              ^^^^^^^^^^^^^^
#   |
#   = help: use `if` and `elif`
