"""A distribution fitted to data whose density is known up to a factor only: derivatives of random draws.

The posterior of the rate of rare events, with a prior that has no closed answer, is approximated by a gamma distribution. Its shape and
scale rise along the derivative of a mean over draws from it: each draw moves with the parameters that it was drawn with.
"""

import numba
import numpy as np

import adcompile as ad

COUNTS = np.array([3.0, 1.0, 4.0, 2.0, 2.0, 5.0, 1.0, 3.0])


def lower_bound(p, draws):
    """The evidence lower bound: the mean log joint density, and the entropy of the gamma distribution as minus its mean log density."""
    shape, scale = np.exp(p[0]), np.exp(p[1])
    total = 0.0
    for _ in range(draws):
        rate = np.random.gamma(shape, scale)
        joint = np.sum(COUNTS) * np.log(rate) - len(COUNTS) * rate - np.log1p((rate - 2.0) ** 2)
        total += joint - np.log(rate) * (shape - 1.0) + rate / scale
    return total / draws + p[1] * shape + log_gamma(shape)


def log_gamma(x):
    """Stirling's series, from x + 8 downwards."""
    below = 0.0
    for k in range(8):
        below += np.log(x + k)
    z = x + 8.0
    return (z - 0.5) * np.log(z) - z + 0.5 * np.log(2.0 * np.pi) + 1.0 / (12.0 * z) - 1.0 / (360.0 * z**3) - below


@numba.njit
def seed(n):
    """Compiled code draws from a stream of its own, which compiled code seeds."""
    np.random.seed(n)


def exact_mean():
    """The posterior mean by quadrature."""
    rate = np.linspace(0.01, 12.0, 20001)
    log_density = np.sum(COUNTS) * np.log(rate) - len(COUNTS) * rate - np.log1p((rate - 2.0) ** 2)
    density = np.exp(log_density - np.max(log_density))
    return np.sum(rate * density) / np.sum(density)


def main():
    """Fit, and print the mean of the fit beside the exact one; return both."""
    seed(1)
    slope = ad.grad(lower_bound)
    p = np.array([2.0, -1.0])
    for step in range(300):
        p += 0.1 / (1.0 + 0.05 * step) * np.clip(slope(p, 50), -5.0, 5.0)
    shape, scale = np.exp(p)
    print(f"fitted: shape {shape:.2f}, scale {scale:.3f}, mean {shape * scale:.3f}; exact mean {exact_mean():.3f}")
    return shape * scale, exact_mean()


if __name__ == "__main__":
    main()
