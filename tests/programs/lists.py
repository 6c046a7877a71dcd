"""Lists that grow, are cut and are written into at run time."""

import numpy as np

from programs.case import case, given


@case("core", "compiled", x=(6,))
def slices_of_growing_list(x):
    out = []
    for v in x:
        out.append(v * v)
    tail, back, last = out[1:], out[::-1], out[-3:]
    return sum(tail) * back[0] + last[0] * len(tail) + sum(a * b for a, b in zip(out[:-1], out[1:]))


@case(x=(6,), n=given(5), m=given(3))
def slices_known_at_run_time(x, n, m):
    q = [v * v for v in x]
    for i in range(n):
        q.append(q[-m] * x[0])
    s = 0.0
    for i in range(m, len(q)):
        s += sum(q[i - m : i]) * (q[i : i - m : -1])[0]
    return s


@case("core", x=(6,), n=given(5))
def moving_window(x, n):
    window = [x[0]]
    total = 0.0
    for i in range(1, n):
        window.append(x[i] * 2)
        if len(window) > 3:
            window.pop(0)
        total += sum(window) / len(window) * x[i]
    return total


@case(x=(6,), n=given(5))
def inserted_and_popped_inside(x, n):
    q = []
    for i in range(n):
        q.insert(i // 2, x[i] * x[0])
    q.reverse()
    v, w = q.pop(1), q.pop(-2)
    return q[0] * 2 + q[-1] * v + w * sum(q[::2])


@case(x=(6,), n=given(5))
def slices_of_list_of_arrays(x, n):
    q = []
    for i in range(n):
        q.append(x * i + x[0])
    r = q[1:4:2] + q[::-1][:2]
    first = q.pop(0)
    q.insert(1, np.sin(x))
    return sum(np.sum(v**2) for v in r) + np.sum(first) * q[1][2] + len(q)


@case("core", "compiled", x=(6,), n=given(6))
def fixed_list_written_at_run_time(x, n):
    done = [False] * 6
    sums = [0.0] * 3
    for k in range(n):
        j = (k * 5) % 6
        if not done[j]:
            sums[j % 3] += x[j] * (k + 1)
            done[j] = True
    return sums[0] * sums[1] + sums[2] ** 2 if all(done) else x[0]
