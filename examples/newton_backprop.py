"""The derivative of a `while` loop with a `break`: Kepler's equation, solved by Newton's method."""

from math import cos, sin

import adcompile as ad


def eccentric_anomaly(mean_anomaly, eccentricity):
    """The E of M = E - e sin E, in radians (Kepler 1609)."""
    E = mean_anomaly
    while True:
        step = (E - eccentricity * sin(E) - mean_anomaly) / (1.0 - eccentricity * cos(E))
        E -= step
        if abs(step) < 1e-15:
            break
    return E


def main():
    """Compare the derivative of the loop with the one that the implicit function theorem gives; return both."""
    M, e = 1.2, 0.4
    found = ad.grad(eccentric_anomaly, argnums=(0, 1))(M, e)
    E = eccentric_anomaly(M, e)
    expected = (1.0 / (1.0 - e * cos(E)), sin(E) / (1.0 - e * cos(E)))
    print(f"E = {E:.12f}")
    print(f"dE/dM, dE/de of the loop:     {found[0]:.12f} {found[1]:.12f}")
    print(f"implicit function theorem:    {expected[0]:.12f} {expected[1]:.12f}")
    return found, expected


if __name__ == "__main__":
    main()
