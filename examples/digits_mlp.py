"""A network of two layers for handwritten digits, trained by plain gradient descent in one compiled loop."""

from typing import NamedTuple

import numpy as np
from digits import accuracy, load
from numba import njit

import adcompile as ad


class Network(NamedTuple):
    """The weights and offsets of both layers."""

    w1: np.ndarray
    b1: np.ndarray
    w2: np.ndarray
    b2: np.ndarray


def predict(net, images):
    """Logits of each digit, shape (images, 10)."""
    hidden = np.tanh(images @ net.w1 + net.b1)
    return hidden @ net.w2 + net.b2


def loss(net, images, labels):
    """Mean cross-entropy."""
    logits = predict(net, images)
    total = 0.0
    for i in range(len(labels)):
        top = np.max(logits[i])
        total += top + np.log(np.sum(np.exp(logits[i] - top))) - logits[i, labels[i]]
    return total / len(labels)


dloss = ad.value_and_grad(loss)


@njit
def train(net, images, labels, alpha, steps):
    """Gradient descent on all four arrays: the network, and the loss before each step."""
    losses = np.empty(steps)
    for step in range(steps):
        value, net_bar = dloss(net, images, labels)
        losses[step] = value
        net = Network(
            net.w1 - alpha * net_bar.w1,
            net.b1 - alpha * net_bar.b1,
            net.w2 - alpha * net_bar.w2,
            net.b2 - alpha * net_bar.b2,
        )
    return net, losses


def start(hidden):
    """Small random weights."""
    rng = np.random.default_rng(0)
    w1 = rng.normal(size=(64, hidden)) / 8.0
    w2 = rng.normal(size=(hidden, 10)) / np.sqrt(hidden)
    return Network(w1, np.zeros(hidden), w2, np.zeros(10))


def main(steps=400, hidden=32):
    """Train, print the accuracy on images that were not trained on, and return it with the losses."""
    images, labels, test_images, test_labels = load()
    net, losses = train(start(hidden), images, labels, 0.5, steps)
    correct = accuracy(predict(net, test_images), test_labels)
    print(f"two-layer network:  loss {losses[0]:.3f} -> {losses[-1]:.3f} in {steps} steps, test accuracy {correct:.1%}")
    return correct, losses


if __name__ == "__main__":
    main()
