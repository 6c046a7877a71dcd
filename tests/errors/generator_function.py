# f(float64)


def f(x):
    def parts(n):
        for i in range(n):
            yield i * x
    return sum(parts(3))
