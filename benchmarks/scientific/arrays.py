"""Programs on whole arrays: stencils in slices, products of matrices, layers of networks.

Each is here as a Numba user writes it, as an adjoint of it by hand where one is worth comparing with, and in the other
tools. Nothing imports adcompile, and nothing is measured here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from benchmarks.scientific.harness import Kernel
from benchmarks.scientific.peers import anp, jax, jnp, lax, torch

Arguments = tuple[Any, ...]


def sized(make: Callable[..., Arguments], **sizes: tuple[int, ...]) -> Callable[[str], Arguments]:
    """From the name of a size to arguments, made by `make` of a generator of random numbers and the lengths."""
    return lambda size: make(np.random.default_rng(42), *sizes[size])


# -- hdiff: horizontal diffusion of a weather model, with its flux limiter ---------------------------------------


def hdiff(field, coeff):
    lap = 4.0 * field[1:-1, 1:-1] - (field[2:, 1:-1] + field[:-2, 1:-1] + field[1:-1, 2:] + field[1:-1, :-2])
    flux = lap[1:, 1:-1] - lap[:-1, 1:-1]
    flux_x = np.where(flux * (field[2:-1, 2:-2] - field[1:-2, 2:-2]) > 0.0, 0.0, flux)
    flux = lap[1:-1, 1:] - lap[1:-1, :-1]
    flux_y = np.where(flux * (field[2:-2, 2:-1] - field[2:-2, 1:-2]) > 0.0, 0.0, flux)
    out = field[2:-2, 2:-2] - coeff * (flux_x[1:] - flux_x[:-1] + flux_y[:, 1:] - flux_y[:, :-1])
    return np.sum(out)


def hdiff_jax(field, coeff):
    lap = 4.0 * field[1:-1, 1:-1] - (field[2:, 1:-1] + field[:-2, 1:-1] + field[1:-1, 2:] + field[1:-1, :-2])
    flux = lap[1:, 1:-1] - lap[:-1, 1:-1]
    flux_x = jnp.where(flux * (field[2:-1, 2:-2] - field[1:-2, 2:-2]) > 0.0, 0.0, flux)
    flux = lap[1:-1, 1:] - lap[1:-1, :-1]
    flux_y = jnp.where(flux * (field[2:-2, 2:-1] - field[2:-2, 1:-2]) > 0.0, 0.0, flux)
    return jnp.sum(field[2:-2, 2:-2] - coeff * (flux_x[1:] - flux_x[:-1] + flux_y[:, 1:] - flux_y[:, :-1]))


def hdiff_torch(field, coeff):
    lap = 4.0 * field[1:-1, 1:-1] - (field[2:, 1:-1] + field[:-2, 1:-1] + field[1:-1, 2:] + field[1:-1, :-2])
    flux = lap[1:, 1:-1] - lap[:-1, 1:-1]
    zero = torch.zeros((), dtype=field.dtype)
    flux_x = torch.where(flux * (field[2:-1, 2:-2] - field[1:-2, 2:-2]) > 0.0, zero, flux)
    flux = lap[1:-1, 1:] - lap[1:-1, :-1]
    flux_y = torch.where(flux * (field[2:-2, 2:-1] - field[2:-2, 1:-2]) > 0.0, zero, flux)
    return torch.sum(field[2:-2, 2:-2] - coeff * (flux_x[1:] - flux_x[:-1] + flux_y[:, 1:] - flux_y[:, :-1]))


def hdiff_autograd(field, coeff):
    lap = 4.0 * field[1:-1, 1:-1] - (field[2:, 1:-1] + field[:-2, 1:-1] + field[1:-1, 2:] + field[1:-1, :-2])
    flux = lap[1:, 1:-1] - lap[:-1, 1:-1]
    flux_x = anp.where(flux * (field[2:-1, 2:-2] - field[1:-2, 2:-2]) > 0.0, 0.0, flux)
    flux = lap[1:-1, 1:] - lap[1:-1, :-1]
    flux_y = anp.where(flux * (field[2:-2, 2:-1] - field[2:-2, 1:-2]) > 0.0, 0.0, flux)
    return anp.sum(field[2:-2, 2:-2] - coeff * (flux_x[1:] - flux_x[:-1] + flux_y[:, 1:] - flux_y[:, :-1]))


def hdiff_adjoint(field, coeff):
    I, J, K = coeff.shape
    lap = np.empty((I + 2, J + 2, K))
    for i in range(I + 2):
        for j in range(J + 2):
            for k in range(K):
                lap[i, j, k] = 4.0 * field[i + 1, j + 1, k] - (
                    field[i + 2, j + 1, k] + field[i, j + 1, k] + field[i + 1, j + 2, k] + field[i + 1, j, k]
                )
    flux_x, flux_y = np.empty((I + 1, J, K)), np.empty((I, J + 1, K))
    for i in range(I + 1):
        for j in range(J):
            for k in range(K):
                flux = lap[i + 1, j + 1, k] - lap[i, j + 1, k]
                down = field[i + 2, j + 2, k] - field[i + 1, j + 2, k]
                flux_x[i, j, k] = 0.0 if flux * down > 0.0 else flux
    for i in range(I):
        for j in range(J + 1):
            for k in range(K):
                flux = lap[i + 1, j + 1, k] - lap[i + 1, j, k]
                down = field[i + 2, j + 2, k] - field[i + 2, j + 1, k]
                flux_y[i, j, k] = 0.0 if flux * down > 0.0 else flux
    value = 0.0
    field_bar, coeff_bar, lap_bar = np.zeros_like(field), np.empty_like(coeff), np.zeros_like(lap)
    for i in range(I):
        for j in range(J):
            for k in range(K):
                change = flux_x[i + 1, j, k] - flux_x[i, j, k] + flux_y[i, j + 1, k] - flux_y[i, j, k]
                value += field[i + 2, j + 2, k] - coeff[i, j, k] * change
                field_bar[i + 2, j + 2, k] = 1.0
                coeff_bar[i, j, k] = -change
    for i in range(I + 1):
        for j in range(J):
            for k in range(K):
                bar = (coeff[i, j, k] if i < I else 0.0) - (coeff[i - 1, j, k] if i > 0 else 0.0)
                bar = bar if flux_x[i, j, k] != 0.0 else 0.0
                lap_bar[i + 1, j + 1, k] += bar
                lap_bar[i, j + 1, k] -= bar
    for i in range(I):
        for j in range(J + 1):
            for k in range(K):
                bar = (coeff[i, j, k] if j < J else 0.0) - (coeff[i, j - 1, k] if j > 0 else 0.0)
                bar = bar if flux_y[i, j, k] != 0.0 else 0.0
                lap_bar[i + 1, j + 1, k] += bar
                lap_bar[i + 1, j, k] -= bar
    for i in range(I + 2):
        for j in range(J + 2):
            for k in range(K):
                bar = lap_bar[i, j, k]
                field_bar[i + 1, j + 1, k] += 4.0 * bar
                field_bar[i + 2, j + 1, k] -= bar
                field_bar[i, j + 1, k] -= bar
                field_bar[i + 1, j + 2, k] -= bar
                field_bar[i + 1, j, k] -= bar
    return value, (field_bar, coeff_bar)


def hdiff_arguments(rng, I, J, K):
    return rng.random((I + 4, J + 4, K)), rng.random((I, J, K))


# -- vadv: vertical advection of a weather model, a tridiagonal system for each column ---------------------------


def vadv(stage, u_stage, wcon, u_pos, tendency, dtr):
    I, J, K = stage.shape
    ccol = np.empty((I, J, K))
    dcol = np.empty((I, J, K))
    cs = 0.125 * (wcon[1:, :, 1] + wcon[:-1, :, 1])
    divided = 1.0 / (dtr - cs)
    correction = cs * (u_stage[:, :, 1] - u_stage[:, :, 0])
    ccol[:, :, 0] = cs * divided
    dcol[:, :, 0] = (dtr * u_pos[:, :, 0] + tendency[:, :, 0] + stage[:, :, 0] - correction) * divided
    for k in range(1, K - 1):
        a = -0.125 * (wcon[1:, :, k] + wcon[:-1, :, k])
        c = 0.125 * (wcon[1:, :, k + 1] + wcon[:-1, :, k + 1])
        below = a * (u_stage[:, :, k - 1] - u_stage[:, :, k])
        correction = below + c * (u_stage[:, :, k + 1] - u_stage[:, :, k])
        d = dtr * u_pos[:, :, k] + tendency[:, :, k] + stage[:, :, k] - correction
        divided = 1.0 / (dtr - a - c - ccol[:, :, k - 1] * a)
        ccol[:, :, k] = c * divided
        dcol[:, :, k] = (d - dcol[:, :, k - 1] * a) * divided
    a = -0.125 * (wcon[1:, :, K - 1] + wcon[:-1, :, K - 1])
    correction = a * (u_stage[:, :, K - 2] - u_stage[:, :, K - 1])
    d = dtr * u_pos[:, :, K - 1] + tendency[:, :, K - 1] + stage[:, :, K - 1] - correction
    dcol[:, :, K - 1] = (d - dcol[:, :, K - 2] * a) / (dtr - a - ccol[:, :, K - 2] * a)
    out = np.empty((I, J, K))
    x = dcol[:, :, K - 1].copy()
    out[:, :, K - 1] = dtr * (x - u_pos[:, :, K - 1])
    for k in range(K - 2, -1, -1):
        x = dcol[:, :, k] - ccol[:, :, k] * x
        out[:, :, k] = dtr * (x - u_pos[:, :, k])
    return np.sum(out)


def vadv_coefficients(wcon):
    """Both coefficients of each level, the levels first."""
    c = 0.125 * (wcon[1:, :, 1:] + wcon[:-1, :, 1:])
    return jnp.moveaxis(c, 2, 0)


def vadv_jax(stage, u_stage, wcon, u_pos, tendency, dtr):
    u_stage, u_pos, tendency, stage = (jnp.moveaxis(x, 2, 0) for x in (u_stage, u_pos, tendency, stage))
    half = vadv_coefficients(wcon)[: stage.shape[0]]  # between the levels k - 1 and k, from k = 1 on
    none = jnp.zeros_like(dtr)[None]
    a = jnp.concatenate([none, -half[: stage.shape[0] - 1]])
    c = jnp.concatenate([half[: stage.shape[0] - 1], none])
    up = jnp.concatenate([u_stage[:1], u_stage[:-1]])
    down = jnp.concatenate([u_stage[1:], u_stage[-1:]])
    d = dtr * u_pos + tendency + stage - a * (up - u_stage) - c * (down - u_stage)

    def eliminate(carried, level):
        ccol, dcol = carried
        a, c, d = level
        divided = 1.0 / (dtr - a - c - ccol * a)
        new = c * divided, (d - dcol * a) * divided
        return new, new

    def substitute(x, level):
        ccol, dcol = level
        x = dcol - ccol * x
        return x, x

    zero = jnp.zeros_like(dtr)
    _, levels = lax.scan(eliminate, (zero, zero), (a, c, d))
    _, x = lax.scan(substitute, zero, levels, reverse=True)
    return jnp.sum(dtr * (x - u_pos))


def vadv_torch(stage, u_stage, wcon, u_pos, tendency, dtr):
    K = stage.shape[2]
    half = 0.125 * (wcon[1:] + wcon[:-1])
    ccol, dcol = [], []
    for k in range(K):
        d = dtr * u_pos[:, :, k] + tendency[:, :, k] + stage[:, :, k]
        b = dtr
        if k > 0:
            a = -half[:, :, k]
            d = d - a * (u_stage[:, :, k - 1] - u_stage[:, :, k]) - dcol[-1] * a
            b = b - a - ccol[-1] * a
        if k < K - 1:
            c = half[:, :, k + 1]
            d = d - c * (u_stage[:, :, k + 1] - u_stage[:, :, k])
            b = b - c
            ccol.append(c / b)
        dcol.append(d / b)
    x = dcol[-1]
    total = torch.sum(dtr * (x - u_pos[:, :, K - 1]))
    for k in range(K - 2, -1, -1):
        x = dcol[k] - ccol[k] * x
        total = total + torch.sum(dtr * (x - u_pos[:, :, k]))
    return total


def vadv_adjoint(stage, u_stage, wcon, u_pos, tendency, dtr):
    I, J, K = stage.shape
    stage_bar, u_stage_bar, wcon_bar = np.zeros_like(stage), np.zeros_like(u_stage), np.zeros_like(wcon)
    u_pos_bar, tendency_bar, dtr_bar = np.empty_like(u_pos), np.empty_like(stage), np.zeros_like(dtr)
    a, c, b, ccol, dcol, x = np.zeros(K), np.zeros(K), np.empty(K), np.zeros(K), np.empty(K), np.empty(K)
    a_bar, c_bar = np.empty(K), np.empty(K)
    value = 0.0
    for i in range(I):
        for j in range(J):
            u, w = u_stage[i, j], dtr[i, j]
            for k in range(K - 1):
                c[k] = 0.125 * (wcon[i + 1, j, k + 1] + wcon[i, j, k + 1])
                a[k + 1] = -c[k]
            for k in range(K):
                d = w * u_pos[i, j, k] + tendency[i, j, k] + stage[i, j, k]
                b[k] = w - a[k] - c[k]
                if k > 0:
                    d -= a[k] * (u[k - 1] - u[k]) + dcol[k - 1] * a[k]
                    b[k] -= ccol[k - 1] * a[k]
                if k < K - 1:
                    d -= c[k] * (u[k + 1] - u[k])
                b[k] = 1.0 / b[k]
                ccol[k] = c[k] * b[k]
                dcol[k] = d * b[k]
            x[K - 1] = dcol[K - 1]
            for k in range(K - 2, -1, -1):
                x[k] = dcol[k] - ccol[k] * x[k + 1]
            for k in range(K):
                value += w * (x[k] - u_pos[i, j, k])
            x_bar, d_bar, w_bar = 0.0, np.empty(K), 0.0
            ccol_bar = np.zeros(K)
            for k in range(K):
                x_bar = w - (ccol[k - 1] * x_bar if k > 0 else 0.0)
                d_bar[k] = x_bar
                w_bar += x[k] - u_pos[i, j, k]
                if k < K - 1:
                    ccol_bar[k] = -x_bar * x[k + 1]
            for k in range(K - 1, -1, -1):
                bar = d_bar[k] * b[k]
                b_bar = -(d_bar[k] * dcol[k] + ccol_bar[k] * ccol[k]) * b[k]
                c_bar[k] = ccol_bar[k] * b[k] - b_bar
                a_bar[k] = -b_bar
                w_bar += b_bar + bar * u_pos[i, j, k]
                u_pos_bar[i, j, k] = bar * w - w
                tendency_bar[i, j, k] = bar
                stage_bar[i, j, k] = bar
                if k > 0:
                    a_bar[k] -= bar * (u[k - 1] - u[k] + dcol[k - 1]) + b_bar * ccol[k - 1]
                    u_stage_bar[i, j, k - 1] -= bar * a[k]
                    u_stage_bar[i, j, k] += bar * a[k]
                    d_bar[k - 1] -= bar * a[k]
                    ccol_bar[k - 1] -= b_bar * a[k]
                if k < K - 1:
                    c_bar[k] -= bar * (u[k + 1] - u[k])
                    u_stage_bar[i, j, k + 1] -= bar * c[k]
                    u_stage_bar[i, j, k] += bar * c[k]
            for k in range(K - 1):
                half = 0.125 * (c_bar[k] - a_bar[k + 1])
                wcon_bar[i + 1, j, k + 1] += half
                wcon_bar[i, j, k + 1] += half
            dtr_bar[i, j] = w_bar
    return value, (stage_bar, u_stage_bar, wcon_bar, u_pos_bar, tendency_bar, dtr_bar)


def vadv_arguments(rng, I, J, K):
    fields = [rng.random((I, J, K)) for _ in range(4)]
    return fields[0], fields[1], rng.random((I + 1, J, K)), fields[2], fields[3], 3.0 + rng.random((I, J))


# -- products of matrices ----------------------------------------------------------------------------------------


def covariance(data):
    M = data.shape[1]
    mean = np.empty(M)
    for j in range(M):
        mean[j] = np.sum(data[:, j]) / data.shape[0]
    centred = data - mean
    cov = centred.T @ centred / (data.shape[0] - 1.0)
    return np.sum(cov * cov)


def covariance_jax(data):
    centred = data - jnp.mean(data, axis=0)
    cov = centred.T @ centred / (data.shape[0] - 1.0)
    return jnp.sum(cov * cov)


def covariance_torch(data):
    centred = data - torch.mean(data, dim=0)
    cov = centred.T @ centred / (data.shape[0] - 1.0)
    return torch.sum(cov * cov)


def covariance_autograd(data):
    centred = data - anp.mean(data, axis=0)
    cov = anp.dot(centred.T, centred) / (data.shape[0] - 1.0)
    return anp.sum(cov * cov)


def covariance_adjoint(data):
    N, M = data.shape
    mean = np.zeros(M)
    for i in range(N):
        for j in range(M):
            mean[j] += data[i, j]
    centred = np.empty_like(data)
    for i in range(N):
        for j in range(M):
            centred[i, j] = data[i, j] - mean[j] / N
    cov = centred.T @ centred
    value = 0.0
    for i in range(M):
        for j in range(M):
            entry = cov[i, j] / (N - 1.0)
            value += entry * entry
            cov[i, j] = 4.0 * entry / (N - 1.0)
    bar = centred @ cov
    mean_bar = np.zeros(M)
    for i in range(N):
        for j in range(M):
            mean_bar[j] += bar[i, j]
    for i in range(N):
        for j in range(M):
            bar[i, j] -= mean_bar[j] / N
    return value, (bar,)


def covariance_rows(data):
    """A row of the upper triangle after the other, as NPBench's NumPy has it."""
    M = data.shape[1]
    mean = np.zeros(M)
    for i in range(data.shape[0]):
        mean += data[i]
    centred = data - mean / data.shape[0]
    cov = np.zeros((M, M))
    for i in range(M):
        row = centred[:, i] @ centred[:, i:] / (data.shape[0] - 1.0)
        cov[i, i:] = row
        cov[i:, i] = row
    return np.sum(cov * cov)


