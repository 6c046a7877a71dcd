"""Derivatives that are loops over other derivatives, written as the programs they are.

These functions are never run by Python: a program being lowered takes them in like the user's own, so that a Jacobian
is a loop of sweeps in the same kernel, and can itself be differentiated.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adcompile import api


def jacobian_forward(f: Any, x: Any) -> Any:
    """Columns of the Jacobian, one forward sweep each."""
    if np.ndim(x) == 0:
        return api.jvp(f, (x,), (1.0,))[1]
    y = f(x)
    columns = np.zeros((np.size(y), x.size), dtype=x.dtype)
    direction = np.zeros(x.size, dtype=x.dtype)
    for k in range(x.size):
        direction[k] = 1.0
        _, y_dot = api.jvp(f, (x,), (direction.reshape(x.shape),))
        direction[k] = 0.0
        columns[:, k] = np.ravel(y_dot)
    return columns.reshape(np.shape(y) + x.shape)


def jacobian_reverse(f: Any, x: Any) -> Any:
    """Rows of the Jacobian, one reverse sweep each."""
    y, pullback = api.vjp(f, x)
    if np.ndim(y) == 0:
        return pullback(1.0)[0]
    rows = np.zeros((y.size, np.size(x)), dtype=y.dtype)
    direction = np.zeros(y.size, dtype=y.dtype)
    for k in range(y.size):
        direction[k] = 1.0
        (x_bar,) = pullback(direction.reshape(y.shape))
        direction[k] = 0.0
        rows[k, :] = np.ravel(x_bar)
    return rows.reshape(y.shape + np.shape(x))


def jacobian_cheaper(f: Any, x: Any) -> Any:
    """Whichever of the two takes fewer sweeps; a gradient takes one."""
    if np.ndim(x) == 0:
        return jacobian_forward(f, x)
    y = f(x)
    if np.ndim(y) == 0:
        return jacobian_reverse(f, x)
    if np.size(y) < x.size:
        return jacobian_reverse(f, x)
    return jacobian_forward(f, x)


JACOBIANS = {"jacfwd": jacobian_forward, "jacrev": jacobian_reverse, "jacobian": jacobian_cheaper}
