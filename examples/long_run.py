"""The heaters of a rod, found from where it ends after 10,000 steps: reverse mode in 1 MB, where a tape takes 8."""

import tracemalloc

import numpy as np

import adcompile as ad

STEPS, BUDGET = 10_000, 1_000_000


def heated(power, steps):
    """The temperature of a rod that is heated along its length, conducts, and radiates."""
    u = np.zeros_like(power)
    for _ in range(steps):
        old = u.copy()
        for i in range(len(u)):
            left = old[i - 1] if i > 0 else old[i]
            right = old[i + 1] if i < len(u) - 1 else old[i]
            u[i] = old[i] + 0.2 * (left - 2.0 * old[i] + right) + 1e-3 * (power[i] - old[i] ** 4)
    return u


def misfit(power, wanted, steps):
    return np.sum((heated(power, steps) - wanted) ** 2)


def peak(call):
    """What a call gives, and the most memory it took; bytes."""
    tracemalloc.start()
    result = call()
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return result, memory


def main(points=100, steps=STEPS):
    """Fit the heaters by descent; return the misfit before and after, and the memory of a gradient within the budget and without."""
    x = np.linspace(0.0, 1.0, points)
    wanted = heated(1.0 + np.sin(2.0 * np.pi * x) ** 2, steps)
    power = np.ones(points)
    slope, taped = ad.value_and_grad(misfit, budget=BUDGET), ad.value_and_grad(misfit)
    before, _ = slope(power, wanted, steps)
    for _ in range(30):
        after, g = slope(power, wanted, steps)
        power -= 3.0 * g
    (_, within), bounded = peak(lambda: slope(power, wanted, steps))
    taped(power, wanted, 1)
    (_, without), unbounded = peak(lambda: taped(power, wanted, steps))
    print(
        f"rod: misfit {before:.3e} -> {after:.3e}; memory {bounded / 1e6:.1f} MB, with tapes {unbounded / 1e6:.1f} MB"
    )
    assert np.allclose(within, without, rtol=1e-8, atol=1e-12)
    return before, after, bounded, unbounded


if __name__ == "__main__":
    main()
