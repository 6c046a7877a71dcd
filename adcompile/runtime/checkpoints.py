"""When a loop that is reversed from a few kept states keeps the next one: the binomial schedule.

What is kept, and how it comes back, is in the emitted program.
"""

from __future__ import annotations

from numba.extending import register_jitable


@register_jitable
def advance(steps: int, snapshots: int) -> int:
    """How many iterations to run before the next state is kept, from one that is.

    With s snapshots, and no iteration run more than r times beforehand, C(s + r, s) iterations can be reversed. The next
    state is kept so that both parts keep to that for as small an r as possible; the number of iterations that are run is then the least.

    Parameters
    ----------
    steps : int
        How many iterations are to be reversed from the state on.
    snapshots : int
        How many states there is room for, this one included.

    Source
    ------
    A. Griewank, A. Walther, *Algorithm 799: revolve*, ACM Transactions on Mathematical Software 26 (2000), 19-45.
    """
    if snapshots <= 1 or steps <= 1:
        return steps
    repeats, reach, before = 0, 1, 1
    while reach < steps:
        repeats += 1
        before = reach
        reach = reach * (snapshots + repeats) // repeats
    right = before * snapshots // (snapshots + repeats - 1)
    return min(before, steps - right)
