"""The initial temperature of a rod, found from its temperature later: the adjoint of a program that writes in place."""

import numpy as np

import adcompile as ad


def diffuse(u, steps):
    """The temperature after some steps of explicit diffusion; both ends are held."""
    u = u.copy()
    old = u.copy()
    for _ in range(steps):
        old[:] = u
        for i in range(1, len(u) - 1):
            u[i] = old[i] + 0.25 * (old[i - 1] - 2.0 * old[i] + old[i + 1])
    return u


def misfit(u, observed, steps):
    """Mean squared difference from what was observed."""
    return np.mean((diffuse(u, steps) - observed) ** 2)


def main(points=32, steps=20):
    """Reconstruct by conjugate gradients on the least-squares problem; return the misfit before and after."""
    x = np.linspace(0.0, 1.0, points)
    truth = np.sin(np.pi * x) + 0.5 * np.sin(3.0 * np.pi * x)
    observed = diffuse(truth, steps)
    slope = ad.grad(misfit)
    u = np.zeros(points)
    g = slope(u, observed, steps)
    p = -g
    for _ in range(25):
        Hp = slope(u + p, observed, steps) - slope(u, observed, steps)  # exact: the misfit is quadratic
        alpha = (g @ g) / (p @ Hp)
        u = u + alpha * p
        new = g + alpha * Hp
        p = -new + (new @ new) / (g @ g) * p
        g = new
    before, after = misfit(np.zeros(points), observed, steps), misfit(u, observed, steps)
    print(f"heat: misfit {before:.3e} -> {after:.3e}, largest error of the start {np.max(np.abs(u - truth)):.1e}")
    return before, after


if __name__ == "__main__":
    main()
