# f(float64[:], int64)
class Momentum:
    def __init__(self):
        self.mean = None

    def update(self, g):
        self.mean = g if self.mean is None else 0.9 * self.mean + g
        return self.mean


def f(x, n):
    m = Momentum()
    for _ in range(n):
        x = x - 0.1 * m.update(x)
    return x.sum()

# the message:
# `m.mean` has no single type here
#  --> field_changes_type.py:7:26
#   |
# 7|         self.mean = g if self.mean is None else 0.9 * self.mean + g
#   |                          ^^^^^^^^^
#   |
#   = note: it is None before the loop at line 13, and an array of float64 with 1 axis after an iteration
#   = help: give `m.mean` the same type before the loop
