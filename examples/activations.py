"""Derivatives of activation functions, on a vector and on a batch of vectors with one function."""

import numpy as np

import adcompile as ad


def relu(x):
    return np.maximum(x, 0.0)


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def softplus(x):
    return np.logaddexp(0.0, x)


def swish(x):
    return x * sigmoid(x)


def gelu(x):
    return 0.5 * x * (1.0 + np.tanh(np.sqrt(2.0 / np.pi) * (x + 0.044715 * x**3)))


ACTIVATIONS = (relu, np.tanh, sigmoid, softplus, swish, gelu)


def slopes(activation):
    """The derivative of an activation, at each number of an array of any rank."""
    return ad.grad(lambda x: np.sum(activation(x)))


def main():
    """Print each derivative at five points; return them, for the points and for a batch of two rows of them."""
    points = np.array([-2.0, -0.5, 0.0, 0.5, 2.0])
    batch = np.stack((points, points + 0.25))
    found = {}
    for activation in ACTIVATIONS:
        derivative = slopes(activation)
        found[activation.__name__] = derivative(points), derivative(batch)
        print(f"{activation.__name__:8}", np.array2string(derivative(points), precision=4, suppress_small=True))
    return found


if __name__ == "__main__":
    main()
