"""Logistic regression by Newton's method: the gradient and the Hessian of a loss that is written once."""

import numpy as np

import adcompile as ad


def loss(w, features, answers):
    """Mean cross-entropy, and a small penalty so that the minimum is unique."""
    z = features @ w
    return np.mean(np.logaddexp(0.0, z) - answers * z) + 0.01 * np.sum(w**2)


def sample(n=200):
    """Points in the plane with a constant feature, and answers that a noisy line decides."""
    rng = np.random.default_rng(1)
    points = rng.normal(size=(n, 2))
    features = np.column_stack((np.ones(n), points))
    answers = (points[:, 0] - 2.0 * points[:, 1] + 0.5 + 0.5 * rng.normal(size=n) > 0).astype(float)
    return features, answers


def main():
    """Take Newton's steps until the gradient vanishes; return the weights and the gradient there."""
    features, answers = sample()
    gradient, hessian = ad.grad(loss), ad.hessian(loss)
    w = np.zeros(3)
    for step in range(8):
        g = gradient(w, features, answers)
        print(f"step {step}: loss {loss(w, features, answers):.6f}, gradient {np.linalg.norm(g):.1e}")
        w = w - np.linalg.solve(hessian(w, features, answers), g)
    return w, gradient(w, features, answers)


if __name__ == "__main__":
    main()
