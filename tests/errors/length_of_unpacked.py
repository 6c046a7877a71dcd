# f(float64, int64)


def f(x, n):
    xs = [x * i for i in range(n)]
    a, b = xs
    return a * b

# the message:
# unpacking needs a sequence whose length is known when the function is compiled, not a list
#  --> length_of_unpacked.py:6:5
#   |
# 6|     a, b = xs
#   |     ^^^^
