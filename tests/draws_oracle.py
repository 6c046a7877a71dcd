"""What random draws are compared with: the quantile of a fixed probability, found from the number that was drawn.

Here a draw is a function of its parameters that differences can follow, whatever NumPy does to make it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.stats

#: the distribution behind each function of NumPy, in SciPy's parameters
DISTRIBUTIONS: dict[str, tuple[Any, Callable[..., tuple[Any, ...]]]] = {
    "normal": (scipy.stats.norm, lambda loc, scale: (loc, scale)),
    "uniform": (scipy.stats.uniform, lambda low, high: (low, high - low)),
    "exponential": (scipy.stats.expon, lambda scale: (0.0, scale)),
    "laplace": (scipy.stats.laplace, lambda loc, scale: (loc, scale)),
    "logistic": (scipy.stats.logistic, lambda loc, scale: (loc, scale)),
    "lognormal": (scipy.stats.lognorm, lambda mean, sigma: (sigma, 0.0, np.exp(mean))),
    "rayleigh": (scipy.stats.rayleigh, lambda scale: (0.0, scale)),
    "weibull": (scipy.stats.weibull_min, lambda a: (a,)),
    "pareto": (scipy.stats.lomax, lambda a: (a,)),
    "power": (scipy.stats.powerlaw, lambda a: (a,)),
    "triangular": (scipy.stats.triang, lambda left, mode, right: ((mode - left) / (right - left), left, right - left)),
    "gamma": (scipy.stats.gamma, lambda shape, scale: (shape, 0.0, scale)),
    "beta": (scipy.stats.beta, lambda a, b: (a, b)),
    "chisquare": (scipy.stats.chi2, lambda df: (df,)),
    "standard_gamma": (scipy.stats.gamma, lambda shape: (shape,)),
    "standard_t": (scipy.stats.t, lambda df: (df,)),
    "f": (scipy.stats.f, lambda dfnum, dfden: (dfnum, dfden)),
    "wald": (scipy.stats.invgauss, lambda mean, scale: (mean / scale, 0.0, scale)),
    "noncentral_chisquare": (scipy.stats.ncx2, lambda df, nonc: (df, nonc)),
    "gumbel": (scipy.stats.gumbel_r, lambda loc, scale: (loc, scale)),
    "vonmises": (scipy.stats.vonmises, lambda mu, kappa: (kappa, mu)),
}


def quantile(family: str, parameters: Sequence[Any], before: Sequence[Any], x: Any) -> Any:
    """What has, for some parameters, the probability that `x` has for those before: Newton's method, from `x`."""
    of, spread = DISTRIBUTIONS[family]
    wanted, y = of.cdf(x, *spread(*before)), x + 0.0 * sum(parameters)
    for _ in range(6):
        y = y - (of.cdf(y, *spread(*parameters)) - wanted) / of.pdf(y, *spread(*parameters))
    return y


class Followed:
    """In place of `np.random` or of a generator: what each call in turn drew at first follows its parameters from then on."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self.first: list[tuple[tuple[Any, ...], Any]] = []
        self.turn = 0

    def __getattr__(self, family: str) -> Callable[..., Any]:
        def drawn(*parameters: Any) -> Any:
            if family == "dirichlet":
                parts = np.array([self.next("standard_gamma", (a,)) for a in parameters[0]])
                return parts / np.sum(parts)
            return self.next(family, parameters)

        return drawn

    def next(self, family: str, parameters: tuple[Any, ...]) -> Any:
        if self.turn == len(self.first):
            self.first.append((parameters, getattr(self.source, family)(*parameters)))
        before, x = self.first[self.turn]
        self.turn += 1
        return quantile(family, parameters, before, x)

    def again(self) -> None:
        """Start from the first call."""
        self.turn = 0


class NumPy:
    """NumPy, with another `random`."""

    def __init__(self, random: Followed) -> None:
        self.random = random

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)
