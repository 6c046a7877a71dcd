# f(float64)


def f(x):
    label = f"x = {x}"
    return x * len(label)
