"""Likelihoods, regressions, order statistics."""

import math

import numpy as np

from programs.case import case, given, positive


@case("core", w=(3,), X=given((8, 3)), y=given(np.array([0, 1, 1, 0, 1, 0, 0, 1])))
def logistic_regression(w, X, y):
    z = X @ w
    return np.mean(np.log(1 + np.exp(-(2 * y - 1) * z))) + 0.05 * np.sum(w**2)


@case(logits=(3,), means=(3, 2), log_scales=(3,), x=given((6, 2)))
def gaussian_mixture(logits, means, log_scales, x):
    n, d = x.shape
    k = len(logits)
    log_mix = logits - np.log(np.sum(np.exp(logits)))
    total = 0.0
    for i in range(n):
        terms = np.empty(k)
        for j in range(k):
            q = 0.0
            for m in range(d):
                q += ((x[i, m] - means[j, m]) / math.exp(log_scales[j])) ** 2
            terms[j] = log_mix[j] - 0.5 * q - d * log_scales[j]
        top = np.max(terms)
        total += top + np.log(np.sum(np.exp(terms - top)))
    return total


@case(points=given((8, 2)), centres=(3, 2))
def kmeans_cost(points, centres):
    cost = 0.0
    for p in points:
        best = np.inf
        for c in centres:
            d = np.sum((p - c) ** 2)
            if d < best:
                best = d
        cost += best
    return cost


@case(x=(7,))
def median_and_trimmed_mean(x):
    s = np.sort(x)
    median = s[len(s) // 2]
    return median**2 + s[1:-1].mean() * np.median(x)


@case(x=(6,), w=(6,))
def order_statistics(x, w):
    order = np.argsort(x)
    best = np.argmax(w)
    ranked = x[order]
    return np.sum(ranked * w) + x[best] ** 2 + np.max(x) - np.min(x) * x[np.argmin(w)]


@case("core", x=(6,))
def insertion_sort(x):
    a = x.copy()
    for i in range(1, len(a)):
        key = a[i]
        j = i - 1
        while j >= 0 and a[j] > key:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = key
    return a[0] * a[1] + a[-1] ** 2 + a @ np.arange(6.0)


@case(beta=(3,), X=given((7, 3)), counts=given(np.array([0, 2, 1, 4, 0, 1, 3])))
def poisson_regression(beta, X, counts):
    ll = 0.0
    for i in range(len(counts)):
        eta = 0.0
        for j in range(3):
            eta += X[i, j] * beta[j]
        ll += counts[i] * eta - math.exp(eta) - math.lgamma(counts[i] + 1.0)
    return ll


@case(length=0.8, amplitude=1.2, noise=0.4, x=given((6,)), y=given((6,)))
def gaussian_process_evidence(length, amplitude, noise, x, y):
    d2 = (x[:, None] - x[None, :]) ** 2
    K = amplitude**2 * np.exp(-0.5 * d2 / length**2) + noise**2 * np.eye(x.size)
    L = np.linalg.cholesky(K)
    alpha = np.linalg.solve(K, y)
    return -0.5 * y @ alpha - np.sum(np.log(np.diag(L)))


@case(x=(9,), y=(9,))
def correlation_and_regression(x, y):
    xm, ym = x - x.mean(), y - y.mean()
    r = np.sum(xm * ym) / np.sqrt(np.sum(xm**2) * np.sum(ym**2))
    slope = (xm @ ym) / (xm @ xm)
    return r + slope**2 + np.var(x) / np.std(y)


@case(residuals=(8,), delta=given(0.7))
def huber(residuals, delta):
    total = 0.0
    for r in residuals:
        if abs(r) <= delta:
            total += 0.5 * r * r
        else:
            total += delta * (abs(r) - 0.5 * delta)
    return total


@case(mu=0.3, log_sd=-0.2, eps=given((10,)))
def elbo_reparameterised(mu, log_sd, eps):
    z = mu + np.exp(log_sd) * eps
    log_joint = -0.5 * z**2 - np.log(1 + np.exp(-3 * z))
    return np.mean(log_joint) + log_sd


@case(U=(4, 2), V=(3, 2), entries=given(np.array([[0, 1], [2, 2], [3, 0], [1, 1]])), ratings=given((4,)))
def matrix_factorisation(U, V, entries, ratings):
    loss = 0.0
    for n in range(len(ratings)):
        i = entries[n, 0]
        j = entries[n, 1]
        e = ratings[n] - U[i] @ V[j]
        loss += e * e
    return loss + 0.1 * (np.sum(U * U) + np.sum(V * V))


@case(x=(10,))
def streaming_moments(x):
    """Welford's algorithm."""
    mean = 0.0
    m2 = 0.0
    for n, value in enumerate(x):
        delta = value - mean
        mean += delta / (n + 1)
        m2 += delta * (value - mean)
    return m2 / (len(x) - 1) + mean


@case(theta=(2,), data=given(positive(8)))
def gamma_likelihood(theta, data):
    shape, rate = np.exp(theta)
    n = data.size
    return n * (shape * np.log(rate) - math.lgamma(shape)) + (shape - 1) * np.log(data).sum() - rate * data.sum()


@case(d=positive(4, 4), y=given((4, 2)))
def ba_stress(d, y):
    s = 0.0
    for i in range(4):
        for j in range(i + 1, 4):
            s += (d[i, j] - np.linalg.norm(y[i] - y[j])) ** 2 / d[i, j]
    return s
