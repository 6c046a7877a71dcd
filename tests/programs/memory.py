"""Gather, scatter, views, aliases, masks."""

import numpy as np

from programs.case import case, given, integers, positive


@case("core", "compiled", x=(5,), idx=given(np.array([0, 3, 3, 1, 0, 4])), w=(6,))
def gather_repeated(x, idx, w):
    g = x[idx]
    return np.sum(g * g * w)


@case("core", values=(6,), where_=given(np.array([2, 0, 2, 1, 2, 3])), start=(4,))
def scatter_repeated(values, where_, start):
    out = start.copy()
    for k in range(len(values)):
        out[where_[k]] += values[k] * out[0]
    return np.sum(out**2)


@case(values=(6,), bins=given(np.array([2, 0, 2, 1, 2, 3])))
def scatter_last_wins(values, bins):
    out = np.ones(5)
    out[bins] = np.sin(values)
    return np.prod(out) + out[2]


@case(values=(7,), bins=given(integers(0, 4, 7)))
def scatter_add_at(values, bins):
    hist = np.zeros(4)
    np.add.at(hist, bins, values**2)
    return np.sum(np.sqrt(hist + 1.0))


@case("core", a=(4, 5))
def row_views_written(a):
    m = a.copy()
    for i in range(1, m.shape[0]):
        row = m[i]
        above = m[i - 1]
        row[:] = row * 0.5 + above
        row[0] = np.sin(above[1])
    return np.sum(m * m)


@case(a=(12,))
def slices_of_slices(a):
    w = a.copy()
    odd = w[1::2]
    part = odd[1:5]
    tail = part[::-1]
    tail[1:3] *= w[0]
    part[0] += tail[3] * tail[2]
    return w @ np.arange(12.0) + (odd**2).sum()


@case(a=(3, 4))
def transpose_read_and_written(a):
    b = a.copy()
    t = b.T
    t[2, 1] = b[0, 0] * t[3, 2]
    b[1, :] += t[:, 0]
    return np.sum(t**2) + np.sum(t @ b)


@case(x=(6,))
def alias_is_not_a_copy(x):
    y = x.copy()
    z = y
    z[2] = y[1] * y[0]
    y[1] = z[2] + 1.0
    return y[2] * z[1] + z.sum()


@case(x=(5,))
def writes_into_its_argument(x):
    for i in range(1, len(x)):
        x[i] = x[i] * x[i - 1] + 0.5
    return x[-1]


@case(x=(8,))
def boolean_mask_read(x):
    pos = x[x > 0]
    neg = x[x <= 0]
    return np.sum(pos**2) + np.exp(neg).sum() * pos.mean()


@case(x=(8,), fill=0.3)
def boolean_mask_store(x, fill):
    y = x.copy()
    y[y < -0.5] = fill
    y[y > 0.8] = y[y > 0.8] ** 2
    return np.sum(y * x)


@case(a=(4, 4))
def masked_matrix(a):
    m = a > 0
    b = np.where(m, a**2, np.exp(a))
    b[~m] *= 0.5
    return b.sum()


@case(a=(4, 6), i=given(2))
def negative_and_stepped_indices(a, i):
    x = a[-1, -3] * a[i, ::2].sum()
    y = a[::-1, i] @ a[:, -i]
    z = a[..., 1:3].mean() + a[1:-1, -2:].sum()
    return x + y * z + a[i][i - 4]


@case(x=(6,))
def reshape_shares_memory(x):
    y = x.copy()
    m = y.reshape(2, 3)
    m[1, :] = m[0, :] * m[1, :]
    flat = m.ravel()
    return flat[3] * y[4] + y[5] ** 2


@case(q=(4, 3))
def swap_rows(q):
    m = q.copy()
    for i in range(m.shape[0] - 1):
        if m[i, 0] > m[i + 1, 0]:
            tmp = m[i].copy()
            m[i] = m[i + 1]
            m[i + 1] = tmp
    return np.sum(m[:, 1] * np.arange(4.0)) + m[0, 0] * m[3, 2]


@case(x=(5,))
def cumulative_in_place(x):
    c = x.copy()
    for i in range(1, c.size):
        c[i] += c[i - 1]
    d = np.cumsum(x * x)
    e = np.diff(d)
    return c @ d + np.sum(np.cumprod(1 + 0.1 * x)) + e[1:] @ e[:-1]


