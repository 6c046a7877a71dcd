"""Complex numbers between real inputs and a real result."""

import cmath

import numpy as np

from programs.case import case, given


@case("core", "compiled", x=(6,))
def dft_by_loops(x):
    n = len(x)
    total = 0.0
    for k in range(n):
        s = 0.0 + 0.0j
        for t in range(n):
            s += x[t] * np.exp(-2j * np.pi * k * t / n)
        total += (k + 1) * abs(s) ** 2
    return total


@case(cr=-0.4, ci=0.5, n=given(5))
def mandelbrot_iteration(cr, ci, n):
    c = complex(cr, ci)
    z = 0j
    for _ in range(n):
        z = z * z + c
    return z.real**2 + z.imag**2


@case(omega=1.3, r=0.5, l=0.2, cap=0.8)
def circuit_impedance(omega, r, l, cap):  # noqa: E741
    z = r + 1j * omega * l + 1 / (1j * omega * cap)
    return np.abs(1 / z) + np.angle(z)


@case(theta=0.7, a=(2,), b=(2,))
def quantum_gate(theta, a, b):
    psi = a + 1j * b
    psi = psi / np.sqrt(np.sum(np.abs(psi) ** 2))
    gate = np.array([[np.cos(theta), -1j * np.sin(theta)], [-1j * np.sin(theta), np.cos(theta)]])
    out = gate @ psi
    return np.abs(out[0]) ** 2


@case(x=(4,), y=(4,))
def conjugate_products(x, y):
    z = x + 1j * y
    w = np.conj(z) * np.exp(1j * x)
    return (np.real(w) @ np.imag(z)) + np.vdot(z, w).real


@case(a=1.0, b=0.4, c=2.0)
def complex_quadratic_roots(a, b, c):
    d = cmath.sqrt(b * b - 4 * a * c)
    r = (-b + d) / (2 * a)
    return abs(r) + cmath.exp(r).real + r.imag


@case(u=(4,), v=(4,))
def joukowski_lift(u, v):
    z = np.zeros(4, dtype=np.complex128)
    for i in range(4):
        z[i] = complex(u[i], v[i] + 2.0)
    w = z + 1.0 / z
    total = 0.0
    for i in range(3):
        total += (w[i + 1] - w[i]).imag * (w[i + 1] + w[i]).real
    return total