def atax(A, x):
    return np.sum(A.T @ (A @ x))


def atax_jax(A, x):
    return jnp.sum((A @ x) @ A)


def atax_torch(A, x):
    return torch.sum((A @ x) @ A)


def atax_autograd(A, x):
    return anp.sum(anp.dot(anp.dot(A, x), A))


def atax_adjoint(A, x):
    M, N = A.shape
    y = A @ x
    ones = np.ones(N)
    y_bar = A @ ones
    A_bar = np.empty_like(A)
    for i in range(M):
        for j in range(N):
            A_bar[i, j] = y[i] + y_bar[i] * x[j]
    value = 0.0
    for i in range(M):
        value += y[i] * y_bar[i]
    return value, (A_bar, A.T @ y_bar)


def bicg(A, p, r):
    return np.sum(r @ A) + np.sum(A @ p)


def bicg_jax(A, p, r):
    return jnp.sum(r @ A) + jnp.sum(A @ p)


def bicg_torch(A, p, r):
    return torch.sum(r @ A) + torch.sum(A @ p)


def bicg_autograd(A, p, r):
    return anp.sum(anp.dot(r, A)) + anp.sum(anp.dot(A, p))


def mvt(x1, x2, y1, y2, A):
    x1 = x1 + A @ y1
    x2 = x2 + y2 @ A
    return x1 @ x2


