"""Random draws: a standard draw, which depends on nothing, and a formula of the parameters that is differentiated.

Each takes first the random generator that is drawn from; None is NumPy's own stream. What is drawn, and in which order, is what NumPy and Numba
draw for the same call. One number has the derivative of its quantile: what it would have become, for other
parameters, at the same probability. Where that is a formula (a location, a scale, the inverse of a distribution function), it is written
here; else `gamma_path` and its kin stand for it, whose derivatives are in `rules/distributions.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from adcompile.frontend.library.markers import (
    beta_path,
    draw,
    gamma_path,
    mises_path,
    noncentral_path,
    refuse,
    seed_stream,
    stop_gradient,
    wald_path,
)

# -- how many, and with which parameters ---------------------------------------------------------------------------


def how_many(size: Any, a: Any, b: Any) -> Any:
    """The shape of what is drawn: None for one number."""
    if size is None and (np.ndim(a) > 0 or np.ndim(b) > 0):
        return np.shape(np.add(a, b))
    return size


def one(rng: Any, family: Any, a: Any, size: Any) -> Any:
    """Draws of a family with one parameter; of several, one after the other."""
    a = stop_gradient(a)
    if np.ndim(a) == 0:
        return draw(rng, family, size, a)
    shape = np.shape(a) if size is None else size
    each = np.ravel(np.broadcast_to(a, shape))
    found = np.empty(each.size)
    for k in range(each.size):
        found[k] = draw(rng, family, None, each[k])
    return found.reshape(shape)


def two(rng: Any, family: Any, a: Any, b: Any, size: Any) -> Any:
    """Draws of a family with two parameters; of several, one after the other."""
    a, b = stop_gradient(a), stop_gradient(b)
    if np.ndim(a) == 0 and np.ndim(b) == 0:
        return draw(rng, family, size, a, b)
    shape = how_many(size, a, b)
    first, second = np.ravel(np.broadcast_to(a, shape)), np.ravel(np.broadcast_to(b, shape))
    found = np.empty(first.size)
    for k in range(first.size):
        found[k] = draw(rng, family, None, first[k], second[k])
    return found.reshape(shape)


# -- a location and a scale, or the inverse of a distribution function -----------------------------------------------


def random(rng: Any, size: Any = None) -> Any:
    return draw(rng, "random", size)


def standard_normal(rng: Any, size: Any = None) -> Any:
    return draw(rng, "standard_normal", size)


def standard_exponential(rng: Any, size: Any = None) -> Any:
    return draw(rng, "standard_exponential", size)


def standard_cauchy(rng: Any, size: Any = None) -> Any:
    return draw(rng, "standard_cauchy", size)


def rand(rng: Any, *dims: Any) -> Any:
    return draw(rng, "random", dims if len(dims) > 0 else None)


def randn(rng: Any, *dims: Any) -> Any:
    return draw(rng, "standard_normal", dims if len(dims) > 0 else None)


def normal(rng: Any, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
    return loc + scale * draw(rng, "standard_normal", how_many(size, loc, scale))


def uniform(rng: Any, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
    return low + np.subtract(high, low) * draw(rng, "random", how_many(size, low, high))


def exponential(rng: Any, scale: Any = 1.0, size: Any = None) -> Any:
    return scale * draw(rng, "standard_exponential", how_many(size, scale, 0.0))


def laplace(rng: Any, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
    return loc + scale * draw(rng, "laplace", how_many(size, loc, scale), 0.0, 1.0)


def logistic(rng: Any, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
    return loc + scale * draw(rng, "logistic", how_many(size, loc, scale), 0.0, 1.0)


def gumbel(rng: Any, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
    return loc + scale * draw(rng, "gumbel", how_many(size, loc, scale), 0.0, 1.0)


def rayleigh(rng: Any, scale: Any = 1.0, size: Any = None) -> Any:
    return scale * draw(rng, "rayleigh", how_many(size, scale, 0.0), 1.0)


def lognormal(rng: Any, mean: Any = 0.0, sigma: Any = 1.0, size: Any = None) -> Any:
    return np.exp(normal(rng, mean, sigma, size))


def weibull(rng: Any, a: Any, size: Any = None) -> Any:
    return np.power(draw(rng, "standard_exponential", how_many(size, a, 0.0)), np.divide(1.0, a))


def pareto(rng: Any, a: Any, size: Any = None) -> Any:
    return np.expm1(draw(rng, "standard_exponential", how_many(size, a, 0.0)) / a)


def power(rng: Any, a: Any, size: Any = None) -> Any:
    below = -np.expm1(np.negative(draw(rng, "standard_exponential", how_many(size, a, 0.0))))
    return np.power(below, np.divide(1.0, a))


def triangular(rng: Any, left: Any, mode: Any, right: Any, size: Any = None) -> Any:
    u = draw(rng, "random", how_many(size, np.add(left, mode), right))
    base = np.subtract(right, left)
    below = u * base <= np.subtract(mode, left)
    rising = np.sqrt(np.where(below, u, 1.0) * base * np.subtract(mode, left))
    falling = np.sqrt(np.where(below, 1.0, 1.0 - u) * base * np.subtract(right, mode))
    return np.where(below, left + rising, right - falling)


# -- quantiles of a fixed probability --------------------------------------------------------------------------------


def standard_gamma(rng: Any, shape: Any, size: Any = None) -> Any:
    return gamma_path(shape, one(rng, "standard_gamma", shape, size))


def gamma(rng: Any, shape: Any, scale: Any = 1.0, size: Any = None) -> Any:
    return scale * standard_gamma(rng, shape, how_many(size, shape, scale))


def chisquare(rng: Any, df: Any, size: Any = None) -> Any:
    return 2.0 * standard_gamma(rng, np.divide(df, 2.0), size)


def beta(rng: Any, a: Any, b: Any, size: Any = None) -> Any:
    return beta_path(a, b, two(rng, "beta", a, b, size))


def odds_path(a: Any, b: Any, odds: Any) -> Any:
    """x / (1 - x), where x is drawn from a beta distribution; from whichever of x and 1 - x is the smaller."""
    small = odds <= 1.0
    x = beta_path(a, b, np.where(small, odds, 0.5) / (1.0 + np.where(small, odds, 0.5)))
    rest = beta_path(b, a, 1.0 / (1.0 + np.where(small, 1.0, odds)))
    return np.where(small, x / (1.0 - x), (1.0 - rest) / rest)


def f(rng: Any, dfnum: Any, dfden: Any, size: Any = None) -> Any:
    ratio = np.divide(dfnum, dfden)
    drawn = two(rng, "f", dfnum, dfden, size)
    return odds_path(np.divide(dfnum, 2.0), np.divide(dfden, 2.0), stop_gradient(ratio) * drawn) / ratio


def standard_t(rng: Any, df: Any, size: Any = None) -> Any:
    # its square over df are the odds of a beta distribution
    drawn = one(rng, "standard_t", df, size)
    odds = drawn * drawn / stop_gradient(df)
    return np.copysign(np.sqrt(df * odds_path(0.5, np.divide(df, 2.0), odds)), drawn)


def noncentral_chisquare(rng: Any, df: Any, nonc: Any, size: Any = None) -> Any:
    return noncentral_path(df, nonc, two(rng, "noncentral_chisquare", df, nonc, size))


def wald(rng: Any, mean: Any, scale: Any, size: Any = None) -> Any:
    return wald_path(mean, scale, two(rng, "wald", mean, scale, size))


def vonmises(rng: Any, mu: Any, kappa: Any, size: Any = None) -> Any:
    # NumPy and Numba differ in where the circle begins: what was drawn stays as it is, and is moved
    here = stop_gradient(mu)
    drawn = two(rng, "vonmises", mu, kappa, size)
    turned = np.subtract(drawn, here)
    angle = turned - 2.0 * math.pi * np.rint(turned / (2.0 * math.pi))
    return drawn + (np.subtract(mu, here) + (mises_path(kappa, angle) - angle))


def dirichlet(rng: Any, alpha: Any, size: Any = None) -> Any:
    shapes = np.asarray(alpha)
    if size is None:
        parts = standard_gamma(rng, shapes)
    elif isinstance(size, tuple):
        parts = standard_gamma(rng, shapes, (*size, shapes.size))
    else:
        parts = standard_gamma(rng, shapes, (size, shapes.size))
    return parts / np.sum(parts, axis=-1, keepdims=True)


# -- integers, which have derivative zero, and what they choose ------------------------------------------------------


def randint(rng: Any, low: Any, high: Any = None, size: Any = None) -> Any:
    if high is None:
        return draw(rng, "randint", size, 0, low)
    return draw(rng, "randint", size, low, high)


def integers(rng: Any, low: Any, high: Any = None, size: Any = None) -> Any:
    if high is None:
        return draw(rng, "integers", size, 0, low)
    return draw(rng, "integers", size, low, high)


def poisson(rng: Any, lam: Any = 1.0, size: Any = None) -> Any:
    return draw(rng, "poisson", size, stop_gradient(lam))


def binomial(rng: Any, n: Any, p: Any, size: Any = None) -> Any:
    return draw(rng, "binomial", size, n, stop_gradient(p))


def geometric(rng: Any, p: Any, size: Any = None) -> Any:
    return draw(rng, "geometric", size, stop_gradient(p))


def permutation(rng: Any, x: Any) -> Any:
    if np.ndim(x) == 0:
        return draw(rng, "permutation", x)
    a = np.asarray(x)
    return a[draw(rng, "permutation", len(a))]


def shuffle(rng: Any, x: Any) -> Any:
    x[:] = x[draw(rng, "permutation", len(x))]


def choice(rng: Any, a: Any, size: Any = None, replace: Any = True, p: Any = None) -> Any:
    if p is not None:
        refuse(
            "`choice` with probabilities is not supported",
            "draw np.random.random(), and np.searchsorted in np.cumsum(p)",
        )
    if np.ndim(a) == 0:
        return draw(rng, "choice", size, a, replace)
    return np.asarray(a)[draw(rng, "choice", size, len(a), replace)]


def seed(rng: Any, seed: Any) -> None:
    seed_stream(seed)


BOTH = (
    "random standard_normal standard_exponential standard_cauchy normal uniform exponential laplace logistic rayleigh lognormal "
    "weibull pareto power triangular standard_gamma gamma chisquare beta f standard_t noncentral_chisquare wald "
    "poisson binomial geometric"
)
OF_MODULE = "rand randn gumbel vonmises dirichlet randint permutation shuffle choice seed"
OF_GENERATOR = "integers"
