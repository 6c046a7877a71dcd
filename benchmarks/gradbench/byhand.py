"""Derivatives of the problems that a person wrote for Numba: the floor that generated ones are held against.

Each takes the arguments of the problem's derivative and gives what it gives. Forward and reverse sweep are one loop where
iterations are independent; what the reverse sweep needs of a chain is stored.
"""

from __future__ import annotations

import math

import numpy as np

from benchmarks.gradbench.evals import compiled


@compiled
def llsq(x, n):
    x_bar = np.zeros(len(x))
    for i in range(n):
        t = -1.0 + 2.0 * i / (n - 1)
        residual = np.sign(t)
        power = 1.0
        for j in range(len(x)):
            residual -= x[j] * power
            power *= t
        power = residual
        for j in range(len(x)):
            x_bar[j] -= power
            power *= t
    return x_bar


@compiled
def lse(x):
    largest = np.max(x)
    x_bar = np.empty(len(x))
    total = 0.0
    for i in range(len(x)):
        x_bar[i] = math.exp(x[i] - largest)
        total += x_bar[i]
    for i in range(len(x)):
        x_bar[i] /= total
    return x_bar


@compiled
def softmax(x, weights):
    largest = np.max(x)
    total = 0.0
    for c in range(len(x)):
        weights[c] = math.exp(x[c] - largest)
        total += weights[c]
    for c in range(len(x)):
        weights[c] /= total


@compiled
def gmm(alpha, mu, q, lower, x, gamma, m):
    n, d = x.shape
    k = len(alpha)
    diagonal = np.exp(q)
    sums = np.sum(q, axis=1)
    alpha_bar, mu_bar, diagonal_bar, l_bar = np.zeros(k), np.zeros((k, d)), np.zeros((k, d)), np.zeros(lower.shape)
    centred, product = np.empty((k, d)), np.empty((k, d))
    centred_bar = np.empty(d)
    beta, weights = np.empty(k), np.empty(k)
    for i in range(n):
        for c in range(k):
            for j in range(d):
                centred[c, j] = x[i, j] - mu[c, j]
                product[c, j] = diagonal[c, j] * centred[c, j]
            r = 0
            for j in range(d):
                for row in range(j + 1, d):
                    product[c, row] += lower[c, r + row - j - 1] * centred[c, j]
                r += d - j - 1
            square = 0.0
            for j in range(d):
                square += product[c, j] * product[c, j]
            beta[c] = alpha[c] + sums[c] - 0.5 * square
        softmax(beta, weights)
        for c in range(k):
            w = weights[c]
            alpha_bar[c] += w
            for j in range(d):
                product[c, j] *= -w
                diagonal_bar[c, j] += product[c, j] * centred[c, j]
                centred_bar[j] = product[c, j] * diagonal[c, j]
            r = 0
            for j in range(d):
                s = 0.0
                for row in range(j + 1, d):
                    l_bar[c, r + row - j - 1] += product[c, row] * centred[c, j]
                    s += lower[c, r + row - j - 1] * product[c, row]
                centred_bar[j] += s
                r += d - j - 1
            for j in range(d):
                mu_bar[c, j] -= centred_bar[j]
    q_bar = np.empty((k, d))
    softmax(alpha, weights)
    for c in range(k):
        for j in range(d):
            q_bar[c, j] = (diagonal_bar[c, j] - gamma * gamma * diagonal[c, j]) * diagonal[c, j] + alpha_bar[c] + m
        for r in range(lower.shape[1]):
            l_bar[c, r] -= gamma * gamma * lower[c, r]
        alpha_bar[c] -= n * weights[c]
    return alpha_bar, mu_bar, q_bar, l_bar


@compiled
def kmeans(centroids, points):
    k, d = centroids.shape
    members = np.zeros(k)
    first = np.zeros((k, d))
    for i in range(points.shape[0]):
        nearest, at = np.inf, 0
        for c in range(k):
            distance = 0.0
            for j in range(d):
                difference = points[i, j] - centroids[c, j]
                distance += difference * difference
            if distance < nearest:
                nearest, at = distance, c
        members[at] += 1.0
        for j in range(d):
            first[at, j] += centroids[at, j] - points[i, j]
    for c in range(k):
        for j in range(d):
            first[c, j] /= members[c]
    return first


