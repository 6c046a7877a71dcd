"""A recurrent network that learns to continue a sine: backpropagation through a plain loop over time."""

import numpy as np

import adcompile as ad


def loss(weights, series):
    """Mean squared error of predicting each number of a series from those before it."""
    W, U, b, out = weights
    h = np.zeros(b.shape[0])
    total = 0.0
    for t in range(len(series) - 1):
        h = np.tanh(W @ h + U * series[t] + b)
        total += (out @ h - series[t + 1]) ** 2
    return total / (len(series) - 1)


def main(steps=400, hidden=8):
    """Train by gradient descent; return the loss before and after."""
    rng = np.random.default_rng(0)
    series = np.sin(0.4 * np.arange(40))
    W = 0.3 * rng.normal(size=(hidden, hidden))
    weights = (W, rng.normal(size=hidden), np.zeros(hidden), 0.3 * rng.normal(size=hidden))
    dloss = ad.value_and_grad(loss)
    first, _ = dloss(weights, series)
    for _ in range(steps):
        value, slope = dloss(weights, series)
        weights = tuple(w - 0.1 * w_bar for w, w_bar in zip(weights, slope, strict=True))
    print(f"recurrent network: loss {first:.4f} -> {value:.6f} in {steps} steps")
    return first, value


if __name__ == "__main__":
    main()
