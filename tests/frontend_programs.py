"""Awkward programs for the frontend: what Python does with names, loops, memory and calls, in small functions.

Each is run as it stands and as it is lowered; `CASES` says with which arguments. Nothing is differentiated here.
"""
# The programs are Python as people write it: reused names, loops for `sum`, lambdas with names.
# ruff: noqa: B007, B023, B905, C416, E731, PERF401, PERF402, PLC3002, PLW0120, PYI024, RET505, RUF059, SIM108, SIM113, T201

import functools
import math
from collections import namedtuple
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit, prange

rng = np.random.default_rng(0)
a5 = rng.normal(size=5)
A34 = rng.normal(size=(3, 4))
A44 = rng.normal(size=(4, 4)) + 4 * np.eye(4)

P = namedtuple("P", "w b")


@dataclass
class D:
    a: float
    v: Any

    def norm(self):
        return self.a * self.v.sum()


W = np.arange(3.0)
BIG = np.linspace(0, 1, 100)
K = 2.5
CFG = {"lr": 0.1, "n": 3}


def heat(u, n):
    v = np.zeros(len(u))
    for t in range(n):
        for i in range(1, len(u) - 1):
            v[i] = u[i] + 0.1 * (u[i - 1] - 2 * u[i] + u[i + 1])
        v[0] = u[0]
        v[-1] = u[-1]
        u, v = v, u
    return u


def heat2(u, n):
    v = u.copy()
    for t in range(n):
        v[1:-1] = u[1:-1] + 0.1 * (u[:-2] - 2 * u[1:-1] + u[2:])
        tmp = u
        u = v
        v = tmp
    return u.sum()


def rotate(a, b, c, n):
    for _ in range(n):
        a, b, c = b, c, a + b
    return a * 1.0 + b * 10 + c * 100


def zerotrip(x, n):
    y = x
    for i in range(3, n, 1):
        y = y * 2
    return y


def cont(x):
    s = 0
    for i in range(len(x)):
        if x[i] < 0:
            continue
        if x[i] > 2:
            break
        s += x[i]
    else:
        s = -s
    return s


def early(x, lim):
    for i in range(len(x)):
        for j in range(len(x)):
            if x[i] * x[j] > lim:
                return i * 10.0 + j
            if i == j + 3:
                break
        if x[i] > 100:
            return -2.0
    return -1.0


def ret2(x):
    if x > 0:
        if x > 1:
            return x * x
        t = x
    else:
        t = -x
    return t * 3


def shadow(dx, a1, x_bar):
    dx = dx + a1
    for dx in range(3):
        a1 = a1 + dx * x_bar
    return a1 * dx


def clos(x):
    k = 1.0

    def g(y):
        return y * k

    k = 2.0
    z = g(x)
    h = lambda y, m=k: y + m * k
    k = 3.0
    return z + h(x)


def fact(n):
    if n <= 1:
        return 1
    return n * fact(n - 1)


def fib(n, x):
    if n < 2:
        return x
    return fib(n - 1, x) + 0.5 * fib(n - 2, x * x)


def userec(n, x):
    return fact(n) * x + fib(n, x)


def qs(a, lo, hi):
    if lo < hi:
        p = a[hi]
        i = lo
        for j in range(lo, hi):
            if a[j] < p:
                a[i], a[j] = a[j], a[i]
                i += 1
        a[i], a[hi] = a[hi], a[i]
        qs(a, lo, i - 1)
        qs(a, i + 1, hi)


def usesort(a):
    b = a.copy()
    qs(b, 0, len(b) - 1)
    return b


def lists(x):
    xs = []
    for i in range(len(x)):
        if x[i] > 0:
            xs.append(x[i] * 2)
    s = 0.0
    for v in xs:
        s += v
    return s + len(xs)


def lists2(n, x):
    xs = [0]
    for i in range(n):
        xs.append(xs[-1] + x)
    return np.array(xs).sum() + xs[n]


def listarr(x, n):
    h = []
    for i in range(n):
        x = x * 0.5 + 1
        h.append(x)
    return h[0] + h[n - 1], np.array(h)


def comp(x):
    return np.array([v * v for v in x if v > 0]), sum(v for v in x), [k for k in (1.0, 2.0)]


