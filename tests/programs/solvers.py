"""Matrix factorisations and solvers, written out in loops."""

import numpy as np

from programs.case import case, definite, dominant, given


@case("core", A=dominant(4), b=(4,))
def lu_in_place(A, b):
    A = A.copy()
    x = b.copy()
    n = len(x)
    for k in range(n):
        for i in range(k + 1, n):
            A[i, k] /= A[k, k]
            for j in range(k + 1, n):
                A[i, j] -= A[i, k] * A[k, j]
    for i in range(n):
        for j in range(i):
            x[i] -= A[i, j] * x[j]
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            x[i] -= A[i, j] * x[j]
        x[i] = x[i] / A[i, i]
    return np.sum(x * x)


@case(a=(4, 4), b=(4,))
def gauss_with_pivoting(a, b):
    m = np.concatenate((a, b.reshape(4, 1)), axis=1)
    n = m.shape[0]
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(m[i, k]) > abs(m[p, k]):
                p = i
        if p != k:
            for j in range(n + 1):
                m[k, j], m[p, j] = m[p, j], m[k, j]
        for i in range(k + 1, n):
            factor = m[i, k] / m[k, k]
            m[i, k:] -= factor * m[k, k:]
    x = np.zeros(n)
    for i in reversed(range(n)):
        x[i] = (m[i, n] - m[i, i + 1 : n] @ x[i + 1 :]) / m[i, i]
    return np.tanh(x).sum()


