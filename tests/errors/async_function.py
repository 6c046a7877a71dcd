# f(float64)


def f(x):
    async def g(y):
        return y
    return x
