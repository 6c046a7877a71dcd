# f(float64)


import datetime

def f(x):
    return x * datetime.datetime.now().second

# the message:
# `datetime.datetime.now` is not supported
#  --> python_object.py:7:16
#   |
# 7|     return x * datetime.datetime.now().second
#   |                ^^^^^^^^^^^^^^^^^^^^^
#   |
#   = help: write it in terms of NumPy functions that are
