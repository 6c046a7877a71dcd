"""Derivatives that are loops over other derivatives, written as the programs they are.

These functions are never run by Python: a program being lowered takes them in like the user's own, so that a Jacobian
is a loop of sweeps in the same kernel, and can itself be differentiated. `sweep` is one forward sweep for `WIDTH`
directions at once, or None where the function has no such form.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adcompile import api
from adcompile.transforms.directions import WIDTH


def jacobian_forward(f: Any, x: Any, sweep: Any) -> Any:
    """Columns of the Jacobian: several to a forward sweep, or one."""
    if np.ndim(x) == 0:
        return api.jvp(f, (x,), (1.0,))[1]
    if sweep is None:
        return one_by_one(f, x)
    return side_by_side(f, x, sweep)


def side_by_side(f: Any, x: Any, sweep: Any) -> Any:
    """Columns of the Jacobian, `WIDTH` to a forward sweep; in the last some may be idle."""
    y = f(x)
    columns = np.zeros((np.size(y), x.size), dtype=dtype_of(y, x))
    directions = np.zeros((x.size, WIDTH), dtype=x.dtype)
    for start in range(0, x.size, WIDTH):
        count = min(WIDTH, x.size - start)
        for k in range(count):
            directions[start + k, k] = 1.0
        found = sweep(directions.reshape((*x.shape, WIDTH))).reshape((np.size(y), WIDTH))
        for i in range(np.size(y)):
            for k in range(count):
                columns[i, start + k] = found[i, k]
        for k in range(count):
            directions[start + k, k] = 0.0
    return columns.reshape(np.shape(y) + x.shape)


def one_by_one(f: Any, x: Any) -> Any:
    """Columns of the Jacobian, one forward sweep each."""
    y = f(x)
    columns = np.zeros((np.size(y), x.size), dtype=dtype_of(y, x))
    direction = np.zeros(x.size, dtype=x.dtype)
    for k in range(x.size):
        direction[k] = 1.0
        _, y_dot = api.jvp(f, (x,), (direction.reshape(x.shape),))
        direction[k] = 0.0
        columns[:, k] = np.ravel(y_dot)
    return columns.reshape(np.shape(y) + x.shape)


def dtype_of(y: Any, x: Any) -> Any:
    """The dtype of the tangent of a result."""
    return x.dtype if np.ndim(y) == 0 and not np.iscomplexobj(y) else np.asarray(y).dtype


def jacobian_reverse(f: Any, x: Any, sweep: Any) -> Any:
    """Rows of the Jacobian, one reverse sweep each."""
    y, pullback = api.vjp(f, x)
    if np.ndim(y) == 0:
        return pullback(1.0)[0]
    rows = np.zeros((y.size, np.size(x)), dtype=np.asarray(x).dtype if np.iscomplexobj(x) else y.dtype)
    direction = np.zeros(y.size, dtype=y.dtype)
    for k in range(y.size):
        direction[k] = 1.0
        (x_bar,) = pullback(direction.reshape(y.shape))
        direction[k] = 0.0
        rows[k, :] = np.ravel(x_bar)
    return rows.reshape(y.shape + np.shape(x))


def jacobian_cheaper(f: Any, x: Any, sweep: Any) -> Any:
    """Whichever of the two takes less: a forward sweep of several directions costs about two reverse sweeps."""
    if np.ndim(x) == 0:
        return jacobian_forward(f, x, sweep)
    y = f(x)
    if np.ndim(y) == 0:
        return jacobian_reverse(f, x, sweep)
    per_reverse = 1 if sweep is None else WIDTH // 2
    if np.size(y) * per_reverse < x.size:
        return jacobian_reverse(f, x, sweep)
    return jacobian_forward(f, x, sweep)


JACOBIANS = {"jacfwd": jacobian_forward, "jacrev": jacobian_reverse, "jacobian": jacobian_cheaper}


def entries(sweep: Any, width: Any, dtype: Any, count: Any, size: Any, rows: Any, colours: Any) -> Any:
    """The nonzeros of a sparse matrix: columns, or rows, that share a colour come from one sweep, each nonzero from where it stands."""
    table = np.zeros((size, (count + width - 1) // width * width), dtype=dtype)
    for start in range(0, count, width):
        table[:, start : start + width] = sweep(start)
    values = np.empty(rows.size, dtype=dtype)
    for k in range(rows.size):
        values[k] = table[rows[k], colours[k]]
    return values


def ones_at(colours: Any, start: Any, width: Any, dtype: Any) -> Any:
    """A row for each number, with a one where it has one of the colours from `start` on."""
    rows = np.zeros((colours.size, width), dtype=dtype)
    for k in range(colours.size):
        place = colours[k] - start
        if 0 <= place < width:
            rows[k, place] = 1.0
    return rows