@case("core", a=definite(4))
def cholesky_loops(a):
    n = a.shape[0]
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = a[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            if i == j:
                L[i, j] = np.sqrt(s)
            else:
                L[i, j] = s / L[j, j]
    logdet = 0.0
    for i in range(n):
        logdet += 2 * np.log(L[i, i])
    return logdet + L[2, 1]


@case(A=definite(4))
def cholesky_in_place_columns(A):
    A = A.copy()
    n = len(A)
    for j in range(n):
        A[j, j] = np.sqrt(A[j, j])
        A[j + 1 :, j] = A[j + 1 :, j] / A[j, j]
        for k in range(j + 1, n):
            A[k:, k] -= A[k:, j] * A[k, j]
    return np.sum(np.tril(A) ** 3)


@case(lower=(6,), diag=(6,), upper=(6,), d=(6,))
def thomas(lower, diag, upper, d):
    n = d.size
    c = np.zeros(n)
    x = np.zeros(n)
    b = diag + 6.0
    c[0] = upper[0] / b[0]
    x[0] = d[0] / b[0]
    for i in range(1, n):
        denom = b[i] - lower[i] * c[i - 1]
        c[i] = upper[i] / denom
        x[i] = (d[i] - lower[i] * x[i - 1]) / denom
    for i in range(n - 2, -1, -1):
        x[i] -= c[i] * x[i + 1]
    return np.linalg.norm(x)


@case(A=(5, 3), b=(5,))
def gram_schmidt_least_squares(A, b):
    m, n = A.shape
    Q = np.zeros((m, n))
    R = np.zeros((n, n))
    for j in range(n):
        v = A[:, j].copy()
        for i in range(j):
            R[i, j] = Q[:, i] @ v
            v -= R[i, j] * Q[:, i]
        R[j, j] = np.sqrt(np.sum(v**2))
        Q[:, j] = v / R[j, j]
    y = Q.T @ b
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = y[i]
        for j in range(i + 1, n):
            x[i] -= R[i, j] * x[j]
        x[i] /= R[i, i]
    return x @ x


@case("array", L=dominant(4), b=(4,))
def forward_substitution(L, b):
    x = np.zeros_like(b)
    for i in range(len(b)):
        x[i] = (b[i] - np.dot(L[i, :i], x[:i])) / L[i, i]
    return x


@case(A=definite(5), b=(5,), n=given(4))
def conjugate_gradients(A, b, n):
    x = np.zeros(5)
    r = b - A @ x
    p = r.copy()
    rs = r @ r
    for _ in range(n):
        Ap = A @ p
        alpha = rs / (p @ Ap)
        x = x + alpha * p
        r = r - alpha * Ap
        rs_new = r @ r
        p = r + (rs_new / rs) * p
        rs = rs_new
    return np.sum(x) + rs


@case(A=dominant(4), b=(4,))
def jacobi_until_small(A, b):
    x = np.zeros_like(b)
    d = np.diag(A)
    R = A - np.diag(d)
    for it in range(100):
        x_new = (b - R @ x) / d
        if np.max(np.abs(x_new - x)) < 1e-13:
            x = x_new
            break
        x = x_new
    return np.sum(x**2)


@case(A=dominant(4), b=(4,), omega=1.1)
def sor_iteration(A, b, omega):
    x = np.zeros(b.shape[0])
    for _ in range(5):
        for i in range(b.shape[0]):
            sigma = 0.0
            for j in range(b.shape[0]):
                if j != i:
                    sigma += A[i][j] * x[j]
            x[i] += omega * ((b[i] - sigma) / A[i][i] - x[i])
    return x.sum()


@case(A=(4, 4))
def householder_norms(A):
    R = A.copy()
    n = R.shape[1]
    for k in range(n - 1):
        x = R[k:, k]
        v = x.copy()
        v[0] += np.sign(x[0]) * np.sqrt(x @ x)
        v /= np.sqrt(v @ v)
        R[k:, k:] -= 2.0 * np.outer(v, v @ R[k:, k:])
    return np.sum(np.log(np.abs(np.diag(R))))


@case(A=definite(4), v=(4,))
def power_iteration(A, v):
    for _ in range(6):
        v = A @ v
        v = v / np.linalg.norm(v)
    return v @ A @ v


@case(links=given(np.array([[0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 0], [1, 1, 0, 0]])), w=(4, 4), damping=0.85)
def pagerank(links, w, damping):
    weights = links * np.exp(w)
    p = weights / weights.sum(axis=1, keepdims=True)
    n = len(p)
    rank = np.ones(n) / n
    for _ in range(8):
        rank = (1 - damping) / n + damping * (rank @ p)
    return np.sum(rank**2)


@case(C=(4, 5), eps=given(0.5))
def sinkhorn(C, eps):
    n, m = C.shape
    K = np.exp(-C / eps)
    u = np.ones(n)
    v = np.ones(m)
    for _ in range(5):
        u = (1.0 / n) / (K @ v)
        v = (1.0 / m) / (K.T @ u)
    P = u[:, None] * K * v[None, :]
    return np.sum(P * C)


@case(A=(3, 3), t=0.4)
def expm_by_series(A, t):
    term = np.eye(3)
    total = np.eye(3)
    for k in range(1, 12):
        term = term @ A * (t / k)
        total += term
    return np.trace(total) + total[0, 2]


@case(A=dominant(3), B=(3, 2))
def numpy_linalg(A, B):
    S = A @ A.T + np.eye(3)
    L = np.linalg.cholesky(S)
    X = np.linalg.solve(A, B)
    sign, logdet = np.linalg.slogdet(S)
    return np.sum(X**2) + np.trace(np.linalg.inv(A)) + logdet + np.log(np.linalg.det(S)) + L[1, 0] + L[2, 2]


@case(A=(3, 3))
def newton_schulz_inverse(A):
    A = A + 5.0 * np.identity(3)
    X = A.T / (np.max(np.sum(np.abs(A), axis=0)) * np.max(np.sum(np.abs(A), axis=1)))
    for _ in range(12):
        X = X @ (2.0 * np.eye(3) - A @ X)
    return X.sum()


@case(a=(3, 4), b=(4, 2), alpha=1.5, beta=0.5, c=(3, 2))
def gemm_loops(a, b, alpha, beta, c):
    out = np.empty(c.shape)
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            out[i, j] = c[i, j] * beta
            for k in range(a.shape[1]):
                out[i, j] += alpha * a[i, k] * b[k, j]
    return np.sum(out * out)


@case("core", a=(4, 3))
def householder_qr(a):
    m, n = a.shape
    r, q = a.copy(), np.eye(m)
    for k in range(n):
        x = r[k:, k]
        e = np.zeros(len(x))
        e[0] = np.copysign(np.linalg.norm(x), x[0])
        v = x + e
        v = v / np.linalg.norm(v)
        r[k:, k:] -= 2.0 * np.outer(v, v @ r[k:, k:])
        q[:, k:] -= 2.0 * np.outer(q[:, k:] @ v, v)
    return np.trace(r[:n]) + q[0, 0] * q[1, 2]
