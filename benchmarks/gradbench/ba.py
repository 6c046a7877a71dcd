"""GradBench's `ba`: cameras, points and weights adjusted to observations; the Jacobian is sparse, in compressed rows."""

from __future__ import annotations

import math

import numpy as np

import adcompile as ad
from benchmarks.gradbench.evals import Eval, Function, array, compiled, rng


@compiled
def reprojection_error(camera, point, weight, feature):
    rx, ry, rz = camera[0], camera[1], camera[2]
    zx, zy, zz = point[0] - camera[3], point[1] - camera[4], point[2] - camera[5]
    square = rx * rx + ry * ry + rz * rz
    if square != 0.0:
        angle = math.sqrt(square)
        ax, ay, az = rx / angle, ry / angle, rz / angle
        cosine, sine = math.cos(angle), math.sin(angle)
        along = (ax * zx + ay * zy + az * zz) * (1.0 - cosine)
        px = zx * cosine + (ay * zz - az * zy) * sine + ax * along
        py = zy * cosine + (az * zx - ax * zz) * sine + ay * along
        pz = zz * cosine + (ax * zy - ay * zx) * sine + az * along
    else:
        px = zx + ry * zz - rz * zy
        py = zy + rz * zx - rx * zz
        pz = zz + rx * zy - ry * zx
    u, v = px / pz, py / pz
    rho = u * u + v * v
    distortion = 1.0 + camera[9] * rho + camera[10] * rho * rho
    u = u * distortion * camera[6] + camera[7]
    v = v * distortion * camera[6] + camera[8]
    return np.array([weight * (u - feature[0]), weight * (v - feature[1])])


@compiled
def weight_error(weight):
    return 1.0 - weight * weight


@compiled
def reprojection_errors(cameras, points, weights, features, observations):
    errors = np.empty((len(weights), 2))
    for i in range(len(weights)):
        camera, point = cameras[observations[i, 0]], points[observations[i, 1]]
        errors[i] = reprojection_error(camera, point, weights[i], features[i])
    return errors


@compiled
def objective(cameras, points, weights, features, observations):
    of_weights = np.empty(len(weights))
    for i in range(len(weights)):
        of_weights[i] = weight_error(weights[i])
    return reprojection_errors(cameras, points, weights, features, observations), of_weights


@compiled
def sum_of_component(cameras, points, weights, features, e):
    """The sum of one component of all errors, each with a camera and a point of its own: its gradient holds their rows."""
    total = 0.0
    for i in range(len(weights)):
        total += reprojection_error(cameras[i], points[i], weights[i], features[i])[e]
    return total


rows_of = ad.grad(sum_of_component, (0, 1, 2))
slope_of = ad.grad(weight_error)


@compiled
def put_rows(e, by_camera, by_point, by_weight, rows, columns, values, observations, n, m):
    """The rows of one component, 15 entries each, into the compressed rows."""
    for i in range(len(by_weight)):
        entry = 30 * i + 15 * e
        rows[2 * i + e] = entry
        for j in range(11):
            columns[entry + j] = 11 * observations[i, 0] + j
            values[entry + j] = by_camera[i, j]
        for j in range(3):
            columns[entry + 11 + j] = 11 * n + 3 * observations[i, 1] + j
            values[entry + 11 + j] = by_point[i, j]
        columns[entry + 14] = 11 * n + 3 * m + i
        values[entry + 14] = by_weight[i]


@compiled
def put_weights(weights, rows, columns, values, n, m):
    """The rows of the weights' errors, one entry each, into the compressed rows."""
    p = len(weights)
    for i in range(p):
        rows[2 * p + i] = 30 * p + i
        columns[30 * p + i] = 11 * n + 3 * m + i
        values[30 * p + i] = slope_of(weights[i])
    rows[3 * p] = 31 * p


def jacobian(cameras, points, weights, features, observations):
    n, m, p = len(cameras), len(points), len(weights)
    rows, columns, values = np.empty(3 * p + 1, dtype=np.int64), np.empty(31 * p, dtype=np.int64), np.empty(31 * p)
    camera_of, point_of = cameras[observations[:, 0]], points[observations[:, 1]]
    for e in range(2):
        by = rows_of(camera_of, point_of, weights, features, e)
        put_rows(e, *by, rows, columns, values, observations, n, m)
    put_weights(weights, rows, columns, values, n, m)
    return rows, columns, values


def decode(given):
    n, m, p = given["n"], given["m"], given["p"]
    i = np.arange(p)
    return (
        np.tile(array(given["cam"]), (n, 1)),
        np.tile(array(given["x"]), (m, 1)),
        np.full(p, float(given["w"])),
        np.tile(array(given["feat"]), (p, 1)),
        np.stack([i % n, i % m], axis=1),
    )


def encode_objective(errors):
    reprojections, of_weights = errors
    p = len(of_weights)
    return {
        "reproj_error": {"elements": reprojections[0].tolist(), "repeated": p},
        "w_err": {"element": float(of_weights[0]), "repeated": p},
    }


def encode_jacobian(parts):
    named = zip(("rows", "cols", "vals"), parts, strict=True)
    return {name: [*part[:30].tolist(), part[-1].item()] for name, part in named}


def make(n, m, p, rng):
    camera = rng.standard_normal(11)
    camera[3:6] += [0.0, 0.0, -5.0]
    return {
        "n": n,
        "m": m,
        "p": p,
        "w": 0.7,
        "cam": camera.tolist(),
        "x": rng.standard_normal(3).tolist(),
        "feat": rng.standard_normal(2).tolist(),
    }


EVAL = Eval(
    {
        "objective": Function(objective, decode, encode_objective),
        "jacobian": Function(jacobian, decode, encode_jacobian),
    },
    lambda name: [make(2, 3, 4, rng())],
    {
        "n49_m7776_p31843": lambda rng: make(49, 7776, 31843, rng),
        "n372_m47423_p204472": lambda rng: make(372, 47423, 204472, rng),
    },
    ("jacobian",),
    "objective",
)
