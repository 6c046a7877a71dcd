# f(float64, int64)


import math

def f(x, k):
    return (math.sin, math.cos)[k](x)

# the message:
# this index must be known when the function is compiled, because the elements are not plain numbers
#  --> static_index_of_functions.py:7:33
#   |
# 7|     return (math.sin, math.cos)[k](x)
#   |                                 ^
#   |
#   = help: stack them into one array, or loop over them directly
