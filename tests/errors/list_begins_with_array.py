# f(float64[:], int64)
def f(x, n):
    first = x.copy()
    history = [first]
    for k in range(n):
        history.append(x * k)
    first[0] = 1.0
    return history[0][0]

# the message:
# writing into `first` would change `history`
#  --> list_begins_with_array.py:7:5
#   |
# 7|     first[0] = 1.0
#   |     ^^^^^^^^
#   |
#   = note: `history` holds the array itself, not a copy
#   = help: put a copy into the list: `first.copy()`