def mvt_jax(x1, x2, y1, y2, A):
    return (x1 + A @ y1) @ (x2 + y2 @ A)


def mvt_autograd(x1, x2, y1, y2, A):
    return anp.dot(x1 + anp.dot(A, y1), x2 + anp.dot(y2, A))


def gemm(alpha, beta, C, A, B):
    out = alpha * A @ B + beta * C
    return np.sum(out * out)


def gemm_jax(alpha, beta, C, A, B):
    out = alpha * A @ B + beta * C
    return jnp.sum(out * out)


def gemm_torch(alpha, beta, C, A, B):
    out = alpha * A @ B + beta * C
    return torch.sum(out * out)


def gemm_autograd(alpha, beta, C, A, B):
    out = alpha * anp.dot(A, B) + beta * C
    return anp.sum(out * out)


def gemm_adjoint(alpha, beta, C, A, B):
    product = A @ B
    value, alpha_bar, beta_bar, C_bar = 0.0, 0.0, 0.0, np.empty_like(C)
    for i in range(C.shape[0]):
        for j in range(C.shape[1]):
            entry = alpha * product[i, j] + beta * C[i, j]
            value += entry * entry
            alpha_bar += 2.0 * entry * product[i, j]
            beta_bar += 2.0 * entry * C[i, j]
            C_bar[i, j] = 2.0 * beta * entry
            product[i, j] = 2.0 * alpha * entry
    return value, (alpha_bar, beta_bar, C_bar, product @ B.T, A.T @ product)