def view(A):
    row = A[1]
    row[0] = 5.0
    A[1, 1] = 7.0
    B = A.T
    B[2, 0] = 9.0
    r = A.ravel()
    r[1] = 11.0
    c = A[:, 1]
    c += 1
    d = A[::-1]
    d[0] *= 2
    e = A[1:, 1:]
    e[0, 0] = -3.0
    e[:, -1] = 4.0
    return A, row.sum(), r[0], e


def negstep(x):
    y = x[::-1]
    y[0] = 3.0
    s = 0.0
    for i in range(len(x) - 1, -1, -1):
        s = s * 0.5 + x[i]
    for i in range(10, 0, -3):
        s += i
    return s, y


def chain(a, b, c):
    return 1.0 if a < b < c else (2.0 if a < b or b < c else 3.0)


def walrus(x):
    if (y := x * 2) > 3:
        return y
    while (y := y + 1) < 5:
        pass
    return y


def newton(x):
    it = 0
    while True:
        dx = (x * x - 2) / (2 * x)
        x = x - dx
        it += 1
        if abs(dx) < 1e-12 or it > 50:
            break
    return x, it


def kepler(M, e):
    E = M
    for it in range(100):
        d = (E - e * math.sin(E) - M) / (1 - e * math.cos(E))
        E -= d
        if abs(d) < 1e-13:
            break
    return E, it


def whilep(x, n):
    i = 0
    while i < n and x[i] > 0:
        i += 1
    return i


def struct(p, d, m):
    q = P(p.w * 2, p.b + 1)
    d.v[0] = 3.0
    d.a = d.a + 1
    m2 = {"u": m["u"] * 2, "t": (d.norm(), q)}
    return q, d, m2, None, [p.b, q.b]


def glob(x):
    return (W * x).sum() + BIG.sum() * K + CFG["lr"] * CFG["n"] + W[1]


def star(x):
    a, *b, c = (x, 2 * x, 3 * x, 4 * x)
    [d, e] = b

    def f(*args, k=2, **kw):
        return sum(args) * k + kw["z"]

    return f(a, d, *b, k=3, z=c)


def layers(ps, x):
    for W_, b_ in ps:
        x = np.tanh(W_ @ x + b_)
    for i in range(len(ps)):
        x = x + ps[i][1]
    return x


def ifarr(x, c):
    if c > 0:
        y = x * 2
    else:
        y = x
    return y.sum() + y[0]


def conda(x, c):
    y = x if c > 0 else x * 3
    return y + 1


def asserts(x):
    assert x > 0, "pos"
    if x > 5:
        raise ValueError(f"too big {x}")
    return math.sqrt(x)


def enum(x, y):
    s = 0.0
    for i, (a, b) in enumerate(zip(x, y)):
        s += i * a * b
    for i, a in enumerate(reversed(x), 1):
        s += i * a
    for r in (1, 2.0, x[0]):
        s *= r
    return s


def rows(A):
    s = 0.0
    for r in A:
        r[0] = 1.0
        for v in r:
            s += v * v
    return s, A


def kw(x, y=2.0, *, z=3.0):
    return x * y + z


def callkw(x):
    return kw(x) + kw(x, z=1) + kw(y=4, x=x)


def dp(c):
    n, m = c.shape
    D = np.zeros((n + 1, m + 1))
    D[0, 1:] = np.inf
    D[1:, 0] = np.inf
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            D[i, j] = c[i - 1, j - 1] + min(D[i - 1, j], D[i, j - 1], D[i - 1, j - 1])
    return D[n, m]


def lu(A):
    A = A.copy()
    n = A.shape[0]
    for k in range(n):
        for i in range(k + 1, n):
            A[i, k] /= A[k, k]
            A[i, k + 1 :] -= A[i, k] * A[k, k + 1 :]
    return A


def scat(x, idx):
    y = np.zeros(5)
    y[idx] = x
    y[idx] += x
    np.add.at(y, idx, x)
    y[y > 1] = 0.5
    return y, x[idx]


def condassign(x, n):
    m = x[0]
    k = 0
    for i in range(1, n):
        if x[i] > m:
            m = x[i]
            k = i
    return m, k


def lastvar(n):
    for i in range(5):
        t = i * 2.0
    return t + i


def wtrue(x):
    while True:
        x = x * 0.5
        if x < 1:
            return x


def nestedfn(x):
    def outer(a):
        def inner(b):
            return a * b + x

        return inner

    g = outer(3.0)
    return g(x) + outer(x)(2.0)


