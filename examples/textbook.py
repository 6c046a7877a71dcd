"""The textbook example f = x1*x2 + sin(x2): its derivative, its listings in both modes, and their comparison."""

from math import cos, sin

import adcompile as ad


@ad.grad(argnums=(0, 1))
def f(x1, x2):
    return x1 * x2 + sin(x2)


def main():
    """Print the derivative of f at (2, 3), and how it is computed."""
    derivative = f(2.0, 3.0)
    print(f"f(x1, x2) = x1*x2 + sin(x2) has the gradient {derivative} at (2, 3)")
    print(f"by hand, (x2, x1 + cos(x2)):                 {(3.0, 2.0 + cos(3.0))}")
    for mode in ("ssa", "forward", "reverse", "kernel"):
        print(f"\n# ---- {mode} ----\n{ad.dump(f, mode, args=(2.0, 3.0))}")
    print(ad.compare(f, 2.0, 3.0, argnums=(0, 1)))
    return derivative


if __name__ == "__main__":
    main()
