"""Filters of signals and of states."""

import numpy as np

from programs.case import case, definite, given, positive, uniform


@case("core", "compiled", x=(12,), b=(3,), a=uniform(-0.3, 0.3, 2))
def iir_filter(x, b, a):
    y = np.zeros(len(x))
    for n in range(len(x)):
        for k in range(len(b)):
            if n - k >= 0:
                y[n] += b[k] * x[n - k]
        for k in range(len(a)):
            if n - k - 1 >= 0:
                y[n] -= a[k] * y[n - k - 1]
    return np.sum(y**2)


@case(x=(10,), alpha=0.3)
def exponential_smoothing(x, alpha):
    s = x[0]
    err = 0.0
    for v in x[1:]:
        err += (v - s) ** 2
        s = alpha * v + (1 - alpha) * s
    return err


@case(x=(11,), w=4)
def moving_average(x, w):
    out = np.empty(x.size - w + 1)
    running = 0.0
    for i in range(w):
        running += x[i]
    out[0] = running / w
    for i in range(w, x.size):
        running += x[i] - x[i - w]
        out[i - w + 1] = running / w
    return np.prod(1.0 + 0.1 * out)


@case(z=(8,), q=0.2, r=0.5)
def kalman_scalar(z, q, r):
    m, p = 0.0, 1.0
    loglik = 0.0
    for k in range(z.shape[0]):
        p = p + q
        s = p + r
        innovation = z[k] - m
        gain = p / s
        loglik -= 0.5 * (np.log(2 * np.pi * s) + innovation**2 / s)
        m += gain * innovation
        p *= 1 - gain
    return loglik


@case(zs=(5, 1), F=(2, 2), q=0.3, P0=definite(2))
def kalman_matrix(zs, F, q, P0):
    H = np.array([[1.0, 0.0]])
    Q = q * np.eye(2)
    R = np.array([[0.5]])
    x = np.zeros(2)
    P = P0
    nll = 0.0
    for z in zs:
        x = F @ x
        P = F @ P @ F.T + Q
        y = z - H @ x
        S = H @ P @ H.T + R
        K = P @ H.T @ np.linalg.inv(S)
        x = x + K @ y
        P = (np.eye(2) - K @ H) @ P
        nll += 0.5 * np.log(np.linalg.det(S)) + 0.5 * (y @ np.linalg.solve(S, y))
    return nll


@case(x=(9,), window=given(positive(3)))
def weighted_median_free_smoother(x, window):
    total = window.sum()
    y = x.copy()
    for i in range(1, len(x) - 1):
        y[i] = np.dot(window, y[i - 1 : i + 2]) / total
    return y.var()


@case(left=0.4, right=0.7, x=(6,))
def two_pole_cascade(left, right, x):
    state = [0.0, 0.0]
    out = 0.0
    for sample in x:
        state[0] = left * state[0] + sample
        state[1] = right * state[1] + state[0]
        out += state[1] * sample
    return out


@case(signal=(8,), taps=(3,))
def numpy_convolution(signal, taps):
    full = np.convolve(signal, taps)
    valid = np.convolve(signal, taps, mode="valid")
    return np.sum(full**2) + np.sum(np.sin(valid))


@case(d=(10,), x=(10,), mu=0.05)
def lms_adaptive_filter(d, x, mu):
    """Least mean squares: the weights are updated in place inside the loop."""
    w = np.zeros(3)
    cost = 0.0
    for n in range(2, len(d)):
        u = x[n - 2 : n + 1][::-1]
        e = d[n] - w @ u
        w += mu * e * u
        cost += e * e
    return cost


@case(ys=(7,), phi=0.6, sd=given(0.8))
def ar1_likelihood(ys, phi, sd):
    e = ys[1:] - phi * ys[:-1]
    return -0.5 * np.sum((e / sd) ** 2) - (len(ys) - 1) * np.log(sd)
