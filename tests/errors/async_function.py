# f(float64)


def f(x):
    async def g(y):
        return y
    return x

# the message:
# coroutines are not supported
#  --> async_function.py:5:5
#   |
# 5|     async def g(y):
#   |     ^^^^^
#   |
#   = help: write a plain function
