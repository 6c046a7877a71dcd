"""Dynamic programming and hidden Markov models."""

import math

import numpy as np

from programs.case import case, given, positive, sampled


@case("core", x=(5,), y=(6,), gamma=given(0.7))
def soft_dtw(x, y, gamma):
    n, m = x.size, y.size
    r = np.full((n + 1, m + 1), 1e10)
    r[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            d = (x[i - 1] - y[j - 1]) ** 2
            a, b, c = -r[i - 1, j - 1] / gamma, -r[i - 1, j] / gamma, -r[i, j - 1] / gamma
            top = max(a, b, c)
            total = math.exp(a - top) + math.exp(b - top) + math.exp(c - top)
            r[i, j] = d - gamma * (math.log(total) + top)
    return r[n, m]


@case(values=positive(5), weights=given(np.array([2, 3, 1, 4, 2])), capacity=7)
def knapsack(values, weights, capacity):
    best = np.zeros(capacity + 1)
    for k in range(len(values)):
        for c in range(capacity, weights[k] - 1, -1):
            best[c] = max(best[c], best[c - weights[k]] + values[k])
    return best[capacity]


@case(cost=(5, 6))
def cheapest_path(cost):
    n, m = cost.shape
    acc = np.zeros((n, m))
    acc[0, 0] = cost[0, 0]
    for j in range(1, m):
        acc[0, j] = acc[0, j - 1] + cost[0, j]
    for i in range(1, n):
        acc[i, 0] = acc[i - 1, 0] + cost[i, 0]
        for j in range(1, m):
            acc[i, j] = min(acc[i - 1, j], acc[i, j - 1], acc[i - 1, j - 1]) + cost[i, j]
    return acc[-1, -1]


@case(sub=positive(4, 5), gap=0.6)
def soft_edit_distance(sub, gap):
    n, m = sub.shape
    previous = np.arange(m + 1) * gap
    for i in range(n):
        row = np.empty(m + 1)
        row[0] = (i + 1) * gap
        for j in range(m):
            options = np.array([previous[j] + sub[i, j], previous[j + 1] + gap, row[j] + gap])
            row[j + 1] = -np.log(np.sum(np.exp(-options)))
        previous = row
    return previous[m]


@case(d=positive(5, 5))
def floyd_warshall(d):
    d = d.copy()
    n = len(d)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                if d[i, k] + d[k, j] < d[i, j]:
                    d[i, j] = d[i, k] + d[k, j]
    return d.sum()


@case("core", pi=positive(3), A=positive(3, 3), B=positive(3, 4), obs=given(np.array([0, 2, 3, 1, 1, 0])))
def hmm_forward(pi, A, B, obs):
    pi = pi / pi.sum()
    alpha = pi * B[:, obs[0]]
    for t in range(1, len(obs)):
        alpha = (alpha @ A) * B[:, obs[t]]
    return np.log(alpha.sum())


@case(pi=positive(3), A=positive(3, 3), B=positive(3, 4), obs=given(np.array([3, 0, 1, 1, 2])))
def hmm_forward_scaled(pi, A, B, obs):
    n = A.shape[0]
    alpha = np.empty((len(obs), n))
    loglik = 0.0
    for t in range(len(obs)):
        for j in range(n):
            if t == 0:
                alpha[t, j] = pi[j] * B[j, obs[t]]
            else:
                s = 0.0
                for i in range(n):
                    s += alpha[t - 1, i] * A[i, j]
                alpha[t, j] = s * B[j, obs[t]]
        c = np.sum(alpha[t])
        alpha[t] /= c
        loglik += np.log(c)
    return loglik


def logsumexp(v):
    m = np.max(v)
    return m + np.log(np.sum(np.exp(v - m)))


@case(log_pi=(3,), log_a=(3, 3), log_b=(3, 3), obs=given(np.array([1, 0, 2, 2])))
def hmm_forward_log(log_pi, log_a, log_b, obs):
    k = log_pi.shape[0]
    f = log_pi + log_b[:, obs[0]]
    for o in obs[1:]:
        g = np.empty(k)
        for j in range(k):
            g[j] = logsumexp(f + log_a[:, j]) + log_b[j, o]
        f = g
    return logsumexp(f)


@case(emission=(6, 3), transition=(3, 3))
def viterbi_score(emission, transition):
    score = emission[0].copy()
    for t in range(1, emission.shape[0]):
        new = np.empty_like(score)
        for j in range(score.size):
            new[j] = np.max(score + transition[:, j]) + emission[t, j]
        score = new
    return np.max(score)


@case(emission=(5, 3), transition=(3, 3), tags=given(np.array([0, 2, 1, 1, 0])))
def crf_log_likelihood(emission, transition, tags):
    gold = emission[0, tags[0]]
    for i in range(1, len(tags)):
        gold += transition[tags[i - 1], tags[i]] + emission[i, tags[i]]
    alpha = emission[0]
    for i in range(1, len(emission)):
        m = alpha.max()
        alpha = np.log(np.exp(alpha - m) @ np.exp(transition)) + m + emission[i]
    top = alpha.max()
    return gold - (top + np.log(np.exp(alpha - top).sum()))


@case(p=positive(4), demand=given(sampled(lambda rng: rng.uniform(0, 3, 5))))
def inventory_value(p, demand):
    """Value iteration backwards in time over a few stock levels."""
    levels = 4
    value = np.zeros(levels)
    for t in range(len(demand) - 1, -1, -1):
        new = np.empty(levels)
        for s in range(levels):
            best = -1e9
            for order in range(levels - s):
                sold = min(s + order, demand[t])
                profit = (
                    p[0] * sold - p[1] * order - 0.1 * p[2] * (s + order) + 0.9 * p[3] * value[s + order - int(sold)]
                )
                if profit > best:
                    best = profit
            new[s] = best
        value = new
    return value.sum()


@case(scores=(5, 4))
def ctc_like_sum(scores):
    """Sum over monotone paths, in probability space."""
    T, L = scores.shape
    prob = np.exp(scores)
    prob = prob / prob.sum(axis=1).reshape(T, 1)
    a = np.zeros(L)
    a[0] = prob[0, 0]
    for t in range(1, T):
        for s in range(L - 1, -1, -1):
            stay = a[s]
            move = a[s - 1] if s > 0 else 0.0
            a[s] = (stay + move) * prob[t, s]
    return np.log(a[L - 1] + a[L - 2])
