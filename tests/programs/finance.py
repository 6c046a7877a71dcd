"""Prices of options and what goes with them."""

import math
from math import erf, exp, log, sqrt

import numpy as np

from programs.case import case, given


def norm_cdf(x):
    return 0.5 * (1.0 + erf(x / sqrt(2.0)))


@case("core", "compiled", S=100.0, K=95.0, r=0.03, sigma=0.25, T=0.75)
def black_scholes(S, K, r, sigma, T):
    d1 = (log(S / K) + (r + sigma**2 / 2) * T) / (sigma * sqrt(T))
    d2 = d1 - sigma * sqrt(T)
    return S * norm_cdf(d1) - K * exp(-r * T) * norm_cdf(d2)


@case(S=100.0, K=105.0, r=0.05, sigma=0.3, n=given(8))
def american_put_binomial(S, K, r, sigma, n):
    dt = 1.0 / n
    u = exp(sigma * sqrt(dt))
    d = 1 / u
    p = (exp(r * dt) - d) / (u - d)
    disc = exp(-r * dt)
    values = np.zeros(n + 1)
    for j in range(n + 1):
        values[j] = max(K - S * u**j * d ** (n - j), 0.0)
    for i in range(n - 1, -1, -1):
        for j in range(i + 1):
            hold = disc * (p * values[j + 1] + (1 - p) * values[j])
            values[j] = max(hold, K - S * u**j * d ** (i - j))
    return values[0]


@case(S0=1.0, mu=0.05, sigma=0.2, strike=given(1.02), Z=given((30, 6)))
def monte_carlo_asian(S0, mu, sigma, strike, Z):
    paths, steps = Z.shape
    dt = 1.0 / steps
    total = 0.0
    for i in range(paths):
        s = S0
        avg = 0.0
        for t in range(steps):
            s *= np.exp((mu - 0.5 * sigma**2) * dt + sigma * np.sqrt(dt) * Z[i, t])
            avg += s
        avg /= steps
        total += max(avg - strike, 0.0)
    return np.exp(-mu) * total / paths


@case(S0=1.0, v0=0.04, kappa=1.5, theta=0.05, xi=0.3, rho=-0.6, Z=given((2, 10, 8)))
def heston_paths(S0, v0, kappa, theta, xi, rho, Z):
    dt = 1 / Z.shape[2]
    logs = np.full(Z.shape[1], np.log(S0))
    v = np.full(Z.shape[1], v0)
    for t in range(Z.shape[2]):
        z1 = Z[0, :, t]
        z2 = rho * z1 + np.sqrt(1 - rho**2) * Z[1, :, t]
        vp = np.maximum(v, 1e-4)
        logs += -0.5 * vp * dt + np.sqrt(vp * dt) * z1
        v += kappa * (theta - vp) * dt + xi * np.sqrt(vp * dt) * z2
    return np.mean(np.maximum(np.exp(logs) - 1.0, 0.0))


@case(price=given(10.0), S=100.0, K=100.0, T=0.5)
def implied_volatility(price, S, K, T):
    lo, hi = 0.01, 2.0
    sigma = 0.3
    for _ in range(20):
        d1 = (log(S / K) + 0.5 * sigma * sigma * T) / (sigma * sqrt(T))
        value = S * norm_cdf(d1) - K * norm_cdf(d1 - sigma * sqrt(T))
        vega = S * exp(-0.5 * d1 * d1) / sqrt(2 * math.pi) * sqrt(T)
        step = (value - price) / vega
        sigma = min(max(sigma - step, lo), hi)
        if abs(step) < 1e-12:
            break
    return sigma


@case(rates=(6,), cash=(6,))
def bond_price(rates, cash):
    discount = 1.0
    pv = 0.0
    for r, c in zip(rates, cash):
        discount /= 1 + 0.05 * r
        pv += c * discount
    return pv


@case(w=(4,), returns=(12, 4), risk=given(0.5))
def mean_variance(w, returns, risk):
    w = np.exp(w) / np.sum(np.exp(w))
    mu = returns.mean(axis=0)
    centred = returns - mu
    cov = centred.T @ centred / (len(returns) - 1)
    return w @ mu - risk * (w @ cov @ w)


@case(f=(5,), vol=0.2)
def libor_drift(f, vol):
    f = 0.05 + 0.01 * np.tanh(f)
    n = f.size
    delta = 0.25
    for step in range(3):
        for i in range(n):
            drift = 0.0
            for j in range(i + 1):
                drift += delta * f[j] * vol / (1 + delta * f[j])
            f[i] *= np.exp((drift * vol - 0.5 * vol * vol) * delta)
    return 100 * np.prod(1 / (1 + delta * f))