def matchf(n, x):
    match n:
        case 0:
            y = x
        case 1 | 2:
            y = x * 2
        case _:
            y = x * 3
    return y


def tupstate(x, v, n):
    st = (x, v)
    for i in range(n):
        a, b = st
        st = (a + 0.1 * b, b - 0.1 * a)
    return st


def augl(x):
    xs = [x]
    xs += [2 * x]
    ys = xs
    ys.append(3 * x)
    return xs[2] + len(xs) + xs[-1]


def floatlist(n):
    xs = [1.0] * n
    xs[1] = 5.0
    return sum(xs) + max(xs)


def anyall(x):
    return any(v > 2 for v in x), all(v > -5 for v in x), max(v * v for v in x)


def mutparam(x):
    x[0] = x[1] * 2
    x *= 2
    return x


def addr(x):
    helper(x)
    return x.sum()


def helper(a):
    for i in range(len(a)):
        if a[i] < 0:
            a[i] = 0
        else:
            a[i] = a[i] ** 2


def boolop(x, y):
    return (x or y) + (x and y)


def strs(x, mode):
    if mode == "a":
        return x
    elif mode in ("b", "c"):
        return x * 2
    return x * 3


def usestr(x):
    return strs(x, "a") + strs(x, "c") + strs(x, "z")


def isn(x, o=None):
    if o is None:
        o = x * 2
    return o + x


def ternl(x):
    f = (lambda a: a * 2) if K > 2 else (lambda a: a)
    return f(x)


def rk4(f, y, h):
    k1 = f(y)
    k2 = f(y + h / 2 * k1)
    k3 = f(y + h / 2 * k2)
    k4 = f(y + h * k3)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def ode(y, n, p):
    def f(z):
        return np.array([z[0] * p - z[0] * z[1], z[0] * z[1] - z[1]])

    traj = np.zeros((n, 2))
    for i in range(n):
        traj[i] = y
        y = rk4(f, y, 0.01)
    return traj, y


def late_break(x, n):
    for i in range(n):
        if x > 10:
            y = i * 2.0
            break
        x = x * 1.5
    else:
        y = -1.0
    return y


def swapcond(u, v, c):
    for i in range(3):
        if c > i:
            u, v = v, u
        u = u + v
    return u, v


def del_(x):
    y = x
    del y
    y = 2 * x
    return y


def rev(n):
    s = 0
    for i in reversed(range(n)):
        s = s * 2 + i
    for i in reversed(range(2, n, 2)):
        s = s * 3 + i
    for i in range(0, n, 3):
        s += i
    return s


def nestwhile(n):
    s = 0
    i = 0
    while i < n:
        j = 0
        while j < i:
            if (i + j) % 3 == 0:
                j += 2
                continue
            s += j
            j += 1
        i += 1
    else:
        s += 100
    return s


def multiret(x):
    for i in range(5):
        if x > i:
            for j in range(3):
                if x > j + i:
                    return x, i
        else:
            return -x, j_(i)
    return 0.0, 7


def j_(i):
    return i * 2


def onearr(x):
    a, b, c = x
    return a * b + c


def sumlist(x):
    return sum([x[i] * x[i] for i in range(len(x))]) + sum(x[i] for i in range(2))


def dictloop(d):
    s = 0.0
    for k, v in d.items():
        if k == "a":
            s += v
        else:
            s += 2 * v.sum()
    return s


def lag(x):
    prev = x[0]
    s = 0.0
    for v in x[1:]:
        s += (v - prev) ** 2
        prev = v
    return s


def stepneg(x, a, b, s):
    t = 0.0
    for i in range(a, b, s):
        t += x[i]
    return t


def wb(x):
    while True:
        x = x * 0.5
        if x < 1:
            r = x + 1
            break
    return r


def wb2(x, n):
    k = 0
    while True:
        k += 1
        if k > n:
            r = x
            q = 1.0
            break
        if k * x > 10:
            r = -x
            q = k * 2.0
            break
        x = x + 1
    return r * q


def two_break_else(x):
    for i in range(len(x)):
        if x[i] > 1.5:
            y = x[i]
            break
        if x[i] < -1.5:
            y = 2 * x[i]
            break
    else:
        y = 0.0
    return y


@njit
def nj(x):
    return x * x + 1


def usenj(x):
    return nj(x) + nj(x=2.0 * x)


