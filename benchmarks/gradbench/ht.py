"""GradBench's `ht`: the pose of a hand whose skin, moved by its bones, is to meet points."""

from __future__ import annotations

import math

import numpy as np

import adcompile as ad
from benchmarks.gradbench.evals import Eval, Function, array, compiled, integers, rng


@compiled
def bone_angles(theta, bones):
    """Rotations about the axes of each bone: three numbers for each finger are about x, its first has one about y."""
    angles = np.zeros((bones, 3))
    for finger in range(5):
        t, bone = 6 + 4 * finger, 2 + 4 * finger
        angles[bone, 0] = theta[t]
        angles[bone, 1] = theta[t + 1]
        angles[bone + 1, 0] = theta[t + 2]
        angles[bone + 2, 0] = theta[t + 3]
    return angles


@compiled
def rotation_of_angles(a):
    """Rz(a[1]) Ry(a[2]) Rx(a[0]), in homogeneous coordinates."""
    cx, sx = math.cos(a[0]), math.sin(a[0])
    cz, sz = math.cos(a[1]), math.sin(a[1])
    cy, sy = math.cos(a[2]), math.sin(a[2])
    return np.array(
        [
            [cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx, 0.0],
            [sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx, 0.0],
            [-sy, cy * sx, cy * cx, 0.0],
            [0.0, 0.0, 0.0, 1.0],
        ]
    )


@compiled
def rotation_of_vector(r):
    square = r[0] * r[0] + r[1] * r[1] + r[2] * r[2]
    if square < 1e-8:
        return np.eye(3)
    length = math.sqrt(square)
    x, y, z = r[0] / length, r[1] / length, r[2] / length
    s, c = math.sin(length), math.cos(length)
    k = 1.0 - c
    return np.array(
        [
            [x * x * k + c, x * y * k - z * s, x * z * k + y * s],
            [x * y * k + z * s, y * y * k + c, y * z * k - x * s],
            [x * z * k - y * s, y * z * k + x * s, z * z * k + c],
        ]
    )


@compiled
def product(A, B):
    """The product of two matrices of a size at which a call of BLAS takes longer than the product."""
    C = np.empty((4, 4))
    for i in range(4):
        for j in range(4):
            total = 0.0
            for k in range(4):
                total += A[i, k] * B[k, j]
            C[i, j] = total
    return C


@compiled
def bone_transforms(theta, parents, relatives, inverses):
    bones = len(parents)
    angles = bone_angles(theta, bones)
    absolutes = np.empty((bones, 4, 4))
    transforms = np.empty((bones, 4, 4))
    for b in range(bones):
        turned = product(relatives[b], rotation_of_angles(angles[b]))
        if parents[b] == -1:
            absolutes[b] = turned
        else:
            absolutes[b] = product(absolutes[parents[b]], turned)
        transforms[b] = product(absolutes[b], inverses[b])
    return transforms


@compiled
def skin(theta, parents, relatives, inverses, base_positions, weights, mirrored):
    """Where the vertices are."""
    transforms = bone_transforms(theta, parents, relatives, inverses)
    turn = rotation_of_vector(theta[:3])
    positions = np.empty((len(base_positions), 3))
    local = np.empty(3)
    for v in range(len(base_positions)):
        local[:] = 0.0
        for b in range(len(parents)):
            if weights[v, b] != 0.0:
                for i in range(3):
                    s = 0.0
                    for j in range(4):
                        s += transforms[b, i, j] * base_positions[v, j]
                    local[i] += weights[v, b] * s
        if mirrored:
            local[0] = -local[0]
        for i in range(3):
            positions[v, i] = theta[3 + i]
            for j in range(3):
                positions[v, i] += turn[i, j] * local[j]
    return positions


@compiled
def errors_simple(theta, correspondences, points, parents, relatives, inverses, base_positions, weights, mirrored):
    positions = skin(theta, parents, relatives, inverses, base_positions, weights, mirrored)
    errors = np.empty((len(points), 3))
    for i in range(len(points)):
        for j in range(3):
            errors[i, j] = points[i, j] - positions[correspondences[i], j]
    return errors


