# f(float64)


history = []

def f(x):
    history.append(x)
    return x

# the message:
# `history` is read from outside the function, and cannot be written into
#  --> write_global_list.py:7:5
#   |
# 7|     history.append(x)
#   |     ^^^^^^^^^^^^^^^^^
#   |
#   = help: pass `history` as an argument, or copy it first
