"""Layers of neural networks, in NumPy and in loops."""

import math

import numpy as np

from programs.case import case, given, positive


def softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


@case(x=(4, 6), Wq=(6, 3), Wk=(6, 3), Wv=(6, 5))
def attention(x, Wq, Wk, Wv):
    q, k, v = x @ Wq, x @ Wk, x @ Wv
    scores = q @ k.T / np.sqrt(k.shape[1])
    return np.sum(softmax(scores) @ v)


@case(q=(3, 4), k=(3, 4), v=(3, 4))
def causal_attention_loops(q, k, v):
    n, d = q.shape
    out = np.zeros((n, d))
    for i in range(n):
        w = np.zeros(i + 1)
        for j in range(i + 1):
            w[j] = np.dot(q[i], k[j]) / d**0.5
        w = np.exp(w - w.max())
        w /= w.sum()
        for j in range(i + 1):
            out[i] += w[j] * v[j]
    return np.sum(out**2)


@case(x=(2, 3, 4), w=(4, 4))
def batched_heads(x, w):
    y = x @ w
    scores = np.einsum("bik,bjk->bij", y, y)
    z = softmax(scores) @ y
    return np.sum(np.tanh(z))


@case("core", xs=(4, 3), W=(8, 3), U=(8, 2), b=(8,))
def lstm(xs, W, U, b):
    h = np.zeros(2)
    c = np.zeros(2)
    for t in range(len(xs)):
        gates = W @ xs[t] + U @ h + b
        i, f, o = sigmoid(gates[0:2]), sigmoid(gates[2:4]), sigmoid(gates[4:6])
        c = f * c + i * np.tanh(gates[6:])
        h = o * np.tanh(c)
    return np.sum(h)


@case(xs=(4, 3), Wz=(2, 5), Wr=(2, 5), Wh=(2, 5))
def gru(xs, Wz, Wr, Wh):
    h = np.zeros(2)
    for x in xs:
        hx = np.concatenate((h, x))
        z = sigmoid(Wz @ hx)
        r = sigmoid(Wr @ hx)
        candidate = np.tanh(Wh @ np.concatenate((r * h, x)))
        h = (1 - z) * h + z * candidate
    return h @ h


@case(img=(2, 6, 6), kernel=(3, 2, 3, 3), bias=(3,))
def convolution_loops(img, kernel, bias):
    cout, cin, kh, kw = kernel.shape
    _, height, width = img.shape
    out = np.zeros((cout, height - kh + 1, width - kw + 1))
    for o in range(cout):
        for y in range(out.shape[1]):
            for x in range(out.shape[2]):
                acc = bias[o]
                for c in range(cin):
                    for i in range(kh):
                        for j in range(kw):
                            acc += img[c, y + i, x + j] * kernel[o, c, i, j]
                out[o, y, x] = acc if acc > 0 else 0.01 * acc
    return np.sum(out * out) / out.size


@case(img=(7, 7), k=(3, 3))
def strided_convolution(img, k):
    out = np.zeros((3, 3))
    for i in range(3):
        for j in range(3):
            out += k[i, j] * img[i : i + 5 : 2, j : j + 5 : 2]
    return np.tanh(out).sum()