@compiled
def errors_complicated(
    theta, us, correspondences, points, triangles, parents, relatives, inverses, base_positions, weights, mirrored
):
    positions = skin(theta, parents, relatives, inverses, base_positions, weights, mirrored)
    errors = np.empty((len(points), 3))
    for i in range(len(points)):
        p, q, r = triangles[correspondences[i]]
        u, v = us[i]
        for j in range(3):
            place = u * positions[p, j] + v * positions[q, j] + (1.0 - u - v) * positions[r, j]
            errors[i, j] = points[i, j] - place
    return errors


@compiled
def errors_along(step, theta, us, *others):
    """The errors after a step: in each correspondence's own (u, v) by its first two numbers, in theta by the others."""
    return errors_complicated(theta + step[2:], us + step[:2], *others)


columns_simple = ad.jacfwd(errors_simple)
columns_complicated = ad.jacfwd(errors_along)


def objective(us, triangles, theta, correspondences, points, *model):
    if len(us) == 0:
        return errors_simple(theta, correspondences, points, *model)
    return errors_complicated(theta, us, correspondences, points, triangles, *model)


def jacobian(us, triangles, theta, correspondences, points, *model):
    if len(us) == 0:
        return columns_simple(theta, correspondences, points, *model)
    step = np.zeros(2 + len(theta))
    return columns_complicated(step, theta, us, correspondences, points, triangles, *model)


def decode(given):
    data, model = given["data"], given["data"]["model"]
    return (
        array(given["us"]).reshape(-1, 2),
        integers(model["triangles"]).reshape(-1, 3),
        array(given["theta"]),
        integers(data["correspondences"]),
        array(data["points"]),
        integers(model["parents"]),
        array(model["base_relatives"]),
        array(model["inverse_base_absolutes"]),
        array(model["base_positions"]),
        array(model["weights"]),
        bool(model["is_mirrored"]),
    )


def encode_objective(errors):
    return errors.ravel().tolist()


def encode_jacobian(J):
    return J.reshape(-1, J.shape[-1]).tolist()


def make_model(vertices, triangles, rng):
    """A palm and five fingers of four bones each; each vertex hangs on two neighbouring bones."""
    bones = 22
    parents = [-1, 0, *(1 if b % 4 == 2 else b - 1 for b in range(2, bones))]
    relatives = np.tile(np.eye(4), (bones, 1, 1))
    relatives[:, :3, 3] = 0.1 * rng.standard_normal((bones, 3))
    absolutes = relatives.copy()
    for b in range(1, bones):
        absolutes[b] = absolutes[parents[b]] @ relatives[b]
    weights = np.zeros((vertices, bones))
    for v in range(vertices):
        b, share = rng.integers(1, bones), rng.uniform()
        weights[v, b] = share
        weights[v, parents[b]] += 1.0 - share
    positions = np.ones((vertices, 4))
    positions[:, :3] = rng.standard_normal((vertices, 3))
    return {
        "bone_count": bones,
        "bone_names": [f"bone{b}" for b in range(bones)],
        "parents": parents,
        "base_relatives": relatives.tolist(),
        "inverse_base_absolutes": np.linalg.inv(absolutes).tolist(),
        "base_positions": positions.tolist(),
        "weights": weights.tolist(),
        "triangles": rng.integers(0, vertices, (triangles, 3)).tolist(),
        "is_mirrored": False,
    }


def make(n, vertices, complicated, rng):
    triangles = 2 * vertices
    return {
        "theta": (0.3 * rng.standard_normal(26)).tolist(),
        "us": rng.uniform(0.0, 0.5, (n, 2)).tolist() if complicated else [],
        "data": {
            "model": make_model(vertices, triangles, rng),
            "correspondences": rng.integers(0, triangles if complicated else vertices, n).tolist(),
            "points": rng.standard_normal((n, 3)).tolist(),
        },
    }


EVAL = Eval(
    {
        "objective": Function(objective, decode, encode_objective),
        "jacobian": Function(jacobian, decode, encode_jacobian),
    },
    lambda name: [make(2, 3, False, rng()), make(2, 3, True, rng())],
    {
        "simple_n100_v544": lambda rng: make(100, 544, False, rng),
        "complicated_n100_v544": lambda rng: make(100, 544, True, rng),
        "simple_n10000_v10000": lambda rng: make(10000, 10000, False, rng),
    },
    ("jacobian",),
    "objective",
)