def prng(x):
    s = 0.0
    for i in prange(len(x)):
        s += x[i] ** 2
    return s


class Model:
    def __init__(self, k):
        self.k = k
        self.W = np.ones(3) * k

    def f(self, x):
        return self.k * x + self.W.sum()

    def __call__(self, x):
        return self.f(x) * 2


M = Model(3.0)


def usem(x):
    return M.f(x) + M(x)


part = functools.partial(lambda a, b, c=1: a * b + c, 2.0, c=3.0)


def usepart(x):
    return part(x)


def mk(n):
    def g(x):
        return x * n

    return g


G = mk(4.0)


def useg(x):
    return G(x) + (lambda t: t * t)(x)


def fn_arg(x):
    return apply(np.sin, x) + apply(lambda v: v**3, x) + apply(math.cos, x)


def apply(f, x, times=2):
    for _ in range(times):
        x = f(x)
    return x


def viewloop(A):
    for i in range(A.shape[0]):
        row = A[i]
        for j in range(len(row)):
            row[j] = row[j] * i + j
    return A


def sliceloop(x):
    for i in range(2):
        y = x[i : i + 3]
        y[0] += 1.0
        y[-1] *= 2
        z = y[1:]
        z[0] -= 3
        z[:] = z * 2
    return x


def tview(A):
    B = A.T[1:]
    B[0] = 1.0
    B[:, 1] = 7.0
    B[1, 2] += 3
    C = A.T
    C[1:3, 0:2] = np.arange(4.0).reshape(2, 2)
    return A


def resh(A):
    f = A.reshape(-1)
    f[::2] = 0.0
    g = A.reshape(2, 6)
    g[1] += 10
    h = A.T.reshape(-1)
    return A, h


def varview(x, n):
    k = 0
    for i in range(n):
        w = x[k : k + 2]
        w += i
        k += 1
    return x


def carried_view(A, n):
    r = A[0]
    for i in range(n):
        r = A[i % 3]
    return r.sum()


def carried_view2(A, n):
    r = A[0]
    for i in range(n):
        r[0] = i
        r = A[i % 3]
    return A


def ipart(A):
    i = 0
    while i < 3:
        A[i, i] = -1
        A[i] = A[i] * 2
        i += 1
    return A


def condstore(x, c):
    y = x.copy()
    if c > 0:
        y[0] = 9
    elif c < -1:
        y = np.zeros(5)
    else:
        y[1] = x[2]
        return y
    y[2] = 1.0
    return y


def early_store(x, n):
    for i in range(n):
        if x[i] > 0:
            x[i] = 0.0
            continue
        x[i] = 1.0
        if i == 2:
            return x
    x[0] = 5
    return x


def inl_early(x):
    a = sgn(x[0]) + sgn(x[1])
    b = [sgn(v) for v in x]
    return a * np.array(b)


def sgn(v):
    if v > 0:
        return 1.0
    if v < 0:
        return -1.0
    return 0.0


def inl_loop(x):
    s = 0.0
    for i in range(3):
        s += first_above(x, i * 0.1)
    return s


def first_above(x, t):
    for v in x:
        if v > t:
            return v
    return -1.0


def hanoi(n):
    if n == 0:
        return 0
    return 2 * hanoi(n - 1) + 1


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


def mutual(n, x):
    return x if even(n) else -x


def tree_rec(n, x):
    if n == 0:
        return x, 1
    a, i = tree_rec(n - 1, x * 0.5)
    b, j = tree_rec(n - 1, x + 1)
    return a * b, i + j


def gsum(x):
    if len(x) == 1:
        return x[0]
    m = len(x) // 2
    return gsum(x[:m]) + gsum(x[m:])


def clrec(x, n):
    c = 2.0

    def go(k):
        if k == 0:
            return x
        return c * go(k - 1)

    return go(n)


def globalrec(x, n):
    memo = np.zeros(10)
    return fillrec(memo, n, x), memo


def fillrec(memo, n, x):
    if n <= 1:
        return x
    if memo[n] != 0:
        return memo[n]
    memo[n] = fillrec(memo, n - 1, x) + fillrec(memo, n - 2, x)
    return memo[n]


def listops(x):
    xs = [1.0, x]
    xs.insert(0, x * 2)
    y = xs.pop()
    xs.extend([y, y])
    zs = xs.copy()
    zs.reverse()
    return zs, len(xs)