def syrk(alpha, beta, C, A):
    out = np.tril(alpha * A @ A.T + beta * C)
    return np.sum(out * out)


def syrk_jax(alpha, beta, C, A):
    out = jnp.tril(alpha * A @ A.T + beta * C)
    return jnp.sum(out * out)


def syrk_torch(alpha, beta, C, A):
    out = torch.tril(alpha * A @ A.T + beta * C)
    return torch.sum(out * out)


def symm(alpha, beta, C, A, B):
    lower = np.tril(A)
    out = alpha * (lower + lower.T - np.diag(np.diag(A))) @ B + beta * C
    return np.sum(out * out)


def symm_jax(alpha, beta, C, A, B):
    lower = jnp.tril(A)
    out = alpha * (lower + lower.T - jnp.diag(jnp.diag(A))) @ B + beta * C
    return jnp.sum(out * out)


def symm_torch(alpha, beta, C, A, B):
    lower = torch.tril(A)
    out = alpha * (lower + lower.T - torch.diag(torch.diag(A))) @ B + beta * C
    return torch.sum(out * out)


# -- networks ----------------------------------------------------------------------------------------------------


def softmax(x, w):
    top = np.max(x, axis=-1, keepdims=True)
    e = np.exp(x - top)
    return np.sum(w * (e / np.sum(e, axis=-1, keepdims=True)))


