from adcompile.runtime.elementary import cos, sin


def textbook_value_and_grad(x1, x2):
    return x1 * x2 + sin(x2), (x2, cos(x2) + x1)
