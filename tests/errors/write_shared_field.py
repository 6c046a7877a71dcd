# f(float64[:], int64)
class Pair:
    def __init__(self, a, b):
        self.a = a
        self.b = b


def f(x, n):
    pair = Pair(x.copy(), 2.0 * x)
    for _ in range(n):
        pair.a = pair.b
    pair.a[0] = 1.0
    return pair.b[0]

# the message:
# writing into `pair.a` may or may not change `pair.b`
#   --> write_shared_field.py:12:5
#    |
# 12|     pair.a[0] = 1.0
#    |     ^^^^^^^^^
#    |
#    = note: on some paths of the program both are the same array
#    = help: use `.copy()` where one is assigned to the other
