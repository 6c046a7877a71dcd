"""Instances of ordinary classes: attributes that change, operators, inheritance, enumerations."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, IntEnum, auto

import numpy as np

from programs.case import case, given, positive


class Vec:
    """A point in space, with the operators that ray tracers are written in."""

    __slots__ = ("x", "y", "z")

    def __init__(self, x, y=0.0, z=0.0):
        self.x, self.y, self.z = x, y, z

    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y, self.z + o.z)

    def __sub__(self, o):
        return Vec(self.x - o.x, self.y - o.y, self.z - o.z)

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k, self.z * k)

    __rmul__ = __mul__

    def __neg__(self):
        return Vec(-self.x, -self.y, -self.z)

    def __truediv__(self, k):
        return self * (1 / k)

    def __getitem__(self, i):
        return (self.x, self.y, self.z)[i]

    def __len__(self):
        return 3

    def __lt__(self, o):
        return self.norm() < o.norm()

    def dot(self, o):
        return self.x * o.x + self.y * o.y + self.z * o.z

    def norm(self):
        return math.sqrt(self.dot(self))


@case("core", cx=0.1, cy=-0.2, cz=3.0, radius=1.0)
def ray_traced_sphere(cx, cy, cz, radius):
    center, light = Vec(cx, cy, cz), Vec(1.0, 1.0, -1.0)
    light = light / light.norm()
    total = 0.0
    for i in range(3):
        for j in range(3):
            d = Vec((i - 1) / 5, (j - 1) / 5, 1.0)
            d = d / d.norm()
            to_camera = -center
            b = to_camera.dot(d)
            disc = b * b - (to_camera.dot(to_camera) - radius * radius)
            if disc < 0:
                continue
            normal = ((-b - math.sqrt(disc)) * d - center) / radius
            total += max(normal.dot(light), 0.0) + 0.1 * len(normal) + normal[0]
            total += 0.5 if 0.5 * normal < light else 0.0
    return total


@dataclass(frozen=True)
class Quaternion:
    w: float
    x: float
    y: float
    z: float

    def __mul__(self, o):
        return Quaternion(
            self.w * o.w - self.x * o.x - self.y * o.y - self.z * o.z,
            self.w * o.x + self.x * o.w + self.y * o.z - self.z * o.y,
            self.w * o.y - self.x * o.z + self.y * o.w + self.z * o.x,
            self.w * o.z + self.x * o.y - self.y * o.x + self.z * o.w,
        )

    @classmethod
    def about(cls, axis, angle):
        s = math.sin(angle / 2)
        return cls(math.cos(angle / 2), *(s * a for a in axis))

    @property
    def conjugate(self):
        return Quaternion(self.w, -self.x, -self.y, -self.z)


@case(angles=(3,), lengths=positive(3))
def arm_of_quaternions(angles, lengths):
    q = Quaternion(1.0, 0.0, 0.0, 0.0)
    end = np.zeros(3)
    axes = [(0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)]
    for angle, length, axis in zip(angles, lengths, axes):
        q = q * Quaternion.about(axis, angle)
        v = q * Quaternion(0.0, length, 0.0, 0.0) * q.conjugate
        end = end + np.array([v.x, v.y, v.z])
    return np.sum(end**2)


class Dual:
    """Forward mode by hand."""

    def __init__(self, a, b):
        self.a, self.b = a, b

    def __add__(self, o):
        return Dual(self.a + o.a, self.b + o.b) if isinstance(o, Dual) else Dual(self.a + o, self.b)

    def __radd__(self, o):
        return self + o

    def __mul__(self, o):
        if isinstance(o, Dual):
            return Dual(self.a * o.a, self.a * o.b + self.b * o.a)
        return Dual(self.a * o, self.b * o)

    def __pow__(self, n):
        out = Dual(1.0, 0.0)
        for _ in range(n):
            out = out * self
        return out


@case("core", "compiled", x=1.3)
def dual_numbers(x):
    d = Dual(x, 1.0)
    y = 3 + d * d * 2.0 + d**3
    return y.b * y.a


class Drag:
    def __init__(self, k):
        self.k = k

    def force(self, v):
        return -self.k * v

    def power(self, v):
        return self.force(v) * v


class Turbulent(Drag):
    def __init__(self, k, m):
        super().__init__(k)
        self.m = m

    def force(self, v):
        return super().force(v) * abs(v) * self.m


@case("core", k=1.3, m=0.7, v=2.0)
def inherited_methods(k, m, v):
    return Turbulent(k, m).power(v) ** 2


class Momentum:
    def __init__(self, rate, keep=0.9):
        self.rate = rate
        self.keep = keep
        self.mean = None

    def step(self, w, g):
        if self.mean is None:
            self.mean = np.zeros_like(w)
        self.mean = self.keep * self.mean + g
        return w - self.rate * self.mean


@case("core", w=(3,), rate=0.1)
def attribute_that_begins_as_none(w, rate):
    optimiser = Momentum(rate)
    for _ in range(4):
        w = optimiser.step(w, 2 * w + np.sin(w))
    return np.sum(w**2)


class Rod:
    def __init__(self, n, dx):
        self.u = np.zeros(n)
        self.next = np.zeros(n)
        self.dx = dx
        self.t = 0.0

    def step(self, dt, nu):
        u = self.u
        self.next[1:-1] = u[1:-1] + dt * nu * (u[2:] - 2 * u[1:-1] + u[:-2]) / self.dx**2
        self.next[0], self.next[-1] = u[0], u[-1]
        self.u, self.next = self.next, self.u
        self.t += dt

    def run(self, end, dt, nu):
        while self.t < end - 1e-12:
            self.step(min(dt, end - self.t), nu)

    @property
    def heat(self):
        return self.u.sum() * self.dx


@case("core", "compiled", u0=(6,), nu=0.3)
def simulation_object(u0, nu):
    rod = Rod(len(u0), 0.5)
    rod.u[:] = u0 * u0
    rod.run(0.3, 0.07, nu)
    return rod.heat + rod.u[2] ** 2


class Body:
    def __init__(self, place, speed, mass=1.0):
        self.place, self.speed, self.mass = place, speed, mass

    def kick(self, force, dt):
        self.speed = self.speed + dt * force / self.mass
        self.place = self.place + dt * self.speed


@case(x=(3, 2), k=1.3, n=given(3))
def list_of_objects(x, k, n):
    bodies = [Body(x[i], 0.1 * x[i], mass=1.0 + i) for i in range(3)]
    for _ in range(n):
        for body in bodies:
            body.kick(-k * body.place**3, 0.1)
    return sum(0.5 * b.mass * np.sum(b.speed**2) for b in bodies)


class Loss(Enum):
    SQUARE = auto()
    HUBER = auto()

    def of(self, r):
        if self is Loss.SQUARE or abs(r) < 1.0:
            return 0.5 * r * r
        return abs(r) - 0.5


class Column(IntEnum):
    X = 0
    Y = 1


@case("core", data=(4, 2), slope=0.7)
def enumerations(data, slope):
    total = 0.0
    for loss in Loss:
        for row in data:
            total += loss.value * loss.of(row[Column.Y] - slope * row[Column.X])
    return total / len(Loss) + data[0, Column["Y"]]
