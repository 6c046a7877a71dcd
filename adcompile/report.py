"""Forward beside reverse mode, for one function at one point: the numbers, and the table that shows them.

Measures nothing; that is done in `measure.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: times closer than this count as the same: the clock does not tell them apart
NOISE = 1.1

#: source lines in the table are cut after this many characters
WIDTH = 44


@dataclass(frozen=True)
class Measured:
    """A compiled kernel and what was measured of it.

    Attributes
    ----------
    source : str
        The generated module.
    operations : dict of str to int
        How many operations of each kind one call makes. An operation on a whole array counts once.
    compile_time : float
        From the Python function to machine code, with nothing cached. Unit: seconds.
    run_time : float
        The shortest call seen. Unit: seconds.
    memory : int
        The most that one call has allocated at a time: results, tapes and whatever else it needs. Unit: bytes.
    """

    source: str
    operations: dict[str, int]
    compile_time: float
    run_time: float
    memory: int = 0

    @property
    def lines(self) -> int:
        """The number of lines of the module that are not empty."""
        return sum(1 for line in self.source.splitlines() if line.strip())


@dataclass(frozen=True)
class Tape:
    """What the reverse sweep keeps of one value of the forward sweep.

    Attributes
    ----------
    name : str
        As the tape is called in the listing of the reverse kernel.
    line : int
        The line of the source that the value is from; 0 where there is none.
    text : str
        What stands there.
    bytes : int
        The sum of the sizes of what is on it; the largest, where it is made several times. Unit: bytes.
    """

    name: str
    line: int
    text: str
    bytes: int


@dataclass(frozen=True, repr=False)
class Comparison:
    """Forward beside reverse mode; prints as a table. Made by `compare`.

    Attributes
    ----------
    function : str
        The function and its parameters.
    wrt : str
        What it is differentiated with respect to.
    inputs, outputs : int
        Numbers differentiated with respect to, and numbers of the result.
    primal, forward, reverse : Measured
        The function; one forward sweep: value, and derivative in one direction; one reverse sweep: value, and the
        derivatives of one weighted sum of the outputs by all inputs.
    tapes : tuple of Tape
        What the reverse sweep reads back.
    disagreement : float
        The largest difference between both modes. Unit: result per argument.
    relative_disagreement : float
        The same, relative to the largest derivative.
    checked : str
        What was compared: all derivatives, or products with random directions.
    """

    function: str
    wrt: str
    inputs: int
    outputs: int
    primal: Measured
    forward: Measured
    reverse: Measured
    tapes: tuple[Tape, ...]
    disagreement: float
    relative_disagreement: float
    checked: str

    @property
    def tape_bytes(self) -> int:
        """The size of all tapes together. Unit: bytes."""
        return sum(tape.bytes for tape in self.tapes)

    @property
    def forward_time(self) -> float:
        """All derivatives by forward mode, one sweep an input. Unit: seconds."""
        return self.inputs * self.forward.run_time

    @property
    def reverse_time(self) -> float:
        """All derivatives by reverse mode, one sweep an output. Unit: seconds."""
        return self.outputs * self.reverse.run_time

    @property
    def crossover(self) -> int:
        """The smallest number of inputs at which reverse mode takes less time, if the sweeps take what they take now."""
        return math.floor(self.reverse_time / self.forward.run_time) + 1

    @property
    def level(self) -> bool:
        """Whether the two take the same time, as far as the clock tells."""
        shorter, longer = sorted((self.forward_time, self.reverse_time))
        return longer <= NOISE * shorter

    @property
    def recommended(self) -> str:
        """The mode to take for all derivatives: "forward" or "reverse"."""
        if self.level:
            return "forward" if self.inputs <= self.outputs else "reverse"
        return "forward" if self.forward_time < self.reverse_time else "reverse"

    @property
    def reason(self) -> str:
        """Why that mode, in a sentence."""
        forward, reverse = sweeps(self.inputs, self.forward_time), sweeps(self.outputs, self.reverse_time)
        if self.level:
            why = "keeps no tape" if self.recommended == "forward" else "would take no longer with more inputs"
            return f"both take about as long ({forward}; {reverse}), and {self.recommended} mode {why}."
        chosen, other = (forward, reverse) if self.recommended == "forward" else (reverse, forward)
        shorter, longer = sorted((self.forward_time, self.reverse_time))
        against = "reverse" if self.recommended == "forward" else "forward"
        return f"{chosen}; {against} mode takes {ratio(longer / shorter)} times as long ({other})."

    def __str__(self) -> str:
        return "\n".join(blocks(self))

    __repr__ = __str__


# -- the table ------------------------------------------------------------------------------------------------------


def blocks(c: Comparison) -> Iterator[str]:
    """The lines of the table."""
    yield f"{c.function} with respect to {c.wrt}: {plural(c.inputs, 'input')}, {plural(c.outputs, 'output')}"
    yield ""
    yield from aligned([("", "primal", "forward", "reverse"), *measures(c)])
    if c.tapes:
        yield ""
        yield from aligned([("tape", "size", "line", "recorded at"), *map(tape_row, c.tapes)], left=(0, 3))
    yield ""
    yield from facts(c)


def measures(c: Comparison) -> Iterator[tuple[str, ...]]:
    """The rows with a column for the primal and for each mode."""
    kernels = (c.primal, c.forward, c.reverse)
    yield ("operations in one call", *(integer(sum(k.operations.values())) for k in kernels))
    for kind in c.primal.operations:
        numbers = [k.operations[kind] for k in kernels]
        if any(numbers):
            yield (f"  {kind}", *(integer(n) if n else "-" for n in numbers))
    yield ("tape", "-", "-", size(c.tape_bytes) if c.tapes else "-")
    yield ("memory", *(size(k.memory) for k in kernels))
    yield ("lines of code", *(integer(k.lines) for k in kernels))
    yield ("compile time", *(duration(k.compile_time) for k in kernels))
    yield ("time of one call", *(duration(k.run_time) for k in kernels))
    yield ("  relative to the primal", *(ratio(k.run_time / c.primal.run_time) for k in kernels))
    yield ("sweeps for all derivatives", "", integer(c.inputs), integer(c.outputs))
    yield ("time for all derivatives", "", duration(c.forward_time), duration(c.reverse_time))


def tape_row(tape: Tape) -> tuple[str, ...]:
    text = tape.text if len(tape.text) <= WIDTH else tape.text[: WIDTH - 3] + "..."
    return tape.name, size(tape.bytes), str(tape.line or ""), text


def facts(c: Comparison) -> Iterator[str]:
    """What follows from the table."""
    yield f"disagreement  {c.disagreement:.1e}, relative {c.relative_disagreement:.1e}; compared: {c.checked}"
    yield f"crossover     reverse mode takes less time from {plural(c.crossover, 'input')} on"
    yield f"recommended   {c.recommended}: {c.reason}"


def aligned(rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> Iterator[str]:
    """Rows as lines: the columns in `left` start together, the others end together."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [x.ljust(w) if k in left else x.rjust(w) for k, (x, w) in enumerate(zip(row, widths, strict=True))]
        yield "   ".join(cells).rstrip()


def integer(number: int) -> str:
    return f"{number:,}"


def plural(number: int, noun: str) -> str:
    return f"{integer(number)} {noun}{'' if number == 1 else 's'}"


def ratio(number: float) -> str:
    return f"{number:.1f}" if number < 100 else f"{number:,.0f}"


def sweeps(number: int, seconds: float) -> str:
    return f"{plural(number, 'sweep')}, {duration(seconds)}"


def scaled(number: float, units: Sequence[str]) -> str:
    """A number with three digits and the unit that suits it, each a thousand times the one before."""
    for unit in units[:-1]:
        if number < 999.5:
            return f"{number:#.3g}".rstrip(".") + f" {unit}"
        number /= 1000
    return (f"{number:#.3g}".rstrip(".") if number < 999.5 else f"{number:,.0f}") + f" {units[-1]}"


def duration(seconds: float) -> str:
    """A time with its unit."""
    return scaled(seconds * 1e9, ("ns", "µs", "ms", "s"))


def size(count: int) -> str:
    """A number of bytes with its unit."""
    return f"{count} B" if count < 1000 else scaled(count / 1000, ("kB", "MB", "GB"))
