"""Densities, distribution functions and quantiles of `scipy.stats`, with SciPy's parameters.

Outside its support a density is 0 with derivative 0. Of distribution functions and quantiles the shape parameters are
not differentiated, except where a closed form has them. Source of the formulas: N. Johnson, S. Kotz, N. Balakrishnan,
Continuous Univariate Distributions, 2nd ed. (1994), and SciPy's manual for the parameters.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from adcompile.frontend.library.composites.special import betaln, expit, ndtr, softplus, xlog1py, xlogy
from adcompile.frontend.library.markers import (
    betainc,
    betaincinv,
    gammainc,
    gammaincc,
    gammaincinv,
    lgamma,
    log_ndtr,
    ndtri,
    refuse,
    stdtr,
    stdtrit,
)

#: endings of the functions here: the methods of `scipy.stats` that they are
METHODS = ("_logpdf", "_pdf", "_cdf", "_sf", "_logcdf", "_logsf", "_ppf", "_isf", "_logpmf", "_pmf", "_entropy")
LOG_ROOT_2_PI = 0.5 * math.log(2.0 * math.pi)
LOG_PI = math.log(math.pi)


def standard(x: Any, loc: Any, scale: Any) -> Any:
    """The variable with location and scale taken out."""
    return (np.asarray(x) - loc) / scale


def inside(z: Any, low: Any, high: Any, middle: Any) -> Any:
    """The flag of a support with both ends, and the variable with a place in the middle where it is outside."""
    flag = (z >= low) & (z <= high)
    return flag, np.where(flag, z, middle)


# -- normal -----------------------------------------------------------------------------------------------------


def norm_logpdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return -0.5 * np.square(standard(x, loc, scale)) - LOG_ROOT_2_PI - np.log(scale)


def norm_pdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return np.exp(-0.5 * np.square(standard(x, loc, scale)) - LOG_ROOT_2_PI) / scale


def norm_cdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return ndtr(standard(x, loc, scale))


def norm_sf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return ndtr(-standard(x, loc, scale))


def norm_logcdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return log_ndtr(standard(x, loc, scale))


def norm_logsf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return log_ndtr(-standard(x, loc, scale))


def norm_ppf(q: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return loc + scale * ndtri(q)


def norm_isf(q: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return loc - scale * ndtri(q)


# -- gamma and chi-square ---------------------------------------------------------------------------------------


def gamma_logpdf(x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    flag, z = inside(standard(x, loc, scale), 0.0, np.inf, 1.0)
    return np.where(flag, xlogy(np.subtract(a, 1.0), z) - z - lgamma(a) - np.log(scale), -np.inf)


def gamma_pdf(x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return np.exp(gamma_logpdf(x, a, loc, scale))


def gamma_cdf(x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    flag, z = inside(standard(x, loc, scale), 0.0, np.inf, 1.0)
    return np.where(flag, gammainc(a, z), 0.0)


def gamma_sf(x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    flag, z = inside(standard(x, loc, scale), 0.0, np.inf, 1.0)
    return np.where(flag, gammaincc(a, z), 1.0)


def gamma_ppf(q: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return loc + scale * gammaincinv(a, q)


def chi2_logpdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return gamma_logpdf(x, np.multiply(df, 0.5), loc, np.multiply(scale, 2.0))


def chi2_pdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return gamma_pdf(x, np.multiply(df, 0.5), loc, np.multiply(scale, 2.0))


def chi2_cdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return gamma_cdf(x, np.multiply(df, 0.5), loc, np.multiply(scale, 2.0))


def chi2_sf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return gamma_sf(x, np.multiply(df, 0.5), loc, np.multiply(scale, 2.0))


# -- beta and t -------------------------------------------------------------------------------------------------


def beta_logpdf(x: Any, a: Any, b: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    flag, z = inside(standard(x, loc, scale), 0.0, 1.0, 0.5)
    value = xlogy(np.subtract(a, 1.0), z) + xlog1py(np.subtract(b, 1.0), -z) - betaln(a, b) - np.log(scale)
    return np.where(flag, value, -np.inf)


def beta_pdf(x: Any, a: Any, b: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return np.exp(beta_logpdf(x, a, b, loc, scale))


def beta_cdf(x: Any, a: Any, b: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    z = standard(x, loc, scale)
    flag, within = inside(z, 0.0, 1.0, 0.5)
    return np.where(flag, betainc(a, b, within), np.where(z < 0.0, 0.0, 1.0))


def beta_ppf(q: Any, a: Any, b: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return loc + scale * betaincinv(a, b, q)


def t_logpdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    half = np.multiply(df, 0.5)
    front = lgamma(half + 0.5) - lgamma(half) - 0.5 * (np.log(df) + LOG_PI)
    return front - (half + 0.5) * np.log1p(np.square(standard(x, loc, scale)) / df) - np.log(scale)


def t_pdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return np.exp(t_logpdf(x, df, loc, scale))


def t_cdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return stdtr(df, standard(x, loc, scale))


def t_sf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return stdtr(df, -standard(x, loc, scale))


def t_logcdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return np.log(stdtr(df, standard(x, loc, scale)))


def t_ppf(q: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return loc + scale * stdtrit(df, q)


# -- other continuous ones --------------------------------------------------------------------------------------


def expon_logpdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    z = standard(x, loc, scale)
    return np.where(z >= 0.0, -z - np.log(scale), -np.inf)


def expon_pdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return np.exp(expon_logpdf(x, loc, scale))


def expon_cdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    flag, z = inside(standard(x, loc, scale), 0.0, np.inf, 1.0)
    return np.where(flag, -np.expm1(-z), 0.0)


def expon_sf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    flag, z = inside(standard(x, loc, scale), 0.0, np.inf, 1.0)
    return np.where(flag, np.exp(-z), 1.0)


def uniform_logpdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    z = standard(x, loc, scale)
    return np.where((z >= 0.0) & (z <= 1.0), -np.log(scale), -np.inf)


def laplace_logpdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return -np.abs(standard(x, loc, scale)) - math.log(2.0) - np.log(scale)


def laplace_pdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return np.exp(laplace_logpdf(x, loc, scale))


def laplace_cdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    z = standard(x, loc, scale)
    tail = 0.5 * np.exp(-np.where(z < 0.0, -z, z))
    return np.where(z < 0.0, tail, 1.0 - tail)


def logistic_logpdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    z = standard(x, loc, scale)
    return -z - 2.0 * softplus(-z) - np.log(scale)


def logistic_pdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return np.exp(logistic_logpdf(x, loc, scale))


def logistic_cdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return expit(standard(x, loc, scale))


def cauchy_logpdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return -LOG_PI - np.log1p(np.square(standard(x, loc, scale))) - np.log(scale)


def cauchy_pdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return np.exp(cauchy_logpdf(x, loc, scale))


def cauchy_cdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return 0.5 + np.arctan(standard(x, loc, scale)) / math.pi


def lognorm_logpdf(x: Any, s: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    z = standard(x, loc, scale)
    flag = z > 0.0
    log = np.log(np.where(flag, z, 1.0))
    return np.where(flag, -0.5 * np.square(log / s) - log - LOG_ROOT_2_PI - np.log(s) - np.log(scale), -np.inf)


def lognorm_pdf(x: Any, s: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return np.exp(lognorm_logpdf(x, s, loc, scale))


def lognorm_cdf(x: Any, s: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    z = standard(x, loc, scale)
    flag = z > 0.0
    return np.where(flag, ndtr(np.log(np.where(flag, z, 1.0)) / s), 0.0)


# -- counts -----------------------------------------------------------------------------------------------------


def counted(k: Any, loc: Any, low: Any, high: Any) -> Any:
    """The flag of a whole number from an interval, and the number, with the lowest one where it is not."""
    n = np.asarray(k) * 1.0 - loc
    flag = (n >= low) & (n <= high) & (n == np.floor(n))
    return flag, np.where(flag, n, low)


def poisson_logpmf(k: Any, mu: Any, loc: Any = 0.0) -> Any:
    flag, n = counted(k, loc, 0.0, np.inf)
    return np.where(flag, xlogy(n, mu) - lgamma(n + 1.0) - mu, -np.inf)


def poisson_pmf(k: Any, mu: Any, loc: Any = 0.0) -> Any:
    return np.exp(poisson_logpmf(k, mu, loc))


def poisson_cdf(k: Any, mu: Any, loc: Any = 0.0) -> Any:
    n = np.floor(np.asarray(k) * 1.0 - loc)
    return np.where(n >= 0.0, gammaincc(np.maximum(n, 0.0) + 1.0, mu), 0.0)


def binom_logpmf(k: Any, n: Any, p: Any, loc: Any = 0.0) -> Any:
    flag, m = counted(k, loc, 0.0, np.multiply(n, 1.0))
    rest = n - m
    ways = lgamma(np.add(n, 1.0)) - lgamma(m + 1.0) - lgamma(rest + 1.0)
    return np.where(flag, ways + xlogy(m, p) + xlog1py(rest, np.negative(p)), -np.inf)


def binom_pmf(k: Any, n: Any, p: Any, loc: Any = 0.0) -> Any:
    return np.exp(binom_logpmf(k, n, p, loc))


def bernoulli_logpmf(k: Any, p: Any, loc: Any = 0.0) -> Any:
    return binom_logpmf(k, 1.0, p, loc)


def bernoulli_pmf(k: Any, p: Any, loc: Any = 0.0) -> Any:
    return np.exp(binom_logpmf(k, 1.0, p, loc))


def geom_logpmf(k: Any, p: Any, loc: Any = 0.0) -> Any:
    flag, n = counted(k, loc, 1.0, np.inf)
    return np.where(flag, xlog1py(n - 1.0, np.negative(p)) + np.log(p), -np.inf)


def geom_pmf(k: Any, p: Any, loc: Any = 0.0) -> Any:
    return np.exp(geom_logpmf(k, p, loc))


# -- several variables ------------------------------------------------------------------------------------------


def dirichlet_logpdf(x: Any, alpha: Any) -> Any:
    a, y = np.asarray(alpha), np.asarray(x)
    if y.ndim != 1:
        refuse("`scipy.stats.dirichlet` takes one point", "loop over the points")
    assert len(a) == len(y), "scipy.stats.dirichlet takes as many coordinates as parameters"
    return lgamma(np.sum(a)) - np.sum(lgamma(a)) + np.sum(xlogy(a - 1.0, y))


def dirichlet_pdf(x: Any, alpha: Any) -> Any:
    return np.exp(dirichlet_logpdf(x, alpha))


def factor_of(cov: Any, n: Any) -> Any:
    """The triangular factor of a covariance, which is also given as a variance or as variances."""
    c = np.asarray(cov)
    if c.ndim == 0:
        return np.sqrt(c) * np.eye(n)
    return np.diag(np.sqrt(c)) if c.ndim == 1 else np.linalg.cholesky(c)


def multivariate_normal_logpdf(x: Any, mean: Any = None, cov: Any = 1.0) -> Any:
    points = np.asarray(x) * 1.0
    if points.ndim == 0:
        refuse("`scipy.stats.multivariate_normal` takes a vector", "use scipy.stats.norm")
    n = points.shape[-1]
    away = points if mean is None else points - np.asarray(mean)
    factor = factor_of(cov, n)
    z = np.linalg.solve(factor, away.T if away.ndim == 2 else away)
    return -0.5 * np.sum(np.square(z), axis=0) - n * LOG_ROOT_2_PI - np.sum(np.log(np.diag(factor)))


def multivariate_normal_pdf(x: Any, mean: Any = None, cov: Any = 1.0) -> Any:
    return np.exp(multivariate_normal_logpdf(x, mean, cov))


def multivariate_normal_entropy(mean: Any = None, cov: Any = 1.0) -> Any:
    n = 1 if mean is None and np.ndim(cov) == 0 else np.shape(cov)[0] if np.ndim(cov) > 0 else np.shape(mean)[0]
    factor = factor_of(cov, n)
    return n * (0.5 + LOG_ROOT_2_PI) + np.sum(np.log(np.diag(factor)))