def softmax_primal(x, w):
    out = np.empty_like(x)
    for b in range(x.shape[0]):
        for h in range(x.shape[1]):
            for i in range(x.shape[2]):
                e = np.exp(x[b, h, i] - np.max(x[b, h, i]))
                out[b, h, i] = e / np.sum(e)
    return np.sum(w * out)


def softmax_jax(x, w):
    return jnp.sum(w * jax.nn.softmax(x, axis=-1))


def softmax_torch(x, w):
    return torch.sum(w * torch.softmax(x, dim=-1))


def softmax_autograd(x, w):
    e = anp.exp(x - anp.max(x, axis=-1, keepdims=True))
    return anp.sum(w * (e / anp.sum(e, axis=-1, keepdims=True)))


def softmax_adjoint(x, w):
    x_bar, w_bar = np.empty_like(x), np.empty_like(w)
    value = 0.0
    for b in range(x.shape[0]):
        for h in range(x.shape[1]):
            for i in range(x.shape[2]):
                top = -np.inf
                for j in range(x.shape[3]):
                    top = max(top, x[b, h, i, j])
                total = 0.0
                for j in range(x.shape[3]):
                    w_bar[b, h, i, j] = math.exp(x[b, h, i, j] - top)
                    total += w_bar[b, h, i, j]
                dot = 0.0
                for j in range(x.shape[3]):
                    w_bar[b, h, i, j] /= total
                    dot += w_bar[b, h, i, j] * w[b, h, i, j]
                for j in range(x.shape[3]):
                    x_bar[b, h, i, j] = w_bar[b, h, i, j] * (w[b, h, i, j] - dot)
                value += dot
    return value, (x_bar, w_bar)


def mlp(x, w1, b1, w2, b2, w3, b3, labels):
    h1 = np.maximum(x @ w1 + b1, 0.0)
    h2 = np.maximum(h1 @ w2 + b2, 0.0)
    z = h2 @ w3 + b3
    loss = 0.0
    for i in range(x.shape[0]):
        top = np.max(z[i])
        loss += top + np.log(np.sum(np.exp(z[i] - top))) - z[i, labels[i]]
    return loss / x.shape[0]


