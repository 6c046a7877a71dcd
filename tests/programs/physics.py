"""Bodies, rays, rotations, orbits."""

import math

import numpy as np
from numpy import cos, sin, sqrt

from programs.case import case, given, positive, uniform


@case("core", "compiled", pos=(4, 3), mass=positive(4))
def nbody_energy(pos, mass):
    e = 0.0
    n = pos.shape[0]
    for i in range(n):
        for j in range(i + 1, n):
            dx = pos[i, 0] - pos[j, 0]
            dy = pos[i, 1] - pos[j, 1]
            dz = pos[i, 2] - pos[j, 2]
            e -= mass[i] * mass[j] / math.sqrt(dx * dx + dy * dy + dz * dz + 0.01)
    return e


@case(x=(3, 3), v=(3, 3), m=positive(3), dt=given(0.02))
def nbody_steps(x, v, m, dt):
    x = x.copy()
    v = v.copy()
    for _ in range(4):
        for i in range(3):
            for j in range(3):
                if i == j:
                    continue
                d = x[j] - x[i]
                r2 = np.sum(d * d) + 0.05
                v[i] += dt * m[j] * d / r2**1.5
        x += dt * v
    return np.sum(x**2) + 0.5 * np.sum(m * np.sum(v**2, axis=1))


@case(pos=(5, 2), epsilon=given(1.0), sigma=0.8)
def lennard_jones(pos, epsilon, sigma):
    total = 0.0
    for i in range(len(pos)):
        for j in range(i):
            r = np.linalg.norm(2.0 * pos[i] - 2.0 * pos[j])
            if r < 3.0:
                s6 = (sigma / (r + 0.7)) ** 6
                total += 4 * epsilon * (s6 * s6 - s6)
    return total


@case(origin=(3,), centres=(4, 3), radii=positive(4), light=positive(3))
def ray_through_spheres(origin, centres, radii, light):
    direction = -origin / np.sqrt(origin @ origin)
    light = light / np.linalg.norm(light)
    origin = origin * 6.0
    nearest = 1e9
    shade = 0.1
    for k in range(len(centres)):
        oc = origin - centres[k]
        b = oc @ direction
        disc = b * b - (oc @ oc - radii[k] ** 2)
        if disc < 0:
            continue
        t = -b - np.sqrt(disc)
        if 0 < t < nearest:
            nearest = t
            normal = (origin + t * direction - centres[k]) / radii[k]
            shade = 0.1 + max(0.0, normal @ light)
    return shade + 0.001 * nearest


def rodrigues(rot, X):
    theta = sqrt(rot @ rot)
    k = rot / theta
    return X * cos(theta) + np.cross(k, X) * sin(theta) + k * (k @ X) * (1.0 - cos(theta))


@case(cam=uniform(0.1, 0.5, 11), X=positive(3), feat=given((2,)))
def bundle_adjustment(cam, X, feat):
    """One reprojection error: rotation, centre, focal length, principal point, radial distortion."""
    rot, centre, focal, x0, rad = cam[:3], cam[3:6], cam[6], cam[7:9], cam[9:]
    Xc = rodrigues(rot, X - centre)
    p = Xc[:2] / (Xc[2] + 3.0)
    r2 = p @ p
    distorted = p * (1.0 + rad[0] * r2 + rad[1] * r2 * r2)
    err = focal * distorted + x0 - feat
    return np.sum(err * err)


@case(a=0.3, b=-0.8, c=1.2, p=(3,))
def euler_angles(a, b, c, p):
    rx = np.array([[1.0, 0.0, 0.0], [0.0, cos(a), -sin(a)], [0.0, sin(a), cos(a)]])
    ry = np.array([[cos(b), 0.0, sin(b)], [0.0, 1.0, 0.0], [-sin(b), 0.0, cos(b)]])
    rz = np.array([[cos(c), -sin(c), 0.0], [sin(c), cos(c), 0.0], [0.0, 0.0, 1.0]])
    q = rz @ ry @ rx @ p
    return q[0] * q[1] + q[2]


def quaternion_product(p, q):
    w1, x1, y1, z1 = p
    w2, x2, y2, z2 = q
    return (
        w1 * w2 - x1 * x2 - y1 * y2 - z1 * z2,
        w1 * x2 + x1 * w2 + y1 * z2 - z1 * y2,
        w1 * y2 - x1 * z2 + y1 * w2 + z1 * x2,
        w1 * z2 + x1 * y2 - y1 * x2 + z1 * w2,
    )


@case(q=positive(4), v=(3,))
def quaternion_rotation(q, v):
    norm = math.sqrt(q[0] ** 2 + q[1] ** 2 + q[2] ** 2 + q[3] ** 2)
    u = (q[0] / norm, q[1] / norm, q[2] / norm, q[3] / norm)
    conj = (u[0], -u[1], -u[2], -u[3])
    _, x, y, z = quaternion_product(quaternion_product(u, (0.0, v[0], v[1], v[2])), conj)
    return x * x * y + z


@case("core", "compiled", M=1.1, e=0.3)
def kepler_newton(M, e):
    E = M
    for _ in range(50):
        delta = (E - e * math.sin(E) - M) / (1 - e * math.cos(E))
        E -= delta
        if abs(delta) < 1e-14:
            break
    return 2 * math.atan2(math.sqrt(1 + e) * math.sin(E / 2), math.sqrt(1 - e) * math.cos(E / 2))


@case(angles=(5,), lengths=positive(5), target=given((2,)))
def robot_arm(angles, lengths, target):
    x = y = heading = 0.0
    for angle, length in zip(angles, lengths):
        heading += angle
        x += length * cos(heading)
        y += length * sin(heading)
    return (x - target[0]) ** 2 + (y - target[1]) ** 2


@case(spins=(5, 5), j=0.4)
def xy_model_energy(spins, j):
    e = 0.0
    n, m = spins.shape
    for i in range(n):
        for k in range(m):
            e -= j * np.cos(spins[i, k] - spins[(i + 1) % n, k])
            e -= j * np.cos(spins[i, k] - spins[i, (k + 1) % m])
    return e


@case(v0=20.0, angle=0.7, drag=2.0)
def projectile_until_ground(v0, angle, drag):
    drag = 0.01 * drag
    x, y = 0.0, 0.0
    vx, vy = v0 * cos(angle), v0 * sin(angle)
    dt = 0.05
    while True:
        speed = math.sqrt(vx * vx + vy * vy)
        vx -= dt * drag * speed * vx
        vy -= dt * (9.81 + drag * speed * vy)
        new_y = y + dt * vy
        if new_y < 0:
            return x + vx * dt * y / (y - new_y)
        x, y = x + dt * vx, new_y