@compiled
def det_of_minor(A, A_bar, following, row, size, bar):
    n = len(following) - 1
    if size == 1:
        A_bar[row * n + following[n]] += bar
        return A[row * n + following[n]]
    total = 0.0
    sign = 1.0
    previous = n
    for _ in range(size):
        column = following[previous]
        following[previous] = following[column]
        a = sign * A[row * n + column]
        value = det_of_minor(A, A_bar, following, row + 1, size - 1, bar * a)
        A_bar[row * n + column] += bar * sign * value
        total += a * value
        following[previous] = column
        previous = column
        sign = -sign
    return total


@compiled
def det(A, ell):
    following = np.arange(1, ell + 2)
    following[ell] = 0
    A_bar = np.zeros(len(A))
    det_of_minor(A, A_bar, following, 0, ell, 1.0)
    return A_bar


@compiled
def ode_slope(x, y, shift, k, out):
    """The slope at y + shift k."""
    out[0] = x[0]
    for i in range(1, len(x)):
        out[i] = x[i] * (y[i - 1] + shift * k[i - 1])


@compiled
def ode_slope_bar(x, x_bar, y, shift, k, k_bar, y_bar, of_bar):
    """What `of_bar`, the cotangent of a slope, adds to those of x, y and k."""
    x_bar[0] += of_bar[0]
    for i in range(1, len(x)):
        x_bar[i] += of_bar[i] * (y[i - 1] + shift * k[i - 1])
        s = of_bar[i] * x[i]
        y_bar[i - 1] += s
        k_bar[i - 1] += shift * s


@compiled
def ode(x, steps):
    n, h = len(x), 2.0 / steps
    ys = np.zeros((steps + 1, n))
    k1, k2, k3, k4 = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    for t in range(steps):
        y = ys[t]
        ode_slope(x, y, 0.0, y, k1)
        ode_slope(x, y, h / 2, k1, k2)
        ode_slope(x, y, h / 2, k2, k3)
        ode_slope(x, y, h, k3, k4)
        for i in range(n):
            ys[t + 1, i] = y[i] + h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i])
    x_bar, y_bar = np.zeros(n), np.zeros(n)
    y_bar[n - 1] = 1.0
    a, b, c, e, unused = np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.zeros(n)
    for t in range(steps - 1, -1, -1):
        y = ys[t]
        ode_slope(x, y, 0.0, y, k1)
        ode_slope(x, y, h / 2, k1, k2)
        ode_slope(x, y, h / 2, k2, k3)
        for i in range(n):
            a[i] = e[i] = h / 6 * y_bar[i]
            b[i] = c[i] = h / 3 * y_bar[i]
        ode_slope_bar(x, x_bar, y, h, k3, c, y_bar, e)
        ode_slope_bar(x, x_bar, y, h / 2, k2, b, y_bar, c)
        ode_slope_bar(x, x_bar, y, h / 2, k1, a, y_bar, b)
        ode_slope_bar(x, x_bar, y, 0.0, y, unused, y_bar, a)
    return x_bar


@compiled
def sigmoid(z):
    return 1.0 / (1.0 + math.exp(-z))


