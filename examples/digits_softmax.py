"""A softmax classifier of handwritten digits, trained by plain gradient descent in one compiled loop."""

import numpy as np
from digits import accuracy, load
from numba import njit

import adcompile as ad


def loss(w, b, images, labels):
    """Mean cross-entropy of softmax(images @ w + b)."""
    logits = images @ w + b
    total = 0.0
    for i in range(len(labels)):
        row = logits[i]
        top = np.max(row)
        total += top + np.log(np.sum(np.exp(row - top))) - row[labels[i]]
    return total / len(labels)


dloss = ad.value_and_grad(loss, argnums=(0, 1))


@njit
def train(w, b, images, labels, alpha, steps):
    """Gradient descent, w = w - alpha * dL/dw: the weights, and the loss before each step."""
    losses = np.empty(steps)
    for step in range(steps):
        value, (w_bar, b_bar) = dloss(w, b, images, labels)
        losses[step] = value
        w = w - alpha * w_bar
        b = b - alpha * b_bar
    return w, b, losses


def main(steps=400):
    """Train, print the accuracy on images that were not trained on, and return it with the losses."""
    images, labels, test_images, test_labels = load()
    w, b, losses = train(np.zeros((64, 10)), np.zeros(10), images, labels, 0.5, steps)
    correct = accuracy(test_images @ w + b, test_labels)
    print(f"softmax classifier: loss {losses[0]:.3f} -> {losses[-1]:.3f} in {steps} steps, test accuracy {correct:.1%}")
    return correct, losses


if __name__ == "__main__":
    main()
