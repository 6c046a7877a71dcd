"""A filter learnt through a convolution that is written as four loops."""

import numpy as np

import adcompile as ad


def convolve(image, kernel):
    """The image filtered by the kernel, where the kernel fits into the image."""
    rows, columns = kernel.shape
    out = np.zeros((image.shape[0] - rows + 1, image.shape[1] - columns + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            for k in range(rows):
                for m in range(columns):
                    out[i, j] += image[i + k, j + m] * kernel[k, m]
    return out


def loss(kernel, image, target):
    """Mean squared difference from what the filter should give."""
    return np.mean((convolve(image, kernel) - target) ** 2)


def main(steps=300):
    """Learn an edge detector from one image and its edges; return the kernel that was hidden and the one found."""
    hidden = np.array([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])  # Sobel
    image = np.random.default_rng(0).normal(size=(16, 16))
    target = convolve(image, hidden)
    dloss = ad.grad(loss)
    kernel = np.zeros((3, 3))
    for _ in range(steps):
        kernel = kernel - 0.2 * dloss(kernel, image, target)
    print(f"convolution: the kernel is found to {np.max(np.abs(kernel - hidden)):.1e}\n{np.round(kernel, 6)}")
    return hidden, kernel


if __name__ == "__main__":
    main()