@compiled
def lstm(main, extra, state, sequence):
    b, layers, steps = sequence.shape[1], main.shape[0] // 2, sequence.shape[0] - 1
    state = state.copy()
    tape = np.empty((steps, layers, 8, b))  # v, h, g as they were; forget, ingate, outgate, change; tanh of g as it is
    v = np.empty((steps, b))
    y = np.empty((steps, b))
    for t in range(steps):
        for j in range(b):
            v[t, j] = sequence[t, j] * extra[0, j]
        for i in range(layers):
            W, B, h, g, at = main[2 * i], main[2 * i + 1], state[2 * i], state[2 * i + 1], tape[t, i]
            for j in range(b):
                at[0, j], at[1, j], at[2, j] = v[t, j], h[j], g[j]
                at[3, j] = sigmoid(v[t, j] * W[j] + B[j])
                at[4, j] = sigmoid(h[j] * W[b + j] + B[b + j])
                at[5, j] = sigmoid(v[t, j] * W[2 * b + j] + B[2 * b + j])
                at[6, j] = math.tanh(h[j] * W[3 * b + j] + B[3 * b + j])
                g[j] = g[j] * at[3, j] + at[4, j] * at[6, j]
                at[7, j] = math.tanh(g[j])
                h[j] = at[5, j] * at[7, j]
                v[t, j] = h[j]
        for j in range(b):
            y[t, j] = v[t, j] * extra[1, j] + extra[2, j]
    main_bar, extra_bar, state_bar = np.zeros(main.shape), np.zeros(extra.shape), np.zeros(state.shape)
    v_bar = np.empty(b)
    scale = -1.0 / (b * steps)
    for t in range(steps - 1, -1, -1):
        exponentials, ones = 2.0, 0.0
        for j in range(b):
            y_exp = math.exp(y[t, j])
            v_bar[j] = y_exp
            exponentials += y_exp
            ones += sequence[t + 1, j]
        for j in range(b):
            y_bar = scale * (sequence[t + 1, j] - ones * v_bar[j] / exponentials)
            extra_bar[1, j] += y_bar * v[t, j]
            extra_bar[2, j] += y_bar
            v_bar[j] = y_bar * extra[1, j]
        for i in range(layers - 1, -1, -1):
            W, at, W_bar, B_bar = main[2 * i], tape[t, i], main_bar[2 * i], main_bar[2 * i + 1]
            h_bar, g_bar = state_bar[2 * i], state_bar[2 * i + 1]
            for j in range(b):
                forget, ingate, outgate, change, g_tanh = at[3, j], at[4, j], at[5, j], at[6, j], at[7, j]
                new_h_bar = h_bar[j] + v_bar[j]
                new_g_bar = g_bar[j] + new_h_bar * outgate * (1.0 - g_tanh * g_tanh)
                forget_bar = new_g_bar * at[2, j] * forget * (1.0 - forget)
                ingate_bar = new_g_bar * change * ingate * (1.0 - ingate)
                outgate_bar = new_h_bar * g_tanh * outgate * (1.0 - outgate)
                change_bar = new_g_bar * ingate * (1.0 - change * change)
                g_bar[j] = new_g_bar * forget
                W_bar[j] += forget_bar * at[0, j]
                W_bar[b + j] += ingate_bar * at[1, j]
                W_bar[2 * b + j] += outgate_bar * at[0, j]
                W_bar[3 * b + j] += change_bar * at[1, j]
                B_bar[j] += forget_bar
                B_bar[b + j] += ingate_bar
                B_bar[2 * b + j] += outgate_bar
                B_bar[3 * b + j] += change_bar
                v_bar[j] = forget_bar * W[j] + outgate_bar * W[2 * b + j]
                h_bar[j] = ingate_bar * W[b + j] + change_bar * W[3 * b + j]
        for j in range(b):
            extra_bar[0, j] += v_bar[j] * sequence[t, j]
    return main_bar, extra_bar


@compiled
def ba_row(camera, angle, z, by_turned, out):
    """What a cotangent of the turned point gives for rotation, centre and point."""
    gx, gy, gz = by_turned
    zx, zy, zz = z
    if angle == 0.0:
        rx, ry, rz = camera[0], camera[1], camera[2]
        out[0], out[1], out[2] = zy * gz - zz * gy, zz * gx - zx * gz, zx * gy - zy * gx
        px, py, pz = gx + gy * rz - gz * ry, gy + gz * rx - gx * rz, gz + gx * ry - gy * rx
    else:
        ax, ay, az = camera[0] / angle, camera[1] / angle, camera[2] / angle
        cosine, sine = math.cos(angle), math.sin(angle)
        dot, ag, rest = ax * zx + ay * zy + az * zz, ax * gx + ay * gy + az * gz, 1.0 - cosine
        cx, cy, cz = zy * gz - zz * gy, zz * gx - zx * gz, zx * gy - zy * gx
        along = ax * cx + ay * cy + az * cz
        by_angle = along * cosine + (dot * ag - zx * gx - zy * gy - zz * gz) * sine
        bx = sine * cx + rest * (gx * dot + zx * ag)
        by = sine * cy + rest * (gy * dot + zy * ag)
        bz = sine * cz + rest * (gz * dot + zz * ag)
        inward = ax * bx + ay * by + az * bz
        out[0] = by_angle * ax + (bx - ax * inward) / angle
        out[1] = by_angle * ay + (by - ay * inward) / angle
        out[2] = by_angle * az + (bz - az * inward) / angle
        px = gx * cosine + (gy * az - gz * ay) * sine + ax * ag * rest
        py = gy * cosine + (gz * ax - gx * az) * sine + ay * ag * rest
        pz = gz * cosine + (gx * ay - gy * ax) * sine + az * ag * rest
    out[3], out[4], out[5] = -px, -py, -pz
    out[11], out[12], out[13] = px, py, pz