def dynpop(n, x):
    st = [x]
    s = 0.0
    while len(st) > 0:
        v = st.pop()
        s += v
        if v > 1:
            st.append(v * 0.5)
            st.append(v * 0.25)
    return s


def stack_while(x):
    st = []
    for v in x:
        st.append(v)
    t = 0.0
    while st:
        t = t * 0.5 + st.pop()
    return t


def listset(n, x):
    xs = []
    for i in range(n):
        xs.append(i * x)
    for i in range(n):
        xs[i] = xs[i] * xs[n - 1 - i]
    return np.array(xs), sum(xs), max(xs)


def listint(n):
    xs = []
    for i in range(n):
        if i % 2 == 0:
            xs.append(i)
        else:
            xs.append(i * 0.5)
    return sum(xs)


def emptycomp(x):
    return np.array([[v * i for v in (1.0, 2.0)] for i in (x, 2 * x)])


def dictcomp(x):
    d = {k: x * v for k, v in (("a", 1.0), ("b", 2.0))}
    d["c"] = d["a"] + d.get("zz", 5.0)
    return d, "a" in d, len(d)


def unpackrow(A):
    s = 0.0
    for a, b, c, d in A:
        s += a * b - c * d
    return s


def zipdyn(x, y):
    return [a * b for a, b in zip(x, y)], sum(a for a, b in zip(x, (1.0, 2.0)))


def idxtuple(x, i):
    return (1.0, 2.0, 4.0)[i] * x + [5, 6.0][i]


def unroll(x):
    fs = (np.sin, np.cos, lambda t: t * 2)
    for i in range(3):
        x = fs[i](x)
    return x


def complex_(x):
    z = x + 2j
    w = z * z.conjugate()
    return abs(z) ** 2 + w.real + z.imag


def f32(x):
    s = 0.0
    for i in range(len(x)):
        s += x[i] * 2
    y = x * 2.0 + 1
    return s, y


def intfloat(n):
    s = 0
    for i in range(n):
        s += i / 2
    return s


def boolflag(x):
    done = False
    k = 0
    while not done:
        k += 1
        if k * x > 5:
            done = True
    return k


def notand(x, y):
    return 1.0 if not (x > 0 and y > 0) else 2.0


def guard(x, i):
    if i < len(x) and x[i] > 0:
        return x[i]
    return -1.0


def guard2(x, i):
    return (0 <= i < len(x) and x[i] > 0) or i == 7


def nestedtern(x):
    return 1.0 if x > 1 else 2.0 if x > 0 else 3.0


def augm(A):
    A[1] *= 2
    A[:, 1] -= 1
    A /= 2
    A[0] **= 2
    A += A.T[:3, :3].sum()
    return A


def overl(x):
    x[1:] += x[:-1]
    x[:-1] = x[1:]
    x[::-1] -= x
    return x


def strided(A):
    c = A[:, 1]
    for k in range(2):
        c = c * 2 if k > 0 else c + 1
    return c


def late_lambda(x):
    fs = []
    for k in (1.0, 2.0, 3.0):
        fs.append(lambda t: t * k)
    return sum(f(x) for f in fs)


def defaultcap(x):
    fs = [lambda t, k=k: t * k for k in (1.0, 2.0)]
    return fs[0](x) + fs[1](x)


def printit(x):
    print("x is", x, f"and {x:.3f} done")
    return x


def raiser(x, mode="z"):
    if mode == "a":
        return x
    raise KeyError("no " + mode)


def okraise(x):
    return raiser(x, "a")


def swap_elts(x):
    x[0], x[1] = x[1], x[0]
    i = 0
    i, x[i] = 1, 9.0
    return x


def chained(x):
    a = b = x * 2
    c = d = np.zeros(2)
    c[0] = x
    return a + b + d[0]


def alias_then_rebind(x):
    y = x
    x = x * 2
    y[0] = 5.0
    return x, y


def cumul(x):
    out = np.empty_like(x)
    acc = 0.0
    for i, v in enumerate(x):
        acc += v
        out[i] = acc
    return out


def kalman(zs):
    x = np.zeros(2)
    P = np.eye(2)
    F = np.array([[1.0, 1], [0, 1]])
    H = np.array([[1.0, 0]])
    for z in zs:
        x = F @ x
        P = F @ P @ F.T + 0.1 * np.eye(2)
        S = (H @ P @ H.T)[0, 0] + 1.0
        Kg = (P @ H.T) / S
        x = x + Kg[:, 0] * (z - (H @ x)[0])
        P = (np.eye(2) - Kg @ H) @ P
    return x, P


