# f(float64)


history = []

def f(x):
    history.append(x)
    return x
