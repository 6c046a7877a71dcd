"""Hares and lynxes: the Lotka-Volterra equations, integrated by a Runge-Kutta loop, fitted to 21 years of records.

The four rates and the two initial populations are found by the method of Levenberg and Marquardt, with the Jacobian
that the compiler derives from the loop.
"""

from pathlib import Path

import numpy as np

import adcompile as ad

TABLE = Path(__file__).parent / "data" / "lynx_hare.csv"
NAMES = ("birth of hares", "predation", "death of lynxes", "growth of lynxes", "hares in 1900", "lynxes in 1900")
START = np.array([1.0, 0.05, 1.0, 0.05, 30.0, 4.0])
SUBSTEPS = 20  # Runge-Kutta steps a year


def rates(hares, lynxes, p):
    """Growth of both populations, thousands a year (Lotka 1925, Volterra 1926)."""
    return (p[0] - p[1] * lynxes) * hares, (p[3] * hares - p[2]) * lynxes


def simulate(p, years, substeps):
    """Hares and lynxes at the turn of each year, in thousands, shape (years, 2)."""
    path = np.empty((years, 2))
    x, y = p[4], p[5]
    h = 1.0 / substeps
    for year in range(years):
        path[year, 0] = x
        path[year, 1] = y
        for _ in range(substeps):
            k1x, k1y = rates(x, y, p)
            k2x, k2y = rates(x + 0.5 * h * k1x, y + 0.5 * h * k1y, p)
            k3x, k3y = rates(x + 0.5 * h * k2x, y + 0.5 * h * k2y, p)
            k4x, k4y = rates(x + h * k3x, y + h * k3y, p)
            x += h / 6.0 * (k1x + 2.0 * k2x + 2.0 * k3x + k4x)
            y += h / 6.0 * (k1y + 2.0 * k2y + 2.0 * k3y + k4y)
    return path


def residuals(theta, records, substeps):
    """Logarithm of simulated over recorded, for each year and animal; `theta` holds the logarithms of `NAMES`."""
    path = simulate(np.exp(theta), records.shape[0], substeps)
    return np.log(path / records).ravel()


def loss(theta, records, substeps):
    """Sum of the squared residuals."""
    r = residuals(theta, records, substeps)
    return np.sum(r * r)


def load():
    """Years, shape (21,), and hares and lynxes in thousands, shape (21, 2)."""
    table = np.loadtxt(TABLE, delimiter=",", skiprows=5)  # four lines about the source, one with names
    return table[:, 0], table[:, 1:]


def fit(records, start, steps=50):
    """The logarithms of `NAMES` that make the loss smallest, and the loss after each step."""
    jacobian = ad.jacobian(residuals)
    theta, damping = np.log(start), 1.0
    losses = [loss(theta, records, SUBSTEPS)]
    for _ in range(steps):
        J = jacobian(theta, records, SUBSTEPS)
        r = residuals(theta, records, SUBSTEPS)
        step = np.linalg.solve(J.T @ J + damping * np.eye(6), J.T @ r)
        value = loss(theta - step, records, SUBSTEPS)
        if value < losses[-1]:
            theta, damping = theta - step, damping / 5.0
            losses.append(value)
            if losses[-2] - value < 1e-12:
                break
        else:
            damping *= 5.0
    return theta, losses


def main():
    """Fit, print what was found and how forward compares with reverse, and return the parameters and the losses."""
    _, records = load()
    theta, losses = fit(records, START)
    print(f"lynx and hare: loss {losses[0]:.2f} -> {losses[-1]:.4f} in {len(losses) - 1} steps")
    for name, value in zip(NAMES, np.exp(theta), strict=True):
        print(f"  {name:16}  {value:8.4f}")
    slope = ad.grad(loss)(theta, records, SUBSTEPS)
    print(f"  largest derivative of the loss there: {np.max(np.abs(slope)):.1e}")
    print(ad.compare(loss, np.log(START), records, SUBSTEPS))
    return np.exp(theta), losses


if __name__ == "__main__":
    main()
