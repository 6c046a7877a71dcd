"""Random loops over the elements of arrays, written in place: what reverse mode may and may not read back from them.

Each program stays in bounds by construction. What is tested with them is in `test_loops`.
"""

from __future__ import annotations

import random

SIZE = 7
#: indices that are in bounds for a loop index from 2 to SIZE - 3
NEAR = ("{i}", "{i} - 1", "{i} + 1", "{i} - 2", "{i} + 2", "n - 1 - {i}", "{i} - n")
FIXED = ("0", "1", "-1", "-2", "n - 2")
LOOPS = (
    "for {i} in range(2, n - 2):",
    "for {i} in range(n - 3, 1, -1):",
    "for {i} in range(2, n - 2, 2):",
    "for {i} in range(n - 3, 1, -2):",
)
INNER = (
    *LOOPS,
    "for {i} in range({outer} - 1, n - 2):",
    "for {i} in range({outer}, 1, -1):",
    "for {i} in range({outer} + 1, n - 2):",
    "for {i} in range(2, {outer}):",
    "for {i} in range(min({outer}, 3), max({outer} - 1, 4)):",
)
VALUES = (
    "{a} * {b}",
    "0.5 * {a} - 0.3 * {b}",
    "{a} / (2.0 + {b} * {b})",
    "sin({a}) + {b}",
    "sqrt(1.0 + {a} * {a}) * 0.5",
    "exp(-{a} * {a}) * {b}",
    "x[{e}] * {a}",
    "t * {a}",
)
STATEMENTS = (
    "{w} = {v}",
    "{w} = {v}",
    "{w} += 0.1 * ({v})",
    "{w} -= 0.2 * ({v})",
    "{w} /= 2.0 + {a} * {a}",
    "t = 0.5 * t + 0.1 * ({v})",
    "s += {v}",
)
#: a number that may be stored, or stored and overwritten, before it is read once more
KEPT = (
    ("z = {v}", "if {a} > 0.9:", "    {w} = z", "t = 0.5 * t + 0.1 * z * z"),
    ("z = {v}", "{w} = z", "t = 0.5 * t + 0.1 * z * z"),
    ("z = {v}", "{w} = z", "if {a} > 0.9:", "    {w} = 0.3 * z * z", "t = 0.5 * t + 0.1 * sin(z)"),
    ("z = {v}", "for _ in range(2 * ({a} > 0.9)):", "    {w} = z", "s += 0.1 * z * z"),
)


#: what a stencil adds up
TERMS = (
    "0.3 * B[{e}]",
    "0.2 * A[{e}]",
    "0.1 * B[{e}] * A[{c}]",
    "0.1 * B[{e}] * B[{c}]",
    "0.1 * A[{e}] * x[{c}]",
    "0.1 * sin(B[{e}])",
    "t * B[{e}]",
)


class Writer:
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.rank = self.random.choice((1, 1, 2, 2, 3))
        self.loops: list[str] = []

    def index(self) -> str:
        names = self.loops[-2:]
        if not names or self.random.random() < 0.15:
            return self.random.choice(FIXED)
        return self.random.choice(NEAR).format(i=self.random.choice(names))

    def element(self, array: str) -> str:
        return f"{array}[{', '.join(self.index() for _ in range(self.rank))}]"

    def statement(self) -> str:
        a, b = (self.element(self.random.choice(("A", "A", "B"))) for _ in range(2))
        value = self.random.choice(VALUES).format(a=a, b=b, e=", ".join(self.index() for _ in range(self.rank)))
        return self.random.choice(STATEMENTS).format(w=self.element("A"), v=value, a=a)

    def stencil(self) -> str:
        """An element made of its neighbours, in the innermost loops."""
        names = self.loops[-self.rank :]

        def near() -> str:
            offsets = [self.random.choice((0, 0, -1, 1, self.random.choice((-2, 2)))) for _ in names]
            return ", ".join(f"{name} + {o}" if o else name for name, o in zip(names, offsets, strict=True))

        centre = ", ".join(names)
        terms = [self.random.choice(TERMS).format(e=near(), c=centre) for _ in range(self.random.choice((2, 3, 4)))]
        place = centre if self.random.random() < 0.8 else near()
        return f"A[{place}] {self.random.choice(('=', '=', '+=', '-='))} {' + '.join(terms)}"

    def kept(self) -> list[str]:
        a, b, w = (self.element("A") for _ in range(3))
        value = self.random.choice(VALUES).format(a=a, b=b, e=", ".join(self.index() for _ in range(self.rank)))
        return [line.format(v=value, a=self.element("A"), w=w) for line in self.random.choice(KEPT)]

    def body(self, depth: int) -> list[str]:
        lines = []
        for _ in range(self.random.choice((1, 1, 2))):
            kind = self.random.random()
            if kind < (0.45 if depth < self.rank else 0.3) and depth < 4:
                index = "ijkl"[depth]
                forms = INNER if self.loops else LOOPS
                outer = self.loops[-1] if self.loops else ""
                lines.append(self.random.choice(forms).format(i=index, outer=outer))
                self.loops.append(index)
                lines += ["    " + line for line in self.body(depth + 1)]
                self.loops.pop()
            elif kind < 0.55 and len(self.loops) >= self.rank:
                lines.append(self.stencil())
            elif kind < 0.6 and self.loops and depth < 5:
                test = self.random.choice(("{i} > 3", "{i} != 3", "{i} == 3", "{i} < {o}", "{a} > 0.9"))
                o = self.random.choice(self.loops)
                lines.append(f"if {test.format(i=self.loops[-1], o=o, a=self.element('A'))}:")
                lines += ["    " + line for line in self.body(max(depth, 3) + 1)]
                if self.random.random() < 0.4:
                    lines.append("else:")
                    lines += ["    " + line for line in self.body(max(depth, 3) + 1)]
            elif kind < 0.65 and depth in (0, 1):
                lines.append("A, B = B, A")
            elif kind < 0.68 and depth == 0:
                lines.append("for _ in range(3):")
                lines += ["    " + line for line in [*self.body(0), "A, B = B, A", *self.body(0)]]
            elif kind < 0.75 and self.loops:
                lines += self.kept()
            else:
                lines.append(self.statement())
        return lines

    def text(self, name: str) -> str:
        opening = [
            f"def {name}(x):",
            "    n = x.shape[0]",
            "    A = x.copy()",
            "    B = 0.5 * x + 0.2",
            "    s = 0.0",
            "    t = 0.7",
        ]
        lines = [line for _ in range(3) for line in self.body(0)]
        closing = self.random.choice(("s + t + np.sum(A * A)", "s * t + np.sum(A) * np.sum(B)", "s + t"))
        return "\n".join([*opening, *("    " + line for line in lines), f"    return {closing}"]) + "\n"


def programs(seeds: range) -> str:
    """The text of a module with a program for each seed, `f0`, `f1`, ..."""
    head = "from math import exp, sin, sqrt\n\nimport numpy as np\n\n\n"
    return head + "\n\n".join(Writer(seed).text(f"f{seed}") for seed in seeds)
