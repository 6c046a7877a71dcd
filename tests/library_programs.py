"""Short functions about what the library does to memory and to lists: writes in place, views, growing lists.

Each takes values of `library_cases.VALUES` by the names of its parameters.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def add_at(v: Any, i: Any) -> Any:
    out = np.zeros(5)
    np.add.at(out, i, v)
    np.add.at(out, 1, 2.0)
    np.subtract.at(out, [0, 0], 1)
    return out


def add_at_rows(m: Any, i: Any, c: Any) -> Any:
    out = m.copy()
    np.add.at(out, ([0, 2, 0], [1, 1, 1]), c[0, :, 0])
    np.add.at(out, np.array([0, 0]), c[0, :2])
    np.add.at(out[1], i, 1.0)
    return out


def fill_and_sort(u: Any, m: Any, s: Any) -> Any:
    x, y = u.copy(), m.copy()
    x.sort()
    y.sort(0)
    y[1].sort()
    y[:, 2].fill(s)
    x[1:3].fill(7)
    return x, y


def copy_to(v: Any, w: Any, m: Any) -> Any:
    out = np.zeros_like(m)
    np.copyto(out, v)
    np.copyto(out[1], w * 2)
    return out


def fill_diagonal(q: Any, s: Any, v: Any) -> Any:
    a, d = q.copy(), np.zeros((4, 4))
    np.fill_diagonal(a, s)
    np.fill_diagonal(d, v)
    return a, d


def put_along(m: Any) -> Any:
    a = m.copy()
    np.put_along_axis(a, np.argmax(m, axis=1, keepdims=True), 0.0, axis=1)
    return a


def write_through_views(m: Any, v: Any) -> Any:
    a = m.copy()
    flat = a.reshape(-1)
    flat[5] = 10.0
    a.T[0, 1] = 20.0
    np.flip(v.copy())[0] = 1.0
    back = np.flip(a, 0)
    back[0] = v
    np.ravel(a)[0] = 30.0
    np.swapaxes(a, 0, 1)[3] *= 2.0
    np.diagonal(a)
    return a, flat.sum()


def view_of_split(v: Any) -> Any:
    a = v.copy()
    left, right = np.split(a, 2)
    left[0] = 5.0
    right += left
    return a


def independent_copies(v: Any) -> Any:
    a = np.tile(v, 1)
    b = np.repeat(v, 1)
    c = np.sort(v)
    d = np.sort(v)
    c[0] = 100.0
    a[0] = b[1] = 50.0
    return a, b, c, d, v


def grown_list(v: Any, n: Any) -> Any:
    parts = []
    for k in range(n):
        parts.append(v[k] * k)  # noqa: PERF401 - a list that grows in a loop is the point
    return (
        np.array(parts),
        sum(parts),
        max(parts),
        min(parts),
        len(parts),
        np.mean(parts),
        sorted(parts),
        np.prod(parts),
    )


def grown_list_of_rows(v: Any, n: Any) -> Any:
    rows = []
    for k in range(n):
        rows.append(v + k)  # noqa: PERF401 - the same for rows
    return np.array(rows), np.stack(rows), np.stack(rows, axis=1), np.concatenate(rows), np.vstack(rows), sum(rows)


def loop_of_norms(m: Any, n: Any) -> Any:
    total = 0.0
    for k in range(n):
        total += np.linalg.norm(m[k]) * np.median(m[k]) + np.interp(m[k, 0], np.arange(3.0), m[k, :3])
    return total


def matrix_attributes(m: Any) -> Any:
    n, k = m.shape
    return m.T.shape[0] * n + k, m.size, m.ndim, m.sum() / m.shape[0]


def diagonal_sees_later_writes(q: Any, s: Any) -> Any:
    a = q.copy()
    d, e, f = np.diag(a), np.diagonal(a, 1), np.einsum("ii->i", a)
    a[0, 0] = s
    a[0, 1] = 2 * s
    return d, e, f.sum()


def fresh_where_nothing_changes(i: Any, v: Any) -> Any:
    a, b, c = np.round(i), np.positive(v), np.conj(v)
    a[0], b[0], c[0] = 9, 9.0, 9.0
    return a, b, c, i, v


PROGRAMS = [
    add_at, add_at_rows, fill_and_sort, copy_to, fill_diagonal, put_along, write_through_views, view_of_split,
    independent_copies, grown_list, grown_list_of_rows, loop_of_norms, matrix_attributes,
    diagonal_sees_later_writes, fresh_where_nothing_changes,
]  # fmt: skip
