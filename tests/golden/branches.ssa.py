from math import sqrt


def branches(x, n):
    y = x
    for k in range(n):              # line 57
        a1 = y > 1.0                # line 58: y > 1.0
        if a1:
            y = sqrt(y)             # line 59: math.sqrt(y)
        else:
            a2 = y * x              # line 61: y * x
            y = a2 + k              # line 61: y * x + k
    return y
