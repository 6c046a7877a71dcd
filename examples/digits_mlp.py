"""A network of two layers for handwritten digits, trained by plain gradient descent in one compiled loop."""

import numpy as np
from digits import accuracy, load
from numba import njit

import adcompile as ad


def predict(w1, b1, w2, b2, images):
    """Logits of each digit, shape (images, 10)."""
    hidden = np.tanh(images @ w1 + b1)
    return hidden @ w2 + b2


def loss(w1, b1, w2, b2, images, labels):
    """Mean cross-entropy."""
    logits = predict(w1, b1, w2, b2, images)
    total = 0.0
    for i in range(len(labels)):
        top = np.max(logits[i])
        total += top + np.log(np.sum(np.exp(logits[i] - top))) - logits[i, labels[i]]
    return total / len(labels)


dloss = ad.value_and_grad(loss, argnums=(0, 1, 2, 3))


@njit
def train(w1, b1, w2, b2, images, labels, alpha, steps):
    """Gradient descent on all four arrays: what they become, and the loss before each step."""
    losses = np.empty(steps)
    for step in range(steps):
        value, (w1_bar, b1_bar, w2_bar, b2_bar) = dloss(w1, b1, w2, b2, images, labels)
        losses[step] = value
        w1 = w1 - alpha * w1_bar
        b1 = b1 - alpha * b1_bar
        w2 = w2 - alpha * w2_bar
        b2 = b2 - alpha * b2_bar
    return (w1, b1, w2, b2), losses


def start(hidden):
    """Small random weights."""
    rng = np.random.default_rng(0)
    w1 = rng.normal(size=(64, hidden)) / 8.0
    w2 = rng.normal(size=(hidden, 10)) / np.sqrt(hidden)
    return w1, np.zeros(hidden), w2, np.zeros(10)


def main(steps=400, hidden=32):
    """Train, print the accuracy on images that were not trained on, and return it with the losses."""
    images, labels, test_images, test_labels = load()
    network, losses = train(*start(hidden), images, labels, 0.5, steps)
    correct = accuracy(predict(*network, test_images), test_labels)
    print(f"two-layer network:  loss {losses[0]:.3f} -> {losses[-1]:.3f} in {steps} steps, test accuracy {correct:.1%}")
    return correct, losses


if __name__ == "__main__":
    main()
