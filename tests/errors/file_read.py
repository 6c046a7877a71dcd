# f(float64)


def f(x):
    text = open("data.txt").read()
    return x * len(text)

# the message:
# `open` is not supported
#  --> file_read.py:5:12
#   |
# 5|     text = open("data.txt").read()
#   |            ^^^^
#   |
#   = help: write it in terms of NumPy functions that are
