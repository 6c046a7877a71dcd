"""A soap film between four bent wires: the surface of least area, by Newton's method with a sparse Hessian."""

import numpy as np
from scipy.sparse.linalg import spsolve

import adcompile as ad


def area(inner, frame, h):
    """The area of a surface over a square grid; `frame` has the heights of the wires along its border."""
    z = frame.copy()
    z[1:-1, 1:-1] = inner
    total = 0.0
    for i in range(z.shape[0] - 1):
        for j in range(z.shape[1] - 1):
            along = (z[i + 1, j] - z[i, j] + z[i + 1, j + 1] - z[i, j + 1]) / (2.0 * h)
            across = (z[i, j + 1] - z[i, j] + z[i + 1, j + 1] - z[i + 1, j]) / (2.0 * h)
            total += np.sqrt(1.0 + along * along + across * across) * h * h
    return total


slope = ad.grad(area)
curvature = ad.sparse_hessian(area)


def main(n=40):
    """Find the film; return its heights and those of Scherk's surface (1834), whose border the wires follow."""
    grid = np.linspace(-1.0, 1.0, n)
    x, y = np.meshgrid(grid, grid, indexing="ij")
    scherk = np.log(np.cos(y) / np.cos(x))
    h = grid[1] - grid[0]
    inner = np.zeros((n - 2, n - 2))
    for step in range(20):
        g = slope(inner, scherk, h)
        print(f"step {step}: area {area(inner, scherk, h):.9f}, largest force {np.max(np.abs(g)):.1e}")
        if np.max(np.abs(g)) < 1e-12:
            break
        H = curvature(inner, scherk, h)
        inner -= spsolve(H.tocsc(), g.ravel()).reshape(inner.shape)
    print(curvature.pattern(inner, scherk, h))
    return inner, scherk[1:-1, 1:-1]


if __name__ == "__main__":
    main()
