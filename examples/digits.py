"""The handwritten digits that scikit-learn ships: 1,797 images of 8 x 8 pixels, split once into training and test."""

import numpy as np

TRAINING = 1437  # four fifths


def load():
    """Training images and labels, then test images and labels.

    Returns
    -------
    images : float array, shape (n, 64)
        Brightness of each pixel, from 0 to 1.
    labels : int array, shape (n,)
        The digit that each image shows.
    """
    from sklearn.datasets import load_digits

    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.target))
    images, labels = digits.data[order] / 16.0, digits.target[order]
    return images[:TRAINING], labels[:TRAINING], images[TRAINING:], labels[TRAINING:]


def accuracy(logits, labels):
    """The fraction of rows whose largest number stands at the label."""
    return float(np.mean(np.argmax(logits, axis=1) == labels))
