# f(float64)


total = 0.0

def f(x):
    global total
    total = total + x
    return total