@compiled
def ba_rows(camera, point, w, feature, out):
    """The 15 entries of each of the two rows of an observation."""
    z = point[0] - camera[3], point[1] - camera[4], point[2] - camera[5]
    angle = math.sqrt(camera[0] * camera[0] + camera[1] * camera[1] + camera[2] * camera[2])
    zx, zy, zz = z
    if angle == 0.0:
        rx, ry, rz = camera[0], camera[1], camera[2]
        px, py, pz = zx + ry * zz - rz * zy, zy + rz * zx - rx * zz, zz + rx * zy - ry * zx
    else:
        ax, ay, az = camera[0] / angle, camera[1] / angle, camera[2] / angle
        cosine, sine = math.cos(angle), math.sin(angle)
        along = (ax * zx + ay * zy + az * zz) * (1.0 - cosine)
        px = zx * cosine + (ay * zz - az * zy) * sine + ax * along
        py = zy * cosine + (az * zx - ax * zz) * sine + ay * along
        pz = zz * cosine + (ax * zy - ay * zx) * sine + az * along
    u, v = px / pz, py / pz
    rho = u * u + v * v
    distortion = 1.0 + camera[9] * rho + camera[10] * rho * rho
    slope = 2.0 * (camera[9] + 2.0 * camera[10] * rho)
    for e in range(2):
        here = u if e == 0 else v
        by_u, by_v = here * slope * u, here * slope * v
        if e == 0:
            by_u += distortion
        else:
            by_v += distortion
        scale = w * camera[6] / pz
        by_u, by_v = by_u * scale, by_v * scale
        ba_row(camera, angle, z, (by_u, by_v, -by_u * u - by_v * v), out[e])
        out[e, 6] = w * here * distortion
        out[e, 7], out[e, 8] = w * (1 - e), w * e
        out[e, 9] = w * camera[6] * here * rho
        out[e, 10] = out[e, 9] * rho
        out[e, 14] = here * distortion * camera[6] + camera[7 + e] - feature[e]


@compiled
def ba(cameras, points, weights, features, observations):
    n, m, p = len(cameras), len(points), len(weights)
    rows, columns, values = np.empty(3 * p + 1, dtype=np.int64), np.empty(31 * p, dtype=np.int64), np.empty(31 * p)
    blocks = values[: 30 * p].reshape(p, 2, 15)
    for i in range(p):
        c, x = observations[i, 0], observations[i, 1]
        ba_rows(cameras[c], points[x], weights[i], features[i], blocks[i])
        for e in range(2):
            entry = 30 * i + 15 * e
            rows[2 * i + e] = entry
            for j in range(11):
                columns[entry + j] = 11 * c + j
            for j in range(3):
                columns[entry + 11 + j] = 11 * n + 3 * x + j
            columns[entry + 14] = 11 * n + 3 * m + i
        rows[2 * p + i] = 30 * p + i
        columns[30 * p + i] = 11 * n + 3 * m + i
        values[30 * p + i] = -2.0 * weights[i]
    rows[3 * p] = 31 * p
    return rows, columns, values


BY_HAND = {
    "llsq": llsq,
    "lse": lse,
    "gmm": gmm,
    "kmeans": kmeans,
    "det": det,
    "ode": ode,
    "lstm": lstm,
    "ba": ba,
}
