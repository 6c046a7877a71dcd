# f(float64[:])


def f(x):
    xs = [v for v in x if v > 0.0]
    return sum(xs[1:])

# the message:
# a list that grows cannot be sliced
#  --> slice_growing_list.py:6:19
#   |
# 6|     return sum(xs[1:])
#   |                   ^^
#   |
#   = help: make it an array first: `np.array(x)[i:j]`
