# f(float64)


total = 0.0

def f(x):
    global total
    total = total + x
    return total

# the message:
# assigning to a global variable is not supported
#  --> global_store.py:7:5
#   |
# 7|     global total
#   |     ^^^^^^
#   |
#   = help: return the value instead