@case(values=(7,), rows=given(np.array([0, 1, 1, 2, 2, 3, 3])), cols=given(np.array([1, 0, 2, 1, 3, 0, 3])), x=(4,))
def sparse_matrix_vector(values, rows, cols, x):
    y = np.zeros(4)
    for v, r, c in zip(values, rows, cols):
        y[r] += v * x[c]
    return y @ y


@case(data=(7,), x=(4,))
def csr_matrix_vector(data, x):
    indptr = np.array([0, 1, 3, 5, 7])
    indices = np.array([1, 0, 2, 1, 3, 0, 3])
    s = 0.0
    for i in range(len(indptr) - 1):
        acc = 0.0
        for k in range(indptr[i], indptr[i + 1]):
            acc += data[k] * x[indices[k]]
        s += acc**2 * (i + 1)
    return s


@case(pos=(4, 2), pairs=given(np.array([[0, 1], [1, 2], [2, 3], [3, 0], [0, 2]])), rest=positive(5))
def springs_from_pairs(pos, pairs, rest):
    force = np.zeros_like(pos)
    for k in range(pairs.shape[0]):
        i, j = pairs[k]
        d = pos[j] - pos[i]
        length = np.sqrt(np.sum(d**2))
        f = (length - rest[k]) * d / length
        force[i] += f
        force[j] -= f
    return np.sum(force**2)


@case("array", x=(4,))
def table_of_powers(x):
    out = np.empty((x.size, 3))
    out[:, 0] = 1.0
    for k in range(1, 3):
        out[:, k] = out[:, k - 1] * x
    return out


@case(a=(6,), b=(6,))
def diagonal_and_fill(a, b):
    m = np.zeros((6, 6))
    for i in range(6):
        m[i, i] = a[i]
        if i + 1 < 6:
            m[i, i + 1] = b[i]
    m[2:4, 2:4] += np.ones((2, 2)) * a[0]
    band = np.diag(m) * b
    return np.sum(m @ m) + band.sum()


@case(x=(3, 3))
def list_of_rows(x):
    rows = [x[0], x[1] * 2.0, x[2] ** 2]
    total = rows[0] * rows[1] - rows[2]
    stacked = np.vstack((rows[0], total))
    return np.sum(stacked**2)


@case(a=(2, 3), b=(2, 3), v=(3,))
def stacking_and_splitting(a, b, v):
    c = np.concatenate((a, b), axis=0)
    d = np.hstack((a, b))
    e = np.column_stack((v, v**2))
    f = np.stack((a, b), axis=1)
    g = np.repeat(v, 2)
    return np.sum(c @ e) + d[1] @ g + np.sum(f[:, 0] * f[:, 1]) + np.append(v, 1.0).prod()


@case(u=(5,), scratch=given(np.zeros(5)))
def scratch_array_reused(u, scratch):
    total = 0.0
    for k in range(3):
        for i in range(5):
            scratch[i] = u[i] ** (k + 1)
        total += np.max(scratch) * scratch[0]
    return total


def axpy(a, x, y):
    for i in range(len(y)):
        y[i] += a * x[i]


@case(a=0.7, x=(5,), y=(5,))
def helper_writes_into_views(a, x, y):
    axpy(a, x, y)
    axpy(a * a, y[1:], x[:-1])
    axpy(-0.3, x[::-1], y)
    return y @ x


def times_reversed(a, b):
    for i in range(len(a)):
        a[i] *= b[-1 - i]
    return a


@case("core", x=(4,))
def same_array_to_a_helper(x):
    y = x.copy()
    times_reversed(y, y)
    return times_reversed(y[1:], y[:-1]).sum()


@case("core", x=(4,), y=(4,))
def written_through_slices_and_masks(x, y):
    x[::2] *= y[1::2]
    x[1:3] /= 2 + y[:2] ** 2
    x[-2:] -= x[:2]
    x[x > 0] += 0.5
    y[...] = x[::-1]
    y[[0, 2]] = y[[2, 0]] * x[0]
    return x @ y


@case("core", "compiled", x=(4,))
def stored_in_every_other_iteration(x):
    kept = np.ones(x.shape[0])
    p = 1.0
    for i in range(x.shape[0]):
        z = np.exp(0.5 * x[i] * p)
        if i % 2 == 0:
            kept[i] = z
        p = 0.5 * p + 0.1 * z * z
    return p + np.sum(kept)