def mlp_jax(x, w1, b1, w2, b2, w3, b3, labels):
    z = jax.nn.relu(jax.nn.relu(x @ w1 + b1) @ w2 + b2) @ w3 + b3
    chosen = jnp.take_along_axis(z, labels[:, None], axis=1)[:, 0]
    return jnp.mean(jax.nn.logsumexp(z, axis=1) - chosen)


def mlp_torch(x, w1, b1, w2, b2, w3, b3, labels):
    z = torch.relu(torch.relu(x @ w1 + b1) @ w2 + b2) @ w3 + b3
    return torch.nn.functional.cross_entropy(z, labels)


def mlp_autograd(x, w1, b1, w2, b2, w3, b3, labels):
    h1 = anp.maximum(anp.dot(x, w1) + b1, 0.0)
    h2 = anp.maximum(anp.dot(h1, w2) + b2, 0.0)
    z = anp.dot(h2, w3) + b3
    top = anp.max(z, axis=1, keepdims=True)
    logs = top[:, 0] + anp.log(anp.sum(anp.exp(z - top), axis=1))
    return anp.mean(logs - z[anp.arange(len(labels)), labels])


def mlp_adjoint(x, w1, b1, w2, b2, w3, b3, labels):
    h1 = np.maximum(x @ w1 + b1, 0.0)
    h2 = np.maximum(h1 @ w2 + b2, 0.0)
    z = h2 @ w3 + b3
    n = x.shape[0]
    loss = 0.0
    b3_bar = np.zeros_like(b3)
    for i in range(n):
        top = np.max(z[i])
        chosen = z[i, labels[i]]
        total = 0.0
        for j in range(z.shape[1]):
            z[i, j] = math.exp(z[i, j] - top)
            total += z[i, j]
        loss += top + math.log(total) - chosen
        for j in range(z.shape[1]):
            z[i, j] /= total * n
        z[i, labels[i]] -= 1.0 / n
        for j in range(z.shape[1]):
            b3_bar[j] += z[i, j]
    h2_bar = z @ w3.T
    b2_bar = np.zeros_like(b2)
    for i in range(n):
        for j in range(h2.shape[1]):
            h2_bar[i, j] = h2_bar[i, j] if h2[i, j] > 0.0 else 0.0
            b2_bar[j] += h2_bar[i, j]
    h1_bar = h2_bar @ w2.T
    b1_bar = np.zeros_like(b1)
    for i in range(n):
        for j in range(h1.shape[1]):
            h1_bar[i, j] = h1_bar[i, j] if h1[i, j] > 0.0 else 0.0
            b1_bar[j] += h1_bar[i, j]
    return loss / n, (x.T @ h1_bar, b1_bar, h1.T @ h2_bar, b2_bar, h2.T @ z, b3_bar)


def mlp_arguments(rng, N, inputs, hidden, classes):
    shapes = (inputs, hidden), (hidden, hidden), (hidden, classes)
    layers = [a for s in shapes for a in (rng.standard_normal(s) / math.sqrt(s[0]), rng.standard_normal(s[1]))]
    return (rng.standard_normal((N, inputs)), *layers, rng.integers(0, classes, N))


@numba.njit
def convolved(x, w):
    """Every place of the result at once: the window times all filters, summed over the window and the channels."""
    K = w.shape[0]
    H, W = x.shape[1] - K + 1, x.shape[2] - K + 1
    out = np.empty((x.shape[0], H, W, w.shape[3]))
    for n in range(x.shape[0]):
        for i in range(H):
            for j in range(W):
                for c in range(w.shape[3]):
                    out[n, i, j, c] = np.sum(x[n, i : i + K, j : j + K, :] * w[:, :, :, c])
    return out


def conv2d(x, w, b):
    K = w.shape[0]
    N, H, W = x.shape[0], x.shape[1] - K + 1, x.shape[2] - K + 1
    out = np.empty((N, H, W, w.shape[3]))
    for i in range(H):
        for j in range(W):
            window = x[:, i : i + K, j : j + K, :, np.newaxis]
            out[:, i, j, :] = np.sum(window * w, axis=(1, 2, 3))
    out = out + b
    return np.sum(out * out)


def conv2d_primal(x, w, b):
    out = convolved(x, w) + b
    return np.sum(out * out)


