"""A function of one's own in the table of derivatives: Kepler's equation, solved by iteration, with its one-line rule."""

from math import cos, pi, sin

import numpy as np

import adcompile as ad


@ad.rule("E = kepler(e, M)", "dE = (dM + sin(E) * de) / (1.0 - e * cos(E))", e=(0.0, 0.6), M=(0.5, 2.5))
def kepler(e, M):
    """The eccentric anomaly (rad) of an orbit of eccentricity e at mean anomaly M (rad): E - e sin E = M."""
    E = M
    for _ in range(50):
        E -= (E - e * sin(E) - M) / (1.0 - e * cos(E))
    return E


def misfit(e, times, distances):
    """The sum of squares of what distances from the focus, in units of the half axis, are off; times in periods."""
    return np.sum((1.0 - e * np.cos(kepler(e, 2.0 * pi * times)) - distances) ** 2)


def main():
    """Find the eccentricity of an orbit by Newton's iteration; return it."""
    times = np.linspace(0.0, 0.9, 10)
    distances = 1.0 - 0.3 * np.cos(kepler(0.3, 2.0 * pi * times))
    slope, bend = ad.grad(misfit), ad.grad(ad.grad(misfit))
    e = 0.25
    for _ in range(6):
        e -= slope(e, times, distances) / bend(e, times, distances)
    print(f"eccentricity {e:.6f}")
    return e


if __name__ == "__main__":
    main()