def importin(x):
    import math as m
    from math import exp

    return m.sin(x) + exp(x)


def matrix_idx(A):
    return (
        A[..., 0],
        A[None, 1],
        A[-1, ...],
        A[[0, 2]],
        A[A > 0],
        A[1:, None, ::2],
        A[np.array([0, 1]), np.array([1, 2])],
    )


def whileelse(n):
    i = 0
    while i < n:
        i += 1
        if i == 5:
            break
    else:
        i = -i
    return i


def while_sidef(x):
    xs = [3.0, 2.0, 1.0]
    s = 0.0
    i = 0
    while (i := i + 1) < 4 and x > 0:
        s += xs[i - 1] * x
    else:
        s += 100
    return s


def ret_none(x):
    upd(x)
    r = upd(x)
    return x if r is None else x * 0


def upd(x):
    x[0] += 1


def inside_for_while(n):
    c = 0
    for i in range(n):
        j = i
        while j > 0:
            if j == 2:
                break
            j -= 1
            c += 1
        else:
            c += 10
            continue
        c += 100
    return c


def carried_tuple_arr(x, n):
    st = {"u": x, "v": x * 2}
    for i in range(n):
        st["u"], st["v"] = st["v"], st["u"] + 1
    return st


def lr(x, y, n):
    w = 0.0
    b = 0.0
    for _ in range(n):
        gw = gb = 0.0
        for xi, yi in zip(x, y):
            e = w * xi + b - yi
            gw += e * xi
            gb += e
        w -= 0.1 * gw
        b -= 0.1 * gb
    return w, b


def maxred(A):
    m = -np.inf
    for row in A:
        m = max(m, row.max())
    return m


def shared_results(x):
    a = np.sin(x)
    b = np.sin(x)
    a[0] = 1
    c = np.sin(x)
    for i in range(3):
        c[i] = a[i]
    d = np.sin(x)
    return a, b, c, d


def star5(x):
    first, *middle, last = [x[i] ** 2 for i in range(5)]
    return first + sum(middle) * last


def bound_arguments(x):
    f = functools.partial(np.power, x)
    g = functools.partial(lambda a, b, c=1.0: a * b + c, 2.0, c=x)
    return f(3.0) + g(x)


def lenx(x):
    y = np.zeros(3)
    z = [y[k] + x for k in range(len(y))]
    return np.array(z), len(z)