def conv2d_jax(x, w, b):
    out = lax.conv_general_dilated(x, w, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")) + b
    return jnp.sum(out * out)


def conv2d_torch(x, w, b):
    out = torch.nn.functional.conv2d(x.permute(0, 3, 1, 2), w.permute(3, 2, 0, 1), b)
    return torch.sum(out * out)


def conv2d_adjoint(x, w, b):
    K, _, C_in, C_out = w.shape
    N, H, W = x.shape[0], x.shape[1] - K + 1, x.shape[2] - K + 1
    x_bar, w_bar, b_bar = np.zeros_like(x), np.zeros_like(w), np.zeros_like(b)
    out = np.empty(C_out)
    value = 0.0
    for n in range(N):
        for i in range(H):
            for j in range(W):
                out[:] = b
                for p in range(K):
                    for q in range(K):
                        for d in range(C_in):
                            for c in range(C_out):
                                out[c] += x[n, i + p, j + q, d] * w[p, q, d, c]
                for c in range(C_out):
                    value += out[c] * out[c]
                    out[c] *= 2.0
                    b_bar[c] += out[c]
                for p in range(K):
                    for q in range(K):
                        for d in range(C_in):
                            bar = 0.0
                            for c in range(C_out):
                                bar += out[c] * w[p, q, d, c]
                                w_bar[p, q, d, c] += out[c] * x[n, i + p, j + q, d]
                            x_bar[n, i + p, j + q, d] += bar
    return value, (x_bar, w_bar, b_bar)


def conv2d_arguments(rng, N, size, C_in, C_out, K):
    return rng.random((N, size, size, C_in)), rng.random((K, K, C_in, C_out)), rng.random(C_out)


def layer(x, w, b):
    """A convolution, then the larger of 0 and it."""
    K = w.shape[0]
    H, W = x.shape[1] - K + 1, x.shape[2] - K + 1
    out = np.empty((x.shape[0], H, W, w.shape[3]))
    for i in range(H):
        for j in range(W):
            out[:, i, j, :] = np.sum(x[:, i : i + K, j : j + K, :, np.newaxis] * w, axis=(1, 2, 3))
    return np.maximum(out + b, 0.0)


def pooled(x):
    """The largest of each two by two."""
    out = np.empty((x.shape[0], x.shape[1] // 2, x.shape[2] // 2, x.shape[3]))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            top = np.maximum(x[:, 2 * i, 2 * j], x[:, 2 * i, 2 * j + 1])
            bottom = np.maximum(x[:, 2 * i + 1, 2 * j], x[:, 2 * i + 1, 2 * j + 1])
            out[:, i, j] = np.maximum(top, bottom)
    return out


def lenet(x, w1, b1, w2, b2, w3, b3, w4, b4, w5, b5):
    x = pooled(layer(x, w1, b1))
    x = pooled(layer(x, w2, b2))
    h = x.reshape(x.shape[0], -1)
    h = np.maximum(h @ w3 + b3, 0.0)
    h = np.maximum(h @ w4 + b4, 0.0)
    out = h @ w5 + b5
    return np.sum(out * out)


pooled_numba = numba.njit(pooled)


def lenet_primal(x, w1, b1, w2, b2, w3, b3, w4, b4, w5, b5):
    x = pooled_numba(np.maximum(convolved(x, w1) + b1, 0.0))
    x = pooled_numba(np.maximum(convolved(x, w2) + b2, 0.0))
    h = x.reshape(x.shape[0], x.shape[1] * x.shape[2] * x.shape[3])
    h = np.maximum(h @ w3 + b3, 0.0)
    h = np.maximum(h @ w4 + b4, 0.0)
    out = h @ w5 + b5
    return np.sum(out * out)


def lenet_jax(x, w1, b1, w2, b2, w3, b3, w4, b4, w5, b5):
    def pool(x):
        return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def conv(x, w, b):
        return lax.conv_general_dilated(x, w, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")) + b

    x = pool(jax.nn.relu(conv(x, w1, b1)))
    x = pool(jax.nn.relu(conv(x, w2, b2)))
    h = x.reshape(x.shape[0], -1)
    out = jax.nn.relu(jax.nn.relu(h @ w3 + b3) @ w4 + b4) @ w5 + b5
    return jnp.sum(out * out)


def lenet_torch(x, w1, b1, w2, b2, w3, b3, w4, b4, w5, b5):
    nn = torch.nn.functional
    x = x.permute(0, 3, 1, 2)
    for w, b in ((w1, b1), (w2, b2)):
        x = nn.max_pool2d(torch.relu(nn.conv2d(x, w.permute(3, 2, 0, 1), b)), 2)
    h = x.permute(0, 2, 3, 1).reshape(x.shape[0], -1)
    out = torch.relu(torch.relu(h @ w3 + b3) @ w4 + b4) @ w5 + b5
    return torch.sum(out * out)


def lenet_arguments(rng, N, size):
    flat = (((size - 4) // 2 - 4) // 2) ** 2 * 16
    shapes = (5, 5, 1, 6), (5, 5, 6, 16), (flat, 120), (120, 84), (84, 10)
    layers = [a for s in shapes for a in (rng.standard_normal(s) * 0.1, rng.standard_normal(s[-1]) * 0.1)]
    return rng.random((N, size, size, 1)), *layers


def uniform(*shapes: Callable[..., tuple[int, ...]]) -> Callable[..., Arguments]:
    """Arguments of random numbers in [0, 1), each of a shape that is made of the lengths."""
    return lambda rng, *n: tuple(rng.random(shape(*n)) if shape(*n) else float(rng.random()) for shape in shapes)


def number(*_: int) -> tuple[int, ...]:
    """The shape of a number."""
    return ()


KERNELS = [
    Kernel(
        hdiff,
        sized(hdiff_arguments, T=(3, 4, 2), S=(64, 64, 60), M=(128, 128, 160)),
        argnums=(0, 1),
        adjoint=hdiff_adjoint,
        jax=hdiff_jax,
        torch=hdiff_torch,
        autograd=hdiff_autograd,
    ),
    Kernel(
        vadv,
        sized(vadv_arguments, T=(2, 3, 4), S=(60, 60, 40), M=(112, 112, 80)),
        argnums=(0, 1, 2, 3, 4, 5),
        adjoint=vadv_adjoint,
        jax=vadv_jax,
        torch=vadv_torch,
    ),
    Kernel(
        covariance,
        sized(uniform(lambda n, m: (n, m)), T=(4, 3), S=(600, 500), M=(1800, 1400)),
        adjoint=covariance_adjoint,
        jax=covariance_jax,
        torch=covariance_torch,
        autograd=covariance_autograd,
    ),
    Kernel(
        covariance_rows,
        sized(uniform(lambda n, m: (n, m)), T=(4, 3), S=(300, 240), M=(600, 500)),
        jax=covariance_jax,
        torch=covariance_torch,
        autograd=covariance_autograd,
    ),
    Kernel(
        atax,
        sized(uniform(lambda m, n: (m, n), lambda m, n: (n,)), T=(3, 4), S=(4000, 5000), M=(6000, 8000)),
        argnums=(0, 1),
        adjoint=atax_adjoint,
        jax=atax_jax,
        torch=atax_torch,
        autograd=atax_autograd,
    ),
    Kernel(
        bicg,
        sized(
            uniform(lambda m, n: (m, n), lambda m, n: (n,), lambda m, n: (m,)), T=(3, 4), S=(4000, 5000), M=(6000, 8000)
        ),
        argnums=(0, 1, 2),
        jax=bicg_jax,
        torch=bicg_torch,
        autograd=bicg_autograd,
    ),
    Kernel(
        mvt,
        sized(uniform(*[lambda n: (n,)] * 4, lambda n: (n, n)), T=(3,), S=(4000,), M=(7000,)),
        argnums=(0, 1, 2, 3, 4),
        jax=mvt_jax,
        torch=mvt_jax,  # written alike
        autograd=mvt_autograd,
    ),
    Kernel(
        gemm,
        sized(
            uniform(number, number, lambda m, n, k: (m, n), lambda m, n, k: (m, k), lambda m, n, k: (k, n)),
            T=(2, 3, 4),
            S=(500, 550, 600),
            M=(1000, 1100, 1200),
        ),
        argnums=(0, 1, 2, 3, 4),
        adjoint=gemm_adjoint,
        jax=gemm_jax,
        torch=gemm_torch,
        autograd=gemm_autograd,
    ),
    Kernel(
        syrk,
        sized(uniform(number, number, lambda n, m: (n, n), lambda n, m: (n, m)), T=(3, 2), S=(70, 50), M=(700, 500)),
        argnums=(0, 1, 2, 3),
        jax=syrk_jax,
        torch=syrk_torch,
    ),
    Kernel(
        symm,
        sized(
            uniform(number, number, lambda m, n: (m, n), lambda m, n: (m, m), lambda m, n: (m, n)),
            T=(3, 2),
            S=(40, 50),
            M=(400, 500),
        ),
        argnums=(0, 1, 2, 3, 4),
        jax=symm_jax,
        torch=symm_torch,
    ),
    Kernel(
        softmax,
        sized(uniform(*[lambda b, h, n: (b, h, n, n)] * 2), T=(1, 2, 3), S=(16, 16, 128), M=(32, 8, 256)),
        argnums=(0, 1),
        primal=softmax_primal,
        adjoint=softmax_adjoint,
        jax=softmax_jax,
        torch=softmax_torch,
        autograd=softmax_autograd,
    ),
    Kernel(
        mlp,
        sized(mlp_arguments, T=(3, 4, 5, 3), S=(64, 256, 256, 10), M=(256, 784, 1024, 10)),
        argnums=(1, 2, 3, 4, 5, 6),
        adjoint=mlp_adjoint,
        jax=mlp_jax,
        torch=mlp_torch,
        autograd=mlp_autograd,
    ),
    Kernel(
        conv2d,
        sized(conv2d_arguments, T=(2, 5, 2, 3, 2), S=(8, 32, 3, 16, 2), M=(8, 64, 8, 32, 3)),
        argnums=(0, 1, 2),
        primal=conv2d_primal,
        adjoint=conv2d_adjoint,
        jax=conv2d_jax,
        torch=conv2d_torch,
    ),
    Kernel(
        lenet,
        sized(lenet_arguments, T=(1, 16), S=(4, 28), M=(16, 64)),
        argnums=tuple(range(11)),
        primal=lenet_primal,
        jax=lenet_jax,
        torch=lenet_torch,
    ),
]