@case(x=(6, 6))
def max_pool(x):
    n, m = x.shape
    out = np.empty((n // 2, m // 2))
    for i in range(0, n, 2):
        for j in range(0, m, 2):
            out[i // 2, j // 2] = np.max(x[i : i + 2, j : j + 2])
    return np.sum(out**2)


@case(x=(4, 4), scale=(4,), shift=(4,))
def average_pool_and_norm(x, scale, shift):
    pooled = x.reshape(2, 2, 2, 2).mean(axis=(1, 3))
    mu = x.mean(axis=1, keepdims=True)
    var = ((x - mu) ** 2).mean(axis=1, keepdims=True)
    normed = (x - mu) / np.sqrt(var + 1e-5) * scale + shift
    return np.sum(normed**2) + pooled.sum() ** 2


@case(x=(6, 3), gamma=(3,), beta=(3,))
def batch_norm(x, gamma, beta):
    mean = np.mean(x, axis=0)
    std = np.std(x, axis=0)
    y = gamma * (x - mean) / (std + 1e-3) + beta
    return np.sum(np.maximum(y, 0.0))


@case(x=(5, 4), W1=(4, 6), b1=(6,), W2=(6, 3), b2=(3,), labels=given(np.array([0, 2, 1, 1, 0])))
def mlp_cross_entropy(x, W1, b1, W2, b2, labels):
    h = np.maximum(x @ W1 + b1, 0)
    logits = h @ W2 + b2
    logits = logits - logits.max(axis=1)[:, None]
    logp = logits - np.log(np.sum(np.exp(logits), axis=1))[:, None]
    loss = 0.0
    for i in range(len(labels)):
        loss -= logp[i, labels[i]]
    return loss / len(labels)


@case("core", x=(6,))
def all_activations(x):
    relu = np.maximum(x, 0.0)
    leaky = np.where(x > 0, x, 0.1 * x)
    elu = np.where(x > 0, x, np.exp(np.minimum(x, 0.0)) - 1.0)
    selu = 1.0507 * np.where(x > 0, x, 1.67326 * (np.exp(x) - 1))
    sig = 1 / (1 + np.exp(-x))
    swish = x * sig
    softplus = np.log(1.0 + np.exp(x))
    softplus_stable = np.logaddexp(0.0, x)
    mish = x * np.tanh(softplus)
    gelu = 0.5 * x * (1.0 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    hardtanh = np.clip(x, -1.0, 1.0)
    softsign = x / (1 + np.abs(x))
    weights = np.arange(1.0, 13.0)
    stack = np.stack((relu, leaky, elu, selu, sig, swish, softplus, softplus_stable, mish, gelu, hardtanh, softsign))
    return np.sum(weights @ stack * np.tanh(x))


@case(x=(5,), kind=given("gelu"))
def activation_by_name(x, kind):
    """The kind is known when the program is compiled: only one branch is left."""
    if kind == "relu":
        y = np.maximum(x, 0)
    elif kind == "gelu":
        y = np.array([0.5 * v * (1 + math.erf(v / np.sqrt(2.0))) for v in x])
    else:
        raise ValueError(f"unknown activation {kind}")
    return y.sum()


@case(x=(4,), w=(3, 4, 4))
def deep_loop_network(x, w):
    for layer in w:
        x = np.tanh(layer @ x) + x
    return np.sum(x)


@case(tokens=given(np.array([3, 1, 3, 0])), table=(5, 3), w=(3, 2))
def embedding_bag(tokens, table, w):
    rows = table[tokens]
    mean = rows.mean(axis=0)
    return np.log(np.sum(np.exp(mean @ w)))


@case(anchor=(4,), others=(3, 4), margin=given(0.3))
def triplet_loss(anchor, others, margin):
    a = anchor / np.linalg.norm(anchor)
    loss = 0.0
    positive_ = others[0] / np.linalg.norm(others[0])
    for k in range(1, others.shape[0]):
        negative = others[k] / np.linalg.norm(others[k])
        loss += max(0.0, margin - a @ positive_ + a @ negative)
    return loss + 0.1 * np.sum((a - positive_) ** 2)


@case(x=(5, 3), mask=given(np.array([True, False, True, True, False])), w=positive(3))
def dropout_given_mask(x, mask, w):
    kept = np.where(mask[:, None], x / 0.6, 0.0)
    return np.sum((kept @ w) ** 2)


@case(a=(3,), b=(3,), w=(2, 3, 3))
def bilinear_form(a, b, w):
    return np.tanh(np.einsum("i,kij,j->k", a, w, b)).sum()