CASES: list[tuple[Any, ...]] = [
    (heat, a5, 3),
    (heat, a5, 0),
    (heat2, a5, 4),
    (rotate, 1.0, 2.0, 3.0, 4),
    (zerotrip, 2.0, 2),
    (zerotrip, 2.0, 6),
    (cont, np.array([1.0, -1, 0.5, 3, 1])),
    (cont, np.array([1.0, -1, 0.5])),
    (early, np.array([1.0, 2, 3, 4, 5.0]), 11.0),
    (early, np.array([1.0, 2, 3, 4, 5.0]), 1100.0),
    (early, np.array([1.0, 200, 3, 4, 5.0]), 1e9),
    (ret2, 2.0),
    (ret2, 0.5),
    (ret2, -1.0),
    (shadow, 1.0, 2.0, 3.0),
    (clos, 2.0),
    (userec, 5, 1.1),
    (usesort, a5),
    (lists, a5),
    (lists2, 4, 1.5),
    (listarr, a5, 3),
    (comp, a5),
    (view, A34.copy()),
    (negstep, a5),
    (chain, 1.0, 2.0, 3.0),
    (chain, 3.0, 2.0, 3.0),
    (walrus, 2.0),
    (walrus, 1.0),
    (newton, 1.0),
    (kepler, 1.0, 0.3),
    (whilep, np.array([1.0, 2, -1, 3]), 4),
    (whilep, np.array([1.0, 2]), 2),
    (struct, P(a5, 2.0), D(1.0, a5.copy()), {"u": a5 * 2}),
    (glob, 2.0),
    (star, 2.0),
    (layers, [(A44, A44[0]), (A44 * 2, A44[1])], A44[2]),
    (ifarr, a5, 1.0),
    (ifarr, a5, -1.0),
    (conda, a5, 1.0),
    (conda, a5, -1.0),
    (asserts, 2.0),
    (asserts, -2.0),
    (asserts, 9.0),
    (enum, a5, a5 * 2),
    (rows, A34),
    (callkw, 2.0),
    (dp, abs(A34)),
    (lu, A44),
    (scat, a5[:3], np.array([0, 2, 2])),
    (condassign, a5, 5),
    (lastvar, 2),
    (wtrue, 20.0),
    (nestedfn, 2.0),
    (matchf, 0, 1.5),
    (matchf, 2, 1.5),
    (matchf, 7, 1.5),
    (tupstate, 1.0, 2.0, 3),
    (tupstate, a5, a5 * 2, 3),
    (augl, 2.0),
    (floatlist, 4),
    (anyall, a5),
    (mutparam, a5),
    (addr, a5),
    (boolop, 0.0, 2.0),
    (boolop, 3.0, 2.0),
    (usestr, 2.0),
    (isn, 2.0),
    (isn, 2.0, 5.0),
    (ternl, 1.0),
    (ode, np.array([1.0, 2.0]), 5, 1.3),
    (late_break, 1.0, 3),
    (late_break, 1.0, 30),
    (swapcond, 1.0, 2.0, 1),
    (swapcond, a5, a5 * 3, 2),
    (del_, 2.0),
    (rev, 7),
    (nestwhile, 7),
    (multiret, 1.5),
    (multiret, -0.5),
    (onearr, a5[:3]),
    (sumlist, a5),
    (dictloop, {"a": 2.0, "b": a5}),
    (lag, a5),
    (stepneg, a5, 4, 0, -2),
    (stepneg, a5, 0, 5, 3),
    (wb, 20.0),
    (wb2, 1.0, 3),
    (wb2, 4.0, 30),
    (two_break_else, a5),
    (two_break_else, a5 * 5),
    (two_break_else, -a5 * 5),
    (usenj, 2.0),
    (prng, a5),
    (usem, 2.0),
    (usepart, 2.0),
    (useg, 3.0),
    (fn_arg, 0.5),
    (viewloop, A34),
    (sliceloop, a5),
    (tview, A34),
    (resh, A34),
    (varview, a5, 3),
    (carried_view, A34, 4),
    (carried_view2, A34, 4),
    (ipart, A34),
    (condstore, a5, 1.0),
    (condstore, a5, -2.0),
    (condstore, a5, -0.5),
    (early_store, a5, 3),
    (early_store, a5, 2),
    (inl_early, a5),
    (inl_loop, a5),
    (hanoi, 4),
    (mutual, 4, 2.0),
    (mutual, 3, 2.0),
    (tree_rec, 3, 1.1),
    (gsum, a5),
    (clrec, 1.5, 3),
    (globalrec, 1.5, 8),
    (listops, 2.0),
    (dynpop, 3, 4.0),
    (stack_while, a5),
    (listset, 4, 1.5),
    (listint, 5),
    (emptycomp, 2.0),
    (dictcomp, 2.0),
    (unpackrow, A34),
    (zipdyn, a5, a5 * 2),
    (idxtuple, 2.0, 1),
    (unroll, 0.3),
    (complex_, 1.5),
    (f32, a5.astype("f4")),
    (intfloat, 4),
    (boolflag, 1.3),
    (notand, 1.0, -1.0),
    (guard, a5, 2),
    (guard, a5, 9),
    (guard2, a5, 9),
    (guard2, a5, 2),
    (nestedtern, 0.5),
    (augm, A34),
    (overl, a5),
    (strided, A34),
    (late_lambda, 2.0),
    (defaultcap, 2.0),
    (printit, 2.0),
    (okraise, 2.0),
    (swap_elts, a5),
    (chained, 2.0),
    (alias_then_rebind, a5),
    (cumul, a5),
    (kalman, a5),
    (importin, 0.5),
    (matrix_idx, A34),
    (whileelse, 3),
    (whileelse, 9),
    (while_sidef, 2.0),
    (ret_none, a5),
    (inside_for_while, 5),
    (carried_tuple_arr, a5, 3),
    (lr, a5, a5 * 2, 3),
    (maxred, A34),
    (shared_results, a5),
    (star5, a5),
    (bound_arguments, 1.5),
    (lenx, 2.0),
]
