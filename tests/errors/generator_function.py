# f(float64)


def f(x):
    def parts(n):
        for i in range(n):
            yield i * x
    return sum(parts(3))

# the message:
# generators are not supported
#  --> generator_function.py:7:13
#   |
# 7|             yield i * x
#   |             ^^^^^^^^^^^
#   |
#   = help: return a list or an array
