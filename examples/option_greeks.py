"""First and second derivatives of the price of an option: delta, vega, rho and gamma."""

from math import erf, exp, log, pi, sqrt

import adcompile as ad


def normal_cdf(x):
    return 0.5 * (1.0 + erf(x / sqrt(2.0)))


def price(spot, volatility, rate, strike, years):
    """A European call (Black and Scholes 1973)."""
    d1 = (log(spot / strike) + (rate + 0.5 * volatility**2) * years) / (volatility * sqrt(years))
    d2 = d1 - volatility * sqrt(years)
    return spot * normal_cdf(d1) - strike * exp(-rate * years) * normal_cdf(d2)


def main():
    """Print the greeks; return delta and gamma with what the closed formulas give."""
    market = (100.0, 0.2, 0.03, 105.0, 0.75)
    delta, vega, rho = ad.grad(price, argnums=(0, 1, 2))(*market)
    gamma = ad.grad(ad.grad(price))(*market)
    print(f"delta {delta:.6f}, vega {vega:.4f}, rho {rho:.4f}, gamma {gamma:.6f}")
    spot, volatility, rate, strike, years = market
    d1 = (log(spot / strike) + (rate + 0.5 * volatility**2) * years) / (volatility * sqrt(years))
    density = exp(-0.5 * d1 * d1) / sqrt(2.0 * pi)
    return (delta, gamma), (normal_cdf(d1), density / (spot * volatility * sqrt(years)))


if __name__ == "__main__":
    main()
