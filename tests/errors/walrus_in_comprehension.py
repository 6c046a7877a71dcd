# f(float64[:])


def f(x):
    ys = [(t := v) for v in x]
    return ys[0] * t

# the message:
# `:=` inside a comprehension is not supported
#  --> walrus_in_comprehension.py:5:12
#   |
# 5|     ys = [(t := v) for v in x]
#   |            ^^^^^^
#   |
#   = help: write the loop out
